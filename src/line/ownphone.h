/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file ownphone.h  One ring of one counsellor at their telephone
 *
 * At each of its places at once, if it registered at several: the first that
 * picks up stops the others. A telephone that is a device of ours accepts by
 * picking up. Where a mailbox or somebody else may answer, the telephone is
 * asked for a key first; whoever presses none has not accepted. Not who rings.
 */
#ifndef RINGBACK_OWNPHONE_H
#define RINGBACK_OWNPHONE_H

#include <re.h>

#include "base/step.h"
#include "core/core.h"
#include "leg.h"
#include "sound.h"

struct ownphone;

enum {
	OWNPHONE_PLACES = 2,     /**< where one telephone may ring          */
	OWNPHONE_KEY_MS = 10000, /**< a key is waited for so long           */
};

enum ownphone_news {
	OWNPHONE_ACCEPTED,
	OWNPHONE_MOVED, /**< accepted before: it hears again, by another leg */
	OWNPHONE_LEFT, /**< nothing will come of it any more; cause says why.
			    Told if OVER takes longer, or not at all        */
	OWNPHONE_OVER, /**< cause says why. Always the last news, and told
			    exactly once. The owner may mem_deref() it      */
};

/** May be called from within ownphone_*(). */
typedef void(ownphone_news_h)(enum ownphone_news news, enum core_cause cause,
			      void *arg);

/** How a telephone is rung. */
struct ownphone_ring {
	struct legs *legs;      /**< borrow                                 */
	struct sound *sound;    /**< borrow                                 */
	struct leg_ring place[OWNPHONE_PLACES]; /**< as leg_alloc_out()     */
	size_t n_places;
	bool asks;              /**< picking up is not enough               */
	const char *language;   /**< of the question (borrow)               */
	uint64_t id;            /**< of the offer, for the trace            */
	struct kept_owner owner; /**< of each leg                           */
	struct step_trace trace;
};

/** Begin to ring. @param op new
 *  @return 0; why the last place could not be rung */
int ownphone_alloc(struct ownphone **op, const struct ownphone_ring *ring,
		   ownphone_news_h *h, void *arg);

/**
 * Go on with a talk of an earlier life of this process: no news comes of that
 *
 * @param op   new
 * @param ring But for .place and .asks
 *
 * @return as leg_restore()
 */
int ownphone_restore(struct ownphone **op, const struct ownphone_ring *ring,
		     uint64_t leg, const struct kept *k, ownphone_news_h *h,
		     void *arg);

/** Whoever is at this leg pressed a key (sound_digit_h).
 *  @return false if it is none of this telephone's */
bool ownphone_key(struct ownphone *o, uint64_t leg, uint8_t key);

/** End it, whatever its state: OWNPHONE_OVER follows. */
void ownphone_end(struct ownphone *o, enum core_cause cause);

/**
 * Its media process died: leg_move() of all that is in it
 *
 * @param near A leg of the same call that was moved before; 0 none
 *
 * @return One that is where they are now; near if it has none
 */
uint64_t ownphone_move(struct ownphone *o, uint32_t process, uint64_t near);

/** Has who picked up no sound just now? */
bool ownphone_is_moving(const struct ownphone *o);

/** The leg that picked up; 0 if none has, or if there is no telephone. */
uint64_t ownphone_leg(const struct ownphone *o);

/** Any leg of it, whether picked up or not: all are in one media process; 0
 *  if there is no telephone. */
uint64_t ownphone_any(const struct ownphone *o);

extern const struct step_machine ownphone_machine;

#endif
