/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file caller.h  What happens to a caller who is on the line
 */
#ifndef RINGBACK_CORE_CALLER_H
#define RINGBACK_CORE_CALLER_H

#include "priv.h"

/* rows of the table of call.c */
void caller_row_arrive(void *obj, void *arg);
void caller_row_answer(void *obj, void *arg);
void caller_row_not_recorded(void *obj, void *arg);
void caller_row_refuse(void *obj, void *arg);
void caller_row_answered(void *obj, void *arg);
void caller_row_wait(void *obj, void *arg);
void caller_row_leave(void *obj, void *arg);
void caller_row_place(void *obj, void *arg);
void caller_row_taken(void *obj, void *arg);
void caller_row_give_up(void *obj, void *arg);
void caller_row_gone_owed(void *obj, void *arg);
void caller_row_gone_saving(void *obj, void *arg);
void caller_row_filed(void *obj, void *arg);
void caller_row_gone_talking(void *obj, void *arg);
void caller_row_cut_off(void *obj, void *arg);
void caller_row_close_talking(void *obj, void *arg);
void caller_row_counsellor_lost(void *obj, void *arg);
void caller_row_counsellor_gone(void *obj, void *arg);

#endif
