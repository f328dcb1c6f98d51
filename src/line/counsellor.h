/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file counsellor.h  What a counsellor at the console may know and do
 *
 * For switchboard.c and web.c; the numbers of offers come from outside, and
 * each is checked to be the person's own.
 */
#ifndef RINGBACK_COUNSELLOR_H
#define RINGBACK_COUNSELLOR_H

#include "consoles.h"
#include "switchboard.h"

struct call;

/** What COUNSELLOR says of them; arg is the switchboard. */
consoles_truth_h counsellor_truth;

/** COUNSELLOR_DO of wire.h. @return 0; ENOENT, EPROTO, EINVAL */
int counsellor_do(struct switchboard *sb, const struct wire_do *verb);

/** The call that this person talks in by this offer. @param callp borrow
 *  @return 0; ENOENT not theirs, EPROTO not talking now */
int counsellor_talk(struct call **callp, struct switchboard *sb,
		    uint64_t offer, uint32_t person);

/** RING_SOUND of wire.h: as browser_offer(); ENOENT no such ring of theirs */
int counsellor_sound(struct switchboard *sb, const struct wire_ring *ring,
		     const struct mbuf *sdp, sound_sdp_h *h, void *arg);

/** Says LEG_QUALITY to whom it is about; arg is the switchboard. */
sound_quality_h counsellor_on_quality;

#endif
