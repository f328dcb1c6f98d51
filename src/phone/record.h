/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file record.h  What a phone heard, laid out in time
 *
 * Samples stand where their RTP timestamps put them, so that a recording can
 * be measured: a lost packet is a hole of zeros, a late one fills its hole.
 * Sample 0 is the moment the call was answered. A new source, or a timestamp
 * that runs away from the clock, is placed anew by the clock.
 *
 * Test sound only: this is linked into the command line and nowhere else.
 */
#ifndef RINGBACK_PHONE_RECORD_H
#define RINGBACK_PHONE_RECORD_H

#include <stddef.h>
#include <stdint.h>

struct record;

/** new; ENOMEM */
int record_alloc(struct record **rp);

/**
 * Add the samples of one packet
 *
 * @param now_ms  When it arrived, since the call was answered
 * @param ssrc    Its source
 * @param ts      Its RTP timestamp, 8000 a second
 *
 * @return 0, ENOMEM, EFBIG beyond LIMIT_SOUND_S
 */
int record_put(struct record *rec, uint64_t now_ms, uint32_t ssrc, uint32_t ts,
	       const int16_t *samples, size_t n);

/** All samples (borrow), *n of them. */
const int16_t *record_samples(const struct record *rec, size_t *n);

#endif
