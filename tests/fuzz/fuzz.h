/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file fuzz.h  What every target shares
 *
 * A target is one function that is given hostile bytes (libFuzzer's form). Each
 * is linked twice: with libFuzzer, which makes bytes up (option fuzz), and with
 * replay.c, which reads them from tests/fuzz/corpus in every build.
 */
#ifndef RINGBACK_FUZZ_H
#define RINGBACK_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/** What must hold whatever comes in. */
#define HOLDS(truth)                                                          \
	do {                                                                  \
		if (!(truth))                                                 \
			abort();                                              \
	} while (0)

/** What is said about input is of no interest; a sanitizer is still heard. */
static inline void fuzz_quietly(void)
{
	FILE *null = fopen("/dev/null", "we");

	if (fileno(stderr) == STDERR_FILENO && null)
		stderr = null;
	else if (null)
		(void)fclose(null);
}

/** Bytes that are used up one after the other; zeros when they are. */
struct food {
	const uint8_t *p;
	size_t n;
};

static inline void food_take(struct food *f, void *to, size_t n)
{
	const size_t k = n < f->n ? n : f->n;

	memset(to, 0, n);
	if (!k)
		return;
	memcpy(to, f->p, k);
	f->p += k;
	f->n -= k;
}

static inline uint8_t food_byte(struct food *f)
{
	uint8_t b;

	food_take(f, &b, 1);
	return b;
}

/** A piece that ends where its length (16 bits) says, or with all there is. */
static inline struct food food_piece(struct food *f)
{
	uint8_t size[2];
	struct food piece;

	food_take(f, size, sizeof(size));
	piece.p = f->p;
	piece.n = (size_t)(size[0] << 8 | size[1]);
	if (piece.n > f->n)
		piece.n = f->n;
	f->p += piece.n;
	f->n -= piece.n;

	return piece;
}

/** The same bytes where reading behind them is noticed, and with a NUL: new
 *  (malloc). */
static inline char *food_text(const struct food *f)
{
	char *text = malloc(f->n + 1);

	HOLDS(text);
	if (f->n)
		memcpy(text, f->p, f->n);
	text[f->n] = '\0';

	return text;
}

#endif
