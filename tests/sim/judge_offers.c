/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * judge_offers.c  Offers and counsellors: nobody is offered two calls, the
 * first pick-up stops the others, who does not answer goes off duty.
 */
#include "books.h"


static bool is_final(enum core_event_type type)
{
	return type == CORE_NOT_ACCEPTED || type == CORE_PERSON_GONE ||
	       type == CORE_PERSON_LOST;
}


/* --- what it was told ---------------------------------------------------- */

static void withdraw(struct book_person *p, bool late)
{
	p->withdrawn = true;
	p->late = late;
	if (guest_is_of_talk(p)) {
		guest_leaves(p);
	}
	else if (p->call) {
		reserved_ring_over(p);
		--p->call->n_rings;
	}
	p->call = NULL;
}


static void told_on(struct check *k, const struct core_event *ev)
{
	struct book_person *p = book_find_person(k, ev->person);

	if (!p->on)
		p->n_failed = 0;
	p->on = true;
	book_touch_person(k, p);
}


static void told_off(struct check *k, const struct core_event *ev)
{
	struct book_person *p = book_find_person(k, ev->person);

	if (p->on)
		p->off_since = k->now;
	p->on = false;
	p->late = false;
	reserved_person_gone(k, p);
	p->pause_until = 0;
	book_touch_person(k, p);
}


static void told_ready(struct check *k, const struct core_event *ev)
{
	struct book_person *p = book_find_person(k, ev->person);

	p->pause_until = 0;
	book_touch_person(k, p);
}


/* What was kept says how long; judge_paused() whether that is right. */
static void told_paused(struct check *k, const struct core_event *ev)
{
	struct book_person *p = book_find_person(k, ev->person);
	const uint32_t most = ev->pause->resting ? k->settings.rest_ms
						 : p->wrap_up_ms;
	uint64_t until = ev->pause->until;

	if (until > k->now + most)
		until = k->now + most;
	p->wrapping_up = !ev->pause->resting;
	p->pause_until = until > k->now ? until : 0;
	p->free_since = 0; /* if nothing is left of it: from now on */
	book_touch_person(k, p);
}


static void told_accepted(struct check *k, const struct core_event *ev)
{
	struct book_person *p = book_find_offer(k, ev->offer);

	p->accepted = true;
	p->n_failed = 0;
	book_touch_person(k, p);
	if (p->withdrawn || guest_is_of_talk(p))
		return;

	reserved_ring_over(p);
	--p->call->n_rings;
	p->call->person = p;
	book_touch(k, p->call);
}


static uint32_t pause_after(const struct check *k,
			    const struct book_person *p, bool not_accepted)
{
	if (!p->on)
		return 0;
	if (p->accepted)
		return p->withdrawn || p->not_reached ? 0 : p->wrap_up_ms;
	if (!p->withdrawn || (p->late && not_accepted))
		return k->settings.rest_ms;

	return 0;
}


/* CAUSE_NONE if the counsellor was there, or was not to blame */
static enum core_cause failed_with(const struct book_person *p,
				   const struct core_event *ev)
{
	const bool failed = ev->cause == CAUSE_BUSY ||
			    ev->cause == CAUSE_NO_ANSWER ||
			    ev->cause == CAUSE_DEAD ||
			    ev->cause == CAUSE_NETWORK;

	if (!p->on || p->accepted)
		return CAUSE_NONE;
	if (p->withdrawn && !p->late)
		return ev->type == CORE_NOT_ACCEPTED &&
				       (ev->cause == CAUSE_DEAD ||
					ev->cause == CAUSE_NETWORK)
			       ? ev->cause
			       : CAUSE_NONE;
	if (failed && !(p->late && ev->type != CORE_NOT_ACCEPTED))
		return ev->cause;

	return p->late && ev->type == CORE_NOT_ACCEPTED &&
			       ev->cause != CAUSE_DECLINED
		       ? CAUSE_NO_ANSWER
		       : CAUSE_NONE;
}


