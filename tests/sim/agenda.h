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

/** What can happen in the world without the core's doing. */
enum happening {
	SIM_NEW_CALLER = 0,  /**< somebody dials the line                   */
	SIM_CALLER_TIRES,    /**< .call: of waiting; no more if talking  */
	SIM_CALLER_HANGS_UP, /**< .call: whatever they are doing            */
	SIM_HOUSE_CLOSES,    /**< .call: we end it                          */
	SIM_PHONE_ACCEPTS,   /**< .offer: a counsellor picks up             */
	SIM_PHONE_REFUSES,   /**< .offer, .cause: declines, is busy or dead */
	SIM_PHONE_HANGS_UP,  /**< .offer: out of a talk                     */
	SIM_CANCEL_ARRIVES,  /**< .offer: at the counsellor's phone         */
	SIM_BYE_ARRIVES,     /**< .offer: at the counsellor's phone         */
	SIM_DUTY,            /**< .person goes on or off duty               */
	SIM_NOISE,           /**< the shell says something odd              */
	SIM_NEWS,            /**< .news reaches the core                    */
	SIM_HAPPENINGS
};

struct agenda_item {
	uint64_t when;
	uint64_t seq; /**< of the same instant, the first entered is first */
	enum happening what;
	uint64_t call;
	uint64_t offer;
	uint32_t person; /**< index into the world's counsellors */
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
