/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file dtmf.h  Keys out of telephone-events (RFC 4733)
 *
 * A phone says each key in many packets: while it is held, and the end three
 * times. They share one timestamp, which is what makes them one key. Digits
 * are secrets (a caller may key in anything): never logged.
 *
 * Pure: the time is a count of 20 ms ticks.
 */
#ifndef RINGBACK_MEDIA_DTMF_H
#define RINGBACK_MEDIA_DTMF_H

#include <stdbool.h>
#include <stdint.h>

#include "rtp.h"

enum {
	DTMF_MAX   = 15, /**< highest code that is a key: 10 *, 11 #, A-D  */
	DTMF_BURST = 32, /**< keys at once; then one each 40 ms, no more   */
};

/** All zero to begin with. */
struct dtmf {
	uint32_t ssrc;
	uint32_t ts;       /**< of the last event                           */
	uint32_t span;     /**< how long it was when last heard of          */
	uint64_t tick;     /**< when allowance was last topped up           */
	uint8_t code;
	uint8_t spent;     /**< keys taken out of the allowance             */
	bool known;
};

/** One event packet, decoded. */
struct dtmf_event {
	uint8_t code;
	bool end;
	uint16_t span; /**< duration in timestamp units */
};

/** @return 0, EBADMSG if the payload is too short */
int dtmf_event_decode(struct dtmf_event *ev, const uint8_t *payload, size_t n);

/**
 * Take in one event packet
 *
 * @return true if a key was pressed that was not told before
 */
bool dtmf_heard(struct dtmf *d, uint64_t tick, const struct rtp_packet *p,
		const struct dtmf_event *ev);

#endif