static void count_failure(struct check *k, struct book_person *p,
			  const struct core_event *ev)
{
	const enum core_cause failed = failed_with(p, ev);

	if (p->late && ev->type != CORE_NOT_ACCEPTED)
		p->n_failed = 0; /* picked up, too late */
	if (failed == CAUSE_NONE || ++p->n_failed < CORE_FAILED_RINGS)
		return;

	p->must_go = true;
	p->go_cause = failed;
	p->on = false;
	reserved_person_gone(k, p);
	p->off_since = k->duty_changed = k->now;
	p->pause_until = 0;
}


/* Nobody has hung up on them: they wait. */
static void leave_caller(const struct check *k, struct book_call *c)
{
	c->connected = false;
	c->talked = true;
	c->talked_ms += k->now - c->connected_at;
	c->goodbye = false;
}


static void told_leg_over(struct check *k, const struct core_event *ev)
{
	struct book_person *p = book_find_offer(k, ev->offer);
	const uint32_t pause =
		pause_after(k, p, ev->type == CORE_NOT_ACCEPTED);

	p->wrapping_up = p->accepted;
	p->pause_until = pause ? k->now + pause : 0;
	count_failure(k, p, ev);
	book_touch_person(k, p);
	book_touch(k, p->call);
	if (guest_is_of_talk(p)) {
		guest_leaves(p);
	}
	else if (p->call && p->call->person == p) {
		p->call->person = NULL;
		if (!guest_steps_in(p->call) &&
		    ev->type == CORE_PERSON_LOST && p->call->connected)
			leave_caller(k, p->call);
	}
	else if (p->call && book_ringing(p)) {
		reserved_ring_over(p);
		--p->call->n_rings;
	}

	k->by_offer[p->offer % BOOK_OFFERS] = 0;
	p->call = NULL;
	p->offer = 0;
	p->accepted = p->withdrawn = p->late = false;
	p->released = p->not_reached = false;
}


void judge_offers_event(struct check *k, const struct core_event *ev)
{
	if (ev->type == CORE_PERSON_ON)
		told_on(k, ev);
	else if (ev->type == CORE_PERSON_OFF)
		told_off(k, ev);
	else if (ev->type == CORE_PERSON_READY)
		told_ready(k, ev);
	else if (ev->type == CORE_PERSON_PAUSED)
		told_paused(k, ev);
	else if (ev->type == CORE_ACCEPTED)
		told_accepted(k, ev);
	else if (is_final(ev->type))
		told_leg_over(k, ev);
}


/* --- what it asked for --------------------------------------------------- */

static bool judge_rung(struct check *k, const struct book_person *p,
		       const struct core_action *a)
{
	if (p->offer)
		return check_broken(k, CHECK_ONE_OFFER, "counsellor %" PRIu32
				    " has offer %" PRIu64
				    " and is given offer %" PRIu64,
				    p->id, p->offer, a->offer);
	if (!p->on || k->now < p->pause_until)
		return check_broken(k, CHECK_NOT_FREE, "counsellor %" PRIu32
				    " is rung %s", p->id,
				    !p->on ? "off duty"
				    : p->wrapping_up ? "in wrap-up"
						     : "at rest");
	if (!a->offer || book_find_offer(k, a->offer))
		return check_broken(k, CHECK_ONE_OFFER,
				    "offer number %" PRIu64 " is in use",
				    a->offer);

	return true;
}


static void note_offer(struct check *k, struct book_person *p,
		       struct book_call *c, uint64_t offer)
{
	p->offer = offer;
	k->by_offer[offer % BOOK_OFFERS] = (uint32_t)(p - k->people) + 1;
	p->call = c;
	p->rung_at = k->now;
	p->pause_until = 0;
	book_touch_person(k, p);
}


