/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * door.c  Tests of who may bring a caller: trunks, strangers that prove an
 * account, strangers that do not, and floods of them.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>
#include <re.h>

#include "line/bucket.h"
#include "line/digest.h"
#include "line/door.h"
#include "clock.h"
#include "oom.h"
#include "sip_peer.h"
#include "sip_trunks.h"


enum { NONCE_LIFE_MS = 60000 };

struct fixture {
	struct sip_bench bench;
	struct sip_trunks trunks;
	struct sip_peer peer;     /* a stranger */
	struct sip_call call;
	struct door *door;
	unsigned n_admitted;
};


static void request(const struct sip_msg *msg, void *arg)
{
	struct fixture *f = arg;

	if (pl_strcmp(&msg->met, "ACK") && door_admit(f->door, msg))
		++f->n_admitted;
}


static int begin(void **state)
{
	struct fixture *f = mem_zalloc(sizeof(*f), NULL);
	struct sa nobody;

	assert_non_null(f);
	clock_reset();
	clock_get()->stopped = tmr_jiffies();
	sip_bench_open(&f->bench, request, NULL, f);
	sip_trunks_open(&f->trunks, f->bench.sip);
	sip_trunks_secret(&f->trunks, "open sesame\n");
	sip_trunks_static(&f->trunks, "static", "127.0.0.8/31");
	assert_int_equal(sa_set_str(&nobody, "127.0.0.99", 9), 0);
	sip_trunks_register(&f->trunks, "account", "line", &nobody);
	assert_int_equal(door_alloc(&f->door, f->bench.sip, f->trunks.trunks),
			 0);
	sip_peer_open(&f->peer, "127.0.0.2", &f->bench.laddr);
	sip_call_begin(&f->call, &f->peer);
	*state = f;

	return 0;
}


static int end(void **state)
{
	struct fixture *f = *state;

	sip_peer_close(&f->peer);
	mem_deref(f->door);
	sip_trunks_close(&f->trunks);
	sip_bench_close(&f->bench);
	mem_deref(f);

	return 0;
}


/* the header that answers a challenge; the last CSeq's ACK goes out */
static char *credentials(struct sip_call *call, const struct sip_msg *msg,
			 enum digest_alg alg, const char *user,
			 const char *pass, const char *uri)
{
	static char header[1024];
	struct digest_challenge ch;
	struct mbuf *mb = mbuf_alloc(512);

	assert_int_equal(digest_challenge_find(&ch, msg), 0);
	if (alg != ch.alg) {
		const struct sip_hdr *hdr = sip_msg_hdr_apply(
			msg, false, SIP_HDR_WWW_AUTHENTICATE, NULL, NULL);
		struct httpauth_digest_chall c;

		assert_int_equal(httpauth_digest_challenge_decode(&c,
								  &hdr->val),
				 0);
		ch.alg = alg;
		ch.nonce = c.nonce;
	}
	assert_int_equal(digest_authorize(mb, &ch, user, pass, "INVITE", uri),
			 0);
	assert_true(mb->end < sizeof(header));
	memcpy(header, mb->buf, mb->end);
	header[mb->end] = '\0';
	mem_deref(mb);
	sip_call_request(call, "ACK", NULL, NULL);

	return header;
}


static const struct sip_msg *be_challenged(struct fixture *f)
{
	sip_call_request(&f->call, "INVITE", NULL, NULL);
	return sip_call_await(&f->call, "401 INVITE");
}


/* a new try of the same caller, outside any dialog */
static void try(struct fixture *f, const char *header)
{
	f->call.rtag[0] = '\0';
	sip_call_request(&f->call, "INVITE", header, NULL);
	sip_peer_sync(&f->peer);
}


static void expect_refused(struct fixture *f)
{
	(void)sip_call_await(&f->call, "403 INVITE");
	assert_int_equal(f->n_admitted, 0);
}


/* ---- trunks ------------------------------------------------------------- */

