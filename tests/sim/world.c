/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * world.c  What people, phones, the store and the shell do.
 *
 * The world keeps the contract of core.h (no talk is reported over before it
 * began; every withdrawn offer is reported over, once) and nothing beyond it.
 * Must not look into the core, nor judge it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agenda.h"
#include "rng.h"
#include "trace.h"
#include "world.h"


enum {
	FIRST_CALL = 1000,
	ID_STEP = 37, /* ids of counsellors are no small numbers */
	STEPS_PER_CALL = 2000, /* more than that: it does not end */
};

/* A caller's end of the call. */
struct caller {
	uint64_t call; /* 0: empty slot */
	bool up;       /* on the line; if not, nobody tells of them again */
	bool talking;
};

enum phone {
	PHONE_DOWN = 0,
	PHONE_RINGS,
	PHONE_UP,
};

/* The leg to a counsellor's phone, until the core knows it is over. */
struct leg {
	uint64_t offer;
	uint64_t call;
	enum phone phone;
	bool withdrawn;
	bool quiet;      /* the shell ends it itself: no word of the accept */
	bool accepted;   /* reported */
	bool ending;     /* its last news are on the way */
	uint64_t news_at; /* news of one leg do not overtake each other */
};

struct counsellor {
	uint32_t id;
	uint32_t wrap_up_ms;
	uint32_t eager; /* per mille of rings picked up */
	bool on;
	struct leg leg;
};

struct world {
	const struct world_plan *plan;
	struct rng rng;
	struct agenda agenda;
	struct core *core;
	struct check *check;
	FILE *trace;
	struct world_report *report;
	uint64_t now;
	uint64_t n_dialled;
	uint64_t deadline; /* the core's, when last asked */
	uint64_t tick_at;
	struct caller callers[LIMIT_CALLS];
	struct counsellor *people;
	struct core_record *rows; /* the store: by number from FIRST_CALL */
	size_t n_rows;
};


/* --- time and news ------------------------------------------------------- */

static uint32_t delay(struct world *w)
{
	const uint32_t max = w->plan->delay_ms;

	/* now and then something takes very long */
	return rng_below(&w->rng, rng_chance(&w->rng, 20) ? 20 * max : max);
}


static void later(struct world *w, uint64_t ms, struct agenda_item item)
{
	item.when = w->now + ms;
	agenda_add(&w->agenda, &item);
}


/* One die at most among the arguments of LATER and NEWS: the order in which
 * arguments are thrown is the compiler's, and a seed must replay anywhere. */
/* when is drawn first: C does not say which argument comes first, but a seed
 * must replay the same with every compiler */
#define LATER(w, ms, ...)                                                     \
	do {                                                                  \
		const uint64_t at_ = (ms);                                    \
		later((w), at_, (struct agenda_item){__VA_ARGS__});           \
	} while (0)


static void news(struct world *w, uint64_t ms, struct core_event ev)
{
	LATER(w, ms, .what = SIM_NEWS, .news = ev);
}


#define NEWS(w, ms, ...)                                                      \
	do {                                                                  \
		const uint64_t at_ = (ms);                                    \
		news((w), at_, (struct core_event){__VA_ARGS__});             \
	} while (0)


static struct caller *find_caller(struct world *w, uint64_t call)
{
	struct caller *c = &w->callers[call % LIMIT_CALLS];

	return call && c->call == call ? c : NULL;
}


static struct counsellor *find_leg(struct world *w, uint64_t offer)
{
	for (uint32_t i = 0; offer && i < w->plan->n_people; i++) {
		if (w->people[i].leg.offer == offer)
			return &w->people[i];
	}

	return NULL;
}


static void leg_news(struct world *w, struct leg *leg,
		     enum core_event_type type, enum core_cause cause)
{
	uint64_t at = w->now + delay(w);

	if (at < leg->news_at)
		at = leg->news_at;
	leg->news_at = at;
	NEWS(w, at - w->now, .type = type, .offer = leg->offer,
	     .cause = cause);
}


/* The last word on a leg. A shell in trouble may use either. */
static void leg_over(struct world *w, struct leg *leg,
		     enum core_event_type type, enum core_cause cause)
{
	leg->phone = PHONE_DOWN;
	if (leg->ending)
		return;

	leg->ending = true;
	if (rng_chance(&w->rng, 20))
		type = type == CORE_PERSON_GONE ? CORE_NOT_ACCEPTED
						: CORE_PERSON_GONE;
	leg_news(w, leg, type, cause);
}


