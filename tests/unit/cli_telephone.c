/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_telephone.c  Tests of a counsellor's telephone as people type it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "cli/telephone.h"


static struct config *lines(void)
{
	struct config *c = test_calloc(1, sizeof(*c));

	c->n_lines = 2;
	strcpy(c->lines[0].numbers[0], "+4930555000");
	c->lines[0].n_numbers = 1;
	strcpy(c->lines[0].may_ring[0], "+49");
	c->lines[0].n_may_ring = 1;
	strcpy(c->lines[1].may_ring[0], "+43");
	c->lines[1].n_may_ring = 1;

	return c;
}


static void what_can_be_one(void **state)
{
	static const char *const good[] = {
		"none", "sip:ana@192.0.2.1", "+4930123456", "030 123-456",
		"0049 (30) 123456"};
	static const char *const bad[] = {
		"", "ana", "sip:192.0.2.1", "+", "12a4", "+49;ext=1",
		"12345678901234567", "tel:+4930123456"};
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_null(telephone_wrong(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_non_null(telephone_wrong(bad[i]));
}


static void what_the_store_gets(void **state)
{
	static const struct {
		const char *typed, *stored;
	} rows[] = {
		{"none", ""},
		{"sip:ana@192.0.2.1", "sip:ana@192.0.2.1"},
		{"+49 (30) 123-456", "tel:+4930123456"},
		{"0049 30 123456", "tel:004930123456"},
		{"+43 1 234567", "tel:+431234567"},
	};
	struct config *c = lines();
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct secret_text phone;

		assert_null(telephone_read(&phone, rows[i].typed, c));
		assert_string_equal(secret_reveal(&phone), rows[i].stored);
	}
	test_free(c);
}


static void what_no_line_may_ring(void **state)
{
	static const char *const bad[] = {
		"112", "+49112", "0049110", "+4930555000", "+15551234567",
		"+4398"};
	struct config *c = lines();
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct secret_text phone;
		const char *why = telephone_read(&phone, bad[i], c);

		assert_non_null(why);
		assert_null(strstr(why, bad[i]));
		assert_string_equal(secret_reveal(&phone), "");
	}
	test_free(c);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_be_one),
		cmocka_unit_test(what_the_store_gets),
		cmocka_unit_test(what_no_line_may_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
