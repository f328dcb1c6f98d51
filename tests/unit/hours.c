/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * hours.c  Opening hours in zones that put their clocks forward and back, by
 * an hour or by half of one, in the north and in the south, or never. What
 * hours_opens() finds is compared with looking at every minute.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "base/hours.h"


#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE };

static const int64_t day = 24 * (int64_t)HOUR;


/* "2026-03-29 01:00" in UTC */
static int64_t utc(const char *text)
{
	struct tm tm = {0};

	assert_non_null(strptime(text, "%Y-%m-%d %H:%M", &tm));

	return (int64_t)timegm(&tm) * 1000;
}


static struct hours hours(const char *text)
{
	struct hours h = {0};

	assert_int_equal(hours_decode(&h, text), 0);

	return h;
}


/* ---- how they are written ---- */

struct written {
	const char *text;
	unsigned days, from, until;
};

static const struct written right[] = {
	{"Mon-Fri 09:00-17:00", 0x1f, 540, 1020},
	{"Sat,Sun 22:00-02:00", 0x60, 1320, 120},
	{"daily 00:00-24:00", 0x7f, 0, 1440},
	{"Wed 23:59-00:00", 0x04, 1439, 0},
	{"Fri-Mon 08:00-08:01", 0x71, 480, 481},
	{"mon-tue,THU,Sun-Sun  01:02-03:04", 0x4b, 62, 184},
	{"Sun-Sat 00:00-00:01", 0x7f, 0, 1},
	{"Daily 12:00-24:00", 0x7f, 720, 1440},
};

static const char *const wrong[] = {
	"",
	" ",
	"Mon",
	"Mon ",
	"09:00-17:00",
	"Mon09:00-17:00",
	"Mon 9:00-17:00",
	"Mon 09:00",
	"Mon 09:00-",
	"Mon 09:00-17:0",
	"Mon 09:00-17:000",
	"Mon 09:00 - 17:00",
	"Mon 09:00-17:00 ",
	" Mon 09:00-17:00",
	"Mon 09:60-17:00",
	"Mon 09:00-24:01",
	"Mon 24:00-01:00",
	"Mon 25:00-26:00",
	"Mon 09:00-09:00",
	"Mon 00:00-00:00",
	"Mon 09.00-17.00",
	"Mon, 09:00-17:00",
	"Mon- 09:00-17:00",
	"Mon-Fri-Sun 09:00-17:00",
	"Montag 09:00-17:00",
	"Mo 09:00-17:00",
	"Monday 09:00-17:00",
	"Mon,daily 09:00-17:00",
	"everyday 09:00-17:00",
	"Mon 0a:00-17:00",
	"Mon -9:00-17:00",
	"Mon\t09:00-17:00",
};


static void test_decode(void **state)
{
	struct hours h = {.days = 1};
	(void)state;

	for (size_t i = 0; i < COUNT(right); i++) {
		assert_int_equal(hours_decode(&h, right[i].text), 0);
		assert_int_equal(h.days, right[i].days);
		assert_int_equal(h.from, right[i].from);
		assert_int_equal(h.until, right[i].until);
	}

	h.days = 99;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		if (!hours_decode(&h, wrong[i]))
			fail_msg("\"%s\" is taken", wrong[i]);
	}
	assert_int_equal(h.days, 99);
	assert_int_equal(hours_decode(NULL, "Mon 09:00-17:00"), EINVAL);
	assert_int_equal(hours_decode(&h, NULL), EINVAL);
}


/* whatever is decoded lies within a week; cut off or changed, it is refused
 * or decoded, and nothing beyond it is read */
static void test_damaged(void **state)
{
	static const char bytes[] = " ,-:0129MonSatdaily\x80\n";
	(void)state;

	for (size_t i = 0; i < COUNT(right); i++) {
		const size_t n = strlen(right[i].text);

		for (size_t k = 0; k < n * sizeof(bytes); k++) {
			char *text = strdup(right[i].text);
			struct hours h = {0};

			assert_non_null(text);
			text[k % n] = bytes[k / n];
			if (!hours_decode(&h, text)) {
				assert_in_range(h.days, 1, 0x7f);
				assert_in_range(h.from, 0, 1439);
				assert_in_range(h.until, 0, 1440);
			}
			free(text);
		}
	}
}


