/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sdpweb.c  Offer and answer with a browser, on libre's SDP. Must not open a
 * port or make a key.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <re.h>

#include "sdpweb.h"
#include "sdpcheck.h"
#include "sdpformat.h"


enum { UFRAG_LEAST = 4 };

static const char proto[] = "UDP/TLS/RTP/SAVPF";

/* the only one we have; of the highest priority for a host's (RFC 8445,
 * 5.1.2.1) */
static const char candidate[] = "%u 1 udp %u %j %u typ host";

/* RFC 8445, 5.1.2.1: the highest for a host; the next address is 256 less */
#define PRIORITY 2130706431u


/* letters, digits and what ICE and SDP names may hold besides */
static int word_copy(char *to, size_t size, const char *from, size_t least)
{
	const size_t n = from ? strlen(from) : 0;

	if (n < least || n >= size)
		return EPROTO;
	for (size_t i = 0; i < n; i++) {
		if (!isalnum((unsigned char)from[i]) &&
		    !strchr("+/-_.", from[i]))
			return EPROTO;
	}
	memcpy(to, from, n + 1);

	return 0;
}


/* "sha-256 AB:CD:..." */
static bool fingerprint_read(const char *name, const char *value, void *arg)
{
	uint8_t *md = arg;
	struct pl kind, hex;
	(void)name;

	if (re_regex(value, strlen(value), "[^ ]+ [0-9a-f:]+", &kind, &hex) ||
	    pl_strcasecmp(&kind, "sha-256") || hex.l != WEBKEY_TEXT - 1)
		return false;
	for (unsigned i = 0; i < WEBKEY_SHA256; i++) {
		const char *p = hex.p + 3 * i;

		if (p[0] == ':' || p[1] == ':' ||
		    (i + 1 < WEBKEY_SHA256 && p[2] != ':'))
			return false;
		md[i] = (uint8_t)(ch_hex(p[0]) << 4 | ch_hex(p[1]));
	}

	return true;
}


static int keys_read(struct sdpweb_peer *peer, const struct sdp_media *m,
		     const struct sdp_session *s)
{
	const char *setup = sdp_media_session_rattr(m, s, "setup");

	/* the browser speaks first */
	if (!setup || (strcmp(setup, "actpass") && strcmp(setup, "active")))
		return ENOTSUP;

	return sdp_media_rattr_apply(m, "fingerprint", fingerprint_read,
				     peer->fingerprint) ||
	       sdp_session_rattr_apply(s, "fingerprint", fingerprint_read,
				       peer->fingerprint) ? 0 : ENOTSUP;
}


static int peer_read(struct sdpweb_peer *peer, const struct sdp_media *m,
		     const struct sdp_session *s)
{
	int err;

	memset(peer, 0, sizeof(*peer));
	if (!sdp_media_rattr(m, "rtcp-mux"))
		return ENOTSUP;
	err = word_copy(peer->mid, sizeof(peer->mid),
			sdp_media_rattr(m, "mid"), 1);
	if (!err)
		err = word_copy(peer->ufrag, sizeof(peer->ufrag),
				sdp_media_session_rattr(m, s, "ice-ufrag"),
				UFRAG_LEAST);
	if (!err)
		err = keys_read(peer, m, s);
	if (err)
		return err;

	sa_init(&peer->sound.addr, AF_INET);
	peer->sound.dir = sdp_media_dir(m);
	sdpformat_read(&peer->sound, m);

	return peer->sound.n_rx ? 0 : ENOTSUP;
}


/* one codec both ways */
static void codec_choose(struct sdpneg_peer *p, const enum codec *like)
{
	for (unsigned i = 0; like && i < p->n_rx; i++) {
		if (p->rx[i].codec == *like)
			p->rx[0] = p->rx[i];
	}
	p->n_rx = 1;
	p->codec = p->rx[0].codec;
	p->pt = p->rx[0].pt;
}


static int session_new(struct sdp_session **sp)
{
	struct sdp_media *m;
	struct sa none;
	int err;

	sa_init(&none, AF_INET);
	err = sdp_session_alloc(sp, &none);
	if (err)
		return err;
	err = sdp_media_add(&m, *sp, sdp_media_audio, 0, proto);
	if (!err)
		err = sdpformat_add_all(m, CODEC_PCMU);
	if (err)
		mem_deref(*sp);

	return err;
}


