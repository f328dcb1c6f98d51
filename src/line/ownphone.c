/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ownphone.c  A ring at a counsellor's telephone, until it has accepted and
 * after. Must not know calls or people, nor repeat what was pressed.
 */
#include "cause.h"
#include "ownphone.h"


enum ownphone_state {
	OWNPHONE_RINGING = 0, /**< picking up accepts                    */
	OWNPHONE_RINGING_ASKS, /**< picking up is not enough             */
	OWNPHONE_ASKING,      /**< picked up; hears the question         */
	OWNPHONE_TALKING,     /**< accepted                              */
	OWNPHONE_ENDING,      /**< legs say good-bye                     */
	OWNPHONE_GONE,
	OWNPHONE_STATES
};

enum ownphone_event {
	OWNPHONE_EV_PICKED_UP = 0,
	OWNPHONE_EV_KEY,
	OWNPHONE_EV_TIME,     /**< no key was pressed                    */
	OWNPHONE_EV_REFUSED,  /**< they said no: at one place is enough  */
	OWNPHONE_EV_HUNG_UP,  /**< who picked up is gone                 */
	OWNPHONE_EV_EMPTY,    /**< no leg is left                        */
	OWNPHONE_EV_END,      /**< we want it over                       */
	OWNPHONE_EVENTS
};

/* one telephone that rings */
struct place {
	struct ownphone *phone; /* borrow: it has us */
	struct leg *leg;        /* NULL: over */
};

struct ownphone {
	struct place place[OWNPHONE_PLACES];
	struct place *taken; /* who picked up */
	struct sound *sound; /* borrow */
	const char *language; /* borrow */
	struct step_trace trace;
	struct tmr tmr;
	ownphone_news_h *h;
	void *arg;
	uint64_t id;
	enum core_cause cause; /* the best that became of a place */
	uint8_t state;
};


static void move(struct ownphone *o, enum ownphone_event event,
		 enum core_cause cause)
{
	(void)step(&ownphone_machine, &o->state, o->id, event, &o->trace, o,
		   &cause);
}


static void ownphone_destructor(void *data)
{
	struct ownphone *o = data;

	tmr_cancel(&o->tmr);
	for (size_t i = 0; i < OWNPHONE_PLACES; i++)
		mem_deref(o->place[i].leg);
}


static bool is_empty(const struct ownphone *o)
{
	for (size_t i = 0; i < OWNPHONE_PLACES; i++) {
		if (o->place[i].leg)
			return false;
	}

	return true;
}


/* all but one; the end of each may be the end of us: the caller holds on */
static void legs_end(struct ownphone *o, const struct place *but,
		     enum core_cause cause)
{
	for (size_t i = 0; i < OWNPHONE_PLACES; i++) {
		if (&o->place[i] != but && o->place[i].leg)
			leg_end(o->place[i].leg, cause);
	}
}


/* ---- the machine --------------------------------------------------------- */

static void too_late(void *arg)
{
	struct ownphone *o = arg;

	mem_ref(o);
	move(o, OWNPHONE_EV_TIME, CAUSE_NO_ANSWER);
	mem_deref(o);
}


static void question_play(const struct ownphone *o)
{
	const struct sound_list question = {
		.language = o->language,
		.v = {{.name = prompt_name(PROMPT_OWN_PHONE)}},
		.n = 1,
		.loop = true,
	};

	sound_play(o->sound, ownphone_leg(o), &question);
}


static void ask(void *obj, void *arg)
{
	struct ownphone *o = obj;
	(void)arg;

	question_play(o);
	tmr_start(&o->tmr, OWNPHONE_KEY_MS, too_late, o);
	legs_end(o, o->taken, CAUSE_HUNG_UP);
}


static void accepted(void *obj, void *arg)
{
	struct ownphone *o = obj;
	(void)arg;

	tmr_cancel(&o->tmr);
	legs_end(o, o->taken, CAUSE_HUNG_UP);
	o->h(OWNPHONE_ACCEPTED, CAUSE_NONE, o->arg);
}


static void leave(void *obj, void *arg)
{
	const enum core_cause *cause = arg;
	struct ownphone *o = obj;

	tmr_cancel(&o->tmr);
	o->cause = *cause;
	if (!is_empty(o))
		o->h(OWNPHONE_LEFT, o->cause, o->arg);
	legs_end(o, NULL, *cause);
}


static void over(void *obj, void *arg)
{
	struct ownphone *o = obj;
	(void)arg;

	tmr_cancel(&o->tmr);
	o->h(OWNPHONE_OVER, o->cause, o->arg);
}


