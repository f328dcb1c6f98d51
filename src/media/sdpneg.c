/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sdpneg.c  Our side of offer and answer, on libre's SDP. Must not know
 * policies: which addresses are acceptable is the leg's business.
 */
#include <errno.h>
#include <string.h>
#include <re.h>

#include "sdpneg.h"
#include "sdpcheck.h"
#include "sdpformat.h"
#include "base/limits.h"


enum {
	NAME_LEN = 32,  /* sdpcheck lets nothing longer in */
	LOWEST_PORT = 1024,
};

struct sdpneg {
	uint32_t id;
	uint32_t version;
	struct sdes sdes;
	char *text;   /* the last SDP of ours, from its s= line on */
	struct {
		char kind[NAME_LEN];
		char proto[NAME_LEN];
	} line[LIMIT_SDP_MEDIA]; /* as both sides know them */
	unsigned n_lines;
	unsigned audio;          /* which of them is ours */
};


/* keys may stand in it */
static void *text_wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));

	return mem_deref(text);
}


static void sdpneg_destructor(void *data)
{
	struct sdpneg *n = data;

	sdes_wipe(&n->sdes);
	text_wipe(n->text);
}


struct sdes *sdpneg_sdes(struct sdpneg *n)
{
	return &n->sdes;
}


int sdpneg_alloc(struct sdpneg **np)
{
	struct sdpneg *n;

	if (!np)
		return EINVAL;

	n = mem_zalloc(sizeof(*n), sdpneg_destructor);
	if (!n)
		return ENOMEM;
	n->id = rand_u32() >> 1;
	n->version = rand_u32() >> 2;

	*np = n;
	return 0;
}


/* our audio line, with all we speak */
static int audio_add(struct sdp_session *s, struct sdp_media **mp,
		     enum codec first, const char *proto)
{
	struct sdp_media *m;
	int err;

	err = sdp_media_add(&m, s, sdp_media_audio, 0, proto);
	if (err)
		return err;

	err  = sdpformat_add_all(m, first);
	err |= sdp_media_set_lattr(m, true, sdp_attr_ptime, "20");
	if (err)
		return ENOMEM;

	*mp = m;
	return 0;
}


/* all m-lines that both sides know, ours in its place */
static int lines_add(const struct sdpneg *n, struct sdp_session *s,
		     struct sdp_media **mp, enum codec first)
{
	const char *proto = sdes_proto(&n->sdes);
	int err = 0;

	if (!n->n_lines)
		return audio_add(s, mp, first, proto);

	for (unsigned i = 0; i < n->n_lines && !err; i++) {
		/* a line without a format is written with port 0 */
		err = i == n->audio
			? audio_add(s, mp, first, proto)
			: sdp_media_add(NULL, s, n->line[i].kind, 0,
					n->line[i].proto);
	}

	return err;
}


static int session_new(struct sdp_session **sp)
{
	struct sa none;

	sa_init(&none, AF_INET);

	return sdp_session_alloc(sp, &none);
}


static void session_place(struct sdp_session *s, struct sdp_media *m,
			  const struct sa *local)
{
	sdp_session_set_laddr(s, local);
	sdp_media_set_lport(m, sa_port(local));
}


/*
 * libre writes an o= line of its own for each session, with a version that
 * rises by itself. Ours stays that of the leg, and its version rises when
 * the rest differs (RFC 3264, 8).
 */
static int text_write(struct sdpneg *n, struct mbuf **mbp,
		      struct sdp_session *s, const struct sa *local,
		      bool offer)
{
	struct mbuf *mb = NULL, *out = NULL;
	char *text = NULL;
	const char *rest;
	int err;

	err = sdp_encode(&mb, s, offer);
	if (err)
		return err;
	err = mbuf_strdup(mb, &text, mb->end);
	if (err)
		goto out;
	rest = strstr(text, "s=-\r\n");
	out = mbuf_alloc(1024);
	if (!rest || !out) {
		err = ENOMEM;
		goto out;
	}

	if (!n->text || strcmp(n->text, rest) != 0) {
		char *kept;

		err = str_dup(&kept, rest);
		if (err)
			goto out;
		text_wipe(n->text);
		n->text = kept;
		++n->version;
	}

	err = mbuf_printf(out, "v=0\r\no=- %u %u IN IP%d %j\r\n%s", n->id,
			  n->version, sa_af(local) == AF_INET6 ? 6 : 4, local,
			  rest);
	out->pos = 0;

out:
	if (err)
		mem_deref(out);
	else
		*mbp = out;
	text_wipe(text);
	explicit_bzero(mb->buf, mb->size);
	mem_deref(mb);

	return err;
}


int sdpneg_offer_write(struct sdpneg *n, struct mbuf **mbp,
		       const struct sa *local, enum codec first)
{
	struct sdp_session *s;
	struct sdp_media *m = NULL;
	int err;

	if (!n || !mbp || !local)
		return EINVAL;

	err = session_new(&s);
	if (err)
		return err;
	err = lines_add(n, s, &m, first);
	if (err)
		goto out;

	err = sdes_offer(&n->sdes, m);
	if (err)
		goto out;

	session_place(s, m, local);
	err = text_write(n, mbp, s, local, true);

out:
	mem_deref(s);

	return err;
}


