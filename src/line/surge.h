/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file surge.h  More calls than people make: who comes in, who is asked, who
 * hears that the line is busy
 *
 * A trunk brings whatever is dialled. So each number has a budget, and so have
 * numbers that differ in their last digits alone, all numbers that are
 * withheld, and all calls together. Beyond its own budget a number is busy.
 * Beyond any other a caller is asked for a key (core.h, .check) before anything
 * else, and all who are asked may hold half of the places at most: the other
 * half is for those who have pressed it, or have talked today. Numbers beyond
 * their range's budget hold a quarter, so that a burst leaves room for numbers
 * that are not in it.
 *
 * Nothing is kept of a caller but how much of a budget is left, in a place that
 * a keyed hash has found, and, of those who have pressed a key, the handle that
 * the core has anyhow. Must not read a clock, nor log a number.
 */
#ifndef RINGBACK_SURGE_H
#define RINGBACK_SURGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"

enum {
	SURGE_NUMBER_BURST = 10,  /**< calls of one number at once          */
	SURGE_NUMBER_RATE = 2,    /**< a minute                             */
	SURGE_RANGE_BURST = 30,   /**< of one thousand numbers, or withheld */
	SURGE_RANGE_RATE = 15,
	SURGE_ON_MS = 120000,     /**< a flood is over after so long        */
	SURGE_SOME = 10,          /**< turned away: then it is a flood, too */
};

enum surge_verdict {
	SURGE_COME = 0, /**< as always                                      */
	SURGE_ASK,      /**< is asked for a key; surge_settled() in the end */
	SURGE_BUSY,     /**< 486                                            */
};

struct surge;

struct surge_terms {
	uint32_t calls_a_minute; /**< more are a flood; 0: none ever is     */
	uint32_t places;         /**< calls that fit in at one time         */
};

/** @param sp new */
int surge_alloc(struct surge **sp, const struct surge_terms *terms,
		uint64_t now);

/** A call comes. @param number Canonical; empty if withheld
 *  @param handle Tells the same caller again; 0 nothing does */
enum surge_verdict surge_arrive(struct surge *s,
				const struct secret_text *number,
				uint32_t handle, uint64_t now);

/** Who was asked has pressed the key, or is gone. */
void surge_settled(struct surge *s);

/** Somebody who listens: has pressed the key, or has talked. Not asked again
 *  today. */
void surge_know(struct surge *s, uint32_t handle);

/** Is there a flood? Says in the log when one begins and ends. */
bool surge_is_on(struct surge *s, uint64_t now);

/** When the flood that is on began. */
uint64_t surge_since(const struct surge *s);

/** Turned away since the flood began, or of the last one. */
uint32_t surge_turned_away(const struct surge *s);

#endif
