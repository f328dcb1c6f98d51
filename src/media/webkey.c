/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * webkey.c  Makes a key and a certificate with OpenSSL, since libre 1.1.0
 * makes RSA only. Must not write either to a disk.
 */
#include <errno.h>
#include <string.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <re.h>

#include "webkey.h"


enum { VALID_S = 365 * 86400, SKEW_S = 86400 };

/* what every browser that speaks WebRTC knows */
static const char *ciphers[] = {
	"ECDHE-ECDSA-AES128-GCM-SHA256",
	"ECDHE-ECDSA-CHACHA20-POLY1305",
	"ECDHE-ECDSA-AES256-GCM-SHA384",
};
static const char srtp_suites[] =
	"SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";


static void webkey_destructor(void *data)
{
	struct webkey *k = data;

	mem_deref(k->tls);
}


static bool certificate_fill(X509 *x, EVP_PKEY *key)
{
	X509_NAME *name = X509_get_subject_name(x);
	uint64_t serial = 0;

	/* browsers look at its fingerprint alone; the name says nothing */
	return RAND_bytes((unsigned char *)&serial, sizeof(serial)) == 1 &&
	       X509_set_version(x, X509_VERSION_3) &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1)
	       && X509_gmtime_adj(X509_getm_notBefore(x), -SKEW_S) &&
	       X509_gmtime_adj(X509_getm_notAfter(x), VALID_S) &&
	       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					  (const unsigned char *)"WebRTC", -1,
					  -1, 0) &&
	       X509_set_issuer_name(x, name) && X509_set_pubkey(x, key) &&
	       X509_sign(x, key, EVP_sha256()) > 0;
}


/* @param bio both, one after the other */
static bool pem_write(BIO *bio)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	bool ok;

	ok = key && x && certificate_fill(x, key) &&
	     PEM_write_bio_X509(bio, x) &&
	     PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	X509_free(x);
	EVP_PKEY_free(key);

	return ok;
}


static int certificate_set(struct tls *tls)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *pem = NULL;
	long n = 0;
	int err = ENOTSUP;

	if (!bio)
		return ENOMEM;
	if (pem_write(bio))
		n = BIO_get_mem_data(bio, &pem);
	if (n > 0) {
		err = tls_set_certificate(tls, pem, (size_t)n);
		OPENSSL_cleanse(pem, (size_t)n);
	}
	BIO_free(bio);

	return err;
}


static int fingerprint_write(struct webkey *k)
{
	uint8_t md[WEBKEY_SHA256];
	int err;

	err = tls_fingerprint(k->tls, TLS_FINGERPRINT_SHA256, md, sizeof(md));
	if (err)
		return err;
	for (unsigned i = 0; i < sizeof(md); i++)
		(void)re_snprintf(k->fingerprint + 3 * i, 4, "%02X%s", md[i],
				  i + 1 < sizeof(md) ? ":" : "");

	return 0;
}


static int context_tighten(struct tls *tls)
{
	SSL_CTX *ctx = tls_openssl_context(tls);

	/* what is not in one handshake is not needed: each leg has its own */
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);

	return SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION) == 1
		       ? 0 : ENOTSUP;
}


static int tls_new(struct webkey *k)
{
	int err;

	err = tls_alloc(&k->tls, TLS_METHOD_DTLS, NULL, NULL);
	if (err)
		return err;
	err = context_tighten(k->tls);
	if (!err)
		err = certificate_set(k->tls);
	if (!err)
		err = tls_set_ciphers(k->tls, ciphers, ARRAY_SIZE(ciphers));
	if (err)
		return err;
	tls_set_verify_client(k->tls);

	return tls_set_srtp(k->tls, srtp_suites);
}


int webkey_alloc(struct webkey **kp)
{
	struct webkey *k;
	int err;

	if (!kp)
		return EINVAL;
	k = mem_zalloc(sizeof(*k), webkey_destructor);
	if (!k)
		return ENOMEM;

	err = tls_new(k);
	if (!err)
		err = fingerprint_write(k);

	if (err)
		mem_deref(k);
	else
		*kp = k;

	return err;
}
