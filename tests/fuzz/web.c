/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web.c  Bodies of requests: each route reads what a page says, as somebody who
 * may do everything, with a store of its own, and a line that answers anything.
 * Stands in for http.c, request.c, events.c and bridge.c.
 */
#include <stdarg.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "fuzz.h"
#include "web/accounts.h"
#include "web/accounts_parts.h"
#include "web/alarms.h"
#include "web/board.h"
#include "web/bridge.h"
#include "web/calls.h"
#include "web/counsellor.h"
#include "web/grants.h"
#include "web/listen.h"
#include "web/marks.h"
#include "web/numbers.h"
#include "web/path.h"
#include "web/promises.h"
#include "web/talk.h"
#include "web/vault.h"

static const struct route_table *const tables[] = {
	&signin_routes, &totp_routes, &key_routes, &session_routes,
	&people_routes, &vault_routes, &recovery_routes, &notes_routes,
	&grants_routes, &marks_routes, &marks_index_routes, &numbers_routes,
	&talk_routes, &promises_routes, &calls_routes, &listen_routes,
	&board_routes, &alarms_routes,
};

/* of the request in hand */
static unsigned n_answers;
/* what the line says when it is asked; nothing left: it is away */
static struct food line_says;


/* ---- in place of what sends ---------------------------------------------- */

void request_reply(struct request *req, unsigned status, json_t *json)
{
	(void)req;
	HOLDS(status >= 200 && status < 600);
	HOLDS(!n_answers++);
	json_decref(json);
}


void request_done(struct request *req)
{
	request_reply(req, 200, NULL);
}


void request_error(struct request *req, unsigned status, const char *word,
		   const char *message)
{
	HOLDS(word && message);
	request_reply(req, status, NULL);
}


void request_errno(struct request *req, int err)
{
	HOLDS(err);
	request_reply(req, 503, NULL);
}


void request_header(struct request *req, const char *name, const char *value)
{
	(void)req;
	HOLDS(name && value);
}


void request_cookie(struct request *req, const char *value)
{
	(void)req;
	(void)value;
}


void request_bytes(struct request *req, const char *type, void *buf, size_t n)
{
	(void)type;
	(void)n;
	free(buf);
	request_reply(req, 200, NULL);
}


void request_later(struct request *req)
{
	request_reply(req, 202, NULL);
}


uint32_t request_limit(struct request *req, uint32_t preset, uint32_t most)
{
	(void)req;
	return preset < most ? preset : most;
}


bool request_unpack(struct request *req, const char *fmt, ...)
{
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = json_vunpack_ex(req->body, NULL, JSON_STRICT, fmt, ap);
	va_end(ap);
	if (err)
		request_error(req, 400, "invalid", "...");

	return !err;
}


void events_tell(struct events *e, uint32_t person, const char *name,
		 json_t *json)
{
	(void)e;
	(void)person;
	(void)name;
	json_decref(json);
}


void events_tell_all(struct events *e, const char *name, json_t *json)
{
	events_tell(e, 0, name, json);
}


void events_signed_out(struct events *e, uint64_t session)
{
	(void)e;
	(void)session;
}


void events_person_out(struct events *e, uint32_t person)
{
	(void)e;
	(void)person;
}


/* any bytes that wire_check() lets through as this message */
static void line_answers(struct request *req, const struct bridge_ask *ask)
{
	struct wire_msg msg = {.type = ask->answer, .id = 1};
	struct food piece = {NULL, 0};
	void *payload = calloc(1, wire_size(msg.type));
	char *blob;

	HOLDS(payload);
	food_take(&line_says, payload, wire_size(msg.type));
	if (wire_is(msg.type, WIRE_BLOB))
		piece = food_piece(&line_says);
	if (piece.n > LIMIT_WIRE_BLOB)
		piece.n = LIMIT_WIRE_BLOB;
	blob = food_text(&piece);
	msg.payload = payload;
	msg.blob = (const uint8_t *)blob;
	msg.n_blob = piece.n;
	if (ask->replyh)
		ask->replyh(req, &msg, ask->arg);
	else
		request_done(req);
	free(blob);
	free(payload);
}


/* what a page asks the line must be a message that the line would take */
void bridge_ask(struct request *req, const struct bridge_ask *ask)
{
	HOLDS(ask->payload && ask->n_blob <= LIMIT_WIRE_BLOB);
	HOLDS(wire_size(ask->type) && wire_is(ask->type, WIRE_ASKS));
	HOLDS(wire_is(ask->answer, WIRE_REPLY));
	if (line_says.n)
		line_answers(req, ask);
	else
		request_reply(req, 503, NULL);
}


