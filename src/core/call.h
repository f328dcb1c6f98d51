/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file call.h  One call for help and its machine
 */
#ifndef RINGBACK_CORE_CALL_H
#define RINGBACK_CORE_CALL_H

#include <sys/queue.h>

#include "core.h"
#include "person.h"

struct turn;

/** What can happen to a call. */
enum call_event {
	CALL_EV_ARRIVE = 0,
	CALL_EV_RECORDED,
	CALL_EV_NOT_RECORDED,
	CALL_EV_ANSWERED,
	CALL_EV_NOT_ANSWERED,
	CALL_EV_GONE,            /**< the caller                           */
	CALL_EV_CLOSE,           /**< we end it                            */
	CALL_EV_OFFER,           /**< the allocator found somebody         */
	CALL_EV_NOT_TAKEN,       /**< an offer came to nothing, others ring */
	CALL_EV_NONE_LEFT,       /**< its last offer came to nothing       */
	CALL_EV_TAKEN,           /**< one of its offers was accepted       */
	CALL_EV_COUNSELLOR_GONE, /**< out of the talk                      */
	CALL_EVENTS
};

TAILQ_HEAD(call_list, call);

struct call {
	uint8_t state; /**< enum call_state; written by step() alone */
	struct core_record record; /**< all but its state            */
	uint64_t arrived;
	uint64_t talking_since;
	struct person *person; /**< borrow: talking, or NULL            */
	struct person_list ringing; /**< for it, the first rung first   */
	uint32_t n_ringing;
	struct call_list *queue; /**< borrow: that it stands in, or NULL;
				    alloc.c writes                      */
	TAILQ_ENTRY(call) open;
	TAILQ_ENTRY(call) queued;
};

/**
 * Move a call
 *
 * When this returns the call may be over and its slot empty.
 *
 * @return 0, EPROTO if it does not expect this event: nothing changed
 */
int call_step(struct call *c, enum call_event ev, struct turn *t);

/** The same, where the other machine's state says that it is expected:
 *  aborts if it is not. */
void call_drive(struct call *c, enum call_event ev, struct turn *t);

/** A counsellor is rung for it. */
void call_offer(struct call *c, struct person *p, struct turn *t);

/** Their offer came to nothing. */
void call_not_taken(struct call *c, struct person *p, struct turn *t);

/** They picked up first: connected; all others are withdrawn. */
void call_taken(struct call *c, struct person *p, struct turn *t);

#endif
