/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * calls.c  Calls on record, what came of them, and the lines.
 */
#include <errno.h>
#include <string.h>

#include "bridge.h"
#include "calls.h"
#include "web.h"


enum { CALLS_PRESET = 50, CALLS_MOST = 500 };

struct listing {
	struct request *req;
	json_t *array;
	uint32_t left;
	bool failed;
};

static const char *const kinds[CONFIG_KINDS] = {
	[CONFIG_KIND_ORDINARY] = "ordinary",
	[CONFIG_KIND_DETENTION] = "detention",
	[CONFIG_KIND_AFTER_HOURS] = "after_hours",
};


static json_t *text_or_null(const char *text)
{
	return *text ? json_string(text) : json_null();
}


static json_t *sound_or_null(const struct store_sound *s)
{
	if (!s->n_reports)
		return json_null();

	return json_pack("{s:I, s:i, s:i, s:i, s:i}",
			 "reports", (json_int_t)s->n_reports,
			 "loss_mean", (int)s->loss_mean,
			 "loss_worst", (int)s->loss_worst,
			 "jitter_ms", (int)s->jitter_ms,
			 "rtt_ms", (int)s->rtt_ms);
}


static json_t *call_json(const struct store_call *c)
{
	return json_pack("{s:I, s:s, s:s, s:s, s:o, s:o, s:o, s:I, s:I, s:I,"
			 " s:o, s:o}",
			 "call", (json_int_t)c->id,
			 "line", c->line,
			 "language", c->language,
			 "state", c->state,
			 "outcome", text_or_null(c->outcome),
			 "reason", text_or_null(c->reason),
			 "result", text_or_null(c->result),
			 "arrived_at", (json_int_t)c->arrived_at,
			 "wait_ms", (json_int_t)c->wait_ms,
			 "talk_ms", (json_int_t)c->talk_ms,
			 "counsellor", text_or_null(c->counsellor_name),
			 "sound", sound_or_null(&c->sound));
}


static bool call_add(const struct store_call *c, void *arg)
{
	struct listing *l = arg;

	if (!web_may(l->req->web, &l->req->session, c->line,
		     SESSION_COORDINATOR))
		return false;
	l->failed = json_array_append_new(l->array, call_json(c)) != 0;

	return l->failed || --l->left == 0;
}


static void on_calls(struct request *req)
{
	struct listing l = {
		.req = req,
		.array = json_array(),
		.left = request_limit(req, CALLS_PRESET, CALLS_MOST),
	};
	int err;

	err = store_call_each(req->web->store, 0, call_add, &l);
	if (!err && !l.failed) {
		request_reply(req, 200, json_pack("{s:o}", "calls", l.array));
		return;
	}

	json_decref(l.array);
	request_errno(req, err ? err : ENOMEM);
}


/* whoever talked, or coordinates that line. Nobody else hears that there is
 * such a call */
static void on_outcome(struct request *req)
{
	struct store_call call;
	const char *word;
	int err;

	if (!request_unpack(req, "{s:s}", "outcome", &word))
		return;

	err = store_call_get(req->web->store, req->ids[0], &call);
	if (!err && call.counsellor != req->session.person &&
	    !web_may(req->web, &req->session, call.line, SESSION_COORDINATOR))
		err = ENOENT;
	if (!err)
		err = *word ? store_call_result(req->web->store, call.id, word)
			    : EINVAL;

	if (err == EINVAL)
		request_error(req, 400, "invalid",
			      "there is no such word for what came of a call");
	else if (err)
		request_errno(req, err);
	else
		request_done(req);
}


/* ---- nothing is to be left ---- */

static const struct bridge_refusal forget_refusals[] = {
	{ENOENT, 404, "not_found", "nothing is kept of this call (any more)"},
	{EBUSY, 409, "busy",
	 "the caller is on the line or being rung back just now; try again "
	 "when that is over"},
	{0, 0, NULL, NULL},
};


static void on_forgotten(struct request *req, const struct wire_msg *msg,
			 void *arg)
{
	(void)msg;
	(void)arg;
	bridge_changed(req->web->bridge);
	request_done(req);
}


/* whose line it is not, hears that there is none */
static void on_forget(struct request *req)
{
	const struct wire_forget wish = {.call = req->ids[0],
					 .person = req->session.person};
	const struct bridge_ask ask = {
		.type = WIRE_FORGET,
		.payload = &wish,
		.answer = WIRE_DONE,
		.replyh = on_forgotten,
		.refusals = forget_refusals,
	};
	struct store_call call;
	int err;

	if (!request_unpack(req, "{}"))
		return;
	err = store_call_get(req->web->store, wish.call, &call);
	if (!err && !web_may(req->web, &req->session, call.line,
			     SESSION_COORDINATOR))
		err = ENOENT;
	if (err == ENOENT)
		request_error(req, forget_refusals[0].status,
			      forget_refusals[0].word,
			      forget_refusals[0].message);
	else if (err)
		request_errno(req, err);
	else
		bridge_ask(req, &ask);
}


static json_t *line_json(const struct config_line *line)
{
	json_t *languages = json_array();

	for (uint32_t i = 0; i < line->n_languages; i++)
		(void)json_array_append_new(languages,
					    json_string(line->languages[i]));

	return json_pack("{s:s, s:s, s:o}", "name", line->name, "kind",
			 kinds[line->kind], "languages", languages);
}


static void on_lines(struct request *req)
{
	const struct config *cfg = req->web->config;
	json_t *lines = json_array();

	for (uint32_t i = 0; i < cfg->n_lines; i++) {
		if (session_may(&req->session, (int)i, SESSION_COORDINATOR))
			(void)json_array_append_new(lines,
						    line_json(&cfg->lines[i]));
	}
	request_reply(req, 200, json_pack("{s:o}", "lines", lines));
}


static const struct route routes[] = {
	{ROUTE_GET, "/api/v1/calls", on_calls, ROUTE_QUERY,
	 SESSION_COORDINATOR},
	{ROUTE_POST, "/api/v1/calls/{call}/outcome", on_outcome, 0, 0},
	{ROUTE_POST, "/api/v1/calls/{call}/forget", on_forget, 0,
	 SESSION_COORDINATOR},
	{ROUTE_GET, "/api/v1/lines", on_lines, 0, SESSION_COORDINATOR},
};

const struct route_table calls_routes = {routes, ARRAY_SIZE(routes)};
