/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * core_restore.c  What is left after a crash.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk.h"


/* What the store holds of the call before the first. */
static struct core_record stored(enum call_state state,
				 enum promise_kind kind)
{
	return (struct core_record){
		.call = FIRST_CALL - 1,
		.line = LINE,
		.state = state,
		.arrived_at = MORNING - 60000,
		.promise = {
			.kind = kind,
			.has_number = kind == PROMISE_RING_BACK,
			.made_at = MORNING - 50000,
			.due_at = MORNING - 50000 + PROMISE_MS,
		},
	};
}


static int restore(struct desk *d, const struct core_record *record)
{
	return TELL(d, .type = CORE_RESTORE, .restore = record);
}


static void who_talked_has_talked(void **state)
{
	struct desk *d = *state;
	struct core_record r = stored(CALL_TALKING, PROMISE_NONE);

	r.wait_ms = 4000;
	assert_int_equal(restore(d, &r), 0);
	DID(d, "update");
	assert_int_equal(told(d)->outcome, OUTCOME_TALKED);
	assert_int_equal(told(d)->cause, CAUSE_RESTART);
	assert_int_equal(told(d)->wait_ms, 4000);
	assert_false(core_call(d->core, r.call, NULL));

	r = stored(CALL_TALKING, PROMISE_RING_BACK);
	r.promise.n_attempts = 1;
	assert_int_equal(restore(d, &r), 0);
	assert_int_equal(told(d)->outcome, OUTCOME_KEPT);
}


static void who_waited_is_owed_something(void **state)
{
	static const enum call_state states[] = {
		CALL_ARRIVING, CALL_ANSWERING, CALL_CHOOSING, CALL_WAITING,
		CALL_OFFERED, CALL_LEAVING};
	struct desk *d = *state;

	for (size_t i = 0; i < STEP_COUNT(states); i++) {
		const struct core_record r = stored(states[i], PROMISE_NONE);

		assert_int_equal(restore(d, &r), 0);
		DID(d, "update notice");
		assert_int_equal(told(d)->state, CALL_PROMISED);
		assert_int_equal(told(d)->cause, CAUSE_RESTART);
		assert_int_equal(told(d)->promise.kind, PROMISE_CUT_OFF);
		assert_int_equal(told(d)->promise.level, LEVEL_COORDINATOR);
		assert_int_equal(told(d)->promise.due_at, MORNING);
		OK(d, .type = CORE_PROMISE_KEEP, .call = r.call);
	}
}


static void a_message_under_way_stays_open(void **state)
{
	struct desk *d = *state;
	const struct core_record r = stored(CALL_RECORDING, PROMISE_MESSAGE);

	assert_int_equal(restore(d, &r), 0);
	assert_int_equal(told(d)->promise.kind, PROMISE_MESSAGE);
	assert_int_equal(where(d, r.call), CALL_PROMISED);
}


/* It waited longer than those who call now. */
static void a_ring_back_has_its_place(void **state)
{
	struct desk *d = *state;
	const struct core_record r = stored(CALL_DUE, PROMISE_RING_BACK);

	assert_int_equal(restore(d, &r), 0);
	assert_int_equal(where(d, r.call), CALL_DUE);
	(void)waiting(d);
	on_duty(d, ANNA);
	assert_int_equal(the(d, CORE_OFFER)->call, r.call);
	accepted(d, ANNA);
	OK(d, .type = CORE_DIAL_ANSWERED, .call = r.call);
	key(d, r.call, 1);
	assert_int_equal(told(d)->wait_ms, 60000);
}


