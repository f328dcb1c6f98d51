/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * core.c  Limits, strangers, mistakes, views and memory.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk.h"
#include "oom.h"


/* --- limits, strangers and mistakes -------------------------------------- */

static void strangers_are_late_news(void **state)
{
	const struct core_pause pause = {0};
	struct desk *d = *state;

	for (int type = CORE_RECORDED; type < CORE_RESTORE; type++) {
		if (type == CORE_PERSON)
			continue;
		assert_int_equal(TELL(d, .type = type, .call = 99,
				      .offer = 4711, .person = 5,
				      .pause = &pause), ENOENT);
		assert_int_equal(TELL(d, .type = type, .pause = &pause),
				 ENOENT);
		assert_int_equal(d->n_traced, 1);
		assert_true(d->traced[0].unexpected);
		DID(d, "");
	}
}


static void mistakes_of_the_shell(void **state)
{
	struct desk *d = *state;
	struct core_event ev = {.type = CORE_ARRIVE, .call = FIRST_CALL};
	struct core *core = NULL;
	struct core_settings settings = {.n_lines = LIMIT_LINES, .ring_ms = 1, .first_call = 1};

	assert_int_equal(TELL(d, .type = CORE_EVENTS), EINVAL);
	assert_int_equal(TELL(d, .type = CORE_PERSON), EINVAL);
	assert_int_equal(TELL(d, .type = CORE_KEY, .key = 12), EINVAL);
	assert_int_equal(TELL(d, .type = CORE_RESTORE), EINVAL);
	assert_int_equal(TELL(d, .type = CORE_ARRIVE,
			      .call = FIRST_CALL + 1), EINVAL);
	ev.line = LIMIT_LINES;
	assert_int_equal(tell(d, ev), EINVAL);
	assert_int_equal(core_next_call(d->core), FIRST_CALL);

	arriving(d);
	d->now -= 1;
	assert_int_equal(TELL(d, .type = CORE_TICK), EINVAL);

	assert_int_equal(core_step(NULL, &ev, 0, &d->did), EINVAL);
	assert_int_equal(core_step(d->core, NULL, 0, &d->did), EINVAL);
	assert_int_equal(core_step(d->core, &ev, 0, NULL), EINVAL);
	assert_int_equal(core_alloc(NULL, &settings), EINVAL);
	assert_int_equal(core_alloc(&core, NULL), EINVAL);
	settings.ring_ms = 0;
	assert_int_equal(core_alloc(&core, &settings), EINVAL);
	settings.ring_ms = 1;
	settings.first_call = 0;
	assert_int_equal(core_alloc(&core, &settings), EINVAL);
	settings.first_call = 1;
	settings.strategy = STRATEGIES;
	assert_int_equal(core_alloc(&core, &settings), EINVAL);
	settings.strategy = STRATEGY_ALL;
	settings.ring_at_once = LIMIT_RING_AT_ONCE + 1;
	assert_int_equal(core_alloc(&core, &settings), EINVAL);
	settings.ring_at_once = 0;
	settings.n_lines = LIMIT_LINES + 1;
	assert_int_equal(core_alloc(&core, &settings), EINVAL);
	settings.n_lines = 1;
	settings.lines[0].n_languages = LIMIT_LANGUAGES + 1;
	assert_int_equal(core_alloc(&core, &settings), EINVAL);
	settings.lines[0].n_languages = 1;
	settings.lines[0].languages[0] = LIMIT_TONGUES;
	assert_int_equal(core_alloc(&core, &settings), EINVAL);
	assert_null(core);
	core_free(NULL);
}


static void full_of_callers(void **state)
{
	struct desk *d = *state;

	for (int i = 0; i < LIMIT_ON_LINE; i++)
		waiting(d);
	assert_int_equal(TELL(d, .type = CORE_ARRIVE,
			      .call = core_next_call(d->core), .line = LINE),
			 ENOSPC);
	assert_int_equal(core_count_calls(d->core, CALL_WAITING),
			 LIMIT_ON_LINE);
	caller_gone(d, FIRST_CALL + 5);
	arriving(d);
}


