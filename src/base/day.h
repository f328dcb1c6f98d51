/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file day.h  Days as the people at the desk count them: local, since
 * 1970-01-01
 */
#ifndef RINGBACK_DAY_H
#define RINGBACK_DAY_H

#include <stdint.h>

enum {
	DAY_TEXT = 16, /**< "2026-11-21" */
};

/** The local day of a Unix time in milliseconds; 1 if there is none. */
uint32_t day_of(int64_t unix_ms);

/** Today; never 0, which is none on record, whatever the clock says. */
uint32_t day_today(void);

/** As it is written. @return text */
const char *day_text(char text[DAY_TEXT], uint32_t day);

#endif
