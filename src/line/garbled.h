/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file garbled.h  Requests over UDP that libre's parser drops without a word
 *
 * RFC 3261, 21.4.1 and 21.5.6: whoever sends a request that cannot be
 * understood is told so (400; 505 another version of SIP), else it repeats it
 * for half a minute. Over TCP the connection is closed.
 */
#ifndef RINGBACK_GARBLED_H
#define RINGBACK_GARBLED_H

#include <re.h>

/**
 * What a datagram is to be answered with that is no SIP to libre
 *
 * @return new, not longer than the question; NULL it is no request, or there is
 *         nobody to tell
 */
struct mbuf *garbled_answer(const struct mbuf *mb);

#endif
