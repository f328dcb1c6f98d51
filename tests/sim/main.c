/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * main.c  ringback-sim: days of a hotline, from a seed, in moments.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cover.h"
#include "draw.h"
#include "world.h"


static const char usage[] =
	"usage: ringback-sim [options]\n"
	"  --seed N     the first seed (1)\n"
	"  --seeds K    how many seeds to run, one after the other (1)\n"
	"  --calls M    callers of each seed (1000)\n"
	"  --people P   counsellors (what the seed says)\n"
	"  --trace      write every event, action and move\n"
	"  --cover      fail if a rule of the core's tables is never walked\n"
	"  --skip RULE  do not look at this rule; may be repeated\n"
	"  --expect RULE  succeed if this rule is broken, fail if it is not\n"
	"  --rules      list the rules\n"
	"  --draw call|person|all  draw the core's tables, in Markdown\n"
	"exit status: 0 all well, 1 a rule is broken, 2 wrong use\n";

struct options {
	uint64_t seed, n_seeds, n_calls;
	uint32_t n_people;
	bool trace, cover;
	bool skip[CHECK_RULE_COUNT];
	enum check_rule expect;
	const char *draw;
	bool rules;
};

enum {
	OPT_SEED = 256,
	OPT_SEEDS,
	OPT_CALLS,
	OPT_PEOPLE,
	OPT_TRACE,
	OPT_COVER,
	OPT_SKIP,
	OPT_EXPECT,
	OPT_RULES,
	OPT_DRAW,
};


static bool number(uint64_t *np, const char *s, uint64_t min, uint64_t max)
{
	char *end;
	const unsigned long long n = strtoull(s, &end, 10);

	if (end == s || *end || s[0] == '-' || n < min || n > max)
		return false;

	*np = n;
	return true;
}


static bool rule(enum check_rule *rulep, const char *s)
{
	*rulep = check_rule_decode(s);

	return *rulep != CHECK_NONE;
}


static bool take(struct options *o, int opt, const char *arg)
{
	enum check_rule skip;
	uint64_t n = 0;
	bool ok = true;

	switch (opt) {
	case OPT_SEED:
		return number(&o->seed, arg, 0, UINT64_MAX);
	case OPT_SEEDS:
		return number(&o->n_seeds, arg, 1, UINT32_MAX);
	case OPT_CALLS:
		return number(&o->n_calls, arg, 1, UINT32_MAX);
	case OPT_PEOPLE:
		ok = number(&n, arg, 1, LIMIT_PEOPLE);
		o->n_people = (uint32_t)n;
		return ok;
	case OPT_TRACE:
		return o->trace = true;
	case OPT_COVER:
		return o->cover = true;
	case OPT_RULES:
		return o->rules = true;
	case OPT_SKIP:
		ok = rule(&skip, arg);
		o->skip[ok ? skip : CHECK_NONE] = true;
		return ok;
	case OPT_EXPECT:
		return rule(&o->expect, arg);
	case OPT_DRAW:
		o->draw = arg;
		return true;
	default:
		return false;
	}
}


static bool parse(struct options *o, int argc, char *argv[])
{
	static const struct option longs[] = {
		{"seed", required_argument, NULL, OPT_SEED},
		{"seeds", required_argument, NULL, OPT_SEEDS},
		{"calls", required_argument, NULL, OPT_CALLS},
		{"people", required_argument, NULL, OPT_PEOPLE},
		{"trace", no_argument, NULL, OPT_TRACE},
		{"cover", no_argument, NULL, OPT_COVER},
		{"skip", required_argument, NULL, OPT_SKIP},
		{"expect", required_argument, NULL, OPT_EXPECT},
		{"rules", no_argument, NULL, OPT_RULES},
		{"draw", required_argument, NULL, OPT_DRAW},
		{NULL, 0, NULL, 0},
	};
	int opt;

	*o = (struct options){.seed = 1, .n_seeds = 1, .n_calls = 1000};
	while ((opt = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (!take(o, opt, optarg))
			return false;
	}

	return optind == argc;
}


static int list_rules(void)
{
#define X(rule, name, words)                                                \
	if (rule != CHECK_NONE)                                             \
		printf("%-10s %s\n", name, words);
	CHECK_RULES(X)
#undef X
	return 0;
}


static void say_how_it_went(const struct world_plan *plan,
			    const struct world_report *r)
{
	static const char *const strategies[STRATEGIES] = {
		[STRATEGY_ALL] = "all",
		[STRATEGY_LONGEST_IDLE] = "longest idle",
		[STRATEGY_ROUND_ROBIN] = "round robin",
	};

	printf("seed %" PRIu64 " (%s): %" PRIu64 " calls, %" PRIu32
	       " people, %" PRIu64 " h, %" PRIu64 " steps (%" PRIu64
	       " ignored), %" PRIu64 " offers (%" PRIu64 " crossed, %" PRIu64
	       " at once, %" PRIu64 " unreachable); talked %" PRIu64
	       ", gave up %" PRIu64 ", short %" PRIu64 ", closed %" PRIu64
	       "\n", plan->seed, strategies[plan->settings.strategy],
	       r->n_calls, plan->n_people, r->ms / 3600000, r->n_steps,
	       r->n_ignored, r->n_offers, r->n_crossings, r->n_most_rung,
	       r->n_unreachable,
	       r->outcomes[OUTCOME_TALKED], r->outcomes[OUTCOME_GAVE_UP],
	       r->outcomes[OUTCOME_SHORT], r->outcomes[OUTCOME_CLOSED]);
}


static void say_what_broke(const struct options *o, uint64_t seed,
			   const struct world_report *r)
{
	printf("seed %" PRIu64 ", step %" PRIu64 ", %" PRIu64 " ms: %s: %s\n",
	       seed, r->n_steps, r->ms, check_rule_name(r->broken), r->text);
	printf("replay: ringback-sim --seed %" PRIu64 " --calls %" PRIu64,
	       seed, o->n_calls);
	if (o->n_people)
		printf(" --people %" PRIu32, o->n_people);
	printf(" --trace\n");
}


/* The rule that broke, and nothing else: CHECK_NONE after all seeds. */
static enum check_rule simulate(const struct options *o, struct cover *cover)
{
	const struct step_trace step = {cover_move, cover};

	for (uint64_t i = 0; i < o->n_seeds; i++) {
		const uint64_t seed = o->seed + i;
		struct world_plan plan;
		struct world_report report;

		world_plan_init(&plan, seed, o->n_calls, o->n_people);
		world_run(&plan, o->skip, step, o->trace ? stdout : NULL,
			  &report);
		say_how_it_went(&plan, &report);
		if (report.broken == CHECK_NONE)
			continue;
		say_what_broke(o, seed, &report);
		/* a planted bug may break another rule first: look on */
		if (o->expect == CHECK_NONE || report.broken == o->expect)
			return report.broken;
	}

	return CHECK_NONE;
}


int main(int argc, char *argv[])
{
	struct options o;
	struct cover cover = {0};
	enum check_rule broken;

	if (!parse(&o, argc, argv)) {
		(void)fputs(usage, stderr);
		return 2;
	}
	if (o.rules)
		return list_rules();
	if (o.draw)
		return draw(stdout, o.draw) ? 2 : 0;

	cover.trace = o.trace ? stdout : NULL;
	broken = simulate(&o, &cover);
	if (o.expect != CHECK_NONE && broken != o.expect)
		printf("expected the rule \"%s\" to be broken: it was not\n",
		       check_rule_name(o.expect));
	if (broken != o.expect)
		return 1;

	return o.cover && cover_missing(&cover, stdout) ? 1 : 0;
}
