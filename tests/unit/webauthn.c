/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * webauthn.c  Answers of security keys: what is taken, and what is not.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <cmocka.h>
#include <sodium.h>

#include "web/webauthn.h"

#include "authenticator.h"
#include "oom.h"

#define ORIGIN "https://line.example:8443"
#define HOST "line.example"
#define CHALLENGE "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

enum { ES256 = -7 };


static struct webauthn_bytes client_of(const struct answer *a)
{
	return (struct webauthn_bytes){(const uint8_t *)a->client,
				       a->n_client};
}


static struct webauthn_bytes data_of(const struct answer *a)
{
	return (struct webauthn_bytes){a->data, a->n_data};
}


static int client_check(const struct answer *a, enum webauthn_act act)
{
	const struct webauthn_bytes client = client_of(a);
	uint8_t challenge[WEBAUTHN_CHALLENGE];
	struct webauthn_site site;
	int err;

	webauthn_site(&site, ORIGIN);
	err = webauthn_client(challenge, &site, act, &client);
	for (uint8_t i = 0; !err && i < sizeof(challenge); i++)
		assert_int_equal(challenge[i], i);

	return err;
}


static int attest(struct store_credential *c, const struct answer *a)
{
	const struct webauthn_bytes client = client_of(a), data = data_of(a);
	struct webauthn_site site;

	webauthn_site(&site, ORIGIN);
	memset(c, 0, sizeof(*c));

	return webauthn_attest(c, &site, &client, &data);
}


static int assertion(uint32_t *count, const struct store_credential *c,
		     const struct answer *a)
{
	const struct webauthn_bytes client = client_of(a), data = data_of(a);
	const struct webauthn_bytes signature = {a->signature,
						 a->n_signature};
	struct webauthn_site site;

	webauthn_site(&site, ORIGIN);

	return webauthn_assert(count, c, &site, &client, &data, &signature);
}


static void test_site(void **state)
{
	static const char *const rows[][2] = {
		{"https://hotline.example", "hotline.example"},
		{"https://a.hotline.example:8443", "a.hotline.example"},
		{"http://localhost:8080", "localhost"},
		{"http://127.0.0.1:8080", ""}, {"https://192.0.2.1", ""},
		{"http://[::1]:8080", ""}, {"nonsense", ""}, {"", ""},
	};
	struct webauthn_site site;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		webauthn_site(&site, rows[i][0]);
		assert_string_equal(site.host, rows[i][1]);
	}
}


static void test_client(void **state)
{
	static const struct {
		const char *text;
		int err;
	} rows[] = {
		{"", EPROTO}, {"[]", EPROTO}, {"{}", EPROTO},
		{"{\"type\":\"webauthn.get\",\"origin\":\"" ORIGIN "\"}",
		 EPROTO},
		{"{\"type\":\"webauthn.get\",\"origin\":\"" ORIGIN "\","
		 "\"challenge\":\"AAAA\"}", EPROTO},
		{"{\"type\":\"webauthn.get\",\"origin\":\"" ORIGIN "\","
		 "\"challenge\":\"" CHALLENGE "A\"}", EPROTO},
		{"{\"type\":\"webauthn.get\",\"origin\":\"" ORIGIN "\","
		 "\"challenge\":\"" CHALLENGE "\"}", 0},
		{"{\"type\":\"webauthn.get\",\"origin\":\"" ORIGIN "\","
		 "\"challenge\":\"" CHALLENGE "\",\"new\":[1]}", 0},
		{"{\"type\":\"webauthn.create\",\"type\":\"webauthn.get\","
		 "\"origin\":\"" ORIGIN "\",\"challenge\":\"" CHALLENGE
		 "\"}", EPROTO},
		{"{\"type\":\"webauthn.create\",\"origin\":\"" ORIGIN "\","
		 "\"challenge\":\"" CHALLENGE "\"}", EACCES},
		{"{\"type\":\"webauthn.get\",\"origin\":"
		 "\"https://evil.example\",\"challenge\":\"" CHALLENGE "\"}",
		 EACCES},
		{"{\"type\":\"webauthn.get\",\"origin\":\"" ORIGIN "0\","
		 "\"challenge\":\"" CHALLENGE "\"}", EACCES},
		{"{\"type\":\"webauthn.get\",\"origin\":\"" ORIGIN "\","
		 "\"challenge\":\"" CHALLENGE "\",\"crossOrigin\":true}",
		 EACCES},
		{"{\"type\":\"webauthn.get\",\"origin\":\"" ORIGIN "\","
		 "\"challenge\":\"" CHALLENGE "\",\"topOrigin\":\"x\"}",
		 EACCES},
	};
	struct answer a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		a.n_client = strlen(rows[i].text);
		memcpy(a.client, rows[i].text, a.n_client);
		assert_int_equal(client_check(&a, WEBAUTHN_GET), rows[i].err);
	}
}


