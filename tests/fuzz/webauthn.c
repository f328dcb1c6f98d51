/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * webauthn.c  What a browser says of a security key, and CBOR of strangers.
 */
#include <stdbool.h>
#include <jansson.h>

#include "fuzz.h"
#include "store/credential.h"
#include "web/modest.h"
#include "web/webauthn.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct food f = {data, n};
	const struct food a = food_piece(&f), b = food_piece(&f);
	const struct webauthn_bytes client = {a.p, a.n}, object = {b.p, b.n},
				    rest = {f.p, f.n};
	uint8_t challenge[WEBAUTHN_CHALLENGE];
	struct store_credential c = {0};
	struct webauthn_site site;
	uint32_t count;

	(void)modest_cbor(data, n);
	(void)modest_data(data, n);
	webauthn_site(&site, "https://line.example");
	(void)webauthn_client(challenge, &site, WEBAUTHN_CREATE, &client);
	(void)webauthn_attest(&c, &site, &client, &object);
	(void)webauthn_assert(&count, &c, &site, &client, &object, &rest);

	return 0;
}
