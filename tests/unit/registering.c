/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * registering.c  Tests of the registrar: who is let in, where they are, and
 * when that ends.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <sodium.h>

#include "clock.h"
#include "line/digest.h"
#include "line/message.h"
#include "line/nonce.h"
#include "line/registrar.h"
#include "line/wall.h"
#include "oom.h"
#include "sip_peer.h"
#include "store/phone.h"
#include "tmpdir.h"


#define SECRET "open sesame"
#define URI "sip:h.invalid"

struct fixture {
	char dir[TMPDIR_SIZE];
	struct store *store;
	struct sip_bench bench;
	struct sip_peer peer;
	struct registrar *r;
	uint32_t ana;
	unsigned n_changed, n_sent;
};

/* one REGISTER, after what is usual */
struct asked {
	const char *user, *to, *contact, *secret;
	const char *authorization; /* instead of what is right */
	const char *headers;
	uint32_t expires_s;
};


static void request(const struct sip_msg *msg, void *arg)
{
	struct fixture *f = arg;
	struct message_fault fault;

	assert_int_equal(message_check(msg, &fault), 0);
	registrar_request(f->r, msg);
}


static void on_change(uint32_t person, void *arg)
{
	struct fixture *f = arg;

	assert_int_equal(person, f->ana);
	++f->n_changed;
}


static void phone_put(struct fixture *f, const char *user, enum digest_alg alg)
{
	struct store_phone p = {.person = f->ana, .made_at = 1};
	uint8_t *ha1 = alg == DIGEST_MD5 ? p.md5 : p.sha256;
	const size_t n = alg == DIGEST_MD5 ? sizeof(p.md5) : sizeof(p.sha256);
	struct pl name, realm, pass;
	char hex[DIGEST_HEX];

	pl_set_str(&name, user);
	pl_set_str(&realm, NONCE_REALM);
	pl_set_str(&pass, SECRET);
	str_ncpy(p.user, user, sizeof(p.user));
	assert_int_equal(digest_ha1(hex, alg, &name, &realm, &pass), 0);
	assert_int_equal(sodium_hex2bin(ha1, n, hex, 2 * n, NULL, NULL, NULL),
			 0);
	assert_int_equal(store_phone_put(f->store, &p), 0);
}


static void registrar_open(struct fixture *f)
{
	assert_int_equal(registrar_alloc(&f->r, f->bench.sip, f->store), 0);
	registrar_on_change(f->r, on_change, f);
	assert_int_equal(registrar_load(f->r), 0);
}


static int begin(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));
	struct store_person p = {.name = "Ana"};

	*state = f;
	clock_reset();
	clock_get()->stopped = tmr_jiffies();
	tmpdir_make(f->dir, "registering");
	assert_int_equal(store_open(&f->store, f->dir, STORE_CREATE), 0);
	assert_int_equal(store_person_add(f->store, &p), 0);
	f->ana = p.id;
	phone_put(f, "ana", DIGEST_SHA256);
	sip_bench_open(&f->bench, request, NULL, f);
	sip_peer_open(&f->peer, "127.0.0.2", &f->bench.laddr);
	registrar_open(f);

	return 0;
}


static int end(void **state)
{
	struct fixture *f = *state;

	mem_deref(f->r);
	sip_peer_close(&f->peer);
	sip_bench_close(&f->bench);
	store_close(f->store);
	tmpdir_remove(f->dir);
	test_free(f);

	return 0;
}


/* ---- a telephone --------------------------------------------------------- */

static const char *or(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}


static void send_one(struct fixture *f, const struct asked *a,
		     const char *authorization)
{
	const char *user = or(a->user, "ana");
	char text[4096], contact[128];

	(void)re_snprintf(contact, sizeof(contact), "<sip:%s@%J>", user,
			  &f->peer.laddr);
	++f->n_sent;
	assert_true(re_snprintf(
		text, sizeof(text),
		"REGISTER " URI " SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %J;branch=z9hG4bK-%u;rport\r\n"
		"Max-Forwards: 70\r\n"
		"From: <sip:%s@h.invalid>;tag=t%u\r\n"
		"To: <sip:%s@h.invalid>\r\n"
		"Call-ID: call\r\nCSeq: %u REGISTER\r\n"
		"Contact: %s;expires=%u\r\n"
		"%s%sContent-Length: 0\r\n\r\n",
		&f->peer.laddr, f->n_sent, user, f->n_sent, or(a->to, user),
		f->n_sent, or(a->contact, contact), a->expires_s,
		or(a->headers, ""), or(authorization, "")) > 0);
	sip_peer_send(&f->peer, text);
}


