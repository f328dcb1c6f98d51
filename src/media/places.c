/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * places.c  Lists folders. Must not read any.
 */
#include <string.h>
#include <unistd.h>
#include <re.h>

#include "places.h"


static const char own[] = "prompts";


/* "BIN/../prompts": how a build folder is laid out */
static void beside_program(char *path, size_t size)
{
	const ssize_t n = readlink("/proc/self/exe", path, size - 1);
	const char *slash;
	size_t dir;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	dir = slash ? (size_t)(slash - path) : 0;
	if (re_snprintf(path + dir, size - dir, "/../prompts") < 0)
		path[0] = '\0';
}


int places_open(struct prompts **pp, const struct config *cfg)
{
	struct prompts_place places[PROMPTS_PLACES];
	char beside[LIMIT_PATH];
	size_t n = 0;

	if (cfg->prompts[0])
		places[n++] = (struct prompts_place){cfg->prompts, true};
	if (strcmp(cfg->prompts, own) != 0)
		places[n++] = (struct prompts_place){own, false};
	beside_program(beside, sizeof(beside));
	places[n++] = (struct prompts_place){beside, false};
	places[n++] = (struct prompts_place){PROMPTS_DIR, false};

	return prompts_alloc(pp, places, n);
}
