/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file source.h  Which of the packets from the peer's address are its sound
 *
 * A sender's address can be forged; its SSRC and numbers have to be guessed. As
 * long as one stream of packets goes on, another one from the same address
 * (another SSRC, or numbers that do not follow, RFC 3550, A.1) is not heard. It
 * is heard once the first has stopped: SOURCE_TRIAL packets and SOURCE_SILENT
 * ticks without one of it. A trunk that goes over to another machine of its own
 * loses that much. The first stream is heard again whenever it comes back.
 *
 * Pure: the time is a count of 20 ms ticks.
 */
#ifndef RINGBACK_MEDIA_SOURCE_H
#define RINGBACK_MEDIA_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	SOURCE_TRIAL  = 4,
	SOURCE_SILENT = 3,   /**< ticks                                    */
	SOURCE_HOME   = 250, /**< ticks: whoever is gone for so long is
				  forgotten                                */
};

/** A stream of packets that follow each other. */
struct source_stream {
	uint64_t tick; /**< when the last one came */
	uint32_t ssrc;
	uint16_t seq;  /**< the highest            */
	bool known;
};

/** All zero to begin with, and whenever the peer's address has changed. */
struct source {
	struct source_stream home;  /**< comes back whenever it likes */
	struct source_stream now;   /**< who is heard                 */
	struct source_stream trial; /**< who would like to be         */
	uint8_t n_trial;
};

/** Is this packet to be heard? */
bool source_takes(struct source *s, uint64_t tick, uint32_t ssrc, uint16_t seq);

#endif
