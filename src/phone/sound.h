/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sound.h  The sound of one call: RTP out every 20 ms, RTP in recorded
 *
 * Speaks G.711 both ways. Out: a sound again and again, or quiet comfort
 * noise; keys by RFC 4733. In: whatever the peer's address sends.
 */
#ifndef RINGBACK_PHONE_SOUND_H
#define RINGBACK_PHONE_SOUND_H

#include <stdbool.h>
#include <stdint.h>
#include <re.h>

#include "keys.h"
#include "wav.h"

struct sound;

/** RTP payload types of G.711 (RFC 3551). */
enum {
	SOUND_PCMU = 0,
	SOUND_PCMA = 8,
};

/** The first sound has arrived; after_ms since sound_start(). */
typedef void(sound_first_h)(uint64_t after_ms, void *arg);

struct sound_prm {
	struct wav *wav;     /**< what to say, NULL for comfort noise; kept  */
	struct keys *keys;   /**< keys to press, or NULL; kept               */
	bool record;         /**< keep what is heard                         */
	sound_first_h *firsth; /**< optional                                 */
	void *arg;
};

/** Where the sound goes, as SDP has agreed. */
struct sound_peer {
	struct sa addr;
	int pt;        /**< SOUND_PCMU or SOUND_PCMA                        */
	int event_pt;  /**< of telephone-event, -1 if not agreed            */
	bool send;     /**< false: on hold, nothing is sent                 */
};

/**
 * Open a port for sound; nothing is sent yet
 *
 * @param sp    new
 * @param laddr Local IP address; the port is chosen
 *
 * @return 0, EADDRNOTAVAIL, ENOMEM, ...
 */
int sound_alloc(struct sound **sp, const struct sa *laddr,
		const struct sound_prm *prm);

/** Local address with the port. */
const struct sa *sound_laddr(const struct sound *s);

/** Start, or go on towards another peer. @return 0, EINVAL */
int sound_start(struct sound *s, const struct sound_peer *peer);

/** Stop for good; what was heard can still be saved. */
void sound_stop(struct sound *s);

/** Write what was heard. @return 0, ENOENT if not recorded, ENOSPC, ... */
int sound_save(const struct sound *s, const char *path);

/** RTP packets heard and sent, keys pressed. */
struct sound_count {
	uint64_t n_heard;
	uint64_t n_sent;
	size_t n_keys;
};
struct sound_count sound_count(const struct sound *s);

#endif
