/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * callers.c  Those who call: what they hear, press, say, and when they have
 * enough. Must not know what the line will make of it.
 */
#include <string.h>

#include "sim.h"


enum { TALK_TIME = 5 * 60 * 1000 }; /* of a message: then it is over */


struct caller *caller_find(struct world *w, uint64_t call)
{
	struct caller *c = &w->callers[call % LIMIT_CALLS];

	return call && c->call == call ? c : NULL;
}


/* --- coming and going ---------------------------------------------------- */

static void tire(struct world *w, uint64_t call)
{
	const bool soon = rng_chance(&w->rng, 50);

	LATER(w, rng_exponential(&w->rng, soon ? 2000 : w->plan->patience_ms),
	      .what = SIM_CALLER_TIRES, .call = call);
	if (rng_chance(&w->rng, w->plan->house_closes)) {
		const bool at_once = rng_chance(&w->rng, 300);

		LATER(w, rng_exponential(&w->rng, at_once ? 300
							  : w->plan->patience_ms),
		      .what = SIM_HOUSE_CLOSES, .call = call);
	}
}


/* the key that they are asked for; 0 none */
static uint8_t draw_check(struct world *w)
{
	if (!w->plan->flood || !rng_chance(&w->rng, w->plan->flood))
		return 0;

	return (uint8_t)rng_between(&w->rng, 1, 9);
}


static void dial(struct world *w, uint32_t handle, uint16_t line)
{
	const uint64_t call = core_next_call(w->core);
	const uint32_t goal = rng_below(&w->rng, GOALS);

	if (!call)
		return; /* dead, or full: refused by the shell */

	if (world_tell(w, &(struct core_event){
		    .type = CORE_ARRIVE,
		    .call = call,
		    .line = line,
		    .handle = handle,
		    .number_known = handle != 0,
		    .check = draw_check(w),
		    .blocked = handle && handle % w->plan->blocked == 0}))
		return; /* full */

	++w->report->n_calls;
	if (call % LIMIT_CALLS >= w->n_slots)
		w->n_slots = call % LIMIT_CALLS + 1;
	w->callers[call % LIMIT_CALLS] =
		(struct caller){.call = call,
				.handle = handle,
				.line = line,
				.goal = (enum caller_goal)goal,
				.up = w->core != NULL};
	tire(w, call);
}


/* Somebody new, as a rule; at times they look like somebody else. */
static uint32_t some_handle(struct world *w)
{
	if (rng_chance(&w->rng, w->plan->withheld))
		return 0;
	if (w->n_handles && rng_chance(&w->rng, w->plan->collide))
		return 1 + rng_below(&w->rng, w->n_handles);

	return ++w->n_handles;
}


void new_caller(struct world *w, const struct agenda_item *item)
{
	const uint32_t handle = some_handle(w);
	const uint32_t n_lines = w->settings.n_lines;

	(void)item;
	dial(w, handle, (uint16_t)rng_below(&w->rng, n_lines));
	if (++w->n_dialled < w->plan->n_calls)
		LATER(w, rng_exponential(&w->rng, w->plan->arrival_ms),
		      .what = SIM_NEW_CALLER);
}


void redial(struct world *w, const struct agenda_item *item)
{
	if (!w->calm)
		dial(w, item->handle, item->line);
}


static void perhaps_redials(struct world *w, const struct caller *c)
{
	const bool soon = rng_chance(&w->rng, 500);

	if (!rng_chance(&w->rng, w->plan->redial))
		return;
	LATER(w, rng_exponential(&w->rng, soon ? 10000 : 10 * 60 * 1000),
	      .what = SIM_REDIAL, .handle = c->handle, .line = c->line);
}


void caller_hangs_up(struct world *w, const struct agenda_item *item)
{
	struct caller *c = caller_find(w, item->call);
	enum core_cause cause = CAUSE_HUNG_UP;

	if (!c)
		return;
	if (c->dial == DIAL_UP) {
		dial_hang_up(w, c, cause);
		return;
	}
	if (!c->up)
		return;

	if (rng_chance(&w->rng, w->plan->network_fails))
		cause = rng_chance(&w->rng, 500) ? CAUSE_RESTART
						 : CAUSE_NETWORK;
	c->up = false;
	NEWS(w, world_delay(w), .type = CORE_CALLER_GONE, .call = item->call,
	     .cause = cause);
	caller_file_message(w, c, world_delay(w));
	perhaps_redials(w, c);
}


void house_closes(struct world *w, const struct agenda_item *item)
{
	NEWS(w, world_delay(w), .type = CORE_CLOSE, .call = item->call,
	     .cause = CAUSE_RESTART);
}


