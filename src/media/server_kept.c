/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server_kept.c  Hands what the line left to its next life. Must not read it.
 */
#include <errno.h>
#include <re.h>

#include "server_kept.h"


int server_keep(struct media *m, struct wire_conn *c,
		const struct wire_msg *msg)
{
	const struct wire_leg *leg = msg->payload;
	int err;

	err = media_keep(m, leg->leg, msg->blob, msg->n_blob);
	if (!err)
		(void)wire_reply_done(c, msg);

	return err;
}


int server_line_keep(struct media *m, struct wire_conn *c,
		     const struct wire_msg *msg)
{
	const struct wire_line_kept *kept = msg->payload;
	int err;

	err = media_line_keep(m, kept->at, msg->blob, msg->n_blob);
	if (!err)
		(void)wire_reply_done(c, msg);

	return err;
}


void server_line_find(const struct media *m, struct wire_conn *c,
		      const struct wire_msg *msg)
{
	struct wire_line_kept kept;
	const uint8_t *blob;
	size_t n;

	kept.at = media_line_kept(m, &blob, &n);
	(void)wire_reply(c, msg, WIRE_LINE_KEPT, &kept, blob, n);
}


void server_next(const struct media *m, struct wire_conn *c,
		 const struct wire_msg *msg)
{
	const struct wire_leg *after = msg->payload;
	struct wire_leg_kept kept;
	const uint8_t *blob;
	size_t n;

	/* the end of a list is nothing to be logged */
	if (media_next(m, after->leg, &kept, &blob, &n))
		(void)wire_reply_refused(c, msg, ENOENT, "no more legs");
	else
		(void)wire_reply(c, msg, WIRE_LEG_KEPT, &kept, blob, n);
}
