/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * plan.c  From names to what the core knows: lines, people, trunks, hours.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plan/plan.h"


/* three lines: an ordinary one, one in detention, one for the night */
static struct config three(void)
{
	struct config c = {
		.strategy = CONFIG_STRATEGY_TIERS,
		.ring_at_once = 3,
		.ring_s = 20,
		.rest_s = 15,
		.short_call_s = 5,
		.tier_s = 25,
		.ring_backs_at_once = 2,
		.n_lines = 3,
	};
	struct config_line *l = c.lines;

	l[0] = (struct config_line){
		.name = "day",
		.languages = {"es", "en"}, .n_languages = 2,
		.skills = {"legal"}, .n_skills = 1,
		.organisation = "Oak", .region = "North",
		.tells = CONFIG_TELLS_WAIT,
		.notice = true, .messages = true, .ring_back = true,
		.shows = "5550100",
		.max_wait_s = 7200,
		.promise_minutes = 10080,
		.climb_minutes = 60,
		.attempts = 5,
		.attempt_minutes = 10,
	};
	(void)hours_decode(&l[0].hours[0], "Mon-Fri 09:00-17:00");
	l[0].n_hours = 1;
	l[1] = (struct config_line){
		.name = "inside",
		.kind = CONFIG_KIND_DETENTION,
		.languages = {"en", "fr"}, .n_languages = 2,
		.skills = {"military", "legal"}, .n_skills = 2,
		.organisation = "Ash", .region = "North",
		.messages = true, .ring_back = true,
		.accept_key = '#',
		.max_wait_s = 30,
	};
	l[2] = (struct config_line){
		.name = "night",
		.kind = CONFIG_KIND_AFTER_HOURS,
		.languages = {"es"}, .n_languages = 1,
		.tells = CONFIG_TELLS_POSITION,
		.ring_back = true,
		.trunk = "out",
		.neutral = "5550199",
	};

	return c;
}


static void test_words(void **state)
{
	const struct config c = three();
	struct plan_words w;
	(void)state;

	assert_int_equal(plan_words_make(&w, &c), 0);
	assert_int_equal(w.n_languages, 3);
	assert_string_equal(w.languages[0], "es");
	assert_string_equal(w.languages[2], "fr");
	assert_int_equal(plan_language(&w, "en"), 1);
	assert_int_equal(plan_language(&w, "de"), -1);
	assert_int_equal(plan_language(&w, ""), -1);
	assert_int_equal(w.n_skills, 2);
	assert_string_equal(w.skills[0], "legal");
	assert_int_equal(w.n_organisations, 3);
	assert_string_equal(w.organisations[0], "");
	assert_string_equal(w.organisations[2], "Ash");
	assert_int_equal(w.n_regions, 2);
	assert_int_equal(plan_words_make(NULL, &c), EINVAL);
	assert_int_equal(plan_words_make(&w, NULL), EINVAL);
}


/* as many as there may be, each line its own */
static void test_many_words(void **state)
{
	static struct config c;
	struct core_settings s;
	struct plan_words w;
	(void)state;

	c = three();
	c.n_lines = LIMIT_LINES;
	for (unsigned i = 0; i < LIMIT_LINES; i++) {
		struct config_line *l = &c.lines[i];

		*l = (struct config_line){.n_languages = 2, .n_skills = 2};
		for (unsigned k = 0; k < 2; k++) {
			(void)snprintf(l->languages[k], LIMIT_LANGUAGE, "l%u",
				       2 * i + k);
			(void)snprintf(l->skills[k], LIMIT_NAME, "s%u",
				       2 * i + k);
		}
		(void)snprintf(l->organisation, LIMIT_NAME, "o%u", i);
		(void)snprintf(l->region, LIMIT_NAME, "r%u", i);
	}

	assert_int_equal(plan_words_make(&w, &c), 0);
	assert_int_equal(w.n_languages, LIMIT_TONGUES);
	assert_int_equal(w.n_organisations, LIMIT_LINES + 1);
	assert_int_equal(plan_settings(&s, &c), 0);
	assert_int_equal(s.lines[15].skills, 3u << 30);
	assert_int_equal(s.lines[15].languages[1], 31);
	assert_int_equal(s.lines[15].region, 16);

	/* one more */
	c.lines[3].n_languages = 3;
	strcpy(c.lines[3].languages[2], "xx");
	w.n_skills = 77;
	assert_int_equal(plan_words_make(&w, &c), E2BIG);
	assert_int_equal(w.n_skills, 77);
	assert_int_equal(plan_settings(&s, &c), E2BIG);
	c.lines[3].n_languages = 2;
	c.lines[3].n_skills = 3;
	strcpy(c.lines[3].skills[2], "xx");
	assert_int_equal(plan_settings(&s, &c), E2BIG);
}


