/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * main.c  ringback-sim: days of a hotline, from a seed, in moments.
 */
#include <getopt.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/plant.h"

#include "cover.h"
#include "draw.h"
#include "shrink.h"


#ifdef CORE_PLANTS
int core_planted;
#endif

static const char usage[] =
	"usage: ringback-sim [options]\n"
	"  --seed N     the first seed (1)\n"
	"  --seeds K    how many seeds to run, one after the other (1)\n"
	"  --calls M    callers of each seed (1000)\n"
	"  --people P   counsellors (what the seed says)\n"
	"  --no PART    without this part of the world; may be repeated\n"
	"  --trace      write every event, action and move\n"
	"  --quiet      say nothing of seeds in which all is well\n"
	"  --shrink     make a failing run as small as can be, then trace it\n"
	"  --cover      fail if a rule of the core's tables is never walked\n"
	"  --skip RULE  do not look at this rule; may be repeated\n"
	"  --expect RULE  succeed if this rule is broken, fail if it is not\n"
	"  --list       list the parts and the rules\n"
	"  --plant N    (of ringback-sim-planted) with this bug in the core\n"
	"  --draw call|person|guest|all  draw the core's tables, Markdown\n"
	"exit status: 0 all well, 1 a rule is broken, 2 wrong use\n";

struct options {
	struct recipe recipe;
	uint64_t n_seeds;
	bool trace, cover, shrink, quiet, list;
	bool skip[CHECK_RULE_COUNT];
	enum check_rule expect;
	const char *draw;
};

/* Of all seeds. */
struct sums {
	uint64_t n_calls, n_steps, n_promises, n_dials, n_crashes, n_resumed;
};

