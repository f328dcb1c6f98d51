/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * leg_inside.c  Requests inside an established dialog, theirs and ours. Must
 * not end the call for a request it cannot fulfil: it says no, the talk goes
 * on.
 */
#include "message.h"
#include "terms.h"
#include "leg_parts.h"

#define LOG_MODULE "leg"
#include "base/log.h"


typedef void(inside_h)(struct leg *leg, const struct sip_msg *msg);


static struct sip *sip_of(const struct leg *leg)
{
	return leg->legs->c.sip;
}


static void no_dialog(struct leg *leg, const struct sip_msg *msg)
{
	(void)sip_treply(NULL, sip_of(leg), msg, 481, "Call Does Not Exist");
}


static void answer_accepted(int err, const struct pl *sdp, void *arg)
{
	(void)sdp;

	/* a process that died has taken nothing: the leg moves */
	if (err && !leg_is_moving(arg))
		leg_end(arg, CAUSE_NO_CODEC);
}


static void on_ack(struct leg *leg, const struct sip_msg *msg)
{
	const bool wants_sdp = leg->exchange == EXCHANGE_WAIT_ANSWER &&
			       !leg_is_moving(leg);
	int err = 0;

	if (!answer_acked_by(leg->answer, msg))
		return;

	leg->answer = mem_deref(leg->answer);
	leg->exchange = EXCHANGE_NONE;
	if (wants_sdp)
		err = message_has_sdp(msg)
			      ? sound_accept(leg->legs->c.sound, leg->sound,
					     msg->mb, answer_accepted, leg)
			      : EPROTO;

	mem_ref(leg);
	leg_step(leg, LEG_EV_ACK, CAUSE_NONE);
	leg_keep(leg);
	if (err)
		leg_end(leg, CAUSE_BAD_PEER);
	mem_deref(leg);
}


static void on_bye(struct leg *leg, const struct sip_msg *msg)
{
	(void)sip_treply(NULL, sip_of(leg), msg, 200, "OK");
	leg_request_terminate(leg);
	leg_step(leg, LEG_EV_BYE, CAUSE_HUNG_UP);
}


static void on_options(struct leg *leg, const struct sip_msg *msg)
{
	(void)sip_treplyf(NULL, NULL, sip_of(leg), msg, false, 200, "OK",
			  TERMS_ALLOW TERMS_ACCEPT TERMS_SUPPORTED
			  "Content-Length: 0\r\n\r\n");
}


/* RFC 3261, 14.2 and RFC 3311, 5.2: one offer at a time; 491 while ours has
 * no answer, 500 while theirs has none */
static bool may_offer(struct leg *leg, const struct sip_msg *msg)
{
	switch (leg->exchange) {

	case EXCHANGE_NONE:
		return true;

	case EXCHANGE_OURS:
	case EXCHANGE_WAIT_ANSWER:
		(void)sip_treply(NULL, sip_of(leg), msg, 491,
				 "Request Pending");
		return false;

	default:
		(void)sip_treplyf(NULL, NULL, sip_of(leg), msg, false, 500,
				  "Server Internal Error",
				  "Retry-After: 2\r\n"
				  "Content-Length: 0\r\n\r\n");
		return false;
	}
}


/* media has no answer: say so, what was agreed before stays */
static void offer_refused(struct leg *leg, int err)
{
	const bool broken = err == EPROTO;

	leg->exchange = EXCHANGE_NONE;
	if (leg->st)
		(void)sip_treply(&leg->st, sip_of(leg), leg->request,
				 broken ? 400 : 488,
				 broken ? "Bad Session Description"
					: "Not Acceptable Here");
	leg->request = mem_deref(leg->request);
}


void leg_offer_refused(struct leg *leg)
{
	offer_refused(leg, ENOTCONN);
}


static void on_cancel(void *arg)
{
	leg_request_terminate(arg);
}


/* @return false if the answer comes too late to be sent */
static bool still_asked(struct leg *leg)
{
	if (leg->state == LEG_UP && leg->st)
		return true;

	leg->exchange = EXCHANGE_NONE;
	leg->request = mem_deref(leg->request);
	return false;
}


static void reinvite_answered(int err, const struct pl *sdp, void *arg)
{
	struct leg *leg = arg;

	if (!still_asked(leg))
		return;

	if (err)
		offer_refused(leg, err);
	else
		leg_offer_answered(0, sdp, leg);
}


