/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * judge_guests.c  The guest of a talk: a caller is never left with nobody, and
 * never hears hold sound for nobody.
 */
#include <errno.h>
#include <string.h>

#include "books.h"


enum guest_state guest_state_of(const struct book_call *c)
{
	if (!c->guest)
		return GUEST_NONE;
	if (!c->guest->accepted)
		return GUEST_RINGING;

	return c->three ? GUEST_THREE : GUEST_ASIDE;
}


static bool is_there(const struct book_call *c)
{
	return c->guest && c->guest->accepted;
}


bool guest_is_of_talk(const struct book_person *p)
{
	return p->call && p->call->guest == p;
}


/* --- what the core must answer ------------------------------------------- */

static bool is_free(const struct book_person *p)
{
	return p->free_since && !p->offer;
}


static int answer_to_consult(struct check *k, const struct book_call *c,
			     uint32_t person)
{
	const struct book_person *p = book_find_person(k, person);

	if (c->guest || book_line(k, c)->kind == LINE_DETENTION)
		return EPERM;
	if (person && !p)
		return ENOENT;
	if (person && !book_of_line(p, c))
		return EPERM;
	if (person)
		return is_free(p) ? 0 : EBUSY;

	for (size_t i = 0; i < k->n_people; i++) {
		if (is_free(&k->people[i]) &&
		    book_can_take(k, &k->people[i], c))
			return 0;
	}

	return EBUSY;
}


int guest_answer(struct check *k, const struct core_event *ev)
{
	const struct book_person *p = book_find_offer(k, ev->offer);
	const struct book_call *c = p ? p->call : NULL;

	if (!p)
		return ENOENT;
	if (!c || c->person != p || !c->connected)
		return EPROTO;
	if (ev->type == CORE_CONSULT)
		return answer_to_consult(k, c, ev->person);
	if (ev->type == CORE_CONSULT_END)
		return c->guest ? 0 : EPROTO;
	if (ev->type == CORE_THREE)
		return is_there(c) && !c->three ? 0 : EPROTO;

	return is_there(c) ? 0 : EPROTO;
}


/* --- what it was told ---------------------------------------------------- */

void guest_leaves(const struct book_person *p)
{
	p->call->guest = NULL;
	p->call->three = false;
}


bool guest_steps_in(struct book_call *c)
{
	const bool there = is_there(c);

	if (there) {
		c->person = c->guest;
		guest_leaves(c->guest);
	}

	return there;
}


static void told_hand_over(struct check *k, const struct core_event *ev)
{
	struct book_person *p = book_find_offer(k, ev->offer);

	book_touch(k, p->call);
	(void)guest_steps_in(p->call);
	p->call = NULL; /* until it is released */
}


static void told_three(struct check *k, const struct core_event *ev)
{
	struct book_call *c = book_find_offer(k, ev->offer)->call;

	c->three = true;
	book_touch(k, c);
}


void judge_guests_event(struct check *k, const struct core_event *ev)
{
	if (ev->type == CORE_HAND_OVER)
		told_hand_over(k, ev);
	else if (ev->type == CORE_THREE)
		told_three(k, ev);
}


/* --- what it asked for --------------------------------------------------- */

/* Nobody who could have been asked has been free for longer. */
static void judge_idle(struct check *k, const struct book_person *p,
		       const struct book_call *c)
{
	for (size_t i = 0; i < k->n_people; i++) {
		const struct book_person *other = &k->people[i];

		if (is_free(other) && book_can_take(k, other, c) &&
		    other->free_since < p->free_since)
			check_broken(k, CHECK_IDLE, "counsellor %" PRIu32
				     " is asked, but %" PRIu32
				     " is free for longer", p->id, other->id);
	}
}


