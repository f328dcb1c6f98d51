/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * framing.c  Looks for requests that others may read otherwise. Must not read a
 * body, nor answer.
 */
#include <string.h>
#include <strings.h>

#include "framing.h"


/* of each group one header may stand there, once */
enum group { GROUP_LENGTH = 0, GROUP_HOST, GROUPS };

static const struct {
	const char *name;
	enum group group;
} names[] = {
	{"Content-Length", GROUP_LENGTH},
	{"Transfer-Encoding", GROUP_LENGTH},
	{"Host", GROUP_HOST},
};

struct seen {
	unsigned n[GROUPS];
	bool odd;
};


static enum MHD_Result look(void *cls, enum MHD_ValueKind kind,
			    const char *name, const char *value)
{
	struct seen *seen = cls;
	(void)kind;
	(void)value;

	if (!*name || strpbrk(name, " \t"))
		seen->odd = true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		seen->n[names[i].group] += !strcasecmp(name, names[i].name);

	return MHD_YES;
}


bool framing_is_clear(struct MHD_Connection *conn)
{
	struct seen seen = {.odd = false};

	(void)MHD_get_connection_values(conn, MHD_HEADER_KIND, look, &seen);

	return !seen.odd && seen.n[GROUP_LENGTH] <= 1 &&
	       seen.n[GROUP_HOST] <= 1;
}
