/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cover.c  Holes in the coming weeks, with installations drawn at random: what
 * the trials and the walk over the hours find is compared, minute by minute
 * drawn, with the rule said in another way.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "plan/cover.h"
#include "plan/plan.h"

#include "oom.h"


enum { MINUTE = 60 * 1000, HOLES = 4096, PEOPLE = 6 };

static const int64_t week = (int64_t)HOURS_WEEK * MINUTE;

/* Saturday, 2026-10-24 10:20 UTC: Berlin's clocks change the next day */
static const int64_t start = (int64_t)1792837200 * 1000;

/* all that a folder may hold */
struct house {
	struct config config;
	struct core_settings settings;
	struct store_person row[PEOPLE];
	struct core_event people[PEOPLE]; /* on duty */
	size_t n_people;
	struct store_trunk trunk;
	bool has_trunk;
	struct cover_hole holes[HOLES];
	size_t n_holes;
};

static struct house house;


static uint32_t draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;

	return (uint32_t)((*seed >> 33) % below);
}


/* ---- houses ---- */

static const char *const languages[] = {"en", "es", "fr", "ar"};
static const char *const skills[] = {"legal", "military"};
static const char *const hours[] = {
	"Mon-Fri 09:00-17:00", "Sat,Sun 22:00-02:30", "Sun 01:00-05:00",
	"daily 00:00-24:00",   "Wed 00:00-24:00",     "Sun 02:10-02:20",
};


static void draw_line(struct config_line *l, uint32_t i, uint64_t *seed)
{
	memset(l, 0, sizeof(*l));
	(void)snprintf(l->name, sizeof(l->name), "line %u", i);
	l->kind = (enum config_kind)draw(seed, CONFIG_KINDS);
	l->n_languages =
		l->kind == CONFIG_KIND_DETENTION ? 1 : 1 + draw(seed, 3);
	for (uint32_t k = 0; k < l->n_languages; k++)
		strcpy(l->languages[k], languages[(i + k) % 4]);
	l->n_skills = draw(seed, 2);
	strcpy(l->skills[0], skills[draw(seed, 2)]);
	l->n_hours = draw(seed, 3);
	for (uint32_t k = 0; k < l->n_hours; k++)
		(void)hours_decode(&l->hours[k], hours[draw(seed, 6)]);
	l->messages = draw(seed, 2);
	l->ring_back = l->kind != CONFIG_KIND_DETENTION && draw(seed, 2);
	if (draw(seed, 3) == 0)
		strcpy(l->trunk, draw(seed, 2) ? "out" : "gone");
	l->max_wait_s = 30 + draw(seed, 600);
	l->promise_minutes = 1 + draw(seed, 600);
	l->climb_minutes = 60;
	l->attempts = 5;
	l->attempt_minutes = 10;
}


static void draw_person(struct store_person *p, uint32_t id, uint64_t *seed)
{
	const uint32_t first = draw(seed, 4);

	memset(p, 0, sizeof(*p));
	p->id = id;
	p->wrap_up_s = 30;
	p->on_duty = draw(seed, 2);
	if (draw(seed, 4))
		(void)snprintf(p->languages, sizeof(p->languages), "%s%s%s",
			       languages[first], draw(seed, 2) ? ",zz," : ",",
			       languages[draw(seed, 4)]);
	if (draw(seed, 2))
		strcpy(p->skills, draw(seed, 2) ? "legal,military" : "legal");
}


static void draw_house(struct house *h, uint64_t *seed)
{
	memset(h, 0, sizeof(*h));
	h->config = (struct config){
		.strategy =
			(enum config_strategy)draw(seed, CONFIG_STRATEGIES),
		.ring_s = 1 + draw(seed, 30),
		.rest_s = draw(seed, 30),
		.tier_s = 1 + draw(seed, 30),
		.ring_backs_at_once = 1,
		.n_lines = 1 + draw(seed, 3),
	};
	for (uint32_t i = 0; i < h->config.n_lines; i++)
		draw_line(&h->config.lines[i], i, seed);
	for (uint32_t i = 0; i < PEOPLE; i++)
		draw_person(&h->row[i], i + 1, seed);
	h->has_trunk = draw(seed, 2);
	strcpy(h->trunk.name, draw(seed, 2) ? "out" : "other");
	if (draw(seed, 2))
		(void)secret_set(&h->trunk.uri, "sip:192.0.2.1", 13);
}


