/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * modest.c  Does CBOR ask for no more room than it fills? Must not allocate
 * anything.
 */
#include <cbor.h>
#include <fido.h>

#include "modest.h"


enum {
	PARTS = 64,      /* lists, maps and tags in one piece             */
	DATA_FLAGS = 32, /* in authenticatorData: behind a hash           */
	DATA_LEAST = 37, /* flags and count, too                          */
	DATA_MODEL = 16, /* of a new key; then comes the length of its id */
};

struct modest {
	size_t left;  /* bytes that members could be made of */
	unsigned n;
	bool failed;
};


static void part_handler(void *arg, size_t n)
{
	struct modest *m = arg;

	if (n > m->left || ++m->n > PARTS)
		m->failed = true;
}


static void tag_handler(void *arg, uint64_t tag)
{
	(void)tag;
	part_handler(arg, 1);
}


static void endless_handler(void *arg)
{
	part_handler(arg, 0);
}


bool modest_cbor(const uint8_t *p, size_t n)
{
	struct cbor_callbacks handlers = cbor_empty_callbacks;
	struct modest m = {.left = n};

	handlers.array_start = part_handler;
	handlers.map_start = part_handler;
	handlers.tag = tag_handler;
	handlers.indef_array_start = endless_handler;
	handlers.indef_map_start = endless_handler;
	handlers.byte_string_start = endless_handler;
	handlers.string_start = endless_handler;
	while (m.left && !m.failed) {
		const struct cbor_decoder_result r = cbor_stream_decode(
			p + (n - m.left), m.left, &handlers, &m);

		if (r.status != CBOR_DECODER_FINISHED)
			return false;
		m.left -= r.read;
	}

	return !m.failed;
}


bool modest_data(const uint8_t *p, size_t n)
{
	size_t at = DATA_LEAST;

	if (n < at)
		return false;
	if (p[DATA_FLAGS] & CTAP_AUTHDATA_ATT_CRED) {
		if (n < at + DATA_MODEL + 2)
			return false;
		at += DATA_MODEL;
		at += 2 + ((size_t)p[at] << 8 | p[at + 1]);
	}

	return at <= n && modest_cbor(p + at, n - at);
}