/* ---- zones ---- */

static void test_zone(void **state)
{
	static const char *const unknown[] = {
		"Europe/Nowhere",
		"europe/berlin",
		"/etc/localtime",
		"../zoneinfo/UTC",
		"Europe",
		"CET-1CEST",
		"tzdata.zi",
		"Europe/Berlin ",
		"zone.tab",
		"a/very/long/name/of/a/zone/that/nobody/ever/lived/in/and/on",
	};
	(void)state;

	assert_int_equal(hours_zone("Europe/Berlin"), 0);
	assert_int_equal(hours_minute(utc("2026-11-23 08:30")), 570);
	for (size_t i = 0; i < COUNT(unknown); i++) {
		assert_false(hours_zone_known(unknown[i]));
		assert_int_equal(hours_zone(unknown[i]), EINVAL);
	}
	assert_false(hours_zone_known(""));
	assert_false(hours_zone_known(NULL));
	assert_int_equal(hours_zone(NULL), EINVAL);

	/* none of these changed anything; nor does "" */
	assert_int_equal(hours_zone(""), 0);
	assert_int_equal(hours_minute(utc("2026-11-23 08:30")), 570);
	assert_int_equal(hours_zone("America/New_York"), 0);
	assert_int_equal(hours_minute(utc("2026-11-23 08:30")), 210);
}


static void test_minute(void **state)
{
	(void)state;

	assert_int_equal(hours_zone("Asia/Kolkata"), 0);
	/* a Sunday, seen half a day ahead of Greenwich and before 1970 */
	assert_int_equal(hours_minute(utc("2026-11-22 18:29")), 10079);
	assert_int_equal(hours_minute(utc("2026-11-22 18:30")), 0);
	assert_int_equal(hours_minute(utc("2026-11-22 18:30") - 1), 10079);
	assert_int_equal(hours_zone("UTC"), 0);
	assert_int_equal(hours_minute(0), 3 * 1440);
	assert_int_equal(hours_minute(-1), 3 * 1440 - 1);
	assert_int_equal(hours_minute(-60000), 3 * 1440 - 1);
	assert_int_equal(hours_minute(-60001), 3 * 1440 - 2);
}


/* ---- the days on which clocks are changed ---- */

struct moment {
	const char *zone;
	const char *hours;
	const char *at;     /* UTC */
	const char *opens;  /* UTC */
	const char *closes; /* UTC, from then on */
};

