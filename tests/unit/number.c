/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * number.c  Tests of telephone numbers: reading, comparing, and which we ring.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "line/number.h"


static void reads(const char *text, const char *number, const char *canonical)
{
	struct secret_text got, same;
	struct pl pl;

	pl_set_str(&pl, text);
	assert_int_equal(number_read(&got, &pl), 0);
	assert_string_equal(secret_reveal(&got), number);
	number_canonical(&same, &got);
	assert_string_equal(secret_reveal(&same), canonical);
}


static void test_read(void **state)
{
	(void)state;

	reads("+4930123456", "+4930123456", "+4930123456");
	reads("004930123456", "004930123456", "+4930123456");
	reads("%2B4930123456", "+4930123456", "+4930123456");
	reads("+49(30)123-456", "+4930123456", "+4930123456");
	reads("+49.30.123 456", "+4930123456", "+4930123456");
	reads("030123456", "030123456", "030123456");
	reads("1%30%31", "101", "101");
	reads("+15551234;verstat=TN-Validation-Passed", "+15551234",
	      "+15551234");
	reads("5551234;phone-context=+1", "5551234", "5551234");
	reads("000", "000", "000");
	reads("00", "00", "+");
	reads("+123456789012345", "+123456789012345", "+123456789012345");
	reads("00123456789012345", "00123456789012345", "+123456789012345");
}


static void alike(const char *home, const char *text, const char *wanted)
{
	struct config_home h = {"", ""};
	struct secret_text number, got;

	if (*home)
		assert_true(sscanf(home, "+%3[0-9] %3[0-9]", h.country,
				   h.prefix) >= 1);
	assert_int_equal(secret_set(&number, text, strlen(text)), 0);
	number_alike(&got, &h, &number);
	assert_string_equal(secret_reveal(&got), wanted);
	number = got;
	number_alike(&got, &h, &number);
	assert_string_equal(secret_reveal(&got), wanted);
}


/* one form of a number, whichever way it came, and once it is that, always */
static void test_alike(void **state)
{
	(void)state;

	alike("+49 0", "+491701234567", "+491701234567");
	alike("+49 0", "00491701234567", "+491701234567");
	alike("+49 0", "01701234567", "+491701234567");
	alike("+49 0", "1701234567", "+491701234567");
	alike("+49 0", "491701234567", "+491701234567");
	alike("+49 0", "030123456", "+4930123456");
	alike("+49 0", "+4930123456", "+4930123456");
	alike("+49 0", "123456", "123456"); /* of one town */
	alike("+49 0", "110", "110");
	alike("+49 0", "0110", "0110");
	alike("+49 0", "+12025550142", "+12025550142");
	alike("+1 1", "2025550142", "+12025550142");
	alike("+1 1", "12025550142", "+12025550142");
	alike("+1 1", "5550142", "5550142");
	alike("+34", "612345678", "+34612345678");
	alike("+34", "34612345678", "+34612345678");
	alike("+34", "0034612345678", "+34612345678");
	/* nothing is known of where we are */
	alike("", "01701234567", "01701234567");
	alike("", "001701234567", "+1701234567");
	alike("", "", "");
	alike("+49 0", "", "");
}


static void test_not_a_number(void **state)
{
	static const char *const texts[] = {
		"", "+", "alice", "12a", "1+2", "++12", "%2", "%zz1", "12%00",
		";12", "-", "*21", "12#", "+1234567890123456",
		"1234567890123456", "001234567890123456",
		/* other scripts' digits, raw and escaped */
		"\xef\xbc\x91\xef\xbc\x92\xef\xbc\x93", "%EF%BC%91",
		"12\r\nX: y", "111111111111111111111111111111111111111",
	};
	struct secret_text got;
	struct pl pl;
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		pl_set_str(&pl, texts[i]);
		memset(&got, 'x', sizeof(got));
		assert_int_equal(number_read(&got, &pl), EINVAL);
		assert_string_equal(secret_reveal(&got), "");
	}
}


static struct config *config_make(void)
{
	struct config *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	c->n_lines = 2;
	str_ncpy(c->lines[0].numbers[0], "+493099999",
		 sizeof(c->lines[0].numbers[0]));
	c->lines[0].n_numbers = 1;
	str_ncpy(c->lines[1].may_ring[0], "0049",
		 sizeof(c->lines[1].may_ring[0]));
	str_ncpy(c->lines[1].may_ring[1], "01",
		 sizeof(c->lines[1].may_ring[1]));
	c->lines[1].n_may_ring = 2;

