/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file mark.h  Callers who are blocked, or have a care plan, in the store
 *
 * The store does not know whose number a mark is about: it is sealed
 * (number_of_mark(), src/epoch/numbers.h) to the line's epoch. The line knows it
 * for a day, once a member's page has said it again: src/line/marks.h,
 * docs/decisions/0027-marks.md.
 */
#ifndef RINGBACK_STORE_MARK_H
#define RINGBACK_STORE_MARK_H

#include "number.h"
#include "store.h"

enum {
	STORE_MARK_BLOCK_DAYS = 90, /**< until somebody looks at it again   */
	STORE_MARK_PLAN_DAYS = 365,
};

enum store_mark_kind {
	STORE_MARK_BLOCK = 0, /**< hears an announcement, rings nobody      */
	STORE_MARK_PLAN,      /**< who takes the call is shown that there is a
				   care plan                                */
	STORE_MARK_KINDS
};

/*
 * enum, word, kind: why. Fixed words; more is a note, and notes are sealed.
 */
#define STORE_MARK_REASON_ROWS(X)                                             \
	X(ABUSE, "abuse", BLOCK)                                              \
	X(THREATS, "threats", BLOCK)                                          \
	X(SEXUAL, "sexual", BLOCK)                                            \
	X(PRANK, "prank", BLOCK)                                              \
	X(FLOOD, "flood", BLOCK)                                              \
	X(CARE, "plan", PLAN)

enum store_mark_reason {
#define X(name, word, kind) STORE_MARK_##name,
	STORE_MARK_REASON_ROWS(X)
#undef X
	STORE_MARK_REASONS
};

struct store_mark {
	uint64_t id;             /**< from 1 to 2^53: made at random        */
	char line[LIMIT_NAME];
	enum store_mark_kind kind;
	enum store_mark_reason reason;
	uint64_t call;           /**< in which it was made                  */
	uint32_t person;         /**< who made it                           */
	char name[LIMIT_NAME];   /**< filled on reading only; "" if they are
				      gone                                  */
	uint32_t made_day;       /**< since 1970-01-01, local               */
	uint32_t review_day;     /**< from this day on it means nothing     */
	uint64_t epoch;
	uint8_t sealed[STORE_NUMBER];
	bool lost; /**< filled on reading only: its epoch is dropped, nobody can
			open it any more                                    */
};

/** "block", "plan"; "abuse", ... The other way: 0, EINVAL; EINVAL too if the
 *  reason is none of this kind. */
const char *store_mark_kind_name(enum store_mark_kind kind);
const char *store_mark_reason_name(enum store_mark_reason reason);
int store_mark_decode(enum store_mark_kind *kindp,
		      enum store_mark_reason *reasonp, const char *kind,
		      const char *reason);

/** Days ahead that its next review may be, at most. */
uint32_t store_mark_days(enum store_mark_kind kind);

/** Does it mean nothing any more, until somebody looks at it again? */
bool store_mark_due(const struct store_mark *mark, uint32_t today);

/** Synchronous, with the rows of the audit log that wait. EEXIST there is one of
 *  this id; ESTALE the epoch is not the current one of its line; EINVAL a
 *  review later than store_mark_days(), or before it was made */
int store_mark_add(struct store *s, const struct store_mark *mark);

/** ENOENT */
int store_mark_get(struct store *s, uint64_t id, struct store_mark *mark);

/** All, the oldest first. True from the handler stops. */
typedef bool(store_mark_h)(const struct store_mark *mark, void *arg);
int store_mark_each(struct store *s, store_mark_h *h, void *arg);

/** Synchronous, with the rows of the audit log that wait: review_day, epoch and
 *  sealed. ENOENT; ESTALE: another epoch than it had, and not the current one
 *  of its line; EINVAL further ahead of today than store_mark_days() */
int store_mark_review(struct store *s, const struct store_mark *mark,
		      uint32_t today);

/** Synchronous, with the rows of the audit log that wait. ENOENT */
int store_mark_remove(struct store *s, uint64_t id);

#endif
