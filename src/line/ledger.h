/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file ledger.h  The calls' records on their way to disk
 *
 * The first record of a call is told when it is durable, or that it is not.
 * What is said of the call later is written in order; what cannot be written
 * (full disk, locked store) is kept and tried again until it is, so that no
 * record tells an old state for ever. Knows calls by number only.
 */
#ifndef RINGBACK_LEDGER_H
#define RINGBACK_LEDGER_H

#include <re.h>

#include "store/store.h"

struct ledger;

/** A call's first record is durable (err 0), or could not be made. Called
 *  exactly once for each ledger_make(), never from within. */
typedef void(ledger_made_h)(uint64_t call, int err, void *arg);

/** @param lp new; store: borrow, to be closed after the ledger is freed */
int ledger_alloc(struct ledger **lp, struct store *store, ledger_made_h *h,
		 void *arg);

/**
 * Make the first record of a call
 *
 * @return 0: the handler will be called; ENOMEM, ENOSPC: it will not
 */
int ledger_make(struct ledger *l, const struct store_call *row);

/** Bring it up to date: now, or as soon as the store lets us. */
void ledger_update(struct ledger *l, const struct store_call *row);

/** How many calls' records are not up to date on disk. */
size_t ledger_behind(const struct ledger *l);

#endif
