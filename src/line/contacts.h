/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file contacts.h  What a REGISTER wants (RFC 3261, 10.3)
 */
#ifndef RINGBACK_CONTACTS_H
#define RINGBACK_CONTACTS_H

#include <re.h>

#include "store/phone.h"
#include "message.h"

enum {
	CONTACT_MIN_S = 60,
	CONTACT_MAX_S = 3600,
	CONTACT_FLOW_S = 120, /**< at most, by connection: whoever loses it
				   does not notice before                  */
};

/** One place (borrow from the message). */
struct contact {
	struct pl uri;
	uint32_t expires_s; /**< what it may have; 0: it is to be removed  */
};

struct contacts {
	struct contact v[STORE_PLACES];
	size_t n;   /**< 0 and not all: it only asks                       */
	bool all;   /**< "*": all are to be removed                        */
};

/**
 * Read a REGISTER that message_check() found sound
 *
 * @param fault Set on error
 *
 * @return 0; EBADMSG: 400, 403 more places than there are, 423 too short
 */
int contacts_read(struct contacts *c, const struct sip_msg *msg,
		  struct message_fault *fault);

/** Where a telephone is reached. */
struct contact_at {
	const char *uri;      /**< its Contact                             */
	const struct sa *addr; /**< instead of host and port; NULL: as it
				    says itself                            */
	enum store_transport transport;
};

/**
 * Make the URI by which it is rung: what it named itself, at the address that
 * it was seen at, so that it is reached behind NAT
 *
 * @return 0, EINVAL, ENAMETOOLONG
 */
int contact_target(struct secret_text *target, const struct contact_at *at);

/** Does the host of a Contact have this address? Then there is no NAT. */
bool contact_is_at(const char *uri, const struct sa *addr);

#endif