static const struct moment moments[] = {
	/* nine o'clock is nine o'clock, before, on and after the day */
	{"Europe/Berlin", "daily 09:00-17:00", "2026-03-28 00:00",
	 "2026-03-28 08:00", "2026-03-28 16:00"},
	{"Europe/Berlin", "daily 09:00-17:00", "2026-03-28 16:00",
	 "2026-03-29 07:00", "2026-03-29 15:00"},
	{"Europe/Berlin", "daily 09:00-17:00", "2026-03-29 15:00",
	 "2026-03-30 07:00", "2026-03-30 15:00"},
	{"Europe/Berlin", "daily 09:00-17:00", "2026-10-24 15:00",
	 "2026-10-25 08:00", "2026-10-25 16:00"},
	{"America/New_York", "Sun 09:00-17:00", "2026-03-07 00:00",
	 "2026-03-08 13:00", "2026-03-08 21:00"},
	{"America/New_York", "Sun 09:00-17:00", "2026-10-31 00:00",
	 "2026-11-01 14:00", "2026-11-01 22:00"},
	{"Asia/Kolkata", "Sun 09:00-17:00", "2026-03-28 00:00",
	 "2026-03-29 03:30", "2026-03-29 11:30"},
	{"America/Santiago", "Sun 00:30-06:00", "2026-09-05 12:00",
	 "2026-09-06 04:00", "2026-09-06 09:00"},
	{"Pacific/Auckland", "Sun 01:30-02:30", "2026-09-26 00:00",
	 "2026-09-26 13:30", "2026-09-26 14:00"},
	{"Pacific/Auckland", "Sun 09:00-17:00", "2026-04-04 00:00",
	 "2026-04-04 21:00", "2026-04-05 05:00"},
	/* a night that is an hour shorter, and one that is longer */
	{"Europe/Berlin", "Sat 22:00-06:00", "2026-03-28 00:00",
	 "2026-03-28 21:00", "2026-03-29 04:00"},
	{"Europe/Berlin", "Sat 22:00-06:00", "2026-10-24 00:00",
	 "2026-10-24 20:00", "2026-10-25 05:00"},
	/* 02:30 does not come: with the first minute after it */
	{"Europe/Berlin", "Sun 02:30-05:00", "2026-03-28 00:00",
	 "2026-03-29 01:00", "2026-03-29 03:00"},
	/* all of it does not come: a week later */
	{"Europe/Berlin", "Sun 02:15-02:45", "2026-03-28 00:00",
	 "2026-04-05 00:15", "2026-04-05 00:45"},
	/* 02:30 comes twice: the second time, after the first */
	{"Europe/Berlin", "Sun 02:30-02:45", "2026-10-25 00:00",
	 "2026-10-25 00:30", "2026-10-25 00:45"},
	{"Europe/Berlin", "Sun 02:30-02:45", "2026-10-25 00:45",
	 "2026-10-25 01:30", "2026-10-25 01:45"},
	/* closed for the half hour before the clock is put back into it */
	{"Europe/Berlin", "Sun 01:00-02:30", "2026-10-24 00:00",
	 "2026-10-24 23:00", "2026-10-25 00:30"},
	{"Europe/Berlin", "Sun 01:00-02:30", "2026-10-25 00:30",
	 "2026-10-25 01:00", "2026-10-25 01:30"},
	/* half an hour: 02:00 becomes 02:30, and 02:00 becomes 01:30 */
	{"Australia/Lord_Howe", "Sun 02:10-04:00", "2026-10-03 00:00",
	 "2026-10-03 15:30", "2026-10-03 17:00"},
	{"Australia/Lord_Howe", "Sun 01:40-01:50", "2026-04-04 00:00",
	 "2026-04-04 14:40", "2026-04-04 14:50"},
	{"Australia/Lord_Howe", "Sun 01:40-01:50", "2026-04-04 14:50",
	 "2026-04-04 15:10", "2026-04-04 15:20"},
};


static void test_moments(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(moments); i++) {
		const struct moment *m = &moments[i];
		const struct hours h = hours(m->hours);
		int64_t opens, closes;

		assert_int_equal(hours_zone(m->zone), 0);
		opens = hours_opens(&h, 1, utc(m->at));
		closes = hours_closes(&h, 1, opens);
		if (opens != utc(m->opens) || closes != utc(m->closes))
			print_error("%s %s %s\n", m->zone, m->hours, m->at);
		assert_int_equal(opens, utc(m->opens));
		assert_int_equal(closes, utc(m->closes));
		assert_true(hours_open(&h, 1, opens));
		assert_false(hours_open(&h, 1, opens - 1));
		assert_true(hours_open(&h, 1, closes - 1));
		assert_false(hours_open(&h, 1, closes));
	}
}


static void test_ends(void **state)
{
	const struct hours whole = hours("daily 00:00-24:00");
	const struct hours two[] = {hours("Mon-Fri 09:00-12:00"),
				    hours("Mon-Fri 12:00-17:00")};
	const struct hours never = {.days = 0, .from = 0, .until = 60};
	const int64_t now = utc("2026-11-21 10:00") + 12345;
	(void)state;

	assert_int_equal(hours_zone("Europe/Berlin"), 0);
	assert_true(hours_open(NULL, 0, now));
	assert_int_equal(hours_opens(NULL, 0, now), now);
	assert_int_equal(hours_closes(NULL, 0, now), INT64_MAX);

	/* when it is open, it opens now, to the millisecond */
	assert_int_equal(hours_opens(&whole, 1, now), now);
	assert_int_equal(hours_closes(&whole, 1, now), INT64_MAX);
	assert_int_equal(hours_opens(two, 2, now), utc("2026-11-23 08:00"));
	assert_int_equal(hours_closes(two, 2, utc("2026-11-23 08:00")),
			 utc("2026-11-23 16:00"));
	assert_int_equal(hours_closes(two, 2, now), now);

	assert_false(hours_open(&never, 1, now));
	assert_int_equal(hours_opens(&never, 1, now), INT64_MAX);
}


