/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * phone_call.c  Two phones call each other over the loopback, with sound.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include <rem.h>

#include "base/step.h"
#include "phone/call.h"
#include "phone/offer.h"
#include "phone/phone.h"


enum {
	PATIENCE_MS = 20000,
	TALK_MS = 500,
};

/* what the rung side does */
enum todo { ANSWER, REFUSE_AT_ONCE, REFUSE_LATER, RING_ON, HANG_UP_SOON };

struct side {
	struct phone *phone;
	struct phone_call *call;
	unsigned n[PHONE_ENDED + 1]; /* events */
};

struct fixture {
	struct side out, in;
	struct wav *tone;
	struct keys *keys;
	struct tmr guard, tmr;
	enum todo todo;
	bool cancel;    /* the caller gives up while it rings */
	unsigned n_open; /* phones that are not closed yet */
	bool timed_out;
	unsigned codecs;
};


static void guard_handler(void *arg)
{
	struct fixture *f = arg;

	f->timed_out = true;
	re_cancel();
}


static void close_both(struct fixture *f)
{
	phone_close(f->out.phone);
	phone_close(f->in.phone);
}


static void closed_handler(void *arg)
{
	struct fixture *f = arg;

	if (--f->n_open == 0)
		re_cancel();
}


static void talked_handler(void *arg)
{
	struct fixture *f = arg;

	phone_call_hang_up(f->todo == HANG_UP_SOON ? f->in.call
						   : f->out.call);
}


static void out_handler(struct phone_call *call, enum phone_event event,
			void *arg)
{
	struct fixture *f = arg;
	(void)call;

	++f->out.n[event];
	if (event == PHONE_RINGING && f->cancel) {
		phone_call_hang_up(f->out.call);
	}
	else if (event == PHONE_ENDED) {
		close_both(f);
	}
}


static void in_handler(struct phone_call *call, enum phone_event event,
		       void *arg)
{
	struct fixture *f = arg;
	(void)call;

	++f->in.n[event];
	if (event == PHONE_ANSWERED)
		tmr_start(&f->tmr, TALK_MS, talked_handler, f);
	else if (event == PHONE_ENDED)
		close_both(f);
}


static void later_handler(void *arg)
{
	struct fixture *f = arg;

	if (f->todo == REFUSE_LATER)
		assert_int_equal(phone_call_refuse(f->in.call, 603), 0);
	else
		assert_int_equal(phone_call_answer(f->in.call), 0);
}


static void rung_handler(struct phone *phone, const struct sip_msg *msg,
			 void *arg)
{
	struct fixture *f = arg;
	const struct phone_call_prm prm = {
		.user = "in", .wav = f->tone, .record = true,
		.callh = in_handler, .arg = f,
	};
	int err;

	if (f->todo == REFUSE_AT_ONCE) {
		assert_int_equal(phone_refuse(phone, msg, 486), 0);
		return;
	}

	err = phone_call_take(&f->in.call, phone, msg, &prm);
	assert_int_equal(err, 0);
	if (f->todo != RING_ON)
		tmr_start(&f->tmr, 20, later_handler, f);
}


static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || libre_init())
		return -1;
	f->tone = mem_zalloc(sizeof(*f->tone), NULL);
	f->tone->n = 800; /* of 10 Hz steps: any whole frequency loops */
	f->tone->samples = mem_zalloc(f->tone->n * 2, NULL);
	for (size_t i = 0; i < f->tone->n; i++)
		f->tone->samples[i] = i % 8 < 4 ? 4000 : -4000;
	if (keys_decode(&f->keys, "0:5"))
		return -1;
	tmr_start(&f->guard, PATIENCE_MS, guard_handler, f);
	*state = f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	tmr_cancel(&f->guard);
	tmr_cancel(&f->tmr);
	mem_deref(f->out.call);
	mem_deref(f->in.call);
	mem_deref(f->out.phone);
	mem_deref(f->in.phone);
	mem_deref(f->tone->samples);
	mem_deref(f->tone);
	mem_deref(f->keys);
	free(f);
	libre_close();

	return 0;
}


