/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file tally.h  How many packets came, and how many are missing
 */
#ifndef RINGBACK_MEDIA_TALLY_H
#define RINGBACK_MEDIA_TALLY_H

#include <stdbool.h>
#include <stdint.h>

/** All zero to begin with. */
struct tally {
	uint64_t n_received;
	uint64_t n_lost; /**< gaps in the sequence numbers, not filled later */
	uint32_t ssrc;
	uint16_t max;    /**< highest sequence number                        */
	bool known;
};

/** Count one packet of the peer. A new SSRC or a jump of more than 3000
 *  (RFC 3550, A.1) is a new count, not a loss. */
void tally_add(struct tally *t, uint32_t ssrc, uint16_t seq);

#endif
