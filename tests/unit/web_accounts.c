/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web_accounts.c  Signing in, codes, sessions, people: the handlers of the
 * API, with a store of their own and without HTTP.
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
#include <sodium.h>
#include <liboath/oath.h>

#include "web/accounts_parts.h"
#include "web/totp.h"

#include "store_fixture.h"


enum { LOG = 512 };

/* all of a house with a page, but for HTTP and the line */
struct house {
	struct fixture *f;
	struct web web;
	struct config config;
	struct request req;     /* the one that is handled */
	unsigned status;        /* of its answer; 0 none   */
	json_t *answer;
	char cookie[HTTP_COOKIE];
	char told[LOG];         /* what pages were told    */
	unsigned n_changed;     /* times the line was told */
};


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


void events_signed_out(struct events *e, uint64_t session)
{
	told_add(e, "out", session);
}


void events_person_out(struct events *e, uint32_t person)
{
	told_add(e, "person out", person);
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


static int setup(void **state)
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
	SET(h->web.origin, "https://line.example");
	assert_int_equal(accounts_alloc(&h->web.accounts, &h->web,
					changed_handler, h), 0);
	*state = h;

	return 0;
}


static int teardown(void **state)
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
		&signin_routes, &totp_routes, &session_routes, &people_routes,
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


/* by the cookie of before, if it still opens. @return the status */
static unsigned ask(struct house *h, enum route_method method,
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
	assert_int_not_equal(h->status, 0);

	return h->status;
}


static unsigned post(struct house *h, const char *path, json_t *body)
{
	return ask(h, ROUTE_POST, path, 0, body);
}


static const char *word(const struct house *h, const char *member)
{
	const char *text = json_string_value(json_object_get(h->answer,
							     member));

	assert_non_null(text);

	return text;
}