/* ---- against every minute ---- */

static uint32_t draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;

	return (uint32_t)((*seed >> 33) % below);
}


static struct hours any_hours(uint64_t *seed)
{
	struct hours h;

	h.days = (uint8_t)(1 + draw(seed, 127));
	h.from = (uint16_t)draw(seed, 1440);
	do
		h.until = (uint16_t)draw(seed, 1441);
	while (h.until == h.from);
	if (draw(seed, 4) == 0) { /* short, in the night */
		h.from = (uint16_t)draw(seed, 240);
		h.until = (uint16_t)(h.from + 1 + draw(seed, 40));
	}

	return h;
}


static const struct season {
	const char *zone;
	const char *around; /* UTC: a change of clocks, or none */
} seasons[] = {
	{"Europe/Berlin", "2026-03-29 01:00"},
	{"Europe/Berlin", "2026-10-25 01:00"},
	{"America/New_York", "2026-03-08 07:00"},
	{"America/New_York", "2026-11-01 06:00"},
	{"Asia/Kolkata", "2026-03-29 01:00"},
	{"Pacific/Auckland", "2026-04-04 14:00"},
	{"Pacific/Auckland", "2026-09-26 14:00"},
	{"Australia/Lord_Howe", "2026-04-04 15:00"},
	{"Australia/Lord_Howe", "2026-10-03 15:30"},
	/* a day was left out */
	{"Pacific/Apia", "2011-12-30 10:00"},
};


/* the rule, said in another way: by the day and the time shown */
static bool shown_open(const struct hours *v, size_t n, int64_t at)
{
	const time_t s = (time_t)(at / 1000);
	struct tm tm;
	unsigned wday, minute;
	bool open = false;

	assert_non_null(localtime_r(&s, &tm));
	wday = (unsigned)(tm.tm_wday + 6) % 7;
	minute = (unsigned)(tm.tm_hour * 60 + tm.tm_min);

	for (size_t i = 0; i < n; i++) {
		const bool today = v[i].days & (1u << wday);
		const bool before = v[i].days & (1u << ((wday + 6) % 7));
		const bool over = v[i].until <= v[i].from;

		open = open || (today && minute >= v[i].from &&
				(over || minute < v[i].until));
		open = open || (before && over && minute < v[i].until);
	}

	return open;
}


/* from three days before until four after, backwards from there: what the
 * next opening and closing must be is known from the minute after */
static void season_check(const struct season *s, const struct hours *v,
			 size_t n)
{
	const int64_t first = utc(s->around) - 3 * day;
	const int64_t last = utc(s->around) + 4 * day;
	int64_t opens = hours_opens(v, n, last);
	int64_t closes = hours_closes(v, n, last);

	for (int64_t at = last; at >= first; at -= MINUTE) {
		const bool open = shown_open(v, n, at);

		opens = open ? at : opens;
		closes = open ? closes : at;
		assert_int_equal(hours_open(v, n, at), open);
		if (at / MINUTE % 7) /* enough, and faster */
			continue;
		assert_int_equal(hours_opens(v, n, at), opens);
		assert_int_equal(hours_closes(v, n, at), closes);
		if (!open) /* nor in the middle of a minute */
			assert_int_equal(hours_opens(v, n, at + 30001), opens);
	}
}


static void test_seasons(void **state)
{
	uint64_t seed = 2026;
	(void)state;

	for (size_t i = 0; i < COUNT(seasons); i++) {
		assert_int_equal(hours_zone(seasons[i].zone), 0);
		for (unsigned round = 0; round < 6; round++) {
			struct hours v[4];
			const size_t n = 1 + draw(&seed, COUNT(v));

			for (size_t k = 0; k < n; k++)
				v[k] = any_hours(&seed);
			season_check(&seasons[i], v, n);
		}
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),  cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_zone),    cmocka_unit_test(test_minute),
		cmocka_unit_test(test_moments), cmocka_unit_test(test_ends),
		cmocka_unit_test(test_seasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