static void did_offer(struct check *k, const struct core_action *a)
{
	struct book_person *p = book_find_person(k, a->person);
	struct book_call *c = book_find_call(k, a->call);

	if (!p || !c || a->guest != c->connected || a->guest != !!c->person) {
		check_broken(k, CHECK_ACTIONS, "call %" PRIu64
			     " offered to %" PRIu32 ": not waiting, "
			     "or not known", a->call, a->person);
		return;
	}
	if (!judge_rung(k, p, a))
		return;

	(void)core_get_record(k->core, c->call, &c->record);
	if (a->guest) {
		judge_guest_rung(k, p, c);
		c->guest = p;
	}
	else {
		judge_order(k, c, p);
		reserved_rung(k, c, p);
		++c->n_rings;
		k->last_rung = p->id;
	}
	note_offer(k, p, c, a->offer);
}


/* On a tick: only whose time is over, or who rings for a ring-back that may
 * not go out at this hour any more. */
static void did_withdraw(struct check *k, const struct core_action *a)
{
	struct book_person *p = book_find_offer(k, a->offer);
	bool late = false;

	if (!p || !book_ringing(p)) {
		check_broken(k, CHECK_ACTIONS, "offer %" PRIu64
			     " does not ring, and is withdrawn", a->offer);
		return;
	}
	if (k->ev->type == CORE_TICK) {
		late = k->now >= p->rung_at + k->settings.ring_ms;
		if (!late && p->call && book_is_queued(p->call->state) &&
		    !book_is_due(p->call->state) && p->call->on_line)
			p->too_early = p->call;
	}
	withdraw(p, late);
	book_touch_person(k, p);
}


/* Who is left with a caller when another one goes stays with them. */
static void leave_talk(struct check *k, struct book_person *p)
{
	p->call->person = NULL;
	if (p->call->connected && is_final(k->ev->type))
		check_broken(k, CHECK_ALONE, "counsellor %" PRIu32
			     " is left with call %" PRIu64
			     ", and is sent away", p->id, p->call->call);
}


static void did_release(struct check *k, const struct core_action *a)
{
	struct book_person *p = book_find_offer(k, a->offer);

	if (!p || !p->accepted || p->released) {
		check_broken(k, CHECK_ACTIONS, "offer %" PRIu64
			     " is not up, and is released", a->offer);
		return;
	}
	p->released = true;
	p->not_reached = p->call && !p->call->connected;
	if (guest_is_of_talk(p))
		guest_leaves(p);
	else if (p->call && p->call->person == p)
		leave_talk(k, p);
	p->call = NULL;
}


static void did_connect(struct check *k, const struct core_action *a)
{
	struct book_person *p = book_find_offer(k, a->offer);
	struct book_call *c = book_find_call(k, a->call);

	if (!p || !c || p->call != c || c->person != p || !p->accepted ||
	    p->withdrawn || c->connected || a->person != p->id ||
	    !(c->on_line || c->dial_up))
		check_broken(k, CHECK_CONNECT, "call %" PRIu64
			     " and offer %" PRIu64
			     " must not be connected now",
			     a->call, a->offer);
	if (!c)
		return;
	c->connected = true;
	c->connected_at = k->now;
	(void)core_call(k->core, c->call, &c->heard_by);
}


static void did_off_duty(struct check *k, const struct core_action *a)
{
	struct book_person *p = book_find_person(k, a->person);

	if (!p || !p->must_go || a->cause != p->go_cause)
		check_broken(k, CHECK_OFF_DUTY, "counsellor %" PRIu32
			     " is put off duty (%s)", a->person,
			     core_cause_name(a->cause));
	if (p)
		p->must_go = false;
}


static void did_tell(struct check *k, const struct core_action *a)
{
	const struct book_person *p = book_find_offer(k, a->offer);

	if (!p || !p->accepted || p->released)
		check_broken(k, CHECK_ACTIONS, "offer %" PRIu64
			     " is not up, and is told something", a->offer);
}


typedef void(did_h)(struct check *k, const struct core_action *a);

