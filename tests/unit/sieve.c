/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sieve.c  Tests of what is dropped before libre sees it, and of answers that
 * would be larger than the question.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>
#include <re.h>

#include "line/sieve.h"
#include "clock.h"
#include "sip_peer.h"


struct fixture {
	struct sip_bench bench;
	struct sip_peer peer;
	struct sip_peer friend; /* known */
	struct sip_call call;
	struct sieve *sieve;
	const char *reason; /* of the answer */
	unsigned n_heard;
	int err;            /* of the answer */
	bool known;
	bool proves;
};


static bool is_known(const struct sa *addr, void *arg)
{
	const struct fixture *f = arg;

	return f->known || sa_cmp(addr, &f->friend.laddr, SA_ADDR);
}


static void request(const struct sip_msg *msg, void *arg)
{
	struct fixture *f = arg;

	++f->n_heard;
	if (f->proves)
		sieve_prove(f->sieve, msg);
	if (pl_strcmp(&msg->met, "ACK"))
		f->err = sip_reply(f->bench.sip, msg, 403, f->reason);
}


static bool is_watched(void *arg)
{
	struct fixture *f = arg;

	/* the first datagram that is dropped shows it */
	sip_peer_send(&f->peer, "no SIP at all");
	return sieve_counted(f->sieve)->undecodable > 0;
}


/* a bench whose sieve was there first */
static int begin(void **state)
{
	struct fixture *f = mem_zalloc(sizeof(*f), NULL);

	assert_non_null(f);
	assert_true(sodium_init() >= 0);
	clock_reset();
	f->reason = "Forbidden";
	sip_bench_open(&f->bench, request, NULL, f);
	f->bench.requests = mem_deref(f->bench.requests);
	f->bench.responses = mem_deref(f->bench.responses);
	assert_int_equal(sieve_alloc(&f->sieve, f->bench.sip, is_known, f), 0);
	sip_bench_listen(&f->bench);
	sip_peer_open(&f->peer, "127.0.0.2", &f->bench.laddr);
	sip_peer_open(&f->friend, "127.0.0.3", &f->bench.laddr);
	sip_call_begin(&f->call, &f->peer);
	sieve_open(f->sieve, &f->bench.laddr, 1);
	sip_loop(is_watched, f, "the sieve");
	sip_peer_sync(&f->friend);
	clock_get()->stopped = tmr_jiffies() + 1000000;
	*state = f;

	return 0;
}


static int end(void **state)
{
	struct fixture *f = *state;

	mem_deref(f->sieve);
	sip_peer_close(&f->peer);
	sip_peer_close(&f->friend);
	sip_bench_close(&f->bench);
	mem_deref(f);

	return 0;
}


static void what_is_no_sip_is_counted(void **state)
{
	struct fixture *f = *state;
	const uint64_t n = sieve_counted(f->sieve)->undecodable;

	for (unsigned i = 0; i < 10; i++)
		sip_peer_send(&f->peer, "GET / HTTP/1.0\r\n\r\n");
	sip_peer_sync(&f->friend);
	assert_int_equal(sieve_counted(f->sieve)->undecodable, n + 10);
	assert_int_equal(f->n_heard, 0);
}


/* a first line with two spaces, which libre drops; strangers are not told */
static void who_is_known_is_told(void **state)
{
	static const char garbled[] =
		"OPTIONS  sip:line@127.0.0.1 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKgarbled\r\n"
		"From: <sip:a@b.invalid>;tag=1\r\nTo: <sip:c@d.invalid>\r\n"
		"Call-ID: garbled\r\nCSeq: 1 OPTIONS\r\n"
		"Subject: more than enough to be answered\r\n"
		"Content-Length: 0\r\n\r\n";
	struct fixture *f = *state;

	sip_peer_send(&f->friend, garbled);
	(void)sip_peer_await(&f->friend, "400 OPTIONS");
	sip_peer_send(&f->peer, garbled);
	sip_peer_sync(&f->friend);
	assert_int_equal(list_count(&f->peer.newl), 0);
}


