/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sdpweb.c  SDP of a browser, and what we answer.
 */
#include <re.h>

#include "fuzz.h"
#include "media/sdpweb.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const enum codec like = CODEC_PCMA;
	struct sdp_session *s = NULL;
	struct sdpweb_peer peer;
	struct mbuf *mb = NULL;
	struct sa local;
	const struct sdpweb_ours ours = {
		.local = &local, .ufrag = "abcdefgh",
		.pwd = "abcdefghijklmnopqrstuvwx", .fingerprint = "00:11",
		.cname = "someone", .ssrc = 1,
	};

	(void)sa_set_str(&local, "192.0.2.1", 20000);
	if (sdpweb_offer_read(&s, &peer, n & 1 ? &like : NULL, data, n))
		return 0;
	HOLDS(peer.sound.n_rx == 1);
	HOLDS(memchr(peer.mid, 0, sizeof(peer.mid)));
	HOLDS(memchr(peer.ufrag, 0, sizeof(peer.ufrag)));
	HOLDS(!sdpweb_answer_write(&mb, s, &peer, &ours));
	mem_deref(mb);
	mem_deref(s);

	return 0;
}