static void phones_open(struct fixture *f, const char *ip, unsigned transports)
{
	struct phone_prm prm = {
		.transports = transports, .closedh = closed_handler, .arg = f,
	};

	assert_int_equal(sa_set_str(&prm.laddr, ip, 0), 0);
	assert_int_equal(phone_alloc(&f->out.phone, &prm), 0);
	prm.rungh = rung_handler;
	assert_int_equal(phone_alloc(&f->in.phone, &prm), 0);
	f->n_open = 2;
}


static void call(struct fixture *f, bool tcp)
{
	const struct phone_call_prm prm = {
		.user = "out", .tcp = tcp, .record = true,
		.codecs = f->codecs, .keys = f->keys, .callh = out_handler,
		.arg = f,
	};
	char uri[128];

	(void)re_snprintf(uri, sizeof(uri), "sip:in@%J",
			  phone_laddr(f->in.phone));
	assert_int_equal(phone_call_out(&f->out.call, f->out.phone, uri,
					&prm), 0);
	assert_int_equal(re_main(NULL), 0);
	assert_false(f->timed_out);
}


static void sound_checked(struct fixture *f)
{
	const struct sound_count out = phone_call_count(f->out.call);
	const struct sound_count in = phone_call_count(f->in.call);

	/* 25 packets in 500 ms; the machine may be slow, not fast */
	assert_in_range(in.n_sent, 2, 30);
	assert_in_range(out.n_sent, 2, 30);
	assert_true(out.n_heard > 0 && out.n_heard <= in.n_sent);
	assert_true(in.n_heard > 0 && in.n_heard <= out.n_sent);
}


static void test_talk(void **state)
{
	static const struct {
		const char *ip;
		bool tcp;
		unsigned codecs;
	} ways[] = {
		{"127.0.0.1", false, OFFER_BOTH},
		{"::1", true, OFFER_PCMA},
	};
	struct fixture *f;

	for (size_t i = 0; i < STEP_COUNT(ways); i++) {
		f = *state;
		f->codecs = ways[i].codecs;
		phones_open(f, ways[i].ip, PHONE_UDP | PHONE_TCP);
		call(f, ways[i].tcp);

		assert_int_equal(f->out.n[PHONE_RINGING], 1);
		assert_int_equal(f->out.n[PHONE_ANSWERED], 1);
		assert_int_equal(f->out.n[PHONE_SOUND], 1);
		assert_int_equal(f->out.n[PHONE_ENDED], 0);
		assert_int_equal(f->in.n[PHONE_ANSWERED], 1);
		assert_int_equal(f->in.n[PHONE_ENDED], 1);
		assert_true(phone_call_end(f->in.call).answered);
		assert_false(phone_call_keys_lost(f->out.call));
		assert_int_equal(phone_call_count(f->out.call).n_keys, 1);
		assert_int_equal(phone_call_count(f->in.call).n_keys, 0);
		sound_checked(f);

		(void)teardown(state);
		assert_int_equal(setup(state), 0);
	}
}


static void test_they_hang_up(void **state)
{
	struct fixture *f = *state;

	f->todo = HANG_UP_SOON;
	phones_open(f, "127.0.0.1", PHONE_UDP);
	call(f, false);

	assert_int_equal(f->out.n[PHONE_ENDED], 1);
	assert_int_equal(f->in.n[PHONE_ENDED], 0);
	assert_true(phone_call_end(f->out.call).answered);
	assert_int_equal(phone_call_save(f->out.call, "/nowhere/x.wav"),
			 ENOENT);
}


static void refused(struct fixture *f, enum todo todo, uint16_t scode)
{
	f->todo = todo;
	phones_open(f, "127.0.0.1", PHONE_UDP);
	call(f, false);

	assert_int_equal(f->out.n[PHONE_ANSWERED], 0);
	assert_int_equal(f->out.n[PHONE_ENDED], 1);
	assert_int_equal(phone_call_end(f->out.call).scode, scode);
	assert_false(phone_call_end(f->out.call).answered);
}


