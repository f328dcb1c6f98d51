/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * core_refused.c  Lines on which nobody can come, and which have little or
 * nothing else to offer: who was told so has been refused.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk.h"


static bool hears(const struct desk *d, enum prompt prompt)
{
	const struct core_playlist *list = &the(d, CORE_PLAY)->play;

	for (uint8_t i = 0; i < list->n; i++) {
		if (list->v[i].prompt == prompt)
			return true;
	}

	return false;
}


static void offers_nothing(struct desk *d, bool ring_back)
{
	struct core_settings settings = desk_settings(d);

	core_free(d->core);
	settings.lines[LINE].messages = false;
	settings.lines[LINE].ring_back = ring_back;
	assert_int_equal(desk_open_as(d, &settings), 0);
	clock_says(d, MORNING);
}


static void closed(struct desk *d)
{
	d->closed = true;
	clock_says(d, MORNING);
}


static void blocked(const struct desk *d, enum core_cause cause)
{
	assert_int_equal(told(d)->state, CALL_ENDED);
	assert_int_equal(told(d)->outcome, OUTCOME_BLOCKED);
	assert_int_equal(told(d)->cause, cause);
}


static void closed_and_heard_to_the_end(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	offers_nothing(d, false);
	closed(d);
	on_duty(d, ANNA);
	call = waiting(d);
	assert_true(hears(d, PROMPT_CLOSED));
	assert_true(hears(d, PROMPT_GOODBYE));
	played(d, call);
	DID(d, "hang_up update");
	blocked(d, CAUSE_CLOSED);
}


static void closed_and_hung_up(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	offers_nothing(d, false);
	closed(d);
	call = waiting(d);
	d->now += SHORT_MS;
	caller_gone(d, call);
	DID(d, "update");
	blocked(d, CAUSE_CLOSED);
}


static void nobody_and_hung_up(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	offers_nothing(d, false);
	call = waiting(d);
	assert_true(hears(d, PROMPT_NOBODY));
	caller_gone(d, call);
	blocked(d, CAUSE_UNSTAFFED);
}


static void nobody_and_waited_in_vain(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	offers_nothing(d, false);
	call = waiting(d);
	key(d, call, 0);
	assert_true(hears(d, PROMPT_HOLD));
	d->now += SHORT_MS;
	caller_gone(d, call);
	blocked(d, CAUSE_UNSTAFFED);
}


/* Then it is they who did not wait. */
static void somebody_came_after_all(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	offers_nothing(d, false);
	call = waiting(d);
	on_duty(d, ANNA);
	settle(d);
	d->now += SHORT_MS;
	caller_gone(d, call);
	assert_int_equal(told(d)->outcome, OUTCOME_GAVE_UP);
	assert_int_equal(told(d)->cause, CAUSE_NONE);
}


static void who_wants_nothing_has_declined(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	offers_nothing(d, false);
	call = waiting(d);
	key(d, call, 9);
	caller_gone(d, call);
	assert_int_equal(told(d)->outcome, OUTCOME_DECLINED);
}


/* Who could have asked to be rung back was not refused; and what is offered to
 * silence is not offered for ever. */
static void closed_with_ring_backs_alone(void **state)
{
	struct desk *d = *state;
	uint64_t call;
	int n_offers = 0;

	offers_nothing(d, true);
	closed(d);
	call = waiting(d);
	while (!hears(d, PROMPT_GOODBYE) && n_offers < 100) {
		++n_offers;
		assert_true(hears(d, PROMPT_CLOSED));
		assert_true(hears(d, PROMPT_OFFER_RING_BACK));
		played(d, call);
		silence(d, call);
	}
	assert_int_equal(n_offers, 5);
	played(d, call);
	DID(d, "hang_up update");
	assert_int_equal(told(d)->outcome, OUTCOME_GAVE_UP);
	assert_int_equal(told(d)->cause, CAUSE_NONE);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_WHOLE(closed_and_heard_to_the_end),
		DESK_WHOLE(closed_and_hung_up),
		DESK_WHOLE(nobody_and_hung_up),
		DESK_WHOLE(nobody_and_waited_in_vain),
		DESK_WHOLE(somebody_came_after_all),
		DESK_WHOLE(who_wants_nothing_has_declined),
		DESK_WHOLE(closed_with_ring_backs_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
