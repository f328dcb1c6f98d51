/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * call.c  One call of the test phone, on libre's sipsess. Must not be used by
 * the line: sipsess cannot be brought back after a restart.
 */
#include <errno.h>
#include <re.h>

#include "call.h"
#include "offer.h"


static const char sdp_type[] = "application/sdp";

struct phone_call {
	struct phone *phone;
	struct sipsess *sess;
	struct offer *offer;
	struct sound *sound;
	struct sound_peer peer;
	phone_call_h *callh;
	void *arg;
	uint64_t first_ms;
	struct phone_end end;
	bool offered;  /* their SDP came first */
	bool keys;
};


static void destructor(void *arg)
{
	struct phone_call *call = arg;

	mem_deref(call->sess);
	mem_deref(call->sound);
	mem_deref(call->offer);
	mem_deref(call->phone);
}


static void tell(struct phone_call *call, enum phone_event event)
{
	if (call->callh)
		call->callh(call, event, call->arg);
}


static void first_handler(uint64_t after_ms, void *arg)
{
	struct phone_call *call = arg;

	call->first_ms = after_ms;
	tell(call, PHONE_SOUND);
}


/* the peer asks again: hold, another address. NULL or empty: make an offer */
static int offer_handler(struct mbuf **descp, const struct sip_msg *msg,
			 void *arg)
{
	struct phone_call *call = arg;
	const bool theirs = mbuf_get_left(msg->mb) > 0;
	int err;

	if (theirs) {
		err = offer_decode(&call->peer, call->offer, msg->mb, true);
		if (err)
			return err;
	}
	err = offer_encode(descp, call->offer, !theirs);
	if (err)
		return err;

	return theirs ? sound_start(call->sound, &call->peer) : 0;
}


static int answer_handler(const struct sip_msg *msg, void *arg)
{
	struct phone_call *call = arg;
	int err;

	err = offer_decode(&call->peer, call->offer, msg->mb, false);
	if (err)
		return err;

	return sound_start(call->sound, &call->peer);
}


static void progress_handler(const struct sip_msg *msg, void *arg)
{
	if (msg->scode == 180 || msg->scode == 183)
		tell(arg, PHONE_RINGING);
}


static void estab_handler(const struct sip_msg *msg, void *arg)
{
	struct phone_call *call = arg;
	(void)msg;

	if (call->end.answered)
		return;
	call->end.answered = true;
	tell(call, PHONE_ANSWERED);
}


static void close_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct phone_call *call = arg;

	call->end.scode = msg ? msg->scode : 0;
	call->end.err = err;
	call->sess = mem_deref(call->sess);
	sound_stop(call->sound);
	tell(call, PHONE_ENDED);
}


static int call_alloc(struct phone_call **cp, struct phone *phone,
		      const struct phone_call_prm *prm)
{
	struct sound_prm sprm = {
		.wav = prm->wav,
		.keys = prm->keys,
		.record = prm->record,
		.firsth = first_handler,
	};
	struct phone_call *call;
	int err;

	call = mem_zalloc(sizeof(*call), destructor);
	if (!call)
		return ENOMEM;

	call->phone = mem_ref(phone);
	call->callh = prm->callh;
	call->arg = prm->arg;
	call->keys = prm->keys != NULL;

	sprm.arg = call;
	err = sound_alloc(&call->sound, phone_laddr(phone), &sprm);
	if (err)
		goto out;
	err = offer_alloc(&call->offer, sound_laddr(call->sound),
			  prm->codecs ? prm->codecs : OFFER_BOTH);

out:
	if (err)
		mem_deref(call);
	else
		*cp = call;

	return err;
}


static int connect_out(struct phone_call *call, const char *uri,
		       const struct phone_call_prm *prm)
{
	struct mbuf *desc = NULL;
	char *from = NULL, *to = NULL;
	int err;

	err = re_sdprintf(&from, "sip:%s@%J", prm->user,
			  phone_laddr(call->phone));
	if (err)
		goto out;
	err = re_sdprintf(&to, "%s%s", uri, prm->tcp ? ";transport=tcp" : "");
	if (err)
		goto out;
	err = offer_encode(&desc, call->offer, true);
	if (err)
		goto out;

	err = sipsess_connect(&call->sess, phone_sock(call->phone), to, NULL,
			      from, prm->user, NULL, 0, sdp_type, desc, NULL,
			      NULL, false, offer_handler, answer_handler,
			      progress_handler, estab_handler, NULL, NULL,
			      close_handler, call,
			      "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n");

out:
	mem_deref(desc);
	mem_deref(from);
	mem_deref(to);

	return err;
}


