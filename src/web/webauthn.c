/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * webauthn.c  What security keys say, checked by libfido2. Must not know who
 * they belong to, nor which challenges were given out.
 */
#include <arpa/inet.h>
#include <cbor.h>
#include <errno.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <jansson.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "modest.h"
#include "webauthn.h"


enum {
	HOST_HASH = crypto_hash_sha256_BYTES, /* authData begins with it */
	DATA_LEAST = HOST_HASH + 1 + 4,       /* flags, count */
	FORMAT = 16,
};

const int32_t webauthn_algorithms[WEBAUTHN_ALGORITHMS] = {
	COSE_ES256, COSE_EDDSA, COSE_RS256,
};


static bool is_address(const char *host)
{
	struct in_addr v4;

	return host[0] == '[' || inet_pton(AF_INET, host, &v4) == 1;
}


void webauthn_site(struct webauthn_site *site, const char *origin)
{
	const char *host = strstr(origin, "://");
	size_t n;

	memset(site, 0, sizeof(*site));
	site->origin = origin;
	host = host ? host + 3 : "";
	n = host[0] == '[' ? 1 : strcspn(host, ":/");
	if (n < sizeof(site->host))
		memcpy(site->host, host, n);
	if (is_address(site->host))
		site->host[0] = '\0';
}


/* ---- what the browser says ---- */

static bool member_is(const json_t *client, const char *name,
		      const char *expected)
{
	const char *text = json_string_value(json_object_get(client, name));

	return text && strcmp(text, expected) == 0;
}


static int challenge_read(uint8_t challenge[WEBAUTHN_CHALLENGE],
			  const json_t *client)
{
	const char *text = json_string_value(json_object_get(client,
							     "challenge"));
	size_t n;

	if (!text || sodium_base642bin(challenge, WEBAUTHN_CHALLENGE, text,
				       strlen(text), NULL, &n, NULL,
				       sodium_base64_VARIANT_URLSAFE_NO_PADDING)
	    || n != WEBAUTHN_CHALLENGE)
		return EPROTO;

	return 0;
}


int webauthn_client(uint8_t challenge[WEBAUTHN_CHALLENGE],
		    const struct webauthn_site *site, enum webauthn_act act,
		    const struct webauthn_bytes *bytes)
{
	static const char *const types[] = {
		[WEBAUTHN_CREATE] = "webauthn.create",
		[WEBAUTHN_GET] = "webauthn.get",
	};
	json_t *client;
	int err;

	client = json_loadb((const char *)bytes->p, bytes->n,
			    JSON_REJECT_DUPLICATES, NULL);
	err = challenge_read(challenge, client);
	if (!err && (!member_is(client, "type", types[act]) ||
		     !member_is(client, "origin", site->origin) ||
		     json_is_true(json_object_get(client, "crossOrigin")) ||
		     json_object_get(client, "topOrigin")))
		err = EACCES;
	json_decref(client);

	return err;
}


/* ---- what the key says ---- */

static int errno_of(int rc)
{
	if (rc == FIDO_OK)
		return 0;

	return rc == FIDO_ERR_INTERNAL ? ENOMEM : EACCES;
}


static bool is_for_host(const unsigned char *data, size_t n, const char *host)
{
	unsigned char hash[HOST_HASH];

	(void)crypto_hash_sha256(hash, (const unsigned char *)host,
				 strlen(host));

	return host[0] && n >= DATA_LEAST &&
	       sodium_memcmp(data, hash, sizeof(hash)) == 0;
}


/* ---- a key is made known ---- */

static int format_take(fido_cred_t *cred, const cbor_item_t *value)
{
	char format[FORMAT] = "";
	size_t n;

	if (!cbor_isa_string(value) || !cbor_string_is_definite(value))
		return EPROTO;
	n = cbor_string_length(value);
	if (!n || n >= sizeof(format))
		return EPROTO;
	memcpy(format, cbor_string_handle(value), n);

	return fido_cred_set_fmt(cred, format) == FIDO_OK ? 0 : EPROTO;
}


static int data_take(fido_cred_t *cred, const cbor_item_t *value)
{
	if (!cbor_isa_bytestring(value) ||
	    !cbor_bytestring_is_definite(value) ||
	    !modest_data(cbor_bytestring_handle(value),
			    cbor_bytestring_length(value)))
		return EPROTO;

	return fido_cred_set_authdata_raw(cred, cbor_bytestring_handle(value),
					  cbor_bytestring_length(value)) ==
			       FIDO_OK ? 0 : EPROTO;
}


