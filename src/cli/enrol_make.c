/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * enrol_make.c  Makes up accounts of telephones. Must not print or store them.
 */
#include <sodium.h>

#include "line/digest.h"
#include "line/nonce.h"
#include "enrol.h"


/* nobody mistakes one for another, also on the display of a telephone */
static void random_text(char *text, size_t size)
{
	static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";

	for (size_t i = 0; i + 1 < size; i++)
		text[i] = alphabet[randombytes_uniform(sizeof(alphabet) - 1)];
	text[size - 1] = '\0';
}


static int ha1_make(uint8_t *ha1, size_t size, enum digest_alg alg,
		    const struct store_phone *phone, const char *secret)
{
	char hex[DIGEST_HEX];
	struct pl user, realm, pass;
	int err;

	pl_set_str(&user, phone->user);
	pl_set_str(&realm, NONCE_REALM);
	pl_set_str(&pass, secret);
	err = digest_ha1(hex, alg, &user, &realm, &pass);
	if (!err && sodium_hex2bin(ha1, size, hex, 2 * size, NULL, NULL, NULL))
		err = EINVAL;
	sodium_memzero(hex, sizeof(hex));

	return err;
}


int enrol_make(struct store_phone *phone, char secret[ENROL_SECRET], bool md5)
{
	char name[9];

	random_text(name, sizeof(name));
	random_text(secret, ENROL_SECRET);
	if (re_snprintf(phone->user, sizeof(phone->user), "phone-%s", name) < 0)
		return ENAMETOOLONG;

	return md5 ? ha1_make(phone->md5, sizeof(phone->md5), DIGEST_MD5,
			      phone, secret)
		   : ha1_make(phone->sha256, sizeof(phone->sha256),
			      DIGEST_SHA256, phone, secret);
}
