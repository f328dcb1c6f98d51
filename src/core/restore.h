/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file restore.h  Calls that were open when we went down
 */
#ifndef RINGBACK_CORE_RESTORE_H
#define RINGBACK_CORE_RESTORE_H

#include "priv.h"

/** t->ev->restore is on record. @return as core_step() */
int restore_call(struct turn *t);

/** May a record that looks like this be taken up at all? */
bool restore_is_sound(const struct core *core,
		      const struct core_record *record);

/** Take a slot for it, with all that the record says. ENOSPC */
int restore_open(struct call **cp, struct turn *t);

/* rows of the table */
void restore_row(void *obj, void *arg);
void restore_row_talk(void *obj, void *arg);

#endif
