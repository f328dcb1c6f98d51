/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file dial.h  An attempt to ring somebody back
 */
#ifndef RINGBACK_CORE_DIAL_H
#define RINGBACK_CORE_DIAL_H

#include "priv.h"

/* rows of the table */
void dial_row_begin(void *obj, void *arg);
void dial_row_too_late(void *obj, void *arg);
void dial_row_answered(void *obj, void *arg);
void dial_row_confirmed(void *obj, void *arg);
void dial_row_declined(void *obj, void *arg);
void dial_row_no_key(void *obj, void *arg);
void dial_row_say(void *obj, void *arg);
void dial_row_said(void *obj, void *arg);
void dial_row_failed(void *obj, void *arg);
void dial_row_hung_up(void *obj, void *arg);
void dial_row_over(void *obj, void *arg);
void dial_row_counsellor_gone(void *obj, void *arg);
void dial_row_counsellor_gone_late(void *obj, void *arg);
void dial_row_close(void *obj, void *arg);
void dial_row_close_saying(void *obj, void *arg);
void dial_row_held(void *obj, void *arg);

/** The house stops, or its sound is lost, while phones ring. */
void dial_row_break_off(void *obj, void *arg);
void dial_row_gone_waiting(void *obj, void *arg);
void dial_row_not_now(void *obj, void *arg);

#endif
