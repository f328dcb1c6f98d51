/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web_keys.c  Security keys: added, asked at signing in, removed; and the ways
 * in that are none.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "store/audit.h"

#include "web_house.h"

#include "authenticator.h"
#include "clock.h"

#define ORIGIN "https://line.example"
#define HOST "line.example"

enum { ES256 = -7, MINE = 7, OTHERS = 8 };

struct text {
	char v[4096];
};


static struct text base64(const void *p, size_t n)
{
	struct text t;

	(void)sodium_bin2base64(t.v, sizeof(t.v), p, n,
				sodium_base64_VARIANT_URLSAFE_NO_PADDING);

	return t;
}


static json_t *with_proof(uint8_t fill)
{
	char proof[PROOF_TEXT];

	encode(proof, fill, PROOF_BYTES);

	return json_pack("{s:s}", "proof", proof);
}


static struct text challenge_of(const struct house *h)
{
	struct text t;

	(void)snprintf(t.v, sizeof(t.v), "%s", word(h, "challenge"));

	return t;
}


static json_t *created(const struct answer *a, const char *label)
{
	const struct text client = base64(a->client, a->n_client);
	const struct text object = base64(a->data, a->n_data);

	return json_pack("{s:s, s:s, s:s}", "client", client.v, "attestation",
			 object.v, "label", label);
}


/* @return the status */
static unsigned add(struct house *h, struct authenticator *a)
{
	struct answer answer;

	assert_int_equal(post(h, "/me/keys/begin", with_proof(MINE)), 200);
	authenticator_create(a, challenge_of(h).v, &answer);

	return post(h, "/me/keys", created(&answer, "blue"));
}


static json_t *answered(const struct authenticator *a,
			const struct answer *answer)
{
	const struct text id = base64(a->id, sizeof(a->id));
	const struct text client = base64(answer->client, answer->n_client);
	const struct text data = base64(answer->data, answer->n_data);
	const struct text signature = base64(answer->signature,
					     answer->n_signature);

	return json_pack("{s:s, s:s, s:s, s:s}", "id", id.v, "client",
			 client.v, "data", data.v, "signature", signature.v);
}


static unsigned enter(struct house *h, const char *name, uint8_t fill,
		      json_t *key)
{
	char proof[PROOF_TEXT];

	encode(proof, fill, PROOF_BYTES);

	return post(h, "/sign-in", json_pack("{s:s, s:s, s:o}", "name", name,
					     "proof", proof, "key", key));
}


/* Bo asks for a challenge by the right proof, and gets it */
static struct text asked(struct house *h)
{
	assert_int_equal(sign_in(h, "Bo", MINE, NULL), 401);
	assert_string_equal(word(h, "error"), "code_needed");

	return challenge_of(h);
}


/* @return the status of Bo's signing in with it */
static unsigned enter_with(struct house *h, struct authenticator *a)
{
	const struct text challenge = asked(h);
	struct answer answer;

	authenticator_get(a, challenge.v, &answer);

	return enter(h, "Bo", MINE, answered(a, &answer));
}


static void refused(struct house *h, unsigned status)
{
	assert_int_equal(status, 401);
	assert_string_equal(word(h, "error"), "key_wrong");
}


static struct authenticator bo_with_key(struct house *h)
{
	struct authenticator a = authenticator_new(ES256, ORIGIN, HOST);

	joins(h, person_new(h, "Bo", NULL, NULL), MINE);
	assert_int_equal(add(h, &a), 200);

	return a;
}


static size_t keys_listed(struct house *h)
{
	assert_int_equal(ask(h, ROUTE_GET, "/me/keys", 0, NULL), 200);

	return json_array_size(json_object_get(h->answer, "keys"));
}


