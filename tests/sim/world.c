/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * world.c  Turns the agenda, tells the core, carries out what it asks for.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "sim.h"
#include "trace.h"


enum {
	STEPS_PER_CALL = 3000, /* more than that: it does not end */
	STEPS_MORE = 1000000,
	DAYS_AFTER = 60, /* the last caller, all must be over */
};


/* --- time and news ------------------------------------------------------- */

uint32_t world_delay(struct world *w)
{
	const uint32_t max = w->plan->delay_ms;

	if (!max)
		return 0;

	/* now and then something takes very long */
	return rng_below(&w->rng, rng_chance(&w->rng, 20) ? 20 * max : max);
}


void world_later(struct world *w, uint64_t ms, struct agenda_item item)
{
	item.when = w->now + ms;
	item.life = w->life;
	agenda_add(&w->agenda, &item);
}


void world_news(struct world *w, uint64_t ms, struct core_event ev)
{
	LATER(w, ms, .what = SIM_NEWS, .news = ev);
}


struct core_settings world_settings(struct world *w, uint64_t first_call)
{
	struct core_settings s = w->settings;

	s.first_call = first_call;

	return s;
}


/* --- what the core asks for ---------------------------------------------- */

static void do_nothing(struct world *w, const struct core_action *a)
{
	(void)w;
	(void)a;
}


static do_h *const does[CORE_ACTIONS] = {
	[CORE_RECORD] = do_write,
	[CORE_UPDATE] = do_write,
	[CORE_ANSWER] = do_answer,
	[CORE_REFUSE] = do_end_caller,
	[CORE_PLAY] = do_play,
	[CORE_TYPED] = do_nothing,
	[CORE_TYPE_ANEW] = do_nothing,
	[CORE_CHECK_NUMBER] = do_check_number,
	[CORE_PROMISE] = do_promise,
	[CORE_RECORD_MESSAGE] = do_record_message,
	[CORE_STOP_MESSAGE] = do_stop_message,
	[CORE_DROP_MESSAGE] = do_nothing,
	[CORE_DIAL] = do_dial,
	[CORE_ATTEMPT] = do_nothing,
	[CORE_SEND_KEY] = do_nothing,
	[CORE_NOTICE] = do_nothing,
	[CORE_OFFER] = do_offer,
	[CORE_WITHDRAW] = do_withdraw,
	[CORE_CONNECT] = do_connect,
	[CORE_PARTY] = do_party,
	[CORE_HANG_UP] = do_hang_up,
	[CORE_TELL] = do_tell,
	[CORE_RELEASE] = do_release,
	[CORE_OFF_DUTY] = do_off_duty,
};


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


/* one step of so many is the last; of talks of three there are few */
static uint32_t last_of(const struct world *w, enum core_event_type type)
{
	const uint32_t steps = w->calm ? 0 : w->plan->crash_steps;

	return type == CORE_THREE && steps ? 4 : steps;
}


/* All of it, or, if this step is the last one of this life, a part. */
static void carry_out(struct world *w, const struct core_event *ev,
		      const struct core_actions *did)
{
	const uint32_t steps = last_of(w, ev->type);
	const bool dies = steps && !rng_below(&w->rng, steps);
	size_t n = did->n;

	if (dies)
		n = rng_below(&w->rng, (uint32_t)n + 1);
	for (size_t i = 0; i < n; i++)
		does[did->v[i].type](w, &did->v[i]);
	if (dies && w->trace)
		(void)fprintf(w->trace, "    our processes die after %zu\n",
			      n);
	if (dies)
		crash_now(w);
}


/* Before anything is done about it: media has what comes next. */
static void keep(struct world *w, const struct core_event *ev,
		 const struct core_actions *did)
{
	caller_keep(w, ev->call);
	for (size_t i = 0; i < did->n; i++)
		caller_keep(w, did->v[i].call);
	if (w->up && core_pauses_serial(w->core) != w->paused) {
		w->n_pauses = core_pauses(w->core, w->pauses);
		w->paused = core_pauses_serial(w->core);
	}
}


int world_tell(struct world *w, const struct core_event *ev)
{
	struct core_actions did;
	int err;

	if (!w->core)
		return ESRCH;

	++w->report->n_steps;
	if (w->trace)
		trace_event(w->trace, w->report->n_steps, w->now, ev);

	check_event(w->check, ev, w->now);
	err = core_step(w->core, ev, w->now, &did);

	if (w->trace)
		trace_actions(w->trace, err, &did);
	w->report->n_ignored += err != 0;
	if (!check_step(w->check, err, &did))
		return EIO;
	keep(w, ev, &did);

	count_rings(w, &did);
	carry_out(w, ev, &did);

	return err;
}


/* --- what happens -------------------------------------------------------- */

