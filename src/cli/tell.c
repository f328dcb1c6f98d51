/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tell.c  One request to the line, and its answer in plain words.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wire/conn.h"
#include "exit.h"
#include "tell.h"


enum { TIMEOUT_MS = 5000 };


static int refused(const struct wire_refused *r)
{
	fprintf(stderr,
		"ringback: it is stored, but the running line could not use"
		" it: %.*s (%s)\n",
		(int)sizeof(r->reason), r->reason, strerror(r->err));
	return EXIT_FAILED;
}


static int no_answer(int err)
{
	/* it reads the store when it starts */
	if (err == ENOENT || err == ECONNREFUSED)
		return EXIT_DONE;

	fprintf(stderr,
		"ringback: it is stored, but the running line did not answer"
		" (%s); it will be used after a restart\n", strerror(err));
	return EXIT_FAILED;
}


int tell_line(enum wire_type change)
{
	const struct wire_none none = {0};
	union {
		struct wire_none none;
		struct wire_refused refused;
	} reply;
	enum wire_type type;
	int err;

	err = wire_ask_once("run/line.sock", WIRE_TOOL, WIRE_LINE, change,
			    &none, TIMEOUT_MS, &type, &reply, sizeof(reply),
			    NULL, NULL);
	if (err)
		return no_answer(err);
	if (type == WIRE_REFUSED)
		return refused(&reply.refused);

	return type == WIRE_DONE ? EXIT_DONE : no_answer(EPROTO);
}
