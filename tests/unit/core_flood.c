/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * core_flood.c  Callers in a flood of calls: asked for a key before anything
 * else; and a queue that is as long as it may be.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk.h"


enum { CHECK = 7 };

static bool hears(const struct desk *d, enum prompt prompt)
{
	const struct core_playlist *list = &the(d, CORE_PLAY)->play;

	for (uint8_t i = 0; i < list->n; i++) {
		if (list->v[i].prompt == prompt)
			return true;
	}

	return false;
}


static uint64_t asked_for_a_key(struct desk *d, uint16_t line)
{
	const uint64_t call = core_next_call(d->core);

	OK(d, .type = CORE_ARRIVE, .call = call, .line = line,
	   .handle = HANDLE, .number_known = true, .check = CHECK);
	OK(d, .type = CORE_RECORDED, .call = call);
	OK(d, .type = CORE_ANSWERED, .call = call);

	return call;
}


static void ended_unchecked(const struct desk *d)
{
	assert_int_equal(told(d)->state, CALL_ENDED);
	assert_int_equal(told(d)->outcome, OUTCOME_BLOCKED);
	assert_int_equal(told(d)->cause, CAUSE_FLOOD);
	assert_int_equal(told(d)->promise.kind, PROMISE_NONE);
}


/* in each language: the sentence, and the digit */
static void test_the_right_key(void **state)
{
	struct desk *d = *state;
	struct core_settings settings = desk_settings(d);
	const struct core_playlist *list;
	uint64_t call;

	core_free(d->core);
	settings.lines[LINE].n_languages = 2;
	settings.lines[LINE].languages[1] = ES;
	assert_int_equal(desk_open_as(d, &settings), 0);
	clock_says(d, MORNING);
	on_duty(d, ANNA);
	call = asked_for_a_key(d, LINE);
	assert_false(asked(d, CORE_OFFER));
	list = &the(d, CORE_PLAY)->play;
	assert_int_equal(list->n, 4);
	assert_int_equal(list->v[0].prompt, PROMPT_CHECK);
	assert_int_equal(list->v[1].prompt, PROMPT_ZERO + CHECK);
	assert_int_equal(list->v[1].language, EN);
	assert_int_equal(list->v[3].prompt, PROMPT_ZERO + CHECK);
	assert_int_equal(list->v[3].language, ES);
	assert_int_equal(where(d, call), CALL_CHOOSING);

	/* from here on as everybody: they choose a language */
	key(d, call, CHECK);
	assert_true(hears(d, PROMPT_GREETING));
	assert_true(hears(d, PROMPT_CHOOSE));
	key(d, call, 1);
	assert_int_equal(rings(d, call), 1);
	caller_gone(d, call);
	assert_int_not_equal(told(d)->outcome, OUTCOME_BLOCKED);
}


/* three of them, 0 and hash among them */
static void test_wrong_keys(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	on_duty(d, ANNA);
	call = asked_for_a_key(d, LINE);
	key(d, call, 0);
	assert_true(hears(d, PROMPT_WRONG_KEY));
	assert_true(hears(d, PROMPT_CHECK));
	key(d, call, 11);
	assert_true(hears(d, PROMPT_CHECK));
	assert_int_equal(rings(d, call), 0);
	key(d, call, CHECK + 1);
	assert_true(hears(d, PROMPT_UNCHECKED));
	key(d, call, CHECK);
	DID(d, "");
	played(d, call);
	DID(d, "hang_up update");
	ended_unchecked(d);
	assert_int_equal(at(d, ANNA), PERSON_FREE);
}


static void test_silence(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	call = asked_for_a_key(d, LINE);
	played(d, call);
	silence(d, call);
	assert_true(hears(d, PROMPT_CHECK));
	played(d, call);
	silence(d, call);
	assert_true(hears(d, PROMPT_UNCHECKED));
	played(d, call);
	ended_unchecked(d);
}


static void test_hung_up(void **state)
{
	struct desk *d = *state;

	caller_gone(d, asked_for_a_key(d, LINE));
	ended_unchecked(d);
}


/* who comes or goes meanwhile changes nothing */
static void test_nobody_is_rung(void **state)
{
	struct desk *d = *state;
	uint64_t call, other;

	call = asked_for_a_key(d, LINE);
	on_duty(d, ANNA);
	clock_says(d, MORNING);
	assert_int_equal(rings(d, call), 0);
	other = waiting(d);
	assert_int_equal(rings(d, other), 1);
}


/* there keys mean nothing */
static void test_a_detention_line(void **state)
{
	struct desk *d = *state;
	struct core_settings settings = desk_settings(d);
	uint64_t call;

	core_free(d->core);
	settings.lines[LINE].kind = LINE_DETENTION;
	assert_int_equal(desk_open_as(d, &settings), 0);
	clock_says(d, MORNING);
	on_duty(d, ANNA);
	call = asked_for_a_key(d, LINE);
	assert_int_equal(rings(d, call), 1);
}


/* ---- a queue that is as long as it may be ------------------------------- */

static void with_queue_of(struct desk *d, uint32_t n)
{
	struct core_settings settings = desk_settings(d);

	core_free(d->core);
	settings.most_waiting = n;
	assert_int_equal(desk_open_as(d, &settings), 0);
	clock_says(d, MORNING);
	on_duty(d, ANNA);
}


static uint64_t comes(struct desk *d)
{
	const uint64_t call = core_next_call(d->core);

	OK(d, .type = CORE_ARRIVE, .call = call, .line = LINE, .handle = 0);
	OK(d, .type = CORE_RECORDED, .call = call);
	OK(d, .type = CORE_ANSWERED, .call = call);

	return call;
}


static void test_a_full_queue_is_told(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	with_queue_of(d, 2);
	for (int i = 0; i < 2; i++) {
		(void)comes(d);
		assert_false(hears(d, PROMPT_QUEUE_FULL));
	}
	call = comes(d);
	assert_true(hears(d, PROMPT_QUEUE_FULL));
	assert_true(hears(d, PROMPT_OFFER_RING_BACK));

	/* and has a place in it all the same */
	assert_int_equal(where(d, call), CALL_WAITING);
	key(d, call, 0);
	assert_true(hears(d, PROMPT_HOLD));
	assert_int_equal(where(d, call), CALL_WAITING);
}


static void test_a_full_queue_takes_a_ring_back(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	with_queue_of(d, 1);
	(void)comes(d);
	call = comes(d);
	assert_true(hears(d, PROMPT_QUEUE_FULL));
	key(d, call, 1);
	assert_true(hears(d, PROMPT_TYPE_NUMBER));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_WHOLE(test_the_right_key),
		DESK_WHOLE(test_wrong_keys),
		DESK_WHOLE(test_silence),
		DESK_WHOLE(test_hung_up),
		DESK_WHOLE(test_nobody_is_rung),
		DESK_WHOLE(test_a_detention_line),
		DESK_WHOLE(test_a_full_queue_is_told),
		DESK_WHOLE(test_a_full_queue_takes_a_ring_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
