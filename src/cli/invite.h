/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file invite.h  How people get in at the counsellors' page, and as what
 */
#ifndef RINGBACK_CLI_INVITE_H
#define RINGBACK_CLI_INVITE_H

#include <jansson.h>
#include <stdbool.h>

#include "store/store.h"

/** `ringback person invite` */
int invite_main(int argc, char *argv[]);

/** new: ["operator", "coordinator:youth"]; NULL: out of memory or not read.
 *  Whoever has no role is a counsellor of all lines. */
json_t *invite_roles(struct store *store, uint32_t person);

/** Can they sign in? */
bool invite_account(struct store *store, uint32_t person);

#endif
