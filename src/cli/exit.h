/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file exit.h  What the exit codes of `ringback` mean; stable
 */
#ifndef RINGBACK_CLI_EXIT_H
#define RINGBACK_CLI_EXIT_H

enum {
	EXIT_DONE = 0,   /**< done                                        */
	EXIT_FAILED = 1, /**< could not be done; standard error says why  */
	EXIT_USAGE = 2,  /**< wrong usage; nothing was changed            */
	EXIT_HOLES = 3,  /**< done, and it found something: coverage holes,
			      audit verify a log that was changed          */

	EXIT_CONFIG = 78, /**< a daemon of ours: its configuration is wrong,
			       starting it again will not help            */
};

#endif
