/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * day.c  Counts days. Must not know what happens on them.
 */
#include <time.h>

#include "day.h"


enum { DAY_S = 86400 };


uint32_t day_of(int64_t unix_ms)
{
	const time_t t = (time_t)(unix_ms / 1000);
	struct tm tm;

	if (!localtime_r(&t, &tm))
		return 1;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;

	return (uint32_t)(timegm(&tm) / DAY_S);
}


uint32_t day_today(void)
{
	const uint32_t day = day_of((int64_t)time(NULL) * 1000);

	return day ? day : 1;
}


const char *day_text(char text[DAY_TEXT], uint32_t day)
{
	const time_t t = (time_t)day * DAY_S;
	struct tm tm;

	text[0] = '\0';
	if (gmtime_r(&t, &tm))
		(void)strftime(text, DAY_TEXT, "%Y-%m-%d", &tm);

	return text;
}
