/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sdp.c  SDP of a telephone: an offer, and what we answer; an answer to ours.
 */
#include <re.h>

#include "fuzz.h"
#include "media/sdpneg.h"


static void sound(const struct sdpneg_peer *p)
{
	HOLDS(p->n_rx <= CODEC_COUNT && p->codec < CODEC_COUNT);
	for (unsigned i = 0; i < p->n_rx; i++)
		HOLDS(p->rx[i].codec < CODEC_COUNT && p->rx[i].pt < 128);
	(void)sdpneg_peer_deaf(p);
}


static void offered(struct sdpneg *neg, const struct sa *local,
		    const uint8_t *sdp, size_t n)
{
	struct sdp_session *s = NULL;
	struct sdpneg_peer peer;
	struct mbuf *mb = NULL;

	if (sdpneg_offer_read(neg, &s, &peer, sdp, n))
		return;
	sound(&peer);
	/* unless they agree on no keys */
	if (!sdpneg_answer_write(neg, &mb, s, &peer, local))
		HOLDS(mb && mb->end < 16384);
	mem_deref(mb);
	mem_deref(s);
}


static void answered(struct sdpneg *neg, const struct sa *local,
		     const uint8_t *sdp, size_t n)
{
	struct sdpneg_peer peer;
	struct mbuf *mb = NULL;

	HOLDS(!sdpneg_offer_write(neg, &mb, local, CODEC_PCMA));
	mem_deref(mb);
	if (!sdpneg_answer_read(neg, &peer, sdp, n))
		sound(&peer);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct sdpneg *neg = NULL;
	struct sa local;

	HOLDS(!sdpneg_alloc(&neg));
	sdpneg_sdes(neg)->use = n % 3;
	(void)sa_set_str(&local, "192.0.2.1", 20000);
	offered(neg, &local, data, n);
	answered(neg, &local, data, n);
	mem_deref(neg);

	return 0;
}