static int statement_take(fido_cred_t *cred, const cbor_item_t *value)
{
	unsigned char *bytes;
	size_t size, n;
	int rc;

	if (!cbor_isa_map(value))
		return EPROTO;
	if (cbor_map_size(value) == 0)
		return 0; /* format "none" */
	n = cbor_serialize_alloc(value, &bytes, &size);
	if (!n)
		return ENOMEM;
	rc = fido_cred_set_attstmt(cred, bytes, n);
	free(bytes);

	return rc == FIDO_OK ? 0 : EPROTO;
}


static int pair_take(fido_cred_t *cred, const struct cbor_pair *pair)
{
	static const struct {
		const char *name;
		int (*take)(fido_cred_t *cred, const cbor_item_t *value);
	} members[] = {
		{"fmt", format_take}, {"authData", data_take},
		{"attStmt", statement_take},
	};

	if (!cbor_isa_string(pair->key) ||
	    !cbor_string_is_definite(pair->key))
		return EPROTO;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const size_t n = strlen(members[i].name);

		if (cbor_string_length(pair->key) == n &&
		    memcmp(cbor_string_handle(pair->key), members[i].name,
			   n) == 0)
			return members[i].take(cred, pair->value);
	}

	return 0;
}


static int object_take(fido_cred_t *cred, const cbor_item_t *object)
{
	const struct cbor_pair *pairs;
	int err = 0;

	if (!cbor_isa_map(object) || !cbor_map_is_definite(object))
		return EPROTO;
	pairs = cbor_map_handle(object);
	for (size_t i = 0; !err && i < cbor_map_size(object); i++)
		err = pair_take(cred, &pairs[i]);

	return err;
}


/* libfido2 must be told the algorithm before it reads a key */
static int cred_read(fido_cred_t **credp, int32_t algorithm, const char *host,
		     const struct webauthn_bytes *client,
		     const cbor_item_t *object)
{
	fido_cred_t *cred = fido_cred_new();
	int err;

	if (!cred)
		return ENOMEM;
	err = fido_cred_set_type(cred, algorithm) != FIDO_OK ||
			      fido_cred_set_rp(cred, host, NULL) != FIDO_OK ||
			      fido_cred_set_clientdata(cred, client->p,
						       client->n) != FIDO_OK
		      ? ENOMEM
		      : object_take(cred, object);
	if (!err && (!fido_cred_fmt(cred) || !fido_cred_id_ptr(cred) ||
		     !fido_cred_pubkey_ptr(cred)))
		err = EPROTO;
	if (err)
		fido_cred_free(&cred);
	else
		*credp = cred;

	return err;
}


static int cred_find(fido_cred_t **credp, const char *host,
		     const struct webauthn_bytes *client,
		     const struct webauthn_bytes *bytes)
{
	struct cbor_load_result result;
	cbor_item_t *object;
	int err = EPROTO;

	if (!modest_cbor(bytes->p, bytes->n))
		return EPROTO;
	object = cbor_load(bytes->p, bytes->n, &result);
	if (!object)
		return result.error.code == CBOR_ERR_MEMERROR ? ENOMEM
							      : EPROTO;
	for (size_t i = 0; result.read == bytes->n && err == EPROTO &&
			   i < WEBAUTHN_ALGORITHMS; i++)
		err = cred_read(credp, webauthn_algorithms[i], host, client,
				object);
	cbor_decref(&object);

	return err;
}


static int cred_check(const fido_cred_t *cred, const char *host)
{
	if (!is_for_host(fido_cred_authdata_raw_ptr(cred),
			 fido_cred_authdata_raw_len(cred), host) ||
	    !(fido_cred_flags(cred) & CTAP_AUTHDATA_USER_PRESENT))
		return EACCES;
	if (strcmp(fido_cred_fmt(cred), "none") == 0)
		return 0;

	return errno_of(fido_cred_x5c_ptr(cred) ? fido_cred_verify(cred)
						: fido_cred_verify_self(cred));
}


static int bytes_copy(uint8_t *to, size_t size, size_t *np,
		      const unsigned char *from, size_t n)
{
	if (!n || n > size)
		return EPROTO;
	memcpy(to, from, n);
	*np = n;

	return 0;
}


/* ---- public keys, each in libfido2's own shape ---- */

union public {
	es256_pk_t *es256;
	eddsa_pk_t *eddsa;
	rs256_pk_t *rs256;
	void *any;
};


static int es256_read(union public *key, const uint8_t *p, size_t n)
{
	key->es256 = es256_pk_new();

	return key->es256 ? es256_pk_from_ptr(key->es256, p, n)
			  : FIDO_ERR_INTERNAL;
}


