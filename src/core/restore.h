/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file restore.h  Calls that were open when we went down
 */
#ifndef RINGBACK_CORE_RESTORE_H
#define RINGBACK_CORE_RESTORE_H

#include "priv.h"

/** t->ev->restore is on record. @return as core_step() */
int restore_call(struct turn *t);

/* rows of the table */
void restore_row(void *obj, void *arg);
void restore_row_talk(void *obj, void *arg);

#endif
