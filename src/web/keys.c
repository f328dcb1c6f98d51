/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * keys.c  The security keys of whoever is signed in. Whoever has but their
 * browser must not add or remove one: each time the proof of the passphrase is
 * asked for. Must not log labels.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "accounts_parts.h"
#include "guesses.h"


enum { KEYS_OF_ONE = 8 };


int key_bytes(struct mbuf **mbp, const char *text)
{
	const size_t n = strlen(text);
	struct mbuf *mb = mbuf_alloc(n + 1);

	if (!mb)
		return ENOMEM;
	if (sodium_base642bin(mb->buf, mb->size, text, n, NULL, &mb->end, NULL,
			      sodium_base64_VARIANT_URLSAFE_NO_PADDING)) {
		mem_deref(mb);
		return EPROTO;
	}
	*mbp = mb;

	return 0;
}


struct webauthn_bytes key_part(const struct mbuf *mb)
{
	return (struct webauthn_bytes){mb->buf, mb->end};
}


static json_t *base64_json(const uint8_t *bytes, size_t n)
{
	char text[sodium_base64_ENCODED_LEN(
		STORE_KEY_ID, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];

	(void)sodium_bin2base64(text, sizeof(text), bytes, n,
				sodium_base64_VARIANT_URLSAFE_NO_PADDING);

	return json_string(text);
}


static bool ids_handler(const struct store_credential *c, void *arg)
{
	(void)json_array_append_new(arg, base64_json(c->key_id, c->n_key_id));

	return false;
}


int keys_ids(json_t *list, struct store *store, uint32_t person)
{
	return store_credential_each(store, person, ids_handler, list);
}


/* ---- the proof, once more ---- */

/* 0, EACCES */
static int proof_check(struct request *req, const char *text)
{
	uint8_t proof[PROOF_BYTES], hash[PROOF_BYTES];
	struct store_account account;
	int err;

	if (proof_decode(proof, sizeof(proof), text))
		return EACCES;
	proof_hash(hash, proof);
	explicit_bzero(proof, sizeof(proof));
	err = store_account_get(req->web->store, req->session.person,
				&account);
	secret_wipe(&account.totp);
	if (!err && !proof_same(hash, account.proof))
		err = EACCES;

	return err;
}


bool proof_shown(struct request *req, const char *text)
{
	struct signin_limit *l = req->web->accounts->names;
	const uint32_t place = guesses_place(req, "proof");
	const uint64_t now = tmr_jiffies();
	const uint32_t s = signin_limit_wait(l, place, now);
	int err;

	if (s) {
		guesses_slow_down(req, s);
		return false;
	}
	err = proof_check(req, text);
	if (!err) {
		signin_limit_passed(l, place);
		return true;
	}
	if (err == EACCES) {
		signin_limit_failed(l, place, now);
		request_error(req, 401, "proof_wrong",
			      "This is not your passphrase.");
	}
	else {
		request_errno(req, err);
	}

	return false;
}


/* ---- which there are ---- */

static bool list_handler(const struct store_credential *c, void *arg)
{
	(void)json_array_append_new(arg, json_pack(
		"{s:I, s:s, s:I, s:I}", "id", (json_int_t)c->id, "label",
		c->label, "made_at", (json_int_t)c->made_at, "used_at",
		(json_int_t)c->used_at));

	return false;
}


static void keys_get(struct request *req)
{
	struct webauthn_site site;
	json_t *list = json_array();
	int err;

	err = store_credential_each(req->web->store, req->session.person,
				    list_handler, list);
	if (err) {
		json_decref(list);
		request_errno(req, err);
		return;
	}
	webauthn_site(&site, req->web->origin);
	request_reply(req, 200, json_pack("{s:o, s:b}", "keys", list,
					  "possible", site.host[0] != '\0'));
}


/* ---- one more ---- */

/* can there be another one? If not, the answer was given */
static bool has_room(struct request *req, const struct webauthn_site *site,
		     const json_t *ids)
{
	if (!site->host[0]) {
		request_error(req, 409, "no_host_name",
			      "Security keys need a page that has a name"
			      " instead of an address: set http_origin.");
		return false;
	}
	if (json_array_size(ids) >= KEYS_OF_ONE) {
		request_error(req, 409, "too_many_keys",
			      "There is room for eight. Remove one that you"
			      " do not use any more.");
		return false;
	}

	return true;
}


static json_t *algorithms_json(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < WEBAUTHN_ALGORITHMS; i++)
		(void)json_array_append_new(
			list, json_integer(webauthn_algorithms[i]));

	return list;
}


/* what an authenticator calls them says nothing about them */
static json_t *user_json(void)
{
	uint8_t id[PROOF_BYTES];

	randombytes_buf(id, sizeof(id));

	return base64_json(id, sizeof(id));
}