static void test_busy(void **state)
{
	refused(*state, REFUSE_AT_ONCE, 486);
}


static void test_declined(void **state)
{
	struct fixture *f = *state;

	refused(f, REFUSE_LATER, 603);
	assert_int_equal(f->out.n[PHONE_RINGING], 1);
}


static void test_cancel(void **state)
{
	struct fixture *f = *state;

	f->todo = RING_ON;
	f->cancel = true;
	phones_open(f, "127.0.0.1", PHONE_UDP);
	call(f, false);

	assert_int_equal(f->in.n[PHONE_ENDED], 1);
	assert_int_equal(f->in.n[PHONE_ANSWERED], 0);
	assert_false(phone_call_end(f->in.call).answered);
}


static void test_wrong_parameters(void **state)
{
	struct fixture *f = *state;
	struct phone_call_prm prm = {.user = NULL};
	struct phone_call *c = NULL;

	phones_open(f, "127.0.0.1", PHONE_UDP);
	assert_int_equal(phone_call_out(&c, f->out.phone, "sip:a@127.0.0.1",
					&prm), EINVAL);
	prm.user = "x";
	assert_int_equal(phone_call_out(&c, f->out.phone, NULL, &prm),
			 EINVAL);
	assert_null(c);
}


static void shown_read(struct phone_shown *shown, const char *from,
		       const char *more)
{
	struct mbuf *mb = mbuf_alloc(1024);
	struct sip_msg *msg;

	assert_non_null(mb);
	assert_int_equal(mbuf_printf(mb, "INVITE sip:a@127.0.0.1 SIP/2.0\r\n"
					 "Via: SIP/2.0/UDP 127.0.0.1;"
					 "branch=z9hG4bK1\r\n"
					 "From: %s;tag=1\r\n"
					 "To: <sip:a@127.0.0.1>\r\n"
					 "Call-ID: 1\r\nCSeq: 1 INVITE\r\n"
					 "%sContent-Length: 0\r\n\r\n",
				     from, more), 0);
	mb->pos = 0;
	assert_int_equal(sip_msg_decode(&msg, mb), 0);
	phone_shown_read(shown, msg);
	mem_deref(msg);
	mem_deref(mb);
}


static void test_shown(void **state)
{
	struct phone_shown shown;
	char from[256];
	(void)state;

	shown_read(&shown, "\"Our line\" <sip:555@127.0.0.1>",
		   "P-Asserted-Identity: <sip:777@127.0.0.1>\r\n");
	assert_string_equal(shown.display, "Our line");
	assert_string_equal(shown.user, "555");
	assert_string_equal(shown.asserted, "777");

	shown_read(&shown, "<sip:127.0.0.1>", "");
	assert_string_equal(shown.display, "");
	assert_string_equal(shown.user, "");
	assert_string_equal(shown.asserted, "");

	/* longer than we hold, and not for a terminal */
	(void)re_snprintf(from, sizeof(from), "\"\x1b[2J%0100d\""
					      " <sip:1@127.0.0.1>", 7);
	shown_read(&shown, from, "");
	assert_int_equal(strlen(shown.display), LIMIT_NAME - 1);
	assert_memory_equal(shown.display, "?[2J000", 7);
}


static void test_route(void **state)
{
	struct sa dst, laddr;
	(void)state;

	assert_int_equal(sa_set_str(&dst, "127.0.0.1", 5060), 0);
	assert_int_equal(phone_route(&laddr, &dst), 0);
	assert_true(sa_cmp(&laddr, &dst, SA_ADDR));
	assert_int_equal(sa_port(&laddr), 0);
	assert_int_equal(sa_set_str(&dst, "::1", 5060), 0);
	assert_int_equal(phone_route(&laddr, &dst), 0);
	assert_true(sa_cmp(&laddr, &dst, SA_ADDR));
}


int main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_talk),
		WITH(test_they_hang_up),
		WITH(test_busy),
		WITH(test_declined),
		WITH(test_cancel),
		WITH(test_wrong_parameters),
		WITH(test_shown),
		WITH(test_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
