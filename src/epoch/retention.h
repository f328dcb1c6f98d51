/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file retention.h  When what is kept of a line is deleted, and whether it was
 *
 * Months are whole ones of UTC: with keep_notes = 12, what was sealed in
 * November is deleted when the next December begins. Then the keys of that
 * month's epochs go, from people and from the recovery key: nobody opens what
 * was sealed to them, in this store or in a backup; and what of it is in this
 * store goes, too. Records of calls go by keep_calls in the same way.
 *
 * An open promise keeps what could be sealed for it: keys of its line as old
 * as itself, less a month. Notes go all the same. That is an alarm, as is
 * whatever should have been deleted more than a day ago, and a message older
 * than keep_messages.
 *
 * A clock may be wrong, and what is deleted is gone. So the store keeps the day
 * on which what is due was last looked for; a clock that is more than
 * RETENTION_TRUST days ahead of it or behind it is in doubt: nothing is deleted
 * by itself until the clock is right again, or a person says that it is. That is
 * an alarm. What else is on record does not speak for the clock: it has its time
 * from the same one.
 *
 * A line that is not in the configuration any more is kept for as long as one
 * that says nothing about it.
 */
#ifndef RINGBACK_EPOCH_RETENTION_H
#define RINGBACK_EPOCH_RETENTION_H

#include "base/config.h"
#include "store/keep.h"
#include "store/store.h"

enum {
	RETENTION_NOTES = 12,    /**< months: what the configuration says   */
	RETENTION_CALLS = 24,    /**< by itself                             */
	RETENTION_MESSAGES = 90, /**< days                                  */
	RETENTION_DRAFTS = 30,   /**< days; sealed to their author alone    */
	RETENTION_TRUST = STORE_TRUST, /**< days                            */
};

/** One line, today. */
struct retention {
	char line[LIMIT_NAME];
	bool configured;
	uint32_t keep_notes, keep_calls, keep_messages;
	int64_t oldest;     /**< of what is kept; what is sealed has a month
				 and no day: Unix ms; 0 nothing is          */
	int64_t due;        /**< when something goes next; 0 nothing is kept */
	bool overdue;       /**< due for more than a day; not if doubted    */
	bool doubted;       /**< the clock is; the same for each line       */
	int64_t looked;     /**< the day of the last look: Unix ms          */
	uint32_t n_held;    /**< open promises older than keep_notes        */
	uint32_t n_messages; /**< open ones older than keep_messages        */

	uint32_t epoch;     /**< month of the oldest that is not dropped; 0 */
	uint32_t promise;   /**< month of the oldest open promise; 0        */
	int64_t call;       /**< when the oldest that is over arrived; 0    */
};

/** Must somebody look? */
bool retention_alarm(const struct retention *r);

/** Each line, those of the configuration first; in the data folder, where the
 *  messages are. True from the handler stops. @return 0, ENOMEM, EIO, ... */
typedef bool(retention_h)(const struct retention *r, void *arg);
int retention_each(struct store *s, const struct config *cfg, int64_t now,
		   retention_h *h, void *arg);

/** What went. */
struct retention_gone {
	unsigned n_epochs;
	unsigned n_calls;
	unsigned n_drafts;
	unsigned n_marks;
};

/**
 * Delete what is due; a person wants it so, and vouches for the clock
 *
 * What is broken off is finished by the next one.
 *
 * @param gone Optional
 *
 * @return the first error; the other lines are seen to all the same
 */
int retention_run(struct store *s, const struct config *cfg, int64_t now,
		  struct retention_gone *gone);

/** The same by itself. @return as retention_run(); ESTALE the clock is in
 *  doubt, and nothing was deleted */
int retention_upkeep(struct store *s, const struct config *cfg, int64_t now,
		     struct retention_gone *gone);

#endif
