/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * authenticator.c  A security key made of OpenSSL, and CBOR written by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "authenticator.h"

enum { ES256 = -7, EDDSA = -8, RS256 = -257, PART = 256 };


static void put(struct answer *a, const void *p, size_t n)
{
	assert_true(a->n_data + n <= sizeof(a->data));
	memcpy(a->data + a->n_data, p, n);
	a->n_data += n;
}


/* a CBOR head (RFC 8949, 3): major type, and a number below 2^16 */
static void head(struct answer *a, unsigned major, size_t n)
{
	const uint8_t first = (uint8_t)(major << 5);
	const uint8_t small[] = {(uint8_t)(first | n)};
	const uint8_t wide[] = {first | 25, (uint8_t)(n >> 8), (uint8_t)n};
	const uint8_t mid[] = {first | 24, (uint8_t)n};

	if (n < 24)
		put(a, small, sizeof(small));
	else if (n < 256)
		put(a, mid, sizeof(mid));
	else
		put(a, wide, sizeof(wide));
}


static void number(struct answer *a, int v)
{
	head(a, v < 0 ? 1 : 0, (size_t)(v < 0 ? -1 - v : v));
}


static void bytes(struct answer *a, const void *p, size_t n)
{
	head(a, 2, n);
	put(a, p, n);
}


static void text(struct answer *a, const char *s)
{
	head(a, 3, strlen(s));
	put(a, s, strlen(s));
}


/* a number of the key, as so many bytes */
static void part(struct answer *a, EVP_PKEY *key, const char *name, size_t n)
{
	uint8_t v[PART];
	BIGNUM *bn = NULL;

	assert_int_equal(EVP_PKEY_get_bn_param(key, name, &bn), 1);
	assert_int_equal(BN_bn2binpad(bn, v, (int)n), (int)n);
	BN_free(bn);
	bytes(a, v, n);
}


static void es256_put(struct answer *a, EVP_PKEY *key)
{
	head(a, 5, 5);
	number(a, 1), number(a, 2);
	number(a, 3), number(a, ES256);
	number(a, -1), number(a, 1);
	number(a, -2), part(a, key, OSSL_PKEY_PARAM_EC_PUB_X, 32);
	number(a, -3), part(a, key, OSSL_PKEY_PARAM_EC_PUB_Y, 32);
}


static void eddsa_put(struct answer *a, EVP_PKEY *key)
{
	uint8_t v[32];
	size_t n = sizeof(v);

	assert_int_equal(EVP_PKEY_get_raw_public_key(key, v, &n), 1);
	head(a, 5, 4);
	number(a, 1), number(a, 1);
	number(a, 3), number(a, EDDSA);
	number(a, -1), number(a, 6);
	number(a, -2), bytes(a, v, n);
}


static void rs256_put(struct answer *a, EVP_PKEY *key)
{
	head(a, 5, 4);
	number(a, 1), number(a, 3);
	number(a, 3), number(a, RS256);
	number(a, -1), part(a, key, OSSL_PKEY_PARAM_RSA_N, 256);
	number(a, -2), part(a, key, OSSL_PKEY_PARAM_RSA_E, 3);
}


static EVP_PKEY *es256_make(void)
{
	return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
}


static EVP_PKEY *eddsa_make(void)
{
	return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}


static EVP_PKEY *rs256_make(void)
{
	return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
}


static const struct {
	int algorithm;
	EVP_PKEY *(*make)(void);
	void (*put)(struct answer *a, EVP_PKEY *key);
	bool hashes;
} kinds[] = {
	{ES256, es256_make, es256_put, true},
	{EDDSA, eddsa_make, eddsa_put, false},
	{RS256, rs256_make, rs256_put, true},
};


static size_t kind_of(int algorithm)
{
	size_t i = 0;

	while (kinds[i].algorithm != algorithm)
		++i;

	return i;
}


