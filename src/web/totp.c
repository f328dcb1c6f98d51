/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * totp.c  One-time codes, made by liboath. Must not know who they are for.
 */
#include <ctype.h>
#include <errno.h>
#include <liboath/oath.h>
#include <re.h>
#include <sodium.h>
#include <stdlib.h>

#include "totp.h"


enum { WINDOW = 1 }; /* steps that a clock may be off */


int totp_secret(struct secret_text *secret)
{
	uint8_t bytes[TOTP_SECRET];
	size_t n = 0;
	char *text;
	int rc;

	randombytes_buf(bytes, sizeof(bytes));
	rc = oath_base32_encode((const char *)bytes, sizeof(bytes), &text, &n);
	sodium_memzero(bytes, sizeof(bytes));
	if (rc != OATH_OK)
		return ENOMEM;

	rc = secret_set(secret, text, n);
	sodium_memzero(text, n);
	free(text);

	return rc;
}


/* RFC 3986, 2.3: libre's own escapes leave characters that apps trip over */
static int escaped(struct re_printf *pf, const char *text)
{
	int err = 0;

	for (; *text && !err; text++) {
		const unsigned char c = (unsigned char)*text;

		if (c < 0x80 && (isalnum(c) || strchr("-._~", c)))
			err = pf->vph(text, 1, pf->arg);
		else
			err = re_hprintf(pf, "%%%02X", c);
	}

	return err;
}


int totp_uri(char *text, const char *hotline, const char *name,
	     const struct secret_text *secret)
{
	int n;

	n = re_snprintf(text, TOTP_URI,
			"otpauth://totp/%H:%H?secret=%s&issuer=%H",
			escaped, hotline, escaped, name,
			secret_reveal(secret), escaped, hotline);

	return n < 0 || n >= TOTP_URI - 1 ? EOVERFLOW : 0;
}


/* 0: it is this step's code */
static int compare(const char *key, size_t n, int64_t counter,
		   const char *code)
{
	char good[TOTP_DIGITS + 1];
	int differs;

	if (oath_hotp_generate(key, n, (uint64_t)counter, TOTP_DIGITS, false,
			       OATH_HOTP_DYNAMIC_TRUNCATION, good) != OATH_OK)
		return ENOMEM;
	differs = sodium_memcmp(good, code, TOTP_DIGITS);
	sodium_memzero(good, sizeof(good));

	return differs ? EACCES : 0;
}


static int window_check(const char *key, size_t n, const char *code,
			int64_t last, int64_t now, int64_t *counterp)
{
	int err = EACCES;

	for (int64_t c = now - WINDOW; c <= now + WINDOW; c++) {
		if (c <= last)
			continue;
		err = compare(key, n, c, code);
		if (!err)
			*counterp = c;
		if (err != EACCES)
			break;
	}

	return err;
}


int totp_check(const struct secret_text *secret, const char *code,
	       int64_t last, int64_t now_s, int64_t *counterp)
{
	const char *text = secret_reveal(secret);
	char *key;
	size_t n;
	int err;

	if (strlen(code) != TOTP_DIGITS || !text[0])
		return EACCES;
	if (oath_base32_decode(text, strlen(text), &key, &n) != OATH_OK)
		return ENOMEM;

	err = window_check(key, n, code, last, now_s / TOTP_STEP_S, counterp);
	sodium_memzero(key, n);
	free(key);

	return err;
}
