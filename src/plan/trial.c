/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * trial.c  Plays the shell, the caller and the counsellors for a core of its
 * own. Carries out what the core asks for; must not decide anything that the
 * core decides.
 */
#include <errno.h>
#include <string.h>

#include "trial.h"


enum {
	PROMPT_MS = 2000,  /* one prompt: a guess                      */
	KEY_MS = 500,      /* from hearing a question to pressing      */
	SPEAK_MS = 10000,  /* a message                                */
	CLOCK_MS = 60000,  /* as the line tells the time               */
	AFTER_MS = 600000, /* is followed after the longest wait       */
	START_MS = 1,      /* the core's clock when the call arrives   */
	PENDING = LIMIT_RING_AT_ONCE + 16,
	EVENTS = 200000, /* more than any trial has                  */
};

/* an event that comes later */
struct pending {
	uint64_t at;
	struct core_event ev;
};

struct run {
	const struct trial *t;
	struct core *core;
	uint64_t now;
	uint64_t call;
	struct pending pending[PENDING];
	size_t n_pending;
	struct trial_end *end;
	trial_step_h *h;
	void *arg;
	bool over;
};


/* ---- what is told ---- */

static void tell(const struct run *r, struct trial_step step)
{
	step.ms = r->now - START_MS;
	step.record = &r->end->record;
	if (r->h)
		r->h(&step, r->arg);
}


/* ---- what comes later ---- */

/* one that does not fit is like a phone that rings on */
static void later(struct run *r, uint64_t ms, struct core_event ev)
{
	if (r->n_pending < PENDING)
		r->pending[r->n_pending++] = (struct pending){r->now + ms, ev};
}


static struct pending *earliest(struct run *r)
{
	struct pending *first = NULL;

	for (size_t i = 0; i < r->n_pending; i++) {
		if (!first || r->pending[i].at < first->at)
			first = &r->pending[i];
	}

	return first;
}


/* in the order in which they were put there */
static struct core_event take(struct run *r, struct pending *p)
{
	const struct core_event ev = p->ev;
	const size_t i = (size_t)(p - r->pending);

	--r->n_pending;
	memmove(p, p + 1, (r->n_pending - i) * sizeof(*p));

	return ev;
}


/* what was to come of this kind does not come any more */
static void forget(struct run *r, enum core_event_type type, uint64_t offer)
{
	for (size_t i = 0; i < r->n_pending;) {
		struct pending *p = &r->pending[i];

		if (p->ev.type == type && p->ev.offer == offer)
			(void)take(r, p);
		else
			++i;
	}
}


static void soon(struct run *r, enum core_event_type type)
{
	later(r, 0, (struct core_event){.type = type, .call = r->call});
}


/* ---- the caller ---- */

static bool hears(const struct core_playlist *play, enum prompt prompt)
{
	for (size_t i = 0; i < play->n; i++) {
		if (play->v[i].prompt == prompt)
			return true;
	}

	return false;
}


/* the key for the trial's language, counted as the line lists them */
static uint8_t language_key(const struct run *r)
{
	const struct core_line *line = &r->t->settings->lines[r->t->line];
	uint8_t i = 0;

	while (i < line->n_languages && line->languages[i] != r->t->language)
		++i;

	return (uint8_t)(i + 1);
}


static void press(struct run *r, uint8_t key)
{
	forget(r, CORE_KEY, 0);
	later(r, KEY_MS,
	      (struct core_event){
		      .type = CORE_KEY, .call = r->call, .key = key});
}


/* what who asks to be rung back says to the questions on the way */
static const struct {
	enum prompt heard;
	uint8_t key;
} answers[] = {
	{PROMPT_OFFER_RING_BACK, 1},
	{PROMPT_NUMBER_RIGHT, 1},
};


