/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file guesses.h  What somebody who is signed in may not guess at for ever: a
 * code, a passphrase, a share
 */
#ifndef RINGBACK_WEB_GUESSES_H
#define RINGBACK_WEB_GUESSES_H

#include "http.h"

/** The place of whoever asks in the table of guesses at this ("code"): apart
 *  from those at signing in, whose names cannot begin so. */
uint32_t guesses_place(const struct request *req, const char *at);

/** Answer 429: so many seconds first. */
void guesses_slow_down(struct request *req, uint32_t s);

#endif
