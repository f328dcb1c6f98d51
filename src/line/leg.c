/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * leg.c  The machine of a leg and what all its parts share. Must not know
 * queues or offers of calls: its owner does.
 */
#include "message.h"
#include "terms.h"
#include "leg_parts.h"
#include "wire/wire.h"

#define LOG_MODULE "leg"
#include "base/log.h"


enum { PEER_PATIENCE = 4000 }; /* milliseconds */


/* how we say no to an INVITE that was not answered */
static const struct {
	uint16_t scode;
	const char *reason;
} refusals[CAUSES] = {
	[CAUSE_NONE]      = {480, "Temporarily Unavailable"},
	[CAUSE_DECLINED]  = {603, "Decline"},
	[CAUSE_BUSY]      = {486, "Busy Here"},
	[CAUSE_NO_ANSWER] = {480, "Temporarily Unavailable"},
	[CAUSE_DEAD]      = {404, "Not Found"},
	[CAUSE_NETWORK]   = {503, "Service Unavailable"},
	[CAUSE_NO_CODEC]  = {488, "Not Acceptable Here"},
	[CAUSE_HUNG_UP]   = {480, "Temporarily Unavailable"},
	[CAUSE_BAD_PEER]  = {400, "Bad Session Description"},
	[CAUSE_RESTART]   = {503, "Service Unavailable"},
	[CAUSE_STORE]     = {503, "Service Unavailable"},
	[CAUSE_HOUSE]     = {503, "Service Unavailable"},
	[CAUSE_CLOSED]    = {480, "Temporarily Unavailable"},
	[CAUSE_UNSTAFFED] = {480, "Temporarily Unavailable"},
	[CAUSE_MARKED] = {480, "Temporarily Unavailable"},
	[CAUSE_FLOOD] = {480, "Temporarily Unavailable"},
};


static void mute(struct leg *leg)
{
	tmr_cancel(&leg->tmr_session);
	leg_move_stop(leg);
	sound_close(leg->legs->c.sound, leg->sound);
	leg->muted = true;
}


static void mute_late(void *arg)
{
	mute(arg);
}


/* It hears nobody any more. It stays until its peer has had time to say that it
 * knows: with it what the next life of this process ends its dialog by. */
static void hush(struct leg *leg)
{
	if (leg->muted || leg_is_moving(leg)) {
		mute(leg);
		return;
	}
	leg_move_stop(leg);
	tmr_start(&leg->tmr_session, PEER_PATIENCE, mute_late, leg);
	sound_hear(leg->legs->c.sound, leg->sound, NULL, 0);
}


static void over(void *obj, void *arg)
{
	struct leg *leg = obj;
	(void)arg;

	mute(leg);
	leg->answer = mem_deref(leg->answer);
	--leg->legs->n_open;

	mem_ref(leg);
	if (leg->offer) /* our INVITE was out: a late 2xx may come */
		legs_linger(leg);
	leg->h(leg, LEG_OVER, leg->cause, leg->arg);
	mem_deref(leg);
}


static void refuse(void *obj, void *arg)
{
	struct leg *leg = obj;
	const uint16_t scode = refusals[leg->cause].scode;

	if (leg->st && scode == 503)
		(void)sip_treplyf(&leg->st, NULL, leg->legs->c.sip,
				  leg->request, false, scode,
				  refusals[leg->cause].reason,
				  "Retry-After: 10\r\n"
				  "Content-Length: 0\r\n\r\n");
	else if (leg->st)
		(void)sip_treply(&leg->st, leg->legs->c.sip, leg->request,
				 scode, refusals[leg->cause].reason);
	over(leg, arg);
}


void leg_request_terminate(struct leg *leg)
{
	if (leg->st)
		(void)sip_treply(&leg->st, leg->legs->c.sip, leg->request,
				 487, "Request Terminated");
}


static void cancelled(void *obj, void *arg)
{
	leg_request_terminate(obj);
	over(obj, arg);
}


static void answered(void *obj, void *arg)
{
	struct leg *leg = obj;
	(void)arg;

	leg->h(leg, LEG_ANSWERED, CAUSE_NONE, leg->arg);
}


static void accepted(void *obj, void *arg)
{
	struct leg *leg = obj;
	(void)arg;

	leg_keep(leg);
	leg->h(leg, LEG_ACCEPTED, CAUSE_NONE, leg->arg);
}


static void silence(void *obj, void *arg)
{
	(void)arg;

	hush(obj);
}