static void update_reply(struct leg *leg, const struct sip_msg *msg,
			 const struct session_timer *timer,
			 const struct pl *sdp)
{
	struct mbuf *headers;

	if (leg_answer_headers(&headers, leg, msg, timer))
		return; /* no memory: the peer will ask again */

	(void)sip_treplyf(&leg->st, NULL, sip_of(leg), msg, false, 200, "OK",
			  "%b%sContent-Length: %zu\r\n\r\n%r",
			  headers->buf, headers->end,
			  pl_isset(sdp) ? "Content-Type: application/sdp\r\n"
					: "",
			  sdp->l, sdp);
	mem_deref(headers);
	leg_session_start(leg, timer);
}


static void update_answered(int err, const struct pl *sdp, void *arg)
{
	struct leg *leg = arg;

	if (!still_asked(leg))
		return;

	if (err) {
		offer_refused(leg, err);
		return;
	}

	update_reply(leg, leg->request, &leg->asked, sdp);
	leg->exchange = EXCHANGE_NONE;
	leg->request = mem_deref(leg->request);
}


static void offer_begin(struct leg *leg, const struct sip_msg *msg,
			sound_sdp_h *h)
{
	struct sound *sound = leg->legs->c.sound;
	int err;

	leg->request = mem_ref((void *)msg);
	leg->exchange = EXCHANGE_THEIRS;
	err = sip_strans_alloc(&leg->st, sip_of(leg), msg, on_cancel, leg);
	if (!err && message_has_body(msg))
		err = sound_answer(sound, leg->sound, msg->mb,
				   &msg->src, h, leg);
	else if (!err)
		err = sound_offer(sound, leg->sound, 0, sa_af(&msg->dst),
				  &msg->src, h, leg);
	if (err)
		offer_refused(leg, err);
}


/* what may have keys in it is not said where others listen */
static bool is_overheard(const struct leg *leg, const struct sip_msg *msg)
{
	if (!leg->secret || msg->tp == SIP_TRANSP_TLS)
		return false;

	(void)sip_treply(NULL, sip_of(leg), msg, 488, "Not Acceptable Here");
	return true;
}


static void on_invite(struct leg *leg, const struct sip_msg *msg)
{
	if (is_overheard(leg, msg) || !may_offer(leg, msg) ||
	    !terms_fit(sip_of(leg), msg, leg->legs->c.session_s, &leg->asked))
		return;

	(void)leg_moved(leg, msg);
	leg_keep(leg);
	offer_begin(leg, msg, reinvite_answered);
}


/* An UPDATE without SDP refreshes the session timer, also while a re-INVITE
 * is being worked on; that one keeps its own terms. */
static void on_update(struct leg *leg, const struct sip_msg *msg)
{
	const bool offers = message_has_body(msg);
	struct session_timer timer;

	if ((offers && is_overheard(leg, msg)) ||
	    ((offers || leg->st) && !may_offer(leg, msg)))
		return;
	if (!terms_fit(sip_of(leg), msg, leg->legs->c.session_s, &timer))
		return;

	(void)leg_moved(leg, msg);
	leg_keep(leg);
	if (offers) {
		leg->asked = timer;
		offer_begin(leg, msg, update_answered);
	}
	else {
		update_reply(leg, msg, &timer, &pl_null);
	}
}


static const struct {
	const char *method;
	inside_h *h;
	bool when_up; /* only while the talk is on */
} methods[] = {
	{"ACK", on_ack, false},
	{"BYE", on_bye, false},
	{"OPTIONS", on_options, false},
	{"INVITE", on_invite, true},
	{"UPDATE", on_update, true},
};


void leg_inside(struct leg *leg, const struct sip_msg *msg)
{
	const bool is_ack = !pl_strcmp(&msg->met, "ACK");

	if (!is_ack && !sip_dialog_rseq_valid(leg->dlg, msg)) {
		(void)sip_treply(NULL, sip_of(leg), msg, 500,
				 "CSeq Out Of Order");
		return;
	}
	if (!is_ack)
		leg->remote_cseq = msg->cseq.num;

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		if (pl_strcmp(&msg->met, methods[i].method))
			continue;

		if (leg->state == LEG_GONE)
			no_dialog(leg, msg);
		else if (methods[i].when_up &&
			 (leg->state == LEG_ANSWERING ||
			  leg->state == LEG_AGREEING))
			(void)may_offer(leg, msg);
		else if (methods[i].when_up && leg->state != LEG_UP)
			no_dialog(leg, msg);
		else
			methods[i].h(leg, msg);
		return;
	}

	(void)sip_treplyf(NULL, NULL, sip_of(leg), msg, false, 405,
			  "Method Not Allowed",
			  TERMS_ALLOW "Content-Length: 0\r\n\r\n");
}


/* ---- our own refresh ---------------------------------------------------- */

