/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file trunk.h  The peers that bring callers: by address, or by registering
 *
 * And through which callers are rung back.
 *
 * A static trunk is known by its network. With a registering trunk we keep a
 * REGISTER alive (RFC 3261, 10; digest RFC 8760); its callers come from the
 * address that answered, or prove themselves with the trunk's credentials.
 */
#ifndef RINGBACK_TRUNK_H
#define RINGBACK_TRUNK_H

#include <re.h>

#include "base/config.h"
#include "base/step.h"
#include "store/store.h"
#include "wire/wire.h"

struct trunks;

/** @param tp new */
int trunks_alloc(struct trunks **tp, struct sip *sip,
		 const struct step_trace *trace);

/**
 * Take over what the store says: new ones start, missing ones take their
 * registration back
 *
 * Trunks that did not change keep their registration.
 */
int trunks_load(struct trunks *t, struct store *store);

/**
 * What stands in a trunk's secret file, told by whoever may read it: used
 * when this process may not
 *
 * @return 0, ENOSPC told of LIMIT_TRUNK_SECRETS files already, ENOMEM
 */
int trunks_secret_told(struct trunks *t, const char *file,
		       const struct secret_text *secret);

/** Is this the address of one of them? */
bool trunks_has(const struct trunks *t, const struct sa *addr);

/**
 * The secret of a trunk account, to check a peer's digest
 *
 * @param secret Set on success; wipe it
 *
 * @return 0, ENOENT no such account
 */
int trunks_secret(const struct trunks *t, const struct pl *user,
		  struct secret_text *secret);

/**
 * Answer a challenge to a request of ours, if its target is a trunk's host
 *
 * A leg_credentials_h; arg is the trunks.
 */
int trunks_credentials(struct mbuf *mb, const struct sip_msg *msg,
		       const char *method, const char *uri, void *arg);

/** How a number is rung through a trunk. */
struct trunk_way {
	char target[LIMIT_URI];  /**< behind the @ of whom we ring: "HOST",
				      with port and parameters             */
	char domain[LIMIT_URI];  /**< behind the @ of our own names there  */
	char account[LIMIT_URI]; /**< "sip:USER@HOST"; "" by address       */
};

/**
 * The way by which a line rings callers back
 *
 * Of the trunks that fit (plan.h) the first by name; one that is registered
 * goes before one that is not.
 *
 * @return 0, ENOENT there is none
 */
int trunks_way(const struct trunks *t, const struct config_line *line,
	       struct trunk_way *way);

/**
 * TLS, and keys of sound
 *
 * @param tls Who is told whom to expect where (counted); NULL: no TLS
 * @param use Whether the SDP of what is said by TLS has keys, unless a trunk
 *            says otherwise
 */
struct tlspeers;
void trunks_secure(struct trunks *t, struct tlspeers *tls, enum wire_srtp use);

/** A leg_srtp_h and a leg_expect_h; arg is the trunks. */
enum wire_srtp trunks_srtp(bool tls, const struct sa *src, const char *uri,
			   void *arg);
void trunks_expect(const struct sa *dst, const char *uri, void *arg);

/** Take back all registrations: the process stops. */
void trunks_leave(struct trunks *t);

/** Has every provider been told? */
bool trunks_are_idle(const struct trunks *t);

/** States for `ringback status`; at most n. @return how many there are */
size_t trunks_state(const struct trunks *t, struct wire_trunk *v, size_t n);

extern const struct step_machine trunk_machine;

#endif