static int bye_request(struct leg *leg, struct sip_request **reqp,
		       sip_resp_h *resph, void *arg)
{
	return sip_drequestf(reqp, leg->legs->c.sip, true, "BYE", leg->dlg, 0,
			     NULL, NULL, resph, arg,
			     "Content-Length: 0\r\n\r\n");
}


static void bye_response(int err, const struct sip_msg *msg, void *arg)
{
	struct leg *leg = arg;

	if (!err && msg->scode < 200)
		return;

	leg_step(leg, LEG_EV_BYE_DONE, CAUSE_HUNG_UP);
}


static void leave(void *obj, void *arg)
{
	struct leg *leg = obj;
	(void)arg;

	hush(leg);
	leg_request_terminate(leg);
	leg->answer = mem_deref(leg->answer);
	leg_keep(leg);
	if (bye_request(leg, &leg->bye, bye_response, leg))
		leg_step(leg, LEG_EV_BYE_DONE, CAUSE_NETWORK);
}


/* it has said so itself: it knows */
static void crossed(void *obj, void *arg)
{
	(void)arg;

	mute(obj);
}


/* the peer is silent: tell it, in case it listens, but do not wait */
static void lose(void *obj, void *arg)
{
	struct leg *leg = obj;

	(void)bye_request(leg, NULL, NULL, NULL);
	over(leg, arg);
}


/* Nobody hears its sound yet. It stays until a telephone that rings has had time
 * to answer: with it what the next life of this process would cancel it by. */
static void cancel(void *obj, void *arg)
{
	struct leg *leg = obj;
	(void)arg;

	leg_move_stop(leg);
	tmr_start(&leg->tmr_session, PEER_PATIENCE, mute_late, leg);
	sip_request_cancel(leg->req);
}


static const char *const state_names[LEG_STATES] = {
	"preparing", "invited", "answering", "ending", "inviting",
	"agreeing", "cancelling", "up", "leaving", "gone",
};

static const char *const event_names[LEG_EVENTS] = {
	"prepared", "answer", "ack", "cancel", "picked_up", "agreed",
	"failed", "bye", "bye_done", "lost", "end",
};

static const struct step_rule rules[] = {
	{LEG_PREPARING,  LEG_EV_PREPARED,  NULL,      LEG_INVITING},
	{LEG_PREPARING,  LEG_EV_FAILED,    over,      LEG_GONE},
	{LEG_PREPARING,  LEG_EV_END,       over,      LEG_GONE},

	{LEG_INVITED,    LEG_EV_ANSWER,    answered,  LEG_ANSWERING},
	{LEG_INVITED,    LEG_EV_CANCEL,    cancelled, LEG_GONE},
	{LEG_INVITED,    LEG_EV_END,       refuse,    LEG_GONE},

	{LEG_ANSWERING,  LEG_EV_ACK,       NULL,      LEG_UP},
	{LEG_ANSWERING,  LEG_EV_BYE,       over,      LEG_GONE},
	{LEG_ANSWERING,  LEG_EV_LOST,      lose,      LEG_GONE},
	{LEG_ANSWERING,  LEG_EV_END,       silence,   LEG_ENDING},

	/* RFC 3261, 15: no BYE from us before the ACK */
	{LEG_ENDING,     LEG_EV_ACK,       leave,     LEG_LEAVING},
	{LEG_ENDING,     LEG_EV_BYE,       over,      LEG_GONE},
	{LEG_ENDING,     LEG_EV_LOST,      lose,      LEG_GONE},
	{LEG_ENDING,     LEG_EV_END,       NULL,      LEG_ENDING},

	{LEG_INVITING,   LEG_EV_PICKED_UP, NULL,      LEG_AGREEING},
	{LEG_INVITING,   LEG_EV_FAILED,    over,      LEG_GONE},
	{LEG_INVITING,   LEG_EV_END,       cancel,    LEG_CANCELLING},

	{LEG_AGREEING,   LEG_EV_AGREED,    accepted,  LEG_UP},
	{LEG_AGREEING,   LEG_EV_BYE,       over,      LEG_GONE},
	{LEG_AGREEING,   LEG_EV_LOST,      lose,      LEG_GONE},
	{LEG_AGREEING,   LEG_EV_END,       leave,     LEG_LEAVING},

	/* the 200 that crossed our CANCEL: thank, and hang up */
	{LEG_CANCELLING, LEG_EV_PICKED_UP, leave,     LEG_LEAVING},
	{LEG_CANCELLING, LEG_EV_FAILED,    over,      LEG_GONE},
	{LEG_CANCELLING, LEG_EV_END,       NULL,      LEG_CANCELLING},

	{LEG_UP,         LEG_EV_ACK,       NULL,      LEG_UP},
	{LEG_UP,         LEG_EV_BYE,       over,      LEG_GONE},
	{LEG_UP,         LEG_EV_LOST,      lose,      LEG_GONE},
	{LEG_UP,         LEG_EV_END,       leave,     LEG_LEAVING},

	{LEG_LEAVING,    LEG_EV_BYE_DONE,  over,      LEG_GONE},
	{LEG_LEAVING,    LEG_EV_BYE,       crossed,   LEG_LEAVING},
	{LEG_LEAVING,    LEG_EV_END,       NULL,      LEG_LEAVING},

	{LEG_GONE,       LEG_EV_END,       NULL,      LEG_GONE},
};