/* It may be what killed us: not again at once, and not for ever. */
static void an_attempt_that_was_open_counts(void **state)
{
	struct desk *d = *state;
	struct core_record r = stored(CALL_DIALLING, PROMISE_RING_BACK);

	r.promise.n_attempts = 1;
	on_duty(d, ANNA);
	assert_int_equal(restore(d, &r), 0);
	assert_false(asked(d, CORE_ATTEMPT));
	assert_int_equal(where(d, r.call), CALL_PROMISED);
	assert_int_equal(told(d)->promise.next_at, MORNING + ATTEMPT_MS);
	until(d, d->now + ATTEMPT_MS);
	assert_int_equal(where(d, r.call), CALL_DUE_OFFERED);
	OK(d, .type = CORE_PROMISE_KEEP, .call = r.call);

	r.promise.n_attempts = ATTEMPTS_MAX;
	assert_int_equal(restore(d, &r), 0);
	assert_true(asked(d, CORE_NOTICE));
	assert_int_equal(told(d)->promise.level, LEVEL_COORDINATOR);
	assert_int_equal(where(d, r.call), CALL_PROMISED);
}


static void owners_are_who_is_on_duty(void **state)
{
	struct desk *d = *state;
	struct core_record r = stored(CALL_PROMISED, PROMISE_MESSAGE);

	on_duty(d, ANNA);
	r.promise.owner = ANNA;
	assert_int_equal(restore(d, &r), 0);
	DID(d, "update");
	assert_int_equal(told(d)->promise.owner, ANNA);
	OK(d, .type = CORE_PROMISE_KEEP, .call = r.call);

	r.promise.owner = BELA; /* is not */
	assert_int_equal(restore(d, &r), 0);
	DID(d, "update notice");
	assert_int_equal(told(d)->promise.owner, ANNA);
}


static void records_that_cannot_be(void **state)
{
	struct desk *d = *state;
	struct core_record r = stored(CALL_PROMISED, PROMISE_MESSAGE);
	const struct core_record good = r;

	r.call = 0;
	assert_int_equal(restore(d, &r), EINVAL);
	r.call = FIRST_CALL;
	assert_int_equal(restore(d, &r), EINVAL);
	r = good;
	r.line = LIMIT_LINES;
	assert_int_equal(restore(d, &r), EINVAL);
	r = good;
	r.language = LIMIT_TONGUES;
	assert_int_equal(restore(d, &r), EINVAL);
	r = good;
	r.promise.kind = PROMISES;
	assert_int_equal(restore(d, &r), EINVAL);
	assert_int_equal(restore(d, &good), 0);
	assert_int_equal(restore(d, &good), ENOSPC);
	assert_int_equal(core_count_calls(d->core, CALL_PROMISED), 1);
}


static void see(const struct core_call_view *view, void *arg)
{
	uint64_t *last = arg;

	assert_true(view->call > *last);
	*last = view->call;
}


/* In whatever order they come: the open calls are in order. */
static void in_any_order(void **state)
{
	static const int back[] = {3, 9, 1, 7, 2};
	struct desk *d = *state;
	uint64_t last = 0;

	for (size_t i = 0; i < STEP_COUNT(back); i++) {
		struct core_record r = stored(CALL_PROMISED, PROMISE_MESSAGE);

		r.call = FIRST_CALL - (uint64_t)back[i];
		assert_int_equal(restore(d, &r), 0);
	}
	core_each_call(d->core, see, &last);
	assert_int_equal(last, FIRST_CALL - 1);
	assert_int_equal(core_next_call(d->core), FIRST_CALL);
}


/* the key of its number is lost: it is owed, climbs, and is not rung */
static void a_number_that_nobody_can_open_waits(void **state)
{
	struct desk *d = *state;
	struct core_record r = stored(CALL_DUE, PROMISE_RING_BACK);

	r.promise.number_waits = true;
	on_duty(d, ANNA);
	assert_int_equal(restore(d, &r), 0);
	assert_int_equal(where(d, r.call), CALL_PROMISED);
	assert_true(told(d)->promise.has_number);
	assert_true(told(d)->promise.number_waits);
	assert_int_equal(TELL(d, .type = CORE_PROMISE_RING, .call = r.call),
			 ENOKEY);

	OK(d, .type = CORE_CLOCK,
	   .unix_ms = MORNING + PROMISE_MS + 3 * CLIMB_MS);
	OK(d, .type = CORE_TICK);
	assert_int_equal(where(d, r.call), CALL_PROMISED);
	assert_true(core_get_record(d->core, r.call, &r));
	assert_int_equal(r.promise.level, LEVEL_COORDINATOR);
}