/* --- what the core asks for ---------------------------------------------- */

static void put_row(struct world *w, const struct core_record *r)
{
	const size_t i = r->call - FIRST_CALL;

	if (i >= w->n_rows) {
		const size_t n = 2 * i + 64;

		w->rows = realloc(w->rows, n * sizeof(w->rows[0]));
		if (!w->rows)
			abort();
		memset(&w->rows[w->n_rows], 0,
		       (n - w->n_rows) * sizeof(w->rows[0]));
		w->n_rows = n;
	}
	w->rows[i] = *r;
}


static void do_record(struct world *w, const struct core_action *a)
{
	const bool fails = rng_chance(&w->rng, w->plan->store_fails);
	uint32_t ms = delay(w);

	if (rng_chance(&w->rng, 30))
		ms += rng_below(&w->rng, 8000);
	put_row(w, &a->record);
	NEWS(w, ms, .type = fails ? CORE_NOT_RECORDED : CORE_RECORDED,
	     .call = a->record.call);
}


static void do_update(struct world *w, const struct core_action *a)
{
	put_row(w, &a->record);
}


/* Some hang up just when something is done for them. */
static void perhaps_hangs_up(struct world *w, uint64_t call)
{
	if (rng_chance(&w->rng, 30))
		LATER(w, delay(w), .what = SIM_CALLER_HANGS_UP, .call = call);
}


static void do_answer(struct world *w, const struct core_action *a)
{
	struct caller *c = find_caller(w, a->call);

	if (rng_chance(&w->rng, 20)) {
		const enum core_cause cause = rng_chance(&w->rng, 500)
						      ? CAUSE_NO_CODEC
						      : CAUSE_NETWORK;

		if (c)
			c->up = false;
		NEWS(w, delay(w), .type = CORE_NOT_ANSWERED, .call = a->call,
		     .cause = cause);
		return;
	}
	NEWS(w, delay(w), .type = CORE_ANSWERED, .call = a->call);
	perhaps_hangs_up(w, a->call);
}


static void do_end_caller(struct world *w, const struct core_action *a)
{
	struct caller *c = find_caller(w, a->call);

	if (c)
		c->up = false;
}


static void do_greet(struct world *w, const struct core_action *a)
{
	perhaps_hangs_up(w, a->call);
}


/* Some press the duty button while their phone is busy with us. */
static void perhaps_fidgets(struct world *w, const struct counsellor *p)
{
	while (rng_chance(&w->rng, 80)) {
		const bool on = rng_chance(&w->rng, 500);

		NEWS(w, delay(w),
		     .type = on ? CORE_PERSON_ON : CORE_PERSON_OFF,
		     .person = p->id);
	}
}


static void phone_refuses(struct world *w, const struct counsellor *p)
{
	static const struct {
		enum core_cause cause;
		uint32_t within_ms;
	} ways[] = {
		{CAUSE_DECLINED, 15000}, {CAUSE_BUSY, 500},
		{CAUSE_NO_ANSWER, 25000}, {CAUSE_DEAD, 300},
		{CAUSE_NETWORK, 8000}, {CAUSE_NO_CODEC, 1000},
		{CAUSE_HOUSE, 10},
	};
	const size_t i = rng_below(&w->rng, STEP_COUNT(ways));

	LATER(w, rng_below(&w->rng, ways[i].within_ms),
	      .what = SIM_PHONE_REFUSES, .offer = p->leg.offer,
	      .cause = ways[i].cause);
}


static void do_offer(struct world *w, const struct core_action *a)
{
	struct counsellor *p = &w->people[a->person / ID_STEP - 1];
	const uint32_t ring_ms = w->plan->settings.ring_ms;
	const uint32_t dice = rng_below(&w->rng, 1000);

	++w->report->n_offers;
	p->leg = (struct leg){.offer = a->offer,
			      .call = a->call,
			      .phone = PHONE_RINGS};
	perhaps_hangs_up(w, a->call);
	perhaps_fidgets(w, p);

	if (dice < p->eager)
		LATER(w, rng_exponential(&w->rng, 4000),
		      .what = SIM_PHONE_ACCEPTS, .offer = a->offer);
	else if (dice < p->eager + 60) /* at the last moment, or just after */
		LATER(w, ring_ms - 200 + rng_below(&w->rng, 400),
		      .what = SIM_PHONE_ACCEPTS, .offer = a->offer);
	else if (dice < 900)
		phone_refuses(w, p);
	/* else nobody hears it ring */
}


