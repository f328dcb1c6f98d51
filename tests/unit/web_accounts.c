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

#include "web/totp.h"

#include "web_house.h"

#include "clock.h"
#include "guard.h"


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
	assert_string_equal(h->told, "out 1; listens no more 1; ");
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
	assert_string_equal(h->told, "out 1; listens no more 1; ");

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


enum { SPEED = 1000 };


static int session_count(const struct house *h)
{
	sqlite3 *db = other_open(h->f);
	const int n = other_int(db, "SELECT count(*) FROM session");

	(void)sqlite3_close(db);

	return n;
}


static void stop_handler(void *arg)
{
	(void)arg;
	re_cancel();
}


struct watch {
	struct house *h;
	struct tmr tmr;
};


static void count_handler(void *arg)
{
	struct watch *w = arg;

	if (session_count(w->h) == 1)
		re_cancel();
	else
		clock_real_start(&w->tmr, 5, count_handler, w);
}


/* also while the program runs on and on, but not with each look around */
static void test_old_sessions(void **state)
{
	struct house *h = *state;
	const int64_t long_ago = accounts_now() - 15 * (int64_t)86400000;
	struct store_session old = {.made_at = long_ago, .seen_at = long_ago};
	struct watch w = {.h = h};

	joins(h, person_new(h, "Bo", NULL, NULL), 7);
	old.person = (uint32_t)json_integer_value(
		json_object_get(h->answer, "person"));
	h->web.accounts = mem_deref(h->web.accounts);
	clock_get()->speed = SPEED;
	accounts_open(h);
	assert_int_equal(store_session_add(h->web.store, &old), 0);
	clock_real_start(&w.tmr, 200, stop_handler, NULL);
	guard_loop(GUARD_MS * SPEED);
	assert_int_equal(session_count(h), 2);

	h->web.accounts->old_ms -= 3600000; /* an hour passes */
	clock_real_start(&w.tmr, 5, count_handler, &w);
	guard_loop(GUARD_MS * SPEED);
	assert_int_equal(accounts_session(&h->req.session, &h->web,
					  h->cookie), 0);
	clock_reset();
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


int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_sign_in),   CASE(test_invitation),
		CASE(test_unknown),   CASE(test_limit),
		CASE(test_totp),      CASE(test_sessions),
		CASE(test_session_over), CASE(test_old_sessions),
		CASE(test_many_browsers),
		CASE(test_line_coordinator), CASE(test_counsellor),
		CASE(test_invite),    CASE(test_change),
		CASE(test_role_taken), CASE(test_duty),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
