/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * siptls.c  Prepares TLS with OpenSSL: libre 1.1.0 reads certificate and key
 * from one file alone, and would speak TLS 1.0. Must not log a key.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <unistd.h>

#include "siptls.h"

#define LOG_MODULE "sip"
#include "base/log.h"


static int complain(const char *path, int err, const char *what)
{
	log_error("ringback.conf: sip_tls: %s %s: %s", what, path,
		  err == ENOTSUP ? "it is no PEM file, or does not fit the "
				  "other one"
				: strerror(err));
	ERR_clear_error();

	return err;
}


/* why a file of ours was not taken */
static int why(const char *path)
{
	return access(path, R_OK) ? errno : ENOTSUP;
}


static int files_read(SSL_CTX *ctx, const char *certificate, const char *key)
{
	if (SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1)
		return complain(certificate, why(certificate),
				"the certificate");
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		return complain(key, why(key), "the key");

	return 0;
}


static int versions_set(SSL_CTX *ctx)
{
	(void)SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);

	return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1
		       ? 0
		       : ENOTSUP;
}


int siptls_alloc(struct tls **tlsp, const char *certificate, const char *key)
{
	struct tls *tls;
	SSL_CTX *ctx;
	int err;

	err = tls_alloc(&tls, TLS_METHOD_SSLV23, NULL, NULL);
	if (err)
		return err;
	ctx = tls_openssl_context(tls);
	err = versions_set(ctx);
	if (!err)
		err = files_read(ctx, certificate, key);

	if (err)
		mem_deref(tls);
	else
		*tlsp = tls;

	return err;
}