static void do_withdraw(struct world *w, const struct core_action *a)
{
	struct counsellor *p = find_leg(w, a->offer);

	if (!p)
		return;

	perhaps_fidgets(w, p);
	p->leg.withdrawn = true;
	if (p->leg.phone == PHONE_UP && !p->leg.accepted)
		p->leg.quiet = rng_chance(&w->rng, 300);
	LATER(w, delay(w), .what = SIM_CANCEL_ARRIVES, .offer = a->offer);
}


static void do_connect(struct world *w, const struct core_action *a)
{
	const uint64_t ms = rng_exponential(&w->rng, w->plan->talk_ms);
	const uint32_t who = rng_below(&w->rng, 100);
	struct caller *c = find_caller(w, a->call);

	if (c)
		c->talking = true;
	if (who < 55) /* some: both at once */
		LATER(w, ms, .what = SIM_CALLER_HANGS_UP, .call = a->call);
	if (who >= 45)
		LATER(w, ms + rng_below(&w->rng, 100),
		      .what = SIM_PHONE_HANGS_UP, .offer = a->offer);
}


static void do_release(struct world *w, const struct core_action *a)
{
	const struct counsellor *p = find_leg(w, a->offer);

	if (p)
		perhaps_fidgets(w, p);
	LATER(w, delay(w), .what = SIM_BYE_ARRIVES, .offer = a->offer);
}


/* Most are told by somebody, and come back. */
static void do_off_duty(struct world *w, const struct core_action *a)
{
	struct counsellor *p = &w->people[a->person / ID_STEP - 1];

	++w->report->n_unreachable;
	if (rng_chance(&w->rng, 700))
		NEWS(w, rng_exponential(&w->rng, 60000),
		     .type = CORE_PERSON_ON, .person = p->id);
	else
		p->on = false;
}


typedef void(do_h)(struct world *w, const struct core_action *a);

static do_h *const does[CORE_ACTIONS] = {
	[CORE_RECORD] = do_record,
	[CORE_UPDATE] = do_update,
	[CORE_ANSWER] = do_answer,
	[CORE_REFUSE] = do_end_caller,
	[CORE_PLAY] = do_greet,
	[CORE_OFFER] = do_offer,
	[CORE_WITHDRAW] = do_withdraw,
	[CORE_CONNECT] = do_connect,
	[CORE_HANG_UP] = do_end_caller,
	[CORE_RELEASE] = do_release,
	[CORE_OFF_DUTY] = do_off_duty,
};


/* --- telling the core ---------------------------------------------------- */

static void count_rings(struct world *w, const struct core_actions *did)
{
	struct core_call_view v;

	for (size_t i = 0; i < did->n; i++) {
		if (did->v[i].type == CORE_OFFER &&
		    core_call(w->core, did->v[i].call, &v) &&
		    v.n_offers > w->report->n_most_rung)
			w->report->n_most_rung = v.n_offers;
	}
}


static void tell(struct world *w, const struct core_event *ev)
{
	struct core_actions did;
	int err;

	++w->report->n_steps;
	if (w->trace)
		trace_event(w->trace, w->report->n_steps, w->now, ev);

	check_event(w->check, ev, w->now);
	err = core_step(w->core, ev, w->now, &did);

	if (w->trace)
		trace_actions(w->trace, err, &did);
	if (err)
		++w->report->n_ignored;

	if (!check_step(w->check, err, &did))
		return;

	for (size_t i = 0; i < did.n; i++)
		does[did.v[i].type](w, &did.v[i]);
	count_rings(w, &did);
}


#define TELL(w, ...) tell((w), &(struct core_event){__VA_ARGS__})


/* --- what happens -------------------------------------------------------- */

