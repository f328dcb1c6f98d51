/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file web.h  Answers what ringback-web asks for its counsellors (wire.h,
 * "line and web")
 */
#ifndef RINGBACK_WEB_H
#define RINGBACK_WEB_H

#include "wire/conn.h"

struct switchboard;

/**
 * Answer a request of ringback-web
 *
 * @param errp Set if it is one of these: why no answer went out
 *
 * @return false if it is not
 */
bool web_asked(int *errp, struct switchboard *sb, struct wire_conn *conn,
	       const struct wire_msg *msg);

/** A connection has ended, perhaps one of ringback-web. */
void web_gone(struct switchboard *sb, const struct wire_conn *conn);

#endif
