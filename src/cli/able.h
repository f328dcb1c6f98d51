/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file able.h  What a person can and belongs to, held against what the lines
 * of the configuration ask for
 */
#ifndef RINGBACK_CLI_ABLE_H
#define RINGBACK_CLI_ABLE_H

#include "base/config.h"
#include "store/store.h"

/** What was typed; NULL: not given. "none" takes away. */
struct able {
	const char *languages;
	const char *skills;
	const char *organisation;
	const char *region;
};

/**
 * Put what was typed into a person's entry
 *
 * @return 0; EINVAL malformed, or a language that no line speaks: said on
 *         standard error. What no line asks for is stored, with a warning.
 */
int able_take(struct store_person *p, const struct able *able,
	      const struct config *cfg);

#endif