static void test_settings(void **state)
{
	const struct config c = three();
	const struct core_line *l;
	struct core_settings s;
	(void)state;

	assert_int_equal(plan_settings(&s, &c), 0);
	assert_int_equal(s.strategy, STRATEGY_TIERS);
	assert_int_equal(s.ring_at_once, 3);
	assert_int_equal(s.ring_ms, 20000);
	assert_int_equal(s.rest_ms, 15000);
	assert_int_equal(s.short_ms, 5000);
	assert_int_equal(s.tier_ms, 25000);
	assert_int_equal(s.dials_at_once, 2);
	assert_int_equal(s.n_lines, 3);
	assert_int_equal(s.first_call, 0);

	l = &s.lines[0];
	assert_int_equal(l->kind, LINE_ORDINARY);
	assert_int_equal(l->n_languages, 2);
	assert_int_equal(l->languages[0], 0);
	assert_int_equal(l->languages[1], 1);
	assert_int_equal(l->skills, 1);
	assert_int_equal(l->organisation, 1);
	assert_int_equal(l->region, 1);
	assert_int_equal(l->tells, TELLS_WAIT);
	assert_true(l->notice);
	assert_true(l->messages);
	assert_int_equal(l->accept_key, CORE_NO_KEY);
	assert_int_equal(l->shown, 1 << SHOWN_WITHHELD | 1 << SHOWN_LINE);
	assert_int_equal(l->max_wait_ms, 7200000);
	assert_int_equal(l->offer_ms, 45000);
	assert_int_equal(l->promise_ms, 604800000);
	assert_int_equal(l->climb_ms, 3600000);
	assert_int_equal(l->attempts, 5);
	assert_int_equal(l->attempt_ms, 600000);

	l = &s.lines[1];
	assert_int_equal(l->kind, LINE_DETENTION);
	assert_int_equal(l->languages[0], 1);
	assert_int_equal(l->languages[1], 2);
	assert_int_equal(l->skills, 3);
	assert_int_equal(l->organisation, 2);
	assert_int_equal(l->region, 1);
	assert_int_equal(l->accept_key, 11);
	assert_int_equal(l->shown, 1 << SHOWN_WITHHELD);

	l = &s.lines[2];
	assert_int_equal(l->kind, LINE_AFTER_HOURS);
	assert_int_equal(l->organisation, 0);
	assert_int_equal(l->tells, TELLS_POSITION);
	assert_false(l->messages);
	assert_int_equal(l->shown, 1 << SHOWN_WITHHELD | 1 << SHOWN_NEUTRAL);

	assert_int_equal(plan_settings(NULL, &c), EINVAL);
	assert_int_equal(plan_settings(&s, NULL), EINVAL);
}


static void test_keys(void **state)
{
	static const struct {
		char key;
		uint8_t is;
	} keys[] = {{'0', 0}, {'5', 5}, {'9', 9}, {'*', 10}, {'#', 11},
		    {'\0', CORE_NO_KEY}};
	struct config c = three();
	struct core_settings s;
	(void)state;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		c.lines[1].accept_key = keys[i].key;
		assert_int_equal(plan_settings(&s, &c), 0);
		assert_int_equal(s.lines[1].accept_key, keys[i].is);
	}
}


/* ---- trunks ---- */

static struct store_trunk trunk(const char *name, enum store_trunk_kind kind,
				const char *uri)
{
	struct store_trunk t = {.kind = kind};

	(void)snprintf(t.name, sizeof(t.name), "%s", name);
	(void)secret_set(&t.uri, uri, strlen(uri));

	return t;
}


static unsigned ring_back(const struct core_settings *s)
{
	return (unsigned)s->lines[0].ring_back |
	       (unsigned)s->lines[1].ring_back << 1 |
	       (unsigned)s->lines[2].ring_back << 2;
}


