/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file keypress.h  A key that we press for the peer, when it has spoken
 *
 * For announcements that want a key (collect calls): waits until the peer has
 * spoken and then been quiet, then says in each beat what to send: events as
 * of RFC 4733, or, to a peer that knows none, the tones themselves. Which key
 * is never logged.
 *
 * Pure: the time is a count of 20 ms ticks.
 */
#ifndef RINGBACK_MEDIA_KEYPRESS_H
#define RINGBACK_MEDIA_KEYPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec.h"
#include "voice.h"

enum {
	KEYPRESS_FRAMES = 8,   /**< 160 ms                                 */
	KEYPRESS_ENDS   = 3,   /**< the last packet is said so often       */
	KEYPRESS_EVENT_BYTES = 4,
	KEYPRESS_TONE   = KEYPRESS_FRAMES * CODEC_FRAME,
	KEYPRESS_MORE   = 32,  /**< keys that may wait for the one before  */
};

struct keypress {
	struct voice voice;
	uint8_t tone[KEYPRESS_TONE]; /**< of the key, if events are no use */
	uint64_t heard_tick;   /**< when the peer last spoke               */
	uint64_t most_tick;    /**< it is pressed then at the latest       */
	uint32_t quiet;        /**< ticks                                  */
	uint32_t n_active;     /**< frames in which it spoke               */
	uint8_t code;
	uint8_t step;          /**< beats since it was pressed             */
	uint8_t more[KEYPRESS_MORE]; /**< to be pressed after it           */
	uint8_t n_more;
	bool pressed;
	bool events;
};

/** @param kp new. @return 0; EINVAL no such key; ENOMEM */
int keypress_alloc(struct keypress **kp, uint64_t tick, uint8_t code,
		   uint32_t quiet_ms, uint32_t most_ms);

/** The peer sent this sound. */
void keypress_hear(struct keypress *k, uint64_t tick, enum codec c,
		   const uint8_t *p, size_t n);

/** Is it time to press, but not pressed yet? */
bool keypress_is_due(const struct keypress *k, uint64_t tick);

/** Press: by events, or else by tones of this codec. @return 0, ENOMEM */
int keypress_press(struct keypress *k, bool events, enum codec c);

/** What to send in this beat. */
struct keypress_frame {
	const uint8_t *tone; /**< CODEC_FRAME bytes; NULL: an event        */
	uint8_t event[KEYPRESS_EVENT_BYTES];
	uint32_t span;       /**< samples for which it has been held       */
	bool first;
};

/** The next beat of a key that was pressed. @return false if it is over */
bool keypress_next(struct keypress *k, struct keypress_frame *f);

/** Press this one, too, when all others are over. @return 0; EINVAL no such
 *  key; EBUSY too many wait */
int keypress_follow(struct keypress *k, uint8_t code);

/** This one is over: it becomes the next one, due after a pause by which two
 *  keys are told apart. @return false if there is none */
bool keypress_again(struct keypress *k, uint64_t tick);

#endif
