/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file control.h  What the command line asks of a running line
 *
 * run/line.sock: STATUS, PEOPLE_CHANGED, TRUNKS_CHANGED,
 * MARKS_CHANGED, PROMISE (wire.h).
 */
#ifndef RINGBACK_CONTROL_H
#define RINGBACK_CONTROL_H

#include "switchboard.h"
#include "trunk.h"

struct control;

/** @param cp new; the others are borrowed */
int control_alloc(struct control **cp, const char *path,
		  struct switchboard *switchboard, struct trunks *trunks,
		  struct store *store);

/** Each that connects has to be what it says (wire/who.h). */
void control_guard(struct control *c);

#endif
