/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file cli_run.h  One command of the command line, run in a process of its
 * own
 */
#ifndef RINGBACK_TEST_CLI_RUN_H
#define RINGBACK_TEST_CLI_RUN_H

#include "cli/command.h"

struct ran {
	int code;
	char out[32768]; /**< standard output                              */
	char err[4096];  /**< standard error                               */
};

/** @param argv The command's arguments, NULL-ended */
void cli_run(struct ran *ran, command_h *h, const char *const argv[]);

#define CLI_RUN(ran, h, ...)                                                  \
	cli_run(ran, h, (const char *const[]){__VA_ARGS__, NULL})

#endif
