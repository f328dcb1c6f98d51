/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file hours.h  Opening hours: minutes of a week, in local time
 *
 * Local time is that of the process (TZ, set by hours_zone() at its start), so
 * that glibc and the system's zone files answer for changes of daylight
 * saving: hours are what a clock on the wall shows, and nothing else. When
 * that clock is put forward, hours that begin in the time left out begin with
 * the first minute after it, and hours that lie in it wholly do not come that
 * day. When it is put back, what it shows twice is open twice.
 */
#ifndef RINGBACK_HOURS_H
#define RINGBACK_HOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HOURS_DAY_MINUTES = 24 * 60, HOURS_WEEK = 7 * 24 * 60 };

/** From a minute of these days until another; until <= from: past midnight. */
struct hours {
	uint8_t days;   /**< bits: 0 Monday to 6 Sunday                   */
	uint16_t from;  /**< minutes after midnight                       */
	uint16_t until; /**< the same, exclusive; 1440 is midnight        */
};

/** "Mon-Fri 09:00-17:00", "Sat,Sun 22:00-02:00", "daily 00:00-24:00". Days
 *  may go past Sunday ("Fri-Mon"). EINVAL; also when both times are the same:
 *  that could mean a day or nothing. */
int hours_decode(struct hours *h, const char *text);

/** Does the system know this zone? "Europe/Berlin". Not "". */
bool hours_zone_known(const char *zone);

/** Set the zone of this process: "Europe/Berlin"; "" leaves it. EINVAL if the
 *  system does not know it. */
int hours_zone(const char *zone);

/** What the clock on the wall shows: minute of the week from Monday 00:00. */
uint16_t hours_minute(int64_t unix_ms);

/** Is it within any of these at that time? n 0: always. */
bool hours_open(const struct hours *v, size_t n, int64_t unix_ms);

/** The first time, unix_ms or later, at which it is; INT64_MAX if never. */
int64_t hours_opens(const struct hours *v, size_t n, int64_t unix_ms);

/** The first time, unix_ms or later, at which it is not; INT64_MAX if never. */
int64_t hours_closes(const struct hours *v, size_t n, int64_t unix_ms);

#endif
