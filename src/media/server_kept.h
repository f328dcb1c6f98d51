/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file server_kept.h  LEG_KEEP, LEG_NEXT, LINE_KEEP: what the line leaves for its next
 *                      life
 */
#ifndef RINGBACK_MEDIA_SERVER_KEPT_H
#define RINGBACK_MEDIA_SERVER_KEPT_H

#include "media.h"
#include "wire/conn.h"

/** Do what is asked and reply, but for a refusal. @return 0; ENOENT, EFBIG,
 *  ENOMEM: to be refused */
int server_keep(struct media *m, struct wire_conn *c,
		const struct wire_msg *msg);

/** LINE_KEEP: the same. @return 0; ENOMEM: to be refused */
int server_line_keep(struct media *m, struct wire_conn *c,
		     const struct wire_msg *msg);

/** LINE_FIND */
void server_line_find(const struct media *m, struct wire_conn *c,
		      const struct wire_msg *msg);

/** The reply is the next leg, or that there is none. */
void server_next(const struct media *m, struct wire_conn *c,
		 const struct wire_msg *msg);

#endif
