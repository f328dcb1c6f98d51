/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * answer.c  Tests of the repeated 200, with timers that run fast.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "line/answer.h"
#include "clock.h"
#include "oom.h"
#include "sip_peer.h"


enum { FAST = 100 };

struct fixture {
	struct sip_bench bench;
	struct sip_peer peer;
	struct sip_call call;
	struct answer *answer;
	struct sip_msg *invite; /* kept instead of being answered */
	bool keep;
	bool acked;
	unsigned n_lost;
};


static void lost(void *arg)
{
	struct fixture *f = arg;

	++f->n_lost;
	f->answer = mem_deref(f->answer);
}


static int send_ok(struct fixture *f, const struct sip_msg *msg)
{
	struct sip_strans *st = NULL;
	struct mbuf *headers = mbuf_alloc(64);
	struct pl sdp;
	int err;

	if (!headers)
		return ENOMEM;
	(void)mbuf_printf(headers, "Contact: <sip:us@%J>\r\n",
			  &f->bench.laddr);
	headers->pos = 0;
	pl_set_str(&sdp, "v=0\r\n");
	err = answer_make(&f->answer, f->bench.sip, msg, headers, &sdp, lost,
			  f);
	mem_deref(headers);
	if (!err)
		err = answer_send(f->answer, &st);
	if (err)
		f->answer = mem_deref(f->answer);

	return err;
}


static void request(const struct sip_msg *msg, void *arg)
{
	struct fixture *f = arg;

	if (!pl_strcmp(&msg->met, "ACK")) {
		f->acked = answer_acked_by(f->answer, msg);
		if (f->acked)
			f->answer = mem_deref(f->answer);
	}
	else if (f->keep) {
		f->invite = mem_ref((void *)msg);
	}
	else {
		assert_int_equal(send_ok(f, msg), 0);
	}
}


static int begin(void **state)
{
	struct fixture *f = mem_zalloc(sizeof(*f), NULL);

	assert_non_null(f);
	clock_reset();
	sip_bench_open(&f->bench, request, NULL, f);
	sip_peer_open(&f->peer, "127.0.0.1", &f->bench.laddr);
	sip_call_begin(&f->call, &f->peer);
	*state = f;

	return 0;
}


static int end(void **state)
{
	struct fixture *f = *state;

	mem_deref(f->answer);
	mem_deref(f->invite);
	sip_peer_close(&f->peer);
	sip_bench_close(&f->bench);
	mem_deref(f);

	return 0;
}


static bool is_lost(void *arg)
{
	const struct fixture *f = arg;

	return f->n_lost > 0;
}


static void it_is_complete(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg;

	sip_call_request(&f->call, "INVITE",
			 "Record-Route: <sip:127.0.0.9;lr>\r\n", NULL);
	msg = sip_call_await(&f->call, "200 INVITE");
	assert_true(pl_isset(&msg->to.tag));
	assert_true(sip_msg_has(msg, "Contact: <sip:us@"));
	assert_true(sip_msg_has(msg, "Record-Route: <sip:127.0.0.9;lr>"));
	assert_true(sip_msg_has(msg, "Content-Type: application/sdp\r\n"
				     "Content-Length: 5\r\n\r\nv=0\r\n"));
	sip_call_request(&f->call, "ACK", NULL, NULL);
	sip_peer_sync(&f->peer);
	assert_true(f->acked);
}


/* RFC 3261, 13.3.1.4: T1, doubling up to T2, until 64*T1 */
static void it_is_repeated_until_it_is_lost(void **state)
{
	static const uint64_t doubling[] = {500, 1000, 2000, 4000, 4000, 4000,
					    4000, 4000, 4000, 4000, 4000};
	struct fixture *f = *state;
	struct clock *clock = clock_get();
	size_t k = 0;

	clock->speed = FAST;
	sip_call_request(&f->call, "INVITE", NULL, NULL);
	sip_loop(is_lost, f, "the answer is lost");
	assert_int_equal(f->n_lost, 1);
	assert_null(f->answer);

	for (size_t i = 0; i < clock->n_starts; i++) {
		if (clock->starts[i] == 32000)
			continue;
		assert_true(k < ARRAY_SIZE(doubling));
		assert_int_equal(clock->starts[i], doubling[k++]);
	}
	/* on a busy machine the short timers fall behind the long one */
	assert_in_range(k, 4, ARRAY_SIZE(doubling));
	assert_int_equal(sip_peer_count(&f->peer, "200 INVITE"), k);
}


