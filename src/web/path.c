/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * path.c  Compares paths with patterns. Must not decode anything: what needs
 * decoding is no path of ours.
 */
#include <string.h>

#include "path.h"


/* digits up to the end of a segment; NULL if it is no such number */
static const char *number_read(uint64_t *vp, const char *p)
{
	uint64_t v = 0;

	if (*p < '1' || *p > '9')
		return NULL;

	for (; *p >= '0' && *p <= '9'; p++) {
		const unsigned digit = (unsigned)(*p - '0');

		if (v > (UINT64_MAX - digit) / 10)
			return NULL;
		v = v * 10 + digit;
	}
	*vp = v;

	return *p == '\0' || *p == '/' ? p : NULL;
}


bool path_match(uint64_t *ids, size_t n, const char *pattern,
		const char *path)
{
	size_t i = 0;

	while (*pattern) {
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		if (i == n)
			return false;
		path = number_read(&ids[i++], path);
		if (!path)
			return false;
		pattern += strcspn(pattern, "}");
		pattern += *pattern == '}';
	}

	return *path == '\0';
}