static void test_trunks(void **state)
{
	const struct store_trunk in = trunk("in", STORE_TRUNK_STATIC, "");
	const struct store_trunk dials =
		trunk("other", STORE_TRUNK_STATIC, "sip:192.0.2.1");
	const struct store_trunk out =
		trunk("out", STORE_TRUNK_REGISTER, "sip:us@192.0.2.1");
	struct config c = three();
	struct core_settings s;
	(void)state;

	assert_false(plan_dials(&in));
	assert_true(plan_dials(&dials));
	assert_true(plan_dials(&out));

	/* none, then one that only brings calls, then one of another name */
	assert_int_equal(plan_settings(&s, &c), 0);
	assert_int_equal(ring_back(&s), 0);
	plan_trunk(&s, &c, &in);
	assert_int_equal(ring_back(&s), 0);
	plan_trunk(&s, &c, &dials);
	assert_int_equal(ring_back(&s), 1);
	plan_trunk(&s, &c, &in);
	assert_int_equal(ring_back(&s), 1);
	plan_trunk(&s, &c, &out);
	assert_int_equal(ring_back(&s), 5); /* never in detention */

	assert_true(plan_trunk_fits(&c.lines[0], &out));
	assert_false(plan_trunk_fits(&c.lines[0], &in));
	assert_false(plan_trunk_fits(&c.lines[1], &out));
	assert_false(plan_trunk_fits(&c.lines[2], &dials));
	c.lines[0].ring_back = false;
	assert_false(plan_trunk_fits(&c.lines[0], &out));
}


/* ---- people ---- */

struct said {
	const char *line, *role;
};


static struct core_event with_roles(const struct plan_words *w,
				    const struct said *said, size_t n)
{
	const struct store_person p = {.id = 7};
	struct plan_roles roles = {.words = w};
	struct core_event ev;

	assert_int_equal(plan_person(&ev, w, &p), 0);
	for (size_t i = 0; i < n; i++) {
		struct store_role role = {.person = 7};

		strcpy(role.line, said[i].line);
		strcpy(role.role, said[i].role);
		assert_false(plan_role(&role, &roles));
	}
	plan_person_roles(&ev, &roles);

	return ev;
}


/* in the order of the store: those of all lines first */
static void test_roles(void **state)
{
	const struct config c = three();
	const char *first = c.lines[0].name, *third = c.lines[2].name;
	const struct {
		struct said said[3];
		size_t n;
		uint16_t lines;
		bool learns;
	} cases[] = {
		{{{0}}, 0, UINT16_MAX, false},
		{{{"", "counsellor"}}, 1, UINT16_MAX, false},
		{{{"", "coordinator"}}, 1, UINT16_MAX, false},
		{{{"", "operator"}}, 1, 0, false},
		{{{"", "trainee"}}, 1, 0, true},
		{{{third, "counsellor"}}, 1, 4, false},
		{{{first, "trainee"}}, 1, 0, true},
		{{{first, "trainee"}, {third, "counsellor"}}, 2, 4, false},
		{{{"", "counsellor"}, {first, "trainee"}}, 2,
		 UINT16_MAX & ~1, false},
		{{{"", "trainee"}, {first, "coordinator"}}, 2, 1, false},
		{{{"", "operator"}, {first, "counsellor"}}, 2, 1, false},
		{{{"gone", "counsellor"}}, 1, 0, false},
	};
	struct plan_words w;
	(void)state;

	assert_int_equal(plan_words_make(&w, &c), 0);
	assert_int_equal(w.n_lines, 3);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct core_event ev =
			with_roles(&w, cases[i].said, cases[i].n);

		assert_int_equal(ev.lines, cases[i].lines);
		assert_int_equal(ev.learns, cases[i].learns);
	}
}


