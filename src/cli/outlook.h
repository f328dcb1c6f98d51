/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file outlook.h  What a data folder says of calls to come
 *
 * The configuration, the people who are on duty and the trunks that can dial,
 * in the words of the core: what `ringback route` and `ringback coverage` try
 * calls with. Holds names, never a telephone.
 */
#ifndef RINGBACK_CLI_OUTLOOK_H
#define RINGBACK_CLI_OUTLOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "core/core.h"
#include "plan/plan.h"
#include "plan/trial.h"

struct outlook {
	struct config *config;
	struct plan_words words;
	struct core_settings settings;
	struct core_event *people; /**< CORE_PERSON of those on duty       */
	char (*names)[LIMIT_NAME]; /**< theirs, in the same order          */
	size_t n_people;
	uint32_t n_trunks;   /**< that calls come by                 */
	uint32_t n_dialling; /**< of them, can be dialled out by     */
	bool trunk_named[LIMIT_LINES]; /**< the line's own trunk is there  */
};

/**
 * Read a data folder, and take over its time zone
 *
 * @param op   new, outlook_free()
 * @param data What --data said, or NULL
 *
 * @return 0, or an error that was said on standard error
 */
int outlook_load(struct outlook **op, const char *data);

/** takes; NULL is fine */
void outlook_free(struct outlook *o);

/** A trial of a call in a line's language: the rest is to be filled in. */
struct trial outlook_trial(const struct outlook *o, uint16_t line,
			   uint8_t language);

/** "Ana"; "" if nobody on duty has this number. */
const char *outlook_name(const struct outlook *o, uint32_t person);

/** "es", of an index. */
const char *outlook_language(const struct outlook *o, uint8_t language);

/** Why a line rings nobody back, and what to do about it; NULL if it can. */
const char *outlook_no_ring_back(const struct outlook *o, uint16_t line);

/** Whether the line may take messages; else why not. NULL if it may. */
const char *outlook_no_message(const struct outlook *o, uint16_t line);

#endif