void caller_tires(struct world *w, const struct agenda_item *item)
{
	const struct caller *c = caller_find(w, item->call);

	if (c && c->up && !c->talking)
		caller_hangs_up(w, item);
}


/* ---- when our processes die --------------------------------------------- */

void caller_keep(struct world *w, uint64_t call)
{
	struct caller *c = caller_find(w, call);

	if (c)
		c->has_kept = core_keep(w->core, call, &c->kept);
}


bool caller_lives(const struct caller *c)
{
	return c->has_kept && (c->leg || c->dial == DIAL_UP ||
			       c->dial == DIAL_ENDING);
}


static void lose(struct world *w, struct caller *c)
{
	if (c->up && w->plan->redial && !w->calm)
		perhaps_redials(w, c);
	c->up = c->talking = c->leg = c->has_kept = false;
	c->dial = DIAL_NONE;
}


/* Legs are media's, and go on; some end meanwhile. Messages end with us. */
void callers_lost(struct world *w, bool all)
{
	for (size_t i = 0; i < w->n_slots; i++) {
		struct caller *c = &w->callers[i];

		c->recording = false;
		if (all || !caller_lives(c) || rng_chance(&w->rng, 30))
			lose(w, c);
	}
}


/* Who went in the meantime says so again, and all others go on. */
static void go_on(struct world *w, struct caller *c)
{
	const uint64_t ms = rng_exponential(&w->rng, w->plan->talk_ms);

	if (c->dial == DIAL_ENDING) {
		dial_over(w, c, CAUSE_HUNG_UP);
	}
	else if (c->dial == DIAL_NONE && !c->up) {
		NEWS(w, world_delay(w), .type = CORE_CALLER_GONE,
		     .call = c->call, .cause = CAUSE_HUNG_UP);
	}
	else if (c->talking) {
		guests_perhaps(w, c->kept.offer);
		LATER(w, ms, .what = SIM_CALLER_HANGS_UP, .call = c->call);
	}
	else if (c->dial == DIAL_UP) {
		LATER(w, ms, .what = SIM_CALLER_HANGS_UP, .call = c->call);
	}
	else {
		tire(w, c->call);
	}
}


/* Of whom nothing is on record any more, the leg is ended. */
void callers_return(struct world *w)
{
	for (size_t i = 0; i < w->n_slots; i++) {
		struct caller *c = &w->callers[i];

		if (!caller_lives(c))
			continue;
		if (core_call(w->core, c->call, NULL))
			go_on(w, c);
		else
			lose(w, c);
	}
}


/* --- hearing and pressing ------------------------------------------------ */

static bool hears(const struct core_action *a, enum prompt prompt)
{
	for (uint8_t i = 0; i < a->play.n; i++) {
		if (a->play.v[i].prompt == prompt)
			return true;
	}

	return false;
}


/* One key, some time after the last one. */
static void press(struct world *w, struct caller *c, uint64_t ms, uint8_t key)
{
	uint64_t at = w->now + ms;

	if (at < c->keys_at)
		at = c->keys_at;
	c->keys_at = at;
	LATER(w, at - w->now, .what = SIM_CALLER_KEY, .call = c->call,
	      .key = key);
}


static void type_number(struct world *w, struct caller *c)
{
	const uint32_t n = rng_below(&w->rng, 18);
	uint64_t ms = rng_below(&w->rng, 4000);

	for (uint32_t i = 0; i < n; i++) {
		press(w, c, ms, (uint8_t)rng_below(&w->rng, 10));
		ms += rng_below(&w->rng, 1500);
	}
	if (rng_chance(&w->rng, 700))
		press(w, c, ms, 11);
}


static void mash(struct world *w, struct caller *c)
{
	const uint32_t n = rng_between(&w->rng, 1, 6);
	uint64_t ms = rng_below(&w->rng, 20000);

	for (uint32_t i = 0; i < n; i++) {
		press(w, c, ms, (uint8_t)rng_below(&w->rng, 12));
		ms += rng_below(&w->rng, 2000);
	}
}


#define ALL_GOALS ((1u << GOALS) - 1)

