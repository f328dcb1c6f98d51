/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file owed.h  What a promise on record means for somebody who looks
 */
#ifndef RINGBACK_CLI_OWED_H
#define RINGBACK_CLI_OWED_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/** Not kept, declined or closed yet. */
bool owed_open(const struct store_promise *p);

/** Open, and its due time has passed. @param now Unix milliseconds */
bool owed_overdue(const struct store_promise *p, int64_t now);

/** How many are open, and how many of these are overdue. */
struct owed_count {
	uint32_t n_open;
	uint32_t n_overdue;
};

/** @return 0, EIO, ... */
int owed_count(struct owed_count *count, struct store *store, int64_t now);

#endif
