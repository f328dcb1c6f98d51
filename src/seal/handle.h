/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file handle.h  Tells "the same caller as a while ago" without the number
 *
 * A keyed hash (BLAKE2b) of line and number, cut to 20 bits: of a million
 * numbers one looks the same, so that a handle names nobody. The key is made
 * at random, never leaves locked memory, and is replaced by a one-way step each
 * day: what a handle of yesterday stood for cannot be found out any more. See
 * docs/decisions/0008-handles.md.
 */
#ifndef RINGBACK_HANDLE_H
#define RINGBACK_HANDLE_H

#include <stdint.h>

#include "base/secret.h"

enum { HANDLE_BITS = 20 };

struct handles;

/** @param hp new, handles_free(); sodium_init() comes first. ENOMEM */
int handles_alloc(struct handles **hp);

/** takes; NULL is fine */
void handles_free(struct handles *h);

/** It is this day now (any number that changes with the day): a change
 *  replaces the key. */
void handles_day(struct handles *h, int64_t day);

/**
 * A caller's handle, today
 *
 * @param line   Handles of two lines have nothing in common
 * @param number In one form for each number; empty: withheld
 *
 * @return 1 to 2^HANDLE_BITS - 1; 0 if it is withheld
 */
uint32_t handle_of(const struct handles *h, uint16_t line,
		   const struct secret_text *number);

#endif
