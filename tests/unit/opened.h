/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file opened.h  What is in a message, for who holds the key: the tests
 */
#ifndef RINGBACK_TEST_OPENED_H
#define RINGBACK_TEST_OPENED_H

#include <stddef.h>
#include <stdint.h>

#include "seal/seal.h"

enum { OPENED_EPOCH = 31, OPENED_PARTS = 16 };

/** What was said, all parts of it. */
struct opened {
	uint8_t *sound; /**< malloc */
	size_t n;
	unsigned n_parts;
	struct {
		size_t n;       /**< bytes of sound */
		uint8_t codec;  /**< 0, 8 */
		int whole;      /**< it was ended, not broken off */
	} parts[OPENED_PARTS];
};

/** The public key that tests seal to. */
void opened_public(uint8_t public[SEAL_KEY]);

/** Open the message of a call of this folder. @return 0, or why not */
int opened_read(struct opened *o, uint64_t call);

#endif
