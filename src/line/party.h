/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file party.h  Who hears whom in a talk
 *
 * Made anew from the truth of one call whenever that changes, by one table;
 * then the media process is told what differs from what it was told before.
 *
 *	            hear each other                     hear hold sound
 *	talk        caller, counsellor, third           -
 *	held        counsellor, third                   caller
 *	aside       counsellor, guest                   caller, third
 *	three       caller, counsellor, guest, third    -
 *	three, held counsellor, guest, third            caller
 *
 * A listener hears those who hear each other, and is heard by nobody; one who
 * whispers by the counsellor alone.
 */
#ifndef RINGBACK_PARTY_H
#define RINGBACK_PARTY_H

#include "core/core.h"
#include "wire/wire.h"

struct call;
struct party;
struct switchboard;

/** Who is in a talk: legs of the media process, 0 nobody. */
struct party_truth {
	uint64_t caller;
	uint64_t counsellor;
	uint64_t guest;      /**< who has picked up                      */
	uint64_t third;      /**< who has picked up                      */
	uint64_t listener[WIRE_LISTENERS];
	uint64_t whisperer;  /**< a listener; 0 none                     */
	enum guest_state guest_state;
	bool held;
};

/** What one leg hears. */
struct party_row {
	uint64_t leg;
	bool hold;                 /**< hold sound                       */
	uint8_t n;                 /**< 0 and not hold: comfort noise    */
	uint64_t from[WIRE_HEARS];
};

struct party_plan {
	struct party_row row[4 + WIRE_LISTENERS];
	size_t n;
};

/** Pure. */
void party_plan(struct party_plan *plan, const struct party_truth *truth);

/** The two of them hear each other and nobody else? */
bool party_is_pair(const struct party_row *a, const struct party_row *b);

/**
 * Somebody has come to a talk, or gone, or it is held: tell the media process
 * what is different now
 *
 * Nothing happens if the call is no talk (any more).
 */
void party_update(struct switchboard *sb, uint64_t call);

/** The same, at the beginning of a talk: what the legs heard before was not
 *  said here. */
void party_begin(struct switchboard *sb, uint64_t call);

/** The caller hears by this leg what who waits hears. */
void party_hold(const struct call *call, uint64_t leg);

#endif
