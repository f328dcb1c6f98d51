/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * grants.c  Public keys of colleagues; keys of epochs that do not open. Must
 * not take a key from anybody who is the only one to have it.
 */
#include <errno.h>

#include "epoch/epochs.h"
#include "epoch/wanting.h"

#include "accounts_parts.h"
#include "grants.h"
#include "guesses.h"
#include "sealed.h"


/* ---- who has which key ---- */

struct colleagues {
	struct request *req;
	json_t *list;
	int err;
};


/* 0: both are; ENOENT no */
static int both_entitled(const struct request *req, const char *line,
			 uint32_t person)
{
	struct store *s = req->web->store;
	const int err = epochs_entitled(s, line, req->session.person);

	return err ? err : epochs_entitled(s, line, person);
}


static int share_line(const struct request *req, uint32_t person)
{
	const struct config *cfg = req->web->config;
	int err = both_entitled(req, EPOCHS_HOUSE, person);

	for (uint32_t i = 0; err == ENOENT && i < cfg->n_lines; i++)
		err = both_entitled(req, cfg->lines[i].name, person);

	return err;
}


static bool colleague_add(const struct store_person *p, void *arg)
{
	struct store_identity identity;
	struct colleagues *c = arg;
	int err;

	if (p->id == c->req->session.person)
		return false;
	err = share_line(c->req, p->id);
	if (!err)
		err = store_identity_get(c->req->web->store, p->id,
					 &identity);
	if (!err && json_array_append_new(c->list, json_pack(
		"{s:I, s:s, s:o}", "person", (json_int_t)p->id, "name",
		p->name, "public", sealed_json(identity.public,
					       STORE_PUBLIC))))
		err = ENOMEM;
	if (err != ENOENT)
		c->err = err;

	return c->err != 0;
}


int grants_people(json_t **listp, struct request *req)
{
	struct colleagues c = {.req = req, .list = json_array()};
	int err;

	err = store_person_each(req->web->store, colleague_add, &c);
	if (!err)
		err = c.err;
	if (err)
		json_decref(c.list);
	else
		*listp = c.list;

	return err;
}


/* ---- one that does not open ---- */

struct others {
	uint32_t person;
	bool mine;
	bool others; /* somebody else could give it anew */
};


static bool holder_look(const struct store_grant *grant, void *arg)
{
	struct others *o = arg;

	if (grant->person == o->person)
		o->mine = true;
	else if (grant->person)
		o->others = true;

	return false;
}


/* EPERM: nobody else has it, so nobody would give it again */
static int refusal_check(struct request *req, uint64_t epoch)
{
	struct others o = {.person = req->session.person};
	int err;

	err = store_grant_of_epoch(req->web->store, epoch, holder_look, &o);
	if (err)
		return err;
	if (!o.mine)
		return ENOENT;

	return o.others ? 0 : EPERM;
}


static int refusal_store(struct request *req, uint64_t epoch)
{
	const struct store_audit row = web_audit(req, "grant_refused",
						 req->session.person);
	int err;

	err = store_audit_along(req->web->store, &row);

	return err ? err : store_grant_refuse(req->web->store, epoch,
					      req->session.person);
}


/* each counts, as a guess that has failed does: who lies about it can only
 * slow themselves down */
static void refuse(struct request *req)
{
	struct signin_limit *l = req->web->accounts->names;
	const uint32_t place = guesses_place(req, "refuse");
	const uint32_t s = signin_limit_wait(l, place, tmr_jiffies());
	const uint64_t epoch = req->ids[0];
	int err;

	if (!request_unpack(req, "{}"))
		return;
	if (s) {
		guesses_slow_down(req, s);
		return;
	}
	err = refusal_check(req, epoch);
	if (err == EPERM) {
		request_error(req, 409, "only_you",
			      "Nobody else has this key, so nobody could give"
			      " it to you again.");
		return;
	}
	signin_limit_failed(l, place, tmr_jiffies());
	if (!err)
		err = refusal_store(req, epoch);
	if (err) {
		request_errno(req, err);
		return;
	}
	events_tell_all(req->web->events, "vault", NULL);
	request_done(req);
}


static const struct route rows[] = {
	{ROUTE_POST, "/api/v1/vault/grants/{epoch}/refuse", refuse, 0, 0},
};

const struct route_table grants_routes = {
	rows, sizeof(rows) / sizeof(rows[0]),
};