static did_h *const did[CORE_ACTIONS] = {
	[CORE_OFFER] = did_offer,	[CORE_WITHDRAW] = did_withdraw,
	[CORE_RELEASE] = did_release,	[CORE_CONNECT] = did_connect,
	[CORE_OFF_DUTY] = did_off_duty, [CORE_TELL] = did_tell,
};


void judge_offers_action(struct check *k, const struct core_action *a)
{
	if (did[a->type])
		did[a->type](k, a);
}


/* --- what must be true of somebody who moved ----------------------------- */

static enum person_state true_leg_state(const struct book_person *p)
{
	if ((p->withdrawn || p->not_reached) && p->accepted)
		return p->on ? PERSON_RELEASING : PERSON_RELEASING_OFF;
	if (p->withdrawn && !p->on)
		return PERSON_STOPPING_OFF;
	if (p->withdrawn)
		return p->late ? PERSON_STOPPING_LATE : PERSON_STOPPING;
	if (!p->accepted)
		return PERSON_RINGING;
	if (p->call)
		return p->on ? PERSON_TALKING : PERSON_TALKING_OFF;

	return p->on ? PERSON_HANGING_UP : PERSON_HANGING_UP_OFF;
}


static bool true_person_state(const struct check *k,
			      const struct book_person *p,
			      enum person_state state)
{
	if (p->offer)
		return state == true_leg_state(p);
	if (!p->on)
		return state == PERSON_OFF;
	if (p->pause_until &&
	    state == (p->wrapping_up ? PERSON_WRAP_UP : PERSON_RESTING))
		return true;

	return state == PERSON_FREE && k->now >= p->pause_until;
}


static void judge_legs(struct check *k, struct book_person *p)
{
	const struct book_call *c = p->call;

	if (book_ringing(p) && !p->on)
		check_broken(k, CHECK_NOT_FREE, "counsellor %" PRIu32
			     " went off duty, and is still rung", p->id);
	if (book_ringing(p) && !guest_is_of_talk(p) &&
	    (!c || !c->call || !book_is_queued(c->state)))
		check_broken(k, CHECK_STOP, "counsellor %" PRIu32
			     " is still rung for a call that needs nobody",
			     p->id);
	if (book_ringing(p) && k->now > p->rung_at + k->settings.ring_ms +
						CHECK_TICK_LATE_MS)
		check_broken(k, CHECK_RING_TIME, "counsellor %" PRIu32
			     " is rung for %" PRIu64 " ms", p->id,
			     k->now - p->rung_at);
	if (p->accepted && !p->released &&
	    (p->withdrawn || !c || !c->call ||
	     (c->person != p && c->guest != p) ||
	     !(c->connected || c->dialled)))
		check_broken(k, CHECK_RELEASE, "counsellor %" PRIu32
			     " is left on a line without a caller", p->id);
	if (p->too_early && p->too_early->call &&
	    book_is_queued(p->too_early->state))
		check_broken(k, CHECK_RING_TIME, "offer to %" PRIu32
			     " withdrawn too early", p->id);
	p->too_early = NULL;
}


/* That a pause is over only the core can know: its tick may be late. */
static void note_free(struct check *k, struct book_person *p,
		      enum person_state state)
{
	if (state != PERSON_FREE)
		p->free_since = 0;
	else if (!p->free_since)
		p->free_since = k->n_steps;
}


void judge_person(struct check *k, struct book_person *p)
{
	struct core_person_view v;

	if (p->must_go)
		check_broken(k, CHECK_OFF_DUTY, "counsellor %" PRIu32
			     " fails again and again, and stays on duty",
			     p->id);
	judge_legs(k, p);
	if (!core_person(k->core, p->id, &v) || v.offer != p->offer ||
	    v.n_failed != p->n_failed ||
	    v.call != (p->call ? p->call->call : 0) ||
	    !true_person_state(k, p, v.state)) {
		check_broken(k, CHECK_VIEW, "counsellor %" PRIu32
			     " is shown wrong", p->id);
		return;
	}
	note_free(k, p, v.state);
}
