/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file ledger_word.h  What a row of a call is to say: a word of the ledger
 *
 * A number in it is wiped with it.
 */
#ifndef RINGBACK_LEDGER_WORD_H
#define RINGBACK_LEDGER_WORD_H

#include <re.h>

#include "store/store.h"

/** In the order in which they go to disk. */
enum word_kind {
	WORD_PROMISE = 0,
	WORD_ATTEMPT,
	WORD_CALL,
	WORD_KINDS
};

struct word {
	struct le le; /**< of a list that owns it                           */
	enum word_kind kind;
	uint32_t n;   /**< of the attempt; else 0                           */
	size_t size;  /**< of the row                                       */
	uint64_t row[]; /**< struct store_promise, store_attempt, store_call */
};

/** @return new; row is copied. NULL: no memory */
struct word *word_new(enum word_kind kind, uint32_t n, const void *row);

/** Does it go to disk after the other one? */
bool word_after(const struct word *w, const struct word *other);

/** Takes over from an older one that is not on disk, and says the same: when
 *  an attempt began and with whom is what its first word said. */
void word_inherit(struct word *w, const struct word *old);

/** Hand it to the store; as store_call_put(). */
int word_put(const struct word *w, struct store *s, store_done_h *h,
	     void *arg);

/** "its promise": for the log. */
const char *word_what(enum word_kind kind);

#endif
