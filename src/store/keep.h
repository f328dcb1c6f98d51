/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file keep.h  What leaves the store: because its time is over, or because
 * somebody wants it so
 *
 * Deleted rows are overwritten, and so is SQLite's log file: at once, unless
 * somebody reads or writes; then in the writer's next idle moment. When
 * something is to go is not known here: src/epoch/retention.h.
 */
#ifndef RINGBACK_STORE_KEEP_H
#define RINGBACK_STORE_KEEP_H

#include "audit.h"
#include "store.h"

enum {
	/** Days from the last look (store_looked_set()) that a clock may be. A
	 *  call or draft that is put on record with a day further behind gets
	 *  the day of that look instead: it cannot have been before it. */
	STORE_TRUST = 8,
};

/**
 * All that is kept of one call goes: its row, what was promised with the
 * number, attempts, notes, drafts, and marks that were made in it (mark.h). Its
 * number is not given to another
 *
 * A line that runs must have nothing more to say of the call, or it would be
 * there again.
 *
 * @param row For the audit log, in the same transaction: its call is the one,
 *            its detail is filled with how many of what went
 *
 * @return Handler and return as store_call_put(); ENOENT nothing is kept of it
 */
int store_call_forget(struct store *s, const struct store_audit *row,
		      store_done_h *doneh, void *arg);

/** Synchronous. The same of all calls of a line that arrived before, and are
 *  over; but for marks, and without a word in the audit log. @param np
 *  Optional; how many */
int store_calls_drop(struct store *s, const char *line, int64_t before,
		     unsigned *np);

/** Synchronous. What was sealed to an epoch goes; its keys stay. */
int store_epoch_clear(struct store *s, uint64_t id);

/** Synchronous. A line that is not there any more has no current epoch. */
int store_epoch_close(struct store *s, const char *line);

/** Synchronous. Drafts that nobody has touched since the day before this one
 *  (since 1970-01-01) go. @param np Optional; how many */
int store_drafts_drop(struct store *s, uint32_t day, unsigned *np);

/** Synchronous. Marks that mean nothing since this day or before, and that
 *  nobody can open any more, go. @param np Optional; how many */
int store_marks_drop(struct store *s, uint32_t day, unsigned *np);

/** Synchronous. On which day (since 1970-01-01) what is due was last looked
 *  for. */
int store_looked_set(struct store *s, uint32_t day);

/** @return ENOENT that is not on record */
int store_looked_get(struct store *s, uint32_t *dayp);

/** What is kept of the calls of a line that are over. */
struct store_kept {
	char line[LIMIT_NAME];
	uint32_t n;
	int64_t oldest;     /**< arrived: Unix time, milliseconds           */
};

/** Each line that has any. True from the handler stops. */
typedef bool(store_kept_h)(const struct store_kept *kept, void *arg);
int store_kept_each(struct store *s, store_kept_h *h, void *arg);

#endif
