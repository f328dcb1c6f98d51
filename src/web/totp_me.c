/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * totp_me.c  Who I am, whether I am on duty, and the one-time codes that my
 * sign-in asks for. A secret is on record only after a code of it was shown.
 * Must not log codes.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "accounts_parts.h"
#include "guesses.h"
#include "totp.h"


enum { PENDING_MS = 600000 };


static void me_get(struct request *req)
{
	json_t *me;
	int err;

	err = session_me(&me, req->web, &req->session);
	if (err)
		request_errno(req, err);
	else
		request_reply(req, 200, me);
}


static void me_duty(struct request *req)
{
	int err, on;

	if (!request_unpack(req, "{s:b}", "on", &on))
		return;
	err = accounts_duty(req->web, req->session.person, on != 0);
	if (err)
		request_errno(req, err);
	else
		me_get(req);
}


/* theirs; else a free one, or the one that was begun first */
static struct accounts_pending *pending_place(struct accounts *a,
					      uint32_t person)
{
	struct accounts_pending *p = &a->pending[0];

	for (size_t i = 0; i < ACCOUNTS_PENDING; i++) {
		if (a->pending[i].person == person)
			return &a->pending[i];
		if (a->pending[i].made_at < p->made_at)
			p = &a->pending[i];
	}

	return p;
}


/* NULL if there is none, or it is too long ago */
static struct accounts_pending *pending_find(struct accounts *a,
					     uint32_t person)
{
	struct accounts_pending *p = pending_place(a, person);

	if (p->person != person || accounts_now() - p->made_at > PENDING_MS)
		return NULL;

	return p;
}


static void begin_reply(struct request *req, const char *name,
			const struct secret_text *secret)
{
	char uri[TOTP_URI];
	int err;

	err = totp_uri(uri, req->web->config->name, name, secret);
	if (err)
		request_errno(req, err);
	else
		request_reply(req, 200, json_pack("{s:s, s:s}", "secret",
				secret_reveal(secret), "uri", uri));
	explicit_bzero(uri, sizeof(uri));
}


/* @return the answer was given */
static bool account_of(struct request *req, struct store_account *account)
{
	const int err = store_account_get(req->web->store,
					  req->session.person, account);

	if (err)
		request_errno(req, err);

	return err != 0;
}


static bool asks_already(struct request *req)
{
	struct store_account account;
	bool asks;

	if (account_of(req, &account))
		return true;
	asks = secret_reveal(&account.totp)[0] != '\0';
	secret_wipe(&account.totp);
	if (asks)
		request_error(req, 409, "codes_already",
			      "Signing in asks for codes already. Remove"
			      " that first.");

	return asks;
}


static void begin(struct request *req)
{
	struct accounts *a = req->web->accounts;
	struct accounts_pending *p;
	struct store_person person;
	int err;

	if (!request_unpack(req, "{}") || asks_already(req))
		return;
	err = store_person_find(req->web->store, req->session.person,
				&person);
	if (err) {
		request_errno(req, err);
		return;
	}
	secret_wipe(&person.phone);

	p = pending_place(a, person.id);
	err = totp_secret(&p->secret);
	if (err) {
		request_errno(req, err);
		return;
	}
	p->person = person.id;
	p->made_at = accounts_now();
	begin_reply(req, person.name, &p->secret);
}


/* is the code good? If not, the answer was given */
static bool code_good(struct request *req, const struct secret_text *secret,
		      const char *code, int64_t last, int64_t *counterp)
{
	struct signin_limit *l = req->web->accounts->names;
	const uint32_t place = guesses_place(req, "code");
	const uint64_t now = tmr_jiffies();
	const uint32_t s = signin_limit_wait(l, place, now);
	int err;

	if (s) {
		guesses_slow_down(req, s);
		return false;
	}
	err = totp_check(secret, code, last, accounts_now() / 1000, counterp);
	if (!err) {
		signin_limit_passed(l, place);
		return true;
	}
	if (err == EACCES) {
		signin_limit_failed(l, place, now);
		request_error(req, 401, "code_wrong",
			      "This code is not the right one, or it was"
			      " used. Wait for the next one.");
	}
	else {
		request_errno(req, err);
	}

	return false;
}


/* from now on, or (empty) no more */
static void ask_codes(struct request *req, const struct secret_text *secret,
		      int64_t counter)
{
	const int err = store_account_totp(req->web->store,
					   req->session.person, secret,
					   counter);

	if (err) {
		request_errno(req, err);
		return;
	}
	events_tell(req->web->events, req->session.person, "me", NULL);
	request_done(req);
}


static void confirm(struct request *req)
{
	struct accounts_pending *p;
	const char *code;
	int64_t counter;

	if (!request_unpack(req, "{s:s}", "code", &code) || asks_already(req))
		return;
	p = pending_find(req->web->accounts, req->session.person);
	if (!p) {
		request_error(req, 409, "begin_again",
			      "Too much time has passed. Begin again, and scan"
			      " the new picture.");
		return;
	}
	if (!code_good(req, &p->secret, code, 0, &counter))
		return;
	ask_codes(req, &p->secret, counter);
	explicit_bzero(p, sizeof(*p));
}


static void remove_codes(struct request *req)
{
	const struct secret_text none = {""};
	struct store_account account;
	const char *code;
	int64_t counter;

	if (!request_unpack(req, "{s:s}", "code", &code) ||
	    account_of(req, &account))
		return;
	if (!secret_reveal(&account.totp)[0])
		request_error(req, 409, "no_codes",
			      "Signing in asks for no codes.");
	else if (code_good(req, &account.totp, code, account.totp_counter,
			   &counter))
		ask_codes(req, &none, 0);
	secret_wipe(&account.totp);
}


static const struct route rows[] = {
	{ROUTE_GET, "/api/v1/me", me_get, 0, 0},
	{ROUTE_POST, "/api/v1/me/duty", me_duty, 0, 0},
	{ROUTE_POST, "/api/v1/me/totp/begin", begin, 0, 0},
	{ROUTE_POST, "/api/v1/me/totp/confirm", confirm, 0, 0},
	{ROUTE_POST, "/api/v1/me/totp/remove", remove_codes, 0, 0},
};

const struct route_table totp_routes = {
	rows, sizeof(rows) / sizeof(rows[0]),
};
