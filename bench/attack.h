/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file attack.h  Whoever has the files of a line, and suspects who called:
 * do the files say so?
 *
 * Takes all bytes of an image as keys, in what ways keys are written and used,
 * and looks whether what comes out for the callers' numbers stands in the image
 * as well. It finds what others have used in place of a list of callers: a key
 * in a file, a pepper, a hash without any key. See docs/threat-model.md.
 */
#ifndef RINGBACK_BENCH_ATTACK_H
#define RINGBACK_BENCH_ATTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ATTACK_SPELLINGS = 13,
	ATTACK_CONSTRUCTIONS = 11,
	ATTACK_DERIVATIONS = 28,
	ATTACK_SHORT = 8, /**< numbers that it takes to know 20 bits again */
};

struct attack;

/** How it was done; all static */
struct attack_hit {
	size_t at;                /**< of the key in the image              */
	const char *written;      /**< how the key stands there             */
	const char *derivation;
	const char *construction;
	const char *spelling;     /**< of the numbers                       */
	const char *form;         /**< of what comes out                    */
};

/**
 * @param ap    new; attack_free()
 * @param image borrow
 *
 * @return 0; ENOMEM
 */
int attack_alloc(struct attack **ap, const uint8_t *image, size_t n);
void attack_free(struct attack *a);

/**
 * Try everything
 *
 * Text in the image (hexadecimal, base64, words) is tried in every way; each 32
 * bytes that may be random in the usual ones, or (all) in every way as well.
 *
 * @param digits   Numbers that called, country code first, no "+"; less than
 *                 ATTACK_SHORT: results of 20 bits are not looked for
 *
 * @return true if they stand there: then hit says how
 */
bool attack_run(struct attack *a, const char *const *digits, size_t n_digits,
		bool all, struct attack_hit *hit);

/** Hashes made so far */
uint64_t attack_hashes(const struct attack *a);

#endif
