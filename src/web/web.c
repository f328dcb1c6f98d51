/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web.c  What handlers ask of the process as a whole.
 */
#include <string.h>
#include <sys/time.h>

#include "web.h"


int web_line(const struct web *web, const char *name)
{
	for (uint32_t i = 0; i < web->config->n_lines; i++) {
		if (strcmp(web->config->lines[i].name, name) == 0)
			return (int)i;
	}

	return -1;
}


bool web_may(const struct web *web, const struct session *s, const char *line,
	     unsigned roles)
{
	const int i = web_line(web, line);

	return i < 0 ? (s->all & roles) != 0 : session_may(s, i, roles);
}


struct store_audit web_audit(const struct request *req, const char *what,
			     uint32_t whom)
{
	struct store_audit row = {.person = req->session.person,
				  .whom = whom};
	struct timeval now;

	(void)gettimeofday(&now, NULL);
	row.at = (int64_t)now.tv_sec * 1000 + now.tv_usec / 1000;
	str_ncpy(row.what, what, sizeof(row.what));

	return row;
}
