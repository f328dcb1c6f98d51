/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web.c  What handlers ask of the process as a whole.
 */
#include <string.h>

#include "web.h"


int web_line(const struct web *web, const char *name)
{
	for (uint32_t i = 0; i < web->config->n_lines; i++) {
		if (strcmp(web->config->lines[i].name, name) == 0)
			return (int)i;
	}

	return -1;
}