static void make_house(struct house *h)
{
	struct plan_words w;

	assert_int_equal(plan_words_make(&w, &h->config), 0);
	assert_int_equal(plan_settings(&h->settings, &h->config), 0);
	if (h->has_trunk)
		plan_trunk(&h->settings, &h->config, &h->trunk);
	h->n_people = 0;
	for (uint32_t i = 0; i < PEOPLE; i++) {
		if (h->row[i].on_duty)
			(void)plan_person(&h->people[h->n_people++], &w,
					  &h->row[i]);
	}
}


/* ---- the rule, in other words ---- */

static bool has(const char *words, const char *word)
{
	char all[LIMIT_WORDS + 2], one[LIMIT_WORDS];

	(void)snprintf(all, sizeof(all), ",%s,", words);
	(void)snprintf(one, sizeof(one), ",%s,", word);

	return strstr(all, one);
}


static bool can_take(const struct house *h, const struct store_person *p,
		     const struct config_line *l, const char *language)
{
	const char *spoken =
		*p->languages ? p->languages : h->config.lines[0].languages[0];
	bool can = p->on_duty && has(spoken, language);

	for (uint32_t i = 0; i < l->n_skills; i++)
		can = can && has(p->skills, l->skills[i]);

	return can;
}


static enum trial_fate fate_by_rule(const struct house *h,
				    const struct config_line *l,
				    const char *language, int64_t at)
{
	const bool dials =
		h->has_trunk && *secret_reveal(&h->trunk.uri) &&
		(!*l->trunk || strcmp(l->trunk, h->trunk.name) == 0);
	bool person = false;

	for (uint32_t i = 0; i < PEOPLE; i++)
		person = person || can_take(h, &h->row[i], l, language);
	if (person && l->kind != CONFIG_KIND_AFTER_HOURS &&
	    hours_open(l->hours, l->n_hours, at))
		return FATE_PERSON;

	return l->messages || (l->ring_back && dials) ? FATE_PROMISE
						      : FATE_HOLE;
}


/* ---- what is found ---- */

static void hole_keep(const struct cover_hole *hole, void *arg)
{
	struct house *h = arg;

	assert_in_range(h->n_holes, 0, HOLES - 1);
	h->holes[h->n_holes++] = *hole;
}


static bool in_hole(const struct house *h, uint16_t line, uint8_t language,
		    int64_t at)
{
	bool in = false;

	for (size_t i = 0; i < h->n_holes; i++) {
		const struct cover_hole *hole = &h->holes[i];

		in = in || (hole->line == line && hole->language == language &&
			    at >= hole->from && at < hole->until);
	}

	return in;
}


static void holes_find(struct house *h, int64_t until, struct cover_sum *sum)
{
	const struct cover c = {
		.config = &h->config,
		.settings = &h->settings,
		.people = h->people,
		.n_people = h->n_people,
		.from = start,
		.until = until,
	};

	h->n_holes = 0;
	assert_int_equal(cover_find(&c, sum, hole_keep, h), 0);
	assert_int_equal(sum->n_holes, h->n_holes);
	assert_int_equal(sum->ms[FATE_HOLE] + sum->ms[FATE_PROMISE] +
				 sum->ms[FATE_PERSON],
			 (until - start) * sum->n_pairs);
}


/* by line, by language, by time, and none touches the next */
static void holes_check(const struct house *h)
{
	for (size_t i = 0; i < h->n_holes; i++) {
		const struct cover_hole *a = &h->holes[i];
		const struct cover_hole *b = a + 1;

		assert_true(a->from < a->until);
		assert_true(a->while_open || a->while_closed);
		if (i + 1 < h->n_holes && a->line == b->line &&
		    a->language == b->language)
			assert_true(a->until < b->from);
	}
}


static void moment_check(const struct house *h, uint64_t *seed,
			 unsigned *n_fates)
{
	const uint16_t line = (uint16_t)draw(seed, h->config.n_lines);
	const struct config_line *l = &h->config.lines[line];
	const uint32_t k = draw(seed, l->n_languages);
	struct trial t = {
		.settings = &h->settings,
		.people = h->people,
		.n_people = h->n_people,
		.line = line,
		.language = h->settings.lines[line].languages[k],
		.unix_ms =
			start + draw(seed, 2 * HOURS_WEEK) * (int64_t)MINUTE,
	};
	enum trial_fate rule, fate;

	rule = fate_by_rule(h, l, l->languages[k], t.unix_ms);
	assert_int_equal(trial_fate(&fate, &t), 0);
	assert_int_equal(fate, rule);
	assert_int_equal(in_hole(h, line, t.language, t.unix_ms),
			 rule == FATE_HOLE);
	++n_fates[rule];
}


