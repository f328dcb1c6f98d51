/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file timeline.h  Packets of one peer, put in order of time
 *
 * For writing down what was said: late packets find their place for a while,
 * doubled ones fall on themselves, lost ones are silence. A pause without
 * packets (silence suppression, loss) is as long as the peer's timestamps and
 * our own clock agree on, TIMELINE_GAP at most; where numbers begin anew
 * (another source, a jump) sound follows on sound.
 *
 * Pure: the time is a count of 20 ms ticks.
 */
#ifndef RINGBACK_MEDIA_TIMELINE_H
#define RINGBACK_MEDIA_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec.h"

enum {
	TIMELINE_FRAMES = 8, /**< kept, for late packets: 160 ms          */
	TIMELINE_WINDOW = TIMELINE_FRAMES * CODEC_FRAME,
	TIMELINE_GAP    = 2 * CODEC_RATE, /**< longest pause, samples     */
};

/** The next n samples: CODEC_FRAME, or fewer at the very end. */
typedef void(timeline_h)(const uint8_t *p, size_t n, void *arg);

struct timeline {
	uint8_t window[TIMELINE_WINDOW]; /**< from base on, as a ring     */
	uint64_t base;      /**< samples handed out                       */
	uint64_t end;       /**< up to where there is sound               */
	uint64_t tick;      /**< of the last packet                       */
	uint64_t pos;       /**< where ts is                              */
	uint32_t ts;
	uint32_t ssrc;
	uint8_t silence;
	uint8_t n_behind;   /**< packets in a row that are much too old   */
	bool known;
	timeline_h *h;
	void *arg;
};

void timeline_init(struct timeline *t, enum codec c, timeline_h *h, void *arg);

/** Take in the sound of one packet. */
void timeline_put(struct timeline *t, uint64_t tick, uint32_t ssrc,
		  uint32_t ts, const uint8_t *p, size_t n);

/** Hand out what is left. */
void timeline_flush(struct timeline *t);

#endif
