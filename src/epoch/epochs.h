/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file epochs.h  Who is entitled to what is sealed for a line, from when on
 *
 * What is sealed for a line is sealed to its current epoch. A new one begins
 * with each month, and at once when somebody is entitled who was not, or is
 * not any more: whoever leaves opens nothing that comes after, and what they
 * had is taken from the store. The private half exists in memory for as long
 * as it is being sealed to those people, and to the recovery key.
 *
 * Entitled to a line: its counsellors and coordinators who have a key of their
 * own, which their browser makes when they first sign in. Entitled to the
 * installation's own (EPOCHS_HOUSE: telephones of counsellors): coordinators
 * of all lines.
 */
#ifndef RINGBACK_EPOCH_EPOCHS_H
#define RINGBACK_EPOCH_EPOCHS_H

#include "base/config.h"
#include "store/epoch.h"

/** In place of a line's name. */
#define EPOCHS_HOUSE ""

/**
 * Bring a line's epochs up to date: at the start, when people, roles or their
 * keys have changed, and now and then for the month
 *
 * @param now     Unix time, milliseconds; no month begins that is over on the
 *                day of the last look (store_looked_set())
 * @param current Optional; set to what is to be sealed to from now on
 *
 * @return 0; ENOKEY there is no recovery key: nothing may be sealed, since
 *         nobody could be sure to open it; ENOMEM, EIO, ...
 */
int epochs_keep(struct store *s, const char *line, int64_t now,
		struct store_epoch *current);

/** All lines of an installation, and its own. @return the first error */
int epochs_keep_all(struct store *s, const struct config *cfg, int64_t now);

/** Is this person entitled to it? @return 0; ENOENT no; EIO, ... */
int epochs_entitled(struct store *s, const char *line, uint32_t person);

/** Drop those of a line that began before this month (12 * year + 0 to 11), but
 *  for those that a number is sealed to. @param np Optional; how many */
int epochs_drop(struct store *s, const char *line, uint32_t month,
		unsigned *np);

/** The month of a time, as store_epoch says it. */
uint32_t epochs_month(int64_t now);

#endif