	return c;
}


static bool may(const struct config *c, uint16_t line, const char *text)
{
	struct secret_text number;
	struct pl pl;

	pl_set_str(&pl, text);
	assert_int_equal(number_read(&number, &pl), 0);

	return number_may_ring(c, line, &number);
}


static void test_may_ring(void **state)
{
	struct config *c = config_make();
	const struct secret_text none = {""}, at = {"123@x.invalid"};
	(void)state;

	assert_true(may(c, 0, "124"));
	assert_true(may(c, 0, "+4930123456"));
	assert_true(may(c, 0, "001551234"));
	assert_false(may(c, 0, "12"));
	assert_false(may(c, 0, "+12"));
	assert_false(number_may_ring(c, 0, &none));
	assert_false(may(c, 2, "+4930123456")); /* there is no such line */

	/* help is not ours to ring */
	assert_false(may(c, 0, "112"));
	assert_false(may(c, 0, "+112"));
	assert_false(may(c, 0, "00112"));
	assert_false(may(c, 0, "911"));
	assert_false(may(c, 0, "000"));
	assert_false(may(c, 0, "1-1-0"));
	assert_true(may(c, 0, "1121"));

	assert_false(may(c, 0, "0112"));
	assert_false(may(c, 0, "+49112"));
	assert_false(may(c, 0, "0049112"));
	assert_false(may(c, 0, "+1911"));
	assert_false(may(c, 0, "+49116123"));
	assert_false(may(c, 0, "00353116123"));
	assert_true(may(c, 0, "+491161234"));

	/* nor are we, with or without a country's code */
	assert_false(may(c, 0, "+493099999"));
	assert_false(may(c, 1, "00493099999"));
	assert_false(may(c, 0, "493099999"));
	assert_false(may(c, 0, "03099999"));
	assert_false(may(c, 0, "3099999"));
	assert_false(may(c, 0, "99999"));
	assert_true(may(c, 0, "03099998"));
	str_ncpy(c->lines[0].numbers[0], "03099999",
		 sizeof(c->lines[0].numbers[0]));
	assert_false(may(c, 0, "+493099999"));
	assert_false(may(c, 0, "03099999"));
	str_ncpy(c->lines[0].numbers[0], "200",
		 sizeof(c->lines[0].numbers[0]));
	assert_false(may(c, 0, "200"));
	assert_true(may(c, 0, "+4930123200"));

	/* nor is what is no number */
	assert_false(may(c, 0, "+493099"));
	assert_false(may(c, 0, "00012345678"));
	assert_false(may(c, 0, "+0491234567"));
	assert_false(number_may_ring(c, 0, &at));

	free(c);
}


static void test_may_ring_beginnings(void **state)
{
	struct config *c = config_make();
	(void)state;

	assert_true(may(c, 1, "+4930123456"));
	assert_true(may(c, 1, "004930123456"));
	assert_true(may(c, 1, "0171234567"));
	assert_false(may(c, 1, "+15551234"));
	assert_false(may(c, 1, "4930123456"));
	assert_false(may(c, 1, "09001234"));
	assert_false(may(c, 1, "+0171234"));

	free(c);
}


/* criminals have themselves rung back there */
static void test_dear_numbers(void **state)
{
	static const char *const dear[] = {
		"+8816123456789", "00881612345678", "+979123456789",
		"+808123456789", "+88213123456", "+19005551234",
		"+18765551234", "+49900123456", "+491371234567",
		"+449012345678", "+33899123456",
	};
	static const char *const fine[] = {
		"+4930123456", "+491701234567", "+14155551234",
		"+442071234567", "+33123456789", "+34912345678",
		"+31201234567", "+31701234567", "+3281123456",
	};
	struct config *c = config_make();
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(dear); i++)
		assert_false(may(c, 0, dear[i]));
	for (size_t i = 0; i < ARRAY_SIZE(fine); i++)
		assert_true(may(c, 0, fine[i]));

	/* a country that is named does not name what is dear in it */
	str_ncpy(c->lines[1].may_ring[1], "+881",
		 sizeof(c->lines[1].may_ring[1]));
	assert_true(may(c, 1, "+4930123456"));
	assert_false(may(c, 1, "+49900123456"));
	assert_true(may(c, 1, "+8816123456789"));
	str_ncpy(c->lines[1].may_ring[1], "+88",
		 sizeof(c->lines[1].may_ring[1]));
	assert_false(may(c, 1, "+8816123456789"));

	free(c);
}