static void test_algorithms(void **state)
{
	(void)state;
	for (int i = 0; i < WEBAUTHN_ALGORITHMS * 2; i++) {
		const int32_t algorithm = webauthn_algorithms[i / 2];
		struct authenticator a = authenticator_new(algorithm, ORIGIN,
							   HOST);
		struct store_credential c;
		struct answer answer;
		uint32_t count;

		a.attests = i % 2;
		authenticator_create(&a, CHALLENGE, &answer);
		assert_int_equal(client_check(&answer, WEBAUTHN_CREATE), 0);
		assert_int_equal(attest(&c, &answer), 0);
		assert_int_equal(c.algorithm, algorithm);
		assert_int_equal(c.n_key_id, AUTHENTICATOR_ID);
		assert_memory_equal(c.key_id, a.id, AUTHENTICATOR_ID);
		assert_int_equal(c.sign_count, 1);

		authenticator_get(&a, CHALLENGE, &answer);
		assert_int_equal(client_check(&answer, WEBAUTHN_GET), 0);
		assert_int_equal(assertion(&count, &c, &answer), 0);
		assert_int_equal(count, 2);
		authenticator_break(&a);
	}
}


static void test_not_made_known(void **state)
{
	struct authenticator a = authenticator_new(ES256, ORIGIN, HOST);
	struct store_credential c;
	struct answer answer;

	(void)state;
	a.host = "evil.example";
	authenticator_create(&a, CHALLENGE, &answer);
	assert_int_equal(attest(&c, &answer), EACCES);

	a.host = HOST;
	a.flags = FLAG_VERIFIED; /* nobody touched it */
	authenticator_create(&a, CHALLENGE, &answer);
	assert_int_equal(attest(&c, &answer), EACCES);

	a.flags = FLAG_PRESENT;
	a.attests = true;
	authenticator_create(&a, CHALLENGE, &answer);
	answer.client[answer.n_client - 1] = ' '; /* signed another one */
	assert_int_equal(attest(&c, &answer), EACCES);

	authenticator_create(&a, CHALLENGE, &answer);
	answer.n_data--;
	assert_int_equal(attest(&c, &answer), EPROTO);
	answer.n_data += 2; /* something behind it */
	assert_int_equal(attest(&c, &answer), EPROTO);
	answer.n_data = 0;
	assert_int_equal(attest(&c, &answer), EPROTO);
	authenticator_break(&a);
}


static void test_no_answer(void **state)
{
	struct authenticator a = authenticator_new(ES256, ORIGIN, HOST);
	struct authenticator b = authenticator_new(ES256, ORIGIN, HOST);
	struct store_credential c;
	struct answer answer;
	uint32_t count = 0;

	(void)state;
	authenticator_create(&a, CHALLENGE, &answer);
	assert_int_equal(attest(&c, &answer), 0);

	authenticator_get(&b, CHALLENGE, &answer); /* another key */
	assert_int_equal(assertion(&count, &c, &answer), EACCES);
	a.host = "evil.example";
	authenticator_get(&a, CHALLENGE, &answer);
	assert_int_equal(assertion(&count, &c, &answer), EACCES);
	a.host = HOST;
	a.flags = 0;
	authenticator_get(&a, CHALLENGE, &answer);
	assert_int_equal(assertion(&count, &c, &answer), EACCES);
	a.flags = FLAG_PRESENT;
	authenticator_get(&a, CHALLENGE, &answer);
	answer.client[answer.n_client - 1] = ' ';
	assert_int_equal(assertion(&count, &c, &answer), EACCES);
	authenticator_get(&a, CHALLENGE, &answer);
	answer.n_data = 10;
	assert_int_equal(assertion(&count, &c, &answer), EACCES);
	authenticator_get(&a, CHALLENGE, &answer);
	answer.n_signature = 0;
	assert_int_not_equal(assertion(&count, &c, &answer), 0);
	assert_int_equal(count, 0);

	c.algorithm = -999;
	assert_int_equal(assertion(&count, &c, &answer), EPROTO);
	authenticator_break(&a);
	authenticator_break(&b);
}


