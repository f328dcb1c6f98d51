/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * stream.c  Seals and opens what is long, chunk by chunk. Must not touch files.
 */
#include <errno.h>
#include <string.h>

#include "stream.h"


static bool is_long(enum seal_kind kind)
{
	return kind == SEAL_MESSAGE || kind == SEAL_BACKUP;
}


static void bind_to(struct stream *s, const struct seal_about *about,
		    uint64_t part)
{
	seal_bound(s->bound, about);
	for (int i = 7; i >= 0; i--, part >>= 8)
		s->bound[SEAL_BOUND + i] = (uint8_t)part;
}


int stream_begin(struct stream *s, uint8_t lid[STREAM_LID],
		 const struct seal_about *about, uint64_t part,
		 const uint8_t public[SEAL_KEY])
{
	uint8_t key[SEAL_KEY];
	int err;

	if (!s || !lid || !about || !public || !is_long(about->kind))
		return EINVAL;

	memset(s, 0, sizeof(*s));
	err = seal_lid(lid, key, about, public);
	if (err)
		return err;
	bind_to(s, about, part);
	(void)crypto_secretstream_xchacha20poly1305_init_push(
		&s->state, lid + SEAL_HEAD + SEAL_BOX, key);
	sodium_memzero(key, sizeof(key));

	return 0;
}


int stream_push(struct stream *s, uint8_t out[STREAM_SEALED],
		const uint8_t *in, size_t n, bool last)
{
	uint8_t plain[STREAM_PADDED];
	size_t size;

	if (!s || !out || (!in && n) || n > STREAM_CHUNK || s->over)
		return EINVAL;

	if (n)
		memcpy(plain, in, n);
	(void)sodium_pad(&size, plain, n, STREAM_PADDED, sizeof(plain));
	(void)crypto_secretstream_xchacha20poly1305_push(
		&s->state, out, NULL, plain, size, s->bound, sizeof(s->bound),
		last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
	sodium_memzero(plain, sizeof(plain));
	++s->n_chunks;
	s->over = last;

	return 0;
}


uint32_t stream_missing(const struct stream *s)
{
	const uint32_t n = (s->n_chunks + 1) % STREAM_STEP;

	return n ? STREAM_STEP - n : 0;
}


int stream_open(struct stream *s, const uint8_t lid[STREAM_LID],
		const struct seal_about *about, uint64_t part,
		const uint8_t private[SEAL_KEY])
{
	uint8_t key[SEAL_KEY];
	int err, bad;

	if (!s || !lid || !about || !private)
		return EINVAL;
	if (!is_long(about->kind))
		return EBADMSG;

	memset(s, 0, sizeof(*s));
	err = seal_unlid(key, about, private, lid);
	if (err)
		return err;
	bind_to(s, about, part);
	bad = crypto_secretstream_xchacha20poly1305_init_pull(
		&s->state, lid + SEAL_HEAD + SEAL_BOX, key);
	sodium_memzero(key, sizeof(key));

	return bad ? EBADMSG : 0;
}


int stream_pull(struct stream *s, uint8_t *out, size_t *np,
		const uint8_t in[STREAM_SEALED])
{
	unsigned long long n;
	uint8_t tag;

	if (!s || !out || !np || !in)
		return EINVAL;
	if (s->over)
		return EBADMSG;

	if (crypto_secretstream_xchacha20poly1305_pull(
		    &s->state, out, &n, &tag, in, STREAM_SEALED, s->bound,
		    sizeof(s->bound)) ||
	    sodium_unpad(np, out, (size_t)n, STREAM_PADDED))
		return EBADMSG;
	++s->n_chunks;
	s->over = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;

	return 0;
}


void stream_wipe(struct stream *s)
{
	if (s)
		sodium_memzero(s, sizeof(*s));
}
