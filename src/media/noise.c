/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * noise.c  Makes white noise. It hides nothing and need not be unpredictable.
 */
#include <errno.h>
#include <re.h>

#include "noise.h"


enum {
	/* evenly spread over +-57 is 33 RMS: 60 dB under full scale */
	PEAK = 57,
};

static const uint32_t seed = 2463534242; /* Marsaglia's own */


void noise_fill(int16_t *pcm, size_t n)
{
	uint32_t x = seed;

	for (size_t i = 0; i < n; i++) {
		/* xorshift: G. Marsaglia, J. Stat. Soft. 8(14), 2003 */
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		pcm[i] = (int16_t)((int)(x % (2 * PEAK + 1)) - PEAK);
	}
}


int noise_alloc(struct sound **sp, int16_t **pcmp)
{
	int16_t *pcm;
	int err;

	pcm = mem_alloc(NOISE_SAMPLES * sizeof(*pcm), NULL);
	if (!pcm)
		return ENOMEM;
	noise_fill(pcm, NOISE_SAMPLES);

	err = sound_alloc(sp, pcm, NOISE_SAMPLES, NULL, 0);
	if (!err && pcmp)
		*pcmp = mem_ref(pcm);
	mem_deref(pcm);

	return err;
}