/* Promises do not count as callers, but they are calls. */
static void full_of_calls(void **state)
{
	struct desk *d = *state;
	uint64_t call = 0;

	for (int i = 0; i < LIMIT_CALLS; i++) {
		call = waiting(d);
		OK(d, .type = CORE_CLOSE, .call = call,
		   .cause = CAUSE_RESTART);
	}
	assert_int_equal(core_next_call(d->core), 0);
	assert_int_equal(TELL(d, .type = CORE_ARRIVE, .call = 1), ENOSPC);
	assert_int_equal(core_count_calls(d->core, CALL_PROMISED),
			 LIMIT_CALLS);

	/* numbers whose slot is taken are skipped, never given twice */
	OK(d, .type = CORE_PROMISE_KEEP, .call = FIRST_CALL + 5);
	assert_int_equal(core_next_call(d->core),
			 FIRST_CALL + LIMIT_CALLS + 5);
	arriving(d);
	assert_int_equal(core_next_call(d->core), 0);
	OK(d, .type = CORE_PROMISE_KEEP, .call = FIRST_CALL);
	assert_int_equal(core_next_call(d->core),
			 FIRST_CALL + 2 * LIMIT_CALLS);
}


static void full_of_people(void **state)
{
	struct desk *d = *state;

	/* ids come in any order */
	for (uint32_t i = 0; i < LIMIT_PEOPLE; i++)
		on_duty(d, 1 + i * 2654435761u);
	assert_int_equal(TELL(d, .type = CORE_PERSON, .person = 2), ENOSPC);
	assert_int_equal(core_count_people(d->core, PERSON_FREE),
			 LIMIT_PEOPLE);
	for (uint32_t i = 0; i < LIMIT_PEOPLE; i++)
		assert_int_equal(at(d, 1 + i * 2654435761u), PERSON_FREE);
	assert_false(core_person(d->core, 2, NULL));

	/* who is off duty makes room, and may come back when others go */
	OK(d, .type = CORE_PERSON_OFF, .person = 1);
	on_duty(d, 2);
	assert_false(core_person(d->core, 1, NULL));
	assert_int_equal(TELL(d, .type = CORE_PERSON_ON, .person = 1), ENOENT);
	assert_int_equal(TELL(d, .type = CORE_PERSON, .person = 1), ENOSPC);
	assert_int_equal(core_count_people(d->core, PERSON_FREE),
			 LIMIT_PEOPLE);
	OK(d, .type = CORE_PERSON_OFF, .person = 2);
	on_duty(d, 1);
	assert_int_equal(at(d, 1), PERSON_FREE);
	assert_false(core_person(d->core, 2, NULL));
}


/* people come and go for years: the numbers do not run out */
static void more_people_than_there_is_room_for(void **state)
{
	struct desk *d = *state;

	for (uint32_t i = 1; i <= 3 * LIMIT_PEOPLE; i++) {
		on_duty(d, i);
		assert_int_equal(at(d, i), PERSON_FREE);
		OK(d, .type = CORE_PERSON_OFF, .person = i);
	}
	waiting(d);
	on_duty(d, 77);
	accepted(d, 77);
	assert_int_equal(at(d, 77), PERSON_TALKING);
}


static int by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}


/* Wrap-ups of all lengths, some of them ended from outside, end in order. */
static void deadlines_come_in_order(void **state)
{
	enum { N = LIMIT_PEOPLE };
	struct desk *d = *state;
	uint64_t *due = calloc(N, sizeof(*due));
	size_t n = 0;

	assert_non_null(due);
	for (uint32_t i = 1; i <= N; i++) {
		const uint32_t ms = 1 + i * 2654435761u % 100000;

		OK(d, .type = CORE_PERSON, .person = i, .lines = UINT16_MAX,
		   .wrap_up_ms = ms,
	   .languages = 1);
		OK(d, .type = CORE_PERSON_ON, .person = i);
		waiting(d);
		accepted(d, i);
		OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, i));
		if (i % 3)
			due[n++] = d->now + ms;
	}
	for (uint32_t i = 3; i <= N; i += 3)
		OK(d, .type = CORE_PERSON_OFF, .person = i);

	qsort(due, n, sizeof(*due), by_value);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(core_deadline(d->core), due[i]);
		d->now = due[i];
		OK(d, .type = CORE_TICK);
		assert_int_equal(d->n_traced, 1);
	}
	assert_int_equal(core_deadline(d->core), UINT64_MAX);
	free(due);
}


/* --- looking ------------------------------------------------------------- */

struct seen {
	size_t n;
	uint64_t last;
};


static void see_call(const struct core_call_view *view, void *arg)
{
	struct seen *seen = arg;

	assert_true(view->call > seen->last);
	seen->last = view->call;
	++seen->n;
}


static void see_person(const struct core_person_view *view, void *arg)
{
	struct seen *seen = arg;

	assert_true(view->person == ANNA || view->person == BELA);
	seen->last += view->person;
	++seen->n;
}


