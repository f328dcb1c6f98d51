/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file session.h  Session timers: RFC 4028, the negotiation
 *
 * Pure. A dialog whose refreshes stop is a ghost call and is ended; so each
 * of our dialogs has a refresher: the peer if it offers to, else we.
 */
#ifndef RINGBACK_SESSION_H
#define RINGBACK_SESSION_H

#include <re.h>

enum { SESSION_MIN = 90 }; /**< seconds; RFC 4028, 5: the least allowed */

/** What was agreed. */
struct session_timer {
	uint32_t interval;  /**< seconds                                  */
	bool we_refresh;    /**< else the peer does, and we watch         */
	bool peer_knows;    /**< the peer supports "timer"                */
};

/**
 * Decide as the one that is asked (INVITE, UPDATE)
 *
 * @param t        Set on success
 * @param request  The request
 * @param interval What we want, seconds
 *
 * @return 0; EBADMSG malformed header (400); ERANGE too small (422)
 */
int session_answer(struct session_timer *t, const struct sip_msg *request,
		   uint32_t interval);

/**
 * Read what the peer made of our request
 *
 * @param t        Set on success
 * @param response The 2xx
 * @param interval What we had asked for, seconds
 *
 * @return 0; EBADMSG
 */
int session_agreed(struct session_timer *t, const struct sip_msg *response,
		   uint32_t interval);

/** Min-SE of a 422; 0 if it has none or a malformed one. */
uint32_t session_min(const struct sip_msg *msg);

/** Headers of a 2xx that answers, with CRLFs: mbuf_printf("%H", ...). */
int session_print_answer(struct re_printf *pf, const struct session_timer *t);

/** Milliseconds until the refresh is due, or until we stop waiting for it. */
uint64_t session_wait(const struct session_timer *t);

#endif
