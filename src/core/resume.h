/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file resume.h  Calls whose callers are still on the line after a restart
 */
#ifndef RINGBACK_CORE_RESUME_H
#define RINGBACK_CORE_RESUME_H

#include "priv.h"

/** t->ev->restore is on record, t->ev->kept was kept. @return as core_step() */
int resume_call(struct turn *t);

/* rows of the table */
void resume_row(void *obj, void *arg);
void resume_row_wait(void *obj, void *arg);
void resume_row_leave(void *obj, void *arg);
void resume_row_talk(void *obj, void *arg);

#endif
