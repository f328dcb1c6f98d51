/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * hours.c  Opening hours by the clock on the wall. Whether a line is open is
 * asked of that clock alone; when it opens is found by going from one minute
 * at which hours begin or end to the next, and by looking for the moment in
 * between at which the clock was changed. Must not know what opens.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "hours.h"


enum {
	DAYS = 7,
	ZONE_MAX = 64,
	MINUTE_MS = 60 * 1000,
	/* minutes; no zone changes its clock twice within so many */
	STRIDE = 12 * 60,
	/* weeks of the longest list: hours that a change of the clock leaves
	 * out come again before that */
	STOPS = 840,
};

static const char *const day_names[DAYS] = {
	"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun",
};


/* ---- how they are written ---- */

static bool day_decode(unsigned *dayp, const char **pp)
{
	for (unsigned i = 0; i < DAYS; i++) {
		if (strncasecmp(*pp, day_names[i], strlen(day_names[i])) != 0)
			continue;
		*pp += strlen(day_names[i]);
		*dayp = i;
		return true;
	}

	return false;
}


/* "Mon-Fri" or "Sat" */
static bool days_decode(uint8_t *daysp, const char **pp)
{
	unsigned first, last;

	if (!day_decode(&first, pp))
		return false;
	last = first;
	if (**pp == '-') {
		++*pp;
		if (!day_decode(&last, pp))
			return false;
	}

	for (unsigned d = first;; d = (d + 1) % DAYS) {
		*daysp |= (uint8_t)(1u << d);
		if (d == last)
			return true;
	}
}


/* "daily", or several with commas between them */
static bool week_decode(uint8_t *daysp, const char **pp)
{
	static const char every[] = "daily";

	if (strncasecmp(*pp, every, strlen(every)) == 0) {
		*pp += strlen(every);
		*daysp = (1u << DAYS) - 1;
		return true;
	}

	do {
		if (!days_decode(daysp, pp))
			return false;
	} while (**pp == ',' && (*pp)++);

	return true;
}


/* "09:30"; 24:00 is the last one */
static bool time_decode(uint16_t *minutep, const char **pp)
{
	const char *p = *pp;
	int minute;

	for (int i = 0; i < 5; i++) {
		if (i == 2 ? p[i] != ':' : !isdigit((unsigned char)p[i]))
			return false;
	}
	if (p[3] > '5')
		return false;

	minute = ((p[0] - '0') * 10 + p[1] - '0') * 60 + (p[3] - '0') * 10 +
		 p[4] - '0';
	if (minute > HOURS_DAY_MINUTES)
		return false;

	*pp = p + 5;
	*minutep = (uint16_t)minute;
	return true;
}


int hours_decode(struct hours *h, const char *text)
{
	struct hours got = {0};
	const char *p = text;

	if (!h || !text)
		return EINVAL;

	if (!week_decode(&got.days, &p) || *p != ' ')
		return EINVAL;
	while (*p == ' ')
		++p;
	if (!time_decode(&got.from, &p) || *p++ != '-' ||
	    !time_decode(&got.until, &p) || *p)
		return EINVAL;
	if (got.from == got.until || got.from == HOURS_DAY_MINUTES)
		return EINVAL;

	*h = got;
	return 0;
}


/* ---- zones ---- */

/* as the names of files below the folder of zones are, and no way out of it */
static bool zone_fits(const char *zone)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/_+-";

	return *zone && *zone != '/' && strlen(zone) < ZONE_MAX &&
	       !zone[strspn(zone, chars)];
}


/* An unknown zone is UTC to glibc, without a word: look for its file. */
bool hours_zone_known(const char *zone)
{
	const char *dir = getenv("TZDIR");
	char path[512], magic[4] = "";
	FILE *f;
	size_t n;
	int len;

	if (!zone || !zone_fits(zone))
		return false;

	len = snprintf(path, sizeof(path), "%s/%s",
		       dir && *dir ? dir : "/usr/share/zoneinfo", zone);
	if (len < 0 || (size_t)len >= sizeof(path))
		return false;
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(magic, 1, sizeof(magic), f);
	(void)fclose(f);

	return n == sizeof(magic) && memcmp(magic, "TZif", n) == 0;
}


