/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file rng.h  Chance, from a seed
 *
 * Integers only, so that a seed replays the same on every machine.
 */
#ifndef RINGBACK_SIM_RNG_H
#define RINGBACK_SIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

/** Seeds that are near each other give unrelated streams. */
void rng_seed(struct rng *rng, uint64_t seed);

/** Any 64 bits. */
uint64_t rng_bits(struct rng *rng);

/** 0 to n - 1; n must not be 0. */
uint32_t rng_below(struct rng *rng, uint32_t n);

/** min to max, both included. */
uint32_t rng_between(struct rng *rng, uint32_t min, uint32_t max);

/** True so many times in a thousand. */
bool rng_chance(struct rng *rng, uint32_t per_mille);

/** Exponential, nearly: the time to the next of events that come on average
 *  every mean; at most 45 times the mean. */
uint64_t rng_exponential(struct rng *rng, uint32_t mean);

#endif
