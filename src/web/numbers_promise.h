/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file numbers_promise.h  Numbers of callers that wait, for /vault/numbers:
 * kind "promise", id the call
 *
 * For coordinators of the promise's line. The line alone takes them back: it
 * has the key, and the promise.
 */
#ifndef RINGBACK_WEB_NUMBERS_PROMISE_H
#define RINGBACK_WEB_NUMBERS_PROMISE_H

#include "web.h"

#define NUMBERS_PROMISE "promise"

/** Add those that wait, as numbers_phone_list(). */
int numbers_promise_list(json_t *list, struct request *req, uint32_t dialler);

/** May they bring this one back? @return 0; EPERM no; EIO, ... */
int numbers_promise_may(struct request *req, uint64_t call);

/**
 * Hand numbers to the line, which says how many it took: that answers the
 * request
 *
 * @param rows    Each checked by numbers_promise_may()
 * @param n_taken Others, which are counted with them
 */
void numbers_promise_back(struct request *req, uint32_t dialler,
			  const struct wire_number_row *rows, size_t n,
			  uint32_t n_taken);

#endif
