/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * shrink.c  Tries smaller worlds until none of them fails any more.
 */
#include <inttypes.h>

#include "shrink.h"


enum {
	SEEDS = 25,      /* tried for each smaller world */
	RUNS_MAX = 1500, /* in all: a failure is to be told soon */
};

struct shrink {
	const bool *skip;
	enum check_rule rule;
	unsigned n_runs;
};


void recipe_run(const struct recipe *r, const bool *skip, struct cover *cover,
		FILE *trace, struct world_report *report)
{
	struct plan plan;

	plan_init(&plan, r->seed, r->n_calls, r->n_people);
	for (int part = 0; part < PLAN_PART_COUNT; part++) {
		if (r->without[part])
			plan_without(&plan, (enum plan_part)part);
	}
	world_run(&plan, skip, cover, trace, report);
}


void recipe_print(const struct recipe *r, FILE *f)
{
	(void)fprintf(f, "ringback-sim --seed %" PRIu64 " --calls %" PRIu64,
		      r->seed, r->n_calls);
	if (r->n_people)
		(void)fprintf(f, " --people %" PRIu32, r->n_people);
	for (int part = 0; part < PLAN_PART_COUNT; part++) {
		if (r->without[part])
			(void)fprintf(f, " --no %s",
				      plan_part_name((enum plan_part)part));
	}
	(void)fputc('\n', f);
}


/* Does a smaller one fail, with this seed or one near it? Then keep that. */
static bool still_fails(struct shrink *s, struct recipe *r,
			struct recipe smaller)
{
	for (uint64_t i = 0; i < SEEDS && s->n_runs < RUNS_MAX; i++) {
		struct world_report report;

		smaller.seed = r->seed + i;
		++s->n_runs;
		recipe_run(&smaller, s->skip, NULL, NULL, &report);
		if (report.broken != s->rule)
			continue;
		*r = smaller;
		/* who has not called by then has no part in it */
		if (report.n_calls && report.n_calls < r->n_calls)
			r->n_calls = report.n_calls;
		return true;
	}

	return false;
}


static bool fewer_calls(struct shrink *s, struct recipe *r)
{
	bool any = false;

	for (uint64_t by = r->n_calls / 2; by; by /= 2) {
		while (by < r->n_calls) {
			struct recipe smaller = *r;

			smaller.n_calls -= by;
			if (!still_fails(s, r, smaller))
				break;
			any = true;
		}
	}

	return any;
}


static bool fewer_people(struct shrink *s, struct recipe *r)
{
	for (uint32_t n = 1; n < (r->n_people ? r->n_people : 5); n++) {
		struct recipe smaller = *r;

		smaller.n_people = n;
		if (still_fails(s, r, smaller))
			return true;
	}

	return false;
}


static bool fewer_faults(struct shrink *s, struct recipe *r)
{
	bool any = false;

	for (int part = 0; part < PLAN_PART_COUNT; part++) {
		struct recipe smaller = *r;

		if (r->without[part])
			continue;
		smaller.without[part] = true;
		any = still_fails(s, r, smaller) || any;
	}

	return any;
}


void recipe_shrink(struct recipe *r, const bool *skip, enum check_rule rule)
{
	struct shrink s = {.skip = skip, .rule = rule};
	bool any = true;

	while (any && s.n_runs < RUNS_MAX) {
		any = fewer_calls(&s, r);
		any = fewer_faults(&s, r) || any;
		any = fewer_people(&s, r) || any;
	}
}
