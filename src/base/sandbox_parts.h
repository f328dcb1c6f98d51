/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sandbox_parts.h  What the files of the sandbox share
 */
#ifndef RINGBACK_SANDBOX_PARTS_H
#define RINGBACK_SANDBOX_PARTS_H

#include "sandbox.h"

/**
 * Files and TCP, by landlock, for this thread and those that it starts
 *
 * @return 0; ENOTSUP this kernel has none, or too little; ...
 */
int sandbox_land(const struct sandbox_table *table,
		 const struct sandbox_file *more);

/** System calls, for all threads. @return 0, EINVAL this kernel has none */
int sandbox_calls(const struct sandbox_table *table);

/** As sandbox_enter_keeper(). */
int sandbox_calls_keeper(void);

/**
 * For tests: do what is forbidden, and log what came of it, if the
 * environment asks for it (RINGBACK_TRY_FORBIDDEN). Only in builds with tests.
 */
void sandbox_try(const struct sandbox_table *table);

#endif
