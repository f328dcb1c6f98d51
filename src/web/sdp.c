/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sdp.c  Offers of sound pass from page to line. Must not read what is in them:
 * media does.
 */
#include "sdp.h"


bool sdp_take(struct request *req, const char **sdp, size_t *n)
{
	if (!request_unpack(req, "{s:s%}", "sdp", sdp, n))
		return false;
	if (*n && *n <= LIMIT_SDP)
		return true;

	request_error(req, 400, "sdp",
		      "this offer of sound is empty or too long");
	return false;
}


void sdp_reply(struct request *req, const struct wire_msg *msg, void *arg)
{
	(void)arg;
	request_reply(req, 200,
		      json_pack("{s:s%}", "sdp", (const char *)msg->blob,
				msg->n_blob));
}