/* Only these may come twice: of the others core.h says exactly once. */
static bool may_come_twice(enum core_event_type type)
{
	static const bool twice[CORE_EVENTS] = {
		[CORE_RECORDED] = true,	  [CORE_NOT_RECORDED] = true,
		[CORE_ANSWERED] = true,	  [CORE_NOT_ANSWERED] = true,
		[CORE_CALLER_GONE] = true, [CORE_CLOSE] = true,
		[CORE_ACCEPTED] = true,	  [CORE_NOT_ACCEPTED] = true,
		[CORE_PERSON_GONE] = true, [CORE_PERSON_LOST] = true,
		[CORE_PERSON] = true,
		[CORE_PLAYED] = true,	  [CORE_PROMISE_TAKE] = true,
		[CORE_PROMISE_KEEP] = true, [CORE_PROMISE_CLOSE] = true,
		[CORE_PROMISE_SNOOZE] = true, [CORE_PROMISE_RING] = true,
		[CORE_NUMBER_BACK] = true,
	};

	return twice[type];
}


static void news_arrive(struct world *w, const struct agenda_item *item)
{
	const struct core_event *ev = &item->news;
	struct caller *c = caller_find(w, ev->call);

	if (phone_keeps_quiet(w, ev))
		return;

	phone_told(w, ev);
	if (ev->type == CORE_DIAL_OVER && c)
		c->dial = DIAL_NONE;
	if (ev->type == CORE_CALLER_GONE && c)
		c->leg = false;
	world_tell(w, ev);
	if (may_come_twice(ev->type) &&
	    rng_chance(&w->rng, w->plan->doubled))
		world_news(w, rng_below(&w->rng, 5000), *ev);
}


/* News that change nothing: of strangers, and what came before. */
static void nonsense(struct world *w, const struct agenda_item *item)
{
	static const enum core_event_type harmless[] = {
		CORE_RECORDED, CORE_ANSWERED, CORE_CALLER_GONE, CORE_CLOSE,
		CORE_ACCEPTED, CORE_NOT_ACCEPTED, CORE_PERSON_GONE,
		CORE_PERSON_LOST, CORE_CONSULT, CORE_CONSULT_END, CORE_THREE,
		CORE_HAND_OVER, CORE_PERSON_ON, CORE_PERSON_OFF,
		CORE_PERSON_READY, CORE_KEY, CORE_PLAYED,
		CORE_NUMBER_GOOD, CORE_FILED, CORE_PROMISE_MADE,
		CORE_DIAL_ANSWERED, CORE_DIAL_OVER, CORE_PROMISE_TAKE,
		CORE_PROMISE_KEEP, CORE_PROMISE_CLOSE, CORE_PROMISE_SNOOZE,
		CORE_PROMISE_RING, CORE_NUMBER_BACK, CORE_TICK,
	};
	struct core_event ev = {.cause = CAUSE_NETWORK};

	(void)item;
	if (w->calm)
		return;

	LATER(w, rng_exponential(&w->rng, w->plan->arrival_ms *
						  (1000 / w->plan->nonsense)),
	      .what = SIM_NONSENSE);
	ev.type = harmless[rng_below(&w->rng, STEP_COUNT(harmless))];
	ev.call = FIRST_CALL + 8 * w->plan->n_calls + LIMIT_CALLS + 7;
	ev.offer = rng_bits(&w->rng) | 1;
	ev.person = rng_below(&w->rng, ID_STEP);
	ev.reason = CLOSE_TEST;
	world_tell(w, &ev);
}


static happens_h *const happens[SIM_HAPPENINGS] = {
	[SIM_NEW_CALLER] = new_caller,
	[SIM_REDIAL] = redial,
	[SIM_CALLER_TIRES] = caller_tires,
	[SIM_CALLER_HANGS_UP] = caller_hangs_up,
	[SIM_CALLER_KEY] = caller_key,
	[SIM_CALLER_HEARD] = caller_heard,
	[SIM_CALLER_SPOKE] = caller_spoke,
	[SIM_HOUSE_CLOSES] = house_closes,
	[SIM_DIAL_PICKED_UP] = dial_picked_up,
	[SIM_DIAL_ENDS] = dial_ends,
	[SIM_PHONE_ACCEPTS] = phone_accepts,
	[SIM_PHONE_REFUSES] = phone_refuses,
	[SIM_PHONE_HANGS_UP] = phone_hangs_up,
	[SIM_CANCEL_ARRIVES] = cancel_arrives,
	[SIM_BYE_ARRIVES] = bye_arrives,
	[SIM_CONSULTS] = consults,
	[SIM_DUTY] = duty,
	[SIM_COMMIT] = commit,
	[SIM_DISK_TURNS] = disk_turns,
	[SIM_WORK] = work,
	[SIM_MINUTE] = minute,
	[SIM_CLOCK_JUMPS] = clock_jumps,
	[SIM_CRASH] = crash,
	[SIM_START] = start,
	[SIM_NONSENSE] = nonsense,
	[SIM_NEWS] = news_arrive,
};

static const bool survives[SIM_HAPPENINGS] = {
#define X(what, yes) [what] = yes,
	SIM_WHAT(X)
#undef X
};


/* --- running ------------------------------------------------------------- */

