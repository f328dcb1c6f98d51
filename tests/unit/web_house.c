/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web_house.c  In place of http.c, events.c and web.c: what handlers answer is
 * looked at, and nothing is sent.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "web/bridge.h"
#include "web/marks.h"
#include "web/grants.h"
#include "web/numbers.h"
#include "web/vault.h"

#include "web_house.h"


/* ---- in place of http.c, events.c and web.c ---- */

static struct house *house_of(const struct web *web)
{
	const void *p = (const char *)web - offsetof(struct house, web);

	return (struct house *)(uintptr_t)p;
}


void request_reply(struct request *req, unsigned status, json_t *json)
{
	struct house *h = house_of(req->web);

	assert_int_equal(h->status, 0); /* one answer */
	assert_non_null(json);
	h->status = status;
	h->answer = json;
}


void request_done(struct request *req)
{
	request_reply(req, 200, json_object());
}


void request_error(struct request *req, unsigned status, const char *word,
		   const char *message)
{
	request_reply(req, status, json_pack("{s:s, s:s}", "error", word,
					     "message", message));
}


void request_errno(struct request *req, int err)
{
	request_error(req, err == ENOENT ? 404 : 503, "errno", "...");
}


void request_header(struct request *req, const char *name, const char *value)
{
	(void)req;
	assert_string_equal(name, "Retry-After");
	assert_true(atoi(value) > 0);
}


void request_cookie(struct request *req, const char *value)
{
	struct house *h = house_of(req->web);

	(void)snprintf(h->cookie, sizeof(h->cookie), "%s",
		       value ? value : "taken back");
}


bool request_unpack(struct request *req, const char *fmt, ...)
{
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = json_vunpack_ex(req->body, NULL, JSON_STRICT, fmt, ap);
	va_end(ap);
	if (rc)
		request_error(req, 400, "bad_request", "...");

	return rc == 0;
}


static void told_add(struct events *e, const char *what, uint64_t id)
{
	char *told = (char *)e;
	const size_t n = strlen(told);

	(void)snprintf(told + n, LOG - n, "%s %u; ", what, (unsigned)id);
}


void events_tell(struct events *e, uint32_t person, const char *name,
		 json_t *json)
{
	json_decref(json);
	told_add(e, name, person);
}


void events_tell_all(struct events *e, const char *name, json_t *json)
{
	json_decref(json);
	told_add(e, name, 0);
}


void events_signed_out(struct events *e, uint64_t session)
{
	told_add(e, "out", session);
}


void events_person_out(struct events *e, uint32_t person)
{
	told_add(e, "person out", person);
}


void bridge_ask(struct request *req, const struct bridge_ask *ask_)
{
	struct house *h = house_of(req->web);

	assert_non_null(h->lineh);
	h->lineh(h, req, ask_);
}


void bridge_changed(struct bridge *b)
{
	(void)b;
}


void bridge_listen_end(struct bridge *b, uint32_t person)
{
	told_add((struct events *)b, "listens no more", person);
}


static void changed_handler(void *arg)
{
	struct house *h = arg;

	++h->n_changed;
}


/* ---- the house ---- */

static void config_make(struct config *cfg)
{
	SET(cfg->name, "Night Line");
	cfg->n_lines = 2;
	SET(cfg->lines[0].name, "main");
	SET(cfg->lines[1].name, "youth");
	for (int i = 0; i < 2; i++) {
		cfg->lines[i].n_languages = 1;
		SET(cfg->lines[i].languages[0], i ? "es" : "en");
	}
	cfg->wrap_up_s = 20;
}


void accounts_open(struct house *h)
{
	assert_int_equal(accounts_alloc(&h->web.accounts, &h->web,
					changed_handler, h), 0);
}


int setup(void **state)
{
	struct house *h = test_calloc(1, sizeof(*h));
	uint8_t key[STORE_HASH] = {1};
	void *f;

	assert_int_equal(store_setup(&f), 0);
	h->f = f;
	config_make(&h->config);
	h->web.config = &h->config;
	h->web.store = store_make(h->f);
	/* always the same key: which names share a place in the table of
	 * guesses is then the same in each run, and none here do */
	assert_int_equal(store_key(h->web.store, "salts", key), 0);
	h->web.events = (struct events *)h->told;
	h->web.bridge = (struct bridge *)h->told;
	SET(h->web.origin, "https://line.example");
	accounts_open(h);
	*state = h;

	return 0;
}


