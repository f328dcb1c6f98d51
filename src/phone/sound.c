/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sound.c  Sends and receives the RTP of one call. Must not know of SIP, and
 * must not drift: packet n leaves at start + n * 20 ms, by the clock.
 */
#include <errno.h>
#include <string.h>
#include <re.h>
#include <rem.h>

#include "base/limits.h"
#include "record.h"
#include "sound.h"


enum {
	FRAME_MS = 20,
	FRAME = 8 * FRAME_MS,  /* samples, and bytes of G.711 */
	NOISE_LEVEL = 16,      /* of 32768: heard as "the line lives" */
	KEY_FRAMES = 20,       /* frames from key to key: 400 ms */
};

struct sound {
	struct udp_sock *us;
	struct sa laddr;
	struct sound_peer peer;
	struct tmr tmr;
	struct mbuf *mb;
	struct wav *wav;
	struct record *rec;
	struct telev *telev;
	struct keys *keys;
	uint64_t key_due;   /* frame: the key before it is over */
	uint64_t started;   /* jiffies, 0: not yet */
	uint64_t n_frames;
	uint32_t ssrc;
	uint32_t ts0;
	uint32_t event_ts;  /* where the key began */
	uint16_t seq;
	uint32_t noise;
	size_t wav_pos;
	struct sound_count count;
	sound_first_h *firsth;
	void *arg;
};


static void destructor(void *arg)
{
	struct sound *s = arg;

	tmr_cancel(&s->tmr);
	mem_deref(s->us);
	mem_deref(s->mb);
	mem_deref(s->telev);
	mem_deref(s->rec);
	mem_deref(s->keys);
	mem_deref(s->wav);
}


static int16_t noise(struct sound *s)
{
	s->noise = s->noise * 1664525u + 1013904223u;

	return (int16_t)((int)(s->noise >> 16) % (2 * NOISE_LEVEL + 1) -
			 NOISE_LEVEL);
}


static int16_t sample(struct sound *s)
{
	int16_t v;

	if (!s->wav || !s->wav->n)
		return noise(s);

	v = s->wav->samples[s->wav_pos];
	s->wav_pos = (s->wav_pos + 1) % s->wav->n;

	return v;
}


static int header_write(struct sound *s, bool marker, int pt, uint32_t ts)
{
	const struct rtp_header hdr = {
		.ver = RTP_VERSION, .m = marker, .pt = (uint8_t)pt,
		.seq = s->seq, .ts = ts, .ssrc = s->ssrc,
	};

	return rtp_hdr_encode(s->mb, &hdr);
}


static int speech_write(struct sound *s, uint32_t ts)
{
	int err = header_write(s, s->n_frames == 0, s->peer.pt, ts);

	for (unsigned i = 0; i < FRAME && !err; i++) {
		const int16_t v = sample(s);

		err = mbuf_write_u8(s->mb, s->peer.pt == SOUND_PCMA
						   ? g711_pcm2alaw(v)
						   : g711_pcm2ulaw(v));
	}

	return err;
}


/* a key takes the place of speech, under the timestamp of its beginning */
static int key_write(struct sound *s, uint32_t ts)
{
	bool marker = false;
	int err;

	s->mb->pos = s->mb->end = RTP_HEADER_SIZE;
	err = telev_poll(s->telev, &marker, s->mb);
	if (err)
		return err;

	if (marker)
		s->event_ts = ts;
	s->mb->pos = 0;

	return header_write(s, marker, s->peer.event_pt, s->event_ts);
}


static void key_press(struct sound *s)
{
	const size_t i = s->count.n_keys;

	if (!s->keys || i >= s->keys->n || s->peer.event_pt < 0)
		return;
	if (s->n_frames < s->key_due ||
	    s->n_frames * FRAME_MS < s->keys->v[i].at_ms)
		return;

	++s->count.n_keys;
	(void)telev_send(s->telev, telev_digit2code(s->keys->v[i].key),
			 false);
	(void)telev_send(s->telev, 0, true);
	s->key_due = s->n_frames + KEY_FRAMES;
}


