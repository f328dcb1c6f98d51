/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_cidr.c  Nets as people write them.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/step.h"
#include "cli/cidr.h"


static const struct {
	const char *text;
	int err;
	const char *net;
} cases[] = {
	{"192.0.2.7", 0, "192.0.2.7/32"},
	{"192.0.2.7/32", 0, "192.0.2.7/32"},
	{"192.0.2.7/24", 0, "192.0.2.0/24"},
	{"192.0.2.255/25", 0, "192.0.2.128/25"},
	{"127.1.2.3/8", 0, "127.0.0.0/8"},
	{"::1", 0, "::1/128"},
	{"2001:db8::1:2/112", 0, "2001:db8::1:0/112"},
	{"2001:DB8:ffff::/33", 0, "2001:db8:8000::/33"},
	{"0.0.0.0/0", ERANGE, NULL},
	{"10.0.0.0/7", ERANGE, NULL},
	{"::/0", ERANGE, NULL},
	{"10.0.0.0/33", EINVAL, NULL},
	{"::1/129", EINVAL, NULL},
	{"10.0.0.0/", EINVAL, NULL},
	{"10.0.0.0/8x", EINVAL, NULL},
	{"10.0.0.0/-8", EINVAL, NULL},
	{"10.0.0.0/ 8", EINVAL, NULL},
	{"10.0.0.0/99999999999999999999", EINVAL, NULL},
	{"10.0.0", EINVAL, NULL},
	{"10.0.0.256", EINVAL, NULL},
	{"example.org", EINVAL, NULL},
	{"", EINVAL, NULL},
	{"/8", EINVAL, NULL},
	{"[::1]", EINVAL, NULL},
	{"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb", EINVAL,
	 NULL},
};


static void test_cases(void **state)
{
	char net[64];
	(void)state;

	for (size_t i = 0; i < STEP_COUNT(cases); i++) {
		print_message("%s\n", cases[i].text);
		assert_int_equal(cidr_decode(net, sizeof(net), cases[i].text),
				 cases[i].err);
		if (cases[i].net)
			assert_string_equal(net, cases[i].net);
	}
}


static void test_short_buffer(void **state)
{
	char net[8];
	(void)state;

	assert_int_equal(cidr_decode(net, sizeof(net), "192.0.2.7"), ENOSPC);
	assert_int_equal(cidr_decode(net, sizeof(net), "::1"), 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_short_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