/* a few at a time: a socket that overflows drops them, too */
static void many(struct fixture *f)
{
	for (unsigned i = 0; i < 2 * SIEVE_BURST; i++) {
		sip_call_request(&f->call, "ACK", NULL, NULL);
		if (i % 50 == 0)
			sip_peer_sync(&f->friend);
	}
	sip_peer_sync(&f->friend);
}


static void a_stranger_has_a_budget(void **state)
{
	struct fixture *f = *state;

	many(f);
	assert_true(f->n_heard <= SIEVE_BURST);
	assert_true(f->n_heard > SIEVE_BURST / 2);
	assert_true(sieve_counted(f->sieve)->over_budget >= SIEVE_BURST);
}


static void who_is_known_has_none(void **state)
{
	struct fixture *f = *state;

	f->known = true;
	many(f);
	assert_int_equal(f->n_heard, 2 * SIEVE_BURST);
	assert_int_equal(sieve_counted(f->sieve)->over_budget, 0);
}


/* a longer reason than the INVITE has to spare */
#define LONG "This Is A Very Long Reason Why Not " LONG2 LONG2 LONG2 LONG2
#define LONG2 "And It Goes On And On And On And On And On And On And On "

static void no_answer_is_larger_than_its_question(void **state)
{
	struct fixture *f = *state;

	f->reason = LONG;
	sip_call_request(&f->call, "INVITE", NULL, NULL);
	sip_peer_sync(&f->friend);
	assert_int_equal(f->n_heard, 1);
	assert_int_equal(f->err, EMSGSIZE);
	assert_int_equal(sieve_counted(f->sieve)->too_large, 1);

	/* one that is as long gets it */
	sip_call_begin(&f->call, &f->peer);
	sip_call_request(&f->call, "INVITE", "Subject: " LONG LONG "\r\n",
			 NULL);
	(void)sip_call_await(&f->call, "403 INVITE");
	assert_int_equal(f->err, 0);
}


static void whoever_is_known_or_proven_gets_any(void **state)
{
	struct fixture *f = *state;

	f->reason = LONG;
	f->known = true;
	sip_call_request(&f->call, "INVITE", NULL, NULL);
	(void)sip_call_await(&f->call, "403 INVITE");

	f->known = false;
	f->proves = true;
	sip_call_begin(&f->call, &f->peer);
	sip_call_request(&f->call, "INVITE", NULL, NULL);
	(void)sip_call_await(&f->call, "403 INVITE");

	/* for a while */
	f->proves = false;
	sip_call_begin(&f->call, &f->peer);
	sip_call_request(&f->call, "INVITE", NULL, NULL);
	(void)sip_call_await(&f->call, "403 INVITE");
	clock_get()->ahead_ms += SIEVE_PROVEN_MS + 1;
	clock_get()->stopped += SIEVE_PROVEN_MS + 1;
	sip_call_begin(&f->call, &f->peer);
	sip_call_request(&f->call, "INVITE", NULL, NULL);
	sip_peer_sync(&f->friend);
	assert_int_equal(f->err, EMSGSIZE);
}


static bool has_dropped(void *arg)
{
	const struct fixture *f = arg;

	return sieve_counted(f->sieve)->stun > 0;
}


/* libre's SIP ports are STUN servers, whose answers are larger */
static void stun_of_strangers_is_dropped(void **state)
{
	static const uint8_t binding[20] = {0, 1, 0, 0, 0x21, 0x12, 0xa4,
					    0x42, 1, 2, 3, 4, 5, 6, 7, 8};
	struct fixture *f = *state;
	struct mbuf *mb = mbuf_alloc(sizeof(binding));

	assert_int_equal(mbuf_write_mem(mb, binding, sizeof(binding)), 0);
	mb->pos = 0;
	assert_int_equal(udp_send(f->peer.us, &f->bench.laddr, mb), 0);
	mem_deref(mb);
	sip_loop(has_dropped, f, "STUN that is dropped");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
		T(what_is_no_sip_is_counted),
		T(who_is_known_is_told),
		T(a_stranger_has_a_budget),
		T(who_is_known_has_none),
		T(no_answer_is_larger_than_its_question),
		T(whoever_is_known_or_proven_gets_any),
		T(stun_of_strangers_is_dropped),
	};
	int err = libre_init();

	if (!err)
		err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
