/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_pace.c  Whoever speaks is heard, also after a pause; a flood is not.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "media/pace.h"


static unsigned take(struct pace *p, uint64_t tick, unsigned n)
{
	unsigned taken = 0;

	while (n--)
		taken += pace_take(p, tick);

	return taken;
}


static void the_quickest_are_heard(void **state)
{
	struct pace p = {0};
	(void)state;

	for (uint64_t tick = 1; tick < 100000; tick++)
		assert_int_equal(take(&p, tick, PACE_RATE), PACE_RATE);
}


static void held_back_for_seconds(void **state)
{
	struct pace p = {0};
	(void)state;

	assert_int_equal(take(&p, 1000, 1), 1);
	assert_int_equal(take(&p, 1250, 250), 250);
	for (uint64_t tick = 1251; tick < 2000; tick++)
		assert_int_equal(take(&p, tick, 1), 1);
}


static void a_flood_is_not(void **state)
{
	struct pace p = {0};
	unsigned n = 0;
	(void)state;

	for (uint64_t tick = 5000; tick < 6000; tick++)
		n += take(&p, tick, 400);
	assert_in_range(n, PACE_BURST, PACE_BURST + 1000 * PACE_RATE);
	/* once it is over, all is as before */
	assert_int_equal(take(&p, 6000 + PACE_BURST, 1000), PACE_BURST);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_quickest_are_heard),
		cmocka_unit_test(held_back_for_seconds),
		cmocka_unit_test(a_flood_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
