/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * leg_in.c  A caller's leg until it is answered. Must not decide whether it
 * is: its owner calls leg_answer() or leg_end().
 */
#include "message.h"
#include "leg_parts.h"


static enum core_cause cause_of(int err)
{
	switch (err) {
	case EPROTO: return CAUSE_BAD_PEER;
	case ENOTSUP: return CAUSE_NO_CODEC;
	default: return CAUSE_NETWORK;
	}
}


static void on_cancel(void *arg)
{
	struct leg *leg = arg;

	leg_step(leg, LEG_EV_CANCEL, CAUSE_HUNG_UP);
}


static void trying(void *arg)
{
	struct leg *leg = arg;

	if (leg->state == LEG_INVITED && leg->st)
		(void)sip_treply(&leg->st, leg->legs->c.sip, leg->request,
				 100, "Trying");
}


/* RFC 3261, 17.2.1: not at all, if an answer is quicker. Over UDP whoever has
 * not heard from us asks again, should this process die: of the next one. */
static void try_soon(struct leg *leg)
{
	enum { TRYING_MS = 200 };

	if (leg->request->tp == SIP_TRANSP_UDP)
		tmr_start(&leg->tmr_session, TRYING_MS, trying, leg);
	else
		trying(leg);
}


int leg_alloc_in(struct leg **legp, struct legs *legs,
		 const struct sip_msg *msg, const struct session_timer *timer,
		 leg_news_h *h, void *arg)
{
	struct leg *leg;
	int err;

	err = leg_new(&leg, legs, LEG_INVITED, 0, h, arg);
	if (err)
		return err;

	leg->asked = *timer;
	leg->invite_cseq = leg->remote_cseq = msg->cseq.num;
	leg->family = sa_af(&msg->dst);
	leg->peer = msg->src;
	leg->request = mem_ref((void *)msg);
	leg->peer_updates = message_lists(msg, SIP_HDR_ALLOW, "UPDATE");

	err = sip_dialog_accept(&leg->dlg, msg);
	if (err)
		goto out;
	err = sip_strans_alloc(&leg->st, legs->c.sip, msg, on_cancel, leg);
	if (err)
		goto out;
	try_soon(leg);
	leg_index(leg, sip_dialog_callid(leg->dlg));

out:
	if (err)
		leg_drop(leg);
	else
		*legp = leg;

	return err;
}


void leg_answer_lost(void *arg)
{
	leg_step(arg, LEG_EV_LOST, CAUSE_NETWORK);
}


/* what is to come of our answer */
static enum leg_exchange exchange_of(const struct sip_msg *request)
{
	return message_has_body(request) ? EXCHANGE_WAIT_ACK
					 : EXCHANGE_WAIT_ANSWER;
}


/* media has spoken about the first INVITE, or about a later one */
void leg_offer_answered(int err, const struct pl *sdp, void *arg)
{
	struct leg *leg = arg;
	struct mbuf *headers = NULL;

	if (!err)
		err = leg_answer_headers(&headers, leg, leg->request,
					 &leg->asked);
	if (!err)
		err = answer_make(&leg->answer, leg->legs->c.sip, leg->request,
				  headers, sdp, leg_answer_lost, leg);
	mem_deref(headers);
	if (!err) {
		/* from now on there is a dialog, whoever dies */
		leg->sip_peer = *answer_peer(leg->answer);
		leg->transp = answer_transp(leg->answer);
		leg->exchange = exchange_of(leg->request);
		leg_keep(leg);
		err = answer_send(leg->answer, &leg->st);
	}
	if (err) {
		leg->answer = mem_deref(leg->answer);
		leg->exchange = EXCHANGE_NONE;
		leg_step(leg, LEG_EV_END, cause_of(err));
		return;
	}

	leg->request = mem_deref(leg->request);
	leg_session_start(leg, &leg->asked);
}


static void first_answered(int err, const struct pl *sdp, void *arg)
{
	struct leg *leg = arg;

	/* cancelled, or ended by us, while media was thinking */
	if (leg->state != LEG_INVITED)
		return;

	mem_ref(leg);
	leg_offer_answered(err, sdp, leg);
	if (leg->exchange == EXCHANGE_WAIT_ACK ||
	    leg->exchange == EXCHANGE_WAIT_ANSWER)
		leg_step(leg, LEG_EV_ANSWER, CAUSE_NONE);
	mem_deref(leg);
}


void leg_answer(struct leg *leg)
{
	struct sound *sound = leg->legs->c.sound;
	int err;

	if (leg->state != LEG_INVITED)
		return;

	leg->exchange = EXCHANGE_THEIRS;
	err = leg_secrecy(leg, leg->request->tp == SIP_TRANSP_TLS,
			  &leg->request->src);
	if (err) {
		leg_step(leg, LEG_EV_END, CAUSE_NO_CODEC);
		return;
	}
	if (message_has_body(leg->request))
		err = sound_answer(sound, leg->sound, leg->request->mb,
				   &leg->request->src, first_answered, leg);
	else
		err = sound_offer(sound, leg->sound, 0,
				  sa_af(&leg->request->dst),
				  &leg->request->src, first_answered, leg);
	if (err)
		leg_step(leg, LEG_EV_END, CAUSE_NETWORK);
}