static void frame_send(struct sound *s)
{
	const uint32_t ts = s->ts0 + (uint32_t)(s->n_frames * FRAME);
	int err = ENOENT;

	key_press(s);

	if (s->peer.event_pt >= 0)
		err = key_write(s, ts);
	if (err == ENOENT) {
		s->mb->pos = s->mb->end = 0;
		err = speech_write(s, ts);
	}
	if (err)
		return;

	s->mb->pos = 0;
	++s->seq;
	if (!udp_send(s->us, &s->peer.addr, s->mb))
		++s->count.n_sent;
}


static void tick_handler(void *arg)
{
	struct sound *s = arg;
	const uint64_t now = tmr_jiffies();
	uint64_t due;

	while ((due = s->started + s->n_frames * FRAME_MS) <= now) {
		if (s->peer.send)
			frame_send(s);
		++s->n_frames;
	}

	tmr_start(&s->tmr, due - now, tick_handler, s);
}


static size_t speech_decode(int16_t *samples, int pt, const struct mbuf *mb)
{
	const uint8_t *p = mbuf_buf(mb);
	size_t n = mbuf_get_left(mb);

	for (size_t i = 0; i < n; i++)
		samples[i] = pt == SOUND_PCMA ? g711_alaw2pcm(p[i])
					      : g711_ulaw2pcm(p[i]);

	return n;
}


static void recv_handler(const struct sa *src, struct mbuf *mb, void *arg)
{
	int16_t samples[LIMIT_RTP];
	struct sound *s = arg;
	struct rtp_header hdr;
	uint64_t ms;
	size_t n;

	if (!s->started || !sa_cmp(src, &s->peer.addr, SA_ADDR) ||
	    mbuf_get_left(mb) > LIMIT_RTP)
		return;
	if (rtp_hdr_decode(&hdr, mb) || hdr.ver != RTP_VERSION)
		return;
	if (hdr.pt != SOUND_PCMU && hdr.pt != SOUND_PCMA)
		return;

	ms = tmr_jiffies() - s->started;
	n = speech_decode(samples, hdr.pt, mb);
	if (s->rec)
		(void)record_put(s->rec, ms, hdr.ssrc, hdr.ts, samples, n);

	if (s->count.n_heard++ == 0 && s->firsth)
		s->firsth(ms, s->arg);
}


static int parts_alloc(struct sound *s, const struct sa *laddr,
		       const struct sound_prm *prm)
{
	int err;

	s->mb = mbuf_alloc(RTP_HEADER_SIZE + FRAME);
	if (!s->mb)
		return ENOMEM;

	if (prm->record) {
		err = record_alloc(&s->rec);
		if (err)
			return err;
	}

	err = telev_alloc(&s->telev, FRAME_MS);
	if (err)
		return err;
	err = udp_listen(&s->us, laddr, recv_handler, s);
	if (err)
		return err;

	return udp_local_get(s->us, &s->laddr);
}


int sound_alloc(struct sound **sp, const struct sa *laddr,
		const struct sound_prm *prm)
{
	struct sa any_port;
	struct sound *s;
	int err;

	if (!sp || !laddr || !prm)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	s->wav = mem_ref(prm->wav);
	s->keys = mem_ref(prm->keys);
	s->firsth = prm->firsth;
	s->arg = prm->arg;
	s->ssrc = rand_u32();
	s->ts0 = rand_u32();
	s->seq = rand_u16() & 0x7fff;
	s->noise = rand_u32();

	any_port = *laddr;
	sa_set_port(&any_port, 0);
	err = parts_alloc(s, &any_port, prm);
	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


const struct sa *sound_laddr(const struct sound *s)
{
	return s ? &s->laddr : NULL;
}


int sound_start(struct sound *s, const struct sound_peer *peer)
{
	if (!s || !peer)
		return EINVAL;

	s->peer = *peer;
	if (!s->started) {
		s->started = tmr_jiffies();
		tmr_start(&s->tmr, 0, tick_handler, s);
	}

	return 0;
}


void sound_stop(struct sound *s)
{
	if (!s)
		return;

	tmr_cancel(&s->tmr);
	s->us = mem_deref(s->us);
}


int sound_save(const struct sound *s, const char *path)
{
	const int16_t *samples;
	size_t n;

	if (!s || !path)
		return EINVAL;
	if (!s->rec)
		return ENOENT;

	samples = record_samples(s->rec, &n);
	return wav_write(path, samples, n);
}


struct sound_count sound_count(const struct sound *s)
{
	return s->count;
}
