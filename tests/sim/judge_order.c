/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * judge_order.c  Who is rung for whom, and that nobody sits idle while
 * somebody waits. Places that a restart has blurred are not compared.
 */
#include "books.h"


static uint32_t max_rings(const struct check *k)
{
	const enum core_strategy s = k->settings.strategy;
	const uint32_t n = k->settings.ring_at_once;

	if (s == STRATEGY_LONGEST_IDLE || s == STRATEGY_ROUND_ROBIN)
		return 1;

	return n ? n : LIMIT_RING_AT_ONCE;
}


/* Why a ring-back must wait, though it is its turn: at this time. */
static bool held_back(struct check *k, const struct book_call *c, int64_t at)
{
	const struct core_calendar *cal = &k->settings.calendar;
	const struct book_call *other;

	if (c->on_line || c->dialled || !book_calendar_open(k, c) ||
	    !book_line(k, c)->ring_back ||
	    !cal->safe(c->record.promise.hours, at, cal->arg))
		return true;

	for (other = book_alike(k, c, NULL); other;
	     other = book_alike(k, c, other)) {
		if (other->on_line || other->dialled || book_under_way(other))
			return true;
	}

	return false;
}


/* The core looks once a minute whether an hour is safe; it may look more
 * often. When it dials, it must be: judge_promises.c. */
bool judge_held_back(struct check *k, const struct book_call *c)
{
	return held_back(k, c, book_unix(k)) ||
	       held_back(k, c, k->unix_told);
}


static uint32_t n_under_way(const struct check *k)
{
	const struct book_call *c;
	uint32_t n = 0;

	LIST_FOREACH(c, &k->open, open)
		n += book_under_way(c);

	return n;
}


/* --- circles ------------------------------------------------------------- */

enum { OWN = 0, REGION, EVERYBODY };

static int circle_of(const struct check *k, const struct book_person *p,
		     const struct book_call *c)
{
	const struct core_line *l = book_line(k, c);

	if (l->organisation && p->organisation == l->organisation)
		return OWN;

	return l->region && p->region == l->region ? REGION : EVERYBODY;
}


/* Who is farther than this must not be rung: the first circle in which
 * somebody is on duty, and one more each tier_ms. */
static int widest(const struct check *k, const struct book_call *c)
{
	int circle = EVERYBODY;

	for (size_t i = 0; i < k->n_people; i++) {
		const struct book_person *p = &k->people[i];

		if (p->on && book_can_take(k, p, c) &&
		    circle_of(k, p, c) < circle)
			circle = circle_of(k, p, c);
	}

	return circle;
}


static void judge_circle(struct check *k, const struct book_call *c,
			 const struct book_person *p)
{
	const uint64_t waited = k->now - c->place;

	if (k->settings.strategy != STRATEGY_TIERS || !c->place ||
	    c->circle_blurred || k->duty_changed >= c->place)
		return;
	if (waited < k->settings.tier_ms && circle_of(k, p, c) > widest(k, c))
		check_broken(k, CHECK_CIRCLE, "counsellor %" PRIu32
			     " of a far circle is rung for call %" PRIu64
			     " after %" PRIu64 " ms", p->id, c->call, waited);
}


/* --- order --------------------------------------------------------------- */

/* could this one have been rung for them just as well? */
static bool wanted(struct check *k, const struct book_call *c,
		   const struct book_person *p)
{
	const uint32_t reserved = reserved_for(k, c);

	if (!book_is_queued(c->state) || !book_can_take(k, p, c) ||
	    c->n_rings >= max_rings(k) || c->person ||
	    (reserved && reserved != p->id))
		return false;
	if (k->settings.strategy == STRATEGY_TIERS && !reserved &&
	    circle_of(k, p, c) != OWN)
		return false;

	return book_is_due(c->state) ? !judge_held_back(k, c)
				     : book_open(k, c);
}


static bool before(const struct book_call *a, const struct book_call *b)
{
	return a->place && b->place && a->place < b->place;
}


static void judge_other(struct check *k, const struct book_call *c,
			const struct book_call *other)
{
	const bool due = book_is_due(c->state);
	const bool other_due = book_is_due(other->state);

	if (c->n_rings && !other->n_rings && !other_due)
		check_broken(k, CHECK_SPREAD, "call %" PRIu64
			     " is given one more ring, call %" PRIu64
			     " has none", c->call, other->call);
	if (due && !other_due && !other->n_rings && k->last_was_due)
		check_broken(k, CHECK_STARVE, "ring-back %" PRIu64
			     " follows a ring-back, and call %" PRIu64
			     " waits", c->call, other->call);
	if (!before(other, c) || (other->n_rings && !c->n_rings))
		return;
	if (other_due && !other->n_rings &&
	    (k->last_was_due || n_under_way(k) >= k->settings.dials_at_once))
		return;
	if (!other->n_rings || c->n_rings)
		check_broken(k, CHECK_ORDER, "call %" PRIu64
			     " is offered, but call %" PRIu64
			     " waits longer", c->call, other->call);
}


/* so many of the languages that any line offers */
static unsigned n_tongues(const struct check *k, const struct book_person *p)
{
	uint32_t offered = 0;

	for (uint32_t i = 0; i < k->settings.n_lines; i++) {
		const struct core_line *l = &k->settings.lines[i];

		for (uint8_t j = 0; j < l->n_languages; j++)
			offered |= 1u << l->languages[j];
	}

	return (unsigned)__builtin_popcount(p->languages & offered);
}