static void test_in(void **state)
{
	struct house *h = *state;
	struct authenticator a = bo_with_key(h);
	const struct text id = base64(a.id, sizeof(a.id));
	const json_t *ids, *row;

	assert_int_equal(keys_listed(h), 1);
	row = json_array_get(json_object_get(h->answer, "keys"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "label")),
			    "blue");
	assert_int_equal(json_integer_value(json_object_get(row, "used_at")),
			 0);
	assert_int_equal(post(h, "/sign-out", json_object()), 200);

	(void)asked(h);
	ids = json_object_get(h->answer, "credentials");
	assert_int_equal(json_array_size(ids), 1);
	assert_string_equal(json_string_value(json_array_get(ids, 0)), id.v);
	ids = json_object_get(h->answer, "ways");
	assert_int_equal(json_array_size(ids), 1);
	assert_string_equal(json_string_value(json_array_get(ids, 0)), "key");
	assert_int_equal(enter_with(h, &a), 200);
	assert_string_equal(word(h, "name"), "Bo");
	assert_int_equal(keys_listed(h), 1);
	row = json_array_get(json_object_get(h->answer, "keys"), 0);
	assert_true(json_integer_value(json_object_get(row, "used_at")) > 0);
	authenticator_break(&a);
}


/* who does not know the passphrase learns nothing of keys, and cannot use
 * the answer of one */
static void test_proof_first(void **state)
{
	struct house *h = *state;
	struct authenticator a = bo_with_key(h);
	const struct text challenge = asked(h);
	struct answer answer;

	authenticator_get(&a, challenge.v, &answer);
	assert_int_equal(sign_in(h, "Bo", OTHERS, NULL), 401);
	assert_string_equal(word(h, "error"), "wrong");
	assert_null(json_object_get(h->answer, "ways"));
	assert_null(json_object_get(h->answer, "challenge"));
	assert_int_equal(enter(h, "Bo", OTHERS, answered(&a, &answer)), 401);
	assert_string_equal(word(h, "error"), "wrong");
	assert_int_equal(enter(h, "Bo", MINE, answered(&a, &answer)), 200);
	authenticator_break(&a);
}


static void test_replayed(void **state)
{
	struct house *h = *state;
	struct authenticator a = bo_with_key(h);
	struct text challenge = asked(h);
	struct answer answer;

	authenticator_get(&a, challenge.v, &answer);
	assert_int_equal(enter(h, "Bo", MINE, answered(&a, &answer)), 200);
	refused(h, enter(h, "Bo", MINE, answered(&a, &answer)));

	/* what nobody asked, and what was asked too long ago */
	authenticator_get(&a, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
			  &answer);
	refused(h, enter(h, "Bo", MINE, answered(&a, &answer)));
	challenge = asked(h);
	authenticator_get(&a, challenge.v, &answer);
	clock_get()->ahead_ms = CHALLENGE_MS + 1;
	refused(h, enter(h, "Bo", MINE, answered(&a, &answer)));
	clock_reset();
	authenticator_break(&a);
}


static void test_another_challenge(void **state)
{
	struct house *h = *state;
	struct authenticator a = bo_with_key(h);
	struct answer answer;

	/* what it was asked to be added, and what somebody else was asked */
	assert_int_equal(post(h, "/me/keys/begin", with_proof(MINE)), 200);
	authenticator_get(&a, challenge_of(h).v, &answer);
	refused(h, enter(h, "Bo", MINE, answered(&a, &answer)));

	authenticator_get(&a, asked(h).v, &answer);
	joins(h, person_new(h, "Cy", NULL, NULL), MINE);
	{
		struct authenticator c = authenticator_new(ES256, ORIGIN,
							   HOST);

		assert_int_equal(add(h, &c), 200);
		authenticator_break(&c);
	}
	refused(h, enter(h, "Cy", MINE, answered(&a, &answer)));
	assert_int_equal(sign_in(h, "Cy", MINE, NULL), 401);
	authenticator_get(&a, challenge_of(h).v, &answer);
	refused(h, enter(h, "Cy", MINE, answered(&a, &answer)));
	authenticator_break(&a);
}


static void test_forged(void **state)
{
	struct house *h = *state;
	struct authenticator a = bo_with_key(h);
	struct authenticator other = authenticator_new(ES256, ORIGIN, HOST);
	struct answer answer;

	refused(h, enter_with(h, &other));
	memcpy(other.id, a.id, sizeof(other.id));
	refused(h, enter_with(h, &other));

	a.origin = "https://evil.example";
	refused(h, enter_with(h, &a));
	a.origin = ORIGIN;
	a.host = "evil.example";
	refused(h, enter_with(h, &a));
	a.host = HOST;
	signin_limit_passed(h->web.accounts->names,
			    proof_place(h->web.accounts->key, "Bo"));
	authenticator_get(&a, asked(h).v, &answer);
	answer.signature[answer.n_signature - 1] ^= 1;
	refused(h, enter(h, "Bo", MINE, answered(&a, &answer)));
	assert_int_equal(enter_with(h, &a), 200);
	authenticator_break(&other);
	authenticator_break(&a);
}


