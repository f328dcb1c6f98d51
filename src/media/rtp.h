/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file rtp.h  One RTP packet (RFC 3550), checked before anybody believes it
 *
 * RTCP is spoken with browsers alone (report.h). On a telephone's leg the port
 * above is not opened, and RTCP that arrives on the leg's own port is counted
 * as not RTP. Telephones then have no loss report of us, and lose nothing else.
 */
#ifndef RINGBACK_MEDIA_RTP_H
#define RINGBACK_MEDIA_RTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RTP_HEAD = 12 /**< bytes of the header as we send it */ };

struct rtp_packet {
	uint32_t ssrc;
	uint32_t ts;
	uint16_t seq;
	uint8_t pt;
	bool marker;
	/** Without CSRC list, extension and padding; borrow. At least
	 *  RTP_HEAD bytes of the datagram lie before it. */
	uint8_t *payload;
	size_t n;
};

/**
 * Take a datagram apart
 *
 * @param p   Set on success (borrow from buf)
 * @param buf The datagram
 * @param n   Its bytes
 *
 * @return 0, EBADMSG if version or any length in it is wrong
 */
int rtp_packet_decode(struct rtp_packet *p, uint8_t *buf, size_t n);

/** Write the header of p into the RTP_HEAD bytes at head. */
int rtp_packet_head(uint8_t *head, const struct rtp_packet *p);

#endif
