/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file bytes.h  Numbers as bytes, the highest first (network byte order)
 */
#ifndef RINGBACK_BYTES_H
#define RINGBACK_BYTES_H

#include <stddef.h>
#include <stdint.h>

/** The lowest n bytes of a number. @return what is behind them */
static inline uint8_t *bytes_put(uint8_t *p, uint64_t v, size_t n)
{
	for (size_t i = n; i--; v >>= 8)
		p[i] = (uint8_t)v;

	return p + n;
}


/** A number of n bytes, at most 8 */
static inline uint64_t bytes_get(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | *p++;

	return v;
}

#endif
