/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file marks.h  Callers who are blocked, or have a care plan: today's index
 *
 * What the store holds of a mark (store/mark.h) does not say whose number it
 * is. The line knows it as a handle (seal/handle.h), in locked memory, from the
 * talk in which the mark is made or from a member's page (MARK_INDEX), until
 * the handles' key is replaced with the day, or the line ends. What such a
 * handle can do and what not: docs/decisions/0027-marks.md.
 *
 * Looking somebody up is the same work whoever it is: all that is known is
 * walked over, to the end.
 */
#ifndef RINGBACK_MARKS_H
#define RINGBACK_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/number.h"
#include "wire/wire.h"

struct call;
struct marks;
struct switchboard;

/** A mark told anew that is known today; of one person within an hour. */
enum { MARKS_ANEW = 30 };

/** new; ENOMEM. Then marks_load() */
int marks_alloc(struct marks **mp, struct switchboard *sb);

/** What the store holds of them, at the start and whenever that was changed.
 *  Those that are not in it any more mean nothing from then on. */
int marks_load(struct marks *m);

/** It is this day now, of those that handles go by: on another one all is
 *  forgotten. */
void marks_day(struct marks *m, int64_t day);

/** Is a caller blocked, and do they have a care plan?
 *  @param handle 0 withheld: neither, ever */
struct marks_found {
	bool blocked;
	uint64_t plan; /**< its mark; 0 none */
};
struct marks_found marks_look(const struct marks *m, uint16_t line,
			      uint32_t handle);

/** MARK_MAKE of wire.h. @param made Filled  @param sealed The blob */
int marks_make(struct marks *m, const struct wire_mark *what,
	       struct wire_marked *made, uint8_t sealed[STORE_NUMBER]);

/** MARK_INDEX of wire.h. A mark that is told with another number than first
 *  today keeps the first: "mark_disputed" goes on record, the answer is the
 *  same. */
int marks_index(struct marks *m, const struct wire_mark_index *what,
		const uint8_t *blob, size_t n_blob);

/** MARKS_IS of wire.h. @param ids LIMIT_MARKS of them  @return how many */
size_t marks_known(const struct marks *m, uint64_t *ids, int64_t *dayp);

#endif