static void same(const struct store_credential *a,
		 const struct store_credential *b)
{
	assert_int_equal(a->n_key_id, b->n_key_id);
	assert_memory_equal(a->key_id, b->key_id, a->n_key_id);
	assert_int_equal(a->algorithm, b->algorithm);
	assert_int_equal(a->n_public, b->n_public);
	assert_memory_equal(a->public, b->public, a->n_public);
	assert_int_equal(a->sign_count, b->sign_count);
}


/* no byte of an answer can be another one: at most one that says nothing */
static void test_each_byte(void **state)
{
	struct authenticator a = authenticator_new(ES256, ORIGIN, HOST);
	struct store_credential c, other;
	struct answer answer, bad;
	uint32_t count = 0;

	(void)state;
	a.attests = true;
	authenticator_create(&a, CHALLENGE, &answer);
	assert_int_equal(attest(&c, &answer), 0);
	for (size_t i = 0; i < answer.n_data; i++) {
		bad = answer;
		bad.data[i] ^= 1;
		if (attest(&other, &bad) == 0)
			same(&other, &c);
	}

	authenticator_get(&a, CHALLENGE, &answer);
	assert_int_equal(assertion(&count, &c, &answer), 0);
	for (size_t i = 0; i < answer.n_data; i++) {
		bad = answer;
		bad.data[i] ^= 1;
		assert_int_not_equal(assertion(&count, &c, &bad), 0);
	}
	for (size_t i = 0; i < answer.n_signature; i++) {
		bad = answer;
		bad.signature[i] ^= 1;
		assert_int_equal(assertion(&count, &c, &bad), EACCES);
	}
	authenticator_break(&a);
}


/* so much memory has the process had, in KiB */
static long most_kib(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);

	return usage.ru_maxrss;
}


/* a list that says it has 2^28 members, wherever a parser looks */
static void test_boasting(void **state)
{
	static const uint8_t list[] = {0x9a, 0x10, 0, 0, 0};
	static const uint8_t map[] = {0xba, 0x10, 0, 0, 0};
	struct authenticator a = authenticator_new(ES256, ORIGIN, HOST);
	const long before = most_kib();
	struct store_credential c;
	struct answer answer, bad;
	uint32_t count;

	(void)state;
	authenticator_create(&a, CHALLENGE, &answer);
	assert_int_equal(attest(&c, &answer), 0);
	for (size_t i = 0; i + sizeof(list) <= answer.n_data; i++) {
		bad = answer;
		memcpy(bad.data + i, i % 2 ? list : map, sizeof(list));
		(void)attest(&c, &bad);
		memcpy(bad.data + i, i % 2 ? map : list, sizeof(list));
		(void)attest(&c, &bad);
	}
	a.flags = FLAG_PRESENT | FLAG_EXTENSIONS;
	authenticator_get(&a, CHALLENGE, &answer);
	memcpy(answer.data + answer.n_data, map, sizeof(map));
	answer.n_data += sizeof(map);
	assert_int_equal(assertion(&count, &c, &answer), EPROTO);
	assert_true(most_kib() - before < 65536);
	authenticator_break(&a);
}


/* what strangers may send instead of CBOR */
static void test_nonsense(void **state)
{
	struct store_credential c;
	struct answer a = {.client = "{}", .n_client = 2};

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		a.n_data = randombytes_uniform(200);
		randombytes_buf(a.data, a.n_data);
		if (i % 2 && a.n_data)
			a.data[0] = 0xa3; /* a map of three, at least */
		assert_int_not_equal(attest(&c, &a), 0);
	}
	for (unsigned i = 0; i < 256; i++) {
		memset(a.data, (int)i, sizeof(a.data));
		a.n_data = sizeof(a.data);
		assert_int_not_equal(attest(&c, &a), 0);
	}
}


struct work {
	struct answer made, answered;
};


static int all_of_it(void *arg)
{
	const struct work *w = arg;
	struct store_credential c;
	uint32_t count;
	int err;

	err = client_check(&w->made, WEBAUTHN_CREATE);
	if (!err)
		err = attest(&c, &w->made);
	if (!err)
		err = assertion(&count, &c, &w->answered);

	return err;
}


static void test_oom(void **state)
{
	struct authenticator a = authenticator_new(ES256, ORIGIN, HOST);
	struct work w;

	(void)state;
	authenticator_create(&a, CHALLENGE, &w.made);
	authenticator_get(&a, CHALLENGE, &w.answered);
	(void)oom_loop(all_of_it, &w);
	authenticator_break(&a);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_site),
		cmocka_unit_test(test_client),
		cmocka_unit_test(test_algorithms),
		cmocka_unit_test(test_not_made_known),
		cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_each_byte),
		cmocka_unit_test(test_boasting),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_oom),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