#define S(name) OWNPHONE_##name
#define E(name) OWNPHONE_EV_##name

static const struct step_rule rules[] = {
	{S(RINGING),      E(PICKED_UP), accepted, S(TALKING)},
	{S(RINGING),      E(REFUSED),   leave,    S(ENDING)},
	{S(RINGING),      E(EMPTY),     over,     S(GONE)},
	{S(RINGING),      E(END),       leave,    S(ENDING)},

	{S(RINGING_ASKS), E(PICKED_UP), ask,      S(ASKING)},
	{S(RINGING_ASKS), E(REFUSED),   leave,    S(ENDING)},
	{S(RINGING_ASKS), E(EMPTY),     over,     S(GONE)},
	{S(RINGING_ASKS), E(END),       leave,    S(ENDING)},

	{S(ASKING),       E(KEY),       accepted, S(TALKING)},
	{S(ASKING),       E(TIME),      leave,    S(ENDING)},
	/* who hangs up on the question says no */
	{S(ASKING),       E(HUNG_UP),   leave,    S(ENDING)},
	{S(ASKING),       E(END),       leave,    S(ENDING)},

	{S(TALKING),      E(HUNG_UP),   leave,    S(ENDING)},
	{S(TALKING),      E(END),       leave,    S(ENDING)},

	{S(ENDING),       E(EMPTY),     over,     S(GONE)},
	{S(ENDING),       E(END),       NULL,     S(ENDING)},

	{S(GONE),         E(END),       NULL,     S(GONE)},
};

static const char *const states[] = {
	[OWNPHONE_RINGING] = "RINGING",
	[OWNPHONE_RINGING_ASKS] = "RINGING_ASKS",
	[OWNPHONE_ASKING] = "ASKING", [OWNPHONE_TALKING] = "TALKING",
	[OWNPHONE_ENDING] = "ENDING", [OWNPHONE_GONE] = "GONE",
};

static const char *const events[] = {
	[OWNPHONE_EV_PICKED_UP] = "picked_up", [OWNPHONE_EV_KEY] = "key",
	[OWNPHONE_EV_TIME] = "time", [OWNPHONE_EV_REFUSED] = "refused",
	[OWNPHONE_EV_HUNG_UP] = "hung_up", [OWNPHONE_EV_EMPTY] = "empty",
	[OWNPHONE_EV_END] = "end",
};

const struct step_machine ownphone_machine = {
	.noun = "ownphone",
	.states = states, .n_states = OWNPHONE_STATES,
	.events = events, .n_events = OWNPHONE_EVENTS,
	.rules = rules, .n_rules = STEP_COUNT(rules),
};


static bool expects(const struct ownphone *o, enum ownphone_event event)
{
	return step_find(&ownphone_machine, o->state, event) != NULL;
}


/* ---- legs ---------------------------------------------------------------- */

static void picked_up(struct place *p)
{
	struct ownphone *o = p->phone;

	/* the other place picked up in the same moment, or we gave up */
	if (!expects(o, OWNPHONE_EV_PICKED_UP)) {
		leg_end(p->leg, CAUSE_HUNG_UP);
		return;
	}
	o->taken = p;
	move(o, OWNPHONE_EV_PICKED_UP, CAUSE_NONE);
}


/* what the end of a leg says about a ring that is not accepted */
static enum core_cause cause_of(const struct ownphone *o,
				enum core_cause cause)
{
	return o->state == OWNPHONE_ASKING && cause == CAUSE_HUNG_UP
		       ? CAUSE_DECLINED
		       : cause;
}


static void leg_over(struct place *p, enum core_cause cause)
{
	struct ownphone *o = p->phone;
	const bool was_taken = p == o->taken;

	p->leg = mem_deref(p->leg);
	if (was_taken && expects(o, OWNPHONE_EV_HUNG_UP))
		move(o, OWNPHONE_EV_HUNG_UP, cause_of(o, cause));
	else if (cause == CAUSE_DECLINED && expects(o, OWNPHONE_EV_REFUSED))
		move(o, OWNPHONE_EV_REFUSED, cause);
	else if (o->state == OWNPHONE_RINGING ||
		 o->state == OWNPHONE_RINGING_ASKS)
		o->cause = cause_better(o->cause, cause);

	if (is_empty(o))
		move(o, OWNPHONE_EV_EMPTY, CAUSE_NONE);
}


