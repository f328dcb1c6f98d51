/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file person.h  One counsellor and their machine
 *
 * The table is in person.c; where all of them are kept is in roster.c.
 */
#ifndef RINGBACK_CORE_PERSON_H
#define RINGBACK_CORE_PERSON_H

#include <sys/queue.h>

#include "core.h"
#include "deadline.h"

struct call;
struct turn;

/** What can happen to a counsellor. */
enum person_event {
	PERSON_EV_ADD = 0,
	PERSON_EV_ON,
	PERSON_EV_OFF,
	PERSON_EV_READY,        /**< has written up, or is back             */
	PERSON_EV_OFFER,        /**< the allocator found them a call         */
	PERSON_EV_ACCEPTED,
	PERSON_EV_NOT_ACCEPTED, /**< final: the offer's leg is over          */
	PERSON_EV_GONE,         /**< final: the offer's leg is over          */
	PERSON_EV_LOST,         /**< the same, out of a talk: not hung up    */
	PERSON_EV_CALLER_GONE,  /**< the call they ring for or talk with     */
	PERSON_EV_TAKEN,        /**< another one picked up first             */
	PERSON_EV_NOT_REACHED,  /**< the caller whom we ring back for them   */
	PERSON_EV_UNREACHABLE,  /**< too many rings failed                   */
	PERSON_EV_TIME,         /**< their deadline has come                 */
	PERSON_EV_RESUME,       /**< still in a talk, after a restart        */
	PERSON_EV_WRITES_UP,    /**< still writing up, after one             */
	PERSON_EV_RESTS,        /**< still resting, after one                */
	PERSON_EVENTS
};

struct person {
	uint8_t state; /**< enum person_state; written by step() alone */
	uint32_t id;
	uint32_t wrap_up_ms;
	uint32_t languages, skills;    /**< bits                       */
	uint16_t organisation, region; /**< 0 none                     */
	uint16_t lines;    /**< bits: rung for these                   */
	bool learns;        /**< never rung                             */
	uint32_t n_owned;  /**< open promises                          */
	uint64_t offer;    /**< 0 if its leg is over, or none was made */
	struct call *call; /**< borrow: ringing for or talking with, or NULL */
	uint64_t idle_since;
	uint32_t n_failed; /**< rings in a row                              */
	struct deadline deadline;
	TAILQ_ENTRY(person) free;
	TAILQ_ENTRY(person) ringing; /**< for their call                    */
};

TAILQ_HEAD(person_list, person);

/**
 * Move a counsellor
 *
 * @return 0, EPROTO if they do not expect this event: nothing changed
 */
int person_step(struct person *p, enum person_event ev, struct turn *t);

/** The same, where the other machine's state says that it is expected:
 *  aborts if it is not. */
void person_drive(struct person *p, enum person_event ev, struct turn *t);

/** On duty, busy or not? */
bool person_on_duty(const struct person *p);

/** With a caller, or with a counsellor as a guest: picked up, not sent away. */
bool person_talks(const struct person *p);

/* ---- roster.c ------------------------------------------------------------ */

/** Find by id: NULL if there is none. borrow */
struct person *person_find(const struct core *core, uint32_t id);

/** Find by an offer that is not over: NULL if there is none. borrow */
struct person *person_find_offer(struct core *core, uint64_t offer);

/** Add one in PERSON_NONE. ENOSPC if there are LIMIT_PEOPLE already. */
int person_add(struct person **pp, struct core *core, uint32_t id);

/** A number for their next offer; person_find_offer() reads it back. */
uint64_t person_next_offer(struct core *core, const struct person *p);

#endif
