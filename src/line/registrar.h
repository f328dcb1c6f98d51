/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file registrar.h  Telephones of counsellors that register with us (RFC 3261,
 * 10.3; digest RFC 8760)
 *
 * Each account is a person's, and may be at STORE_PLACES places. A telephone is
 * rung where its REGISTER came from, and through the connection that it came
 * by. What is registered outlives a restart of the line, as far as the way
 * there does. Who guesses is slowed down, by name and by address; nobody learns
 * which names there are.
 */
#ifndef RINGBACK_REGISTRAR_H
#define RINGBACK_REGISTRAR_H

#include <re.h>

#include "store/store.h"

struct registrar;

/** A person's telephone is registered now, or is not any more. */
typedef void(registrar_changed_h)(uint32_t person, void *arg);

/** @param rp new; sip, store: borrow */
int registrar_alloc(struct registrar **rp, struct sip *sip,
		    struct store *store);

/** One handler is told of changes from now on; NULL: nobody is. */
void registrar_on_change(struct registrar *r, registrar_changed_h *h,
			 void *arg);

/** Take over what the store says of accounts; the first time, also where they
 *  were. */
int registrar_load(struct registrar *r);

/** Answer a REGISTER that message_check() found sound. */
void registrar_request(struct registrar *r, const struct sip_msg *msg);

/** Has a person a telephone that registers, whether it has or not? */
bool registrar_knows(const struct registrar *r, uint32_t person);

/** Is a person's telephone registered? r may be NULL: nobody's is. */
bool registrar_has(const struct registrar *r, uint32_t person);

/** Is any telephone registered from this address, whatever its port? */
bool registrar_is_at(const struct registrar *r, const struct sa *addr);

/**
 * Where to ring a person
 *
 * @param uri To be wiped; at most n
 *
 * @return how many
 */
size_t registrar_places(const struct registrar *r, uint32_t person,
			struct secret_text *uri, size_t n);

#endif
