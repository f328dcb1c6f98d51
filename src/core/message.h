/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file message.h  What a caller says after the tone
 */
#ifndef RINGBACK_CORE_MESSAGE_H
#define RINGBACK_CORE_MESSAGE_H

#include "priv.h"

/** Less voice than this is silence. */
enum { MESSAGE_VOICED_MS = 1000 };

/** It is over. @return as core_step() */
int message_filed(struct call *c, struct turn *t);

/* rows of the table */
void message_row_begin(void *obj, void *arg);
void message_row_kept(void *obj, void *arg);
void message_row_silent(void *obj, void *arg);
void message_row_gone(void *obj, void *arg);
void message_row_close(void *obj, void *arg);

#endif
