/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file command.h  Subcommands as a table
 */
#ifndef RINGBACK_CLI_COMMAND_H
#define RINGBACK_CLI_COMMAND_H

#include <stddef.h>

/** Do it. Arguments after the command's own words. @return exit code */
typedef int(command_h)(int argc, char *argv[]);

struct command {
	const char *name;
	const char *about; /**< a few words                                */
	command_h *h;
};

/** A noun and its verbs, or the program and its commands. */
struct commands {
	const char *noun;  /**< "ringback", "ringback trunk"               */
	const char *about;
	const struct command *rows;
	size_t n;
	const char *more;  /**< stands below the list; may be NULL         */
};

/** Run what argv[0] says, or say what there is. @return exit code */
int command_run(const struct commands *c, int argc, char *argv[]);

/* one file each */
int init_main(int argc, char *argv[]);
int keeper_main(int argc, char *argv[]);
int upgrade_main(int argc, char *argv[]);
int status_main(int argc, char *argv[]);
int trunk_main(int argc, char *argv[]);
int person_main(int argc, char *argv[]);
int calls_main(int argc, char *argv[]);
int promises_main(int argc, char *argv[]);
int promise_main(int argc, char *argv[]);
int call_main(int argc, char *argv[]);
int phone_main(int argc, char *argv[]);
int route_main(int argc, char *argv[]);
int coverage_main(int argc, char *argv[]);
int audit_main(int argc, char *argv[]);
int recovery_main(int argc, char *argv[]);
int version_main(int argc, char *argv[]);
int forget_main(int argc, char *argv[]);
int backup_main(int argc, char *argv[]);
int restore_main(int argc, char *argv[]);
int retention_main(int argc, char *argv[]);

#endif
