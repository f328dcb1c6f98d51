/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * phone_keys.c  When which key is pressed.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "base/step.h"
#include "phone/keys.h"
#include "oom.h"


static void press(const struct keys *k, size_t i, uint32_t at_ms, char key)
{
	assert_true(i < k->n);
	assert_int_equal(k->v[i].at_ms, at_ms);
	assert_int_equal(k->v[i].key, key);
}


static void test_timed(void **state)
{
	struct keys *k;
	(void)state;

	assert_int_equal(keys_decode(&k, "3:1,10.25:0#,10.25:D"), 0);
	assert_int_equal(k->n, 4);
	press(k, 0, 3000, '1');
	press(k, 1, 10250, '0');
	press(k, 2, 10250, '#');
	press(k, 3, 10250, 'D');
	mem_deref(k);

	assert_int_equal(keys_decode(&k, "0:*"), 0);
	press(k, 0, 0, '*');
	mem_deref(k);
}


static void test_plain(void **state)
{
	struct keys *k;
	(void)state;

	assert_int_equal(keys_plain(&k, "12,,3"), 0);
	assert_int_equal(k->n, 3);
	press(k, 0, 500, '1');
	press(k, 1, 500, '2');
	press(k, 2, 2500, '3');
	mem_deref(k);
}


static void test_wrong(void **state)
{
	static const char *const timed[] = {
		"",     "1",     "3",     ":1",     "3:",      "3:1,",
		"x:1",  "3:x",   "-1:1",  "1e1:1",  "0x3:1",   "inf:1",
		" 3:1", "3:1 2", "3601:1", "5:1,4:2", "3:1,,4:2", "1.2.3:4",
		".:1",
	};
	struct keys *k = NULL;
	(void)state;

	for (size_t i = 0; i < STEP_COUNT(timed); i++) {
		if (keys_decode(&k, timed[i]) != EINVAL)
			fail_msg("\"%s\" was taken", timed[i]);
	}
	assert_int_equal(keys_plain(&k, "1x"), EINVAL);
	assert_int_equal(keys_plain(&k, "1 2"), EINVAL);
	assert_int_equal(keys_decode(&k, NULL), EINVAL);
	assert_int_equal(keys_plain(NULL, "1"), EINVAL);
	assert_null(k);
}


static int both(void *arg)
{
	struct keys *k;
	int err;
	(void)arg;

	err = keys_decode(&k, "3:1,10:2#");
	if (err)
		return err;
	mem_deref(k);
	err = keys_plain(&k, "12,3");
	if (err)
		return err;
	mem_deref(k);

	return 0;
}


static void test_oom(void **state)
{
	(void)state;
	assert_int_equal(oom_loop(both, NULL), 2);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timed),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_oom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