static void new_caller(struct world *w, const struct agenda_item *item)
{
	const uint64_t call = core_next_call(w->core);
	struct core_event ev = {.type = CORE_ARRIVE, .call = call};

	(void)item;
	if (++w->n_dialled < w->plan->n_calls)
		LATER(w, rng_exponential(&w->rng, w->plan->arrival_ms),
		      .what = SIM_NEW_CALLER);
	if (!call)
		return; /* full: refused by the shell */

	++w->report->n_calls;
	w->callers[call % LIMIT_CALLS] =
		(struct caller){.call = call, .up = true};
	LATER(w, rng_exponential(&w->rng, rng_chance(&w->rng, 50)
						  ? 2000
						  : w->plan->patience_ms),
	      .what = SIM_CALLER_TIRES, .call = call);
	if (rng_chance(&w->rng, 30))
		LATER(w, rng_exponential(&w->rng, w->plan->patience_ms),
		      .what = SIM_HOUSE_CLOSES, .call = call);

	ev.line = (uint16_t)rng_below(&w->rng, LIMIT_LINES);
	tell(w, &ev);
}


static void caller_hangs_up(struct world *w, const struct agenda_item *item)
{
	struct caller *c = find_caller(w, item->call);
	enum core_cause cause = CAUSE_HUNG_UP;

	if (!c || !c->up)
		return;
	if (rng_chance(&w->rng, 30))
		cause = rng_chance(&w->rng, 500) ? CAUSE_RESTART
						 : CAUSE_NETWORK;
	c->up = false;
	NEWS(w, delay(w), .type = CORE_CALLER_GONE, .call = item->call,
	     .cause = cause);
}


static void house_closes(struct world *w, const struct agenda_item *item)
{
	NEWS(w, delay(w), .type = CORE_CLOSE, .call = item->call,
	     .cause = CAUSE_RESTART);
}


static void caller_tires(struct world *w, const struct agenda_item *item)
{
	const struct caller *c = find_caller(w, item->call);

	if (c && !c->talking)
		caller_hangs_up(w, item);
}


static void phone_accepts(struct world *w, const struct agenda_item *item)
{
	struct counsellor *p = find_leg(w, item->offer);

	if (!p || p->leg.phone != PHONE_RINGS)
		return;

	p->leg.phone = PHONE_UP;
	leg_news(w, &p->leg, CORE_ACCEPTED, CAUSE_NONE);
	if (rng_chance(&w->rng, 20)) /* by mistake */
		LATER(w, delay(w), .what = SIM_PHONE_HANGS_UP,
		      .offer = item->offer);
}


static void phone_refuses_now(struct world *w, const struct agenda_item *item)
{
	struct counsellor *p = find_leg(w, item->offer);

	if (p && p->leg.phone == PHONE_RINGS)
		leg_over(w, &p->leg, CORE_NOT_ACCEPTED, item->cause);
}


static void phone_hangs_up(struct world *w, const struct agenda_item *item)
{
	struct counsellor *p = find_leg(w, item->offer);

	if (p && p->leg.phone == PHONE_UP)
		leg_over(w, &p->leg, CORE_PERSON_GONE, CAUSE_HUNG_UP);
}


static void cancel_arrives(struct world *w, const struct agenda_item *item)
{
	struct counsellor *p = find_leg(w, item->offer);

	if (!p)
		return;
	if (p->leg.phone == PHONE_RINGS)
		leg_over(w, &p->leg, CORE_NOT_ACCEPTED, CAUSE_NO_ANSWER);
	else if (p->leg.quiet)
		leg_over(w, &p->leg, CORE_PERSON_GONE, CAUSE_HUNG_UP);
	/* else the accept is on its way, and a RELEASE will follow */
}


static void bye_arrives(struct world *w, const struct agenda_item *item)
{
	struct counsellor *p = find_leg(w, item->offer);

	if (p)
		leg_over(w, &p->leg, CORE_PERSON_GONE, CAUSE_HUNG_UP);
}


static void duty(struct world *w, const struct agenda_item *item)
{
	struct counsellor *p = &w->people[item->person];

	if (w->n_dialled >= w->plan->n_calls)
		return;

	p->on = !p->on;
	NEWS(w, delay(w), .type = p->on ? CORE_PERSON_ON : CORE_PERSON_OFF,
	     .person = p->id);
	if (rng_chance(&w->rng, 100)) {
		const uint32_t wrap_up_ms = rng_below(&w->rng, 60000);

		NEWS(w, delay(w), .type = CORE_PERSON, .person = p->id,
		     .wrap_up_ms = wrap_up_ms);
	}
	LATER(w, rng_exponential(&w->rng, w->plan->duty_ms), .what = SIM_DUTY,
	      .person = item->person);
}