static void a_trunk_comes_in_unasked(void **state)
{
	struct fixture *f = *state;
	struct sip_peer trunk;
	struct sip_call call;

	sip_peer_open(&trunk, "127.0.0.9", &f->bench.laddr);
	sip_call_begin(&call, &trunk);
	for (unsigned i = 0; i < 2 * BUCKET_BURST; i++)
		sip_call_request(&call, "INVITE", NULL, NULL);
	sip_call_request(&call, "OPTIONS", NULL, NULL);
	sip_peer_sync(&trunk);
	assert_int_equal(f->n_admitted, 2 * BUCKET_BURST + 1);
	assert_int_equal(list_count(&trunk.newl), 0);
	for (unsigned i = 0; i < 1000; i++)
		assert_true(door_may_answer(f->door, &trunk.laddr));
	sip_peer_close(&trunk);
}


/* ---- strangers ---------------------------------------------------------- */

struct nonces {
	struct pl nonce[3];
	struct pl algorithm[3];
	unsigned n;
};

static bool nonce_note(const struct sip_hdr *hdr, const struct sip_msg *msg,
		       void *arg)
{
	struct httpauth_digest_chall c;
	struct nonces *n = arg;
	(void)msg;

	assert_true(n->n < 3);
	assert_int_equal(httpauth_digest_challenge_decode(&c, &hdr->val), 0);
	assert_int_equal(pl_strcmp(&c.qop, "auth"), 0);
	assert_false(pl_isset(&c.stale));
	n->nonce[n->n] = c.nonce;
	n->algorithm[n->n++] = c.algorithm;

	return false;
}


static void a_stranger_is_challenged_twice_at_once(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg = be_challenged(f);
	struct nonces n = {.n = 0};

	(void)sip_msg_hdr_apply(msg, true, SIP_HDR_WWW_AUTHENTICATE,
				nonce_note, &n);
	assert_int_equal(n.n, 2);
	assert_int_equal(pl_strcmp(&n.algorithm[0], "SHA-256"), 0);
	assert_int_equal(pl_strcmp(&n.algorithm[1], "MD5"), 0);
	assert_int_not_equal(pl_cmp(&n.nonce[0], &n.nonce[1]), 0);
	assert_int_equal(f->n_admitted, 0);
}


static void the_right_credentials_let_in(void **state)
{
	struct fixture *f = *state;

	for (int alg = 0; alg < DIGEST_ALGS; alg++) {
		sip_call_begin(&f->call, &f->peer);
		try(f, credentials(&f->call, be_challenged(f),
				   (enum digest_alg)alg, "line", "open sesame",
				   f->call.target));
		assert_int_equal(f->n_admitted, alg + 1);
		assert_int_equal(list_count(&f->peer.newl), 0);
	}
}


