/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file report.h  What both sides of a stream tell each other of it (RTCP)
 *
 * RFC 3550: sender and receiver reports, written and read without allocating.
 * Loss, jitter and round trip come from them. Timestamps are those of a clock
 * that only knows how long it has been running: the time of day is nobody's
 * business.
 *
 * Pure: told the time in microseconds.
 */
#ifndef RINGBACK_MEDIA_REPORT_H
#define RINGBACK_MEDIA_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rtp.h"
#include "wire/wire.h"

enum {
	REPORT_CNAME = 16 + 1, /**< bytes incl. NUL                        */
	REPORT_MAX   = 128,    /**< bytes of a report of ours              */
};

/** All zero to begin with, but for ssrc and cname. */
struct report {
	uint32_t ssrc;         /**< ours                                   */
	char cname[REPORT_CNAME];
	struct {
		uint32_t n, octets, ts;
		uint64_t us;   /**< when ts was                            */
	} sent;
	struct {
		uint32_t ssrc;
		uint32_t base, max;         /**< extended numbers          */
		uint32_t n;
		uint32_t expected_before, n_before; /**< the last report   */
		uint32_t expected_told, n_told; /**< the last quality      */
		uint32_t transit, jitter16; /**< in timestamps, times 16   */
		uint32_t sr;   /**< middle of its last report's time; 0    */
		uint64_t sr_us; /**< and when it came                      */
		bool known;
	} heard;
	struct {
		uint32_t jitter; /**< in timestamps                        */
		uint16_t rtt_ms;
		uint8_t fraction; /**< lost, of 256; the worst since asked */
	} told;
};

/** A packet of ours was sent: n bytes of payload. */
void report_sent(struct report *r, uint32_t ts, size_t n, uint64_t now_us);

/** An authentic packet of the peer came. */
void report_heard(struct report *r, const struct rtp_packet *p,
		  uint64_t now_us);

/** Write a compound report into REPORT_MAX bytes. @return its bytes */
size_t report_write(struct report *r, uint8_t *buf, uint64_t now_us);

/** Take a compound report of the peer. @return 0; EBADMSG a length in it is
 *  wrong: what came before counts */
int report_take(struct report *r, const uint8_t *buf, size_t n,
		uint64_t now_us);

/** All that is known, since this was last asked. */
void report_quality(struct report *r, struct wire_leg_quality *q);

#endif
