/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * alloc.c  The queue, and who is rung for whom (the rule is in alloc.h).
 *
 * Must not move the machines in any other way than offer().
 */
#include "plant.h"
#include "priv.h"
#include "staff.h"


struct strategy {
	/* rings that one call may have at once */
	uint32_t (*max_rings)(const struct core *core);
	/* of two who are free: is the first to be rung before the second,
	   who has been free for longer? */
	bool (*before)(const struct core *core, const struct person *p,
		       const struct person *longer);
};

/* who would be rung for whom next */
struct match {
	struct call *call;
	struct person *person;
};


static uint32_t as_set(const struct core *core)
{
	const uint32_t n = core->settings.ring_at_once;

	return n ? n : LIMIT_RING_AT_ONCE;
}


static uint32_t one(const struct core *core)
{
	(void)core;

	return 1;
}


static bool free_longest(const struct core *core, const struct person *p,
			 const struct person *longer)
{
	(void)core;
	(void)p;
	(void)longer;

	return false;
}


/* Numbers stay the same from one start to the next, other than places. */
static bool next_in_turn(const struct core *core, const struct person *p,
			 const struct person *longer)
{
	const bool p_had = p->id <= core->last_rung;
	const bool other_had = longer->id <= core->last_rung;

	return p_had == other_had ? p->id < longer->id : other_had;
}


static const struct strategy strategies[STRATEGIES] = {
	[STRATEGY_ALL] = {as_set, free_longest},
	[STRATEGY_LONGEST_IDLE] = {one, free_longest},
	[STRATEGY_ROUND_ROBIN] = {one, next_in_turn},
	[STRATEGY_TIERS] = {as_set, free_longest},
};


static const struct strategy *strategy(const struct core *core)
{
	return &strategies[core->settings.strategy];
}


/* ---- the queue ---------------------------------------------------------- */

void lanes_init(struct lanes *lanes)
{
	TAILQ_INIT(&lanes->used);
	for (int i = 0; i < LIMIT_LINES; i++) {
		for (int k = 0; k < LIMIT_TONGUES; k++) {
			struct lane *lane = &lanes->v[i][k];

			for (int q = 0; q < LANE_QUEUES; q++)
				TAILQ_INIT(&lane->queues[q]);
			TAILQ_INIT(&lane->line_up);
		}
	}
}


static bool before(const struct call *a, const struct call *b)
{
	return a->place == b->place ? a->record.call < b->record.call
				    : a->place < b->place;
}


/*
 * A call that comes back from an offer is near the head of the queue, a new
 * one near its tail: look at both ends first.
 */
#define INSERT(q, c, field)                                            \
	do {                                                           \
		struct call *at_ = TAILQ_FIRST(q);                     \
		if (!at_ || before(c, at_)) {                          \
			TAILQ_INSERT_HEAD(q, c, field);                \
			break;                                         \
		}                                                      \
		at_ = TAILQ_LAST(q, call_list);                        \
		while (before(c, at_))                                 \
			at_ = TAILQ_PREV(at_, call_list, field);       \
		TAILQ_INSERT_AFTER(q, at_, c, field);                  \
	} while (0)


static void enter(struct core *core, struct lane *lane, struct call *c,
		  struct call_list *q)
{
	INSERT(q, c, queued);
	c->queue = q;
	c->lane = lane;
	if (!lane->n_queued++)
		TAILQ_INSERT_TAIL(&core->lanes.used, lane, used);
}


static void leave(struct core *core, struct call *c)
{
	if (!c->queue)
		return;

	TAILQ_REMOVE(c->queue, c, queued);
	if (!--c->lane->n_queued)
		TAILQ_REMOVE(&core->lanes.used, c->lane, used);
	c->queue = NULL;
	c->lane = NULL;
}


static void leave_line_up(struct call *c)
{
	if (c->line_up)
		TAILQ_REMOVE(&c->line_up->line_up, c, lined);
	c->line_up = NULL;
}


static void enter_line_up(struct lane *lane, struct call *c)
{
	if (c->line_up == lane)
		return;

	leave_line_up(c);
	INSERT(&lane->line_up, c, lined);
	c->line_up = lane;
}


/* where a call with so many rings belongs; NULL if it has enough */
static struct call_list *queue_for(struct core *core, struct lane *lane,
				   const struct call *c)
{
	const bool due = call_ringing_back(c);

	if (!c->n_ringing)
		return &lane->queues[due ? QUEUE_DUE : QUEUE_LIVE];
	if (PLANTED_BUG(PLANT_NOT_RUNG_TOO))
		return NULL;

	return c->n_ringing < strategy(core)->max_rings(core) +
				      PLANTED_BUG(PLANT_ONE_TOO_MANY)
		       ? &lane->queues[due ? QUEUE_DUE_RUNG : QUEUE_LIVE_RUNG]
		       : NULL;
}


void alloc_place(struct turn *t, struct call *c)
{
	struct lane *lane =
		&t->core->lanes.v[c->record.line][c->record.language];
	struct call_list *q = queue_for(t->core, lane, c);

	if (!call_ringing_back(c))
		enter_line_up(lane, c);
	if (q == c->queue)
		return;

	leave(t->core, c);
	if (q)
		enter(t->core, lane, c, q);
}


