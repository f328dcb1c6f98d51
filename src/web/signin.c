/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * signin.c  Signing in and out, and taking up an invitation. A name that
 * nobody has must look and cost as one that somebody has. Must not log names,
 * proofs or tokens.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "accounts_parts.h"
#include "guesses.h"


enum {
	OPSLIMIT_MOST = 64,
	MEMLIMIT_MOST = 1 << 30,
};


static void begin_reply(struct request *req, const uint8_t *salt,
			uint64_t opslimit, uint64_t memlimit)
{
	char text[PROOF_TEXT];

	proof_encode(text, salt, PROOF_SALT);
	request_reply(req, 200, json_pack("{s:s, s:I, s:I}", "salt", text,
					  "opslimit", (json_int_t)opslimit,
					  "memlimit", (json_int_t)memlimit));
}


/* account->person is 0 for a name that cannot sign in. The same is read
 * whatever the name is */
static int account_find(struct store_account *account, struct store *store,
			const char *name)
{
	struct store_person p = {0};
	int err;

	err = store_person_get(store, name, &p);
	secret_wipe(&p.phone);
	if (err && err != ENOENT)
		return err;
	err = store_account_get(store, err ? 0 : p.id, account);

	return err == ENOENT ? 0 : err;
}


static void begin(struct request *req)
{
	struct store_account account;
	uint8_t salt[PROOF_SALT];
	const char *name;
	int err;

	if (!request_unpack(req, "{s:s}", "name", &name))
		return;
	proof_salt(salt, req->web->accounts->key, name);
	err = account_find(&account, req->web->store, name);
	secret_wipe(&account.totp);
	if (err)
		request_errno(req, err);
	else if (account.person)
		begin_reply(req, account.salt, account.opslimit,
			    account.memlimit);
	else
		begin_reply(req, salt, PROOF_OPSLIMIT, PROOF_MEMLIMIT);
}


/* who tries, as the tables of pauses know them */
struct places {
	uint32_t name;
	uint32_t peer;
	uint32_t home; /* both together */
};


/* one household of IPv6 has 2^64 addresses */
static void peer_text(char *text, size_t size, const struct sa *peer)
{
	uint8_t a[16] = {0};

	if (sa_af(peer) == AF_INET6)
		sa_in6(peer, a);
	if (sa_af(peer) == AF_INET6)
		(void)re_snprintf(text, size, "%w", a, (size_t)8);
	else
		(void)re_snprintf(text, size, "%j", peer);
}


static struct places places_of(const struct request *req, const char *name)
{
	const uint8_t *key = req->web->accounts->key;
	struct places p;
	char text[64], both[128];

	peer_text(text, sizeof(text), &req->peer);
	p.name = proof_place(key, name);
	p.peer = proof_place(key, text);
	(void)re_snprintf(both, sizeof(both), "\n%u %s", p.name, text);
	p.home = proof_place(key, both);

	return p;
}


/* Whoever guesses at a name, from wherever, must not keep out who it belongs
 * to: from where they have signed in before they have pauses of their own. */
static bool is_home(const struct accounts *a, const struct places *p)
{
	return p->home && a->home[p->home % ACCOUNTS_HOMES] == p->home;
}


static bool must_wait(struct request *req, const struct places *p)
{
	const struct accounts *a = req->web->accounts;
	const uint64_t now = tmr_jiffies();
	const uint32_t by_name =
		is_home(a, p) ? signin_limit_wait(a->homes, p->home, now)
			      : signin_limit_wait(a->names, p->name, now);
	const uint32_t by_peer = signin_limit_wait(a->peers, p->peer, now);
	const uint32_t s = by_name > by_peer ? by_name : by_peer;

	if (!s)
		return false;

	guesses_slow_down(req, s);

	return true;
}


static void failed(struct request *req, const struct places *p,
		   const char *word, const char *message)
{
	const struct accounts *a = req->web->accounts;
	const uint64_t now = tmr_jiffies();

	if (is_home(a, p))
		signin_limit_failed(a->homes, p->home, now);
	else
		signin_limit_failed(a->names, p->name, now);
	signin_limit_failed(a->peers, p->peer, now);
	request_error(req, 401, word, message);
}


static void bad_request(struct request *req, const char *message)
{
	request_error(req, 400, "bad_request", message);
}


/* which of the two was wrong */
static void second_wrong(struct request *req, const struct places *places,
			 const struct second *second)
{
	if (second->key)
		failed(req, places, "key_wrong",
		       "This key is not one of yours, or its answer came too"
		       " late. Try again.");
	else
		failed(req, places, "code_wrong",
		       "This code is not the right one, or it was used."
		       " Wait for the next one.");
}


/* from home it says nothing of guesses from elsewhere: their pause goes on */
static void passed(struct accounts *a, const struct places *p)
{
	if (is_home(a, p))
		signin_limit_passed(a->homes, p->home);
	else
		signin_limit_passed(a->names, p->name);
	a->home[p->home % ACCOUNTS_HOMES] = p->home;
}


static void let_in(struct request *req, const struct store_account *account,
		   const struct places *places, const struct second *second)
{
	const int err = second_take(req->web, account, second);

	switch (err) {

	case 0:
		passed(req->web->accounts, places);
		session_start(req, account->person);
		break;
	case ENOKEY:
		second_ask(req, account);
		break;
	case EACCES:
		second_wrong(req, places, second);
		break;
	case EBADMSG:
		bad_request(req, "\"key\" takes id, client, data and"
				 " signature.");
		break;
	default:
		request_errno(req, err);
		break;
	}
}


