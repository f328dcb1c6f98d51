/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * terms.c  Tests of what an INVITE or UPDATE must fulfil, and of what is
 * said to those that do not.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "line/terms.h"
#include "oom.h"
#include "sip_peer.h"


enum { WANTED = 600 };

struct fixture {
	struct sip_bench bench;
	struct sip_peer peer;
	struct sip_msg *kept;
	struct session_timer timer;
	bool keep;
	unsigned n_fit;
};


static void request(const struct sip_msg *msg, void *arg)
{
	struct fixture *f = arg;

	if (f->keep)
		f->kept = mem_ref((void *)msg);
	else if (terms_fit(f->bench.sip, msg, WANTED, &f->timer))
		++f->n_fit;
}


static int begin(void **state)
{
	struct fixture *f = mem_zalloc(sizeof(*f), NULL);

	assert_non_null(f);
	sip_bench_open(&f->bench, request, NULL, f);
	sip_peer_open(&f->peer, "127.0.0.1", &f->bench.laddr);
	*state = f;

	return 0;
}


static int end(void **state)
{
	struct fixture *f = *state;

	mem_deref(f->kept);
	sip_peer_close(&f->peer);
	sip_bench_close(&f->bench);
	mem_deref(f);

	return 0;
}


static const struct {
	const char *headers;
	const char *body;
} fitting[] = {
	{NULL, NULL},
	{NULL, "v=0\r\n"},
	{"Require: timer\r\nSession-Expires: 600\r\n", NULL},
	{"Require: Timer,timer\r\n", NULL},
	{"Require:\r\n", NULL},
	{"Supported: 100rel, replaces, gruu\r\n", "v=0\r\n"},
	{"Content-Type: application/SDP; charset=utf-8\r\n", "v=0\r\n"},
	{"Content-Encoding: identity\r\n", "v=0\r\n"},
	{"Content-Encoding: gzip\r\n", NULL},
	{"Content-Type: text/plain\r\n", NULL},
	{"Accept: application/sdp;level=1, text/plain\r\n", NULL},
	{"Accept: text/plain\r\nAccept: Application/SDP\r\n", "v=0\r\n"},
	{"Accept: */*\r\n", NULL},
	{"Accept: application/*\r\n", NULL},
	{"Supported: timer\r\nSession-Expires: 90;refresher=uas\r\n", NULL},
};


static void what_fits_is_not_answered(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(fitting); i++) {
		struct sip_call call;

		sip_call_begin(&call, &f->peer);
		sip_call_request(&call, "INVITE", fitting[i].headers,
				 fitting[i].body);
		sip_peer_sync(&f->peer);
		assert_int_equal(f->n_fit, i + 1);
		assert_int_equal(list_count(&f->peer.newl), 0);
	}
	assert_int_equal(f->timer.interval, 90);
	assert_true(f->timer.we_refresh);
}


static const struct {
	const char *headers;
	const char *body;
	const char *answer;
	const char *says; /* a header of it */
} refused[] = {
	{"Require: 100rel\r\n", NULL, "420 INVITE",
	 "\r\nUnsupported: 100rel\r\n"},
	{"Require: timer, 100rel\r\nRequire: gruu\r\n", "v=0\r\n",
	 "420 INVITE", "\r\nUnsupported: 100rel, gruu\r\n"},
	{"Content-Type: text/plain\r\n", "hello", "415 INVITE",
	 "\r\nAccept: application/sdp\r\n"},
	{"Content-Type: multipart/mixed;boundary=b\r\n", "--b--",
	 "415 INVITE", "\r\nAccept: application/sdp\r\n"},
	{"Content-Encoding: gzip\r\n", "v=0\r\n", "415 INVITE",
	 "\r\nAccept-Encoding: identity\r\n"},
	{"Supported: timer\r\nSession-Expires: 89\r\n", NULL, "422 INVITE",
	 "\r\nMin-SE: 90\r\n"},
	{"Accept: text/plain, application/sdpx\r\n", "v=0\r\n", "406 INVITE",
	 "\r\nContent-Length: 0\r\n"},
	{"Session-Expires: soon\r\n", NULL, "400 INVITE",
	 "\r\nContent-Length: 0\r\n"},
	{"Require: 100rel\r\nContent-Type: text/plain\r\n", "hello",
	 "420 INVITE", "\r\nUnsupported: 100rel\r\n"},
};


static void what_does_not_fit_is_refused_once(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		const struct sip_msg *msg;
		struct sip_call call;

		sip_call_begin(&call, &f->peer);
		sip_call_request(&call, "INVITE", refused[i].headers,
				 refused[i].body);
		msg = sip_call_await(&call, refused[i].answer);
		if (!sip_msg_has(msg, refused[i].says))
			fail_msg("%s lacks %s", refused[i].answer,
				 refused[i].says);
		sip_call_request(&call, "ACK", NULL, NULL);
		sip_peer_sync(&f->peer);
		assert_int_equal(list_count(&f->peer.newl), 0);
	}
	assert_int_equal(f->n_fit, 0);
}


static void an_update_is_read_like_an_invite(void **state)
{
	struct fixture *f = *state;
	struct sip_call call;

	sip_call_begin(&call, &f->peer);
	sip_call_request(&call, "UPDATE", "Require: 100rel\r\n", NULL);
	(void)sip_call_await(&call, "420 UPDATE");
	sip_call_request(&call, "UPDATE", NULL, "v=0\r\n");
	sip_peer_sync(&f->peer);
	assert_int_equal(f->n_fit, 1);
}


static int fit_oom(void *arg)
{
	struct fixture *f = arg;

	return terms_fit(f->bench.sip, f->kept, WANTED, &f->timer) ? 0
								   : ENOMEM;
}


static void no_memory_is_no_fit(void **state)
{
	struct fixture *f = *state;
	struct sip_call call;

	f->keep = true;
	sip_call_begin(&call, &f->peer);
	sip_call_request(&call, "INVITE", NULL, "v=0\r\n");
	sip_peer_sync(&f->peer);
	assert_non_null(f->kept);
	assert_true(oom_loop(fit_oom, f) > 0);
	(void)sip_peer_await(&f->peer, "500 INVITE");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_fits_is_not_answered,
						begin, end),
		cmocka_unit_test_setup_teardown(
			what_does_not_fit_is_refused_once, begin, end),
		cmocka_unit_test_setup_teardown(
			an_update_is_read_like_an_invite, begin, end),
		cmocka_unit_test_setup_teardown(no_memory_is_no_fit, begin,
						end),
	};
	int err;

	if (libre_init())
		return 1;
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
