/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * core_blocked.c  A caller who is blocked: on record and answered as everybody,
 * told so, and that is all.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk.h"


static void ended_blocked(const struct desk *d)
{
	assert_int_equal(told(d)->state, CALL_ENDED);
	assert_int_equal(told(d)->outcome, OUTCOME_BLOCKED);
	assert_int_equal(told(d)->cause, CAUSE_MARKED);
	assert_int_equal(told(d)->promise.kind, PROMISE_NONE);
	assert_int_equal(told(d)->counsellor, 0);
}


/* up to the announcement, step by step as anybody else */
static uint64_t announced(struct desk *d, uint16_t line)
{
	const uint64_t call = core_next_call(d->core);

	OK(d, .type = CORE_ARRIVE, .call = call, .line = line,
	   .handle = HANDLE, .number_known = true, .blocked = true);
	DID(d, "record");
	OK(d, .type = CORE_RECORDED, .call = call);
	DID(d, "answer");
	OK(d, .type = CORE_ANSWERED, .call = call);
	assert_false(asked(d, CORE_OFFER));

	return call;
}


/* in each language of the line: nobody has asked which is theirs */
static void test_heard_to_the_end(void **state)
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
	call = announced(d, LINE);
	list = &the(d, CORE_PLAY)->play;
	assert_int_equal(list->n, 2);
	assert_int_equal(list->v[0].prompt, PROMPT_BLOCKED);
	assert_int_equal(list->v[0].language, EN);
	assert_int_equal(list->v[1].prompt, PROMPT_BLOCKED);
	assert_int_equal(list->v[1].language, ES);
	assert_false(list->loop);
	assert_int_equal(where(d, call), CALL_LEAVING);
	played(d, call);
	DID(d, "hang_up update");
	ended_blocked(d);
	assert_int_equal(at(d, ANNA), PERSON_FREE);
}


static void test_hung_up(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	call = announced(d, LINE);
	d->now += SHORT_MS;
	caller_gone(d, call);
	DID(d, "update");
	ended_blocked(d);
}


/* also not 0, at any time */
static void test_no_key_leads_anywhere(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	on_duty(d, ANNA);
	call = announced(d, LINE);
	for (uint8_t k = 0; k < 12; k++) {
		key(d, call, k);
		DID(d, "");
		assert_int_equal(where(d, call), CALL_LEAVING);
	}
	played(d, call);
	ended_blocked(d);
}


/* who comes on duty meanwhile is not rung, nor is the place kept */
static void test_nobody_is_rung(void **state)
{
	struct desk *d = *state;
	uint64_t call, other;

	call = announced(d, LINE);
	on_duty(d, ANNA);
	assert_int_equal(at(d, ANNA), PERSON_FREE);
	clock_says(d, MORNING);
	assert_int_equal(rings(d, call), 0);
	other = waiting(d);
	assert_int_equal(rings(d, other), 1);
	caller_gone(d, call);
	ended_blocked(d);
}


/* our sound is lost in the middle of it: nothing is owed */
static void test_cut_off(void **state)
{
	struct desk *d = *state;
	const uint64_t call = announced(d, LINE);

	OK(d, .type = CORE_CLOSE, .call = call, .cause = CAUSE_RESTART);
	DID(d, "hang_up update");
	ended_blocked(d);
}


/* the next caller is not blocked for it */
static void test_another_caller(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	on_duty(d, ANNA);
	played(d, announced(d, LINE));
	call = waiting(d);
	assert_int_equal(rings(d, call), 1);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_WHOLE(test_heard_to_the_end),
		DESK_WHOLE(test_hung_up),
		DESK_WHOLE(test_no_key_leads_anywhere),
		DESK_WHOLE(test_nobody_is_rung),
		DESK_WHOLE(test_cut_off),
		DESK_WHOLE(test_another_caller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
