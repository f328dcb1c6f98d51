/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * listen.c  Listening to somebody else's talk, and speaking to its counsellor.
 * Who may is decided here by the roles on the call's line; that the counsellor
 * sees it and that it goes on record, the line sees to.
 */
#include <errno.h>
#include <string.h>

#include "core/core.h"
#include "listen.h"
#include "rows.h"
#include "sdp.h"
#include "web.h"


enum { LISTENERS = SESSION_COORDINATOR | SESSION_TRAINEE };

static const struct bridge_refusal refusals[] = {
	{ENOENT, 404, "over", "there is no such talk any more"},
	{EPERM, 403, "not_here", "nobody may listen to talks of this line"},
	{EBUSY, 409, "not_listening",
	 "whoever listens is off duty, in no call, and listens to one talk at "
	 "a time; at most three listen to the same"},
	{EHOSTUNREACH, 409, "unseen",
	 "the counsellor has no page open that could show who listens"},
	{EACCES, 409, "no_page", "whoever listens keeps their page open"},
	{EIO, 503, "not_on_record", "it cannot be put on record just now"},
	SDP_REFUSALS,
	{0, 0, NULL, NULL},
};

static const struct bridge_refusal do_refusals[] = {
	{ENOENT, 404, "over", "you do not listen to anything"},
	{EBUSY, 409, "whispered", "somebody else speaks to the counsellor"},
	{EIO, 503, "not_on_record", "it cannot be put on record just now"},
	{EPROTO, 409, "not_now", "that cannot be done just now"},
	{0, 0, NULL, NULL},
};

/* what waits for the answer to: which line's talk is it? */
struct listen {
	uint64_t call;
	unsigned roles;  /* one of them is needed on its line */
	const char *sdp; /* of the request; NULL to whisper   */
	size_t n_sdp;
	bool may;        /* there is such a talk, and they may */
	struct rows rows;
};


static int call_look(struct request *req, const void *row)
{
	struct listen *l = req->state;
	struct wire_board_call c;

	memcpy(&c, row, sizeof(c));
	if (c.call == l->call && c.state == CALL_TALKING &&
	    session_may(&req->session, c.line, l->roles))
		l->may = true;

	return 0;
}


static void listen_ask(struct request *req)
{
	const struct listen *l = req->state;
	const struct wire_listen listen = {
		.call = l->call,
		.person = req->session.person,
	};
	const struct bridge_ask ask = {
		.type = WIRE_LISTEN,
		.payload = &listen,
		.blob = l->sdp,
		.n_blob = l->n_sdp,
		.answer = WIRE_RING_SDP,
		.replyh = sdp_reply,
		.refusals = refusals,
	};

	bridge_ask(req, &ask);
}


static void do_ask(struct request *req, enum wire_verb verb, uint32_t key)
{
	const struct wire_do todo = {.verb = verb, .key = key};

	bridge_do(req, todo, do_refusals);
}


/* of talks that are not theirs to hear nobody learns that they are there */
static void on_looked(struct request *req)
{
	const struct listen *l = req->state;

	if (!l->may)
		request_error(req, 404, "over",
			      "there is no such talk, or it is on none of "
			      "your lines");
	else if (l->sdp)
		listen_ask(req);
	else
		do_ask(req, WIRE_VERB_WHISPER, 1);
}


static void look(struct request *req, const struct listen *wanted)
{
	struct listen *l = mem_zalloc(sizeof(*l), NULL);

	if (!l) {
		request_errno(req, ENOMEM);
		return;
	}
	*l = *wanted;
	req->state = l;
	rows_walk(req, &l->rows, ROWS_CALLS, call_look, on_looked);
}


static void on_listen(struct request *req)
{
	struct listen l = {.call = req->ids[0], .roles = LISTENERS};

	if (sdp_take(req, &l.sdp, &l.n_sdp))
		look(req, &l);
}


static void on_listen_end(struct request *req)
{
	if (request_unpack(req, "{}"))
		do_ask(req, WIRE_VERB_LISTEN_END, 0);
}


/* who coordinates another line, but is a trainee of this one, may not */
static void on_whisper(struct request *req)
{
	struct listen l = {.roles = SESSION_COORDINATOR};
	int on;

	if (!request_unpack(req, "{s:b}", "on", &on))
		return;

	l.call = bridge_listening(req->web->bridge, req->session.person);
	if (!on)
		do_ask(req, WIRE_VERB_WHISPER, 0);
	else if (l.call)
		look(req, &l);
	else /* nor is known of which line that would be */
		request_error(req, 404, "over",
			      "you do not listen to anything");
}


static const struct route routes[] = {
	{ROUTE_POST, "/api/v1/calls/{call}/listen", on_listen, 0, LISTENERS},
	{ROUTE_POST, "/api/v1/me/listen-end", on_listen_end, 0, 0},
	{ROUTE_POST, "/api/v1/me/whisper", on_whisper, 0,
	 SESSION_COORDINATOR},
};

const struct route_table listen_routes = {routes, ARRAY_SIZE(routes)};
