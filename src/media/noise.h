/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file noise.h  Comfort noise: a line without it sounds dead
 */
#ifndef RINGBACK_MEDIA_NOISE_H
#define RINGBACK_MEDIA_NOISE_H

#include <stddef.h>
#include <stdint.h>

#include "sound.h"

/** Samples in one block: four seconds, and no multiple of a frame. */
enum { NOISE_SAMPLES = 31991 };

/** Fill pcm with white noise at about -60 dBov; the same every time. */
void noise_fill(int16_t *pcm, size_t n);

/**
 * The block that all legs share
 *
 * @param sp   new
 * @param pcmp new, the same NOISE_SAMPLES samples, linear (optional)
 *
 * @return 0, ENOMEM
 */
int noise_alloc(struct sound **sp, int16_t **pcmp);

#endif
