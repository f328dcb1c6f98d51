/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sdpweb.h  A browser's offer, and our answer (RFC 8829, JSEP)
 *
 * One audio line, PCMU, PCMA and telephone-event/8000 over UDP/TLS/RTP/SAVPF,
 * RTP and RTCP on one port, one candidate. The browser's own candidates are
 * not read: it comes to us (ICE-lite), and many are mDNS names anyway.
 */
#ifndef RINGBACK_MEDIA_SDPWEB_H
#define RINGBACK_MEDIA_SDPWEB_H

#include "ice.h"
#include "sdpneg.h"
#include "webkey.h"

enum { SDPWEB_MID = 32 + 1 };

/** What its offer says. */
struct sdpweb_peer {
	struct sdpneg_peer sound; /**< without an address, one codec       */
	char mid[SDPWEB_MID];
	char ufrag[ICE_UFRAG];
	uint8_t fingerprint[WEBKEY_SHA256];
};

/** What our answer says. */
struct sdpweb_ours {
	const struct sa *local;
	const struct sa *outside; /**< other addresses that lead there (the
				       port is the same)                   */
	uint32_t n_outside;
	const char *ufrag, *pwd;
	const char *fingerprint; /**< as in struct webkey                  */
	const char *cname;
	uint32_t ssrc;
};

/**
 * Read an offer
 *
 * @param sp   new, for sdpweb_answer_write()
 * @param peer Set on success
 * @param like The codec to choose if it is offered, or NULL
 *
 * @return 0; EPROTO broken; ENOTSUP no codec in common, no sha-256
 *         fingerprint, no rtcp-mux, or it wants us to be the client; ENOMEM
 */
int sdpweb_offer_read(struct sdp_session **sp, struct sdpweb_peer *peer,
		      const enum codec *like, const uint8_t *sdp,
		      size_t n_sdp);

/** @param mbp new, the answer. @return 0, ENOMEM */
int sdpweb_answer_write(struct mbuf **mbp, struct sdp_session *s,
			const struct sdpweb_peer *peer,
			const struct sdpweb_ours *ours);

#endif
