/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file session.h  Who is signed in, and what they may do
 *
 * http.c asks for the session of each request by the cookie's value, and
 * refuses what a route's roles do not allow. Everything else about accounts
 * (passphrases, invitations, TOTP) stands in accounts*.c and signin*.c.
 */
#ifndef RINGBACK_WEB_SESSION_H
#define RINGBACK_WEB_SESSION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct web;

/** Bits, for routes and questions that several roles may pass. */
enum session_role {
	SESSION_COUNSELLOR  = 1 << 0,
	SESSION_TRAINEE     = 1 << 1,
	SESSION_COORDINATOR = 1 << 2,
	SESSION_OPERATOR    = 1 << 3,
	/** whoever talks with callers or looks after those who do */
	SESSION_ANY = SESSION_COUNSELLOR | SESSION_TRAINEE |
		      SESSION_COORDINATOR | SESSION_OPERATOR,
};

/** A person signed in at one browser. Roles are as of this request. */
struct session {
	uint64_t id;      /**< shown in the list of sessions; no secret      */
	uint32_t person;
	uint16_t all;     /**< roles on all lines: enum session_role         */
	uint16_t on[16];  /**< roles on line i of the configuration
				(LIMIT_LINES)                                */
};

/**
 * Whose cookie is this? Called for each request that carries one
 *
 * @param s      Filled on success; roles read anew
 * @param web    The process
 * @param cookie Value of the cookie, NUL-terminated
 *
 * @return 0; ENOENT unknown, over, or their account is gone
 */
typedef int(session_find_h)(struct session *s, struct web *web,
			    const char *cookie);

/**
 * May they, on this line? (role.c)
 *
 * @param line  Index of the configuration; -1: on any line at all
 * @param roles One of these is enough
 */
bool session_may(const struct session *s, int line, unsigned roles);

/**
 * The Me of the API, as GET /me answers it
 *
 * @param mep new
 */
int session_me(json_t **mep, struct web *web, const struct session *s);

#endif
