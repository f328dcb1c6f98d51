/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * fingerprint.c  Finds a certificate in a PEM file (RFC 7468). Must not read a
 * key, nor look into the certificate: whoever checks it does.
 */
#include <errno.h>
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "fingerprint.h"


enum { MOST = 65536, SEQUENCE = 0x30 };

static const char begins[] = "-----BEGIN CERTIFICATE-----";
static const char ends[] = "-----END CERTIFICATE-----";


static int text_read(char *text, size_t size, const char *file)
{
	FILE *f = fopen(file, "re");
	size_t n;
	int err;

	if (!f)
		return errno;
	n = fread(text, 1, size - 1, f);
	err = ferror(f) ? EIO : !feof(f) ? ENOTSUP : 0;
	(void)fclose(f);
	text[n] = '\0';

	return err;
}


static int text_digest(char *hex, size_t size, const char *text)
{
	uint8_t der[MOST], md[crypto_hash_sha256_BYTES];
	const char *from = strstr(text, begins);
	const char *to = from ? strstr(from, ends) : NULL;
	size_t n;

	if (!to)
		return ENOTSUP;
	from += sizeof(begins) - 1;
	if (sodium_base642bin(der, sizeof(der), from, (size_t)(to - from),
			      " \t\r\n", &n, NULL,
			      sodium_base64_VARIANT_ORIGINAL) ||
	    !n || der[0] != SEQUENCE)
		return ENOTSUP;
	(void)crypto_hash_sha256(md, der, n);
	(void)sodium_bin2hex(hex, size, md, sizeof(md));

	return 0;
}


int fingerprint_file(char *hex, size_t size, const char *file)
{
	char text[MOST];
	int err;

	if (size < FINGERPRINT_HEX)
		return EINVAL;
	err = text_read(text, sizeof(text), file);

	return err ? err : text_digest(hex, size, text);
}
