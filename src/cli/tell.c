/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tell.c  One request to the line, and its answer.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/conn.h"
#include "exit.h"
#include "tell.h"


enum { TIMEOUT_MS = 5000 };


static int refused_say(const struct wire_refused *r)
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


int tell_ask(enum wire_type type, const void *request,
	     struct wire_refused *refused)
{
	union {
		struct wire_none none;
		struct wire_refused refused;
	} reply;
	enum wire_type answer;
	int err;

	err = wire_ask_once("run/line.sock", WIRE_TOOL, WIRE_LINE, type,
			    request, TIMEOUT_MS, &answer, &reply,
			    sizeof(reply), NULL, NULL);
	if (err)
		return err;

	memset(refused, 0, sizeof(*refused));
	if (answer == WIRE_REFUSED)
		*refused = reply.refused;

	return answer == WIRE_DONE || answer == WIRE_REFUSED ? 0 : EPROTO;
}


int tell_line(enum wire_type change)
{
	const struct wire_none none = {0};
	struct wire_refused refused;
	int err;

	err = tell_ask(change, &none, &refused);
	if (err)
		return no_answer(err);

	return refused.err ? refused_say(&refused) : EXIT_DONE;
}


int tell_status(uint32_t ms, struct wire_status *status,
		struct wire_trunk **trunksp, size_t *np)
{
	const struct wire_none none = {0};
	union {
		struct wire_status status;
		struct wire_refused refused;
	} reply;
	enum wire_type type;
	uint8_t *blob = NULL;
	size_t n = 0;
	int err;

	err = wire_ask_once("run/line.sock", WIRE_TOOL, WIRE_LINE, WIRE_STATUS,
			    &none, ms, &type, &reply, sizeof(reply), &blob,
			    &n);
	if (!err && type != WIRE_STATUS_IS)
		err = EPROTO;
	if (err || !trunksp) {
		free(blob);
		blob = NULL;
	}
	if (err)
		return err;

	*status = reply.status;
	if (trunksp) {
		*trunksp = (void *)blob; /* aligned as malloc aligns */
		*np = n / sizeof(**trunksp);
	}

	return 0;
}