static void sign_in(struct request *req)
{
	uint8_t proof[PROOF_BYTES], hash[PROOF_BYTES];
	struct second second = {NULL, NULL};
	struct store_account account;
	const char *name, *text;
	struct places places;
	int err;

	if (!request_unpack(req, "{s:s, s:s, s?s, s?o}", "name", &name,
			    "proof", &text, "code", &second.code, "key",
			    &second.key))
		return;
	if (proof_decode(proof, sizeof(proof), text)) {
		bad_request(req, "\"proof\" takes 32 bytes as base64url.");
		return;
	}
	places = places_of(req, name);
	if (must_wait(req, &places))
		return;

	proof_hash(hash, proof);
	explicit_bzero(proof, sizeof(proof));
	err = account_find(&account, req->web->store, name);
	if (err)
		request_errno(req, err);
	else if (!proof_same(hash, account.proof) || !account.person)
		failed(req, &places, "wrong",
		       "Name and passphrase do not belong together.");
	else
		let_in(req, &account, &places, &second);
	secret_wipe(&account.totp);
}


static void sign_out(struct request *req)
{
	int err = 0;

	if (!request_unpack(req, "{}"))
		return;
	if (req->signed_in)
		err = session_end(req);
	if (err && err != ENOENT) {
		request_errno(req, err);
		return;
	}
	request_cookie(req, NULL);
	request_done(req);
}


/* ---- invitations ---- */

static void no_invitation(struct request *req)
{
	request_error(req, 404, "no_invitation",
		      "This link is not good any more: it was used, a newer"
		      " one was made, or its time is over. Ask for another.");
}


static int invited(struct store_person *p, struct store *store,
		   const char *token)
{
	struct store_invitation invitation;
	uint8_t hash[PROOF_BYTES];
	int err;

	if (token_hash(hash, token))
		return ENOENT;
	err = store_invitation_get(store, hash, &invitation);
	if (err)
		return err;
	if (invitation.used || invitation.ends_at <= accounts_now())
		return ENOENT;

	return store_person_find(store, invitation.person, p);
}


static void invitation(struct request *req)
{
	struct store_person p;
	const char *token;
	int err;

	if (!request_unpack(req, "{s:s}", "token", &token))
		return;
	err = invited(&p, req->web->store, token);
	if (err == ENOENT)
		no_invitation(req);
	else if (err)
		request_errno(req, err);
	else
		request_reply(req, 200, json_pack("{s:s}", "name", p.name));
	secret_wipe(&p.phone);
}


struct acceptance {
	const char *token, *salt, *proof;
	json_int_t opslimit, memlimit;
};


/* a browser that asks for less than we show for unknown names would tell that
 * the name is known, and be easier to guess */
static int account_fill(struct store_account *account,
			const struct acceptance *a)
{
	uint8_t proof[PROOF_BYTES];

	memset(account, 0, sizeof(*account));
	if (a->opslimit < PROOF_OPSLIMIT || a->opslimit > OPSLIMIT_MOST ||
	    a->memlimit < PROOF_MEMLIMIT || a->memlimit > MEMLIMIT_MOST ||
	    proof_decode(account->salt, sizeof(account->salt), a->salt) ||
	    proof_decode(proof, sizeof(proof), a->proof))
		return EINVAL;

	account->opslimit = (uint64_t)a->opslimit;
	account->memlimit = (uint64_t)a->memlimit;
	proof_hash(account->proof, proof);
	explicit_bzero(proof, sizeof(proof));

	return 0;
}


/* what they had before, they cannot open any more */
static void joined(struct request *req, uint32_t person)
{
	keyring_keep(req->web);
	session_start(req, person);
}


static void accept_invitation(struct request *req)
{
	struct store_account account;
	uint8_t hash[PROOF_BYTES];
	struct acceptance a;
	int err;

	if (!request_unpack(req, "{s:s, s:s, s:I, s:I, s:s}", "token",
			    &a.token, "salt", &a.salt, "opslimit", &a.opslimit,
			    "memlimit", &a.memlimit, "proof", &a.proof))
		return;
	if (account_fill(&account, &a)) {
		bad_request(req, "A salt of 16 bytes, a proof of 32, opslimit"
				 " from 3 to 64, memlimit from 64 MiB to 1"
				 " GiB.");
		return;
	}
	err = token_hash(hash, a.token)
		      ? ENOENT
		      : store_invitation_accept(req->web->store, hash,
						accounts_now(), &account);
	if (err == ENOENT)
		no_invitation(req);
	else if (err)
		request_errno(req, err);
	else
		joined(req, account.person);
}


static const struct route rows[] = {
	{ROUTE_POST, "/api/v1/sign-in/begin", begin, ROUTE_OPEN, 0},
	{ROUTE_POST, "/api/v1/sign-in", sign_in, ROUTE_OPEN, 0},
	{ROUTE_POST, "/api/v1/sign-out", sign_out, ROUTE_OPEN, 0},
	{ROUTE_POST, "/api/v1/invitation", invitation, ROUTE_OPEN, 0},
	{ROUTE_POST, "/api/v1/invitation/accept", accept_invitation,
	 ROUTE_OPEN, 0},
};

const struct route_table signin_routes = {
	rows, sizeof(rows) / sizeof(rows[0]),
};