int teardown(void **state)
{
	struct house *h = *state;
	void *f = h->f;

	json_decref(h->answer);
	mem_deref(h->web.accounts);
	store_close(h->web.store);
	test_free(h);

	return store_teardown(&f);
}


static const struct route *route_find(enum route_method method,
				      const char *path)
{
	static const struct route_table *const tables[] = {
		&signin_routes, &totp_routes, &key_routes, &session_routes,
		&people_routes, &vault_routes, &recovery_routes,
		&notes_routes, &grants_routes, &marks_routes,
		&marks_index_routes, &numbers_routes,
	};

	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		for (size_t i = 0; i < tables[t]->n; i++) {
			const struct route *r = &tables[t]->v[i];

			if (r->method == method &&
			    strcmp(r->path + strlen("/api/v1"), path) == 0)
				return r;
		}
	}
	fail_msg("no route %s", path);

	return NULL;
}


unsigned ask(struct house *h, enum route_method method,
		    const char *path, uint64_t id, json_t *body)
{
	const struct route *route = route_find(method, path);
	struct request *req = &h->req;

	memset(req, 0, sizeof(*req));
	json_decref(h->answer);
	h->answer = NULL;
	h->status = 0;
	req->web = &h->web;
	req->route = route;
	req->body = body;
	req->ids[0] = id;
	assert_int_equal(sa_set_str(&req->peer, "192.0.2.7", 1234), 0);
	req->signed_in = h->cookie[0] &&
			 accounts_session(&req->session, &h->web,
					  h->cookie) == 0;
	assert_true(req->signed_in || (route->flags & ROUTE_OPEN));
	if (route->roles &&
	    !session_may(&req->session, -1, route->roles))
		request_error(req, 403, "not_allowed", "...");
	else
		route->h(req);
	json_decref(body);
	req->state = mem_deref(req->state);
	assert_int_not_equal(h->status, 0);

	return h->status;
}


unsigned post(struct house *h, const char *path, json_t *body)
{
	return ask(h, ROUTE_POST, path, 0, body);
}


const char *word(const struct house *h, const char *member)
{
	const char *text = json_string_value(json_object_get(h->answer,
							     member));

	assert_non_null(text);

	return text;
}


uint32_t person_new(struct house *h, const char *name,
			   const char *line, const char *role)
{
	struct store_person p = a_person(name, "");
	struct store_role r = {0};

	assert_int_equal(store_person_add(h->web.store, &p), 0);
	if (role) {
		SET(r.line, line);
		SET(r.role, role);
		assert_int_equal(store_roles_set(h->web.store, p.id, &r, 1),
				 0);
	}

	return p.id;
}


void encode(char text[PROOF_TEXT], uint8_t fill, size_t n)
{
	uint8_t bytes[PROOF_BYTES];

	memset(bytes, fill, sizeof(bytes));
	proof_encode(text, bytes, n);
}


json_t *acceptance(const char *token, uint8_t fill)
{
	char salt[PROOF_TEXT], proof[PROOF_TEXT];

	encode(salt, fill, PROOF_SALT);
	encode(proof, fill, PROOF_BYTES);

	return json_pack("{s:s, s:s, s:i, s:i, s:s}", "token", token, "salt",
			 salt, "opslimit", PROOF_OPSLIMIT, "memlimit",
			 PROOF_MEMLIMIT, "proof", proof);
}


void invited(struct house *h, uint32_t person, int64_t ends_at,
		    char token[PROOF_TEXT])
{
	struct store_invitation i = {.person = person, .ends_at = ends_at};

	token_make(token, i.hash);
	assert_int_equal(store_invitation_put(h->web.store, &i), 0);
}


void joins(struct house *h, uint32_t person, uint8_t fill)
{
	char token[PROOF_TEXT];

	h->cookie[0] = '\0';
	invited(h, person, accounts_now() + 1000000, token);
	assert_int_equal(post(h, "/invitation/accept",
			      acceptance(token, fill)), 200);
}


unsigned sign_in(struct house *h, const char *name, uint8_t fill,
			const char *code)
{
	char proof[PROOF_TEXT];

	encode(proof, fill, PROOF_BYTES);

	return post(h, "/sign-in",
		    code ? json_pack("{s:s, s:s, s:s}", "name", name, "proof",
				     proof, "code", code)
			 : json_pack("{s:s, s:s}", "name", name, "proof",
				     proof));
}
