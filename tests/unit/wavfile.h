/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file wavfile.h  Recordings for tests, right ones and wrong ones
 */
#ifndef RINGBACK_TEST_WAVFILE_H
#define RINGBACK_TEST_WAVFILE_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct wavfile {
	uint16_t format;   /**< 1: PCM                                     */
	uint16_t channels;
	uint32_t rate;
	uint16_t bits;
	uint32_t n;        /**< bytes of data, said in the header          */
	uint32_t n_true;   /**< bytes of data that are there               */
	uint8_t fill[2];   /**< what they are, alternating                 */
};


static inline void wavfile_le(FILE *f, uint32_t v, unsigned n)
{
	while (n--) {
		(void)fputc((int)(v & 0xff), f);
		v >>= 8;
	}
}


/** @return 0, or -1 if the file cannot be written */
static inline int wavfile_write(const char *path, const struct wavfile *w)
{
	FILE *f = fopen(path, "wb");

	if (!f)
		return -1;
	(void)fwrite("RIFF", 4, 1, f);
	wavfile_le(f, 36 + w->n, 4);
	(void)fwrite("WAVEfmt ", 8, 1, f);
	wavfile_le(f, 16, 4);
	wavfile_le(f, w->format, 2);
	wavfile_le(f, w->channels, 2);
	wavfile_le(f, w->rate, 4);
	wavfile_le(f, w->rate * w->channels * w->bits / 8, 4);
	wavfile_le(f, (uint32_t)w->channels * w->bits / 8, 2);
	wavfile_le(f, w->bits, 2);
	(void)fwrite("data", 4, 1, f);
	wavfile_le(f, w->n, 4);
	for (uint32_t i = 0; i < w->n_true; i++)
		(void)fputc(w->fill[i & 1], f);

	return fclose(f) ? -1 : 0;
}


/** n samples of one value, as prompts must be. */
static inline int wavfile_flat(const char *path, int16_t value, uint32_t n)
{
	const struct wavfile w = {
		.format = 1, .channels = 1, .rate = 8000, .bits = 16,
		.n = 2 * n, .n_true = 2 * n,
		.fill = {(uint8_t)value, (uint8_t)((uint16_t)value >> 8)},
	};

	return wavfile_write(path, &w);
}

#endif
