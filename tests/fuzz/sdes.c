/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sdes.c  A key of SRTP in SDP (a=crypto): one value, and all those of an offer
 * or of an answer to ours. What was read is written and read the same, nothing
 * is agreed that the leg may not do, and of each pair both ends have a key.
 */
#include <sodium.h>

#include "fuzz.h"
#include "media/sdes.h"


static void one(const uint8_t *data, size_t n)
{
	struct sdes_key k, again;
	const struct food f = {data, n};
	char *value = food_text(&f), text[256];
	struct pl pl = {value, n};

	memset(&k, 0xff, sizeof(k));
	if (sdes_decode(&k, &pl)) {
		HOLDS(!k.tag);
	}
	else {
		HOLDS(k.tag && k.tag <= 999999999);
		HOLDS(re_snprintf(text, sizeof(text), "%H", sdes_print, &k) >
		      0);
		pl_set_str(&pl, text);
		HOLDS(!sdes_decode(&again, &pl) && sdes_same(&k, &again));
		HOLDS(k.tag == again.tag);
	}
	free(value);
}


/* each line is one a=crypto of the peer's media */
static struct sdp_session *peer_says(struct sdp_media **mp, const char *proto,
				     const struct food *f)
{
	struct sdp_session *sess = NULL;
	struct mbuf *mb = mbuf_alloc(f->n + 512);
	struct sa here;

	HOLDS(mb && !sa_set_str(&here, "127.0.0.1", 4000));
	HOLDS(!sdp_session_alloc(&sess, &here));
	HOLDS(!sdp_media_add(mp, sess, "audio", 4000, proto));
	HOLDS(!sdp_format_add(NULL, *mp, false, "0", "PCMU", 8000, 1, NULL,
			      NULL, NULL, false, NULL));
	HOLDS(!mbuf_printf(mb,
			   "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
			   "c=IN IP4 127.0.0.1\r\nt=0 0\r\n"
			   "m=audio 4002 %s 0\r\na=crypto:", proto));
	for (size_t i = 0; i < f->n; i++) {
		if (f->p[i] == '\n')
			HOLDS(!mbuf_write_str(mb, "\r\na=crypto:"));
		else
			HOLDS(!mbuf_write_u8(mb, f->p[i]));
	}
	HOLDS(!mbuf_write_str(mb, "\r\n"));
	mb->pos = 0;
	if (sdp_decode(sess, mb, true))
		sess = mem_deref(sess);
	mem_deref(mb);

	return sess;
}


static void agreed(struct sdes *s)
{
	sdes_take(s);
	HOLDS(!s->now.ours.tag == !s->now.theirs.tag);
	HOLDS(s->use != WIRE_SRTP_NEVER || !s->now.ours.tag);
	HOLDS(s->use != WIRE_SRTP_MUST || s->now.ours.tag);
	if (s->now.ours.tag)
		HOLDS(s->now.ours.suite == s->now.theirs.suite &&
		      memcmp(s->now.ours.key, s->now.theirs.key,
			     sizeof(s->now.ours.key)));
	sdes_wipe(s);
	HOLDS(!s->now.ours.tag && !s->now.theirs.tag);
}


static void all(uint8_t how, const struct food *f)
{
	static const char *const protos[] = {"RTP/SAVP", "RTP/AVP"};
	struct sdes s = {.use = how % 3};
	struct sdp_media *m = NULL, *ours = NULL;
	struct sdp_session *sess = peer_says(&m, protos[how >> 2 & 1], f);
	struct sdp_session *own = NULL;
	const struct food nothing = {NULL, 0};
	int err;

	if (!sess)
		return;
	if (how & 8) { /* they answer what we offered */
		own = peer_says(&ours, protos[0], &nothing);
		HOLDS(own && !sdes_offer(&s, ours));
		err = sdes_answered(&s, m);
	}
	else {
		err = sdes_answer(&s, m);
	}
	if (!err)
		agreed(&s);
	mem_deref(own);
	mem_deref(sess);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct food rest = {data + 1, n - 1};

	if (!n || n > 4096)
		return 0;
	fuzz_quietly();
	HOLDS(sodium_init() >= 0);
	one(data + 1, n - 1);
	all(data[0], &rest);

	return 0;
}
