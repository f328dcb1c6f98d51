/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * when.c  Reads and writes local times. Must not know whose zone it is.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/hours.h"
#include "when.h"


enum {
	MINUTE_MS = 60 * 1000,
	AHEAD_MAX =
		15 * 60, /* minutes before Greenwich; nobody lives further */
};


int64_t when_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);

	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


/* minutes of an imagined calendar without zones: for comparing only */
static int64_t shown(int64_t unix_ms)
{
	const time_t at = (time_t)(unix_ms / 1000);
	struct tm tm = {0};

	(void)localtime_r(&at, &tm);

	return (int64_t)timegm(&tm) / 60;
}


/* the first moment at which the clock shows this minute, or a later one
 * because it leaves this one out */
static int64_t first_shown(int64_t minute)
{
	int64_t at = (minute - AHEAD_MAX) * MINUTE_MS;

	while (shown(at) < minute)
		at += MINUTE_MS;

	return at;
}


static int date_decode(int64_t *unix_msp, const char *text)
{
	struct tm tm = {0}, check;
	const char *rest = strptime(text, "%Y-%m-%d %H:%M", &tm);
	int64_t s;

	if (!rest || *rest || tm.tm_year < 70 || tm.tm_year > 300)
		return EINVAL;
	check = tm;
	s = (int64_t)timegm(&check);
	if (check.tm_mday != tm.tm_mday || check.tm_mon != tm.tm_mon)
		return EINVAL; /* the 31st of a short month */

	*unix_msp = first_shown(s / 60);
	return 0;
}


/* as the hours of a line are written, for one minute */
static int week_decode(int64_t *unix_msp, const char *text, int64_t now_ms)
{
	const char *day = strchr(text, ' ') ? "" : "daily ";
	char buf[64];
	struct hours h;
	int n, minute;

	n = snprintf(buf, sizeof(buf), "%s%s-24:00", day, text);
	if (n < 0 || (size_t)n >= sizeof(buf) || hours_decode(&h, buf))
		return EINVAL;

	minute = h.from + 1;
	h.until = (uint16_t)minute;
	*unix_msp = hours_opens(&h, 1, now_ms - now_ms % MINUTE_MS);

	return *unix_msp == INT64_MAX ? EINVAL : 0;
}


int when_decode(int64_t *unix_msp, const char *text, int64_t now_ms)
{
	if (!unix_msp || !text)
		return EINVAL;
	if (!date_decode(unix_msp, text))
		return 0;

	return week_decode(unix_msp, text, now_ms);
}


const char *when_text(char buf[WHEN_TEXT], int64_t unix_ms)
{
	const time_t at = (time_t)(unix_ms / 1000);
	struct tm tm = {0};

	(void)localtime_r(&at, &tm);
	(void)strftime(buf, WHEN_TEXT, "%a %Y-%m-%d %H:%M", &tm);

	return buf;
}


const char *when_span(char buf[WHEN_TEXT], int64_t ms)
{
	const int64_t s = ms / 1000, min = s / 60, h = min / 60;

	if (s < 120 && s % 60)
		(void)snprintf(buf, WHEN_TEXT, "%d s", (int)s);
	else if (min < 120)
		(void)snprintf(buf, WHEN_TEXT, "%d min", (int)min);
	else if (min % 60 && h < 48)
		(void)snprintf(buf, WHEN_TEXT, "%d h %d min", (int)h,
			       (int)(min % 60));
	else if (h < 48)
		(void)snprintf(buf, WHEN_TEXT, "%d h", (int)h);
	else
		(void)snprintf(buf, WHEN_TEXT, "%d days", (int)(h / 24));

	return buf;
}
