/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file budget.h  What is left of the rings that a day has for callers
 *
 * Counted by outgoing.h. A restart gives no new budget: the attempts of the last
 * day are on record, each before its telephone rang, and are counted again.
 * While a day's are used up no line rings back, as if no trunk could dial out:
 * callers are not offered it, promises wait and climb.
 */
#ifndef RINGBACK_BUDGET_H
#define RINGBACK_BUDGET_H

#include "switchboard.h"

/** sb->outgoing, with nothing taken. */
int budget_alloc(struct switchboard *sb);

/** Count what earlier lives of this process have rung; the calls with open
 *  promises are there. */
int budget_restore(struct switchboard *sb);

/** One more was rung: is there room for another? */
void budget_look(struct switchboard *sb);

/** Is it used up? */
bool budget_is_spent(const struct switchboard *sb);

/** The rows of STATUS_IS about it. */
void budget_status(const struct switchboard *sb, struct wire_status *status);

#endif
