/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file cover.h  Does every call of the coming weeks end in something?
 *
 * For each line and each of its languages, every minute of a time to come is
 * given the fate that a trial (trial.h) has found. A fate depends on nothing
 * but line, language, who is on duty and whether the line is open: so one
 * trial for each of these, and the moments at which the line opens and closes,
 * say it for every minute in between.
 */
#ifndef RINGBACK_COVER_H
#define RINGBACK_COVER_H

#include "base/config.h"
#include "trial.h"

/** A call that arrives then has no end that we would stand for. */
struct cover_hole {
	uint16_t line;
	uint8_t language; /**< index, as in plan_words                   */
	bool while_open;  /**< in some of it the line is open            */
	bool while_closed;
	int64_t from;  /**< Unix time, milliseconds                   */
	int64_t until; /**< exclusive                                 */
};

typedef void(cover_hole_h)(const struct cover_hole *hole, void *arg);

struct cover {
	const struct config *config;          /**< borrow; makes the hours  */
	const struct core_settings *settings; /**< borrow; made from it     */
	const struct core_event *people;      /**< borrow; as in trial.h    */
	size_t n_people;
	int64_t from;  /**< Unix time, milliseconds                   */
	int64_t until; /**< exclusive                                 */
};

/** Time, for each pair of a line and a language, in milliseconds. */
struct cover_sum {
	uint32_t n_pairs;
	uint32_t n_holes;
	int64_t ms[FATES];
};

/**
 * Find the holes: by line, language, and time; those that touch are one
 *
 * @return 0, ENOMEM, EINVAL
 */
int cover_find(const struct cover *c, struct cover_sum *sum, cover_hole_h *h,
	       void *arg);

#endif
