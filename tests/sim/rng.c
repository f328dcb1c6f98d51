/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rng.c  splitmix64 (Steele, Lea, Flood 2014). Must not use floating point:
 * libraries differ in the last bit, and a failing seed must replay anywhere.
 */
#include "rng.h"


uint64_t rng_bits(struct rng *rng)
{
	uint64_t z = (rng->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);

	return z ^ (z >> 31);
}


void rng_seed(struct rng *rng, uint64_t seed)
{
	rng->state = seed;
	rng->state = rng_bits(rng);
}


uint32_t rng_below(struct rng *rng, uint32_t n)
{
	return (uint32_t)(((rng_bits(rng) >> 32) * n) >> 32);
}


uint32_t rng_between(struct rng *rng, uint32_t min, uint32_t max)
{
	return min + rng_below(rng, max - min + 1);
}


bool rng_chance(struct rng *rng, uint32_t per_mille)
{
	return rng_below(rng, 1000) < per_mille;
}


/*
 * -ln(u) = ln(2) * -log2(u), and the logarithm between two powers of two is
 * taken as a straight line. In 1/65536ths; 45426 is ln(2).
 */
uint64_t rng_exponential(struct rng *rng, uint32_t mean)
{
	const uint64_t u = rng_bits(rng) | 1;
	const unsigned zeros = (unsigned)__builtin_clzll(u);
	const uint64_t fraction = (u << zeros << 1) >> 48;
	const uint64_t minus_log2 = (((uint64_t)zeros + 1) << 16) - fraction;

	return (((minus_log2 * 45426) >> 16) * mean) >> 16;
}
