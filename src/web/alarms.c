/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * alarms.c  The line's alarms as JSON. Must not decide what is one.
 */
#include "accounts_parts.h"
#include "alarms.h"
#include "bridge.h"
#include "web.h"


/* on for so long, the first second is 1 */
static json_int_t since(uint32_t s)
{
	return (json_int_t)(accounts_now() - (int64_t)(s - 1) * 1000);
}


static json_t *unwritten(const struct wire_status *s)
{
	if (!s->behind_s)
		return json_null();

	return json_pack("{s:I, s:I}", "since", since(s->behind_s),
			 "calls", (json_int_t)s->n_behind);
}


static json_t *flood(const struct wire_status *s)
{
	if (!s->flood_s)
		return json_null();

	return json_pack("{s:I, s:I}", "since", since(s->flood_s),
			 "turned_away", (json_int_t)s->n_turned_away);
}


static json_t *media(const struct wire_status *s)
{
	if (!s->media_s)
		return json_null();

	return json_pack("{s:I, s:I, s:I}", "since", since(s->media_s),
			 "up", (json_int_t)s->n_media_up,
			 "of", (json_int_t)s->n_media);
}


static void on_status(struct request *req, const struct wire_msg *msg,
		      void *arg)
{
	const struct wire_status *s = msg->payload;
	(void)arg;

	request_reply(req, 200, json_pack("{s:o, s:o, s:o}",
					  "unwritten", unwritten(s),
					  "flood", flood(s),
					  "media", media(s)));
}


static void on_alarms(struct request *req)
{
	static const struct wire_none none;
	const struct bridge_ask ask = {
		.type = WIRE_STATUS,
		.payload = &none,
		.answer = WIRE_STATUS_IS,
		.replyh = on_status,
	};

	bridge_ask(req, &ask);
}


static const struct route routes[] = {
	{ROUTE_GET, "/api/v1/alarms", on_alarms, 0, SESSION_COORDINATOR},
};

const struct route_table alarms_routes = {routes, ARRAY_SIZE(routes)};
