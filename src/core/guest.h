/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file guest.h  The guest of a talk: a second counsellor, and their machine
 *
 * It moves while the call is in CALL_TALKING; before it leaves that state there
 * is no guest any more. The guest is a person like any other: rung, connected,
 * released and resting by the rows of person.c.
 */
#ifndef RINGBACK_CORE_GUEST_H
#define RINGBACK_CORE_GUEST_H

#include "priv.h"

/** What can happen to the guest of a talk. */
enum guest_event {
	GUEST_EV_CONSULT = 0, /**< .guest of the call is to be rung          */
	GUEST_EV_RESUME,      /**< after a restart: aside still              */
	GUEST_EV_RESUME_THREE, /**< the same: all three talk                 */
	GUEST_EV_ACCEPTED,
	GUEST_EV_GONE,        /**< their leg is over, or is being withdrawn  */
	GUEST_EV_END,         /**< the counsellor does not want them any more */
	GUEST_EV_THREE,
	GUEST_EV_HAND_OVER,
	GUEST_EV_COUNSELLOR_GONE, /**< hung up, or lost                      */
	GUEST_EV_TALK_OVER,   /**< the caller is gone                        */
	GUEST_EVENTS
};

/** Is it as a guest that they ring or talk? */
bool guest_is(const struct person *p);

/** What the counsellor asks for: finds out whom it is about, and moves.
 *  @return 0, or as core.h says; then nothing has changed */
int guest_ask(struct person *counsellor, enum guest_event ev, struct turn *t);

/** Where the guest's state says that it is expected: aborts if it is not. */
void guest_drive(struct call *c, enum guest_event ev, struct turn *t);

/** The counsellor is gone: does the talk go on with the guest? If not, there is
 *  none any more. */
bool guest_takes_over(struct call *c, struct turn *t);

/** The talk is over for whoever is its guest. */
void guest_talk_over(struct call *c, struct turn *t);

#endif
