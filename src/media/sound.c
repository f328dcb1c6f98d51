/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sound.c  Encodes. Must not know where sound comes from or goes to.
 */
#include <errno.h>
#include <re.h>

#include "sound.h"


static void sound_destructor(void *data)
{
	struct sound *s = data;

	for (unsigned c = 0; c < CODEC_COUNT; c++)
		mem_deref(s->bytes[c]);
}


static int16_t add(int16_t a, int16_t b)
{
	const int v = a + b;

	return (int16_t)(v > INT16_MAX ? INT16_MAX :
			 v < INT16_MIN ? INT16_MIN : v);
}


static int encode(uint8_t **bytesp, enum codec c, const int16_t *pcm, size_t n,
		  const int16_t *floor, size_t n_floor)
{
	uint8_t *bytes = mem_alloc(n, NULL);

	if (!bytes)
		return ENOMEM;
	for (size_t i = 0; i < n; i++)
		bytes[i] = codec_encode(c, n_floor ?
					add(pcm[i], floor[i % n_floor]) :
					pcm[i]);
	*bytesp = bytes;

	return 0;
}


int sound_alloc(struct sound **sp, const int16_t *pcm, size_t n,
		const int16_t *floor, size_t n_floor)
{
	struct sound *s;
	int err = 0;

	if (!sp || !pcm || !n)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), sound_destructor);
	if (!s)
		return ENOMEM;
	s->n = n;
	for (unsigned c = 0; c < CODEC_COUNT && !err; c++)
		err = encode(&s->bytes[c], (enum codec)c, pcm, n, floor,
			     n_floor);

	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}