static void wrong_credentials_do_not(void **state)
{
	static const struct {
		const char *user, *pass, *uri;
	} wrong[] = {
		{"line", "open barley", NULL},
		{"line", "", NULL},
		{"nobody", "open sesame", NULL},
		{"", "open sesame", NULL},
		{"line", "open sesame", "sip:other@127.0.0.1"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		clock_get()->ahead_ms += 10000;
		sip_call_begin(&f->call, &f->peer);
		try(f, credentials(&f->call, be_challenged(f), DIGEST_SHA256,
				   wrong[i].user, wrong[i].pass,
				   wrong[i].uri ? wrong[i].uri
						: f->call.target));
		expect_refused(f);
	}
}


static void broken_credentials_do_not(void **state)
{
	static const char *const broken[] = {
		"Authorization: Digest\r\n",
		"Authorization: Digest username=\"line\"\r\n",
		"Authorization: Digest username=\"line\", realm=\"ringback\", "
		"nonce=\"\", uri=\"x\", response=\"\"\r\n",
		"Authorization: Digest username=\"line\", realm=\"ringback\", "
		"nonce=\"00\", uri=\"x\", response=\"00\"\r\n",
		"Authorization: Digest username=\"line\", realm=\"ringback\", "
		"nonce=\"zz\", uri=\"x\", response=\"zz\"\r\n",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		try(f, broken[i]);
		expect_refused(f);
	}
}


static void another_scheme_is_none(void **state)
{
	struct fixture *f = *state;

	try(f, "Authorization: Basic bGluZTpvcGVuIHNlc2FtZQ==\r\n");
	(void)sip_call_await(&f->call, "401 INVITE");
	try(f, "Authorization: NoOneKnowsThisScheme opaque=here\r\n");
	(void)sip_call_await(&f->call, "401 INVITE");
}


static void a_missing_secret_lets_nobody_in(void **state)
{
	struct fixture *f = *state;

	sip_trunks_secret(&f->trunks, NULL);
	try(f, credentials(&f->call, be_challenged(f), DIGEST_SHA256, "line",
			   "", f->call.target));
	expect_refused(f);
}


/* ---- nonces ------------------------------------------------------------- */

static void the_nonce_of_one_address_is_worth_nothing_at_another(void **state)
{
	struct fixture *f = *state;
	struct sip_peer thief, neighbour;
	struct sip_call call;
	char header[1024];

	str_ncpy(header, credentials(&f->call, be_challenged(f),
				     DIGEST_SHA256, "line", "open sesame",
				     f->call.target), sizeof(header));

	sip_peer_open(&thief, "127.0.0.3", &f->bench.laddr);
	sip_call_begin(&call, &thief);
	sip_call_request(&call, "INVITE", header, NULL);
	(void)sip_call_await(&call, "403 INVITE");
	assert_int_equal(f->n_admitted, 0);
	sip_peer_close(&thief);

	/* the port may change: NAT */
	sip_peer_open(&neighbour, "127.0.0.2", &f->bench.laddr);
	sip_call_begin(&call, &neighbour);
	sip_call_request(&call, "INVITE", header, NULL);
	sip_peer_sync(&neighbour);
	assert_int_equal(f->n_admitted, 1);
	sip_peer_close(&neighbour);
}


static void the_nonce_of_one_algorithm_does_not_serve_the_other(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg = be_challenged(f);
	struct digest_challenge ch;
	struct mbuf *mb = mbuf_alloc(512);
	char header[1024] = "";

	assert_int_equal(digest_challenge_find(&ch, msg), 0);
	assert_int_equal(ch.alg, DIGEST_SHA256);
	ch.alg = DIGEST_MD5; /* with the nonce of the other */
	assert_int_equal(digest_authorize(mb, &ch, "line", "open sesame",
					  "INVITE", f->call.target), 0);
	memcpy(header, mb->buf, mb->end);
	mem_deref(mb);
	try(f, header);
	expect_refused(f);
}


static void a_forged_nonce_does_not_serve(void **state)
{
	struct fixture *f = *state;
	char header[1024], *p;

	str_ncpy(header, credentials(&f->call, be_challenged(f),
				     DIGEST_SHA256, "line", "open sesame",
				     f->call.target), sizeof(header));
	p = strstr(header, "nonce=\"");
	assert_non_null(p);
	for (size_t i = 0; p[7 + i] != '"'; i += 5) {
		const char was = p[7 + i];

		clock_get()->ahead_ms += 1000;
		p[7 + i] = was == '1' ? '2' : '1';
		try(f, header);
		expect_refused(f);
		p[7 + i] = was;
	}
}


static void a_nonce_of_an_earlier_life_does_not_serve(void **state)
{
	struct fixture *f = *state;
	char *header = credentials(&f->call, be_challenged(f), DIGEST_SHA256,
				   "line", "open sesame", f->call.target);

	f->door = mem_deref(f->door);
	assert_int_equal(door_alloc(&f->door, f->bench.sip, f->trunks.trunks),
			 0);
	try(f, header);
	expect_refused(f);
}


static void a_stale_nonce_gets_a_new_one(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg;
	struct digest_challenge ch;
	char header[1024];

	str_ncpy(header, credentials(&f->call, be_challenged(f),
				     DIGEST_SHA256, "line", "open sesame",
				     f->call.target), sizeof(header));
	clock_get()->ahead_ms += NONCE_LIFE_MS;
	try(f, header);
	assert_int_equal(f->n_admitted, 1);

	clock_get()->ahead_ms += 1000;
	try(f, header);
	assert_int_equal(f->n_admitted, 1);
	msg = sip_call_await(&f->call, "401 INVITE");
	assert_int_equal(digest_challenge_find(&ch, msg), 0);
	assert_true(ch.stale);
	try(f, credentials(&f->call, msg, DIGEST_SHA256, "line",
			   "open sesame", f->call.target));
	assert_int_equal(f->n_admitted, 2);
}


/* ---- floods ------------------------------------------------------------- */

static void a_flood_meets_silence(void **state)
{
	struct fixture *f = *state;
	unsigned n;

	for (unsigned i = 0; i < 3 * BUCKET_BURST; i++)
		sip_call_request(&f->call, "INVITE", NULL, NULL);
	assert_int_equal(sip_peer_count(&f->peer, "401 INVITE"),
			 BUCKET_BURST);
	assert_false(door_may_answer(f->door, &f->peer.laddr));

	clock_get()->ahead_ms += 1000;
	for (unsigned i = 0; i < 3 * BUCKET_BURST; i++)
		sip_call_request(&f->call, "INVITE", NULL, NULL);
	n = sip_peer_count(&f->peer, "401 INVITE");
	assert_int_equal(n, BUCKET_BURST + BUCKET_RATE);
	assert_int_equal(f->n_admitted, 0);
}


/* right credentials do not break the silence: guessing is limited too */
static void a_flood_silences_even_the_right_credentials(void **state)
{
	struct fixture *f = *state;
	char *header = credentials(&f->call, be_challenged(f), DIGEST_SHA256,
				   "line", "open sesame", f->call.target);

	for (unsigned i = 0; i < BUCKET_BURST; i++)
		sip_call_request(&f->call, "INVITE", NULL, NULL);
	sip_call_request(&f->call, "INVITE", header, NULL);
	sip_peer_sync(&f->peer);
	assert_int_equal(f->n_admitted, 0);
}


static void other_requests_of_strangers_are_refused(void **state)
{
	static const char *const methods[] = {
		"OPTIONS", "REGISTER", "MESSAGE", "SUBSCRIBE", "BYE",
		"REFER", "NONSENSE"};
	struct fixture *f = *state;
	char what[32];

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		sip_call_request(&f->call, methods[i], NULL, NULL);
		f->call.rtag[0] = '\0';
		(void)re_snprintf(what, sizeof(what), "403 %s", methods[i]);
		(void)sip_call_await(&f->call, what);
	}
	assert_int_equal(f->n_admitted, 0);
}