static void views(void **state)
{
	struct desk *d = *state;
	struct core_call_view c;
	struct core_person_view p;
	struct seen calls = {0}, people = {0};

	on_duty(d, ANNA);
	OK(d, .type = CORE_PERSON, .person = BELA, .lines = UINT16_MAX,
	   .languages = 1);
	waiting(d);
	waiting(d);
	arriving(d);

	assert_true(core_call(d->core, FIRST_CALL, &c));
	assert_int_equal(c.call, FIRST_CALL);
	assert_int_equal(c.arrived, 1000);
	assert_int_equal(c.person, ANNA);
	assert_int_equal(c.n_offers, 1);
	assert_int_equal(c.offer, offer_of(d, ANNA));
	assert_true(core_person(d->core, ANNA, &p));
	assert_int_equal(p.call, FIRST_CALL);
	assert_int_equal(p.deadline, 1000 + RING_MS);
	assert_int_equal(p.idle_since, 1000);

	core_each_call(d->core, see_call, &calls);
	assert_int_equal(calls.n, 3);
	core_each_person(d->core, see_person, &people);
	assert_int_equal(people.n, 2);
	assert_int_equal(people.last, ANNA + BELA);
	assert_int_equal(core_count_calls(d->core, CALL_ARRIVING), 1);
	assert_int_equal(core_count_calls(d->core, CALL_OFFERED), 1);
	assert_int_equal(core_count_people(d->core, PERSON_OFF), 1);
	assert_false(core_call(d->core, 0, &c));
	assert_false(core_call(d->core, FIRST_CALL + 3, &c));
}


static void names(void **state)
{
	(void)state;

	for (int i = 0; i < OUTCOMES; i++) {
		enum call_outcome o = OUTCOMES;

		assert_int_equal(call_outcome_decode(
					 &o, call_outcome_name(i)), 0);
		assert_int_equal(o, i);
	}
	for (int i = 0; i < CALL_STATES; i++) {
		enum call_state s = CALL_STATES;

		assert_int_equal(call_state_decode(&s, call_state_name(i)),
				 0);
		assert_int_equal(s, i);
	}
	for (int i = 0; i < PERSON_STATES; i++)
		assert_string_not_equal(person_state_name(i), "unknown");
	for (int i = 0; i < CAUSES; i++)
		assert_string_not_equal(core_cause_name(i), "unknown");

	assert_string_equal(call_state_name(CALL_WAITING), "waiting");
	assert_string_equal(call_outcome_name(OUTCOME_GAVE_UP), "gave_up");
	assert_string_equal(core_cause_name(CAUSE_NO_ANSWER), "no_answer");
	assert_string_equal(person_state_name(PERSON_WRAP_UP), "wrap_up");
	assert_string_equal(call_state_name(CALL_STATES), "unknown");
}


static void names_of_nothing(void **state)
{
	enum call_outcome o = OUTCOME_SHORT;
	enum call_state s = CALL_TALKING;

	(void)state;
	assert_int_equal(call_outcome_decode(&o, "perhaps"), EINVAL);
	assert_int_equal(call_outcome_decode(&o, NULL), EINVAL);
	assert_int_equal(call_outcome_decode(NULL, "open"), EINVAL);
	assert_int_equal(call_state_decode(&s, ""), EINVAL);
	assert_int_equal(call_state_decode(NULL, "none"), EINVAL);
	assert_int_equal(o, OUTCOME_SHORT);
	assert_int_equal(s, CALL_TALKING);
}


/* --- memory -------------------------------------------------------------- */

static int whole_life(void *arg)
{
	struct desk *d = arg;
	int err = desk_open(d, REST_MS, SHORT_MS);

	if (err)
		return err;

	on_duty(d, ANNA);
	(void)waiting(d);
	(void)accepted(d, ANNA);
	off_duty(d, ANNA);
	caller_gone(d, FIRST_CALL);
	core_free(d->core);
	return 0;
}


static void one_allocation_and_no_more(void **state)
{
	struct desk *d = malloc(sizeof(*d));

	(void)state;
	assert_non_null(d);
	assert_int_equal(oom_loop(whole_life, d), 1);
	free(d);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK(strangers_are_late_news),
		DESK(mistakes_of_the_shell),
		DESK(full_of_callers),
		DESK(full_of_calls),
		DESK(full_of_people),
		DESK(more_people_than_there_is_room_for),
		DESK(deadlines_come_in_order),
		DESK(views),
		cmocka_unit_test(names),
		cmocka_unit_test(names_of_nothing),
		cmocka_unit_test(one_allocation_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
