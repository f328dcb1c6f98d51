/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * plan.c  From a seed, what its world is like. Must not look at the core.
 *
 * One draw for each statement: C does not say which operand comes first, and a
 * seed must replay the same with every compiler.
 */
#include <string.h>

#include "calendar.h"
#include "plan.h"


enum {
	MINUTE = 60 * 1000,
	HOUR = 60 * MINUTE,
};


/* Half of the seeds ring all; some of these not more than so many. */
static void plan_strategy(struct core_settings *s, uint64_t seed,
			  struct rng *rng)
{
	static const enum core_strategy strategies[] = {
		STRATEGY_ALL, STRATEGY_LONGEST_IDLE, STRATEGY_ALL,
		STRATEGY_ROUND_ROBIN, STRATEGY_TIERS,
	};

	s->strategy = strategies[seed % STEP_COUNT(strategies)];
	if (rng_chance(rng, 400))
		s->ring_at_once = rng_between(rng, 1, 6);
	s->tier_ms = rng_between(rng, 2000, 60000);
}


static void plan_dialogue(struct core_line *l, struct rng *rng)
{
	const uint32_t kind = rng_below(rng, 100);

	l->kind = kind < 70   ? LINE_ORDINARY
		  : kind < 90 ? LINE_DETENTION
			      : LINE_AFTER_HOURS;
	l->tells = (enum line_tells)rng_below(rng, LINE_TELLS);
	l->notice = rng_chance(rng, 500);
	l->messages = rng_chance(rng, 850);
	l->ring_back = rng_chance(rng, 850);
	l->accept_key = (uint8_t)rng_below(rng, 12);
	l->shown = (uint8_t)rng_between(rng, 1, 7);
	l->max_wait_ms = rng_between(rng, 30000, 30 * MINUTE);
	l->offer_ms = rng_chance(rng, 700) ? 45000
					   : rng_between(rng, 10000, 90000);
}


static void plan_promises(struct core_line *l, struct rng *rng)
{
	l->promise_ms = rng_between(rng, MINUTE, 8 * HOUR);
	l->climb_ms = rng_between(rng, MINUTE, 4 * HOUR);
	l->attempts = rng_between(rng, 1, 4);
	l->attempt_ms = rng_between(rng, 30000, HOUR);
}


static void plan_line(struct plan *p, struct core_line *l, struct rng *rng)
{
	const uint32_t first = rng_below(rng, p->n_tongues);
	const uint32_t n = rng_between(rng, 1, p->n_tongues);

	l->n_languages = (uint8_t)n;
	for (uint32_t i = 0; i < n; i++)
		l->languages[i] = (uint8_t)((first + i) % p->n_tongues);
	if (rng_chance(rng, 300))
		l->skills = 1u << rng_below(rng, p->n_skills);
	l->organisation = (uint16_t)rng_below(rng, 3);
	l->region = (uint16_t)rng_below(rng, 3);
	plan_dialogue(l, rng);
	plan_promises(l, rng);
}


static void plan_lines(struct plan *p, struct rng *rng)
{
	struct core_settings *s = &p->settings;

	p->n_tongues = rng_between(rng, 1, 4);
	p->n_skills = rng_between(rng, 1, 3);
	s->n_lines = rng_between(rng, 1, 4);
	for (uint32_t i = 0; i < s->n_lines; i++) {
		plan_line(p, &s->lines[i], rng);
		p->hours[i] = rng_chance(rng, 500)
				      ? OPEN_ALWAYS
				      : (enum plan_hours)rng_below(
						rng, PLAN_HOURS);
	}
}


static void plan_people(struct plan *p, struct rng *rng)
{
	uint32_t load; /* per cent: above 100 the queue only grows */

	p->talk_ms = rng_between(rng, 5000, 10 * MINUTE);
	p->patience_ms = rng_between(rng, 10000, 15 * MINUTE);
	p->duty_ms = rng_between(rng, MINUTE, 2 * HOUR);
	load = rng_chance(rng, 500) ? rng_between(rng, 2, 30)
				    : rng_between(rng, 20, 250);
	p->arrival_ms = (uint32_t)((uint64_t)p->talk_ms * 100 / load /
				   p->n_people) + 1;
}


