/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web_totp.c  One-time codes: those of RFC 6238, appendix B (its last six
 * digits), and which are good when.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "web/totp.h"


/* "12345678901234567890" */
static const struct secret_text rfc = {"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"};


static void test_rfc(void **state)
{
	static const struct {
		int64_t now_s;
		const char *code;
	} rows[] = {
		{59, "287082"},         {1111111109, "081804"},
		{1111111111, "050471"}, {1234567890, "005924"},
		{2000000000, "279037"}, {20000000000, "353130"},
	};
	int64_t counter;
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(totp_check(&rfc, rows[i].code, 0,
					    rows[i].now_s, &counter), 0);
		assert_int_equal(counter, rows[i].now_s / TOTP_STEP_S);
	}
}


static void test_window(void **state)
{
	static const struct {
		int64_t now_s;
		int64_t last;
		int err;
	} rows[] = {
		/* the code of step 1: seconds 30 to 59 */
		{0, 0, 0},       {29, 0, 0},       {59, 0, 0},
		{89, 0, 0},      {90, 0, EACCES},  {119, 0, EACCES},
		{59, 1, EACCES}, {59, 2, EACCES},
	};
	int64_t counter;
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(totp_check(&rfc, "287082", rows[i].last,
					    rows[i].now_s, &counter),
				 rows[i].err);
}


static void test_wrong(void **state)
{
	static const char *const codes[] = {"", "28708", "2870822", "287083",
					    "28708a", "-87082"};
	const struct secret_text none = {""};
	int64_t counter = 77;
	(void)state;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		assert_int_equal(totp_check(&rfc, codes[i], 0, 59, &counter),
				 EACCES);
	assert_int_equal(totp_check(&none, "287082", 0, 59, &counter),
			 EACCES);
	assert_int_equal(counter, 77);
}


static void test_secret(void **state)
{
	struct secret_text a, b;
	(void)state;

	assert_int_equal(totp_secret(&a), 0);
	assert_int_equal(totp_secret(&b), 0);
	assert_int_equal(strlen(secret_reveal(&a)), 32);
	assert_int_equal(strspn(secret_reveal(&a),
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), 32);
	assert_string_not_equal(secret_reveal(&a), secret_reveal(&b));
}


static void test_uri(void **state)
{
	char text[TOTP_URI], name[LIMIT_NAME];
	(void)state;

	assert_int_equal(totp_uri(text, "Night & Day", "Bo:K\xc3\xa4", &rfc),
			 0);
	assert_string_equal(text,
		"otpauth://totp/Night%20%26%20Day:Bo%3AK%C3%A4"
		"?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
		"&issuer=Night%20%26%20Day");

	/* the longest there are fit */
	memset(name, '&', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(totp_uri(text, name, name, &rfc), 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_uri),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
