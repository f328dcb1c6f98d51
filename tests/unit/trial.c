/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * trial.c  Calls that are tried out: who is rung when, what is heard, which
 * keys are pressed, what is promised and until when.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "plan/trial.h"

#include "oom.h"


enum { MINUTE = 60 * 1000, STEPS = 512, HOUR = 60 * MINUTE };

/* Saturday, 2026-11-21 10:00 UTC */
static const int64_t now = (int64_t)1795255200 * 1000;

struct seen {
	struct trial_step step[STEPS];
	struct core_playlist play[STEPS];
	size_t n;
};

static struct seen seen;


static void step_keep(const struct trial_step *step, void *arg)
{
	struct seen *s = arg;

	if (s->n >= STEPS)
		return;
	s->step[s->n] = *step;
	if (step->play)
		s->play[s->n] = *step->play;
	++s->n;
}


static bool heard(enum prompt prompt)
{
	for (size_t i = 0; i < seen.n; i++) {
		for (size_t k = 0; k < seen.play[i].n; k++) {
			if (seen.play[i].v[k].prompt == prompt)
				return true;
		}
	}

	return false;
}


/* the first ring of somebody; UINT64_MAX none */
static uint64_t rung_at(uint32_t person)
{
	for (size_t i = 0; i < seen.n; i++) {
		if (seen.step[i].type == TRIAL_RINGS &&
		    seen.step[i].person == person)
			return seen.step[i].ms;
	}

	return UINT64_MAX;
}


/* of three lines, the first is always open */
static bool is_open(uint16_t line, int64_t unix_ms, void *arg)
{
	(void)arg;

	return line == 0 || unix_ms >= now + 30 * (int64_t)HOUR;
}


static int64_t opens(uint16_t line, int64_t unix_ms, void *arg)
{
	return is_open(line, unix_ms, arg) ? unix_ms
					   : now + 30 * (int64_t)HOUR;
}


static bool is_safe(enum promise_hours hours, int64_t unix_ms, void *arg)
{
	(void)hours;
	(void)unix_ms;
	(void)arg;

	return true;
}


static struct core_settings settings(void)
{
	struct core_settings s = {
		.strategy = STRATEGY_TIERS,
		.ring_ms = 20000,
		.rest_ms = 15000,
		.short_ms = 5000,
		.tier_ms = 25000,
		.dials_at_once = 1,
		.n_lines = 3,
		.calendar = {is_open, opens, is_safe, NULL},
	};

	for (int i = 0; i < 3; i++)
		s.lines[i] = (struct core_line){
			.n_languages = 2,
			.languages = {0, 3},
			.organisation = 1,
			.region = 1,
			.messages = true,
			.ring_back = true,
			.accept_key = CORE_NO_KEY,
			.shown = 1 << SHOWN_WITHHELD,
			.max_wait_ms = 10 * MINUTE,
			.offer_ms = 45000,
			.promise_ms = 4 * HOUR,
			.climb_ms = HOUR,
			.attempts = 5,
			.attempt_ms = 10 * MINUTE,
		};
	s.lines[2].kind = LINE_DETENTION;
	s.lines[2].ring_back = false;

	return s;
}


/* everywhere, of the region, of the organisation */
static const struct core_event people[] = {
	{.type = CORE_PERSON, .person = 11, .lines = UINT16_MAX, .languages = 1},
	{.type = CORE_PERSON, .person = 22, .lines = UINT16_MAX,
	 .languages = 9, .region = 1},
	{.type = CORE_PERSON, .person = 33, .lines = UINT16_MAX,
	 .languages = 1, .organisation = 1},
};


static struct trial_end run(const struct trial *t)
{
	struct trial_end end;

	memset(&seen, 0, sizeof(seen));
	assert_int_equal(trial_run(t, &end, step_keep, &seen), 0);

	return end;
}


static void test_circles(void **state)
{
	const struct core_settings s = settings();
	const struct trial t = {.settings = &s,
				.people = people,
				.n_people = 3,
				.unix_ms = now};
	struct trial_end end = run(&t);
	(void)state;

	/* chose the language, rang circle after circle, then a message */
	assert_true(end.rung);
	assert_true(end.promised);
	assert_true(end.asked_long);
	assert_int_equal(end.record.promise.kind, PROMISE_MESSAGE);
	assert_true(heard(PROMPT_CHOOSE));
	assert_true(heard(PROMPT_LONG_WAIT));
	assert_in_range(rung_at(33), 0, 10000);
	assert_in_range(rung_at(22), 20000, 35000);
	assert_in_range(rung_at(11), 45000, 60000);
	/* due so long after it was made, after the longest wait */
	assert_in_range(end.record.promise.due_at,
			now + 10 * MINUTE + 4 * (int64_t)HOUR,
			now + 12 * MINUTE + 4 * (int64_t)HOUR);
}


static void test_language(void **state)
{
	const struct core_settings s = settings();
	const struct trial t = {.settings = &s,
				.people = people,
				.n_people = 3,
				.language = 3,
				.unix_ms = now};
	struct trial_end end = run(&t);
	unsigned n_keys = 0;
	(void)state;

	for (size_t i = 0; i < seen.n; i++) {
		if (seen.step[i].type != TRIAL_PRESSES)
			continue;
		assert_int_equal(seen.step[i].key, 2);
		++n_keys;
	}
	assert_int_equal(n_keys, 1);
	assert_true(end.rung);
	assert_int_equal(end.record.language, 3);
	assert_in_range(rung_at(22), 0, 10000);
	assert_true(rung_at(33) == UINT64_MAX);
}


