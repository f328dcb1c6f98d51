/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * calendar.c  Local time of a town one hour east of Greenwich, with summer
 * time. Must not share a line with src/base/hours.c.
 */
#include "calendar.h"


enum {
	MS_HOUR = 3600 * 1000,
	HOURS_WEEK = 7 * 24,
};

/* the last Sundays of March and October 2026, one o'clock in Greenwich */
static const int64_t summer_begins = INT64_C(1774746000) * 1000;
static const int64_t summer_ends = INT64_C(1792890000) * 1000;


int64_t calendar_some_day(struct rng *rng)
{
	const int64_t before = rng_below(rng, 3 * 24) * INT64_C(3600000);
	const int64_t day = rng_below(rng, 365);
	const uint32_t which = rng_below(rng, 4);

	if (which < 2)
		return (which ? summer_begins : summer_ends) - before;

	/* since the first of January 2026 */
	return (INT64_C(1767225600) + day * 86400) * 1000 + before;
}


/* hours since a Monday began, somewhere in the past: local time */
static int64_t local_hour(int64_t unix_ms)
{
	const bool summer = unix_ms >= summer_begins && unix_ms < summer_ends;

	/* the first of January 1970 was a Thursday */
	return unix_ms / MS_HOUR + 1 + summer + 3 * 24;
}


static bool is_open(uint16_t line, int64_t unix_ms, void *arg)
{
	const struct plan *plan = arg;
	const int64_t local = local_hour(unix_ms);
	const int64_t hour = local % 24;
	const bool day = hour >= 9 && hour < 21;

	switch (plan->hours[line]) {
	case OPEN_BY_DAY: return day;
	case OPEN_WEEKDAYS: return day && local / 24 % 7 < 5;
	case OPEN_BY_NIGHT: return hour >= 20 || hour < 6;
	default: return true;
	}
}


static int64_t opens(uint16_t line, int64_t unix_ms, void *arg)
{
	int64_t at = unix_ms;

	for (int i = 0; i <= HOURS_WEEK; i++) {
		if (is_open(line, at, arg))
			return at;
		at = (at / MS_HOUR + 1) * MS_HOUR;
	}

	return INT64_MAX;
}


static bool safe(enum promise_hours hours, int64_t unix_ms, void *arg)
{
	const int64_t hour = local_hour(unix_ms) % 24;

	(void)arg;
	if (hours == HOURS_DAY)
		return hour >= 8 && hour < 20;
	if (hours == HOURS_EVENING)
		return hour >= 17 && hour < 22;

	return true;
}


struct core_calendar calendar_of(const struct plan *plan)
{
	return (struct core_calendar){
		.open = is_open,
		.opens = opens,
		.safe = safe,
		.arg = (void *)plan,
	};
}