static void back(const struct ownphone *o)
{
	if (o->state == OWNPHONE_ASKING)
		question_play(o);
	else if (o->state == OWNPHONE_TALKING)
		o->h(OWNPHONE_MOVED, CAUSE_NONE, o->arg);
}


static void leg_told(struct leg *leg, enum leg_news news,
		     enum core_cause cause, void *arg)
{
	struct place *p = arg;
	struct ownphone *o = p->phone;
	(void)leg;

	mem_ref(o);
	if (news == LEG_ACCEPTED)
		picked_up(p);
	else if (news == LEG_MOVED)
		back(o);
	else if (news == LEG_OVER)
		leg_over(p, cause);
	mem_deref(o);
}


static struct ownphone *make(const struct ownphone_ring *ring,
			     ownphone_news_h *h, void *arg)
{
	struct ownphone *o = mem_zalloc(sizeof(*o), ownphone_destructor);

	if (!o)
		return NULL;
	o->sound = ring->sound;
	o->language = ring->language;
	o->trace = ring->trace;
	o->id = ring->id;
	o->state = ring->asks ? OWNPHONE_RINGING_ASKS : OWNPHONE_RINGING;
	o->h = h;
	o->arg = arg;

	return o;
}


int ownphone_restore(struct ownphone **op, const struct ownphone_ring *ring,
		     uint64_t leg, const struct kept *k, ownphone_news_h *h,
		     void *arg)
{
	struct ownphone *o;
	struct place *p;
	int err;

	if (!op || !ring || !k || !h)
		return EINVAL;

	o = make(ring, h, arg);
	if (!o)
		return ENOMEM;
	p = &o->place[0];
	p->phone = o;
	o->taken = p;
	o->state = OWNPHONE_TALKING;
	err = leg_restore(&p->leg, ring->legs, leg, k, leg_told, p);
	if (err)
		mem_deref(o);
	else
		*op = o;

	return err;
}


int ownphone_alloc(struct ownphone **op, const struct ownphone_ring *ring,
		   ownphone_news_h *h, void *arg)
{
	struct ownphone *o;
	int err = ENOENT;

	if (!op || !ring || !h || ring->n_places > OWNPHONE_PLACES)
		return EINVAL;

	o = make(ring, h, arg);
	if (!o)
		return ENOMEM;
	for (size_t i = 0; i < ring->n_places; i++) {
		struct place *p = &o->place[i];
		struct leg_ring how = ring->place[i];

		p->phone = o;
		if (!how.near)
			how.near = ownphone_any(o);
		err = leg_alloc_out(&p->leg, ring->legs, &how, leg_told, p);
		if (p->leg)
			leg_owner_set(p->leg, &ring->owner);
	}

	if (is_empty(o)) {
		mem_deref(o);
		return err;
	}
	*op = o;

	return 0;
}


bool ownphone_key(struct ownphone *o, uint64_t leg, uint8_t key)
{
	enum { KEYS = 12 }; /* A to D are on no telephone that people have */

	if (!leg || ownphone_leg(o) != leg)
		return false;

	/* later keys are for whoever they talk with */
	if (key < KEYS && expects(o, OWNPHONE_EV_KEY)) {
		mem_ref(o);
		move(o, OWNPHONE_EV_KEY, CAUSE_NONE);
		mem_deref(o);
	}

	return true;
}


void ownphone_end(struct ownphone *o, enum core_cause cause)
{
	if (!o)
		return;

	mem_ref(o);
	move(o, OWNPHONE_EV_END, cause);
	mem_deref(o);
}


uint64_t ownphone_move(struct ownphone *o, uint32_t process, uint64_t near)
{
	for (size_t i = 0; o && i < OWNPHONE_PLACES; i++) {
		struct leg *leg = o->place[i].leg;

		if (!sound_is_in(o->sound, leg_sound(leg), process))
			continue;
		leg_move(leg, near);
		near = near ? near : leg_sound(leg);
	}

	return near;
}


bool ownphone_is_moving(const struct ownphone *o)
{
	return o && o->taken && leg_is_moving(o->taken->leg);
}


uint64_t ownphone_any(const struct ownphone *o)
{
	for (size_t i = 0; o && i < OWNPHONE_PLACES; i++) {
		if (o->place[i].leg)
			return leg_sound(o->place[i].leg);
	}

	return 0;
}


uint64_t ownphone_leg(const struct ownphone *o)
{
	return o && o->taken ? leg_sound(o->taken->leg) : 0;
}
