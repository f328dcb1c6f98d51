/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * seal.c  Seals and opens one thing at a time. Must not keep any key.
 */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/bytes.h"
#include "seal.h"

_Static_assert(SEAL_KEY == crypto_box_PUBLICKEYBYTES &&
	       SEAL_KEY == crypto_box_SECRETKEYBYTES &&
	       SEAL_KEY == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "keys");
_Static_assert(SEAL_BOX == SEAL_KEY + crypto_box_SEALBYTES, "box");
_Static_assert(SEAL_NONCE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	       "nonce");
_Static_assert(SEAL_TAG == crypto_aead_xchacha20poly1305_ietf_ABYTES, "tag");

enum {
	VERSION = 1,
	AT_VERSION = 3,
	AT_KIND = 4,
	AT_DETAIL = 5,
	AT_ZEROS = 6,
	AT_EPOCH = 8,
};

static const uint8_t magic[3] = {'R', 'B', 'S'};

/* so much that lengths tell little, so little that it costs little */
static const struct {
	enum seal_kind kind;
	size_t step;
} steps[] = {
	{SEAL_NOTE, 1024},
	{SEAL_NUMBER, 64},
	{SEAL_GRANT, 64},
	{SEAL_BACKUP, 64},
};


void seal_pair(uint8_t public[SEAL_KEY], uint8_t private[SEAL_KEY])
{
	(void)crypto_box_keypair(public, private);
}


void seal_public(uint8_t public[SEAL_KEY], const uint8_t private[SEAL_KEY])
{
	(void)crypto_scalarmult_base(public, private);
}


size_t seal_step(enum seal_kind kind)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i].kind == kind)
			return steps[i].step;
	}

	return 0;
}


/* with its padding, of which there is always some */
static size_t padded(enum seal_kind kind, size_t n)
{
	const size_t step = seal_step(kind);

	return step && n <= SEAL_MOST ? (n / step + 1) * step : 0;
}


size_t seal_size(enum seal_kind kind, size_t n)
{
	const size_t body = padded(kind, n);

	return body ? SEAL_LID + body + SEAL_TAG : 0;
}


void seal_bound(uint8_t bound[SEAL_BOUND], const struct seal_about *about)
{
	memset(bound, 0, SEAL_BOUND);
	memcpy(bound, magic, sizeof(magic));
	bound[AT_VERSION] = VERSION;
	bound[AT_KIND] = (uint8_t)about->kind;
	bound[AT_DETAIL] = about->detail;
	(void)bytes_put(bound + AT_EPOCH, about->epoch, 8);
	(void)bytes_put(bound + SEAL_HEAD, about->subject, 8);
}


int seal_look(struct seal_about *about, const uint8_t *sealed, size_t n)
{
	static const uint8_t zeros[AT_EPOCH - AT_ZEROS];

	if (!about || !sealed || n < SEAL_HEAD ||
	    memcmp(sealed, magic, sizeof(magic)) ||
	    sealed[AT_VERSION] != VERSION ||
	    memcmp(sealed + AT_ZEROS, zeros, sizeof(zeros)))
		return EBADMSG;
	if (sealed[AT_KIND] != SEAL_MESSAGE &&
	    !seal_step((enum seal_kind)sealed[AT_KIND]))
		return EBADMSG;

	*about = (struct seal_about){
		.kind = (enum seal_kind)sealed[AT_KIND],
		.detail = sealed[AT_DETAIL],
		.epoch = bytes_get(sealed + AT_EPOCH, 8),
	};

	return 0;
}


int seal_lid(uint8_t lid[SEAL_HEAD + SEAL_BOX], uint8_t key[SEAL_KEY],
	     const struct seal_about *about, const uint8_t public[SEAL_KEY])
{
	uint8_t bound[SEAL_BOUND];

	seal_bound(bound, about);
	memcpy(lid, bound, SEAL_HEAD);
	randombytes_buf(key, SEAL_KEY);

	/* refused: a key with which there would be no secret at all */
	if (crypto_box_seal(lid + SEAL_HEAD, key, SEAL_KEY, public)) {
		sodium_memzero(key, SEAL_KEY);
		return EINVAL;
	}

	return 0;
}


int seal_unlid(uint8_t key[SEAL_KEY], const struct seal_about *about,
	       const uint8_t private[SEAL_KEY],
	       const uint8_t lid[SEAL_HEAD + SEAL_BOX])
{
	uint8_t bound[SEAL_BOUND], public[SEAL_KEY];

	seal_bound(bound, about);
	if (memcmp(lid, bound, SEAL_HEAD))
		return EBADMSG;
	seal_public(public, private);
	if (crypto_box_seal_open(key, lid + SEAL_HEAD, SEAL_BOX, public,
				 private))
		return EKEYREJECTED;

	return 0;
}


int seal_make(uint8_t *out, const struct seal_about *about,
	      const uint8_t public[SEAL_KEY], const uint8_t *in, size_t n)
{
	uint8_t key[SEAL_KEY], bound[SEAL_BOUND];
	uint8_t *nonce, *body;
	size_t size;
	int err;

	if (!out || !about || !public || (!in && n) ||
	    !seal_size(about->kind, n))
		return EINVAL;

	err = seal_lid(out, key, about, public);
	if (err)
		return err;
	nonce = out + SEAL_HEAD + SEAL_BOX;
	body = out + SEAL_LID;
	randombytes_buf(nonce, SEAL_NONCE);
	if (n)
		memmove(body, in, n);
	(void)sodium_pad(&size, body, n, seal_step(about->kind),
			 padded(about->kind, n));
	seal_bound(bound, about);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(
		body, NULL, body, size, bound, sizeof(bound), NULL, nonce,
		key);
	sodium_memzero(key, sizeof(key));

	return 0;
}


int seal_open(uint8_t *out, size_t *np, const struct seal_about *about,
	      const uint8_t private[SEAL_KEY], const uint8_t *sealed,
	      size_t n_sealed)
{
	uint8_t key[SEAL_KEY], bound[SEAL_BOUND];
	unsigned long long n;
	size_t step;
	int err, bad;

	if (!out || !np || !about || !private || !sealed)
		return EINVAL;
	step = seal_step(about->kind);
	if (!step || n_sealed < SEAL_LID + step + SEAL_TAG)
		return EBADMSG;

	err = seal_unlid(key, about, private, sealed);
	if (err)
		return err;
	seal_bound(bound, about);
	bad = crypto_aead_xchacha20poly1305_ietf_decrypt(
		out, &n, NULL, sealed + SEAL_LID, n_sealed - SEAL_LID, bound,
		sizeof(bound), sealed + SEAL_HEAD + SEAL_BOX, key);
	sodium_memzero(key, sizeof(key));
	if (bad || sodium_unpad(np, out, (size_t)n, step))
		return EBADMSG;

	return 0;
}