static void refresh_again(void *arg)
{
	leg_refresh(arg);
}


/* @return true if the refresh is over, well or badly */
static bool refresh_failed(struct leg *leg, int err, const struct sip_msg *msg)
{
	enum { GLARE_MS = 2100, GLARE_SPREAD_MS = 1900 };

	if (!err && msg->scode < 300)
		return false;

	leg->exchange = EXCHANGE_NONE;
	if (err || msg->scode == 408 || msg->scode == 481) {
		leg_step(leg, LEG_EV_LOST, CAUSE_NETWORK);
	}
	else if (msg->scode == 491) {
		/* RFC 3261, 14.1; never a busy loop if both sides insist */
		tmr_start(&leg->tmr_session,
			  GLARE_MS + rand_u32() % GLARE_SPREAD_MS,
			  refresh_again, leg);
	}
	else if (leg->peer_updates) {
		leg->peer_updates = false;
		leg_refresh(leg);
	}
	else {
		/* it answers, so it lives: ask again later */
		leg_session_start(leg, &leg->timer);
	}

	return true;
}


void leg_session_agreed(struct leg *leg, const struct sip_msg *msg)
{
	struct session_timer timer;

	if (session_agreed(&timer, msg, leg->timer.interval))
		timer = leg->timer;
	leg_session_start(leg, &timer);
}


static void refresh_done(struct leg *leg, const struct sip_msg *msg)
{
	leg->exchange = EXCHANGE_NONE;
	(void)leg_moved(leg, msg);
	leg_session_agreed(leg, msg);
}


static void update_response(int err, const struct sip_msg *msg, void *arg)
{
	struct leg *leg = arg;

	if (leg->state != LEG_UP || (!err && msg->scode < 200))
		return;

	if (!refresh_failed(leg, err, msg))
		refresh_done(leg, msg);
}


static void reinvite_response(int err, const struct sip_msg *msg, void *arg)
{
	struct leg *leg = arg;

	if (!err && msg->scode < 200)
		return;
	if (!err && msg->scode < 300)
		leg_ack(leg, leg->dlg, msg->cseq.num);
	if (leg->state != LEG_UP)
		return;

	if (refresh_failed(leg, err, msg))
		return;

	refresh_done(leg, msg);
	if (message_has_sdp(msg) && !leg_is_moving(leg))
		(void)sound_accept(leg->legs->c.sound, leg->sound, msg->mb,
				   answer_accepted, leg);
}


static int refresh_send(struct leg *leg, const char *method, sip_resp_h *resph,
			const struct pl *sdp)
{
	const struct mbuf *cr = strcmp(method, "INVITE") ? NULL
							 : leg->credentials;

	return sip_drequestf(
		&leg->req, sip_of(leg), true, method, leg->dlg, 0, NULL,
		leg_contact_send, resph, leg,
		"%b" TERMS_ALLOW TERMS_SUPPORTED
		"Session-Expires: %u;refresher=uac\r\n"
		"Min-SE: %d\r\n"
		"%sContent-Length: %zu\r\n\r\n%r",
		cr ? cr->buf : NULL, cr ? cr->end : (size_t)0,
		leg->timer.interval, SESSION_MIN,
		pl_isset(sdp) ? "Content-Type: application/sdp\r\n" : "",
		sdp->l, sdp);
}


int leg_reinvite(struct leg *leg, sip_resp_h *resph, const struct pl *sdp)
{
	return refresh_send(leg, "INVITE", resph, sdp);
}


static void refresh_offer(int err, const struct pl *sdp, void *arg)
{
	struct leg *leg = arg;

	if (leg->state != LEG_UP)
		return;

	if (!err)
		err = refresh_send(leg, "INVITE", reinvite_response, sdp);
	if (err) {
		leg->exchange = EXCHANGE_NONE;
		leg_session_start(leg, &leg->timer);
	}
}


void leg_refresh(struct leg *leg)
{
	int err;

	if (leg->state != LEG_UP)
		return;

	/* theirs is under way: it refreshes the session as well as ours */
	if (leg->exchange != EXCHANGE_NONE) {
		leg_session_start(leg, &leg->timer);
		return;
	}

	leg->exchange = EXCHANGE_OURS;
	err = leg->peer_updates
		      ? refresh_send(leg, "UPDATE", update_response, &pl_null)
		      : sound_offer(leg->legs->c.sound, leg->sound, 0,
				    AF_UNSPEC, NULL, refresh_offer, leg);
	if (err) {
		leg->exchange = EXCHANGE_NONE;
		leg_session_start(leg, &leg->timer);
	}
}
