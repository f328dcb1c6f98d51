/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file staff.h  Who could take which call
 */
#ifndef RINGBACK_CORE_STAFF_H
#define RINGBACK_CORE_STAFF_H

#include "priv.h"

/** STRATEGY_TIERS: who is rung for a call, each with those before. */
enum circle {
	CIRCLE_ORGANISATION = 0,
	CIRCLE_REGION,
	CIRCLE_ALL, /**< always, with any other strategy */
};

/** Are they a counsellor of this line? */
bool staff_of_line(const struct person *p, uint16_t line);

/** Are they rung for this line at all, speak the language, and have the skills
 *  that it asks for? */
bool staff_fits(const struct core *core, const struct person *p,
		uint16_t line, uint8_t language);

/** The same, and they are in the circle that is rung for it now; or it is
 *  reserved for them, and for nobody else. */
bool staff_rung_for(const struct core *core, const struct person *p,
		    const struct call *c);

/** Whom a ring-back is reserved for: while they are on duty and can take it;
 *  0 if it is anybody's. */
uint32_t staff_reserved(const struct core *core, const struct call *c);

/** It is theirs alone for CORE_RESERVED_MS, or until their ring is over; 0:
 *  anybody's again. */
void staff_reserve(struct turn *t, struct call *c, uint32_t person);

/** Whom it was reserved for may have gone. */
void staff_reserve_check(struct turn *t, struct call *c);

/** How many on duty could take such a call, busy or not. */
uint32_t staff_count(const struct core *core, uint16_t line,
		     uint8_t language);

/** Is the line open for those who call now? */
bool staff_open(const struct core *core, uint16_t line);

/** Is it open, with somebody on duty for this caller? */
bool staff_here(const struct core *core, const struct call *c);

/** A call comes to the queue: the first circle with anybody in it. */
void staff_circle_begin(struct turn *t, struct call *c);

/** Its deadline has come, or people have gone: wider, if it must be. */
void staff_circle_widen(struct turn *t, struct call *c);
void staff_circle_check(struct turn *t, struct call *c);

#endif
