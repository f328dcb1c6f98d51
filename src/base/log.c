/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * log.c  Writes log lines with one write(2) each, so that lines of several
 * processes sharing one standard error do not mix. Must not allocate: the
 * line that says "out of memory" has to get out.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"


enum { LINE_MAX_BYTES = 1024 };

static const char *const names[] = {"error", "warn", "note", "debug"};

/* the one mutable variable: what to leave out is the process's own choice */
static enum log_level log_least = LOG_NOTE;


void log_level_set(enum log_level level)
{
	log_least = level;
}


int log_level_decode(enum log_level *levelp, const char *name)
{
	if (!levelp || !name)
		return EINVAL;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0) {
			*levelp = (enum log_level)i;
			return 0;
		}
	}

	return EINVAL;
}


static size_t clamp(int n, size_t size)
{
	if (n < 0)
		return 0;

	return (size_t)n < size ? (size_t)n : size - 1;
}


void log_write(enum log_level level, const char *module, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	size_t n;
	va_list ap;

	if (level > log_least)
		return;

	n = clamp(snprintf(line, sizeof(line), "%s %s: ", names[level],
			   module), sizeof(line));

	va_start(ap, fmt);
	n += clamp(vsnprintf(line + n, sizeof(line) - n - 1, fmt, ap),
		   sizeof(line) - n - 1);
	va_end(ap);

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)line[i];

		if (c < 0x20 || c == 0x7f)
			line[i] = '?';
	}
	line[n++] = '\n';

	/* nobody is left to tell if standard error is gone */
	(void)!write(STDERR_FILENO, line, n);
}
