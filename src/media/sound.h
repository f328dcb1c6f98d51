/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sound.h  Sound that is ready to be sent: encoded once, for all legs
 */
#ifndef RINGBACK_MEDIA_SOUND_H
#define RINGBACK_MEDIA_SOUND_H

#include <stddef.h>
#include <stdint.h>

#include "codec.h"

/** Counted: mem_ref(), mem_deref(). Never changes. */
struct sound {
	size_t n;                    /**< samples, at least 1        */
	uint8_t *bytes[CODEC_COUNT]; /**< n of each                  */
};

/**
 * Encode
 *
 * @param sp    new
 * @param pcm   n samples, 8000 Hz (borrow)
 * @param floor Added to the samples, repeated: n_floor samples of comfort
 *              noise, so that pauses are never digital silence (optional)
 *
 * @return 0, EINVAL if n is 0, ENOMEM
 */
int sound_alloc(struct sound **sp, const int16_t *pcm, size_t n,
		const int16_t *floor, size_t n_floor);

#endif
