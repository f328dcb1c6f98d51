/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * vault.c  Keys of people and their grants. Must not open anything, nor give
 * one person's wrapped key to another.
 */
#include <errno.h>
#include <string.h>

#include "epoch/epochs.h"
#include "epoch/wanting.h"
#include "seal/seal.h"
#include "seal/wrap.h"

#include "accounts_parts.h"
#include "grants.h"
#include "sealed.h"
#include "vault.h"


enum { WANTING_MOST = 100 };


static void bad_request(struct request *req, const char *why)
{
	request_error(req, 400, "bad_request", why);
}


/* ---- their own key ---- */

/* one that nothing can be sealed to would keep everybody's from changing */
static bool is_public(const uint8_t *public)
{
	const struct seal_about about = {.kind = SEAL_GRANT, .epoch = 1,
					 .subject = 1};
	const uint8_t nothing[SEAL_KEY] = {0};
	uint8_t sealed[STORE_GRANT];

	return seal_make(sealed, &about, public, nothing,
			 sizeof(nothing)) == 0;
}


/* EEXIST: they have one */
static int identity_store(struct store *s,
			  const struct store_identity *identity)
{
	struct store_identity old;
	int err;

	err = store_identity_get(s, identity->person, &old);
	if (!err)
		return EEXIST;

	return err == ENOENT ? store_identity_put(s, identity) : err;
}


static bool identity_fill(struct store_identity *identity, const char *public,
			  const char *wrapped)
{
	return !proof_decode(identity->public, STORE_PUBLIC, public) &&
	       !proof_decode(identity->wrapped, STORE_WRAPPED, wrapped) &&
	       !wrap_check(identity->wrapped, STORE_WRAPPED) &&
	       is_public(identity->public);
}


static void identity_put(struct request *req)
{
	const char *public, *wrapped, *proof;
	struct store_identity identity;
	int err;

	if (!request_unpack(req, "{s:s, s:s, s:s}", "public", &public,
			    "wrapped", &wrapped, "proof", &proof))
		return;
	memset(&identity, 0, sizeof(identity));
	identity.person = req->session.person;
	if (!identity_fill(&identity, public, wrapped)) {
		bad_request(req, "A public key has 32 bytes, a wrapped one"
				 " 88.");
		return;
	}
	/* a stolen session must not plant a key of its thief's */
	if (!proof_shown(req, proof))
		return;
	err = identity_store(req->web->store, &identity);
	if (err == EEXIST) {
		request_error(req, 409, "key_there",
			      "There is a key already: another page was"
			      " faster.");
		return;
	}
	if (err) {
		request_errno(req, err);
		return;
	}
	accounts_changed(req->web, identity.person);
	request_done(req);
}


struct listing {
	struct request *req;
	json_t *list;
	uint64_t epoch; /* whose grant is looked for */
	json_t *sealed; /* of it; NULL none          */
	unsigned n;
	int err;
};


static bool grant_look(const struct store_grant *grant, void *arg)
{
	struct listing *l = arg;

	if (grant->epoch != l->epoch)
		return false;
	l->sealed = sealed_json(grant->sealed, sizeof(grant->sealed));

	return true;
}


static json_t *epoch_json(struct listing *l, const struct store_epoch *e)
{
	l->epoch = e->id;
	l->sealed = NULL;
	l->err = store_grant_of_person(l->req->web->store,
				       l->req->session.person, grant_look, l);

	return json_pack("{s:o, s:s, s:I, s:b, s:o, s:o}", "epoch",
			 sealed_number_json(e->id), "line", e->line, "month",
			 (json_int_t)e->month, "current", e->current,
			 "public", sealed_json(e->public, sizeof(e->public)),
			 "sealed", l->sealed ? l->sealed : json_null());
}


static bool epoch_add(const struct store_epoch *epoch, void *arg)
{
	struct listing *l = arg;
	int err;

	if (epoch->dropped)
		return false;
	err = epochs_entitled(l->req->web->store, epoch->line,
			      l->req->session.person);
	if (!err && json_array_append_new(l->list, epoch_json(l, epoch)))
		err = ENOMEM;
	if (err && err != ENOENT)
		l->err = err;

	return l->err != 0;
}


static int vault_read(json_t **jsonp, struct request *req)
{
	struct listing l = {.req = req, .list = json_array()};
	struct store *s = req->web->store;
	struct store_identity identity;
	struct store_recovery recovery;
	bool has_key, has_recovery;
	json_t *people = NULL;
	int err;

	err = store_identity_get(s, req->session.person, &identity);
	has_key = !err;
	if (!err || err == ENOENT)
		err = store_recovery_get(s, &recovery);
	has_recovery = !err;
	if (!err || err == ENOENT)
		err = store_epoch_each(s, epoch_add, &l);
	if (!err)
		err = l.err;
	if (!err)
		err = grants_people(&people, req);
	if (err) {
		json_decref(l.list);
		return err;
	}
	*jsonp = json_pack(
		"{s:o, s:o, s:b, s:o, s:o}", "public", has_key
		? sealed_json(identity.public, STORE_PUBLIC) : json_null(),
		"wrapped", has_key
		? sealed_json(identity.wrapped, STORE_WRAPPED) : json_null(),
		"recovery", has_recovery, "epochs", l.list, "people", people);

	return 0;
}


