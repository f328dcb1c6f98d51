/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file challenge.h  What security keys were asked to sign
 *
 * A challenge is good once, for the person and the purpose that it was made
 * for, and for two minutes. A few of each person are kept: whoever asks for
 * more loses their own older ones and nobody else's, until the table is full.
 */
#ifndef RINGBACK_WEB_CHALLENGE_H
#define RINGBACK_WEB_CHALLENGE_H

#include <stdint.h>

#include "webauthn.h"

enum {
	CHALLENGES = 256,      /**< at one time                             */
	CHALLENGES_OF_ONE = 4, /**< of one person                           */
	CHALLENGE_MS = 120000, /**< as long it is good                      */
};

/** What for, and by whom. */
struct challenge_bond {
	enum webauthn_act act;
	uint32_t person;
	uint64_t session; /**< that asked for it; 0 at signing in           */
};

struct challenge {
	struct challenge_bond bond; /**< person 0: the place is free        */
	uint8_t bytes[WEBAUTHN_CHALLENGE];
	uint64_t made_ms;
};

/** Begin with all zero. */
struct challenges {
	struct challenge v[CHALLENGES];
};

/** A new one; now_ms: of any clock that does not go back. */
void challenge_make(struct challenges *c, const struct challenge_bond *bond,
		    uint64_t now_ms, uint8_t bytes[WEBAUTHN_CHALLENGE]);

/** It came back: it is gone now, good or not. @return 0; ENOENT there is none,
 *  it is for something else, or too old */
int challenge_take(struct challenges *c, const struct challenge_bond *bond,
		   uint64_t now_ms, const uint8_t bytes[WEBAUTHN_CHALLENGE]);

#endif