int phone_call_out(struct phone_call **cp, struct phone *phone,
		   const char *uri, const struct phone_call_prm *prm)
{
	struct phone_call *call;
	int err;

	if (!cp || !phone || !uri || !prm || !prm->user)
		return EINVAL;

	err = call_alloc(&call, phone, prm);
	if (err)
		return err;

	err = connect_out(call, uri, prm);
	if (err)
		mem_deref(call);
	else
		*cp = call;

	return err;
}


static int take(struct phone_call *call, const struct sip_msg *msg,
		const char *user)
{
	int err;

	if (mbuf_get_left(msg->mb)) {
		call->offered = true;
		err = offer_decode(&call->peer, call->offer, msg->mb, true);
		if (err)
			return err;
	}

	return sipsess_accept(&call->sess, phone_sock(call->phone), msg, 180,
			      "Ringing", user, sdp_type, NULL, NULL, NULL,
			      false, offer_handler, answer_handler,
			      estab_handler, NULL, NULL, close_handler, call,
			      NULL);
}


int phone_call_take(struct phone_call **cp, struct phone *phone,
		    const struct sip_msg *msg,
		    const struct phone_call_prm *prm)
{
	struct phone_call *call;
	int err;

	if (!cp || !phone || !msg || !prm || !prm->user)
		return EINVAL;

	err = call_alloc(&call, phone, prm);
	if (err)
		return err;

	err = take(call, msg, prm->user);
	if (err) {
		(void)phone_refuse(phone, msg,
				   err == ENOTSUP   ? 488
				   : err == EBADMSG ? 400
						    : 500);
		mem_deref(call);
	}
	else {
		phone_taken(phone);
		*cp = call;
	}

	return err;
}


int phone_call_answer(struct phone_call *call)
{
	struct mbuf *desc = NULL;
	int err;

	if (!call || !call->sess)
		return EINVAL;

	err = offer_encode(&desc, call->offer, !call->offered);
	if (err)
		return err;

	err = sipsess_answer(call->sess, 200, "OK", desc,
			     "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n");
	mem_deref(desc);
	if (err)
		return err;

	return call->offered ? sound_start(call->sound, &call->peer) : 0;
}


int phone_call_refuse(struct phone_call *call, uint16_t scode)
{
	int err;

	if (!call || !call->sess)
		return EINVAL;

	err = sipsess_reject(call->sess, scode, phone_reason(scode), NULL);
	phone_call_hang_up(call);

	return err;
}


void phone_call_hang_up(struct phone_call *call)
{
	if (!call)
		return;

	call->sess = mem_deref(call->sess);
	sound_stop(call->sound);
}


struct phone_end phone_call_end(const struct phone_call *call)
{
	return call->end;
}


struct sound_count phone_call_count(const struct phone_call *call)
{
	return sound_count(call->sound);
}


uint64_t phone_call_first_ms(const struct phone_call *call)
{
	return call->first_ms;
}


bool phone_call_keys_lost(const struct phone_call *call)
{
	return call->keys && call->peer.event_pt < 0;
}


/* what a stranger sent must not work the terminal */
static void part_copy(char to[LIMIT_NAME], const struct pl *pl)
{
	size_t n = 0;

	for (; pl_isset(pl) && n < pl->l && n < LIMIT_NAME - 1; n++) {
		const unsigned char c = (unsigned char)pl->p[n];

		to[n] = c < ' ' || c == 0x7f ? '?' : pl->p[n];
	}
	to[n] = '\0';
}


void phone_shown_read(struct phone_shown *shown, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr;
	struct sip_addr addr;

	part_copy(shown->display, &msg->from.dname);
	part_copy(shown->user, &msg->from.uri.user);
	shown->asserted[0] = '\0';

	hdr = sip_msg_hdr(msg, SIP_HDR_P_ASSERTED_IDENTITY);
	if (hdr && !sip_addr_decode(&addr, &hdr->val))
		part_copy(shown->asserted, &addr.uri.user);
}


int phone_call_save(const struct phone_call *call, const char *path)
{
	return call ? sound_save(call->sound, path) : EINVAL;
}