void judge_guest_rung(struct check *k, const struct book_person *p,
		      const struct book_call *c)
{
	const uint32_t wanted = k->ev->person;

	if (k->ev->type != CORE_CONSULT ||
	    book_find_offer(k, k->ev->offer) != c->person ||
	    (wanted && wanted != p->id))
		check_broken(k, CHECK_ACTIONS, "counsellor %" PRIu32
			     " is rung as a guest, and nobody asked for them",
			     p->id);
	if (c->guest || c->person == p ||
	    book_line(k, c)->kind == LINE_DETENTION)
		check_broken(k, CHECK_GUEST, "counsellor %" PRIu32
			     " cannot be the guest of call %" PRIu64, p->id,
			     c->call);
	if (!book_of_line(p, c))
		check_broken(k, CHECK_LINES, "counsellor %" PRIu32
			     " is asked for a line that is not theirs", p->id);
	if (!wanted && !book_can_take(k, p, c))
		check_broken(k, CHECK_SKILLS, "counsellor %" PRIu32
			     " is asked, and could not take it", p->id);
	if (!wanted)
		judge_idle(k, p, c);
}


/* The shell looks at the call, and joins them so. */
void judge_guests_action(struct check *k, const struct core_action *a)
{
	struct book_call *c = book_find_call(k, a->call);

	if (a->type != CORE_PARTY)
		return;
	if (!c || !c->connected || !core_call(k->core, a->call, &c->heard_by))
		check_broken(k, CHECK_PARTY, "call %" PRIu64
			     " does not talk, and is joined anew", a->call);
}


/* --- what must be true of a talk ----------------------------------------- */

/* Who hears whom, as it was told last, and as it must be. */
static void judge_party(struct check *k, const struct book_call *c)
{
	const struct core_call_view *v = &c->heard_by;
	enum guest_state state = guest_state_of(c), was = v->guest_state;

	/* who rings is not heard yet */
	state = state == GUEST_RINGING ? GUEST_NONE : state;
	was = was == GUEST_RINGING ? GUEST_NONE : was;
	if (was == GUEST_ASIDE && state == GUEST_NONE)
		check_broken(k, CHECK_ASIDE, "call %" PRIu64
			     " hears hold sound, but its guest is gone",
			     c->call);
	if (was != state || v->offer != c->person->offer ||
	    (state != GUEST_NONE && v->guest != c->guest->offer))
		check_broken(k, CHECK_PARTY, "call %" PRIu64
			     ": who hears whom has changed untold (%s, %s)",
			     c->call, guest_state_name(was),
			     guest_state_name(state));
}


static void judge_shown(struct check *k, const struct book_call *c)
{
	struct core_call_view v;

	if (!core_call(k->core, c->call, &v) ||
	    v.guest_state != guest_state_of(c) ||
	    v.guest != (c->guest ? c->guest->offer : 0) ||
	    v.guest_person != (c->guest ? c->guest->id : 0))
		check_broken(k, CHECK_VIEW, "the guest of call %" PRIu64
			     " is shown wrong", c->call);
}


/* Who was handed over has let go, and nobody talks in two places. */
static void judge_others(struct check *k, const struct book_call *c)
{
	for (size_t i = 0; i < k->n_people; i++) {
		const struct book_person *p = &k->people[i];

		if (p->accepted && !p->released && !p->withdrawn &&
		    p != c->person && p != c->guest &&
		    (p->call == c || (!p->call && p->offer == k->ev->offer)))
			check_broken(k, CHECK_HAND_OVER, "counsellor %" PRIu32
				     " has handed call %" PRIu64
				     " over, and is still there", p->id,
				     c->call);
	}
}


void judge_guest(struct check *k, const struct book_call *c)
{
	judge_shown(k, c);
	if (!c->connected)
		return;

	if (!c->person || (c->guest && c->guest == c->person)) {
		check_broken(k, c->person ? CHECK_GUEST : CHECK_ALONE,
			     "call %" PRIu64 " talks with %s", c->call,
			     c->person ? "one who is there twice" : "nobody");
		return;
	}
	judge_party(k, c);
	if (k->ev->type == CORE_HAND_OVER)
		judge_others(k, c);
	if (c->told.counsellor != c->person->id)
		check_broken(k, CHECK_TOLD, "call %" PRIu64
			     " talks with %" PRIu32 ", on record with %" PRIu32,
			     c->call, c->person->id, c->told.counsellor);
}
