/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * main.c  The command line: one row per command, one file per command's noun.
 */
#include <stdio.h>
#include <string.h>

#include "base/step.h"
#include "base/traces.h"
#include "wire/about.h"
#include "command.h"
#include "exit.h"
#include "version.h"


static const struct command commands[] = {
	{"init", "make the data folder of a new line", init_main},
	{"run", "run the line, in the foreground", keeper_main},
	{"upgrade", "replace the programs of a running line; calls go on",
	 upgrade_main},
	{"status", "what runs, who waits, who talks", status_main},
	{"trunk", "where calls come from: add, list, remove", trunk_main},
	{"recovery", "the key that opens when nobody else can: make, try, grant",
	 recovery_main},
	{"person", "who answers: add, set, on, off, list, remove",
	 person_main},
	{"calls", "the calls for help on record, newest first", calls_main},
	{"promises", "what is owed to callers, by due time", promises_main},
	{"promise", "see to it: take, keep, close, snooze, ring, listen",
	 promise_main},
	{"retention", "how long what is kept is kept", retention_main},
	{"forget", "delete all that is kept of a call", forget_main},
	{"route", "where a call would go, step by step", route_main},
	{"coverage", "whether each call of the coming weeks ends in something",
	 coverage_main},
	{"audit", "who looked at numbers, listened, changed people", audit_main},
	{"backup", "all the line has, in one sealed file; while it runs",
	 backup_main},
	{"restore", "a new data folder of a backup", restore_main},
	{"call", "call a SIP address, to try a line", call_main},
	{"phone", "a phone that answers, to try a line", phone_main},
	{"version", "which Ringback, and which page of its counsellors",
	 version_main},
};

static const struct commands ringback = {
	.noun = "ringback",
	.about = "A confidential hotline that an organisation runs itself.",
	.rows = commands,
	.n = STEP_COUNT(commands),
	.more = "\n"
		"All take --data DIR; else $RINGBACK_DATA, else"
		" /var/lib/ringback. Listings take --json.\n"
		"Exit codes: 0 done, 1 could not be done, 2 wrong usage,"
		" 3 coverage found\n"
		"holes, or audit verify a log that was changed.\n",
};


int main(int argc, char *argv[])
{
	traces_none();
	(void)traces_lock();
	(void)setvbuf(stdout, NULL, _IOLBF, 0);

	if (wire_about(argc, argv)) {
		version_about();
		return EXIT_DONE;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		version_print();
		return EXIT_DONE;
	}

	return command_run(&ringback, argc - 1, argv + 1);
}
