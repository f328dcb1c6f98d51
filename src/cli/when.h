/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file when.h  Times as people write and read them: by the clock on the wall
 */
#ifndef RINGBACK_CLI_WHEN_H
#define RINGBACK_CLI_WHEN_H

#include <stdint.h>

enum { WHEN_TEXT = 32 };

/** Now, in Unix milliseconds. */
int64_t when_now(void);

/**
 * "2026-11-22 03:00", or the next "Sun 03:00" or "03:00" from now on
 *
 * Local time is that of the process (hours_zone()). A date's time that the
 * clock leaves out is the first moment after it; of one that it shows twice
 * the first is meant.
 *
 * @return 0, EINVAL
 */
int when_decode(int64_t *unix_msp, const char *text, int64_t now_ms);

/** "Sun 2026-11-22 03:00", local time. */
const char *when_text(char buf[WHEN_TEXT], int64_t unix_ms);

/** "45 s", "10 min", "2 h 30 min", "3 days", as good as it is worth. */
const char *when_span(char buf[WHEN_TEXT], int64_t ms);

#endif
