/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * mixer.c  Adds up samples. Must not know whose they are.
 */
#include <string.h>

#include "mixer.h"


void mixer_clear(struct mixer *m)
{
	memset(m, 0, sizeof(*m));
}


void mixer_add(struct mixer *m, const int16_t pcm[CODEC_FRAME])
{
	for (unsigned i = 0; i < CODEC_FRAME; i++)
		m->sum[i] += pcm[i];
}


void mixer_encode(const struct mixer *m, enum codec c,
		  uint8_t out[CODEC_FRAME])
{
	for (unsigned i = 0; i < CODEC_FRAME; i++) {
		int32_t x = m->sum[i];

		if (x > INT16_MAX)
			x = INT16_MAX;
		else if (x < INT16_MIN)
			x = INT16_MIN;
		out[i] = codec_encode(c, (int16_t)x);
	}
}