static void test_asks(void **state)
{
	const struct core_settings s = settings();
	struct trial t = {.settings = &s,
			  .people = people,
			  .n_people = 3,
			  .unix_ms = now,
			  .caller = TRIAL_ASKS};
	struct trial_end end = run(&t);
	(void)state;

	/* as soon as it was offered, while waiting */
	assert_true(end.rung);
	assert_true(end.promised);
	assert_false(end.asked_long);
	assert_int_equal(end.record.promise.kind, PROMISE_RING_BACK);
	assert_int_equal(end.record.promise.words, WORDS_NONE);
	assert_int_equal(end.record.promise.shown, SHOWN_WITHHELD);
	assert_true(heard(PROMPT_NUMBER_RIGHT));

	/* closed: at once; due so long after it opens */
	t.line = 1;
	end = run(&t);
	assert_false(end.rung);
	assert_true(heard(PROMPT_CLOSED));
	assert_int_equal(end.record.promise.kind, PROMISE_RING_BACK);
	assert_int_equal(end.record.promise.due_at, now + 34 * (int64_t)HOUR);
}


static void test_nobody(void **state)
{
	struct core_settings s = settings();
	struct trial t = {.settings = &s, .unix_ms = now};
	struct trial_end end = run(&t);
	(void)state;

	assert_false(end.rung);
	assert_true(end.promised);
	assert_false(end.asked_long);
	assert_true(heard(PROMPT_NOBODY));
	assert_false(heard(PROMPT_CHOOSE));

	/* nothing is offered on the detention line, and nothing promised if
	 * it takes no messages */
	t.line = 2;
	t.caller = TRIAL_ASKS;
	s.lines[2].messages = false;
	end = run(&t);
	assert_false(end.rung);
	assert_false(end.promised);
	assert_false(heard(PROMPT_OFFER_RING_BACK));
}


static void test_fates(void **state)
{
	struct core_settings s = settings();
	struct trial t = {.settings = &s,
			  .people = people,
			  .n_people = 3,
			  .unix_ms = now};
	enum trial_fate fate;
	(void)state;

	assert_int_equal(trial_fate(&fate, &t), 0);
	assert_int_equal(fate, FATE_PERSON);
	t.line = 1;
	assert_int_equal(trial_fate(&fate, &t), 0);
	assert_int_equal(fate, FATE_PROMISE);
	s.lines[1].messages = false; /* who asks is still rung back */
	assert_int_equal(trial_fate(&fate, &t), 0);
	assert_int_equal(fate, FATE_PROMISE);
	s.lines[1].ring_back = false;
	assert_int_equal(trial_fate(&fate, &t), 0);
	assert_int_equal(fate, FATE_HOLE);

	assert_string_equal(trial_fate_name(FATE_HOLE), "hole");
	assert_string_equal(trial_fate_name(FATE_PROMISE), "promise");
	assert_string_equal(trial_fate_name(FATE_PERSON), "person");
}


/* what is tried twice goes the same way twice */
static void test_same(void **state)
{
	static struct seen first;
	const struct core_settings s = settings();
	const struct trial t = {.settings = &s,
				.people = people,
				.n_people = 3,
				.unix_ms = now};
	(void)state;

	(void)run(&t);
	first = seen;
	(void)run(&t);
	assert_int_equal(first.n, seen.n);
	assert_true(seen.n > 10);
	assert_memory_equal(first.play, seen.play, sizeof(first.play));
	for (size_t i = 0; i < seen.n; i++)
		assert_int_equal(first.step[i].ms, seen.step[i].ms);
}


static void test_wrong(void **state)
{
	const struct core_settings s = settings();
	struct trial t = {.settings = &s, .unix_ms = now, .line = 3};
	struct core *core = NULL;
	struct trial_end end;
	enum trial_fate fate;
	(void)state;

	assert_int_equal(trial_core(&core, &t), EINVAL);
	t.line = 0;
	t.n_people = 1;
	assert_int_equal(trial_core(&core, &t), EINVAL);
	assert_null(core);
	t.n_people = 0;
	assert_int_equal(trial_run(&t, NULL, NULL, NULL), EINVAL);
	assert_int_equal(trial_run(NULL, &end, NULL, NULL), EINVAL);
	assert_int_equal(trial_fate(NULL, &t), EINVAL);
	assert_int_equal(trial_fate(&fate, NULL), EINVAL);
	assert_int_equal(trial_run(&t, &end, NULL, NULL), 0);
}


static int fate_work(void *arg)
{
	enum trial_fate fate;

	return trial_fate(&fate, arg);
}


static void test_oom(void **state)
{
	const struct core_settings s = settings();
	struct trial t = {.settings = &s, .unix_ms = now};
	(void)state;

	assert_true(oom_loop(fate_work, &t) > 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_circles),
		cmocka_unit_test(test_language),
		cmocka_unit_test(test_asks),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_fates),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_oom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
