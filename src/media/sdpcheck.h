/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sdpcheck.h  The door in front of the SDP parser
 *
 * Bounds and strictness that libre's parser leaves to its user: sizes and
 * counts, no NUL or control characters, payload types and ports in range,
 * addresses that are literals of the family they claim.
 */
#ifndef RINGBACK_MEDIA_SDPCHECK_H
#define RINGBACK_MEDIA_SDPCHECK_H

#include <stddef.h>
#include <stdint.h>

struct mbuf;

/**
 * Check an SDP body
 *
 * @param sdp n bytes, need not end in NUL (borrow)
 *
 * @return 0; EPROTO broken or over a limit (400); ENOTSUP sound SDP, but
 *         names hosts, multicast or several ports a line (488)
 */
int sdpcheck(const char *sdp, size_t n);

/**
 * The same, then for libre's parser, which wants the last line ended; without
 * the attributes of what is no sound
 *
 * @param mbp new
 *
 * @return as sdpcheck(); ENOMEM
 */
int sdpcheck_load(struct mbuf **mbp, const uint8_t *sdp, size_t n);

#endif
