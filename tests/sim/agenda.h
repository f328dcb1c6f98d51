/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file agenda.h  What will happen in the simulated world, and when
 */
#ifndef RINGBACK_SIM_AGENDA_H
#define RINGBACK_SIM_AGENDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/core.h"

/**
 * What can happen in the world without the core's doing
 *
 * Row: constant, does it outlive the death of our processes? Those that do
 * not are about legs and news of one life.
 */
#define SIM_WHAT(X)                                                         \
	X(SIM_NEW_CALLER, true)       /* somebody dials the line        */  \
	X(SIM_REDIAL, true)           /* .handle, .line: dials again    */  \
	X(SIM_CALLER_TIRES, false)    /* .call: of waiting              */  \
	X(SIM_CALLER_HANGS_UP, false) /* .call: whatever they do        */  \
	X(SIM_CALLER_KEY, false)      /* .call, .key                    */  \
	X(SIM_CALLER_HEARD, false)    /* .call, .n: a list to its end   */  \
	X(SIM_CALLER_SPOKE, false)    /* .call, .n: that message is over */ \
	X(SIM_HOUSE_CLOSES, false)    /* .call: we end it               */  \
	X(SIM_DIAL_PICKED_UP, false)  /* .call: at the caller's         */  \
	X(SIM_DIAL_ENDS, false)       /* .call, .cause                  */  \
	X(SIM_PHONE_ACCEPTS, false)   /* .offer: a counsellor picks up  */  \
	X(SIM_PHONE_REFUSES, false)   /* .offer, .cause                 */  \
	X(SIM_PHONE_HANGS_UP, false)  /* .offer: out of a talk          */  \
	X(SIM_CANCEL_ARRIVES, false)  /* .offer: at the phone           */  \
	X(SIM_BYE_ARRIVES, false)     /* .offer: at the phone           */  \
	X(SIM_CONSULTS, false)        /* .offer, .n: that CORE_ event   */  \
	X(SIM_DUTY, true)             /* .person goes on or off duty    */  \
	X(SIM_COMMIT, false)          /* .n writes are on disk, or not  */  \
	X(SIM_DISK_TURNS, true)       /* full, or not any more          */  \
	X(SIM_WORK, true)             /* the coordinator looks          */  \
	X(SIM_MINUTE, true)           /* the clock is told              */  \
	X(SIM_CLOCK_JUMPS, true)      /* .n: to the edge of an hour     */  \
	X(SIM_CRASH, true)                                                  \
	X(SIM_START, true)            /* after a crash                  */  \
	X(SIM_NONSENSE, true)                                               \
	X(SIM_NEWS, false)            /* .news reach the core           */

enum happening {
#define X(what, survives) what,
	SIM_WHAT(X)
#undef X
	SIM_HAPPENINGS
};

struct agenda_item {
	uint64_t when;
	uint64_t seq; /**< of the same instant, the first entered is first */
	enum happening what;
	uint32_t life; /**< of our processes                            */
	uint64_t call;
	uint64_t offer;
	uint64_t n;
	uint32_t person; /**< index into the world's counsellors        */
	uint32_t handle;
	uint16_t line;
	uint8_t key;
	enum core_cause cause;
	struct core_event news;
};

struct agenda {
	size_t n, size;
	uint64_t seq;
	struct agenda_item *v;
};

/** Copied. Aborts if there is no memory: a simulation needs all of it. */
void agenda_add(struct agenda *a, const struct agenda_item *item);

/** When the next is due; UINT64_MAX if there is none. */
uint64_t agenda_first(const struct agenda *a);

/** Take out the next; false if there is none. */
bool agenda_pop(struct agenda *a, struct agenda_item *item);

/** Free what it holds. */
void agenda_reset(struct agenda *a);

#endif
