/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * alarm.c  The core's alarm clock, in a real loop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "line/alarm.h"
#include "oom.h"


struct bell {
	struct alarm *alarm;
	uint64_t rang_at;
	unsigned n;
};


static void ring(void *arg)
{
	struct bell *b = arg;

	b->rang_at = alarm_now();
	++b->n;
	re_cancel();
}


/* two alarms in one loop: the later one ends what would never end */
static void wait_until(struct bell *last, uint64_t last_at)
{
	alarm_set(last->alarm, last_at);
	while (!last->n)
		assert_int_equal(re_main(NULL), 0);
}


static int setup(void **state)
{
	static struct bell bells[2];

	memset(bells, 0, sizeof(bells));
	assert_int_equal(libre_init(), 0);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(alarm_alloc(&bells[i].alarm, ring, &bells[i]),
				 0);
	*state = bells;

	return 0;
}


static int teardown(void **state)
{
	struct bell *bells = *state;

	for (unsigned i = 0; i < 2; i++)
		mem_deref(bells[i].alarm);
	libre_close();

	return 0;
}


static void rings_once_and_not_before_its_time(void **state)
{
	struct bell *b = *state;
	const uint64_t due = alarm_now() + 20;

	alarm_set(b[0].alarm, due);
	wait_until(&b[1], due + 30);
	assert_int_equal(b[0].n, 1);
	assert_true(b[0].rang_at >= due);
	assert_true(b[1].rang_at >= b[0].rang_at);
}


static void rings_at_once_for_what_is_past(void **state)
{
	struct bell *b = *state;
	const uint64_t now = alarm_now();

	alarm_set(b[0].alarm, 0);
	wait_until(&b[1], now + 10);
	assert_int_equal(b[0].n, 1);
}


static void can_be_moved_and_switched_off(void **state)
{
	struct bell *b = *state;
	const uint64_t now = alarm_now();

	alarm_set(b[0].alarm, now + 10);
	alarm_set(b[0].alarm, UINT64_MAX);
	wait_until(&b[1], now + 30);
	assert_int_equal(b[0].n, 0);

	b[1].n = 0;
	alarm_set(b[0].alarm, alarm_now() + 3600000);
	alarm_set(b[0].alarm, alarm_now());
	wait_until(&b[1], alarm_now() + 10);
	assert_int_equal(b[0].n, 1);
}


/* the same time again is a new alarm, once it has rung */
static void can_be_set_to_the_same_time_again(void **state)
{
	struct bell *b = *state;
	const uint64_t past = alarm_now();

	for (unsigned i = 1; i <= 3; i++) {
		alarm_set(b[0].alarm, past);
		while (b[0].n < i)
			assert_int_equal(re_main(NULL), 0);
	}
}


static int life(void *arg)
{
	struct alarm *a = NULL;
	int err;

	err = alarm_alloc(&a, ring, arg);
	mem_deref(a);

	return err;
}


static void survives_want_of_memory(void **state)
{
	assert_int_equal(oom_loop(life, *state), 1);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			rings_once_and_not_before_its_time, setup, teardown),
		cmocka_unit_test_setup_teardown(
			rings_at_once_for_what_is_past, setup, teardown),
		cmocka_unit_test_setup_teardown(can_be_moved_and_switched_off,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			can_be_set_to_the_same_time_again, setup, teardown),
		cmocka_unit_test_setup_teardown(survives_want_of_memory, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
