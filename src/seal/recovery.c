/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * recovery.c  Shares of the recovery key. Must not keep or print any.
 */
#include <ctype.h>
#include <errno.h>
#include <libgfshare.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "recovery.h"
#include "words.h"

enum {
	BITS = 11,      /* of a word */
	CHECK = 2,
	PAYLOAD = 2 + SEAL_KEY,
	BYTES = PAYLOAD + CHECK,
	LETTERS = 4,    /* of a word that tell it from all others */
	LONGEST = 8,
};

_Static_assert((BYTES * 8 + BITS - 1) / BITS == RECOVERY_WORDS, "words");


/* ---- splitting ----------------------------------------------------------- */

static void numbers(uint8_t v[RECOVERY_SHARES])
{
	for (uint8_t i = 0; i < RECOVERY_SHARES; i++)
		v[i] = i + 1;
}


static void fill_random(unsigned char *p, unsigned int n)
{
	randombytes_buf(p, n);
}


/* libgfshare takes its randomness from here, also to wipe what it frees */
static void prepare(void)
{
	gfshare_fill_rand = fill_random;
}


int recovery_split(struct recovery_share *v, uint8_t n, uint8_t need,
		   const uint8_t private[SEAL_KEY])
{
	uint8_t numbered[RECOVERY_SHARES], secret[SEAL_KEY];
	gfshare_ctx *ctx;

	if (!v || !private || !need || need > n || n > RECOVERY_SHARES)
		return EINVAL;

	prepare();
	numbers(numbered);
	ctx = gfshare_ctx_init_enc(numbered, n, need, SEAL_KEY);
	if (!ctx)
		return ENOMEM;
	memcpy(secret, private, sizeof(secret));
	gfshare_ctx_enc_setsecret(ctx, secret);
	sodium_memzero(secret, sizeof(secret));
	for (uint8_t i = 0; i < n; i++) {
		v[i].need = need;
		v[i].number = numbered[i];
		gfshare_ctx_enc_getshare(ctx, i, v[i].bytes);
	}
	gfshare_ctx_free(ctx);

	return 0;
}


/* all of one key, and none twice */
static int agree(const struct recovery_share *v, uint8_t n)
{
	for (uint8_t i = 0; i < n; i++) {
		if (v[i].need != v[0].need || !v[i].number)
			return EINVAL;
		for (uint8_t j = 0; j < i; j++) {
			if (v[j].number == v[i].number)
				return EINVAL;
		}
	}

	return n < v[0].need ? ENODATA : 0;
}


int recovery_join(uint8_t private[SEAL_KEY],
		  const uint8_t public[SEAL_KEY],
		  const struct recovery_share *v, uint8_t n)
{
	uint8_t numbered[RECOVERY_SHARES], bytes[SEAL_KEY], of[SEAL_KEY];
	gfshare_ctx *ctx;
	int err;

	if (!private || !public || !v || !n || n > RECOVERY_SHARES)
		return EINVAL;
	err = agree(v, n);
	if (err)
		return err;

	prepare();
	/* as many as are needed: one too many that is wrong spoils nothing */
	n = v[0].need;
	for (uint8_t i = 0; i < n; i++)
		numbered[i] = v[i].number;
	ctx = gfshare_ctx_init_dec(numbered, n, SEAL_KEY);
	if (!ctx)
		return ENOMEM;
	for (uint8_t i = 0; i < n; i++) {
		memcpy(bytes, v[i].bytes, sizeof(bytes));
		gfshare_ctx_dec_giveshare(ctx, i, bytes);
	}
	sodium_memzero(bytes, sizeof(bytes));
	gfshare_ctx_dec_extract(ctx, private);
	gfshare_ctx_free(ctx);

	seal_public(of, private);
	if (sodium_memcmp(of, public, SEAL_KEY)) {
		sodium_memzero(private, SEAL_KEY);
		return EKEYREJECTED;
	}

	return 0;
}


/* ---- words --------------------------------------------------------------- */

