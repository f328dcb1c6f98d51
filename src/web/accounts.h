/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file accounts.h  Signing in, invitations, one-time codes, security keys,
 * sessions, and the people that a coordinator looks after
 *
 * What a person may do is read from the store for each request: a role that
 * was taken away is gone with the next one. A session is over when it was not
 * used for fourteen days, was revoked, its person was invited anew (also by
 * `ringback person invite`) or removed: pages that are open hear of it within
 * five seconds. Those that nobody uses any more leave the disk within an hour.
 */
#ifndef RINGBACK_WEB_ACCOUNTS_H
#define RINGBACK_WEB_ACCOUNTS_H

#include "web.h"

/** People in the store have changed: the line wants to know. */
typedef void(accounts_changed_h)(void *arg);

/**
 * Begin to look after accounts
 *
 * @param ap  new, mem_deref()
 * @param web With store, config, events; borrow
 *
 * @return 0, ENOMEM, or an error of the store
 */
int accounts_alloc(struct accounts **ap, struct web *web,
		   accounts_changed_h *changedh, void *arg);

/** session_find_h */
int accounts_session(struct session *s, struct web *web, const char *cookie);

/** Put somebody on duty or off, as they wish themselves. ENOENT. */
int accounts_duty(struct web *web, uint32_t person, bool on);

/** /sign-in..., /sign-out, /invitation... */
extern const struct route_table signin_routes;
/** GET /me, /me/duty, /me/totp/... */
extern const struct route_table totp_routes;
/** /me/keys... */
extern const struct route_table key_routes;
/** /sessions... */
extern const struct route_table session_routes;
/** /people... */
extern const struct route_table people_routes;

#endif