/* What they press when they hear this: the first row that fits. */
static const struct {
	enum prompt heard;
	unsigned goals;
	uint32_t chance;
	const char *keys; /* one of them; N: a number */
} habits[] = {
	{PROMPT_CONFIRM, ALL_GOALS, 850, "11111111119"},
	{PROMPT_TYPE_NUMBER, ALL_GOALS, 850, "N"},
	{PROMPT_NUMBER_RIGHT, ALL_GOALS, 850, "1112"},
	{PROMPT_ASK_WORDS, ALL_GOALS, 700, "123"},
	{PROMPT_ASK_HOURS, ALL_GOALS, 700, "123"},
	{PROMPT_ASK_SHOWN, ALL_GOALS, 700, "123"},
	{PROMPT_ASK_RING_BACK, ALL_GOALS, 700, "115"},
	{PROMPT_CHOOSE, ALL_GOALS, 800, "1223"},
	{PROMPT_CHOOSE_LATER, ALL_GOALS, 800, "1223"},
	{PROMPT_OFFER_RING_BACK, 1u << GOAL_RING_BACK, 800, "1"},
	{PROMPT_OFFER_MESSAGE, 1u << GOAL_MESSAGE, 800, "2"},
	{PROMPT_OFFER_DECLINE, 1u << GOAL_DECLINE, 800, "9"},
	{PROMPT_OFFER_STAY, 1u << GOAL_WAIT, 600, "0"},
	{PROMPT_NOBODY, 1u << GOAL_WAIT, 400, "0"},
	{PROMPT_HOLD, 1u << GOAL_DECLINE, 100, "9"},
	{PROMPT_KEPT_MESSAGE, ALL_GOALS, 100, "0"},
	{PROMPT_KEPT_RING_BACK, ALL_GOALS, 50, "0"},
};


/* most people press what they are asked for; machines press anything */
static void press_check(struct world *w, struct caller *c,
			const struct core_action *a)
{
	for (uint8_t i = 0; i + 1 < a->play.n; i++) {
		if (a->play.v[i].prompt != PROMPT_CHECK)
			continue;
		if (rng_chance(&w->rng, 800))
			press(w, c, rng_below(&w->rng, 20000),
			      (uint8_t)(a->play.v[i + 1].prompt - PROMPT_ZERO));
		else
			mash(w, c);
		return;
	}
}


static void react(struct world *w, struct caller *c,
		  const struct core_action *a, uint64_t lasts_ms)
{
	size_t i = 0;
	const char *keys;

	if (hears(a, PROMPT_CHECK)) {
		press_check(w, c, a);
		return;
	}
	while (i < STEP_COUNT(habits) &&
	       !(hears(a, habits[i].heard) && habits[i].goals & 1u << c->goal))
		++i;
	if (i == STEP_COUNT(habits) ||
	    !rng_chance(&w->rng, habits[i].chance))
		return;

	keys = habits[i].keys;
	if (keys[0] == 'N')
		type_number(w, c);
	else {
		const uint64_t ms =
			rng_below(&w->rng, (uint32_t)lasts_ms + 9000);
		const size_t which =
			rng_below(&w->rng, (uint32_t)strlen(keys));

		press(w, c, ms, (uint8_t)(keys[which] - '0'));
	}
}


/* The house stops, or its sound is lost. */
static void perhaps_closes(struct world *w, uint64_t call)
{
	if (rng_chance(&w->rng, w->plan->house_closes))
		LATER(w, world_delay(w), .what = SIM_HOUSE_CLOSES,
		      .call = call);
}


/* Whom they talked with is lost: some hang up before another one comes. */
static void left_alone(struct world *w, struct caller *c)
{
	c->talking = false;
	if (c->up)
		LATER(w, rng_exponential(&w->rng, w->plan->patience_ms),
		      .what = SIM_CALLER_TIRES, .call = c->call);
	else if (rng_chance(&w->rng, 700))
		LATER(w, rng_exponential(&w->rng, 60000),
		      .what = SIM_CALLER_HANGS_UP, .call = c->call);
}


/* They hear it, do something about it, or have enough; or somebody else
 * hangs up just as it begins. */
void do_play(struct world *w, const struct core_action *a)
{
	struct caller *c = caller_find(w, a->call);
	const uint64_t lasts_ms =
		a->play.n * (uint64_t)rng_between(&w->rng, 200, 3000);

	if (!c || !(c->up || c->dial == DIAL_UP))
		return;

	if (c->talking)
		left_alone(w, c);
	c->serial = a->play.serial;
	if (a->play.serial)
		LATER(w, lasts_ms, .what = SIM_CALLER_HEARD, .call = c->call,
		      .n = a->play.serial);
	if (rng_chance(&w->rng, 30))
		LATER(w, world_delay(w), .what = SIM_CALLER_HANGS_UP,
		      .call = c->call);
	if (c->dial == DIAL_UP)
		perhaps_closes(w, c->call);
	if (c->dial == DIAL_UP && c->voicemail)
		return;
	if (rng_chance(&w->rng, w->plan->mash))
		mash(w, c);
	else
		react(w, c, a, lasts_ms);
}


