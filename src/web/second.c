/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * second.c  What signing in asks for besides the passphrase: a one-time code,
 * or the answer of a security key; either is enough. Only for whoever has
 * shown the right proof: nobody else may learn what an account has. Must not
 * count guesses: signin.c does.
 */
#include <errno.h>
#include <string.h>

#include "accounts_parts.h"
#include "totp.h"


/* the one of this id, or with id NULL how many there are */
struct search {
	const struct mbuf *id;
	struct store_credential found;
	size_t n;
};


static bool search_handler(const struct store_credential *c, void *arg)
{
	struct search *s = arg;

	if (s->id && (c->n_key_id != s->id->end ||
		      memcmp(c->key_id, s->id->buf, c->n_key_id) != 0))
		return false;
	s->found = *c;
	++s->n;

	return false;
}


/* ---- a security key ---- */

enum { ID = 0, CLIENT, DATA, SIGNATURE, PARTS };

struct answer {
	struct mbuf *v[PARTS];
};


static int answer_read(struct answer *a, json_t *key)
{
	const char *texts[PARTS];
	int err = 0;

	if (json_unpack_ex(key, NULL, JSON_STRICT, "{s:s, s:s, s:s, s:s}",
			   "id", &texts[ID], "client", &texts[CLIENT],
			   "data", &texts[DATA], "signature",
			   &texts[SIGNATURE]))
		return EBADMSG;
	for (size_t i = 0; !err && i < PARTS; i++)
		err = key_bytes(&a->v[i], texts[i]);

	return err;
}


/* it is spent even if nothing else is right */
static int challenge_check(struct web *web, uint32_t person,
			   const struct webauthn_site *site,
			   const struct webauthn_bytes *client)
{
	const struct challenge_bond bond = {WEBAUTHN_GET, person, 0};
	uint8_t challenge[WEBAUTHN_CHALLENGE];
	int err;

	err = webauthn_client(challenge, site, WEBAUTHN_GET, client);
	if (err != EPROTO &&
	    challenge_take(&web->accounts->challenges, &bond, tmr_jiffies(),
			   challenge))
		err = EACCES;

	return err;
}


static int answer_check(struct web *web, uint32_t person,
			const struct answer *a)
{
	const struct webauthn_bytes client = key_part(a->v[CLIENT]);
	const struct webauthn_bytes data = key_part(a->v[DATA]);
	const struct webauthn_bytes signature = key_part(a->v[SIGNATURE]);
	struct search s = {.id = a->v[ID]};
	struct webauthn_site site;
	uint32_t count;
	int err;

	webauthn_site(&site, web->origin);
	err = challenge_check(web, person, &site, &client);
	if (!err)
		err = store_credential_each(web->store, person,
					    search_handler, &s);
	if (!err && !s.n)
		err = EACCES;
	if (!err)
		err = webauthn_assert(&count, &s.found, &site, &client, &data,
				      &signature);
	if (!err)
		err = store_credential_used(web->store, person, s.found.id,
					    count, accounts_now());

	return err;
}


static int key_take(struct web *web, uint32_t person, json_t *key)
{
	struct answer a = {{NULL}};
	int err;

	err = answer_read(&a, key);
	if (!err)
		err = answer_check(web, person, &a);
	for (size_t i = 0; i < PARTS; i++)
		mem_deref(a.v[i]);

	return err == EPROTO || err == EALREADY ? EACCES : err;
}


/* ---- codes ---- */

static bool has_codes(const struct store_account *account)
{
	return secret_reveal(&account->totp)[0] != '\0';
}


static int code_take(struct store *store, const struct store_account *account,
		     const char *code)
{
	int64_t counter;
	int err;

	err = totp_check(&account->totp, code, account->totp_counter,
			 accounts_now() / 1000, &counter);
	if (err)
		return err;
	err = store_account_code(store, account->person, counter);

	return err == EALREADY ? EACCES : err;
}


/* ---- either ---- */

int second_take(struct web *web, const struct store_account *account,
		const struct second *second)
{
	struct search s = {.n = 0};
	int err;

	err = store_credential_each(web->store, account->person,
				    search_handler, &s);
	if (err || (!s.n && !has_codes(account)))
		return err;
	if (second->key)
		return key_take(web, account->person, second->key);
	if (second->code && has_codes(account))
		return code_take(web->store, account, second->code);

	return ENOKEY;
}


/* null: with this address of the page no key can be asked */
static json_t *challenge_json(struct web *web, uint32_t person)
{
	const struct challenge_bond bond = {WEBAUTHN_GET, person, 0};
	uint8_t challenge[WEBAUTHN_CHALLENGE];
	struct webauthn_site site;
	char text[PROOF_TEXT];

	webauthn_site(&site, web->origin);
	if (!site.host[0])
		return json_null();
	challenge_make(&web->accounts->challenges, &bond, tmr_jiffies(),
		       challenge);
	proof_encode(text, challenge, sizeof(challenge));

	return json_string(text);
}


void second_ask(struct request *req, const struct store_account *account)
{
	json_t *ways = json_array(), *ids = json_array();
	int err;

	err = keys_ids(ids, req->web->store, account->person);
	if (err) {
		json_decref(ways);
		json_decref(ids);
		request_errno(req, err);
		return;
	}
	if (has_codes(account))
		(void)json_array_append_new(ways, json_string("totp"));
	if (json_array_size(ids))
		(void)json_array_append_new(ways, json_string("key"));
	request_reply(req, 401, json_pack(
		"{s:s, s:s, s:o, s:o, s:o}", "error", "code_needed",
		"message", "Enter the code that your app shows, or use your"
		" security key.", "ways", ways, "challenge",
		json_array_size(ids)
			? challenge_json(req->web, account->person)
			: json_null(), "credentials", ids));
}
