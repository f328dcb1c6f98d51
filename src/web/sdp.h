/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sdp.h  A browser's offer of sound in a request, and the answer to it
 */
#ifndef RINGBACK_WEB_SDP_H
#define RINGBACK_WEB_SDP_H

#include "bridge.h"

/** What a line that could not answer an offer of sound says. */
#define SDP_REFUSALS                                                          \
	{EPROTO, 400, "sdp",                                                  \
	 "the server does not understand this offer of sound"},               \
	{ENOTSUP, 409, "no_sound",                                            \
	 "this browser and the telephone have no sound format in common"},    \
	{ENOSPC, 503, "full", "the server has no room for one more talk"},    \
	{ENOTCONN, 503, "no_sound",                                           \
	 "the server's sound does not answer; try again"}

/**
 * Take {sdp} of the body; what is wrong is answered with 400
 *
 * @param sdp Borrow, of the request
 * @param n   Its bytes
 */
bool sdp_take(struct request *req, const char **sdp, size_t *n);

/** bridge_reply_h: answer with {sdp}. */
void sdp_reply(struct request *req, const struct wire_msg *msg, void *arg);

#endif
