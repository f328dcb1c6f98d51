/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * forget.c  `ringback forget`: nothing of a call is left. A running line does
 * it, since only it can end what is owed; without one it is done here.
 */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/daemon.h"
#include "base/message.h"
#include "base/step.h"
#include "store/keep.h"
#include "audited.h"
#include "command.h"
#include "data.h"
#include "exit.h"
#include "opts.h"
#include "out.h"
#include "owed.h"
#include "tell.h"


struct settings {
	const char *data;
	const char *id;
	bool yes;
};

static const struct opt rows[] = {
	OPT_DATA(settings),
	{OPT_PLACE, "CALL", NULL, offsetof(struct settings, id),
	 "its number, see ringback calls", 0, 0, NULL},
	{OPT_FLAG, "--yes", NULL, offsetof(struct settings, yes),
	 "do not ask", 0, 0, NULL},
};

static const struct opts options = {
	"ringback forget CALL [--yes] [--data DIR]",
	"Deletes all that is kept of a call: its record, number, message, notes"
	" and drafts.\nWhat is owed to its caller ends. The audit log keeps that"
	" it was done.",
	rows, STEP_COUNT(rows),
};

/* the line's answers, see struct wire_forget */
static const struct {
	int err;
	const char *why;
} refusals[] = {
	{ENOENT, "nothing is kept of that call; ringback calls lists those on"
		 " record"},
	{EBUSY, "its caller is on the line or being rung back just now; try"
		" again when that is over"},
	{EADDRINUSE, "the line is starting or stopping just now; try again"},
};


static int id_take(uint64_t *idp, const char *text)
{
	char *end;

	errno = 0;
	*idp = strtoull(text, &end, 10);
	if (errno || *end || *text < '0' || *text > '9' || !*idp ||
	    *idp > INT64_MAX)
		return opts_wrong(&options, "CALL is a number, as ringback"
					    " calls shows it");

	return 0;
}


/* ---- is it meant? -------------------------------------------------------- */

static void describe(struct store *store, uint64_t id)
{
	struct store_promise promise;
	struct message_info info;
	struct store_call call;
	char at[OUT_TIME];

	if (store_call_get(store, id, &call) == 0)
		printf("Call %" PRIu64 " of line \"%s\", %s.\n", id,
		       call.line, out_time(at, call.arrived_at));
	if (store_promise_get(store, id, &promise) == 0 &&
	    owed_open(&promise))
		printf("Something is still owed to this caller:"
		       " nobody would ring them any more.\n");
	if (message_look(&info, id) == 0)
		printf("There is a message.\n");
}


/* the folder has been entered */
static int ask(uint64_t id)
{
	struct store *store;
	char line[16];
	int err;

	err = data_store(&store, ".");
	if (err)
		return err;
	describe(store, id);
	store_close(store);

	printf("All that is kept of it is deleted, for good. Type yes to go"
	       " on: ");
	(void)fflush(stdout);
	if (fgets(line, sizeof(line), stdin) && strcmp(line, "yes\n") == 0)
		return 0;
	fprintf(stderr, "ringback: nothing was deleted.\n");

	return ECANCELED;
}


/* ---- done ---------------------------------------------------------------- */

static void forgotten(int err, void *arg)
{
	*(int *)arg = err;
}


static int store_forget(uint64_t id)
{
	struct store_audit row = audited_row("case_forgotten", 0);
	struct store *store;
	int err, done;

	err = data_store(&store, ".");
	if (err)
		return err;
	row.call = id;
	err = store_call_forget(store, &row, forgotten, &done);
	store_close(store);

	return err;
}


/* no line runs, and none starts as long as its lock is ours */
static int forget_here(uint64_t id)
{
	struct message_info info;
	bool message;
	int err;

	if (daemon_running("line", NULL) || daemon_lock("line", NULL))
		return EADDRINUSE;

	message = message_look(&info, id) != ENOENT;
	err = store_forget(id);
	/* of one that was broken off, the message may be there still */
	if (err == ENOENT && message)
		err = 0;
	if (!err)
		err = message_remove(id);

	return err;
}


static int forget(uint64_t id)
{
	const struct wire_forget wish = {.call = id};
	struct wire_refused refused;
	int err;

	err = tell_ask(WIRE_FORGET, &wish, &refused);
	if (err == ENOENT || err == ECONNREFUSED)
		return forget_here(id);

	return err ? err : refused.err;
}


static int failed(int err)
{
	for (size_t i = 0; i < STEP_COUNT(refusals); i++) {
		if (refusals[i].err == err) {
			fprintf(stderr, "ringback: %s.\n", refusals[i].why);
			return EXIT_FAILED;
		}
	}
	fprintf(stderr, "ringback: it may not be gone, or not all of it: %s."
		" Run this again.\n", strerror(err));

	return EXIT_FAILED;
}


int forget_main(int argc, char *argv[])
{
	struct settings set = {0};
	uint64_t id = 0;
	int err;

	err = opts_read(&options, argc, argv, &set);
	if (!err)
		err = id_take(&id, set.id);
	if (err)
		return opts_exit(err);
	if (data_enter(set.data) || (!set.yes && ask(id)))
		return EXIT_FAILED;

	err = sodium_init() < 0 ? EIO : forget(id);
	if (err)
		return failed(err);
	printf("Nothing is left of call %" PRIu64 " here. Backups that were"
	       " made before still hold it, sealed to the\nrecovery key, and"
	       " its notes until the keys of their month are deleted"
	       " (keep_notes).\nDelete those backups if it must be gone at"
	       " once.\n", id);

	return EXIT_DONE;
}