/* a copy of the key is somewhere, or an answer was kept */
static void test_count_backwards(void **state)
{
	struct house *h = *state;
	struct authenticator a = bo_with_key(h);

	a.count = 40;
	assert_int_equal(enter_with(h, &a), 200);
	a.count = 40;
	refused(h, enter_with(h, &a));
	a.count = 39;
	refused(h, enter_with(h, &a));
	a.count = 0;
	refused(h, enter_with(h, &a));
	a.count = 41;
	assert_int_equal(enter_with(h, &a), 200);
	authenticator_break(&a);
}


static void test_not_understood(void **state)
{
	struct house *h = *state;
	struct authenticator a = bo_with_key(h);

	assert_int_equal(enter(h, "Bo", MINE, json_null()), 400);
	assert_int_equal(enter(h, "Bo", MINE, json_string("x")), 400);
	assert_int_equal(enter(h, "Bo", MINE, json_pack("{s:s}", "id", "")),
			 400);
	refused(h, enter(h, "Bo", MINE, json_pack("{s:s, s:s, s:s, s:s}",
			"id", "=", "client", "", "data", "", "signature",
			"")));
	refused(h, enter(h, "Bo", MINE, json_pack("{s:s, s:s, s:s, s:s}",
			"id", "", "client", "", "data", "", "signature",
			"")));
	authenticator_break(&a);
}


/* wrong answers of keys are guesses as any others */
static void test_guesses(void **state)
{
	struct house *h = *state;
	struct authenticator a = bo_with_key(h);
	struct authenticator other = authenticator_new(ES256, ORIGIN, HOST);

	for (int i = 0; i < 6; i++)
		refused(h, enter_with(h, &other));
	assert_int_equal(sign_in(h, "Bo", MINE, NULL), 429);
	authenticator_break(&other);
	authenticator_break(&a);
}


static void test_passphrase_again(void **state)
{
	struct house *h = *state;
	struct authenticator a = bo_with_key(h);
	const char *const path = "/me/keys/{id}/remove";

	assert_int_equal(post(h, "/me/keys/begin", json_object()), 400);
	assert_int_equal(ask(h, ROUTE_POST, path, 1, with_proof(OTHERS)),
			 401);
	assert_string_equal(word(h, "error"), "proof_wrong");
	assert_int_equal(keys_listed(h), 1);
	assert_int_equal(ask(h, ROUTE_POST, path, 9, with_proof(MINE)), 404);
	assert_int_equal(ask(h, ROUTE_POST, path, 1, with_proof(MINE)), 200);
	assert_int_equal(keys_listed(h), 0);
	assert_int_equal(sign_in(h, "Bo", MINE, NULL), 200);

	for (int i = 0; i < 6; i++)
		assert_int_equal(post(h, "/me/keys/begin",
				      with_proof(OTHERS)), 401);
	assert_int_equal(post(h, "/me/keys/begin", with_proof(MINE)), 429);
	assert_int_equal(sign_in(h, "Bo", MINE, NULL), 200);
	authenticator_break(&a);
}


/* with one session alone nobody adds a key that another one was asked for */
static void test_not_added(void **state)
{
	struct house *h = *state;
	struct authenticator a = bo_with_key(h);
	struct authenticator b = authenticator_new(ES256, ORIGIN, HOST);
	struct answer answer;

	assert_int_equal(add(h, &a), 409);
	assert_string_equal(word(h, "error"), "key_known");

	assert_int_equal(post(h, "/me/keys/begin", with_proof(MINE)), 200);
	authenticator_create(&b, challenge_of(h).v, &answer);
	h->cookie[0] = '\0'; /* another browser */
	assert_int_equal(enter_with(h, &a), 200);
	assert_int_equal(post(h, "/me/keys", created(&answer, "")), 409);
	assert_string_equal(word(h, "error"), "key_wrong");

	b.origin = "https://evil.example";
	assert_int_equal(add(h, &b), 409);
	b.origin = ORIGIN;
	b.host = "evil.example";
	assert_int_equal(add(h, &b), 409);
	b.host = HOST;
	assert_int_equal(keys_listed(h), 1);

	assert_int_equal(post(h, "/me/keys", created(&answer, "a\nb")), 400);
	assert_int_equal(add(h, &b), 200);
	authenticator_break(&b);
	authenticator_break(&a);
}


