/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * terms.c  Refuses requests on terms we do not have. Must not know of calls.
 */
#include "terms.h"
#include "message.h"
#include "base/limits.h"


static bool unsupported_add(const struct sip_hdr *hdr,
			    const struct sip_msg *msg, void *arg)
{
	struct mbuf *mb = arg;
	(void)msg;

	if (pl_strcasecmp(&hdr->val, "timer"))
		(void)mbuf_printf(mb, "%s%r", mb->pos ? ", " : "", &hdr->val);

	return false;
}


bool terms_extensions_fit(struct sip *sip, const struct sip_msg *msg)
{
	struct mbuf *mb = mbuf_alloc(64);
	bool fit = false;

	if (!mb) {
		(void)sip_treply(NULL, sip, msg, 500, "Server Internal Error");
		return false;
	}

	(void)sip_msg_hdr_apply(msg, true, SIP_HDR_REQUIRE, unsupported_add,
				mb);
	if (mb->end == 0)
		fit = true;
	else
		(void)sip_treplyf(NULL, NULL, sip, msg, false, 420,
				  "Bad Extension",
				  "Unsupported: %b\r\n"
				  "Content-Length: 0\r\n\r\n",
				  mb->buf, mb->end);
	mem_deref(mb);

	return fit;
}


static bool body_fits(struct sip *sip, const struct sip_msg *msg)
{
	const struct sip_hdr *enc = sip_msg_hdr(msg, SIP_HDR_CONTENT_ENCODING);
	const bool coded = enc && pl_strcasecmp(&enc->val, "identity");

	if (mbuf_get_left(msg->mb) > LIMIT_SDP) {
		(void)sip_treply(NULL, sip, msg, 413,
				 "Request Entity Too Large");
		return false;
	}
	if (!message_has_body(msg) || (message_has_sdp(msg) && !coded))
		return true;

	(void)sip_treplyf(NULL, NULL, sip, msg, false, 415,
			  "Unsupported Media Type",
			  TERMS_ACCEPT "Accept-Encoding: identity\r\n"
				       "Content-Length: 0\r\n\r\n");
	return false;
}


static bool is_sdp(const struct sip_hdr *hdr, const struct sip_msg *msg,
		   void *arg)
{
	struct msg_ctype type;
	(void)msg;
	(void)arg;

	if (msg_ctype_decode(&type, &hdr->val))
		return false;

	return msg_ctype_cmp(&type, "application", "sdp") ||
	       msg_ctype_cmp(&type, "application", "*") ||
	       msg_ctype_cmp(&type, "*", "*");
}


/* RFC 3261, 13.2.1: whoever says nothing takes SDP. With an answer that the
 * caller cannot read there would be no talk. */
static bool answer_fits(struct sip *sip, const struct sip_msg *msg)
{
	if (!sip_msg_hdr(msg, SIP_HDR_ACCEPT) ||
	    sip_msg_hdr_apply(msg, true, SIP_HDR_ACCEPT, is_sdp, NULL))
		return true;

	(void)sip_treply(NULL, sip, msg, 406, "Not Acceptable");
	return false;
}


static bool timer_fits(struct sip *sip, const struct sip_msg *msg,
		       uint32_t interval, struct session_timer *timer)
{
	int err;

	err = session_answer(timer, msg, interval);
	if (err == ERANGE)
		(void)sip_treplyf(NULL, NULL, sip, msg, false, 422,
				  "Session Interval Too Small",
				  "Min-SE: %d\r\n"
				  "Content-Length: 0\r\n\r\n",
				  SESSION_MIN);
	else if (err)
		(void)sip_treply(NULL, sip, msg, 400, "Bad Session-Expires");

	return !err;
}


bool terms_fit(struct sip *sip, const struct sip_msg *msg, uint32_t interval,
	       struct session_timer *timer)
{
	return terms_extensions_fit(sip, msg) && body_fits(sip, msg) &&
	       answer_fits(sip, msg) && timer_fits(sip, msg, interval, timer);
}