static void proof_make(char *text, size_t size, const struct sip_msg *msg,
		       const char *user, const char *secret)
{
	struct digest_challenge ch;
	struct mbuf *mb = mbuf_alloc(512);

	assert_int_equal(digest_challenge_find(&ch, msg), 0);
	assert_int_equal(digest_authorize(mb, &ch, user, secret, "REGISTER",
					  URI), 0);
	assert_true(mb->end < size);
	memcpy(text, mb->buf, mb->end);
	text[mb->end] = '\0';
	mem_deref(mb);
}


/* with a new challenge; expects this code in the end */
static const struct sip_msg *asks(struct fixture *f, const struct asked *a,
				  const char *wanted)
{
	char proof[1024];

	send_one(f, a, NULL);
	proof_make(proof, sizeof(proof),
		   sip_peer_await(&f->peer, "401 REGISTER"),
		   or(a->user, "ana"), or(a->secret, SECRET));
	send_one(f, a, or(a->authorization, proof));

	return sip_peer_await(&f->peer, wanted);
}


static void registers(struct fixture *f)
{
	const struct asked a = {.expires_s = 300};

	(void)asks(f, &a, "200 REGISTER");
}


/* ---- tests --------------------------------------------------------------- */

static void is_there_and_leaves(void **state)
{
	struct fixture *f = *state;
	const struct asked leaves = {.expires_s = 0};
	struct secret_text uri[STORE_PLACES];
	char wanted[128];

	assert_true(registrar_knows(f->r, f->ana));
	assert_false(registrar_knows(f->r, f->ana + 1));
	assert_false(registrar_has(f->r, f->ana));
	assert_false(registrar_has(NULL, f->ana));
	registers(f);
	assert_true(registrar_has(f->r, f->ana));
	assert_int_equal(f->n_changed, 1);
	assert_int_equal(registrar_places(f->r, f->ana, uri, STORE_PLACES),
			 1);
	(void)re_snprintf(wanted, sizeof(wanted), "sip:ana@%J;transport=udp",
			  &f->peer.laddr);
	assert_string_equal(secret_reveal(&uri[0]), wanted);

	registers(f);
	assert_int_equal(f->n_changed, 1);
	(void)asks(f, &leaves, "200 REGISTER");
	assert_false(registrar_has(f->r, f->ana));
	assert_int_equal(f->n_changed, 2);
	assert_int_equal(registrar_places(f->r, f->ana, uri, STORE_PLACES),
			 0);
}


static bool has_ended(void *arg)
{
	const struct fixture *f = arg;

	return !registrar_has(f->r, f->ana);
}


static void it_ends_by_itself(void **state)
{
	struct fixture *f = *state;

	clock_get()->speed = 3000;
	registers(f);
	sip_loop(has_ended, f, "a registration that is not refreshed");
	assert_int_equal(f->n_changed, 2);
}


/* the same proof once more, also for something else */
static void each_proof_is_good_once(void **state)
{
	struct fixture *f = *state;
	const struct asked right = {.expires_s = 300};
	const struct asked other = {.expires_s = 300,
				    .contact = "<sip:evil@127.0.0.3>"};
	struct secret_text uri[STORE_PLACES];
	char proof[1024];

	send_one(f, &right, NULL);
	proof_make(proof, sizeof(proof),
		   sip_peer_await(&f->peer, "401 REGISTER"), "ana", SECRET);
	send_one(f, &right, proof);
	(void)sip_peer_await(&f->peer, "200 REGISTER");
	send_one(f, &other, proof);
	assert_true(sip_msg_has(sip_peer_await(&f->peer, "401 REGISTER"),
				"stale=true"));
	assert_int_equal(registrar_places(f->r, f->ana, uri, STORE_PLACES),
			 1);
	assert_null(strstr(secret_reveal(&uri[0]), "evil"));
}


