/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file framing.h  Does a request say clearly where it ends?
 *
 * A proxy in front may take the end of a request elsewhere than we do: what is
 * left over would be somebody else's request (RFC 9112, 6.3 and 11.2). No browser
 * and no proxy sends one that can be read in two ways.
 */
#ifndef RINGBACK_WEB_FRAMING_H
#define RINGBACK_WEB_FRAMING_H

#include <stdbool.h>
#include <microhttpd.h>

/** One length at most, one host at most, and no name that is written oddly. */
bool framing_is_clear(struct MHD_Connection *conn);

#endif
