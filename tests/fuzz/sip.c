/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sip.c  A SIP message as the line takes it: libre's parser, then everything
 * that reads out of one on our side.
 */
#include <re.h>

#include "fuzz.h"
#include "line/caller.h"
#include "line/contacts.h"
#include "line/digest.h"
#include "line/garbled.h"
#include "line/message.h"
#include "line/number.h"
#include "line/session.h"


static void registers(const struct sip_msg *msg)
{
	struct message_fault fault = {0, NULL};
	struct contacts c;

	if (contacts_read(&c, msg, &fault)) {
		HOLDS(fault.scode >= 400 && fault.reason);
		return;
	}
	HOLDS(c.n <= STORE_PLACES);
	for (size_t i = 0; i < c.n; i++) {
		const struct food f = {(const uint8_t *)c.v[i].uri.p,
				       c.v[i].uri.l};
		char *uri = food_text(&f);
		const struct contact_at at = {uri, &msg->src,
					      STORE_UDP};
		struct secret_text target;

		HOLDS(c.v[i].expires_s <= CONTACT_MAX_S);
		(void)contact_target(&target, &at);
		(void)contact_is_at(uri, &msg->src);
		free(uri);
	}
}


static void proves(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_AUTHORIZATION);
	struct httpauth_digest_resp resp;

	if (hdr && digest_is_meant(&hdr->val))
		(void)httpauth_digest_response_decode(&resp, &hdr->val);
}


static void calls(const struct sip_msg *msg)
{
	static const struct config config = {.n_lines = 1};
	struct secret_text number, same;
	struct session_timer timer;
	uint16_t line;

	if (caller_number(&number, msg))
		number_canonical(&same, &number);
	(void)number_is_ours(&config, &msg->uri.user, &line);
	(void)session_answer(&timer, msg, 1800);
	(void)message_lists(msg, SIP_HDR_ALLOW, "UPDATE");
	(void)message_has_sdp(msg);
	proves(msg);
}


static void answers(const struct sip_msg *msg)
{
	struct digest_challenge ch;
	struct session_timer timer;
	struct mbuf *mb;

	(void)session_agreed(&timer, msg, 1800);
	(void)session_min(msg);
	if (digest_challenge_find(&ch, msg))
		return;
	mb = mbuf_alloc(512);
	HOLDS(mb);
	(void)digest_authorize(mb, &ch, "user", "secret", "INVITE",
			       "sip:line@192.0.2.1");
	mem_deref(mb);
}


static void request(const struct sip_msg *msg)
{
	struct message_fault fault = {0, NULL};

	if (message_check(msg, &fault)) {
		HOLDS(!fault.scode || (fault.scode >= 400 && fault.reason));
		return;
	}
	HOLDS(mbuf_get_left(msg->mb) <= 65535);
	calls(msg);
	registers(msg);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct mbuf *mb = mbuf_alloc(n + 1), *reply;
	struct sip_msg *msg = NULL;

	HOLDS(mb);
	(void)mbuf_write_mem(mb, data, n);
	mb->pos = 0;

	reply = garbled_answer(mb);
	HOLDS(!reply || reply->end <= n);
	mem_deref(reply);

	if (!sip_msg_decode(&msg, mb)) {
		msg->tp = SIP_TRANSP_UDP;
		(void)sa_set_str(&msg->src, "192.0.2.1", 5062);
		if (msg->req)
			request(msg);
		else
			answers(msg);
	}
	mem_deref(msg);
	mem_deref(mb);

	return 0;
}
