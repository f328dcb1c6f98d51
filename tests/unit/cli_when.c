/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * when.c  Local times as people write them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "base/hours.h"
#include "cli/when.h"


#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Saturday, 2026-11-21 10:00:30 UTC */
static const int64_t now = (int64_t)1795255230 * 1000;


static int64_t utc(const char *text)
{
	struct tm tm = {0};

	assert_non_null(strptime(text, "%Y-%m-%d %H:%M", &tm));

	return (int64_t)timegm(&tm) * 1000;
}


static const struct {
	const char *zone;
	const char *text;
	const char *is; /* UTC */
} right[] = {
	{"Europe/Berlin", "2026-11-22 03:00", "2026-11-22 02:00"},
	{"Europe/Berlin", "2026-07-01 00:00", "2026-06-30 22:00"},
	{"Europe/Berlin", "Sun 03:00", "2026-11-22 02:00"},
	{"Europe/Berlin", "Sat 11:00", "2026-11-21 10:00"},
	{"Europe/Berlin", "Sat 10:59", "2026-11-28 09:59"},
	{"Europe/Berlin", "23:59", "2026-11-21 22:59"},
	{"Europe/Berlin", "00:00", "2026-11-21 23:00"},
	{"America/New_York", "Sat 23:30", "2026-11-22 04:30"},
	{"Asia/Kolkata", "2026-11-22 00:00", "2026-11-21 18:30"},
	{"Pacific/Kiritimati", "2026-11-22 00:00", "2026-11-21 10:00"},
	/* left out, and shown twice */
	{"Europe/Berlin", "2026-03-29 02:30", "2026-03-29 01:00"},
	{"Europe/Berlin", "2026-10-25 02:30", "2026-10-25 00:30"},
	{"Europe/Berlin", "2026-10-25 03:00", "2026-10-25 02:00"},
	{"Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30"},
};

static const char *const wrong[] = {
	"",
	"now",
	"Sun",
	"3:00",
	"25:00",
	"24:00",
	"2026-11-22",
	"2026-11-31 10:00",
	"2026-13-01 10:00",
	"2026-11-22 10:00x",
	"1926-11-22 10:00",
	"Sun 03:00-04:00",
	"Sonntag 03:00",
	"Sun 03:00 Sun 03:00 Sun 03:00 Sun 03:00 Sun 03:00 Sun 03:00 Sun",
};


static void test_decode(void **state)
{
	int64_t at = 7;
	(void)state;

	for (size_t i = 0; i < COUNT(right); i++) {
		assert_int_equal(hours_zone(right[i].zone), 0);
		assert_int_equal(when_decode(&at, right[i].text, now), 0);
		if (at != utc(right[i].is))
			print_error("%s %s\n", right[i].zone, right[i].text);
		assert_int_equal(at, utc(right[i].is));
	}

	at = 7;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		if (!when_decode(&at, wrong[i], now))
			fail_msg("\"%s\" is taken", wrong[i]);
	}
	assert_int_equal(at, 7);
	assert_int_equal(when_decode(NULL, "03:00", now), EINVAL);
	assert_int_equal(when_decode(&at, NULL, now), EINVAL);
}


static void test_text(void **state)
{
	char buf[WHEN_TEXT];
	(void)state;

	assert_int_equal(hours_zone("Europe/Berlin"), 0);
	assert_string_equal(when_text(buf, now), "Sat 2026-11-21 11:00");
	assert_true(when_now() > utc("2020-01-01 00:00"));
}


static const struct {
	int64_t s;
	const char *text;
} spans[] = {
	{0, "0 min"},          {1, "1 s"},
	{59, "59 s"},          {60, "1 min"},
	{90, "90 s"},          {600, "10 min"},
	{7199, "119 min"},     {7200, "2 h"},
	{9000, "2 h 30 min"},  {47 * 3600, "47 h"},
	{48 * 3600, "2 days"}, {604800, "7 days"},
};


static void test_span(void **state)
{
	char buf[WHEN_TEXT];
	(void)state;

	for (size_t i = 0; i < COUNT(spans); i++)
		assert_string_equal(when_span(buf, spans[i].s * 1000),
				    spans[i].text);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_span),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
