/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file recording.h  One leg's sound on its way into a message
 *
 * Puts packets in order, counts what is voice, and hands it on. It ends by
 * recording_end(), after its time, or by an error; then its owner is told
 * once it is on disk. No clock: told the tick, as legs are.
 */
#ifndef RINGBACK_MEDIA_RECORDING_H
#define RINGBACK_MEDIA_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "codec.h"
#include "message.h"
#include "rtp.h"
#include "wire/wire.h"

struct recording;

struct recording_handlers {
	/** The message is open; or could not be: then nothing follows. */
	void (*openedh)(struct recording *r, int err, void *arg);
	/** It is over, and on disk as far as it says. */
	void (*overh)(struct recording *r, void *arg);
};

struct recording_terms {
	uint64_t leg;
	uint64_t name;
	uint32_t max_ms;   /**< 0, or too much: LIMIT_MESSAGE_S            */
	enum codec codec;
	struct message_seal seal; /**< whom it is for                      */
	uint64_t tick;     /**< now                                        */
	const struct codec_tables *tables; /**< borrow, outlives it        */
};

/**
 * Begin
 *
 * @param rp new; must be kept until it was told of, or d was freed
 * @param d  borrow
 *
 * @return 0, ENOMEM
 */
int recording_alloc(struct recording **rp, struct message_disk *d,
		    const struct recording_terms *terms,
		    const struct recording_handlers *h, void *arg);

/** Take in a packet of sound; it may be changed in place. */
void recording_hear(struct recording *r, uint64_t tick, enum codec c,
		    const struct rtp_packet *p);

/** Time passes. */
void recording_tick(struct recording *r, uint64_t tick);

/** Enough; saying it twice is harmless. */
void recording_end(struct recording *r);

/** Does it still take in sound? */
bool recording_is_open(const struct recording *r);

uint64_t recording_leg(const struct recording *r);

/** What it has come to: its name, and, once it is over, all else. */
const struct wire_leg_recorded *recording_result(const struct recording *r);

#endif