void alloc_remove(struct turn *t, struct call *c)
{
	leave(t->core, c);
	leave_line_up(c);
}


uint32_t alloc_position(const struct core *core, const struct call *c)
{
	const struct lane *lane =
		&core->lanes.v[c->record.line][c->record.language];
	const struct call *other;
	uint32_t n = 1;

	TAILQ_FOREACH(other, &lane->line_up, lined) {
		if (other == c || n == ALLOC_FAR)
			break;
		n += before(other, c);
	}

	return n;
}


/* ---- who is rung for whom ----------------------------------------------- */

/* of the languages that anybody asks for */
static uint32_t n_languages(const struct core *core, const struct person *p)
{
	return (uint32_t)__builtin_popcount(p->languages & core->offered);
}


static bool rung_before(const struct core *core, const struct person *p,
			const struct person *longer)
{
	const uint32_t n = n_languages(core, p);
	const uint32_t m = n_languages(core, longer);

	return n == m ? strategy(core)->before(core, p, longer) : n < m;
}


static struct person *pick_person(const struct core *core,
				  const struct call *c)
{
	struct person *best = NULL, *p;

	TAILQ_FOREACH(p, &core->free, free) {
		if (!staff_rung_for(core, p, c))
			continue;
		if (!best || rung_before(core, p, best))
			best = p;
	}

	return best;
}


/* The first call of a queue whom somebody can take; behind one whom nobody
 * can, only a wider circle helps, or that one is reserved for somebody. */
static bool pick_in(const struct core *core, struct call_list *q,
		    struct match *m)
{
	int tried = -1;

	for (struct call *c = TAILQ_FIRST(q); c && tried < CIRCLE_ALL;
	     c = TAILQ_NEXT(c, queued)) {
		if (c->circle <= tried && !c->reserved)
			continue;

		m->person = pick_person(core, c);
		m->call = c;
		if (m->person)
			return true;
		if (!c->reserved)
			tried = c->circle;
	}

	return false;
}


static bool lane_open(const struct core *core, const struct lane *lane,
		      enum lane_queue q)
{
	const uint16_t line = (uint16_t)((lane - &core->lanes.v[0][0]) /
					 LIMIT_TONGUES);

	return q == QUEUE_LIVE || q == QUEUE_LIVE_RUNG
		       ? staff_open(core, line)
		       : !core->closed[line];
}


/* The longest waiting call in these queues whom somebody can take. */
static bool pick(const struct core *core, unsigned queues, struct match *best)
{
	const bool newest = PLANTED_BUG(PLANT_NEWEST_FIRST);
	struct lane *lane;
	struct match m;

	best->call = NULL;
	TAILQ_FOREACH(lane, &core->lanes.used, used) {
		for (int q = 0; q < LANE_QUEUES; q++) {
			if (!(queues & 1U << q) || !lane_open(core, lane, q) ||
			    !pick_in(core, &lane->queues[q], &m))
				continue;
			if (newest)
				m.call = TAILQ_LAST(&lane->queues[q],
						    call_list);
			if (!best->call || before(m.call, best->call) != newest)
				*best = m;
		}
	}

	return best->call != NULL;
}


/* May one more ring-back be begun? */
static bool may_dial(const struct core *core)
{
	const uint32_t max = core->settings.dials_at_once;
	size_t n = 0;

	for (int s = CALL_DUE_OFFERED; s <= CALL_HANGING_UP; s++)
		n += core->n_calls[s];

	return n < (max ? max : 1);
}


static bool next_match(const struct core *core, struct match *m)
{
	const unsigned live = 1U << QUEUE_LIVE;
	const unsigned due = may_dial(core) ? 1U << QUEUE_DUE : 0;
	const unsigned rung = 1U << QUEUE_LIVE_RUNG | 1U << QUEUE_DUE_RUNG;

	if (TAILQ_EMPTY(&core->free) || TAILQ_EMPTY(&core->lanes.used))
		return false;
	if (PLANTED_BUG(PLANT_LIVE_STARVED) &&
	    pick(core, 1U << QUEUE_DUE | 1U << QUEUE_DUE_RUNG, m))
		return true;
	if (PLANTED_BUG(PLANT_REST_FIRST) && pick(core, rung, m))
		return true;
	if (core->rung_back && pick(core, live, m))
		return true;

	return pick(core, live | due, m) || pick(core, rung, m);
}


static void offer(struct turn *t, struct call *c, struct person *p)
{
	p->offer = person_next_offer(t->core, p);
	if (!PLANTED_BUG(PLANT_ALWAYS_FIRST))
		t->core->last_rung = p->id;
	t->core->rung_back = call_ringing_back(c);
	call_offer(c, p, t);
	person_drive(p, PERSON_EV_OFFER, t);
}


/*
 * Makes TURN_OFFERS at most: one event brings at most one call into the queue,
 * takes at most one ring from a call that stays there, and brings at most one
 * counsellor into FREE, and so there is rarely more to do. When a line opens,
 * or a counsellor has learnt a language, there may be: then a TICK goes on.
 */
void alloc_run(struct turn *t)
{
	struct match m;

	t->core->unfinished = false;
	for (int i = 0; i < TURN_OFFERS; i++) {
		if (!next_match(t->core, &m))
			return;
		offer(t, m.call, m.person);
	}

	t->core->unfinished = next_match(t->core, &m);
}