static void an_old_challenge(void **state)
{
	struct fixture *f = *state;
	const struct asked a = {.expires_s = 300};
	char proof[1024];

	send_one(f, &a, NULL);
	proof_make(proof, sizeof(proof),
		   sip_peer_await(&f->peer, "401 REGISTER"), "ana", SECRET);
	clock_get()->stopped += (NONCE_LIFE_S + 1) * 1000;
	send_one(f, &a, proof);
	assert_true(sip_msg_has(sip_peer_await(&f->peer, "401 REGISTER"),
				"stale=true"));
	assert_false(registrar_has(f->r, f->ana));
}


static void refusals(void **state)
{
	struct fixture *f = *state;
	const struct asked wrong = {.expires_s = 300, .secret = "wrong"};
	const struct asked nobody = {.expires_s = 300, .user = "eve"};
	const struct asked another = {.expires_s = 300, .to = "bob"};
	const struct asked brief = {.expires_s = 10};
	const struct asked broken = {.expires_s = 300, .contact = "<x>"};
	const struct asked more = {.expires_s = 300,
				   .headers = "Require: path\r\n"};

	(void)asks(f, &wrong, "403 REGISTER");
	(void)asks(f, &nobody, "403 REGISTER");
	(void)asks(f, &another, "403 REGISTER");
	assert_true(sip_msg_has(asks(f, &brief, "423 REGISTER"),
				"Min-Expires: 60"));
	(void)asks(f, &broken, "400 REGISTER");
	send_one(f, &more, NULL);
	assert_true(sip_msg_has(sip_peer_await(&f->peer, "420 REGISTER"),
				"Unsupported: path"));
	assert_false(registrar_has(f->r, f->ana));
}


/* a scheme that nobody knows (RFC 4475, 3.3.7) */
static void another_scheme_is_none(void **state)
{
	const struct asked a = {.expires_s = 300,
				.authorization = "Authorization: Basic YTpi\r\n"};
	struct fixture *f = *state;

	(void)asks(f, &a, "401 REGISTER");
	registers(f);
}


/* what is broken does not count as a guess, and gets no further */
static void broken_proofs(void **state)
{
	static const char *const proofs[] = {
		"Authorization: Digest\r\n",
		"Authorization: Digest realm=\"ringback\"\r\n",
		"Authorization: Digest username=\"ana\", realm=\"ringback\", "
		"nonce=\"00\", uri=\"" URI "\", response=\"00\"\r\n",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < 3 * ARRAY_SIZE(proofs); i++) {
		const size_t k = i % ARRAY_SIZE(proofs);
		const struct asked a = {.expires_s = 300,
					.authorization = proofs[k]};

		(void)asks(f, &a, k == 2 ? "401 REGISTER" : "403 REGISTER");
	}
	registers(f);
}


static void guesses_are_paused(void **state)
{
	struct fixture *f = *state;
	const struct asked wrong = {.expires_s = 300, .secret = "wrong"};
	const struct asked right = {.expires_s = 300};

	for (int i = 0; i < 6; i++)
		(void)asks(f, &wrong, "403 REGISTER");
	(void)asks(f, &right, "403 REGISTER");
	assert_false(registrar_has(f->r, f->ana));
	clock_get()->stopped += 2000;
	registers(f);

	/* at home they are let in, whatever others guess */
	for (int i = 0; i < 7; i++)
		(void)asks(f, &wrong, "403 REGISTER");
	registers(f);
}


static void one_algorithm(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg;
	const struct asked a = {.expires_s = 300};

	send_one(f, &a, NULL);
	msg = sip_peer_await(&f->peer, "401 REGISTER");
	assert_true(sip_msg_has(msg, "algorithm=SHA-256"));
	assert_false(sip_msg_has(msg, "algorithm=MD5"));

	phone_put(f, "ana", DIGEST_MD5);
	assert_int_equal(registrar_load(f->r), 0);
	send_one(f, &a, NULL);
	msg = sip_peer_await(&f->peer, "401 REGISTER");
	assert_true(sip_msg_has(msg, "algorithm=MD5"));
	assert_false(sip_msg_has(msg, "algorithm=SHA-256"));
	registers(f);
}