static void answer(struct run *r, const struct core_playlist *play)
{
	struct core_call_view view;

	if (core_call(r->core, r->call, &view) &&
	    view.state == CALL_CHOOSING) {
		press(r, language_key(r));
		return;
	}
	if (r->t->caller != TRIAL_ASKS)
		return;

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (hears(play, answers[i].heard))
			press(r, answers[i].key);
	}
}


/* ---- what the core asks for ---- */

static void on_record(struct run *r, const struct core_action *a)
{
	(void)a;
	soon(r, CORE_RECORDED);
}


static void on_answer(struct run *r, const struct core_action *a)
{
	(void)a;
	soon(r, CORE_ANSWERED);
}


static void on_refuse(struct run *r, const struct core_action *a)
{
	(void)a;
	tell(r, (struct trial_step){.type = TRIAL_REFUSED});
	r->over = true;
}


static void on_play(struct run *r, const struct core_action *a)
{
	forget(r, CORE_PLAYED, 0);
	if (a->play.serial)
		later(r, (uint64_t)a->play.n * PROMPT_MS,
		      (struct core_event){.type = CORE_PLAYED,
					  .call = r->call,
					  .serial = a->play.serial});
	r->end->asked_long |= hears(&a->play, PROMPT_LONG_WAIT);
	tell(r, (struct trial_step){.type = TRIAL_HEARS, .play = &a->play});
	answer(r, &a->play);
}


static void on_check(struct run *r, const struct core_action *a)
{
	(void)a;
	soon(r, CORE_NUMBER_GOOD);
}


static void on_promise(struct run *r, const struct core_action *a)
{
	r->end->promised = true;
	r->end->record = a->record;
	tell(r, (struct trial_step){.type = TRIAL_PROMISED});
	r->over = true;
}


static void on_offer(struct run *r, const struct core_action *a)
{
	const uint32_t ring_ms = r->t->settings->ring_ms;

	r->end->rung = true;
	tell(r, (struct trial_step){.type = TRIAL_RINGS, .person = a->person});
	/* just before it would count as a ring that failed: nobody is to go
	 * off duty in a trial */
	later(r, ring_ms - 1,
	      (struct core_event){.type = CORE_NOT_ACCEPTED,
				  .offer = a->offer,
				  .cause = CAUSE_DECLINED});
	if (r->t->first_ring)
		r->over = true;
}


static void on_withdraw(struct run *r, const struct core_action *a)
{
	forget(r, CORE_NOT_ACCEPTED, a->offer);
	later(r, 0,
	      (struct core_event){.type = CORE_NOT_ACCEPTED,
				  .offer = a->offer,
				  .cause = CAUSE_DECLINED});
}


static void on_hang_up(struct run *r, const struct core_action *a)
{
	(void)a;
	r->over = true;
}


typedef void(action_h)(struct run *r, const struct core_action *a);

/* the rest is for lines that have people on them */
static action_h *const actions[CORE_ACTIONS] = {
	[CORE_RECORD] = on_record,      [CORE_ANSWER] = on_answer,
	[CORE_REFUSE] = on_refuse,      [CORE_PLAY] = on_play,
	[CORE_CHECK_NUMBER] = on_check, [CORE_PROMISE] = on_promise,
	[CORE_OFFER] = on_offer,        [CORE_WITHDRAW] = on_withdraw,
	[CORE_HANG_UP] = on_hang_up,
};


/* late news, and what a state does not expect, change nothing */
static void feed(struct run *r, const struct core_event *ev)
{
	struct core_actions todo;

	(void)core_step(r->core, ev, r->now, &todo);
	(void)core_get_record(r->core, r->call, &r->end->record);
	for (size_t i = 0; i < todo.n && !r->over; i++) {
		action_h *h = actions[todo.v[i].type];

		if (h)
			h(r, &todo.v[i]);
	}
}


/* ---- the whole ---- */

static int people_add(struct core *core, const struct trial *t)
{
	struct core_actions none;
	int err = 0;

	for (size_t i = 0; i < t->n_people && !err; i++) {
		const struct core_event on = {
			.type = CORE_PERSON_ON,
			.person = t->people[i].person,
		};

		err = core_step(core, &t->people[i], 0, &none);
		if (!err)
			err = core_step(core, &on, 0, &none);
	}

	return err;
}