/* as it is dialled at home, too */
static void test_at_home_alone(void **state)
{
	struct config *c = config_make();
	(void)state;

	str_ncpy(c->home.country, "49", sizeof(c->home.country));
	str_ncpy(c->home.prefix, "0", sizeof(c->home.prefix));
	assert_true(may(c, 0, "+4930123456"));
	assert_true(may(c, 0, "030123456"));
	assert_true(may(c, 0, "0170123456789"));
	assert_true(may(c, 0, "1234567"));
	assert_false(may(c, 0, "+14155551234"));
	assert_false(may(c, 0, "0014155551234"));
	assert_false(may(c, 0, "0900123456"));
	assert_false(may(c, 0, "01371234567"));

	/* unless more is named */
	str_ncpy(c->lines[0].may_ring[0], "+1",
		 sizeof(c->lines[0].may_ring[0]));
	c->lines[0].n_may_ring = 1;
	assert_true(may(c, 0, "+14155551234"));
	assert_false(may(c, 0, "+18765551234"));
	assert_false(may(c, 0, "+4930123456"));

	free(c);
}


static void is_ours(const struct config *c, const char *text, int line)
{
	uint16_t found = 99;
	struct pl pl;

	pl_set_str(&pl, text);
	assert_int_equal(number_is_ours(c, &pl, &found), line >= 0);
	if (line >= 0)
		assert_int_equal(found, line);
}


/* what stands in a request for one of our lines */
static void test_is_ours(void **state)
{
	struct config *c = config_make();
	(void)state;

	str_ncpy(c->lines[1].numbers[0], "night",
		 sizeof(c->lines[1].numbers[0]));
	c->lines[1].n_numbers = 1;
	is_ours(c, "+493099999", 0);
	is_ours(c, "493099999", 0);
	is_ours(c, "00493099999", 0);
	is_ours(c, "%2B493099999", 0);
	is_ours(c, "+49-30-99999", 0);
	is_ours(c, "+493099999;phone-context=x.invalid", 0);
	is_ours(c, "night", 1);
	is_ours(c, "nigh", -1);
	is_ours(c, "+49309999", -1);
	is_ours(c, "", -1);
	is_ours(c, "a-text-that-is-longer-than-any-number-or-name-may-be-"
		"a-text-that-is-longer-than-any-number-or-name-may-be-"
		"a-text-that-is-longer-than-any-number-or-name-may-be-"
		"a-text-that-is-longer-than-any-number-or-name-may-be-"
		"a-text-that-is-longer-than-any-number-or-name-may-be", -1);
	free(c);
}


/* whoever the operator wrote down may be a number for emergencies, none of
 * ours */
static void test_may_join(void **state)
{
	struct config *c = test_calloc(1, sizeof(*c));
	(void)state;

	c->n_lines = 1;
	c->lines[0].n_numbers = 2;
	strcpy(c->lines[0].numbers[0], "+4930901112");
	strcpy(c->lines[0].numbers[1], "100");
	assert_true(number_may_join(c, "112"));
	assert_true(number_may_join(c, "988"));
	assert_true(number_may_join(c, "+4930901820"));
	assert_false(number_may_join(c, "+4930901112"));
	assert_false(number_may_join(c, "004930901112"));
	assert_false(number_may_join(c, "030901112"));
	assert_false(number_may_join(c, "100"));
	assert_true(number_may_join(c, "110"));
	test_free(c);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_alike),
		cmocka_unit_test(test_not_a_number),
		cmocka_unit_test(test_is_ours),
		cmocka_unit_test(test_may_ring),
		cmocka_unit_test(test_dear_numbers),
		cmocka_unit_test(test_at_home_alone),
		cmocka_unit_test(test_may_ring_beginnings),
		cmocka_unit_test(test_may_join),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