static int alloc_oom(void *arg)
{
	struct fixture *f = arg;
	struct door *door = NULL;
	const int err = door_alloc(&door, f->bench.sip, f->trunks.trunks);

	assert_int_equal(!err, door != NULL);
	mem_deref(door);

	return err;
}


static void no_memory_is_no_door(void **state)
{
	struct fixture *f = *state;
	struct door *door;

	assert_true(oom_loop(alloc_oom, f) > 0);
	assert_int_equal(door_alloc(&door, f->bench.sip, NULL), EINVAL);
	assert_int_equal(door_alloc(&door, NULL, f->trunks.trunks), EINVAL);
	assert_int_equal(door_alloc(NULL, f->bench.sip, f->trunks.trunks),
			 EINVAL);
}


#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_trunk_comes_in_unasked),
		CASE(a_stranger_is_challenged_twice_at_once),
		CASE(the_right_credentials_let_in),
		CASE(wrong_credentials_do_not),
		CASE(broken_credentials_do_not),
		CASE(another_scheme_is_none),
		CASE(a_missing_secret_lets_nobody_in),
		CASE(the_nonce_of_one_address_is_worth_nothing_at_another),
		CASE(the_nonce_of_one_algorithm_does_not_serve_the_other),
		CASE(a_forged_nonce_does_not_serve),
		CASE(a_nonce_of_an_earlier_life_does_not_serve),
		CASE(a_stale_nonce_gets_a_new_one),
		CASE(a_flood_meets_silence),
		CASE(a_flood_silences_even_the_right_credentials),
		CASE(other_requests_of_strangers_are_refused),
		CASE(no_memory_is_no_door),
	};
	int err;

	if (sodium_init() < 0 || libre_init())
		return 1;
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