static void test_rule(void **state)
{
	unsigned n_fates[FATES] = {0};
	struct cover_sum sum;
	uint64_t seed = 3;
	(void)state;

	assert_int_equal(hours_zone("Europe/Berlin"), 0);
	for (int i = 0; i < 60; i++) {
		draw_house(&house, &seed);
		make_house(&house);
		holes_find(&house, start + 2 * week, &sum);
		holes_check(&house);
		for (int k = 0; k < 20; k++)
			moment_check(&house, &seed, n_fates);
	}

	/* it was no empty test */
	for (int i = 0; i < FATES; i++)
		assert_true(n_fates[i] > 50);
}


/* ---- one house, known by heart ---- */

static void simple_house(struct house *h)
{
	struct config_line *l = h->config.lines;

	memset(h, 0, sizeof(*h));
	h->config.ring_s = 20;
	h->config.n_lines = 1;
	*l = (struct config_line){
		.name = "day",
		.languages = {"en", "es"},
		.n_languages = 2,
		.max_wait_s = 600,
		.promise_minutes = 240,
		.climb_minutes = 60,
	};
	(void)hours_decode(&l->hours[0], "daily 08:00-20:00");
	l->n_hours = 1;
	h->row[0] = (struct store_person){.id = 1, .on_duty = true};
}


static void test_planted(void **state)
{
	struct cover_sum sum;
	(void)state;

	assert_int_equal(hours_zone("Europe/Berlin"), 0);
	simple_house(&house);
	make_house(&house);
	holes_find(&house, start + week, &sum);

	/* in English each night, one of them longer; in Spanish always */
	assert_int_equal(house.n_holes, 8);
	assert_int_equal(house.holes[0].language, 0);
	assert_false(house.holes[0].while_open);
	assert_int_equal(house.holes[0].until - house.holes[0].from,
			 13 * 60 * MINUTE);
	assert_int_equal(house.holes[1].until - house.holes[1].from,
			 12 * 60 * MINUTE);
	assert_int_equal(house.holes[7].language, 1);
	assert_true(house.holes[7].while_open);
	assert_true(house.holes[7].while_closed);
	assert_int_equal(house.holes[7].from, start);
	assert_int_equal(house.holes[7].until, start + week);

	/* messages close them all */
	house.config.lines[0].messages = true;
	make_house(&house);
	holes_find(&house, start + week, &sum);
	assert_int_equal(house.n_holes, 0);
	assert_int_equal(sum.ms[FATE_HOLE], 0);

	/* and so does a ring-back, once a trunk can dial */
	house.config.lines[0].messages = false;
	house.config.lines[0].ring_back = true;
	make_house(&house);
	holes_find(&house, start + week, &sum);
	assert_int_equal(house.n_holes, 8);
	house.has_trunk = true;
	house.trunk.kind = STORE_TRUNK_REGISTER;
	make_house(&house);
	holes_find(&house, start + week, &sum);
	assert_int_equal(house.n_holes, 0);
}


static void test_wrong(void **state)
{
	struct cover c = {0};
	struct cover_sum sum;
	(void)state;

	assert_int_equal(cover_find(NULL, &sum, NULL, NULL), EINVAL);
	assert_int_equal(cover_find(&c, &sum, NULL, NULL), EINVAL);
	simple_house(&house);
	make_house(&house);
	c.config = &house.config;
	c.settings = &house.settings;
	assert_int_equal(cover_find(&c, NULL, NULL, NULL), EINVAL);
	/* no time: no holes */
	assert_int_equal(cover_find(&c, &sum, NULL, NULL), 0);
	assert_int_equal(sum.n_holes, 0);
	assert_int_equal(sum.n_pairs, 2);
}


static int find_work(void *arg)
{
	const struct cover c = {
		.config = &house.config,
		.settings = &house.settings,
		.from = start,
		.until = start + week,
	};
	struct cover_sum sum;

	return cover_find(&c, &sum, NULL, arg);
}


static void test_oom(void **state)
{
	(void)state;

	simple_house(&house);
	make_house(&house);
	assert_true(oom_loop(find_work, NULL) > 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rule),
		cmocka_unit_test(test_planted),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_oom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
