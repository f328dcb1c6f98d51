/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file ledger.h  The calls' records on their way to disk
 *
 * The first record of a call is told when it is durable, or that it is not yet;
 * so is a promise that is made, or could not be. What is said of either later is kept and tried
 * again until it is on disk (full disk, locked store), so that no record tells
 * an old state for ever. Knows calls by number only.
 *
 * Order: what is said of a call's promise is on disk before what was said at
 * the same time of its attempts, and that before its own record. So no record
 * says "promised" or "kept" of a promise that does not say so. Only the last
 * word counts: one that is not on disk yet gives way to a newer one. Numbers
 * that wait here are wiped as soon as they are on disk or given up.
 */
#ifndef RINGBACK_LEDGER_H
#define RINGBACK_LEDGER_H

#include <re.h>

#include "store/store.h"

struct ledger;

/** A call's first record is durable, or is kept and tried again, as
 *  ledger_update() does, since the store refused it or took longer than two
 *  seconds: err 0, the call goes on. The next ones are not made to wait like
 *  that: a quarter of a second, until the store is quick again. Called exactly
 *  once for each ledger_make(), never from within. */
typedef void(ledger_made_h)(uint64_t call, int err, void *arg);

/** A promise is durable (err 0), or could not be made and is forgotten. Called
 *  exactly once for each ledger_promise() that returned 0, never from within */
typedef void(ledger_promised_h)(uint64_t call, int err, void *arg);

/** @param lp new; store: borrow, to be closed after the ledger is freed;
 *         promisedh: NULL if no promises are made */
int ledger_alloc(struct ledger **lp, struct store *store, ledger_made_h *madeh,
		 ledger_promised_h *promisedh, void *arg);

/**
 * Make the first record of a call
 *
 * @return 0: the handler will be called; ENOMEM, ENOSPC: it will not, and the
 *         record is kept and tried again
 */
int ledger_make(struct ledger *l, const struct store_call *row);

/** Bring it up to date: now, or as soon as the store lets us. */
void ledger_update(struct ledger *l, const struct store_call *row);

/**
 * Make a promise: the answer to CORE_PROMISE
 *
 * One that failed may be asked for again at once: it is tried a second later.
 *
 * @param row Copied; also a promise that is made anew in place of another
 *
 * @return 0: the handler will be called; ENOMEM: it will not; EALREADY: one of
 *         this call is being made
 */
int ledger_promise(struct ledger *l, const struct store_promise *row);

/** Bring a promise up to date, as ledger_update(). */
void ledger_promise_update(struct ledger *l, const struct store_promise *row);

/** Bring an attempt of a call up to date, as ledger_update(). */
void ledger_attempt(struct ledger *l, const struct store_attempt *row);

/** All that was said of a call is on disk, or was given up (see the log) */
typedef void(ledger_settled_h)(uint64_t call, void *arg);

/** Be told of each call that settles; arg is that of ledger_alloc(). The
 *  handler must not say anything of that call from within. */
void ledger_on_settled(struct ledger *l, ledger_settled_h *h);

/** Is something that was said of this call not on disk yet? */
bool ledger_is_behind(const struct ledger *l, uint64_t call);

/** Does something wait because the store could not be written, or takes longer
 *  than five seconds? */
bool ledger_unwritable(const struct ledger *l);

/** Since when, in monotonic milliseconds; 0: it does not. */
uint64_t ledger_unwritable_since(const struct ledger *l);

/** How many calls' records are not up to date on disk. */
size_t ledger_behind(const struct ledger *l);

#endif
