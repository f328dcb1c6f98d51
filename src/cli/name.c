/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * name.c  What a name may look like. Does not repeat it in an error.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <jansson.h>

#include "base/limits.h"
#include "name.h"


static bool is_utf8(const char *text)
{
	json_t *s = json_string(text); /* NULL unless valid UTF-8 */

	json_decref(s);
	return s != NULL;
}


const char *name_wrong(const char *name)
{
	const size_t n = strlen(name);

	if (n == 0 || n >= LIMIT_NAME)
		return "a name has 1 to 63 bytes";
	if (name[0] == ' ' || name[n - 1] == ' ')
		return "a name must not begin or end with a blank";
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
			return "a name must not have control characters";
	}

	return is_utf8(name) ? NULL : "a name must be UTF-8";
}


int name_check(const char *name)
{
	const char *why = name_wrong(name);

	if (!why)
		return 0;

	fprintf(stderr, "ringback: %s\n", why);
	return EINVAL;
}
