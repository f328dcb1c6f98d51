/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * leg_move.c  The media process of a leg died: its sound goes on by a new leg
 * in another one, and its peer is told by re-INVITE. Must not know what it
 * hears there: its owner does.
 */
#include "message.h"
#include "leg_parts.h"

#define LOG_MODULE "leg"
#include "base/log.h"


enum {
	LOOK_MS   = 20,    /* is the exchange that is under way over?       */
	AGAIN_MS  = 1000,  /* after an answer that may be another next time */
	ANSWER_MS = 5000,  /* the peer has so long for its final answer     */
	ALL_MS    = 15000, /* silence for so long, and it is over           */
	OWNER_MS  = 2100,  /* RFC 3261, 14.1: who made the Call-ID waits    */
	SPREAD_MS = 1900,  /* longer than the other one                     */
};


static void look(void *arg);


static void look_in(struct leg *leg, uint64_t ms)
{
	leg->move = MOVE_WAITING;
	tmr_start(&leg->tmr_move, ms, look, leg);
}


static void fail(struct leg *leg, const char *why)
{
	log_warn("leg %llu: its sound cannot go on: %s",
		 (unsigned long long)leg->sound, why);
	leg_move_stop(leg);
	leg_end(leg, CAUSE_RESTART);
}


static bool goes_on(const struct leg *leg)
{
	return leg->state == LEG_UP || leg->state == LEG_AGREEING;
}


static void moved(struct leg *leg)
{
	leg_move_stop(leg);
	log_note("leg %llu: its sound goes on",
		 (unsigned long long)leg->sound);
	if (leg->state == LEG_AGREEING) {
		leg_step(leg, LEG_EV_AGREED, CAUSE_NONE);
		return;
	}
	leg_keep(leg); /* the new leg has no checkpoint yet */
	leg->h(leg, LEG_MOVED, CAUSE_NONE, leg->arg);
}


/* ---- the steps, from the last to the first ------------------------------- */

static void answer_taken(int err, const struct pl *sdp, void *arg)
{
	struct leg *leg = arg;
	(void)sdp;

	if (leg->move != MOVE_TAKING)
		return;

	leg->exchange = EXCHANGE_NONE;
	if (err)
		fail(leg, "nothing in common");
	else
		moved(leg);
}


static void taken(struct leg *leg, const struct sip_msg *msg)
{
	(void)leg_moved(leg, msg);
	leg_session_agreed(leg, msg);
	/* that process is gone by now, too */
	if (leg->offered != leg->sound) {
		look_in(leg, 0);
		return;
	}
	if (!message_has_sdp(msg)) {
		fail(leg, "no SDP in the answer");
		return;
	}

	leg->exchange = EXCHANGE_OURS;
	leg->move = MOVE_TAKING;
	if (sound_accept(leg->legs->c.sound, leg->sound, msg->mb, answer_taken,
			 leg)) {
		leg->exchange = EXCHANGE_NONE;
		fail(leg, "no memory");
	}
}


static uint64_t glare_ms(const struct leg *leg)
{
	return leg->outgoing ? OWNER_MS + rand_u32() % SPREAD_MS
			     : rand_u32() % SPREAD_MS;
}


static void refused(struct leg *leg, const struct sip_msg *msg)
{
	if (msg->scode == 491)
		look_in(leg, glare_ms(leg));
	else if (leg_authorize(leg, msg))
		look_in(leg, 0);
	else if (msg->scode == 481 || msg->scode == 408)
		leg_step(leg, LEG_EV_LOST, CAUSE_RESTART);
	else if (msg->scode >= 500 && msg->scode < 600)
		look_in(leg, AGAIN_MS);
	else
		fail(leg, "the peer does not want it");
}


static void response(int err, const struct sip_msg *msg, void *arg)
{
	struct leg *leg = arg;

	if (!err && msg->scode < 200)
		return;
	if (!err && msg->scode < 300)
		leg_ack(leg, leg->dlg, msg->cseq.num);
	if (!goes_on(leg) || leg->move == MOVE_NONE)
		return;

	leg->exchange = EXCHANGE_NONE;
	mem_ref(leg);
	if (err)
		leg_step(leg, LEG_EV_LOST, CAUSE_RESTART);
	else if (msg->scode < 300)
		taken(leg, msg);
	else
		refused(leg, msg);
	mem_deref(leg);
}