static int decode(struct sdp_session *s, const uint8_t *sdp, size_t n)
{
	struct mbuf *mb;
	int err;

	err = sdpcheck_load(&mb, sdp, n);
	if (err)
		return err;
	err = sdp_decode(s, mb, true);
	mem_deref(mb);

	return !err || err == ENOMEM ? err : EPROTO;
}


/* the line of ours that matched one of the offer, if any did */
static struct sdp_media *audio_find(const struct sdp_session *s)
{
	struct le *le;

	LIST_FOREACH(sdp_session_medial(s, false), le)
	{
		const struct sdp_media *m = le->data;

		if (!sdp_media_disabled(le->data) &&
		    !strcmp(sdp_media_proto(m), proto) && sdp_media_rport(m))
			return le->data;
	}

	return NULL;
}


int sdpweb_offer_read(struct sdp_session **sp, struct sdpweb_peer *peer,
		      const enum codec *like, const uint8_t *sdp,
		      size_t n_sdp)
{
	struct sdp_session *s;
	struct sdp_media *m;
	struct sdpweb_peer got;
	int err;

	if (!sp || !peer || !sdp)
		return EINVAL;

	err = session_new(&s);
	if (err)
		return err;
	err = decode(s, sdp, n_sdp);
	if (err)
		goto out;
	m = audio_find(s);
	err = m ? peer_read(&got, m, s) : ENOTSUP;
	if (err)
		goto out;

	codec_choose(&got.sound, like);
	*peer = got;

out:
	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


/* the machine's own address first: who can reach it needs no router */
static int candidates_write(struct sdp_media *m, const struct sdpweb_ours *o)
{
	unsigned n = 0;
	int err;

	err = sdp_media_set_lattr(m, true, "candidate", candidate, 1, PRIORITY,
				  o->local, sa_port(o->local));
	for (uint32_t i = 0; i < o->n_outside; i++) {
		const struct sa *sa = &o->outside[i];

		if (sa_af(sa) != sa_af(o->local))
			continue;
		++n;
		/* not to be replaced by the next one */
		err |= sdp_media_set_lattr(m, false, "candidate", candidate,
					   1 + n, PRIORITY - 256 * n, sa,
					   sa_port(o->local));
	}

	return err;
}


static int media_write(struct sdp_media *m, const struct sdpweb_peer *peer,
		       const struct sdpweb_ours *o)
{
	int err;

	err  = sdp_media_set_lattr(m, true, "mid", "%s", peer->mid);
	err |= sdp_media_set_lattr(m, true, "ice-ufrag", "%s", o->ufrag);
	err |= sdp_media_set_lattr(m, true, "ice-pwd", "%s", o->pwd);
	err |= sdp_media_set_lattr(m, true, "fingerprint", "sha-256 %s",
				   o->fingerprint);
	err |= sdp_media_set_lattr(m, true, "setup", "passive");
	err |= sdp_media_set_lattr(m, true, "rtcp-mux", NULL);
	err |= sdp_media_set_lattr(m, true, sdp_attr_ptime, "20");
	err |= candidates_write(m, o);
	err |= sdp_media_set_lattr(m, true, "end-of-candidates", NULL);
	err |= sdp_media_set_lattr(m, true, "msid", "ringback sound");
	err |= sdp_media_set_lattr(m, true, "ssrc", "%u cname:%s", o->ssrc,
				   o->cname);

	return err ? ENOMEM : 0;
}


int sdpweb_answer_write(struct mbuf **mbp, struct sdp_session *s,
			const struct sdpweb_peer *peer,
			const struct sdpweb_ours *ours)
{
	struct sdp_media *m;
	int err;

	if (!mbp || !s || !peer || !ours)
		return EINVAL;

	m = audio_find(s);
	if (!m)
		return EINVAL;
	sdp_session_set_laddr(s, ours->local);
	sdp_media_set_lport(m, sa_port(ours->local));
	sdp_media_set_ldir(m, peer->sound.dir);

	err = sdpformat_choose(m, &peer->sound);
	if (!err)
		err = sdp_session_set_lattr(s, true, "group", "BUNDLE %s",
					    peer->mid);
	if (!err)
		err = sdp_session_set_lattr(s, true, "ice-lite", NULL);
	if (!err)
		err = media_write(m, peer, ours);

	return err ? err : sdp_encode(mbp, s, false);
}