static void the_repeats_are_the_same(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *first, *second;

	clock_get()->speed = FAST;
	sip_call_request(&f->call, "INVITE", NULL, NULL);
	first = sip_call_await(&f->call, "200 INVITE");
	second = sip_call_await(&f->call, "200 INVITE");
	assert_int_equal(first->mb->end, second->mb->end);
	assert_memory_equal(first->mb->buf, second->mb->buf, first->mb->end);
}


static void the_ack_ends_it(void **state)
{
	struct fixture *f = *state;

	clock_get()->speed = FAST;
	sip_call_request(&f->call, "INVITE", NULL, NULL);
	(void)sip_call_await(&f->call, "200 INVITE");
	(void)sip_call_await(&f->call, "200 INVITE");
	sip_call_request(&f->call, "ACK", NULL, NULL);
	sip_peer_sync(&f->peer);
	assert_true(f->acked);
	assert_null(f->answer);
	assert_int_equal(f->n_lost, 0);
}


static void the_ack_of_another_request_does_not(void **state)
{
	struct fixture *f = *state;

	sip_call_request(&f->call, "INVITE", NULL, NULL);
	(void)sip_call_await(&f->call, "200 INVITE");
	++f->call.invite_cseq;
	sip_call_request(&f->call, "ACK", NULL, NULL);
	sip_peer_sync(&f->peer);
	assert_false(f->acked);
	assert_non_null(f->answer);
	assert_false(answer_acked_by(NULL, sip_peer_await(&f->peer,
							  "200 INVITE")));
}


/* RFC 3581: to the port it came from, whatever the Via says */
static void it_goes_where_the_request_came_from(void **state)
{
	struct fixture *f = *state;
	char text[1024];

	clock_get()->speed = FAST;
	(void)re_snprintf(text, sizeof(text),
			  "INVITE sip:line@%J SIP/2.0\r\n"
			  "Via: SIP/2.0/UDP 192.0.2.1:9;branch=z9hG4bKx;"
			  "rport\r\n"
			  "From: <sip:a@b.invalid>;tag=1\r\n"
			  "To: <sip:line@%J>\r\n"
			  "Call-ID: x\r\n"
			  "CSeq: 1 INVITE\r\n"
			  "Contact: <sip:a@192.0.2.1>\r\n\r\n",
			  &f->bench.laddr, &f->bench.laddr);
	sip_peer_send(&f->peer, text);
	(void)sip_peer_await(&f->peer, "200 INVITE");
	(void)sip_peer_await(&f->peer, "200 INVITE");
}


static int send_oom(void *arg)
{
	struct fixture *f = arg;
	const int err = send_ok(f, f->invite);

	if (err)
		assert_null(f->answer);
	f->answer = mem_deref(f->answer);

	return err;
}


static void no_memory_is_no_answer(void **state)
{
	struct fixture *f = *state;

	f->keep = true;
	sip_call_request(&f->call, "INVITE", NULL, NULL);
	sip_peer_sync(&f->peer);
	assert_non_null(f->invite);
	assert_true(oom_loop(send_oom, f) >= 2);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_complete, begin, end),
		cmocka_unit_test_setup_teardown(
			it_is_repeated_until_it_is_lost, begin, end),
		cmocka_unit_test_setup_teardown(the_repeats_are_the_same,
						begin, end),
		cmocka_unit_test_setup_teardown(the_ack_ends_it, begin, end),
		cmocka_unit_test_setup_teardown(
			the_ack_of_another_request_does_not, begin, end),
		cmocka_unit_test_setup_teardown(
			it_goes_where_the_request_came_from, begin, end),
		cmocka_unit_test_setup_teardown(no_memory_is_no_answer, begin,
						end),
	};
	int err;

	if (libre_init())
		return 1;
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