static bool row_join(const struct store_audit *row, void *arg)
{
	const size_t used = strlen(arg);

	assert_int_equal(row->person, 1);
	(void)snprintf((char *)arg + used, 256 - used, "%s ", row->what);

	return false;
}


/* adding and removing are on record, and nothing that was refused */
static void test_on_record(void **state)
{
	struct house *h = *state;
	struct authenticator a = bo_with_key(h);
	const char *const path = "/me/keys/{id}/remove";
	char words[256] = "";

	assert_int_equal(h->req.session.person, 1);
	assert_int_equal(add(h, &a), 409);
	assert_int_equal(ask(h, ROUTE_POST, path, 9, with_proof(MINE)), 404);
	assert_int_equal(ask(h, ROUTE_POST, path, 1, with_proof(MINE)), 200);
	assert_int_equal(store_audit_each(h->web.store, 0, row_join, words),
			 0);
	assert_string_equal(words, "key_added key_removed ");
	authenticator_break(&a);
}


static void test_room(void **state)
{
	struct house *h = *state;
	struct authenticator a = bo_with_key(h);

	for (uint8_t i = 1; i < 8; i++) {
		a.id[0] = i;
		a.id[1] = 0xff;
		assert_int_equal(add(h, &a), 200);
	}
	assert_int_equal(post(h, "/me/keys/begin", with_proof(MINE)), 409);
	assert_string_equal(word(h, "error"), "too_many_keys");
	authenticator_break(&a);
}


/* keys are bound to names: with an address there are none, and it is said */
static void test_address(void **state)
{
	struct house *h = *state;
	struct authenticator a = bo_with_key(h);
	const json_t *member;

	(void)keys_listed(h);
	member = json_object_get(h->answer, "possible");
	assert_true(json_is_true(member));
	SET(h->web.origin, "http://127.0.0.1:8080");
	(void)keys_listed(h);
	member = json_object_get(h->answer, "possible");
	assert_true(json_is_false(member));
	assert_int_equal(post(h, "/me/keys/begin", with_proof(MINE)), 409);
	assert_string_equal(word(h, "error"), "no_host_name");

	/* asked for nevertheless */
	assert_int_equal(sign_in(h, "Bo", MINE, NULL), 401);
	assert_string_equal(word(h, "error"), "code_needed");
	assert_true(json_is_null(json_object_get(h->answer, "challenge")));
	authenticator_break(&a);
}


/* who has lost everything is invited anew, and begins without any */
static void test_lost(void **state)
{
	struct house *h = *state;
	struct authenticator a = bo_with_key(h);
	const uint32_t bo = (uint32_t)h->req.session.person;
	const struct secret_text secret = {"JBSWY3DPEHPK3PXP"};

	assert_int_equal(store_account_totp(h->web.store, bo, &secret, 1), 0);
	(void)asked(h);
	assert_int_equal(json_array_size(json_object_get(h->answer, "ways")),
			 2);
	joins(h, bo, OTHERS);
	assert_int_equal(keys_listed(h), 0);
	assert_int_equal(sign_in(h, "Bo", OTHERS, NULL), 200);

	/* the old one is as new */
	assert_int_equal(sign_in(h, "Bo", MINE, NULL), 401);
	assert_string_equal(word(h, "error"), "wrong");
	authenticator_break(&a);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_in),          CASE(test_proof_first),
		CASE(test_replayed),    CASE(test_another_challenge),
		CASE(test_forged),      CASE(test_count_backwards),
		CASE(test_not_understood), CASE(test_guesses),
		CASE(test_passphrase_again), CASE(test_not_added),
		CASE(test_on_record),   CASE(test_room),
		CASE(test_address),     CASE(test_lost),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
