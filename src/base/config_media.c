/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config_media.c  Which media process is which. Must not open anything.
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "config_media.h"


static uint32_t count(const struct config *c)
{
	return c->media_processes ? c->media_processes : 1;
}


void config_media_name(char *name, const struct config *c, uint32_t i)
{
	if (count(c) == 1)
		(void)snprintf(name, LIMIT_NAME, "media");
	else
		(void)snprintf(name, LIMIT_NAME, "media-%" PRIu32, i + 1);
}


void config_media_path(char *path, const struct config *c, uint32_t i)
{
	char name[LIMIT_NAME];

	config_media_name(name, c, i);
	(void)snprintf(path, LIMIT_NAME, "run/%.32s.sock", name);
}


void config_media_life(char *to, const char *of, uint32_t life)
{
	const char *slash = strrchr(of, '/');
	const char *dot = strrchr(slash ? slash : of, '.');
	const int n = (int)(dot ? dot - of : (ptrdiff_t)strlen(of));

	if (life)
		(void)snprintf(to, LIMIT_NAME, "%.*s-%c%s", n, of,
			       (char)('a' + life), dot ? dot : "");
	else
		(void)snprintf(to, LIMIT_NAME, "%s", of);
}


/* "-b" at the end of a name */
static uint32_t life_of(const char *name)
{
	const size_t n = strlen(name);
	const char letter = n ? name[n - 1] : '\0';

	if (n < 2 || name[n - 2] != '-' || letter <= 'a' ||
	    letter >= 'a' + LIMIT_LIVES)
		return 0;

	return (uint32_t)(letter - 'a');
}


int config_media_find(uint32_t *ip, uint32_t *lifep, const struct config *c,
		      const char *started_as)
{
	const char *slash = strrchr(started_as, '/');
	const char *own = slash ? slash + 1 : started_as;
	const uint32_t life = life_of(own);
	char name[LIMIT_NAME], first[LIMIT_NAME];

	*lifep = life;
	/* whatever the one is called */
	if (count(c) == 1) {
		*ip = 0;
		return 0;
	}

	if (strncmp(own, "ringback-", 9) == 0)
		own += 9;
	for (uint32_t i = 0; i < count(c); i++) {
		config_media_name(first, c, i);
		config_media_life(name, first, life);
		if (strcmp(name, own) == 0) {
			*ip = i;
			return 0;
		}
	}

	return ENOENT;
}


int config_media_part(struct config_media *part,
		      const struct config_media *range, uint32_t i,
		      uint32_t n)
{
	const uint32_t first = range->low + (range->low & 1u);
	const uint32_t pairs = first < range->high
				       ? (range->high - first + 1u) / 2
				       : 0;

	if (pairs < n)
		return ENOSPC;

	*part = *range;
	part->low = (uint16_t)(first + 2 * (pairs * i / n));
	part->high = (uint16_t)(first + 2 * (pairs * (i + 1) / n) - 1);

	return 0;
}


int config_media_share(struct config *c, uint32_t i)
{
	struct config_media part;
	int err = 0;

	for (uint32_t k = 0; k < c->n_media && !err; k++) {
		err = config_media_part(&part, &c->media[k], i, count(c));
		if (!err)
			c->media[k] = part;
	}

	return err;
}