static void plan_faults(struct plan *p, struct rng *rng)
{
	p->delay_ms = rng_between(rng, 5, 600);
	p->commit_ms = rng_between(rng, 5, 400);
	p->store_fails = rng_below(rng, 40);
	if (rng_chance(rng, 300))
		p->full_ms = rng_between(rng, 20000, HOUR);
	if (rng_chance(rng, 300))
		p->crash_ms = rng_between(rng, 5 * MINUTE, 5 * HOUR);
	if (rng_chance(rng, 300))
		p->crash_steps = rng_between(rng, 500, 20000);
	if (rng_chance(rng, 300))
		p->clock_ms = rng_between(rng, 10 * MINUTE, 10 * HOUR);
	if (rng_chance(rng, 800))
		p->work_ms = rng_between(rng, 10000, HOUR);
	p->network_fails = rng_below(rng, 30);
	p->phones_fail = rng_below(rng, 600);
	p->house_closes = rng_below(rng, 30);
	p->consults = rng_below(rng, 500);
	p->doubled = rng_below(rng, 60);
	p->nonsense = rng_chance(rng, 500) ? rng_between(rng, 1, 200) : 0;
	p->mash = rng_below(rng, 250);
	p->redial = rng_below(rng, 400);
	p->collide = rng_below(rng, 60);
	p->withheld = rng_below(rng, 500);
	p->flood = p->seed % 3 ? 0 : 200;
	p->blocked = 6 + (uint32_t)(p->seed % 20);
}


static void plan_core(struct plan *p, struct rng *rng)
{
	struct core_settings *s = &p->settings;

	s->ring_ms = rng_between(rng, 5000, 40000);
	s->rest_ms = rng_chance(rng, 100) ? 0 : rng_between(rng, 1000, 60000);
	s->short_ms = rng_below(rng, 10000);
	s->dials_at_once = rng_between(rng, 1, 5);
	s->most_waiting = p->seed % 6 ? 0 : 1 + (uint32_t)(p->seed % 7);
	plan_strategy(s, p->seed, rng);
}


void plan_init(struct plan *plan, uint64_t seed, uint64_t n_calls,
	       uint32_t n_people)
{
	struct rng rng;

	rng_seed(&rng, seed);
	memset(plan, 0, sizeof(*plan));
	plan->seed = seed;
	plan->n_calls = n_calls;
	plan->n_people = rng_between(&rng, 1, 20);
	if (n_people)
		plan->n_people = n_people;
	plan_people(plan, &rng);
	plan_faults(plan, &rng);
	plan->key_lost = seed % 2 ? 400 : 0;
	plan->legs_live = seed % 4 ? 950 : 0;
	plan_core(plan, &rng);
	plan_lines(plan, &rng);
	plan->unix_ms = calendar_some_day(&rng);
}


static void without_hours(struct plan *plan)
{
	memset(plan->hours, 0, sizeof(plan->hours));
}


static void without_languages(struct plan *plan)
{
	plan->n_tongues = 1;
	for (uint32_t i = 0; i < plan->settings.n_lines; i++) {
		struct core_line *l = &plan->settings.lines[i];

		l->n_languages = 1;
		l->languages[0] = 0;
		l->skills = 0;
		l->organisation = l->region = 0;
	}
}


void plan_without(struct plan *plan, enum plan_part part)
{
	uint32_t *const zeroed[PLAN_PART_COUNT] = {
		[PART_CRASH] = &plan->crash_ms,
		[PART_STORE] = &plan->store_fails,
		[PART_CLOCK] = &plan->clock_ms,
		[PART_NETWORK] = &plan->network_fails,
		[PART_DELAY] = &plan->delay_ms,
		[PART_DOUBLED] = &plan->doubled,
		[PART_NONSENSE] = &plan->nonsense,
		[PART_KEYS] = &plan->mash,
		[PART_REDIAL] = &plan->redial,
		[PART_COLLIDE] = &plan->collide,
		[PART_COORDINATOR] = &plan->work_ms,
		[PART_DUTY] = &plan->duty_ms,
		[PART_PHONES] = &plan->phones_fail,
		[PART_CLOSE] = &plan->house_closes,
		[PART_CONSULT] = &plan->consults,
		[PART_KEY] = &plan->key_lost,
		[PART_LEGS] = &plan->legs_live,
	};

	if (zeroed[part])
		*zeroed[part] = 0;
	if (part == PART_CRASH)
		plan->crash_steps = 0;
	if (part == PART_STORE)
		plan->full_ms = 0;
	if (part == PART_HOURS)
		without_hours(plan);
	if (part == PART_LANGUAGES)
		without_languages(plan);
}


static const char *const names[PLAN_PART_COUNT] = {
#define X(part, name, words) [part] = name,
	PLAN_PARTS(X)
#undef X
};


const char *plan_part_name(enum plan_part part)
{
	return names[part];
}


enum plan_part plan_part_decode(const char *name)
{
	unsigned part = 0;

	while (part < PLAN_PART_COUNT && strcmp(name, names[part]) != 0)
		++part;

	return (enum plan_part)part;
}