enum {
	OPT_SEED = 256,
	OPT_SEEDS,
	OPT_CALLS,
	OPT_PEOPLE,
	OPT_NO,
	OPT_TRACE,
	OPT_QUIET,
	OPT_SHRINK,
	OPT_COVER,
	OPT_SKIP,
	OPT_EXPECT,
	OPT_LIST,
	OPT_DRAW,
	OPT_PLANT,
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


static bool take_number(struct options *o, int opt, const char *arg)
{
	uint64_t n = 0;
	bool ok;

	switch (opt) {
	case OPT_SEED:
		return number(&o->recipe.seed, arg, 0, UINT64_MAX);
	case OPT_SEEDS:
		return number(&o->n_seeds, arg, 1, UINT32_MAX);
	case OPT_CALLS:
		return number(&o->recipe.n_calls, arg, 1, 10000000);
	case OPT_PEOPLE:
		ok = number(&n, arg, 1, LIMIT_PEOPLE);
		o->recipe.n_people = (uint32_t)n;
		return ok;
#ifdef CORE_PLANTS
	case OPT_PLANT:
		ok = number(&n, arg, 1, INT32_MAX);
		core_planted = (int)n;
		return ok;
#endif
	default:
		return false;
	}
}


static bool take_name(struct options *o, int opt, const char *arg)
{
	enum check_rule rule;
	enum plan_part part;

	switch (opt) {
	case OPT_NO:
		part = plan_part_decode(arg);
		if (part < PLAN_PART_COUNT)
			o->recipe.without[part] = true;
		return part < PLAN_PART_COUNT;
	case OPT_SKIP:
		rule = check_rule_decode(arg);
		o->skip[rule] = true;
		return rule != CHECK_NONE;
	case OPT_EXPECT:
		o->expect = check_rule_decode(arg);
		return o->expect != CHECK_NONE;
	case OPT_DRAW:
		o->draw = arg;
		return true;
	default:
		return take_number(o, opt, arg);
	}
}


static bool take(struct options *o, int opt, const char *arg)
{
	switch (opt) {
	case OPT_TRACE: return o->trace = true;
	case OPT_QUIET: return o->quiet = true;
	case OPT_SHRINK: return o->shrink = true;
	case OPT_COVER: return o->cover = true;
	case OPT_LIST: return o->list = true;
	default: return take_name(o, opt, arg);
	}
}


static bool parse(struct options *o, int argc, char *argv[])
{
	static const struct option longs[] = {
		{"seed", required_argument, NULL, OPT_SEED},
		{"seeds", required_argument, NULL, OPT_SEEDS},
		{"calls", required_argument, NULL, OPT_CALLS},
		{"people", required_argument, NULL, OPT_PEOPLE},
		{"no", required_argument, NULL, OPT_NO},
		{"trace", no_argument, NULL, OPT_TRACE},
		{"quiet", no_argument, NULL, OPT_QUIET},
		{"shrink", no_argument, NULL, OPT_SHRINK},
		{"cover", no_argument, NULL, OPT_COVER},
		{"skip", required_argument, NULL, OPT_SKIP},
		{"expect", required_argument, NULL, OPT_EXPECT},
		{"list", no_argument, NULL, OPT_LIST},
		{"draw", required_argument, NULL, OPT_DRAW},
		{"plant", required_argument, NULL, OPT_PLANT},
		{NULL, 0, NULL, 0},
	};
	int opt;

	memset(o, 0, sizeof(*o));
	o->recipe.seed = o->n_seeds = 1;
	o->recipe.n_calls = 1000;
	while ((opt = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (!take(o, opt, optarg))
			return false;
	}

	return optind == argc;
}


static int list(void)
{
	(void)puts("parts of the world, for --no:");
#define X(part, name, words) printf("  %-12s %s\n", name, words);
	PLAN_PARTS(X)
#undef X
	(void)puts("rules, for --skip and --expect:");
#define X(rule, name, words)                                                \
	if (rule != CHECK_NONE)                                             \
		printf("  %-12s %s\n", name, words);
	CHECK_RULES(X)
#undef X
	return 0;
}


static void say_how_it_went(const struct recipe *recipe,
			    const struct world_report *r)
{
	printf("seed %" PRIu64 ": %" PRIu64 " calls, %" PRIu64 " h, %" PRIu64
	       " steps (%" PRIu64 " ignored), %" PRIu64 " offers (%" PRIu64
	       " crossed, %" PRIu64 " at once, %" PRIu64
	       " unreachable), %" PRIu64 " promises, %" PRIu64 " dials, %"
	       PRIu64 " crashes, %" PRIu64 " failed commits;",
	       recipe->seed, r->n_calls, r->ms / 3600000, r->n_steps,
	       r->n_ignored, r->n_offers, r->n_crossings, r->n_most_rung,
	       r->n_unreachable, r->n_promises, r->n_dials, r->n_crashes,
	       r->n_failed_commits);
	for (int i = OUTCOME_OPEN + 1; i < OUTCOMES; i++)
		printf(" %s %" PRIu64, call_outcome_name(i), r->outcomes[i]);
	(void)putchar('\n');
}


static void say_what_broke(const struct recipe *recipe,
			   const struct world_report *r)
{
	printf("seed %" PRIu64 ", step %" PRIu64 ", %" PRIu64 " ms: %s: %s\n",
	       recipe->seed, r->n_steps, r->ms, check_rule_name(r->broken),
	       r->text);
	(void)fputs("replay: ", stdout);
	recipe_print(recipe, stdout);
}


static void shrink_and_show(const struct options *o, struct recipe recipe,
			    enum check_rule rule)
{
	struct world_report report;
	struct cover cover = {.trace = stdout};

	(void)fflush(stdout);
	recipe_shrink(&recipe, o->skip, rule);
	(void)puts("the smallest that breaks the same rule:");
	recipe_run(&recipe, o->skip, &cover, stdout, &report);
	say_what_broke(&recipe, &report);
}


static void add(struct sums *s, const struct world_report *r)
{
	s->n_calls += r->n_calls;
	s->n_steps += r->n_steps;
	s->n_promises += r->n_promises;
	s->n_dials += r->n_dials;
	s->n_crashes += r->n_crashes;
	s->n_resumed += r->n_resumed;
}


/* The rule that broke, and nothing else: CHECK_NONE after all seeds. */
static enum check_rule simulate(const struct options *o, struct cover *cover,
				struct sums *sums)
{
	for (uint64_t i = 0; i < o->n_seeds; i++) {
		struct recipe recipe = o->recipe;
		struct world_report report;

		recipe.seed += i;
		recipe_run(&recipe, o->skip, cover, o->trace ? stdout : NULL,
			   &report);
		add(sums, &report);
		if (!o->quiet || report.broken != CHECK_NONE)
			say_how_it_went(&recipe, &report);
		if (report.broken == CHECK_NONE)
			continue;
		say_what_broke(&recipe, &report);
		/* a planted bug may break another rule first: look on */
		if (o->expect != CHECK_NONE && report.broken != o->expect)
			continue;
		if (o->shrink)
			shrink_and_show(o, recipe, report.broken);
		return report.broken;
	}

	return CHECK_NONE;
}


static void say_sums(const struct sums *s, clock_t began)
{
	const double took = (double)(clock() - began) / CLOCKS_PER_SEC;

	printf("%" PRIu64 " calls, %" PRIu64 " steps, %" PRIu64
	       " promises, %" PRIu64 " ring-backs, %" PRIu64
	       " crashes, %" PRIu64 " callers who stayed on the line, in %.1f s: "
	       "%.0f calls/s\n", s->n_calls, s->n_steps, s->n_promises,
	       s->n_dials, s->n_crashes, s->n_resumed, took,
	       took > 0 ? (double)s->n_calls / took : 0.0);
}


int main(int argc, char *argv[])
{
	const clock_t began = clock();
	struct options o;
	struct cover cover = {0};
	struct sums sums = {0};
	enum check_rule broken;

	/* each world is large and nearly empty: fresh pages cost nothing */
	(void)mallopt(M_MMAP_THRESHOLD, 1 << 20);

	if (!parse(&o, argc, argv)) {
		(void)fputs(usage, stderr);
		return 2;
	}
	if (o.list)
		return list();
	if (o.draw)
		return draw(stdout, o.draw) ? 2 : 0;

	cover.trace = o.trace ? stdout : NULL;
	broken = simulate(&o, &cover, &sums);
	say_sums(&sums, began);
	if (o.expect != CHECK_NONE && broken != o.expect)
		printf("expected the rule \"%s\" to be broken: it was not\n",
		       check_rule_name(o.expect));
	if (broken != o.expect)
		return 1;

	return o.cover && cover_missing(&cover, stdout) ? 1 : 0;
}
