/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file player.h  What a leg hears when nobody talks to it
 *
 * A list of sounds one after the other; then the last one again and again, or
 * comfort noise. Frames run across the seams, so that a loop has no gap.
 */
#ifndef RINGBACK_MEDIA_PLAYER_H
#define RINGBACK_MEDIA_PLAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "codec.h"
#include "sound.h"

struct player {
	struct sound *list[LIMIT_PLAYLIST]; /**< counted               */
	struct sound *noise;                /**< counted               */
	size_t pos;       /**< in the current sound                    */
	size_t noise_pos;
	uint8_t n;
	uint8_t i;        /**< the current sound; n: noise             */
	bool loop;
	bool running;     /**< the list has not come to its end        */
};

/** Begin with noise, at a random place in it. */
void player_init(struct player *p, struct sound *noise);

/** Let go of all sounds. */
void player_reset(struct player *p);

/** Play these from now on; n 0: noise. @param n up to LIMIT_PLAYLIST */
void player_set(struct player *p, struct sound *const *list, uint8_t n,
		bool loop);

/** The next 20 ms in this codec. @return true if the list ends in it */
bool player_frame(struct player *p, enum codec c, uint8_t out[CODEC_FRAME]);

/** 20 ms of noise; the list stays where it is. */
void player_noise(struct player *p, enum codec c, uint8_t out[CODEC_FRAME]);

#endif
