/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * guard.c  Runs libre's loop under a timer. It is no pause: a test that works
 * never meets it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <re.h>

#include "guard.h"


static void late_handler(void *arg)
{
	bool *late = arg;

	*late = true;
	re_cancel();
}


void guard_loop(uint32_t guard_ms)
{
	struct tmr tmr;
	bool late = false;

	tmr_init(&tmr);
	tmr_start(&tmr, guard_ms, late_handler, &late);
	assert_int_equal(re_main(NULL), 0);
	tmr_cancel(&tmr);
	assert_false(late);
}