int hours_zone(const char *zone)
{
	if (!zone)
		return EINVAL;
	if (!*zone) {
		tzset();
		return 0;
	}
	if (!hours_zone_known(zone))
		return EINVAL;
	if (setenv("TZ", zone, 1) < 0)
		return errno;
	tzset();

	return 0;
}


/* ---- the clock on the wall ---- */

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}


static struct tm wall(int64_t unix_ms)
{
	const time_t at = (time_t)floor_div(unix_ms, 1000);
	struct tm tm = {0};

	(void)localtime_r(&at, &tm);

	return tm;
}


static long shift(int64_t unix_ms)
{
	return wall(unix_ms).tm_gmtoff;
}


uint16_t hours_minute(int64_t unix_ms)
{
	const struct tm tm = wall(unix_ms);
	const int day = (tm.tm_wday + DAYS - 1) % DAYS;

	return (uint16_t)((day * 24 + tm.tm_hour) * 60 + tm.tm_min);
}


/* minutes from one minute of a week on to another */
static unsigned ahead(unsigned from, unsigned to)
{
	return (to + HOURS_WEEK - from) % HOURS_WEEK;
}


static unsigned length(const struct hours *h)
{
	return h->until > h->from
		       ? (unsigned)h->until - h->from
		       : (unsigned)h->until + HOURS_DAY_MINUTES - h->from;
}


static unsigned start(const struct hours *h, unsigned day)
{
	return (day * HOURS_DAY_MINUTES + h->from) % HOURS_WEEK;
}


static bool has_day(const struct hours *h, unsigned day)
{
	return h->days & (1u << day);
}


bool hours_open(const struct hours *v, size_t n, int64_t unix_ms)
{
	const unsigned now = hours_minute(unix_ms);

	for (size_t i = 0; i < n; i++) {
		for (unsigned d = 0; d < DAYS; d++) {
			if (has_day(&v[i], d) &&
			    ahead(start(&v[i], d), now) < length(&v[i]))
				return true;
		}
	}

	return !n;
}


/* ---- the next change ---- */

static unsigned nearer(unsigned best, unsigned now, unsigned minute)
{
	const unsigned d = ahead(now, minute);

	return d && d < best ? d : best;
}


/* minutes from now until hours begin or end; a stride at most */
static unsigned stride(const struct hours *v, size_t n, unsigned now)
{
	unsigned best = STRIDE;

	for (size_t i = 0; i < n; i++) {
		for (unsigned d = 0; d < DAYS; d++) {
			const unsigned at = start(&v[i], d);

			if (!has_day(&v[i], d))
				continue;
			best = nearer(best, now, at);
			best = nearer(best, now, at + length(&v[i]));
		}
	}

	return best;
}


/* when, after a and until b, the clock was changed; b if it was not */
static int64_t clock_change(int64_t a, int64_t b)
{
	const long before = shift(a);

	if (shift(b) == before)
		return b;

	a = floor_div(a, 1000);
	b = floor_div(b, 1000);
	while (b - a > 1) {
		const int64_t mid = a + (b - a) / 2;

		if (shift(mid * 1000) == before)
			a = mid;
		else
			b = mid;
	}

	return b * 1000;
}


/* the next whole minute of the wall at which it could change, or the moment
 * at which that clock itself does */
static int64_t next_stop(const struct hours *v, size_t n, int64_t unix_ms)
{
	const struct tm tm = wall(unix_ms);
	const int64_t minute = (floor_div(unix_ms, 1000) - tm.tm_sec) * 1000;

	return clock_change(
		unix_ms,
		minute + (int64_t)stride(v, n, hours_minute(unix_ms)) *
				 MINUTE_MS);
}


static int64_t turns(const struct hours *v, size_t n, int64_t unix_ms,
		     bool open)
{
	int64_t at = unix_ms;

	for (int i = 0; i < STOPS; i++) {
		if (hours_open(v, n, at) == open)
			return at;
		if (!n)
			break;
		at = next_stop(v, n, at);
	}

	return INT64_MAX;
}


int64_t hours_opens(const struct hours *v, size_t n, int64_t unix_ms)
{
	return turns(v, n, unix_ms, true);
}


int64_t hours_closes(const struct hours *v, size_t n, int64_t unix_ms)
{
	return turns(v, n, unix_ms, false);
}