static void vault_get(struct request *req)
{
	json_t *json = NULL;
	const int err = vault_read(&json, req);

	if (err)
		request_errno(req, err);
	else
		request_reply(req, 200, json);
}


/* ---- grants ---- */

static bool wanting_add(const struct wanting *w, void *arg)
{
	struct listing *l = arg;

	if (json_array_append_new(l->list, json_pack(
		"{s:o, s:I, s:s, s:o}", "epoch", sealed_number_json(w->epoch),
		"person", (json_int_t)w->identity->person, "name", w->name,
		"public", sealed_json(w->identity->public, STORE_PUBLIC))))
		l->err = ENOMEM;

	return l->err || ++l->n == WANTING_MOST;
}


static void wanting_get(struct request *req)
{
	struct listing l = {.req = req, .list = json_array()};
	int err;

	err = wanting_each(req->web->store, req->session.person, wanting_add,
			   &l);
	if (!err)
		err = l.err;
	if (err) {
		json_decref(l.list);
		request_errno(req, err);
		return;
	}
	request_reply(req, 200, json_pack("{s:o}", "grants", l.list));
}


/* can it be one, of this epoch? */
static bool grant_fill(struct store_grant *g, const char *epoch,
		       const char *sealed)
{
	struct seal_about about;

	return !sealed_number(&g->epoch, epoch) &&
	       !proof_decode(g->sealed, STORE_GRANT, sealed) &&
	       !seal_look(&about, g->sealed, STORE_GRANT) &&
	       about.kind == SEAL_GRANT && about.detail == 0 &&
	       about.epoch == g->epoch;
}


/* EACCES: whoever gives it has not got it */
static int grant_check(struct request *req, struct store_grant *g)
{
	struct store *s = req->web->store;
	struct store_identity identity;
	struct store_epoch e;
	int err;

	err = wanting_holds(s, g->epoch, req->session.person);
	if (err)
		return err == ENOENT ? EACCES : err;
	err = wanting_epoch(s, g->epoch, &e);
	if (!err)
		err = epochs_entitled(s, e.line, g->person);
	if (!err)
		err = store_identity_get(s, g->person, &identity);
	if (err)
		return err;
	/* they may have been invited anew since the browser asked */
	if (memcmp(identity.public, g->public, STORE_PUBLIC) != 0)
		return ESTALE;

	return 0;
}


static int grant_store(struct request *req, const struct store_grant *g)
{
	const struct store_audit row = web_audit(req, "key_granted",
						 g->person);
	int err;

	err = store_audit_along(req->web->store, &row);

	return err ? err : store_grant_add(req->web->store, g);
}


static void granted(struct request *req, uint32_t person, int err)
{
	switch (err) {

	case 0:
		events_tell(req->web->events, person, "vault", NULL);
		request_done(req);
		break;
	case EACCES:
		request_error(req, 403, "not_allowed",
			      "Only who can open it can give it to others.");
		break;
	case EEXIST:
		request_error(req, 409, "key_there",
			      "They have it already.");
		break;
	case ESTALE:
		request_error(req, 409, "key_old",
			      "They have another key by now.");
		break;
	default:
		request_errno(req, err);
		break;
	}
}


static void grant_put(struct request *req)
{
	const char *epoch, *public, *sealed;
	struct store_grant g;
	json_int_t person;
	int err;

	if (!request_unpack(req, "{s:s, s:I, s:s, s:s}", "epoch", &epoch,
			    "person", &person, "public", &public, "sealed",
			    &sealed))
		return;
	memset(&g, 0, sizeof(g));
	if (person < 1 || person > UINT32_MAX ||
	    proof_decode(g.public, STORE_PUBLIC, public) ||
	    !grant_fill(&g, epoch, sealed)) {
		bad_request(req, "A grant is 200 bytes that seal the key of"
				 " this epoch.");
		return;
	}
	g.person = (uint32_t)person;
	err = grant_check(req, &g);
	if (!err)
		err = grant_store(req, &g);
	granted(req, g.person, err);
}


static const struct route rows[] = {
	{ROUTE_GET, "/api/v1/vault", vault_get, 0, 0},
	{ROUTE_POST, "/api/v1/vault", identity_put, 0, 0},
	{ROUTE_GET, "/api/v1/vault/wanting", wanting_get, 0, 0},
	{ROUTE_POST, "/api/v1/vault/grants", grant_put, 0, 0},
};

const struct route_table vault_routes = {
	rows, sizeof(rows) / sizeof(rows[0]),
};