static void a_number_that_is_back_is_rung(void **state)
{
	struct desk *d = *state;
	struct core_record r = stored(CALL_DUE, PROMISE_RING_BACK);

	r.promise.number_waits = true;
	on_duty(d, ANNA);
	assert_int_equal(restore(d, &r), 0);
	OK(d, .type = CORE_NUMBER_BACK, .call = r.call, .handle = HANDLE);
	assert_int_equal(the(d, CORE_OFFER)->call, r.call);
	assert_true(core_get_record(d->core, r.call, &r));
	assert_false(r.promise.number_waits);
	assert_int_equal(TELL(d, .type = CORE_NUMBER_BACK, .call = r.call),
			 EPROTO);
	assert_int_equal(TELL(d, .type = CORE_NUMBER_BACK, .call = 1), ENOENT);
}


/* only now it can be seen that two are the same caller's */
static void a_number_that_is_back_has_a_twin(void **state)
{
	struct desk *d = *state;
	struct core_record r = stored(CALL_PROMISED, PROMISE_RING_BACK);
	const uint64_t older = FIRST_CALL - 2;

	r.promise.number_waits = true;
	assert_int_equal(restore(d, &r), 0);
	r.call = older;
	r.promise.made_at -= 1000;
	assert_int_equal(restore(d, &r), 0);
	OK(d, .type = CORE_NUMBER_BACK, .call = FIRST_CALL - 1,
	   .handle = HANDLE);
	assert_int_equal(where(d, FIRST_CALL - 1), CALL_DUE);
	OK(d, .type = CORE_NUMBER_BACK, .call = older, .handle = HANDLE,
	   .twin = FIRST_CALL - 1);
	/* the newer one gives way, then it is the older one's turn */
	for (int i = 0; i < 2; i++) {
		OK(d, .type = CORE_CLOCK, .unix_ms = MORNING);
		OK(d, .type = CORE_TICK);
	}
	on_duty(d, ANNA);
	assert_int_equal(where(d, older), CALL_DUE_OFFERED);
	assert_int_equal(where(d, FIRST_CALL - 1), CALL_PROMISED);
}


/* who calls is not rung at the same time, whenever the number came back */
static void a_number_that_is_back_is_held_while_they_are_here(void **state)
{
	struct desk *d = *state;
	struct core_record r = stored(CALL_PROMISED, PROMISE_RING_BACK);

	r.promise.number_waits = true;
	assert_int_equal(restore(d, &r), 0);
	(void)arriving_as(d, LINE, HANDLE);
	OK(d, .type = CORE_NUMBER_BACK, .call = r.call, .handle = HANDLE);
	assert_int_equal(where(d, r.call), CALL_PROMISED);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_WHOLE(who_talked_has_talked),
		DESK_WHOLE(who_waited_is_owed_something),
		DESK_WHOLE(a_message_under_way_stays_open),
		DESK_WHOLE(a_ring_back_has_its_place),
		DESK_WHOLE(an_attempt_that_was_open_counts),
		DESK_WHOLE(owners_are_who_is_on_duty),
		DESK_WHOLE(records_that_cannot_be),
		DESK_WHOLE(in_any_order),
		DESK_WHOLE(a_number_that_nobody_can_open_waits),
		DESK_WHOLE(a_number_that_is_back_is_rung),
		DESK_WHOLE(a_number_that_is_back_has_a_twin),
		DESK_WHOLE(a_number_that_is_back_is_held_while_they_are_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
