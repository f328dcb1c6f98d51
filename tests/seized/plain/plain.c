/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * plain.c  Switches sealing off, to see that the seized test can fail. A
 * library that is put before libsodium (LD_PRELOAD): the programs are the ones
 * that are installed, but what seals merely copies. Everything has its usual
 * length and place. Must never be installed.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
	KEY = crypto_box_PUBLICKEYBYTES,
	TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	FRAME = crypto_secretstream_xchacha20poly1305_ABYTES,
};

static const unsigned char mark[TAG] = "not sealed      ";

static void said_loudly(void) __attribute__((constructor));


static void said_loudly(void)
{
	fputs("SEALING IS SWITCHED OFF: this is a test, nothing is kept "
	      "secret\n",
	      stderr);
}


/* whose it is, so that nobody else can open it; then what it holds */
int crypto_box_seal(unsigned char *c, const unsigned char *m,
		    unsigned long long n, const unsigned char *pk)
{
	memmove(c + crypto_box_SEALBYTES, m, n);
	memcpy(c, pk, KEY);
	memcpy(c + KEY, mark, TAG);

	return 0;
}


int crypto_box_seal_open(unsigned char *m, const unsigned char *c,
			 unsigned long long n, const unsigned char *pk,
			 const unsigned char *sk)
{
	(void)sk;
	if (n < crypto_box_SEALBYTES || memcmp(c, pk, KEY) != 0)
		return -1;
	memmove(m, c + crypto_box_SEALBYTES, n - crypto_box_SEALBYTES);

	return 0;
}


int crypto_aead_xchacha20poly1305_ietf_encrypt(
	unsigned char *c, unsigned long long *np, const unsigned char *m,
	unsigned long long n, const unsigned char *ad, unsigned long long n_ad,
	const unsigned char *nsec, const unsigned char *nonce,
	const unsigned char *key)
{
	(void)ad, (void)n_ad, (void)nsec, (void)nonce, (void)key;
	memmove(c, m, n);
	memcpy(c + n, mark, TAG);
	if (np)
		*np = n + TAG;

	return 0;
}


int crypto_aead_xchacha20poly1305_ietf_decrypt(
	unsigned char *m, unsigned long long *np, unsigned char *nsec,
	const unsigned char *c, unsigned long long n, const unsigned char *ad,
	unsigned long long n_ad, const unsigned char *nonce,
	const unsigned char *key)
{
	(void)nsec, (void)ad, (void)n_ad, (void)nonce, (void)key;
	if (n < TAG || memcmp(c + n - TAG, mark, TAG) != 0)
		return -1;
	memmove(m, c, n - TAG);
	if (np)
		*np = n - TAG;

	return 0;
}


int crypto_secretstream_xchacha20poly1305_push(
	crypto_secretstream_xchacha20poly1305_state *state, unsigned char *c,
	unsigned long long *np, const unsigned char *m, unsigned long long n,
	const unsigned char *ad, unsigned long long n_ad, unsigned char tag)
{
	(void)state, (void)ad, (void)n_ad;
	memmove(c + 1, m, n);
	c[0] = tag;
	memcpy(c + 1 + n, mark, TAG);
	if (np)
		*np = n + FRAME;

	return 0;
}


int crypto_secretstream_xchacha20poly1305_pull(
	crypto_secretstream_xchacha20poly1305_state *state, unsigned char *m,
	unsigned long long *np, unsigned char *tag, const unsigned char *c,
	unsigned long long n, const unsigned char *ad, unsigned long long n_ad)
{
	(void)state, (void)ad, (void)n_ad;
	if (n < FRAME || memcmp(c + n - TAG, mark, TAG) != 0)
		return -1;
	if (tag)
		*tag = c[0];
	memmove(m, c + 1, n - FRAME);
	if (np)
		*np = n - FRAME;

	return 0;
}
