/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * promises.c  What is owed to callers. Read from the store, changed by the
 * line alone. Says whether there is a number, never which.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "core/core.h"
#include "epoch/numbers.h"
#include "bridge.h"
#include "promises.h"
#include "web.h"


enum {
	MINUTES_MAX = CORE_SNOOZE_MS / 60000,
	ACTING = SESSION_COUNSELLOR | SESSION_COORDINATOR,
};

struct listing {
	struct request *req;
	json_t *array;
	uint32_t dialler; /* the current key, 0 none */
	bool failed;
};

#define REFUSALS_OF_ALL                                                       \
	{ENOENT, 404, "not_found",                                            \
	 "there is no open promise of that call (any more)"},                 \
	{ERANGE, 409, "too_far",                                              \
	 "it cannot be put off so far, or any more: three times, and a day "  \
	 "beyond the first due time, are the most"},                          \
	{EBUSY, 409, "busy",                                                  \
	 "the caller is being rung back just now, or is on the line; try "    \
	 "again when that is over"},                                          \
	{0, 0, NULL, NULL}

static const struct bridge_refusal take_refusals[] = {
	{EPERM, 409, "off_duty",
	 "whoever is off duty cannot see to it; go on duty first"},
	REFUSALS_OF_ALL,
};

static const struct bridge_refusal refusals[] = {
	{EPERM, 409, "no_number",
	 "there is no number to ring; see whether there is a message"},
	{ENOKEY, 409, "number_waits",
	 "the number waits for a coordinator to sign in, since the server was "
	 "without power"},
	REFUSALS_OF_ALL,
};


/* ---- the list ---- */

static json_t *owner_name(const struct store_promise *p)
{
	return p->owner_name[0] ? json_string(p->owner_name) : json_null();
}


static json_t *promise_json(const struct store_promise *p, uint32_t dialler)
{
	struct message_info info;

	return json_pack(
		"{s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:o, s:o, s:I, s:b,"
		" s:b, s:s, s:s, s:s}",
		"call", (json_int_t)p->call,
		"line", p->line,
		"language", p->language,
		"kind", p->kind,
		"state", p->state,
		"due_at", (json_int_t)p->due_at,
		"made_at", (json_int_t)p->made_at,
		"level", p->level,
		"owner", p->owner ? json_integer(p->owner) : json_null(),
		"owner_name", owner_name(p),
		"attempts", (json_int_t)p->n_attempts,
		"has_message", message_look(&info, p->call) == 0,
		"has_number", (int)number_is(&p->number),
		"number", number_state(&p->number, dialler),
		"hours", p->hours,
		"words", p->words);
}


static bool promise_add(const struct store_promise *p, void *arg)
{
	struct listing *l = arg;

	if (web_may(l->req->web, &l->req->session, p->line, SESSION_ANY) &&
	    json_array_append_new(l->array, promise_json(p, l->dialler)))
		l->failed = true;

	return l->failed;
}


static void on_promises(struct request *req)
{
	struct listing l = {.req = req, .array = json_array()};
	struct store_dialler dialler = {.id = 0};
	int err;

	(void)store_dialler_current(req->web->store, &dialler);
	l.dialler = dialler.id;
	err = store_promise_each(req->web->store, false, promise_add, &l);
	if (!err && !l.failed) {
		request_reply(req, 200,
			      json_pack("{s:o}", "promises", l.array));
		return;
	}

	json_decref(l.array);
	request_errno(req, err ? err : ENOMEM);
}


/* ---- one promise ---- */

/* is it on a line of theirs? Whose it is not, hears that there is none */
static bool theirs(struct request *req)
{
	struct store_promise p;
	int err;

	err = store_promise_get(req->web->store, req->ids[0], &p);
	if (!err && !web_may(req->web, &req->session, p.line, ACTING))
		err = ENOENT;
	if (err == ENOENT)
		request_error(req, 404, refusals[1].word,
			      refusals[1].message);
	else if (err)
		request_errno(req, err);

	return !err;
}


static void on_done(struct request *req, const struct wire_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	bridge_changed(req->web->bridge);
	request_done(req);
}


static void promise_do(struct request *req, enum wire_promise_verb verb,
		       uint32_t reason, uint32_t minutes)
{
	const struct wire_promise promise = {
		.call = req->ids[0],
		.verb = verb,
		.person = req->session.person,
		.reason = reason,
		.minutes = minutes,
	};
	const struct bridge_ask ask = {
		.type = WIRE_PROMISE,
		.payload = &promise,
		.answer = WIRE_DONE,
		.replyh = on_done,
		.refusals = verb == WIRE_PROMISE_TAKE ? take_refusals
						      : refusals,
	};

	if (theirs(req))
		bridge_ask(req, &ask);
}


static void on_take(struct request *req)
{
	if (request_unpack(req, "{}"))
		promise_do(req, WIRE_PROMISE_TAKE, 0, 0);
}


static void on_keep(struct request *req)
{
	if (request_unpack(req, "{}"))
		promise_do(req, WIRE_PROMISE_KEEP, 0, 0);
}


static void on_ring(struct request *req)
{
	if (request_unpack(req, "{}"))
		promise_do(req, WIRE_PROMISE_RING, 0, 0);
}


static void on_close(struct request *req)
{
	enum close_reason reason;
	const char *word;

	if (!request_unpack(req, "{s:s}", "reason", &word))
		return;
	if (close_reason_decode(&reason, word) || reason == CLOSE_NONE)
		request_error(req, 400, "invalid", "there is no such reason");
	else
		promise_do(req, WIRE_PROMISE_CLOSE, reason, 0);
}


static void on_snooze(struct request *req)
{
	json_int_t minutes;

	if (!request_unpack(req, "{s:I}", "minutes", &minutes))
		return;
	if (minutes < 1 || minutes > MINUTES_MAX)
		request_error(req, 400, "invalid",
			      "from a minute to a day, in minutes");
	else
		promise_do(req, WIRE_PROMISE_SNOOZE, 0, (uint32_t)minutes);
}


/* on record before they hear it */
static int heard(const struct request *req)
{
	struct store_audit row = web_audit(req, "message_heard", 0);

	row.call = req->ids[0];

	return store_audit_now(req->web->store, &row);
}


static void on_message(struct request *req)
{
	uint8_t *sealed;
	size_t n;
	int err;

	if (!theirs(req))
		return;

	err = message_read(&sealed, &n, req->ids[0]);
	if (!err && (err = heard(req)) != 0)
		free(sealed);
	if (!err)
		request_bytes(req, "application/octet-stream", sealed, n);
	else if (err == ENOENT)
		request_error(req, 404, "no_message",
			      "there is no message of that call (any more)");
	else
		request_errno(req, err);
}


static const struct route routes[] = {
	{ROUTE_GET, "/api/v1/promises", on_promises, 0, SESSION_ANY},
	{ROUTE_POST, "/api/v1/promises/{call}/take", on_take, 0, ACTING},
	{ROUTE_POST, "/api/v1/promises/{call}/ring", on_ring, 0, ACTING},
	{ROUTE_POST, "/api/v1/promises/{call}/keep", on_keep, 0, ACTING},
	{ROUTE_POST, "/api/v1/promises/{call}/close", on_close, 0, ACTING},
	{ROUTE_POST, "/api/v1/promises/{call}/snooze", on_snooze, 0, ACTING},
	{ROUTE_GET, "/api/v1/promises/{call}/message", on_message, 0, ACTING},
};

const struct route_table promises_routes = {routes, ARRAY_SIZE(routes)};