static void a_new_secret(void **state)
{
	struct fixture *f = *state;

	registers(f);
	assert_int_equal(registrar_load(f->r), 0);
	assert_true(registrar_has(f->r, f->ana));
	phone_put(f, "anna", DIGEST_SHA256);
	assert_int_equal(registrar_load(f->r), 0);
	assert_false(registrar_has(f->r, f->ana));
	assert_true(registrar_knows(f->r, f->ana));
	assert_int_equal(store_phone_remove(f->store, f->ana), 0);
	assert_int_equal(registrar_load(f->r), 0);
	assert_false(registrar_knows(f->r, f->ana));
	assert_int_equal(f->n_changed, 2);
}


static void restarts(struct fixture *f)
{
	f->r = mem_deref(f->r);
	registrar_open(f);
}


static void restored(void **state)
{
	struct fixture *f = *state;
	struct secret_text uri[STORE_PLACES];
	struct secret_text before;

	registers(f);
	(void)registrar_places(f->r, f->ana, &before, 1);
	restarts(f);
	assert_true(registrar_has(f->r, f->ana));
	assert_int_equal(registrar_places(f->r, f->ana, uri, STORE_PLACES),
			 1);
	assert_string_equal(secret_reveal(&uri[0]), secret_reveal(&before));
}


static void binding_put(struct fixture *f, uint32_t place,
			const char *contact, const char *source,
			enum store_transport transport, int64_t left_ms)
{
	struct store_binding b = {.person = f->ana, .place = place,
				  .transport = transport, .call_id = "c"};

	b.ends_at = wall_now() + left_ms;
	assert_int_equal(secret_set(&b.contact, contact, strlen(contact)), 0);
	assert_int_equal(secret_set(&b.source, source, strlen(source)), 0);
	assert_int_equal(store_binding_put(f->store, &b, NULL, NULL), 0);
}


/* of what is left without the connections of an earlier life */
static void restored_as_far_as_there_is_a_way(void **state)
{
	static const struct {
		const char *contact, *source;
		enum store_transport transport;
		int64_t left_ms;
		bool there;
	} left[] = {
		{"sip:a@10.0.0.1", "192.0.2.1:9", STORE_UDP, 60000, true},
		{"sip:a@10.0.0.1", "192.0.2.1:9", STORE_UDP, -1, false},
		{"sip:a@10.0.0.1", "192.0.2.1:9", STORE_UDP, 9000000, false},
		{"sip:a@10.0.0.1", "192.0.2.1", STORE_UDP, 60000, false},
		{"sip:a@192.0.2.1", "192.0.2.1:9", STORE_TCP, 60000, true},
		{"sip:a@10.0.0.1", "192.0.2.1:9", STORE_TCP, 60000, false},
		{"sip:a@192.0.2.1", "192.0.2.1:9", STORE_TLS, 60000, false},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(left); i++) {
		binding_put(f, 1, left[i].contact, left[i].source,
			    left[i].transport, left[i].left_ms);
		restarts(f);
		assert_int_equal(registrar_has(f->r, f->ana), left[i].there);
		/* what is not there is not on record either */
		restarts(f);
		assert_int_equal(registrar_has(f->r, f->ana), left[i].there);
	}
	assert_int_equal(f->n_changed, 0);
}


static int loaded(void *arg)
{
	struct fixture *f = arg;
	struct registrar *r = NULL;
	int err;

	err = registrar_alloc(&r, f->bench.sip, f->store);
	if (!err)
		err = registrar_load(r);
	if (!err && !registrar_knows(r, f->ana))
		err = ENOMEM; /* there was no room to read it */
	mem_deref(r);

	return err;
}


static void short_of_memory(void **state)
{
	struct fixture *f = *state;

	assert_true(oom_loop(loaded, f) > 3);
}


#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(is_there_and_leaves),
		CASE(it_ends_by_itself),
		CASE(each_proof_is_good_once),
		CASE(an_old_challenge),
		CASE(refusals),
		CASE(broken_proofs),
		CASE(another_scheme_is_none),
		CASE(guesses_are_paused),
		CASE(one_algorithm),
		CASE(a_new_secret),
		CASE(restored),
		CASE(restored_as_far_as_there_is_a_way),
		CASE(short_of_memory),
	};
	int err;

	if (sodium_init() < 0 || libre_init())
		return 1;
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
