/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file records.h  A call as the core knows it, as rows of the store
 */
#ifndef RINGBACK_RECORDS_H
#define RINGBACK_RECORDS_H

#include "core/core.h"
#include "plan/plan.h"
#include "store/store.h"

void record_call_row(struct store_call *row, const struct config *config,
		     const struct plan_words *words,
		     const struct core_record *rec);

/** @param number Sealed; is taken over if the promise has one */
void record_promise_row(struct store_promise *row,
			const struct core_record *rec,
			const struct store_number *number);

/** The row of a promise that was none: a message of which nothing was said. */
void record_silence_row(struct store_promise *row,
			const struct core_record *rec);

/**
 * The other way: what a start finds of an open call
 *
 * What the configuration does not know any more becomes the first line, or the
 * line's first language.
 *
 * @param promise NULL if there is none
 *
 * @return 0, EINVAL if a row has a word that the core does not know
 */
int record_read(struct core_record *rec, const struct config *config,
		const struct plan_words *words, const struct store_call *row,
		const struct store_promise *promise);

#endif