const struct step_machine leg_machine = {
	.noun = "leg",
	.states = state_names,
	.events = event_names,
	.rules = rules,
	.n_states = LEG_STATES,
	.n_events = LEG_EVENTS,
	.n_rules = STEP_COUNT(rules),
};


void leg_step(struct leg *leg, enum leg_event event, enum core_cause cause)
{
	if (leg->cause == CAUSE_NONE)
		leg->cause = cause;

	(void)step(&leg_machine, &leg->state, leg->sound, event,
		   &leg->legs->c.trace, leg, NULL);
}


static void leg_destructor(void *data)
{
	struct leg *leg = data;

	tmr_cancel(&leg->tmr_session);
	tmr_cancel(&leg->tmr_move);
	tmr_cancel(&leg->tmr_moved);
	hash_unlink(&leg->he);
	mem_deref(leg->req);
	mem_deref(leg->bye);
	mem_deref(leg->answer);
	mem_deref(leg->st);
	mem_deref(leg->request);
	mem_deref(leg->dlg);
	mem_deref(leg->seed);
	mem_deref(leg->offer);
	mem_deref(leg->credentials);
	mem_deref(leg->identity);
	mem_deref(leg->ringing);
	mem_deref(leg->remote_tag);
	secret_wipe(&leg->uri);
}


int leg_bare(struct leg **legp, struct legs *legs, enum leg_state state,
	     leg_news_h *h, void *arg)
{
	struct leg *leg;

	leg = mem_zalloc(sizeof(*leg), leg_destructor);
	if (!leg)
		return ENOMEM;

	leg->legs = legs;
	leg->state = (uint8_t)state;
	leg->session_s = legs->c.session_s;
	leg->min_s = SESSION_MIN;
	leg->h = h;
	leg->arg = arg;
	*legp = leg;

	return 0;
}


int leg_new(struct leg **legp, struct legs *legs, enum leg_state state,
	    uint64_t near, leg_news_h *h, void *arg)
{
	struct leg *leg;
	int err;

	err = leg_bare(&leg, legs, state, h, arg);
	if (err)
		return err;

	leg->sound = sound_leg_new(legs->c.sound, near);
	if (!leg->sound) {
		mem_deref(leg);
		return ENOMEM;
	}
	*legp = leg;

	return 0;
}


void leg_drop(struct leg *leg)
{
	sound_leg_forget(leg->legs->c.sound, leg->sound);
	mem_deref(leg);
}


void leg_index(struct leg *leg, const char *callid)
{
	++leg->legs->n_open;
	hash_append(leg->legs->ht, hash_joaat_str(callid), &leg->he, leg);
}


static void session_due(void *arg)
{
	struct leg *leg = arg;

	if (leg->timer.we_refresh)
		leg_refresh(leg);
	else
		leg_step(leg, LEG_EV_LOST, CAUSE_NETWORK);
}


void leg_session_wait(struct leg *leg, uint64_t ms)
{
	tmr_start(&leg->tmr_session, ms, session_due, leg);
}


void leg_session_start(struct leg *leg, const struct session_timer *timer)
{
	leg->timer = *timer;
	leg_session_wait(leg, session_wait(timer));
	leg_keep(leg);
}