void bridge_do(struct request *req, struct wire_do todo,
	       const struct bridge_refusal *refusals)
{
	(void)todo;
	(void)refusals;
	request_reply(req, 503, NULL);
}


void bridge_changed(struct bridge *b)
{
	(void)b;
}


void bridge_people_changed(struct bridge *b)
{
	(void)b;
}


void bridge_listen_end(struct bridge *b, uint32_t person)
{
	(void)b;
	(void)person;
}


uint64_t bridge_listening(const struct bridge *b, uint32_t person)
{
	(void)b;
	(void)person;
	return 0;
}


/* ---- the house ------------------------------------------------------------ */

static void changed(void *arg)
{
	(void)arg;
}


static struct store *store_new(void)
{
	char dir[] = "/tmp/fuzz-web-XXXXXX", path[64];
	struct store *s = NULL;
	static const char *const files[] = {"", "-wal", "-shm"};

	HOLDS(mkdtemp(dir));
	HOLDS(!store_open(&s, dir, STORE_CREATE));
	/* it lives as long as we do, and leaves nothing behind */
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/store.db%s", dir,
			       files[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);

	return s;
}


static struct web *web_new(void)
{
	static struct config config = {.n_lines = 2};
	static struct web web = {.config = &config};

	(void)strcpy(config.lines[0].name, "main");
	(void)strcpy(config.lines[1].name, "youth");
	for (unsigned i = 0; i < 2; i++) {
		config.lines[i].n_languages = 1;
		(void)strcpy(config.lines[i].languages[0], "en");
	}
	(void)strcpy(web.origin, "https://line.example");
	web.store = store_new();
	HOLDS(!accounts_alloc(&web.accounts, &web, changed, NULL));

	return &web;
}


static const struct route *route_of(unsigned n)
{
	unsigned all = 0;

	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		all += (unsigned)tables[t]->n;
	n %= all;
	for (size_t t = 0;; t++) {
		if (n < tables[t]->n)
			return &tables[t]->v[n];
		n -= (unsigned)tables[t]->n;
	}
}


static void ask(struct web *web, const struct route *route, uint64_t id,
		const struct food *f)
{
	struct request *req = mem_zalloc(sizeof(*req), NULL);

	HOLDS(req);
	req->web = web;
	req->route = route;
	req->ids[0] = req->ids[1] = id;
	req->signed_in = true;
	req->session.id = 1;
	req->session.person = 1;
	req->session.all = SESSION_ANY;
	(void)sa_set_str(&req->peer, "192.0.2.7", 1234);
	if (route->method == ROUTE_POST)
		req->body = json_loadb((const char *)f->p, f->n,
				       JSON_REJECT_DUPLICATES, NULL);
	n_answers = 0;
	if (route->method == ROUTE_GET || json_is_object(req->body))
		route->h(req);
	req->state = mem_deref(req->state);
	json_decref(req->body);
	req->body = NULL;
	mem_deref(req);
}


static json_t *name_of(uint32_t person, void *arg)
{
	(void)person;
	(void)arg;
	return json_string("Ana");
}


/* what the line tells without being asked goes to the pages */
static void told(const struct web *web, struct food f)
{
	struct wire_counsellor c;
	struct wire_sound_quality q;
	json_t *json;

	food_take(&f, &c, sizeof(c));
	/* none of what is no UTF-8 */
	json_decref(counsellor_json(&c, web->config, name_of, NULL));
	food_take(&f, &q, sizeof(q));
	json = quality_json(&q);
	HOLDS(json);
	json_decref(json);
}


/* what stands behind a NUL is the line's */
static void split(struct food *f)
{
	const uint8_t *nul = f->n ? memchr(f->p, '\0', f->n) : NULL;

	line_says = (struct food){NULL, 0};
	if (!nul)
		return;
	line_says.p = nul + 1;
	line_says.n = f->n - (size_t)(nul + 1 - f->p);
	f->n = (size_t)(nul - f->p);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct web *web;
	struct food f = {data, n};
	uint64_t ids[HTTP_IDS];
	char *text;

	if (n < 2 || n > HTTP_BODY)
		return 0;
	fuzz_quietly();
	if (!web) {
		HOLDS(sodium_init() >= 0 && !libre_init());
		web = web_new();
	}

	const struct route *route = route_of(food_byte(&f));
	const uint8_t id = food_byte(&f);

	split(&f);
	told(web, line_says);
	ask(web, route, id, &f);
	text = food_text(&f);
	(void)path_match(ids, HTTP_IDS, route->path, text);
	free(text);

	return 0;
}
