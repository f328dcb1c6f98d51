/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * spoken.c  Opens messages. Must not know where keys come from, nor files.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include <rem.h>

#include "seal/stream.h"
#include "spoken.h"


enum {
	PCMA = 8, /* payload type, as in the head */
	RATE = 8000,
	BYTES = 2,
	WAV_HEAD = 44,
};

struct spoken {
	uint64_t call;
	const uint8_t *at, *end;
	uint8_t *wav;
	size_t n;      /* bytes of it */
	uint64_t part;
	spoken_key_h *h;
	void *arg;
};


static void put(uint8_t *p, uint32_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}


static void head_put(uint8_t head[WAV_HEAD], uint32_t n)
{
	memcpy(head, "RIFF....WAVEfmt ", 16);
	put(head + 4, WAV_HEAD - 8 + n, 4);
	put(head + 16, 16, 4);
	put(head + 20, 1, 2); /* PCM */
	put(head + 22, 1, 2); /* mono */
	put(head + 24, RATE, 4);
	put(head + 28, RATE * BYTES, 4);
	put(head + 32, BYTES, 2);
	put(head + 34, 8 * BYTES, 2);
	memcpy(head + 36, "data", 4);
	put(head + 40, n, 4);
}


static void sound_add(struct spoken *s, const uint8_t *p, size_t n,
		      uint8_t codec)
{
	for (size_t i = 0; i < n; i++, s->n += BYTES) {
		const int16_t sample = codec == PCMA ? g711_alaw2pcm(p[i])
						     : g711_ulaw2pcm(p[i]);

		put(s->wav + s->n, (uint16_t)sample, BYTES);
	}
}


/* what a crash broke off ends where the next part begins */
static bool begins(const struct spoken *s, struct seal_about *about)
{
	return !seal_look(about, s->at, (size_t)(s->end - s->at)) &&
	       about->kind == SEAL_MESSAGE;
}


static int chunks_open(struct spoken *s, struct stream *stream, uint8_t codec)
{
	struct seal_about next;
	uint8_t plain[STREAM_PADDED];
	size_t n;
	int err = 0;

	while (!err && !stream->over && s->end - s->at >= STREAM_SEALED &&
	       !begins(s, &next)) {
		err = stream_pull(stream, plain, &n, s->at);
		if (!err)
			sound_add(s, plain, n, codec);
		s->at += STREAM_SEALED;
	}
	sodium_memzero(plain, sizeof(plain));

	return err;
}


/* in locked memory */
struct secrets {
	struct stream stream;
	uint8_t private[SEAL_KEY];
};


static int part_open(struct spoken *s, struct secrets *sec)
{
	struct seal_about about;
	int err;

	if (s->end - s->at < STREAM_LID || !begins(s, &about))
		return EBADMSG;
	about.subject = s->call;
	err = s->h(sec->private, about.epoch, s->arg);
	if (err)
		return err;

	err = stream_open(&sec->stream, s->at, &about, s->part++,
			  sec->private);
	s->at += STREAM_LID;
	if (!err)
		err = chunks_open(s, &sec->stream, about.detail);
	sodium_memzero(sec, sizeof(*sec));

	return err;
}


static int parts_open(struct spoken *s)
{
	struct secrets *sec = sodium_malloc(sizeof(*sec));
	int err = sec ? 0 : ENOMEM;

	while (!err && s->at < s->end)
		err = part_open(s, sec);
	sodium_free(sec);

	return err;
}


int spoken_open(uint8_t **wavp, size_t *np, uint64_t call,
		const uint8_t *sealed, size_t n, spoken_key_h *h, void *arg)
{
	struct spoken s = {.call = call, .at = sealed, .end = sealed + n,
			   .n = WAV_HEAD, .h = h, .arg = arg};
	int err;

	if (!wavp || !np || !sealed || !h)
		return EINVAL;

	s.wav = malloc(WAV_HEAD + BYTES * n);
	if (!s.wav)
		return ENOMEM;
	err = parts_open(&s);
	if (err) {
		sodium_memzero(s.wav, s.n);
		free(s.wav);
		return err == EKEYREJECTED ? EBADMSG : err;
	}

	head_put(s.wav, (uint32_t)(s.n - WAV_HEAD));
	*wavp = s.wav;
	*np = s.n;

	return 0;
}