int leg_answer_headers(struct mbuf **mbp, const struct leg *leg,
		       const struct sip_msg *request,
		       const struct session_timer *timer)
{
	struct sip_contact contact;
	struct mbuf *mb = mbuf_alloc(256);
	int err;

	if (!mb)
		return ENOMEM;

	sip_contact_set(&contact, leg->legs->token, &request->dst,
			request->tp);
	err = mbuf_printf(mb, "%H" TERMS_ALLOW TERMS_SUPPORTED "%H",
			  sip_contact_print, &contact, session_print_answer,
			  timer);
	mbuf_set_pos(mb, 0);

	if (err)
		mem_deref(mb);
	else
		*mbp = mb;

	return err;
}


void leg_ack(struct leg *leg, struct sip_dialog *dlg, uint32_t cseq)
{
	int err;

	err = sip_drequestf(NULL, leg->legs->c.sip, false, "ACK", dlg, cseq,
			    NULL, NULL, NULL, NULL,
			    "Content-Length: 0\r\n\r\n");
	if (err)
		log_warn("leg %llu: ACK not sent: %s",
			 (unsigned long long)leg->sound, strerror(err));
}


int leg_secrecy(struct leg *leg, bool tls, const struct sa *src)
{
	const struct legs_config *c = &leg->legs->c;
	enum wire_srtp use = WIRE_SRTP_NEVER;

	if (c->srtph)
		use = c->srtph(tls, src, secret_reveal(&leg->uri), c->arg);
	if (use == WIRE_SRTP_MUST && !tls)
		return EPERM;

	leg->secret = use != WIRE_SRTP_NEVER;
	leg->srtp = (uint8_t)use;
	sound_secret(c->sound, leg->sound, use);

	return 0;
}


int leg_contact_send(enum sip_transp tp, const struct sa *src,
		     const struct sa *dst, struct mbuf *mb, void *arg)
{
	struct sip_contact contact;
	struct leg *leg = arg;

	if (leg->secret && tp != SIP_TRANSP_TLS)
		return EPROTO;
	if (leg->legs->c.expecth && leg->uri.hidden[0])
		leg->legs->c.expecth(dst, secret_reveal(&leg->uri),
				     leg->legs->c.arg);
	leg_leaves(leg, tp, dst, mb);
	sip_contact_set(&contact, leg->legs->token, src, tp);

	return mbuf_printf(mb, "%H", sip_contact_print, &contact);
}


/* Puts another Contact in place of theirs, or theirs back: libre takes the
 * target of a dialog from there and nowhere else. */
static void contact_swap(const struct sip_msg *msg, struct pl *val)
{
	struct sip_hdr *hdr = (void *)sip_msg_hdr(msg, SIP_HDR_CONTACT);
	struct pl theirs;

	if (!hdr)
		return;
	theirs = hdr->val;
	hdr->val = *val;
	*val = theirs;
}


static void contact_pin(struct pl *val, char text[LIMIT_URI + 2],
			const struct leg *leg)
{
	const int n = re_snprintf(text, LIMIT_URI + 2, "<%s>",
				  secret_reveal(&leg->uri));

	val->p = text;
	val->l = n < 0 ? 0 : (size_t)n;
}


int leg_fork(struct sip_dialog **dlgp, const struct leg *leg,
	     const struct sip_msg *msg)
{
	char text[LIMIT_URI + 2];
	struct pl val;
	int err;

	if (!leg->pinned)
		return sip_dialog_fork(dlgp, leg->seed, msg);

	contact_pin(&val, text, leg);
	contact_swap(msg, &val);
	err = sip_dialog_fork(dlgp, leg->seed, msg);
	contact_swap(msg, &val);
	explicit_bzero(text, sizeof(text));

	return err;
}


int leg_moved(const struct leg *leg, const struct sip_msg *msg)
{
	return leg->pinned ? 0 : sip_dialog_update(leg->dlg, msg);
}


bool leg_authorize(struct leg *leg, const struct sip_msg *msg)
{
	const struct legs_config *c = &leg->legs->c;

	if (msg->scode != 401 && msg->scode != 407)
		return false;
	if (!c->credentialsh || ++leg->n_tries > LEG_TRIES)
		return false;

	leg->credentials = mem_deref(leg->credentials);
	leg->credentials = mbuf_alloc(256);
	if (!leg->credentials)
		return false;

	return !c->credentialsh(leg->credentials, msg, "INVITE",
				secret_reveal(&leg->uri), c->arg);
}


void leg_end(struct leg *leg, enum core_cause cause)
{
	if (leg)
		leg_step(leg, LEG_EV_END, cause);
}


uint64_t leg_sound(const struct leg *leg)
{
	return leg ? leg->sound : 0;
}
