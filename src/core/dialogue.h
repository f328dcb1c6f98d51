/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file dialogue.h  The menu of a caller, beside the queue
 */
#ifndef RINGBACK_CORE_DIALOGUE_H
#define RINGBACK_CORE_DIALOGUE_H

#include "priv.h"

/** An event for the menu, from outside. @return 0, EPROTO, ENOENT (the end of
 *  a list that has been replaced) */
int dialogue_event(struct call *c, enum menu_event ev, struct turn *t);

/** Tell the menu and carry out what it says. The call may move, and may be
 *  over afterwards. */
void dialogue_tell(struct call *c, enum menu_event ev, struct turn *t);

/** Row CALL_EV_MENU: carry out t->reply. */
void dialogue_row(void *obj, void *arg);

/** The caller hears nothing more from us, and no key means anything. */
void dialogue_over(struct call *c, struct turn *t);

/** Enters the queue: who is there for them now, so that it is noticed who
 *  comes or goes from then on. */
void dialogue_note(struct call *c, struct turn *t);

/** Has anybody come or gone for this caller? */
void dialogue_look_around(struct call *c, struct turn *t);

/** Their deadlines. */
void dialogue_silence(struct call *c, struct turn *t);
void dialogue_news(struct call *c, struct turn *t);
void dialogue_long(struct call *c, struct turn *t);

#endif