static uint32_t turns(const struct check *k, uint32_t id)
{
	return id - k->last_rung - 1;
}


/* Of two who can do as much else: whose turn it is, or who is free longest. */
static void judge_two(struct check *k, const struct book_person *p,
		      const struct book_person *other)
{
	const bool in_turn = k->settings.strategy == STRATEGY_ROUND_ROBIN;

	if (in_turn && k->last_rung && turns(k, other->id) < turns(k, p->id))
		check_broken(k, CHECK_TURN, "counsellor %" PRIu32
			     " is rung, but it is the turn of %" PRIu32,
			     p->id, other->id);
	if (!in_turn &&
	    (!p->free_since || other->free_since < p->free_since))
		check_broken(k, CHECK_IDLE, "counsellor %" PRIu32
			     " is rung, but %" PRIu32 " is free longer",
			     p->id, other->id);
}


/* Somebody who became free in this very step comes after all others. */
static void judge_whom(struct check *k, const struct book_call *c,
		       const struct book_person *p)
{
	for (size_t i = 0; i < k->n_people; i++) {
		const struct book_person *other = &k->people[i];

		if (other == p || !other->on || other->offer ||
		    !other->free_since || !book_can_take(k, other, c) ||
		    circle_of(k, other, c) > circle_of(k, p, c))
			continue;
		if (n_tongues(k, other) < n_tongues(k, p))
			check_broken(k, CHECK_LEAST, "counsellor %" PRIu32
				     " is rung, but %" PRIu32
				     " can do less else", p->id, other->id);
		if (n_tongues(k, other) == n_tongues(k, p))
			judge_two(k, p, other);
	}
}


static void judge_ring_back(struct check *k, const struct book_call *c)
{
	if (!c->n_rings && n_under_way(k) > k->settings.dials_at_once)
		check_broken(k, CHECK_STARVE, "%" PRIu32
			     " ring-backs are under way at one time",
			     n_under_way(k));
	/* unless the core is just looking at all of them, one each tick */
	if (core_deadline(k->core) > k->now &&
	    held_back(k, c, book_unix(k)) && held_back(k, c, k->unix_told))
		check_broken(k, CHECK_TWICE, "call %" PRIu64
			     " is to be rung back, but is held back",
			     c->call);
}


void judge_order(struct check *k, const struct book_call *c,
		 const struct book_person *p)
{
	const bool due = book_is_due(c->state);
	const struct book_call *other;

	if (!book_of_line(p, c))
		check_broken(k, CHECK_LINES, "counsellor %" PRIu32
			     " is rung for line %u, which is not theirs",
			     p->id, c->line);
	else if (!book_can_take(k, p, c))
		check_broken(k, CHECK_SKILLS, "counsellor %" PRIu32
			     " cannot take call %" PRIu64, p->id, c->call);
	if (c->n_rings >= max_rings(k))
		check_broken(k, CHECK_AT_ONCE, "%" PRIu32
			     " phones ring for call %" PRIu64 " already",
			     c->n_rings, c->call);
	TAILQ_FOREACH(other, &k->queue, queued) {
		if (other != c && wanted(k, other, p))
			judge_other(k, c, other);
	}
	judge_reserved(k, c, p);
	if (!reserved_for(k, c)) {
		judge_circle(k, c, p);
		judge_whom(k, c, p);
	}
	if (due)
		judge_ring_back(k, c);
	k->last_was_due = due;
}


/* --- nobody sits idle ---------------------------------------------------- */

static bool is_free(const struct check *k, const struct book_person *p)
{
	if (!p->on || p->offer)
		return false;

	return !p->pause_until ||
	       k->now > p->pause_until + CHECK_TICK_LATE_MS;
}


/* Live callers: at once. Of ring-backs see judge_promises_minute(). */
static void judge_waiting(struct check *k, const struct book_call *c)
{
	for (size_t i = 0; i < k->n_people; i++) {
		const struct book_person *p = &k->people[i];

		if (is_free(k, p) && wanted(k, c, p))
			check_broken(k, CHECK_WORK, "counsellor %" PRIu32
				     " is free while call %" PRIu64
				     " waits with %" PRIu32 " rings", p->id,
				     c->call, c->n_rings);
	}
}


/* Of other ring-backs see judge_promises_minute(). */
static void judge_own(struct check *k, const struct book_call *c)
{
	const struct book_person *p =
		book_find_person(k, reserved_for(k, c));

	if (p && is_free(k, p) && wanted(k, c, p) &&
	    n_under_way(k) < k->settings.dials_at_once)
		check_broken(k, CHECK_RESERVED, "counsellor %" PRIu32
			     " has asked to ring call %" PRIu64
			     " back, is free, and is not rung", p->id, c->call);
}


static bool somebody_free(const struct check *k)
{
	for (size_t i = 0; i < k->n_people; i++) {
		if (is_free(k, &k->people[i]))
			return true;
	}

	return false;
}


void judge_work(struct check *k)
{
	const struct book_call *c;

	if (TAILQ_EMPTY(&k->queue) || !somebody_free(k) ||
	    core_deadline(k->core) <= k->now)
		return; /* more is to be done in this moment */

	TAILQ_FOREACH(c, &k->queue, queued) {
		if (book_is_due(c->state))
			judge_own(k, c);
		else
			judge_waiting(k, c);
	}
}
