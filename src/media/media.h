/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file media.h  All legs of one media process, by their ids
 *
 * What the messages LEG_* ask for, as functions: errors are those that go
 * into REFUSED. Every one of them may be repeated.
 */
#ifndef RINGBACK_MEDIA_MEDIA_H
#define RINGBACK_MEDIA_MEDIA_H

#include <re.h>

#include "base/config.h"
#include "leg.h"
#include "prompts.h"
#include "wire/wire.h"

struct media;

/**
 * @param mp      new, without legs
 * @param cfg     Addresses and languages (borrow, during the call)
 * @param prompts counted
 * @param h       Told of what happens on legs; may close none (optional)
 *
 * @return 0; errors of ports_alloc(); ENOMEM, ...
 */
int media_alloc(struct media **mp, const struct config *cfg,
		struct prompts *prompts, const struct leg_handlers *h,
		void *arg);

/** @param mbp new, our SDP. @return EINVAL, ENOTSUP, ENOSPC, ... */
int media_offer(struct media *m, const struct wire_leg_open *open,
		struct mbuf **mbp);
int media_answer(struct media *m, const struct wire_leg_open *open,
		 const uint8_t *sdp, size_t n_sdp, struct mbuf **mbp);

/** @return 0; ENOENT no such leg; EPROTO, ENOTSUP */
int media_accept(struct media *m, uint64_t id, const uint8_t *sdp,
		 size_t n_sdp);

/** Prompts that cannot be found are left out. @return 0; ENOENT no such leg;
 *  EINVAL more than LIMIT_PLAYLIST prompts */
int media_play(struct media *m, const struct wire_leg_play *play);

/** @return 0; ENOENT; EINVAL a leg with itself */
int media_bridge(struct media *m, uint64_t a, uint64_t b);

/** @return 0; ENOENT no such leg (any more): stats is not touched */
int media_close(struct media *m, uint64_t id, struct wire_leg_stats *stats);

/** Close all legs. */
void media_reset(struct media *m);

uint32_t media_count(const struct media *m);

#endif