static void es256_free(union public *key)
{
	es256_pk_free(&key->es256);
}


static int eddsa_read(union public *key, const uint8_t *p, size_t n)
{
	key->eddsa = eddsa_pk_new();

	return key->eddsa ? eddsa_pk_from_ptr(key->eddsa, p, n)
			  : FIDO_ERR_INTERNAL;
}


static void eddsa_free(union public *key)
{
	eddsa_pk_free(&key->eddsa);
}


static int rs256_read(union public *key, const uint8_t *p, size_t n)
{
	key->rs256 = rs256_pk_new();

	return key->rs256 ? rs256_pk_from_ptr(key->rs256, p, n)
			  : FIDO_ERR_INTERNAL;
}


static void rs256_free(union public *key)
{
	rs256_pk_free(&key->rs256);
}


static const struct kind {
	int32_t algorithm;
	int (*read)(union public *key, const uint8_t *p, size_t n);
	void (*free)(union public *key);
} kinds[] = {
	{COSE_ES256, es256_read, es256_free},
	{COSE_EDDSA, eddsa_read, eddsa_free},
	{COSE_RS256, rs256_read, rs256_free},
};


static const struct kind *kind_of(int32_t algorithm)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].algorithm == algorithm)
			return &kinds[i];
	}

	return NULL;
}


/* a point that is not on the curve, for example, is none */
static int public_check(const struct store_credential *c)
{
	const struct kind *kind = kind_of(c->algorithm);
	union public key = {.any = NULL};
	int rc;

	if (!kind)
		return EPROTO;
	rc = kind->read(&key, c->public, c->n_public);
	kind->free(&key);

	return errno_of(rc);
}


int webauthn_attest(struct store_credential *c,
		    const struct webauthn_site *site,
		    const struct webauthn_bytes *client,
		    const struct webauthn_bytes *object)
{
	fido_cred_t *cred;
	int err;

	err = cred_find(&cred, site->host, client, object);
	if (err)
		return err;
	err = cred_check(cred, site->host);
	if (!err)
		err = bytes_copy(c->key_id, sizeof(c->key_id), &c->n_key_id,
				 fido_cred_id_ptr(cred),
				 fido_cred_id_len(cred));
	if (!err)
		err = bytes_copy(c->public, sizeof(c->public), &c->n_public,
				 fido_cred_pubkey_ptr(cred),
				 fido_cred_pubkey_len(cred));
	c->algorithm = fido_cred_type(cred);
	c->sign_count = fido_cred_sigcount(cred);
	fido_cred_free(&cred);

	return err ? err : public_check(c);
}


/* the signature is looked at once all that it is about is there */
static int assert_fill(fido_assert_t *a, const char *host,
		       const struct webauthn_bytes *client,
		       const struct webauthn_bytes *data,
		       const struct webauthn_bytes *signature)
{
	if (!is_for_host(data->p, data->n, host))
		return EACCES;
	if (!modest_data(data->p, data->n))
		return EPROTO;
	if (fido_assert_set_rp(a, host) != FIDO_OK ||
	    fido_assert_set_up(a, FIDO_OPT_TRUE) != FIDO_OK ||
	    fido_assert_set_clientdata(a, client->p, client->n) != FIDO_OK ||
	    fido_assert_set_count(a, 1) != FIDO_OK)
		return ENOMEM;
	if (fido_assert_set_authdata_raw(a, 0, data->p, data->n) != FIDO_OK ||
	    fido_assert_set_sig(a, 0, signature->p, signature->n) != FIDO_OK)
		return EPROTO;

	return 0;
}


int webauthn_assert(uint32_t *sign_count, const struct store_credential *c,
		    const struct webauthn_site *site,
		    const struct webauthn_bytes *client,
		    const struct webauthn_bytes *data,
		    const struct webauthn_bytes *signature)
{
	const struct kind *kind = kind_of(c->algorithm);
	union public key = {.any = NULL};
	fido_assert_t *a;
	int err;

	if (!kind)
		return EPROTO;
	a = fido_assert_new();
	if (!a)
		return ENOMEM;
	err = assert_fill(a, site->host, client, data, signature);
	if (!err)
		err = errno_of(kind->read(&key, c->public, c->n_public));
	if (!err)
		err = errno_of(fido_assert_verify(a, 0, c->algorithm,
						  key.any));
	if (!err)
		*sign_count = fido_assert_sigcount(a, 0);
	kind->free(&key);
	fido_assert_free(&a);

	return err;
}