static void payload(uint8_t bytes[BYTES], const struct recovery_share *share)
{
	uint8_t hash[crypto_generichash_BYTES];

	bytes[0] = share->need;
	bytes[1] = share->number;
	memcpy(bytes + 2, share->bytes, SEAL_KEY);
	(void)crypto_generichash(hash, sizeof(hash), bytes, PAYLOAD, NULL, 0);
	memcpy(bytes + PAYLOAD, hash, CHECK);
}


void recovery_hash(uint8_t hash[SEAL_KEY], const struct recovery_share *share)
{
	uint8_t bytes[BYTES];

	payload(bytes, share);
	(void)crypto_generichash(hash, SEAL_KEY, bytes, PAYLOAD, NULL, 0);
	sodium_memzero(bytes, sizeof(bytes));
}


/* BITS bits from this one on; zeros after the end */
static unsigned bits_at(const uint8_t bytes[BYTES], unsigned bit)
{
	unsigned v = 0;

	for (unsigned i = bit; i < bit + BITS; i++) {
		v <<= 1;
		if (i < BYTES * 8)
			v |= bytes[i / 8] >> (7 - i % 8) & 1;
	}

	return v;
}


void recovery_words(char text[RECOVERY_TEXT],
		    const struct recovery_share *share)
{
	uint8_t bytes[BYTES];
	char *p = text;

	payload(bytes, share);
	for (unsigned i = 0; i < RECOVERY_WORDS; i++) {
		if (i)
			*p++ = ' ';
		p = stpcpy(p, words_list[bits_at(bytes, i * BITS)]);
	}
	sodium_memzero(bytes, sizeof(bytes));
}


/* a whole word, or its first letters if these are enough; its place, -1 */
static int find(const char word[LONGEST + 1])
{
	const size_t n = strlen(word);

	for (int i = 0; i < WORDS_LIST; i++) {
		if (!strcmp(words_list[i], word) ||
		    (n >= LETTERS && !strncmp(words_list[i], word, n)))
			return i;
	}

	return -1;
}


/* the next run of letters, in small ones; false at the end */
static bool next_word(char word[LONGEST + 1], const char **textp)
{
	const char *p = *textp;
	size_t n = 0;

	while (*p && !isalpha((unsigned char)*p))
		++p;
	for (; isalpha((unsigned char)*p); ++p) {
		/* longer than any word: then it is none */
		if (n < LONGEST)
			word[n++] = (char)tolower((unsigned char)*p);
		else
			word[0] = '?';
	}
	word[n] = '\0';
	*textp = p;

	return n > 0;
}


static int unpack(struct recovery_share *share, const uint8_t bytes[BYTES])
{
	uint8_t again[BYTES];
	int err = 0;

	share->need = bytes[0];
	share->number = bytes[1];
	memcpy(share->bytes, bytes + 2, SEAL_KEY);
	payload(again, share);
	if (sodium_memcmp(again, bytes, BYTES)) {
		sodium_memzero(share, sizeof(*share));
		err = EBADMSG;
	}
	sodium_memzero(again, sizeof(again));

	return err;
}


int recovery_read(struct recovery_share *share, const char *text,
		  unsigned *wrong)
{
	uint8_t bytes[BYTES + 2] = {0};
	char word[LONGEST + 1];
	unsigned n = 0;
	int err = 0;

	if (!share || !text)
		return EINVAL;
	if (wrong)
		*wrong = 0;

	while (!err && next_word(word, &text)) {
		const int place = find(word);

		if (place < 0 && wrong)
			*wrong = n + 1;
		if (place < 0 || n >= RECOVERY_WORDS) {
			err = EINVAL;
			break;
		}
		for (unsigned b = 0; b < BITS; b++) {
			const unsigned at = n * BITS + b;

			bytes[at / 8] |= (uint8_t)(
				(place >> (BITS - 1 - b) & 1)
				<< (7 - at % 8));
		}
		++n;
	}
	if (!err && n != RECOVERY_WORDS)
		err = EINVAL;
	if (!err)
		err = bytes[BYTES] || bytes[BYTES + 1]
			      ? EBADMSG : unpack(share, bytes);
	sodium_memzero(bytes, sizeof(bytes));
	sodium_memzero(word, sizeof(word));

	return err;
}