static void test_people(void **state)
{
	const struct config c = three();
	struct store_person p = {.id = 7, .wrap_up_s = 30, .on_duty = true};
	struct core_event ev;
	struct plan_words w;
	(void)state;

	assert_int_equal(plan_words_make(&w, &c), 0);
	assert_int_equal(plan_person(&ev, &w, &p), 0);
	assert_int_equal(ev.type, CORE_PERSON);
	assert_int_equal(ev.person, 7);
	assert_int_equal(ev.wrap_up_ms, 30000);
	assert_int_equal(ev.languages, 1); /* the first of the first line */
	assert_int_equal(ev.skills, 0);
	assert_int_equal(ev.organisation, 0);
	assert_int_equal(ev.region, 0);

	strcpy(p.languages, "fr,de,en");
	strcpy(p.skills, "legal,cooking,military");
	strcpy(p.organisation, "Ash");
	strcpy(p.region, "North");
	assert_int_equal(plan_person(&ev, &w, &p), 0);
	assert_int_equal(ev.languages, 6);
	assert_int_equal(ev.skills, 3);
	assert_int_equal(ev.organisation, 2);
	assert_int_equal(ev.region, 1);

	/* only a language that no line speaks: can take no call */
	strcpy(p.languages, "de");
	strcpy(p.skills, "leg,legally,Legal");
	strcpy(p.organisation, "Elm");
	strcpy(p.region, "South");
	assert_int_equal(plan_person(&ev, &w, &p), 0);
	assert_int_equal(ev.languages, 0);
	assert_int_equal(ev.skills, 0);
	assert_int_equal(ev.organisation, 0);
	assert_int_equal(ev.region, 0);

	/* as long as the store has room for */
	memset(p.languages, ',', sizeof(p.languages) - 1);
	memset(p.skills, 'x', sizeof(p.skills) - 1);
	assert_int_equal(plan_person(&ev, &w, &p), 0);
	assert_int_equal(ev.languages, 0);
	assert_int_equal(ev.skills, 0);

	assert_int_equal(plan_person(NULL, &w, &p), EINVAL);
	assert_int_equal(plan_person(&ev, NULL, &p), EINVAL);
	assert_int_equal(plan_person(&ev, &w, NULL), EINVAL);
}


/* ---- the calendar ---- */

enum { HOUR = 3600 * 1000 };

/* Saturday, 2026-11-21 10:00 UTC */
static const int64_t saturday = (int64_t)1795255200 * 1000;


static void test_calendar(void **state)
{
	const struct config c = three();
	const struct core_calendar *cal;
	const int64_t monday = saturday + 46 * (int64_t)HOUR; /* 09:00 CET */
	struct core_settings s;
	(void)state;

	assert_int_equal(hours_zone("Europe/Berlin"), 0);
	assert_int_equal(plan_settings(&s, &c), 0);
	cal = &s.calendar;
	assert_false(cal->open(0, saturday, cal->arg));
	assert_true(cal->open(1, saturday, cal->arg));
	assert_true(cal->open(0, monday, cal->arg));
	assert_false(cal->open(0, monday - 1, cal->arg));
	assert_int_equal(cal->opens(0, saturday, cal->arg), monday);
	assert_int_equal(cal->opens(1, saturday, cal->arg), saturday);

	assert_true(plan_open(&c.lines[0], monday));
	assert_int_equal(plan_opens(&c.lines[0], saturday), monday);
}


struct safe {
	int hour; /* local */
	bool day, evening;
};

static const struct safe safes[] = {
	{0, false, false},  {7, false, false},  {8, true, false},
	{16, true, false},  {17, true, true},   {19, true, true},
	{20, false, true},  {21, false, true},  {22, false, false},
};


static void test_safe(void **state)
{
	const struct config c = three();
	const int64_t midnight = saturday - 11 * (int64_t)HOUR;
	struct core_settings s;
	(void)state;

	assert_int_equal(hours_zone("Europe/Berlin"), 0);
	assert_int_equal(plan_settings(&s, &c), 0);
	for (size_t i = 0; i < sizeof(safes) / sizeof(safes[0]); i++) {
		const int64_t at = midnight + safes[i].hour * (int64_t)HOUR;

		assert_true(plan_safe(HOURS_ANY, at));
		assert_int_equal(plan_safe(HOURS_DAY, at), safes[i].day);
		assert_int_equal(plan_safe(HOURS_EVENING, at),
				 safes[i].evening);
		assert_int_equal(s.calendar.safe(HOURS_DAY, at, NULL),
				 safes[i].day);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_many_words),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_trunks),
		cmocka_unit_test(test_people),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_calendar),
		cmocka_unit_test(test_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