/* Nonsense that changes nothing: strangers, and what came before. */
static void noise(struct world *w, const struct agenda_item *item)
{
	const enum core_event_type type = rng_below(&w->rng, CORE_EVENTS);
	struct core_event ev = {.type = type};

	(void)item;
	if (w->n_dialled >= w->plan->n_calls)
		return;

	LATER(w, rng_exponential(&w->rng, w->plan->arrival_ms),
	      .what = SIM_NOISE);
	if (type == CORE_PERSON)
		return;

	ev.call = w->n_dialled + FIRST_CALL + LIMIT_CALLS + 7;
	ev.offer = rng_bits(&w->rng) | 1;
	ev.person = rng_below(&w->rng, ID_STEP);
	tell(w, &ev);
}


/* A quiet leg is ended by the shell: it keeps the accept to itself. */
static bool is_kept_quiet(struct world *w, const struct core_event *ev)
{
	const struct counsellor *p = find_leg(w, ev->offer);

	return ev->type == CORE_ACCEPTED && p && p->leg.quiet;
}


static void arrive_at_leg(struct world *w, const struct core_event *ev)
{
	struct counsellor *p = find_leg(w, ev->offer);

	if (!p)
		return;
	if (ev->type == CORE_ACCEPTED) {
		p->leg.accepted = true;
		w->report->n_crossings += p->leg.withdrawn;
	}
	else {
		memset(&p->leg, 0, sizeof(p->leg));
	}
}


static void news_arrive(struct world *w, const struct agenda_item *item)
{
	const struct core_event *ev = &item->news;

	if (is_kept_quiet(w, ev))
		return;

	arrive_at_leg(w, ev);
	tell(w, ev);
	if (rng_chance(&w->rng, w->plan->noise))
		news(w, rng_below(&w->rng, 5000), *ev);
}


typedef void(happens_h)(struct world *w, const struct agenda_item *item);

static happens_h *const happens[SIM_HAPPENINGS] = {
	[SIM_NEW_CALLER] = new_caller,
	[SIM_CALLER_TIRES] = caller_tires,
	[SIM_CALLER_HANGS_UP] = caller_hangs_up,
	[SIM_HOUSE_CLOSES] = house_closes,
	[SIM_PHONE_ACCEPTS] = phone_accepts,
	[SIM_PHONE_REFUSES] = phone_refuses_now,
	[SIM_PHONE_HANGS_UP] = phone_hangs_up,
	[SIM_CANCEL_ARRIVES] = cancel_arrives,
	[SIM_BYE_ARRIVES] = bye_arrives,
	[SIM_DUTY] = duty,
	[SIM_NOISE] = noise,
	[SIM_NEWS] = news_arrive,
};


/* --- running ------------------------------------------------------------- */

/* Half of the seeds ring all; some of these not more than so many. */
static void strategy_init(struct world_plan *plan, struct rng *rng)
{
	static const enum core_strategy strategies[] = {
		STRATEGY_ALL, STRATEGY_LONGEST_IDLE, STRATEGY_ALL,
		STRATEGY_ROUND_ROBIN,
	};

	plan->settings.strategy =
		strategies[plan->seed % STEP_COUNT(strategies)];
	if (rng_chance(rng, 400))
		plan->settings.ring_at_once = rng_between(rng, 1, 6);
}


void world_plan_init(struct world_plan *plan, uint64_t seed,
		     uint64_t n_calls, uint32_t n_people)
{
	struct rng rng;
	uint32_t load; /* per cent: above 100 the queue only grows */

	rng_seed(&rng, seed);
	memset(plan, 0, sizeof(*plan));
	plan->seed = seed;
	plan->n_calls = n_calls;
	plan->n_people = n_people ? n_people : rng_between(&rng, 1, 20);
	plan->talk_ms = rng_between(&rng, 5000, 600000);
	plan->patience_ms = rng_between(&rng, 10000, 900000);
	plan->duty_ms = rng_between(&rng, 60000, 7200000);
	plan->delay_ms = rng_between(&rng, 5, 600);
	plan->store_fails = rng_below(&rng, 40);
	plan->noise = rng_below(&rng, 60);
	load = rng_chance(&rng, 500) ? rng_between(&rng, 2, 30)
				     : rng_between(&rng, 20, 250);
	plan->arrival_ms = (uint32_t)((uint64_t)plan->talk_ms * 100 / load /
				      plan->n_people) + 1;
	plan->settings.ring_ms = rng_between(&rng, 5000, 40000);
	plan->settings.rest_ms = rng_chance(&rng, 100)
					 ? 0 : rng_between(&rng, 1000, 60000);
	plan->settings.short_ms = rng_below(&rng, 10000);
	plan->settings.first_call = FIRST_CALL;
	plan->settings.n_lines = LIMIT_LINES;
	strategy_init(plan, &rng);
}


