/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file authenticator.h  A security key, and the browser before it
 *
 * Says what a real one says (WebAuthn level 2, 6 and 5.8.1), and what one that
 * lies would say. To be included after cmocka.h.
 */
#ifndef RINGBACK_TEST_AUTHENTICATOR_H
#define RINGBACK_TEST_AUTHENTICATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	AUTHENTICATOR_ID = 20,
	AUTHENTICATOR_ROOM = 2048,
	FLAG_PRESENT = 0x01,
	FLAG_VERIFIED = 0x04,
	FLAG_CREDENTIAL = 0x40,
	FLAG_EXTENSIONS = 0x80,
};

/** Fields may be changed between two uses. */
struct authenticator {
	void *key;                    /**< EVP_PKEY                         */
	int algorithm;                /**< of COSE                          */
	uint8_t id[AUTHENTICATOR_ID];
	uint32_t count;               /**< says this one next               */
	bool counts;
	bool attests;                 /**< signs what it makes              */
	uint8_t flags;
	const char *origin, *host;    /**< of the page that asks            */
	const char *more;             /**< in what the browser says: ",..." */
};

/** What came of it. */
struct answer {
	char client[1024];
	size_t n_client;
	uint8_t data[AUTHENTICATOR_ROOM]; /**< attestationObject, or
						authenticatorData           */
	size_t n_data;
	uint8_t signature[512];
	size_t n_signature;
};

/** A new key at a page; authenticator_break() */
struct authenticator authenticator_new(int algorithm, const char *origin,
				       const char *host);
void authenticator_break(struct authenticator *a);

/** It makes itself known. challenge: as the page has it, base64url */
void authenticator_create(struct authenticator *a, const char *challenge,
			  struct answer *answer);

/** It answers. */
void authenticator_get(struct authenticator *a, const char *challenge,
		       struct answer *answer);

#endif
