/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file verb.h  What people do about a promise
 */
#ifndef RINGBACK_CORE_VERB_H
#define RINGBACK_CORE_VERB_H

#include "priv.h"

/** @return as core_step(); EBUSY if the caller is on the line or being dialled,
 *  or nothing is owed yet */
int verb_step(struct call *c, enum call_event verb, struct turn *t);

/* rows of the table */
void verb_row_take(void *obj, void *arg);
void verb_row_snooze(void *obj, void *arg);
void verb_row_ring(void *obj, void *arg);
void verb_row_keep(void *obj, void *arg);
void verb_row_dismiss(void *obj, void *arg);

#endif
