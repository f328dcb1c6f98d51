/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file ear.h  One peer's sound on its way into a mix
 *
 * A mix is made on our beat, packets come on the peer's: this small buffer is
 * between them. It keeps a little more ahead than the packets are late; as
 * that, or the peer's clock, changes, frames are played faster or slower by
 * EAR_SKEW samples at most, so that it neither grows nor runs dry for ever.
 * What is missing is the sound before it, fading. Fixed memory.
 *
 * Pure: no clock, no socket; one frame is taken out in each beat of 20 ms.
 */
#ifndef RINGBACK_MEDIA_EAR_H
#define RINGBACK_MEDIA_EAR_H

#include <stdbool.h>
#include <stdint.h>

#include "codec.h"
#include "rtp.h"

enum {
	EAR_RING  = 4096, /**< samples; 2^n                                */
	EAR_AHEAD = 240,  /**< 30 ms between the first packet and its turn */
	/** That much is to be left in each second: a beat, since a packet that
	 *  always came just before its beat may come just after it, */
	EAR_LEAST = CODEC_FRAME + 16,
	EAR_MOST  = EAR_LEAST + 80, /**< and no more                       */
	EAR_FULL  = 2560, /**< 320 ms: what is older is thrown away        */
	EAR_SKEW  = 4,
	EAR_FADE  = 2 * CODEC_FRAME, /**< what is missing, fades so fast   */
};

struct ear {
	int16_t ring[EAR_RING];    /**< from read on; EAR_HOLE: not there   */
	int16_t last[CODEC_FRAME]; /**< the last frame that was there       */
	uint64_t read;    /**< samples taken out                            */
	uint64_t end;     /**< up to where there is sound                   */
	uint64_t pos;     /**< where ts is: the newest packet               */
	uint32_t ts;
	uint32_t ssrc;
	int32_t low;      /**< least that was left after a frame            */
	uint32_t missing; /**< samples in a row                             */
	uint8_t n;        /**< frames since low was judged                  */
	int8_t skew;      /**< samples more than a frame in each frame      */
	bool known;       /**< there was a packet                           */
};

void ear_init(struct ear *e);

/** Take in a packet of sound. */
void ear_take(struct ear *e, enum codec c, const struct rtp_packet *p);

/** The next 20 ms. @return false if there has been nothing for a while: out
 *  is silence */
bool ear_frame(struct ear *e, int16_t out[CODEC_FRAME]);

/** Samples that are there and not taken out; less than 0: so long none. */
int32_t ear_left(const struct ear *e);

#endif
