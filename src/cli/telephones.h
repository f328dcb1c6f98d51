/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file telephones.h  People's own numbers, as `ringback status` tells of them
 */
#ifndef RINGBACK_CLI_TELEPHONES_H
#define RINGBACK_CLI_TELEPHONES_H

#include <jansson.h>
#include <stdint.h>

#include "store/store.h"

struct telephones {
	uint32_t n_waiting;  /**< not rung until a page brings them back    */
	uint32_t n_lost;     /**< not rung, and no page can                 */
	uint32_t n_unbacked; /**< rung, and no page could                   */
	uint32_t n_clear;    /**< not sealed yet                            */
};

/** @return 0, EIO, ... */
int telephones_count(struct telephones *t, struct store *store);

/** What there is to say of them, if anything, in plain words on standard
 *  output. */
void telephones_print(const struct telephones *t);

/** The same for programs. new, NULL */
json_t *telephones_json(const struct telephones *t);

#endif
