/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file mixer.h  The sum of several sounds, of one frame of 20 ms
 *
 * Pure.
 */
#ifndef RINGBACK_MEDIA_MIXER_H
#define RINGBACK_MEDIA_MIXER_H

#include <stdint.h>

#include "codec.h"

struct mixer {
	int32_t sum[CODEC_FRAME];
};

/** Silence. */
void mixer_clear(struct mixer *m);

/** And this. */
void mixer_add(struct mixer *m, const int16_t pcm[CODEC_FRAME]);

/** All of it; what is too loud together is as loud as can be. */
void mixer_encode(const struct mixer *m, enum codec c,
		  uint8_t out[CODEC_FRAME]);

#endif
