/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file webrtc.h  The way from a leg to a browser and back
 *
 * ICE-lite, DTLS-SRTP and RTCP on a leg's one port. The leg hands in whatever
 * arrives there and gets RTP in the clear, or nothing; it hands out RTP, which
 * is sealed and sent where ICE proved the browser to be. DTLS is heard from
 * that address alone, and the browser's certificate must be the one its SDP
 * names. Told the time in beats of 20 ms.
 */
#ifndef RINGBACK_MEDIA_WEBRTC_H
#define RINGBACK_MEDIA_WEBRTC_H

#include <re.h>

#include "ports.h"
#include "sdpweb.h"
#include "webkey.h"
#include "wire/wire.h"

enum {
	WEBRTC_WAIT_TICKS    = 500, /**< to come up; then of silence: 10 s */
	WEBRTC_REPORT_TICKS  = 125,
	WEBRTC_QUALITY_TICKS = 250,
};

struct webrtc;

/** What the leg is told, each at most once but for qualityh. It may not drop
 *  the way meanwhile. */
struct webrtc_handlers {
	void (*uph)(void *arg);
	/** @param why plain words for the log */
	void (*deadh)(const char *why, void *arg);
	void (*qualityh)(struct wire_leg_quality *q, void *arg);
};

/**
 * @param wp   new; mem_deref() says goodbye to the browser
 * @param key  counted
 * @param port counted; the leg reads from it
 * @param peer Its offer (copied)
 * @param ssrc Of what the leg sends
 * @param tick Now
 *
 * @return 0, ENOMEM, EMFILE, ...
 */
int webrtc_alloc(struct webrtc **wp, struct webkey *key, struct port *port,
		 const struct sdpweb_peer *peer, uint32_t ssrc, uint64_t tick,
		 const struct webrtc_handlers *h, void *arg);

/** For the answer (borrow); who else leads here is for the leg to say. */
void webrtc_ours(const struct webrtc *w, struct sdpweb_ours *ours);

/** Is this offer of the peer it was made for? */
bool webrtc_is_peer(const struct webrtc *w, const struct sdpweb_peer *peer);

/**
 * Take what arrived on the port
 *
 * @param buf Aligned to 4 bytes
 * @param n   Its bytes; then those of the RTP packet
 *
 * @return 0 it is RTP now; EAGAIN it was not sound, and is dealt with;
 *         EBADMSG to be dropped: of a stranger, not authentic, seen before
 */
int webrtc_take(struct webrtc *w, uint64_t tick, const struct sa *src,
		uint8_t *buf, size_t *n);

bool webrtc_is_up(const struct webrtc *w);

/** Seal and send an RTP packet, in place; WEBSRTP_ROOM bytes are behind it.
 *  @return 0; ENOTCONN, EALREADY, or why the network did not take it */
int webrtc_send(struct webrtc *w, uint8_t *buf, size_t n);

/** A beat: reports, and the end of who is silent. */
void webrtc_tick(struct webrtc *w, uint64_t tick);

#endif