static uint32_t person_new(struct house *h, const char *name,
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


static void encode(char text[PROOF_TEXT], uint8_t fill, size_t n)
{
	uint8_t bytes[PROOF_BYTES];

	memset(bytes, fill, sizeof(bytes));
	proof_encode(text, bytes, n);
}


static json_t *acceptance(const char *token, uint8_t fill)
{
	char salt[PROOF_TEXT], proof[PROOF_TEXT];

	encode(salt, fill, PROOF_SALT);
	encode(proof, fill, PROOF_BYTES);

	return json_pack("{s:s, s:s, s:i, s:i, s:s}", "token", token, "salt",
			 salt, "opslimit", PROOF_OPSLIMIT, "memlimit",
			 PROOF_MEMLIMIT, "proof", proof);
}


static void invited(struct house *h, uint32_t person, int64_t ends_at,
		    char token[PROOF_TEXT])
{
	struct store_invitation i = {.person = person, .ends_at = ends_at};

	token_make(token, i.hash);
	assert_int_equal(store_invitation_put(h->web.store, &i), 0);
}


/* the page is this person's from now on */
static void joins(struct house *h, uint32_t person, uint8_t fill)
{
	char token[PROOF_TEXT];

	h->cookie[0] = '\0';
	invited(h, person, accounts_now() + 1000000, token);
	assert_int_equal(post(h, "/invitation/accept",
			      acceptance(token, fill)), 200);
}


static unsigned sign_in(struct house *h, const char *name, uint8_t fill,
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


/* ---- signing in ---- */

static void test_sign_in(void **state)
{
	struct house *h = *state;
	const uint32_t bo = person_new(h, "Bo", NULL, NULL);
	char token[PROOF_TEXT], cookie[HTTP_COOKIE];

	invited(h, bo, accounts_now() + 1000000, token);
	assert_int_equal(post(h, "/invitation",
			      json_pack("{s:s}", "token", token)), 200);
	assert_string_equal(word(h, "name"), "Bo");
	assert_int_equal(post(h, "/invitation/accept",
			      acceptance(token, 7)), 200);
	assert_string_equal(word(h, "name"), "Bo");
	assert_string_equal(word(h, "hotline"), "Night Line");
	assert_int_equal(json_array_size(json_object_get(h->answer, "lines")),
			 2);
	assert_int_equal(strlen(h->cookie), PROOF_TEXT - 1);

	/* only the hash of what opens is on disk */
	assert_false(on_disk(h->f, h->cookie));
	assert_false(on_disk(h->f, token));

	memcpy(cookie, h->cookie, sizeof(cookie));
	assert_int_equal(post(h, "/sign-out", json_object()), 200);
	assert_string_equal(h->cookie, "taken back");
	assert_string_equal(h->told, "out 1; ");
	assert_int_equal(accounts_session(&h->req.session, &h->web, cookie),
			 ENOENT);
	assert_int_equal(sign_in(h, "Bo", 8, NULL), 401);
	assert_string_equal(word(h, "error"), "wrong");
	assert_int_equal(sign_in(h, "Bo", 7, NULL), 200);
	assert_string_not_equal(h->cookie, cookie);
	assert_int_equal(ask(h, ROUTE_GET, "/me", 0, NULL), 200);
	assert_int_equal(json_integer_value(json_object_get(h->answer,
							    "person")), bo);
}


static void test_invitation(void **state)
{
	struct house *h = *state;
	const uint32_t bo = person_new(h, "Bo", NULL, NULL);
	const char *const path = "/invitation/accept";
	char token[PROOF_TEXT];
	json_t *body;

	assert_int_equal(post(h, "/invitation",
			      json_pack("{s:s}", "token", "x")), 404);
	invited(h, bo, accounts_now() - 1, token);
	assert_int_equal(post(h, "/invitation",
			      json_pack("{s:s}", "token", token)), 404);
	assert_int_equal(post(h, path, acceptance(token, 7)), 404);

	invited(h, bo, accounts_now() + 1000000, token);
	body = acceptance(token, 7);
	(void)json_object_set_new(body, "memlimit", json_integer(8192));
	assert_int_equal(post(h, path, body), 400);
	body = acceptance(token, 7);
	(void)json_object_set_new(body, "more", json_true());
	assert_int_equal(post(h, path, body), 400);
	assert_int_equal(post(h, path, acceptance(token, 7)), 200);
	assert_int_equal(post(h, path, acceptance(token, 8)), 404);
	assert_int_equal(post(h, "/invitation",
			      json_pack("{s:s}", "token", token)), 404);
	assert_int_equal(sign_in(h, "Bo", 7, NULL), 200);
}


static void test_unknown(void **state)
{
	struct house *h = *state;
	const uint32_t bo = person_new(h, "Bo", NULL, NULL);
	char salt[PROOF_TEXT], known[PROOF_TEXT];
	const char *const path = "/sign-in/begin";

	/* a name that nobody has, and one that has no account yet */
	assert_int_equal(post(h, path, json_pack("{s:s}", "name", "No")),
			 200);
	(void)snprintf(salt, sizeof(salt), "%s", word(h, "salt"));
	assert_int_equal(json_integer_value(
			json_object_get(h->answer, "opslimit")), 3);
	assert_int_equal(post(h, path, json_pack("{s:s}", "name", "No")),
			 200);
	assert_string_equal(word(h, "salt"), salt);
	assert_int_equal(post(h, path, json_pack("{s:s}", "name", "Bo")),
			 200);
	assert_string_not_equal(word(h, "salt"), salt);

	joins(h, bo, 7);
	assert_int_equal(post(h, path, json_pack("{s:s}", "name", "Bo")),
			 200);
	encode(known, 7, PROOF_SALT);
	assert_string_equal(word(h, "salt"), known);

	/* no account: no proof opens it, not even that of nothing */
	assert_int_equal(sign_in(h, "No", 0, NULL), 401);
	assert_string_equal(word(h, "error"), "wrong");
	assert_int_equal(post(h, "/sign-in", json_pack("{s:s, s:s}", "name",
						       "Bo", "proof", "AA")),
			 400);
}


static void test_limit(void **state)
{
	struct house *h = *state;
	static const char *const names[] = {"Bo", "No"};

	joins(h, person_new(h, "Bo", NULL, NULL), 7);
	for (int n = 0; n < 2; n++) {
		for (int i = 0; i < 6; i++)
			assert_int_equal(sign_in(h, names[n], 9, NULL), 401);
		assert_int_equal(sign_in(h, names[n], 7, NULL), 429);
		assert_string_equal(word(h, "error"), "slow_down");
		assert_true(json_integer_value(json_object_get(
				    h->answer, "retry_s")) >= 1);
	}

	/* somebody else does not wait; until the address has to */
	joins(h, person_new(h, "Cy", NULL, NULL), 8);
	assert_int_equal(sign_in(h, "Cy", 8, NULL), 200);
	for (int i = 0; i < 19; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "name %d", i);
		assert_int_equal(sign_in(h, name, 9, NULL), 401);
	}
	assert_int_equal(sign_in(h, "Cy", 8, NULL), 429);
}


/* ---- codes ---- */

static void code_of(char code[TOTP_DIGITS + 1], const char *secret, int step)
{
	const int64_t now = accounts_now() / 1000 / TOTP_STEP_S;
	char *key;
	size_t n;

	assert_int_equal(oath_base32_decode(secret, strlen(secret), &key, &n),
			 OATH_OK);
	assert_int_equal(oath_hotp_generate(key, n, (uint64_t)(now + step), 6,
					    false,
					    OATH_HOTP_DYNAMIC_TRUNCATION,
					    code), OATH_OK);
	free(key);
}


static unsigned code_post(struct house *h, const char *path, const char *code)
{
	return post(h, path, json_pack("{s:s}", "code", code));
}


static void test_totp(void **state)
{
	struct house *h = *state;
	char secret[64], first[8], next[8];

	joins(h, person_new(h, "Bo", NULL, NULL), 7);
	assert_int_equal(code_post(h, "/me/totp/confirm", "000000"), 409);
	assert_int_equal(post(h, "/me/totp/begin", json_object()), 200);
	(void)snprintf(secret, sizeof(secret), "%s", word(h, "secret"));
	assert_non_null(strstr(word(h, "uri"), secret));
	code_of(first, secret, 0);
	code_of(next, secret, 1);

	/* nothing is asked for before a code was shown */
	assert_int_equal(sign_in(h, "Bo", 7, NULL), 200);
	assert_int_equal(code_post(h, "/me/totp/confirm", "nocode"), 401);
	assert_int_equal(code_post(h, "/me/totp/confirm", first), 200);
	assert_int_equal(post(h, "/me/totp/begin", json_object()), 409);
	assert_int_equal(ask(h, ROUTE_GET, "/me", 0, NULL), 200);
	assert_true(json_is_true(json_object_get(h->answer, "totp")));

	assert_int_equal(sign_in(h, "Bo", 7, NULL), 401);
	assert_string_equal(word(h, "error"), "code_needed");
	assert_int_equal(sign_in(h, "Bo", 7, first), 401);
	assert_string_equal(word(h, "error"), "code_wrong");
	assert_int_equal(sign_in(h, "Bo", 8, next), 401);
	assert_string_equal(word(h, "error"), "wrong");
	assert_int_equal(sign_in(h, "Bo", 7, next), 200);
	assert_int_equal(sign_in(h, "Bo", 7, next), 401);

	/* used: not good for removing either */
	assert_int_equal(code_post(h, "/me/totp/remove", next), 401);
}


/* ---- sessions ---- */

static void test_sessions(void **state)
{
	struct house *h = *state;
	char first[HTTP_COOKIE], second[HTTP_COOKIE];
	const json_t *list;

	joins(h, person_new(h, "Bo", NULL, NULL), 7);
	memcpy(first, h->cookie, sizeof(first));
	h->cookie[0] = '\0'; /* another browser */
	assert_int_equal(sign_in(h, "Bo", 7, NULL), 200);
	memcpy(second, h->cookie, sizeof(second));
	assert_int_equal(ask(h, ROUTE_GET, "/sessions", 0, NULL), 200);
	list = json_object_get(h->answer, "sessions");
	assert_int_equal(json_array_size(list), 2);
	assert_true(json_is_false(json_object_get(json_array_get(list, 0),
						  "here")));
	assert_true(json_is_true(json_object_get(json_array_get(list, 1),
						 "here")));

	assert_int_equal(ask(h, ROUTE_POST, "/sessions/{id}/revoke", 1,
			     json_object()), 200);
	assert_int_equal(accounts_session(&h->req.session, &h->web, first),
			 ENOENT);
	assert_int_equal(ask(h, ROUTE_POST, "/sessions/{id}/revoke", 1,
			     json_object()), 404);
	assert_string_equal(h->told, "out 1; ");

	/* another's is not mine to end */
	joins(h, person_new(h, "Cy", NULL, NULL), 8);
	assert_int_equal(ask(h, ROUTE_POST, "/sessions/{id}/revoke", 2,
			     json_object()), 404);
	assert_int_equal(accounts_session(&h->req.session, &h->web, second),
			 0);
}


static void test_session_over(void **state)
{
	struct house *h = *state;
	const int64_t day = 86400000;
	struct session s;
	sqlite3 *db;
	char sql[128];

	joins(h, person_new(h, "Bo", NULL, NULL), 7);
	db = other_open(h->f);
	(void)snprintf(sql, sizeof(sql), "UPDATE session SET seen_at = %lld",
		       (long long)(accounts_now() - 13 * day));
	other_exec(db, sql);
	assert_int_equal(accounts_session(&s, &h->web, h->cookie), 0);
	/* it was used: fourteen days more */
	assert_int_equal(other_int(db, "SELECT count(*) FROM session WHERE"
				       " seen_at = made_at"), 0);
	assert_true(other_int(db, "SELECT seen_at / 1000 FROM session") >
		    (accounts_now() - day) / 1000);
	(void)snprintf(sql, sizeof(sql), "UPDATE session SET seen_at = %lld",
		       (long long)(accounts_now() - 14 * day - 1000));
	other_exec(db, sql);
	(void)sqlite3_close(db);
	assert_int_equal(accounts_session(&s, &h->web, h->cookie), ENOENT);
	assert_int_equal(accounts_session(&s, &h->web, ""), ENOENT);
	assert_int_equal(accounts_session(&s, &h->web, "nonsense"), ENOENT);
}


/* one person cannot fill the store by signing in */
static void test_many_browsers(void **state)
{
	struct house *h = *state;
	char first[HTTP_COOKIE];
	sqlite3 *db;

	joins(h, person_new(h, "Bo", NULL, NULL), 7);
	memcpy(first, h->cookie, sizeof(first));
	for (int i = 0; i < 20; i++) {
		h->cookie[0] = '\0';
		assert_int_equal(sign_in(h, "Bo", 7, NULL), 200);
	}
	db = other_open(h->f);
	assert_int_equal(other_int(db, "SELECT count(*) FROM session"), 16);
	(void)sqlite3_close(db);
	assert_int_equal(accounts_session(&h->req.session, &h->web, first),
			 ENOENT);
}


/* ---- people ---- */

static void people_are(struct house *h, const char *expected)
{
	char text[128] = "";
	const json_t *row;
	size_t i;

	assert_int_equal(ask(h, ROUTE_GET, "/people", 0, NULL), 200);
	json_array_foreach(json_object_get(h->answer, "people"), i, row) {
		const size_t n = strlen(text);

		(void)snprintf(text + n, sizeof(text) - n, "%s ",
			       json_string_value(json_object_get(row,
								 "name")));
	}
	assert_string_equal(text, expected);
}


static json_t *with_role(const char *name, const char *line, const char *role)
{
	return json_pack("{s:s, s:[{s:s, s:s}]}", "name", name, "roles",
			 "line", line, "role", role);
}


static void test_line_coordinator(void **state)
{
	struct house *h = *state;
	const uint32_t any = person_new(h, "Any", NULL, NULL);
	const uint32_t mine = person_new(h, "Mine", "youth", "trainee");
	const uint32_t top = person_new(h, "Top", "", "operator");

	(void)person_new(h, "Other", "main", "counsellor");
	joins(h, person_new(h, "Co", "youth", "coordinator"), 7);
	people_are(h, "Co Mine ");

	assert_int_equal(post(h, "/people",
			      with_role("New", "youth", "coordinator")), 200);
	assert_int_equal(h->n_changed, 1);
	assert_int_equal(post(h, "/people",
			      with_role("New", "youth", "trainee")), 409);
	assert_int_equal(post(h, "/people",
			      with_role("N", "youth", "operator")), 403);
	assert_int_equal(post(h, "/people",
			      with_role("N", "main", "trainee")), 403);
	assert_int_equal(post(h, "/people",
			      with_role("N", "", "trainee")), 403);
	assert_int_equal(post(h, "/people", json_pack("{s:s}", "name", "N")),
			 403);
	assert_int_equal(post(h, "/people",
			      with_role("N", "gone", "trainee")), 400);
	assert_int_equal(post(h, "/people",
			      with_role("N", "youth", "queen")), 400);

	assert_int_equal(ask(h, ROUTE_POST, "/people/{id}/invite", any,
			     json_object()), 403);
	assert_int_equal(ask(h, ROUTE_POST, "/people/{id}/remove", top,
			     json_object()), 403);
	assert_int_equal(ask(h, ROUTE_POST, "/people/{id}", mine,
			     with_role("Mine", "main", "trainee")), 403);
	assert_int_equal(ask(h, ROUTE_POST, "/people/{id}/duty", mine,
			     json_pack("{s:b}", "on", 0)), 200);
	assert_int_equal(ask(h, ROUTE_POST, "/people/{id}/remove", 99,
			     json_object()), 404);
	assert_int_equal(h->n_changed, 2);
}


static void test_counsellor(void **state)
{
	struct house *h = *state;

	joins(h, person_new(h, "Bo", NULL, NULL), 7);
	assert_int_equal(ask(h, ROUTE_GET, "/people", 0, NULL), 403);
	assert_int_equal(post(h, "/people", json_pack("{s:s}", "name", "N")),
			 403);
}


/* by the link that a coordinator hands on */
static void test_invite(void **state)
{
	struct house *h = *state;
	const uint32_t bo = person_new(h, "Bo", NULL, NULL);
	char theirs[HTTP_COOKIE], token[PROOF_TEXT], link[128];

	joins(h, bo, 8);
	memcpy(theirs, h->cookie, sizeof(theirs));
	joins(h, person_new(h, "Top", "", "coordinator"), 7);
	h->told[0] = '\0';
	assert_int_equal(ask(h, ROUTE_POST, "/people/{id}/invite", bo,
			     json_object()), 200);
	(void)snprintf(token, sizeof(token), "%s", word(h, "token"));
	(void)snprintf(link, sizeof(link), "https://line.example/#invite=%s",
		       token);
	assert_string_equal(word(h, "link"), link);
	assert_string_equal(h->told, "person out 1; ");
	assert_int_equal(accounts_session(&h->req.session, &h->web, theirs),
			 ENOENT);
	h->cookie[0] = '\0';
	assert_int_equal(sign_in(h, "Bo", 8, NULL), 401);
	assert_int_equal(post(h, "/invitation/accept",
			      acceptance(token, 9)), 200);
	h->cookie[0] = '\0';
	assert_int_equal(sign_in(h, "Bo", 9, NULL), 200);
}


static void test_change(void **state)
{
	struct house *h = *state;
	struct store_person p = a_person("Bo", "sip:bo@192.0.2.1"), got;

	assert_int_equal(store_person_add(h->web.store, &p), 0);
	joins(h, person_new(h, "Top", "", "operator"), 7);
	assert_int_equal(ask(h, ROUTE_POST, "/people/{id}", p.id,
			     json_pack("{s:s, s:[s, s], s:[s], s:s}", "name",
				       "Bea", "languages", "en", "es",
				       "skills", "legal", "region", "north")),
			 200);
	assert_int_equal(store_person_find(h->web.store, p.id, &got), 0);
	assert_string_equal(got.name, "Bea");
	assert_string_equal(got.languages, "en,es");
	assert_string_equal(got.skills, "legal");
	assert_string_equal(got.region, "north");
	assert_string_equal(secret_reveal(&got.phone), "sip:bo@192.0.2.1");
	assert_true(got.on_duty);

	assert_int_equal(ask(h, ROUTE_POST, "/people/{id}", p.id,
			     json_pack("{s:[s]}", "languages", "fr")), 400);
	assert_int_equal(ask(h, ROUTE_POST, "/people/{id}", p.id,
			     json_pack("{s:[]}", "languages")), 400);
	assert_int_equal(ask(h, ROUTE_POST, "/people/{id}", p.id,
			     json_pack("{s:s}", "name", " Bo")), 400);
	assert_int_equal(ask(h, ROUTE_POST, "/people/{id}", p.id,
			     json_pack("{s:[s]}", "skills", "a,b")), 400);
	assert_int_equal(ask(h, ROUTE_GET, "/people", 0, NULL), 200);
	{
		char *text = json_dumps(h->answer, 0);

		assert_null(strstr(text, "sip:"));
		assert_non_null(strstr(text, "\"has_phone\": true"));
		free(text);
	}
	assert_int_equal(ask(h, ROUTE_POST, "/people/{id}/remove", p.id,
			     json_object()), 200);
	assert_int_equal(store_person_find(h->web.store, p.id, &got), ENOENT);
}


static void test_duty(void **state)
{
	struct house *h = *state;
	struct store_person p = a_person("Bo", ""), got;

	SET(p.off_reason, "no_answer");
	p.off_at = 7;
	p.on_duty = false;
	assert_int_equal(store_person_add(h->web.store, &p), 0);
	joins(h, p.id, 7);
	assert_int_equal(post(h, "/me/duty", json_pack("{s:b}", "on", 1)),
			 200);
	assert_true(json_is_true(json_object_get(h->answer, "on_duty")));
	assert_int_equal(h->n_changed, 1);
	assert_int_equal(store_person_find(h->web.store, p.id, &got), 0);
	assert_true(got.on_duty);
	assert_string_equal(got.off_reason, "");
	assert_int_equal(got.off_at, 0);
}


/* a role that was taken away is gone with the next request */
static void test_role_taken(void **state)
{
	struct house *h = *state;
	const uint32_t co = person_new(h, "Co", "", "coordinator");

	joins(h, co, 7);
	people_are(h, "Co ");
	assert_int_equal(store_roles_set(h->web.store, co, NULL, 0), 0);
	assert_int_equal(ask(h, ROUTE_GET, "/people", 0, NULL), 403);
}


#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_sign_in),   CASE(test_invitation),
		CASE(test_unknown),   CASE(test_limit),
		CASE(test_totp),      CASE(test_sessions),
		CASE(test_session_over), CASE(test_many_browsers),
		CASE(test_line_coordinator), CASE(test_counsellor),
		CASE(test_invite),    CASE(test_change),
		CASE(test_role_taken), CASE(test_duty),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
