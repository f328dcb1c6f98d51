/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file telephone.h  A counsellor's telephone as people type it: an address
 * ("sip:USER@HOST[:PORT]"), a number, or "none"
 */
#ifndef RINGBACK_CLI_TELEPHONE_H
#define RINGBACK_CLI_TELEPHONE_H

#include <stdbool.h>

#include "base/config.h"
#include "base/secret.h"

/** Is it a number rather than an address? */
bool telephone_is_number(const char *text);

/** @return NULL if it can be one, else what is wrong with it, without
 *  repeating it */
const char *telephone_wrong(const char *text);

/**
 * As the store has it
 *
 * @param phone Set on success; empty for "none"
 * @param text  What telephone_wrong() found nothing wrong with
 *
 * @return NULL, or why no line may ring it
 */
const char *telephone_read(struct secret_text *phone, const char *text,
			   const struct config *cfg);

#endif
