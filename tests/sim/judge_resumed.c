/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * judge_resumed.c  Who is still on the line after our processes died: who
 * talked talks on, who waited keeps the place.
 */
#include "books.h"


/* --- what was so --------------------------------------------------------- */

void resumed_note(struct book_call *c)
{
	struct book_before *b = &c->before;
	const bool guest = c->guest && c->guest->accepted;

	*b = (struct book_before){
		.on_line = c->on_line,
		.dialled = c->dialled,
		.dial_up = c->dial_up,
		.connected = c->connected,
		.blocked = c->blocked,
		.check = c->check,
		.talked = c->talked,
		.three = guest && c->three,
		.queued = c->state == CALL_WAITING || c->state == CALL_OFFERED,
		.handle = c->handle,
		.place = c->place,
		.connected_at = c->connected_at,
		.talked_ms = c->talked_ms,
		.person = c->person ? c->person->id : 0,
		.offer = c->person ? c->person->offer : 0,
		.guest = guest ? c->guest->id : 0,
		.guest_offer = guest ? c->guest->offer : 0,
		.n_dials = c->n_dials,
	};
}


/* --- and is so again ----------------------------------------------------- */

static struct book_person *talks_on(struct check *k, struct book_call *c,
				    uint32_t id, uint64_t offer)
{
	struct book_person *p = offer ? book_find_person(k, id) : NULL;

	if (!p)
		return NULL;

	p->offer = offer;
	p->accepted = true;
	p->call = c;
	k->by_offer[offer % BOOK_OFFERS] = (uint32_t)(p - k->people) + 1;
	book_touch_person(k, p);

	return p;
}


void resumed_told(struct check *k, const struct core_event *ev)
{
	struct book_call *c = k->about;
	const struct book_before *b = &c->before;

	(void)ev;
	c->recorded = c->answered = true;
	c->on_line = b->on_line;
	c->dialled = b->dialled;
	c->dial_up = b->dial_up;
	c->blocked = b->blocked;
	c->check = b->check;
	c->talked = b->talked;
	c->talked_ms = b->talked_ms;
	c->place = b->place;
	/* an attempt may not be on record, and was made all the same */
	if (c->told.promise.kind != PROMISE_NONE && c->n_dials < b->n_dials)
		c->n_dials = b->n_dials;
	c->n_typed = 0; /* digits are the shell's, and gone */
	c->asked_at = c->quiet_since = c->offered_at = k->now;
	c->list_since = k->now;
	if (!b->connected)
		return;

	c->connected = true;
	c->connected_at = b->connected_at;
	c->person = talks_on(k, c, b->person, b->offer);
	c->guest = talks_on(k, c, b->guest, b->guest_offer);
	c->three = b->three;
}


void judge_resumed(struct check *k)
{
	const struct book_call *c = k->about;
	struct core_call_view v;
	struct core_kept kept;

	if (c->before.connected &&
	    (!core_call(k->core, c->call, &v) || v.state != CALL_TALKING ||
	     v.offer != c->before.offer || v.guest != c->before.guest_offer))
		check_broken(k, CHECK_TALK_ON, "call %" PRIu64
			     " talked with %" PRIu32
			     ", and does not after a restart", c->call,
			     c->before.person);
	if (!c->before.queued || !c->before.on_line || !c->place)
		return;
	if (!core_keep(k->core, c->call, &kept) ||
	    (book_is_queued(kept.state) && kept.place != (int64_t)c->place) ||
	    (!book_is_queued(kept.state) && book_open(k, c) &&
	     book_staffed(k, c)))
		check_broken(k, CHECK_PLACE, "call %" PRIu64
			     " waited, and has lost its place in a restart",
			     c->call);
}