/* The shell's timer: never early, at times a little late. */
static uint64_t tick_at(struct world *w)
{
	const uint64_t deadline = core_deadline(w->core);

	if (deadline != w->deadline) {
		w->deadline = deadline;
		w->tick_at = deadline;
		if (deadline != UINT64_MAX && deadline > w->now &&
		    w->plan->delay_ms && rng_chance(&w->rng, 300))
			w->tick_at += rng_below(&w->rng, CHECK_TICK_LATE_MS);
	}

	return w->tick_at > w->now ? w->tick_at : w->now;
}


/* Nobody calls any more: faults end, and all come on duty. */
static void calm_down(struct world *w)
{
	if (w->calm || !w->core || w->n_dialled < w->plan->n_calls)
		return;

	w->calm = true;
	w->disk.full = false;
	people_all_on(w);
}


/* The next thing. */
static void next(struct world *w)
{
	struct agenda_item item;
	uint64_t first;

	calm_down(w);
	first = agenda_first(&w->agenda);
	if (core_deadline(w->core) != UINT64_MAX && tick_at(w) <= first) {
		w->now = tick_at(w);
		w->deadline = UINT64_MAX; /* the next one is another one */
		TELL(w, .type = CORE_TICK);
		return;
	}
	if (!agenda_pop(&w->agenda, &item))
		abort(); /* there is always a next minute */

	w->now = item.when;
	if (survives[item.what] || item.life == w->life)
		happens[item.what](w, &item);
}


static void begin(struct world *w)
{
	const struct plan *p = w->plan;

	LATER(w, 0, .what = SIM_NEW_CALLER);
	LATER(w, 60000, .what = SIM_MINUTE);
	if (p->nonsense)
		LATER(w, 0, .what = SIM_NONSENSE);
	if (p->full_ms)
		LATER(w, rng_exponential(&w->rng, p->full_ms),
		      .what = SIM_DISK_TURNS);
	if (p->crash_ms)
		LATER(w, rng_exponential(&w->rng, p->crash_ms),
		      .what = SIM_CRASH);
	if (p->clock_ms)
		LATER(w, rng_exponential(&w->rng, p->clock_ms),
		      .what = SIM_CLOCK_JUMPS);
	if (p->work_ms)
		LATER(w, rng_exponential(&w->rng, p->work_ms),
		      .what = SIM_WORK);
	TELL(w, .type = CORE_CLOCK, .unix_ms = clock_unix(w));
	people_come(w);
}


static void check_rows(struct world *w)
{
	const uint64_t last = disk_last(w);

	for (uint64_t call = FIRST_CALL; call <= last; call++) {
		const struct core_record *r = disk_row(w, call);

		if (!r)
			continue;
		if (r->state != CALL_ENDED || r->outcome == OUTCOME_OPEN)
			check_broken(w->check, CHECK_DRAIN,
				     "call %llu is open on record",
				     (unsigned long long)r->call);
		++w->report->outcomes[r->outcome];
	}
}


static void run(struct world *w)
{
	const uint64_t max_steps =
		w->plan->n_calls * STEPS_PER_CALL + STEPS_MORE;
	uint64_t calm_at = 0;

	begin(w);
	while (check_result(w->check, NULL) == CHECK_NONE && !w->over) {
		next(w);
		if (w->calm && !calm_at)
			calm_at = w->now;
		if (w->report->n_steps > max_steps ||
		    (calm_at &&
		     w->now > calm_at + DAYS_AFTER * UINT64_C(86400000)))
			check_endless(w->check);
	}
	if (w->over) {
		check_drained(w->check);
		check_rows(w);
	}
}


static void make_report(struct world *w)
{
	const char *text;

	w->report->broken = check_result(w->check, &text);
	(void)snprintf(w->report->text, sizeof(w->report->text), "%s", text);
	w->report->ms = w->now;
}


static void moved(const struct step_machine *m, uint64_t id, uint8_t from,
		  uint8_t event, uint8_t to, bool unexpected, void *arg)
{
	struct world *w = arg;

	check_moved(w->check, m, id);
	if (w->cover)
		cover_move(m, id, from, event, to, unexpected, w->cover);
}


static struct world *make(const struct plan *plan, const bool *skip)
{
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		abort();

	w->plan = plan;
	w->now = 1;
	w->deadline = UINT64_MAX;
	w->settings = plan->settings;
	w->settings.first_call = FIRST_CALL;
	w->settings.calendar = calendar_of(plan);
	w->settings.trace = (struct step_trace){moved, w};
	rng_seed(&w->rng, ~plan->seed);
	w->people = calloc(plan->n_people, sizeof(w->people[0]));
	if (!w->people || core_alloc(&w->core, &w->settings))
		abort();
	w->check = check_alloc(skip);
	check_start(w->check, w->core, &w->settings);

	return w;
}


void world_run(const struct plan *plan, const bool *skip, struct cover *cover,
	       FILE *trace, struct world_report *report)
{
	struct world *w = make(plan, skip);

	memset(report, 0, sizeof(*report));
	w->cover = cover;
	w->trace = trace;
	w->report = report;

	run(w);
	make_report(w);

	check_free(w->check);
	core_free(w->core);
	agenda_reset(&w->agenda);
	disk_free(w);
	free(w->people);
	free(w);
}