struct authenticator authenticator_new(int algorithm, const char *origin,
				       const char *host)
{
	struct authenticator a = {
		.algorithm = algorithm, .counts = true, .count = 1,
		.flags = FLAG_PRESENT, .origin = origin, .host = host,
		.more = ",\"crossOrigin\":false",
	};

	a.key = kinds[kind_of(algorithm)].make();
	assert_non_null(a.key);
	randombytes_buf(a.id, sizeof(a.id));

	return a;
}


void authenticator_break(struct authenticator *a)
{
	EVP_PKEY_free(a->key);
	a->key = NULL;
}


static void client_write(const struct authenticator *a, const char *type,
			 const char *challenge, struct answer *answer)
{
	const int n = snprintf(answer->client, sizeof(answer->client),
			       "{\"type\":\"%s\",\"challenge\":\"%s\","
			       "\"origin\":\"%s\"%s}", type, challenge,
			       a->origin, a->more);

	assert_true(n > 0 && (size_t)n < sizeof(answer->client));
	answer->n_client = (size_t)n;
}


/* authenticatorData, up to the credential */
static void data_begin(struct authenticator *a, uint8_t flags,
		       struct answer *answer)
{
	const uint8_t count[] = {(uint8_t)(a->count >> 24),
				 (uint8_t)(a->count >> 16),
				 (uint8_t)(a->count >> 8), (uint8_t)a->count};
	uint8_t hash[crypto_hash_sha256_BYTES];

	(void)crypto_hash_sha256(hash, (const uint8_t *)a->host,
				 strlen(a->host));
	put(answer, hash, sizeof(hash));
	put(answer, &flags, 1);
	put(answer, count, sizeof(count));
	if (a->counts)
		++a->count;
}


static void sign(const struct authenticator *a, const uint8_t *data, size_t n,
		 struct answer *answer)
{
	const EVP_MD *md = kinds[kind_of(a->algorithm)].hashes ? EVP_sha256()
							       : NULL;
	uint8_t all[AUTHENTICATOR_ROOM + crypto_hash_sha256_BYTES];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	memcpy(all, data, n);
	(void)crypto_hash_sha256(all + n, (const uint8_t *)answer->client,
				 answer->n_client);
	answer->n_signature = sizeof(answer->signature);
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, md, NULL, a->key), 1);
	assert_int_equal(EVP_DigestSign(ctx, answer->signature,
					&answer->n_signature, all,
					n + crypto_hash_sha256_BYTES), 1);
	EVP_MD_CTX_free(ctx);
}


static void statement_put(const struct authenticator *a,
			  const struct answer *data, struct answer *answer)
{
	text(answer, "fmt");
	text(answer, a->attests ? "packed" : "none");
	text(answer, "attStmt");
	head(answer, 5, a->attests ? 2 : 0);
	if (!a->attests)
		return;
	sign(a, data->data, data->n_data, answer);
	text(answer, "alg"), number(answer, a->algorithm);
	text(answer, "sig");
	bytes(answer, answer->signature, answer->n_signature);
}


void authenticator_create(struct authenticator *a, const char *challenge,
			  struct answer *answer)
{
	static const uint8_t aaguid[16];
	const uint8_t n_id[] = {0, AUTHENTICATOR_ID};
	struct answer data = {.n_data = 0};

	memset(answer, 0, sizeof(*answer));
	client_write(a, "webauthn.create", challenge, answer);
	data_begin(a, a->flags | FLAG_CREDENTIAL, &data);
	put(&data, aaguid, sizeof(aaguid));
	put(&data, n_id, sizeof(n_id));
	put(&data, a->id, sizeof(a->id));
	kinds[kind_of(a->algorithm)].put(&data, a->key);

	head(answer, 5, 3);
	statement_put(a, &data, answer);
	text(answer, "authData");
	bytes(answer, data.data, data.n_data);
}


void authenticator_get(struct authenticator *a, const char *challenge,
		       struct answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	client_write(a, "webauthn.get", challenge, answer);
	data_begin(a, a->flags, answer);
	sign(a, answer->data, answer->n_data, answer);
}