static int decode(struct sdp_session *s, const uint8_t *sdp, size_t n,
		  bool offer)
{
	struct mbuf *mb;
	int err;

	err = sdpcheck_load(&mb, sdp, n);
	if (err)
		return err;
	err = sdp_decode(s, mb, offer);
	mem_deref(mb);

	return !err || err == ENOMEM || err == ENOTSUP ? err : EPROTO;
}


static int peer_read(struct sdpneg_peer *peer, const struct sdp_media *m)
{
	const struct sa *addr = sdp_media_raddr(m);
	const uint16_t port = sdp_media_rport(m);

	memset(peer, 0, sizeof(*peer));
	if (port < LOWEST_PORT)
		return ENOTSUP;
	if (sa_af(addr) != AF_INET && sa_af(addr) != AF_INET6)
		return EPROTO;

	sdpformat_read(peer, m);
	if (!peer->n_rx)
		return ENOTSUP;

	peer->addr = *addr;
	peer->dir = sdp_media_dir(m);
	if (sdpneg_peer_deaf(peer))
		peer->dir &= SDP_RECVONLY;

	return 0;
}


int sdpneg_answer_read(struct sdpneg *n, struct sdpneg_peer *peer,
		       const uint8_t *sdp, size_t n_sdp)
{
	struct sdp_session *s;
	struct sdp_media *m = NULL;
	struct sdpneg_peer got;
	struct mbuf *offer = NULL;
	int err;

	if (!n || !peer || !sdp)
		return EINVAL;

	err = session_new(&s);
	if (err)
		return err;
	err = lines_add(n, s, &m, CODEC_PCMU);
	if (err)
		goto out;

	/* writing it out is what makes it an offer in libre's eyes */
	err = sdp_encode(&offer, s, true);
	if (!err)
		err = decode(s, sdp, n_sdp, false);
	if (!err)
		err = peer_read(&got, m);
	if (!err)
		err = sdes_answered(&n->sdes, m);
	if (err)
		goto out;

	/* it may send its keys as we offered, or as it answered */
	if (got.event_pt != SDPNEG_NO_PT)
		got.event_rx[1] = SDPFORMAT_EVENT_PT;
	*peer = got;

out:
	mem_deref(offer);
	mem_deref(s);

	return err;
}


/* the audio line of ours that matched one of the offer, if any did */
static struct sdp_media *audio_find(const struct sdp_session *s)
{
	struct le *le;

	LIST_FOREACH(sdp_session_medial(s, false), le)
	{
		if (!sdp_media_disabled(le->data))
			return le->data;
	}

	return NULL;
}


int sdpneg_offer_read(const struct sdpneg *n, struct sdp_session **sp, struct sdpneg_peer *peer,
		      const uint8_t *sdp, size_t n_sdp)
{
	struct sdp_session *s;
	struct sdp_media *m = NULL;
	struct sdpneg_peer got;
	int err;

	if (!n || !sp || !peer || !sdp)
		return EINVAL;

	err = session_new(&s);
	if (err)
		return err;
	err = audio_add(s, &m, CODEC_PCMU, sdp_proto_rtpavp);
	if (!err && n->sdes.use != WIRE_SRTP_NEVER)
		err = sdp_media_set_alt_protos(m, 2, sdp_proto_rtpavp,
					       sdp_proto_rtpsavp);
	if (!err)
		err = decode(s, sdp, n_sdp, true);
	if (err)
		goto out;

	m = audio_find(s);
	err = m ? peer_read(&got, m) : ENOTSUP;
	if (err)
		goto out;

	/* we answer with one */
	got.n_rx = 1;
	*peer = got;

out:
	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


static void lines_keep(struct sdpneg *n, const struct sdp_session *s)
{
	struct le *le;

	n->n_lines = 0;
	LIST_FOREACH(sdp_session_medial(s, false), le)
	{
		const struct sdp_media *m = le->data;

		if (n->n_lines == LIMIT_SDP_MEDIA)
			break;
		str_ncpy(n->line[n->n_lines].kind, sdp_media_name(m),
			 NAME_LEN);
		str_ncpy(n->line[n->n_lines].proto, sdp_media_proto(m),
			 NAME_LEN);
		if (!sdp_media_disabled(le->data))
			n->audio = n->n_lines;
		++n->n_lines;
	}
}


int sdpneg_answer_write(struct sdpneg *n, struct mbuf **mbp,
			struct sdp_session *s, const struct sdpneg_peer *peer,
			const struct sa *local)
{
	struct sdp_media *m;
	int err;

	if (!n || !mbp || !s || !peer || !local)
		return EINVAL;

	m = audio_find(s);
	if (!m)
		return EINVAL;
	err = sdpformat_choose(m, peer);
	if (!err)
		err = sdes_answer(&n->sdes, m);
	if (err)
		return err;

	session_place(s, m, local);
	sdp_media_set_ldir(m, peer->dir);
	err = text_write(n, mbp, s, local, false);
	if (!err)
		lines_keep(n, s);

	return err;
}


bool sdpneg_peer_deaf(const struct sdpneg_peer *peer)
{
	return sa_is_any(&peer->addr);
}