static void people_come(struct world *w)
{
	for (uint32_t i = 0; i < w->plan->n_people; i++) {
		struct counsellor *p = &w->people[i];

		p->id = (i + 1) * ID_STEP;
		p->wrap_up_ms = rng_chance(&w->rng, 200)
					? 0 : rng_below(&w->rng, 60000);
		p->eager = rng_between(&w->rng, 200, 840);
		TELL(w, .type = CORE_PERSON, .person = p->id,
		     .wrap_up_ms = p->wrap_up_ms);
		LATER(w, rng_below(&w->rng, w->plan->duty_ms),
		      .what = SIM_DUTY, .person = i);
	}
}


/* The shell's timer: never early, at times a little late. */
static uint64_t tick_at(struct world *w)
{
	const uint64_t deadline = core_deadline(w->core);

	if (deadline != w->deadline) {
		w->deadline = deadline;
		w->tick_at = deadline;
		if (deadline != UINT64_MAX && deadline > w->now &&
		    rng_chance(&w->rng, 300))
			w->tick_at += rng_below(&w->rng, CHECK_TICK_LATE_MS);
	}

	return w->tick_at > w->now ? w->tick_at : w->now;
}


/* False when nothing will happen any more. */
static bool next(struct world *w)
{
	const uint64_t first = agenda_first(&w->agenda);
	struct agenda_item item;

	if (core_deadline(w->core) != UINT64_MAX && tick_at(w) <= first) {
		w->now = tick_at(w);
		TELL(w, .type = CORE_TICK);
		return true;
	}
	if (!agenda_pop(&w->agenda, &item))
		return false;

	w->now = item.when;
	happens[item.what](w, &item);
	return true;
}


static void check_rows(struct world *w)
{
	for (size_t i = 0; i < w->n_rows; i++) {
		const struct core_record *r = &w->rows[i];

		if (r->call && (r->state != CALL_ENDED ||
				r->outcome == OUTCOME_OPEN))
			check_broken(w->check, CHECK_DRAIN,
				     "call %" PRIu64 " is open on record",
				     r->call);
	}
}


static void run(struct world *w)
{
	const uint64_t max_steps =
		w->plan->n_calls * STEPS_PER_CALL + 100000;

	people_come(w);
	LATER(w, 0, .what = SIM_NEW_CALLER);
	if (w->plan->noise)
		LATER(w, 0, .what = SIM_NOISE);

	while (check_result(w->check, NULL) == CHECK_NONE) {
		if (!next(w)) {
			check_drained(w->check);
			check_rows(w);
			return;
		}
		if (w->report->n_steps > max_steps)
			check_broken(w->check, CHECK_DRAIN, "does not end");
	}
}


static void make_report(struct world *w)
{
	const char *text;

	w->report->broken = check_result(w->check, &text);
	(void)snprintf(w->report->text, sizeof(w->report->text), "%s", text);
	w->report->ms = w->now;
	for (int i = 0; i < OUTCOMES; i++)
		w->report->outcomes[i] = check_count(w->check, i);
}


void world_run(const struct world_plan *plan, const bool *skip,
	       struct step_trace step, FILE *trace,
	       struct world_report *report)
{
	struct world *w = calloc(1, sizeof(*w));
	struct core_settings settings = plan->settings;

	if (!w)
		abort();

	memset(report, 0, sizeof(*report));
	settings.trace = step;
	w->plan = plan;
	w->trace = trace;
	w->report = report;
	w->now = 1;
	w->deadline = UINT64_MAX;
	rng_seed(&w->rng, ~plan->seed);
	w->people = calloc(plan->n_people, sizeof(w->people[0]));
	if (!w->people || core_alloc(&w->core, &settings))
		abort();
	w->check = check_alloc(w->core, &settings);
	for (int rule = 0; rule < CHECK_RULE_COUNT; rule++) {
		if (skip[rule])
			check_skip(w->check, (enum check_rule)rule);
	}

	run(w);
	make_report(w);

	check_free(w->check);
	core_free(w->core);
	agenda_reset(&w->agenda);
	free(w->people);
	free(w->rows);
	free(w);
}