int trial_core(struct core **corep, const struct trial *t)
{
	struct core_event clock = {.type = CORE_CLOCK};
	struct core_settings settings;
	struct core_actions none;
	struct core *core = NULL;
	int err;

	if (!corep || !t || !t->settings || (t->n_people && !t->people) ||
	    t->line >= t->settings->n_lines)
		return EINVAL;

	settings = *t->settings;
	settings.first_call = 1;
	settings.trace = (struct step_trace){0};
	err = core_alloc(&core, &settings);
	if (err)
		return err;

	clock.unix_ms = t->unix_ms;
	err = core_step(core, &clock, 0, &none);
	if (!err)
		err = people_add(core, t);
	if (err)
		core_free(core);
	else
		*corep = core;

	return err;
}


static void clock_tick(struct run *r)
{
	const int64_t passed = (int64_t)(r->now - START_MS);

	later(r, CLOCK_MS,
	      (struct core_event){.type = CORE_CLOCK,
				  .unix_ms =
					  r->t->unix_ms + passed + CLOCK_MS});
}


static void arrive(struct run *r)
{
	r->now = START_MS;
	r->call = core_next_call(r->core);
	clock_tick(r);
	feed(r, &(struct core_event){.type = CORE_ARRIVE,
				     .call = r->call,
				     .line = r->t->line,
				     .handle = 1,
				     .number_known = true});
}


/* the next thing that happens; false if nothing does */
static bool proceed(struct run *r, uint64_t until)
{
	static const struct core_event tick = {.type = CORE_TICK};
	struct pending *p = earliest(r);
	const uint64_t deadline = core_deadline(r->core);
	struct core_event ev = tick;

	r->now = p && p->at < deadline ? p->at
		 : deadline > r->now   ? deadline
				       : r->now;
	if (r->now > until)
		return false;
	if (p && p->at <= r->now)
		ev = take(r, p);

	if (ev.type == CORE_CLOCK)
		clock_tick(r);
	if (ev.type == CORE_KEY)
		tell(r, (struct trial_step){.type = TRIAL_PRESSES,
					    .key = ev.key});
	feed(r, &ev);

	return true;
}


int trial_run(const struct trial *t, struct trial_end *end, trial_step_h *h,
	      void *arg)
{
	struct trial_end went = {0};
	struct run r = {.t = t, .end = &went, .h = h, .arg = arg};
	uint64_t until;
	int err;

	if (!t || !end)
		return EINVAL;
	err = trial_core(&r.core, t);
	if (err)
		return err;

	until = START_MS + AFTER_MS +
		(uint64_t)t->settings->lines[t->line].max_wait_ms;
	arrive(&r);
	for (int i = 0; i < EVENTS && !r.over && proceed(&r, until); i++)
		;
	core_free(r.core);
	*end = went;

	return 0;
}


int trial_fate(enum trial_fate *fatep, const struct trial *t)
{
	struct trial_end end = {0};
	struct trial trial;
	int err = 0;

	if (!fatep || !t)
		return EINVAL;

	trial = *t;
	trial.first_ring = true;
	for (int i = 0; i < TRIAL_CALLERS && !end.rung && !end.promised; i++) {
		trial.caller = (enum trial_caller)i;
		err = trial_run(&trial, &end, NULL, NULL);
		if (err)
			return err;
	}

	*fatep = end.rung       ? FATE_PERSON
		 : end.promised ? FATE_PROMISE
				: FATE_HOLE;
	return 0;
}


const char *trial_fate_name(enum trial_fate fate)
{
	static const char *const names[FATES] = {
		[FATE_HOLE] = "hole",
		[FATE_PROMISE] = "promise",
		[FATE_PERSON] = "person",
	};

	return names[fate];
}
