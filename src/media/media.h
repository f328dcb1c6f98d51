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

/** What the owner is told; it may close no leg meanwhile. */
struct media_handlers {
	struct leg_handlers leg;
	/** The message is open (0), or could not be: EEXIST, ENOSPC, ... */
	void (*beganh)(uint64_t leg, int err, void *arg);
	/** It is over, and on disk. */
	void (*recordedh)(const struct wire_leg_recorded *r, void *arg);
};

/**
 * @param mp      new, without legs
 * @param cfg     Addresses and languages (borrow, during the call)
 * @param prompts counted
 * @param h       Optional, and so is each
 *
 * @return 0; errors of ports_alloc(); ENOMEM, ...
 */
int media_alloc(struct media **mp, const struct config *cfg,
		struct prompts *prompts, const struct media_handlers *h,
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

/** @return 0; EINVAL more than WIRE_HEARS, one twice, or the leg itself;
 *  ENOENT no such leg, or source; ENOMEM. Refused, nothing changes */
int media_hear(struct media *m, const struct wire_leg_hear *hear);

/**
 * Begin a message
 *
 * @return 0: then beganh follows, and, if it says 0, recordedh;
 *         ENOENT no such leg, EBUSY a message is being recorded there, ENOMEM
 */
int media_record(struct media *m, const struct wire_leg_record *record);

/** End it. @return 0, also if there is none; ENOENT no such leg */
int media_stop(struct media *m, uint64_t id);

/** Is a message of this leg not on disk yet, or not told of? */
bool media_is_recording(const struct media *m, uint64_t id);

/** @return 0; ENOENT no such leg; EINVAL no such key; EBUSY */
int media_send_key(struct media *m, const struct wire_leg_send_key *send);

/** @return 0; ENOENT no such leg (any more): stats is not touched */
int media_close(struct media *m, uint64_t id, struct wire_leg_stats *stats);

/**
 * Hold this with the leg, in place of what was held before (LEG_KEEP)
 *
 * @param blob Copied; wiped when it is replaced, and with the leg
 *
 * @return 0; ENOENT no such leg; EFBIG more than LIMIT_KEPT; ENOMEM
 */
int media_keep(struct media *m, uint64_t id, const uint8_t *blob, size_t n);

/**
 * The leg with the least number above this one
 *
 * @param kept Set
 * @param blob What is held with it (borrow), n bytes
 *
 * @return 0; ENOENT there is none
 */
int media_next(const struct media *m, uint64_t after,
	       struct wire_leg_kept *kept, const uint8_t **blob, size_t *n);

/**
 * The same, of no leg (LINE_KEEP)
 *
 * @param at   Given back as it is
 * @param blob Copied; wiped when it is replaced, and in the end
 *
 * @return 0; ENOMEM
 */
int media_line_keep(struct media *m, uint64_t at, const uint8_t *blob,
		    size_t n);

/** @param blob What is held (borrow), n bytes  @return at; 0: nothing */
uint64_t media_line_kept(const struct media *m, const uint8_t **blob,
			 size_t *n);

/**
 * There is nobody (any more) who could close a leg; or there is again
 *
 * Without: messages being recorded end, and a leg whose peer has been silent
 * for LIMIT_ORPHAN_S, or that is so old by LIMIT_ORPHAN_MOST_S, is closed.
 */
void media_orphan(struct media *m, bool orphan);

/** Close all legs. */
void media_reset(struct media *m);

uint32_t media_count(const struct media *m);

#endif