/* A list that was replaced meanwhile ends untold, or just too late. */
void caller_heard(struct world *w, const struct agenda_item *item)
{
	const struct caller *c = caller_find(w, item->call);

	if (!c || (c->serial != item->n && !rng_chance(&w->rng, 50)))
		return;
	NEWS(w, world_delay(w), .type = CORE_PLAYED, .call = item->call,
	     .serial = (uint32_t)item->n);
}


void caller_key(struct world *w, const struct agenda_item *item)
{
	const struct caller *c = caller_find(w, item->call);

	if (c && (c->up || c->dial == DIAL_UP))
		TELL(w, .type = CORE_KEY, .call = item->call,
		     .key = item->key);
}


/* The shell looks into its configuration: the answer is there at once. */
void do_check_number(struct world *w, const struct core_action *a)
{
	const bool good = rng_chance(&w->rng, 850);

	NEWS(w, 0, .type = good ? CORE_NUMBER_GOOD : CORE_NUMBER_BAD,
	     .call = a->call);
}


void do_promise(struct world *w, const struct core_action *a)
{
	do_write(w, a);
	perhaps_closes(w, a->call);
}


/* --- speaking ------------------------------------------------------------ */

void do_record_message(struct world *w, const struct core_action *a)
{
	struct caller *c = caller_find(w, a->call);
	const bool short_one = rng_chance(&w->rng, 300);
	const bool silent = rng_chance(&w->rng, 250);
	uint64_t ms;

	if (!c)
		return;

	c->recording = true;
	++c->n_recordings;
	c->recording_since = w->now;
	c->voiced = silent ? 0 : rng_between(&w->rng, 1, 1000);
	ms = rng_exponential(&w->rng, short_one ? 1500 : 40000);
	if (ms > TALK_TIME)
		ms = TALK_TIME;
	LATER(w, ms, .what = SIM_CALLER_SPOKE, .call = c->call,
	      .n = c->n_recordings);
	if (!c->up) /* media finds nobody there */
		caller_file_message(w, c, world_delay(w));
}


void caller_file_message(struct world *w, struct caller *c, uint32_t ms)
{
	const uint64_t lasted = w->now - c->recording_since;

	if (!c->recording)
		return;

	c->recording = false;
	NEWS(w, ms, .type = CORE_FILED, .call = c->call,
	     .ms = (uint32_t)lasted,
	     .voiced_ms = (uint32_t)(lasted * c->voiced / 1000));
}


/* Most just hang up. */
void caller_spoke(struct world *w, const struct agenda_item *item)
{
	struct caller *c = caller_find(w, item->call);
	const uint32_t how = rng_below(&w->rng, 100);

	if (!c || !c->recording || c->n_recordings != item->n)
		return;

	if (how < 60)
		caller_hangs_up(w, item);
	else if (how < 70)
		press(w, c, 0, 11);
	else if (how < 80)
		press(w, c, 0, 0);
	else /* no disk, or five minutes of silence */
		caller_file_message(w, c, world_delay(w));
}


void do_stop_message(struct world *w, const struct core_action *a)
{
	struct caller *c = caller_find(w, a->call);

	if (c)
		caller_file_message(w, c, world_delay(w));
}


/* --- what the shell does with their leg ---------------------------------- */

void do_answer(struct world *w, const struct core_action *a)
{
	struct caller *c = caller_find(w, a->call);
	const uint32_t fails = w->calm ? 0 : w->plan->network_fails;

	if (rng_chance(&w->rng, fails)) {
		const enum core_cause cause = rng_chance(&w->rng, 500)
						      ? CAUSE_NO_CODEC
						      : CAUSE_NETWORK;

		if (c)
			c->up = false;
		NEWS(w, world_delay(w), .type = CORE_NOT_ANSWERED,
		     .call = a->call, .cause = cause);
		return;
	}
	if (c)
		c->leg = true;
	NEWS(w, world_delay(w), .type = CORE_ANSWERED, .call = a->call);
	if (rng_chance(&w->rng, 30))
		LATER(w, world_delay(w), .what = SIM_CALLER_HANGS_UP,
		      .call = a->call);
}


void do_end_caller(struct world *w, const struct core_action *a)
{
	struct caller *c = caller_find(w, a->call);

	if (c)
		c->leg = false;
	if (c && c->up) {
		c->up = false;
		caller_file_message(w, c, world_delay(w));
		perhaps_redials(w, c);
	}
}


void do_hang_up(struct world *w, const struct core_action *a)
{
	struct caller *c = caller_find(w, a->call);

	if (c && c->dial != DIAL_NONE)
		dial_hang_up(w, c, CAUSE_HUNG_UP);
	else
		do_end_caller(w, a);
}