static void options_reply(struct request *req,
			  const struct webauthn_site *site, json_t *ids)
{
	const struct challenge_bond bond = {
		WEBAUTHN_CREATE, req->session.person, req->session.id,
	};
	uint8_t challenge[WEBAUTHN_CHALLENGE];
	struct store_person p;
	int err;

	err = store_person_find(req->web->store, bond.person, &p);
	secret_wipe(&p.phone);
	if (err) {
		request_errno(req, err);
		return;
	}
	challenge_make(&req->web->accounts->challenges, &bond, tmr_jiffies(),
		       challenge);
	request_reply(req, 200, json_pack(
		"{s:o, s:s, s:s, s:o, s:s, s:o, s:O}", "challenge",
		base64_json(challenge, sizeof(challenge)), "host", site->host,
		"hotline", req->web->config->name, "user", user_json(), "name",
		p.name, "algorithms", algorithms_json(), "exclude", ids));
}


static void begin(struct request *req)
{
	struct webauthn_site site;
	const char *proof;
	json_t *ids;
	int err;

	if (!request_unpack(req, "{s:s}", "proof", &proof) ||
	    !proof_shown(req, proof))
		return;
	webauthn_site(&site, req->web->origin);
	ids = json_array();
	err = keys_ids(ids, req->web->store, req->session.person);
	if (err)
		request_errno(req, err);
	else if (has_room(req, &site, ids))
		options_reply(req, &site, ids);
	json_decref(ids);
}


static bool is_label(const char *text)
{
	const size_t n = strlen(text);

	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	}

	return n < LIMIT_NAME;
}


/* EPROTO, EACCES: not what was asked for */
static int attestation_check(struct store_credential *c, struct request *req,
			     const struct webauthn_bytes *client,
			     const struct webauthn_bytes *object)
{
	const struct challenge_bond bond = {
		WEBAUTHN_CREATE, req->session.person, req->session.id,
	};
	uint8_t challenge[WEBAUTHN_CHALLENGE];
	struct webauthn_site site;
	int err;

	webauthn_site(&site, req->web->origin);
	err = webauthn_client(challenge, &site, WEBAUTHN_CREATE, client);
	if (err != EPROTO &&
	    challenge_take(&req->web->accounts->challenges, &bond,
			   tmr_jiffies(), challenge))
		err = EACCES;

	return err ? err : webauthn_attest(c, &site, client, object);
}


static int key_store(struct request *req, struct store_credential *c)
{
	const struct store_audit row = web_audit(req, "key_added", 0);
	int err;

	err = store_audit_along(req->web->store, &row);

	return err ? err : store_credential_add(req->web->store, c);
}


static int key_add(struct store_credential *c, struct request *req,
		   const char *client_text, const char *object_text)
{
	struct mbuf *client = NULL, *object = NULL;
	int err;

	err = key_bytes(&client, client_text);
	if (!err)
		err = key_bytes(&object, object_text);
	if (!err) {
		const struct webauthn_bytes a = key_part(client);
		const struct webauthn_bytes b = key_part(object);

		err = attestation_check(c, req, &a, &b);
	}
	mem_deref(client);
	mem_deref(object);

	return err ? err : key_store(req, c);
}


static void added(struct request *req, int err)
{
	switch (err) {

	case 0:
		events_tell(req->web->events, req->session.person, "me",
			    NULL);
		request_done(req);
		break;
	case EEXIST:
		request_error(req, 409, "key_known",
			      "This key is known already.");
		break;
	case EPROTO:
	case EACCES:
		request_error(req, 409, "key_wrong",
			      "The key did not answer what it was asked, or"
			      " too late. Begin again.");
		break;
	default:
		request_errno(req, err);
		break;
	}
}


static void add(struct request *req)
{
	const char *client, *object, *label = "";
	struct store_credential c;

	if (!request_unpack(req, "{s:s, s:s, s?s}", "client", &client,
			    "attestation", &object, "label", &label))
		return;
	if (!is_label(label)) {
		request_error(req, 400, "bad_request",
			      "A label has at most 63 bytes.");
		return;
	}
	memset(&c, 0, sizeof(c));
	c.person = req->session.person;
	c.made_at = accounts_now();
	memcpy(c.label, label, strlen(label));
	added(req, key_add(&c, req, client, object));
}


/* ENOENT: there is no such key of theirs */
static int key_drop(struct request *req, uint64_t id)
{
	const struct store_audit row = web_audit(req, "key_removed", 0);
	int err;

	if (id > UINT32_MAX)
		return ENOENT;
	err = store_audit_along(req->web->store, &row);

	return err ? err : store_credential_remove(req->web->store,
						   req->session.person,
						   (uint32_t)id);
}


static void remove_key(struct request *req)
{
	const char *proof;
	int err;

	if (!request_unpack(req, "{s:s}", "proof", &proof) ||
	    !proof_shown(req, proof))
		return;
	err = key_drop(req, req->ids[0]);
	if (err) {
		request_errno(req, err);
		return;
	}
	events_tell(req->web->events, req->session.person, "me", NULL);
	request_done(req);
}


static const struct route rows[] = {
	{ROUTE_GET, "/api/v1/me/keys", keys_get, 0, 0},
	{ROUTE_POST, "/api/v1/me/keys/begin", begin, 0, 0},
	{ROUTE_POST, "/api/v1/me/keys", add, 0, 0},
	{ROUTE_POST, "/api/v1/me/keys/{id}/remove", remove_key, 0, 0},
};

const struct route_table key_routes = {
	rows, sizeof(rows) / sizeof(rows[0]),
};
