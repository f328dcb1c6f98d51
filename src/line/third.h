/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file third.h  Somebody from outside in a talk: an interpreter, a hotline
 *
 * Only whoever the operator has written down ("third" of a line) can be rung,
 * by the line's own trunk, showing the line's own number. They are in the talk
 * as soon as they pick up, and never longer than it lasts.
 */
#ifndef RINGBACK_THIRD_H
#define RINGBACK_THIRD_H

#include <re.h>

#include "kept.h"
#include "wire/wire.h"

struct switchboard;

/** So long it rings there. */
enum { THIRD_RING_MS = 40000 };

/**
 * Ring one for this talk
 *
 * @param place In the line's list, from 0 on
 *
 * @return 0; ENOENT no such call, EPERM the line does not transfer, or must
 *         not ring this number, EINVAL no such place, EBUSY there is one
 *         already, ENETUNREACH no trunk can dial out
 */
int third_begin(struct switchboard *sb, uint64_t call, uint32_t place);

/** Go on with one of an earlier life of this process, who has picked up.
 *  @param leg After sound_found_take()  @return EBUSY, as leg_restore() */
int third_restore(struct switchboard *sb, uint64_t leg, const struct kept *k);

/** EPROTO there is none. */
int third_end(struct switchboard *sb, uint64_t call);

/** Where they are. @param placep Set: from 1 on, 0 none */
enum wire_third_state third_state(const struct switchboard *sb, uint64_t call,
				  uint8_t *placep);

/** Its media process died: they go on in that of the leg "near". */
void third_move(const struct switchboard *sb, uint64_t call, uint32_t process,
		uint64_t near);

/** The leg they speak by; 0 if they have not picked up, or have no sound just
 *  now. */
uint64_t third_leg(const struct switchboard *sb, uint64_t call);

/** Those whose talk is over leave. */
void thirds_settle(struct switchboard *sb);

#endif