static void no_answer(void *arg)
{
	fail(arg, "the peer does not answer");
}


static void too_late(void *arg)
{
	fail(arg, "it takes too long");
}


static void offer_made(int err, const struct pl *sdp, void *arg)
{
	struct leg *leg = arg;

	if (leg->move != MOVE_OFFERING || !goes_on(leg))
		return;

	/* there may be sound again in a moment */
	if (err) {
		leg->exchange = EXCHANGE_NONE;
		look_in(leg, AGAIN_MS);
		return;
	}

	leg->move = MOVE_INVITING;
	tmr_start(&leg->tmr_move, ANSWER_MS, no_answer, leg);
	if (leg_reinvite(leg, response, sdp)) {
		leg->exchange = EXCHANGE_NONE;
		fail(leg, "no way to the peer");
	}
}


/* one offer at a time (RFC 3264), and none before the ACK */
static void look(void *arg)
{
	struct leg *leg = arg;

	if (!goes_on(leg) || leg->exchange != EXCHANGE_NONE) {
		look_in(leg, LOOK_MS);
		return;
	}

	leg->exchange = EXCHANGE_OURS;
	leg->move = MOVE_OFFERING;
	leg->offered = leg->sound;
	if (sound_offer(leg->legs->c.sound, leg->sound, 0, leg->family,
			&leg->peer, offer_made, leg)) {
		leg->exchange = EXCHANGE_NONE;
		look_in(leg, AGAIN_MS);
	}
}


/* ---- the beginning, by how far the leg is -------------------------------- */

/* Whoever asked media is not answered any more: theirs is told to come again,
 * ours comes anew. */
static void exchange_drop(struct leg *leg)
{
	if (leg->exchange == EXCHANGE_THEIRS)
		leg_offer_refused(leg);
	else if (leg->exchange == EXCHANGE_OURS && !leg->req)
		leg->exchange = EXCHANGE_NONE;
}


/* a re-INVITE that is out is answered first */
static void move_talk(struct leg *leg)
{
	exchange_drop(leg);
	if (!tmr_isrunning(&leg->tmr_moved))
		tmr_start(&leg->tmr_moved, ALL_MS, too_late, leg);
	leg->credentials = mem_deref(leg->credentials);
	leg->n_tries = 0;
	if (leg->move != MOVE_INVITING)
		look_in(leg, 0);
}


/* a phone that rings hears of it once it is picked up */
static void move_ring(struct leg *leg)
{
	leg->move = MOVE_WAITING;
}


/* nothing was said to the peer yet */
static void move_question(struct leg *leg)
{
	if (leg->exchange == EXCHANGE_THEIRS) {
		leg->exchange = EXCHANGE_NONE;
		leg_answer(leg);
	}
}


void leg_move(struct leg *leg, uint64_t near)
{
	static void (*const moves[LEG_STATES])(struct leg *leg) = {
		[LEG_PREPARING] = leg_prepare,
		[LEG_INVITED] = move_question,
		[LEG_ANSWERING] = move_talk,
		[LEG_INVITING] = move_ring,
		[LEG_AGREEING] = move_talk,
		[LEG_UP] = move_talk,
	};
	struct sound *s = leg->legs->c.sound;
	uint64_t sound;

	/* the others say good-bye, and need no sound for that */
	if (!moves[leg->state])
		return;
	sound = sound_leg_new(s, near);
	if (!sound)
		return; /* no memory: the peer will hang up on the silence */

	sound_leg_leave(s, leg->sound);
	log_note("leg %llu: goes on as leg %llu",
		 (unsigned long long)leg->sound, (unsigned long long)sound);
	leg->sound = sound;
	sound_secret(s, sound, leg->srtp);
	moves[leg->state](leg);
}


void leg_move_picked_up(struct leg *leg)
{
	leg->n_tries = 0;
	tmr_start(&leg->tmr_moved, ALL_MS, too_late, leg);
	look_in(leg, 0);
}


void leg_move_stop(struct leg *leg)
{
	leg->move = MOVE_NONE;
	tmr_cancel(&leg->tmr_move);
	tmr_cancel(&leg->tmr_moved);
}


bool leg_is_moving(const struct leg *leg)
{
	return leg && leg->move != MOVE_NONE;
}
