/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_process.c  What phones hear, from whom, and what they never hear.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "media_bench.h"


static void test_greeting_then_hold(void **state)
{
	struct fixture *f = *state;
	struct phone *a = f->a;

	assert_int_equal(answer(a, LEG_A, "0 101", ""), 0);
	listen_more(a, 3);
	assert_int_equal(play(f, LEG_A, "greeting", "hold", true), 0);
	listen_more(a, GREETING_FRAMES + 30);

	assert_unbroken(a);
	for (unsigned i = 0; i < a->n; i++) {
		assert_int_equal(a->v[i].pt, 0);
		assert_int_equal(a->v[i].n, CODEC_FRAME);
		assert_true(sa_cmp(&a->v[i].from, &a->to, SA_ALL));
	}
	/* noise, greeting, and hold for ever */
	assert_true(abs(level(a, 0)) < 80);
	for (unsigned i = a->n - 10; i < a->n; i++)
		assert_true(level(a, i) < -7000);
	for (unsigned i = 0, n = 0; i < a->n; i++) {
		n += level(a, i) > 7000;
		if (i == a->n - 1)
			assert_int_equal(n, GREETING_FRAMES);
	}
	assert_true(a->v[0].marker);
}


static void test_noise_after_the_prompt(void **state)
{
	struct fixture *f = *state;
	struct phone *a = f->a;

	assert_int_equal(answer(a, LEG_A, "8 101", ""), 0);
	assert_int_equal(play(f, LEG_A, "greeting", NULL, false), 0);
	listen_more(a, GREETING_FRAMES + 20);
	assert_true(abs(level(a, a->n - 1)) < 80);
	assert_unbroken(a);
}


static void test_missing_prompt(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(answer(f->a, LEG_A, "0", ""), 0);
	assert_int_equal(play(f, LEG_A, "song", NULL, true), 0);
	listen_more(f->a, 5);
	assert_true(abs(level(f->a, f->a->n - 1)) < 80);
	/* what there is, is played */
	assert_int_equal(play(f, LEG_A, "song", "hold", true), 0);
	listen_more(f->a, 10);
	assert_true(level(f->a, f->a->n - 1) < -7000);
	/* but what was not to be looped is not */
	assert_int_equal(play(f, LEG_A, "greeting", "song", true), 0);
	listen_more(f->a, GREETING_FRAMES + 5);
	assert_true(abs(level(f->a, f->a->n - 1)) < 80);
}


/* three prompts of two languages, one of which is there in neither */
static struct wire_leg_play three(uint32_t serial)
{
	struct wire_leg_play msg = {
		.leg = LEG_A, .language = "en", .n_prompts = 3,
		.prompt = {"greeting", "song", "es/bye_bye"},
		.serial = serial,
	};

	return msg;
}


static bool one_played(struct fixture *f)
{
	return f->n_played >= 1;
}


static void test_played(void **state)
{
	struct fixture *f = *state;
	struct wire_leg_play msg = three(77);
	unsigned n = 0;

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), 0);
	run_until(f, one_played);
	assert_int_equal(f->played.leg, LEG_A);
	assert_int_equal(f->played.serial, 77);
	listen_more(f->a, 10);
	for (unsigned i = 0; i < f->a->n; i++)
		n += abs(level(f->a, i)) > 3000;
	assert_int_equal(n, GREETING_FRAMES + BYE_FRAMES);
	assert_int_equal(f->n_played, 1);
	assert_unbroken(f->a);
}


/* the Spanish one is not there in Mexican, the English one in neither */
static void test_languages(void **state)
{
	struct fixture *f = *state;
	struct wire_leg_play msg = {
		.leg = LEG_A, .language = "fr", .n_prompts = 3, .serial = 5,
		.prompt = {"es-mx/bye_bye", "de/greeting", "es/hold"},
	};
	unsigned v[3] = {0};

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), 0);
	run_until(f, one_played);
	listen_more(f->a, 3);
	for (unsigned i = 0; i < f->a->n; i++) {
		v[0] += abs(level(f->a, i) - BYE) < 300;
		v[1] += abs(level(f->a, i) - GREETING) < 300;
		v[2] += abs(level(f->a, i) - HOLD) < 300;
	}
	assert_int_equal(v[0], BYE_FRAMES);
	assert_int_equal(v[1], GREETING_FRAMES);
	assert_in_range(v[2], 7, 8);
}


/* what is replaced, looped, or not asked about is not told of */
static void test_not_played(void **state)
{
	struct fixture *f = *state;
	struct wire_leg_play msg = three(1);

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(answer(f->b, LEG_B, "0 101", ""), 0);
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), 0);
	msg = three(0);
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), 0);
	listen_more(f->a, 40);
	msg = three(2);
	msg.loop = 1;
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), 0);
	listen_more(f->a, 40);
	msg = three(3);
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), 0);
	assert_int_equal(bridge(f, LEG_A, LEG_B), 0);
	listen_more(f->a, 40);
	assert_int_equal(f->n_played, 0);

	/* and nothing at all is heard to its end at once */
	msg = three(4);
	msg.n_prompts = 0;
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), 0);
	run_until(f, one_played);
	assert_int_equal(f->played.serial, 4);
}


/* on hold the list goes on, so that whoever waits for its end goes on too */
static void test_played_on_hold(void **state)
{
	struct fixture *f = *state;
	const struct wire_leg_play msg = three(9);

	assert_int_equal(answer(f->a, LEG_A, "0 101", "a=sendonly\r\n"), 0);
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), 0);
	run_until(f, one_played);
	assert_int_equal(f->a->n, 0);
}


static void test_talk_both_ways(void **state)
{
	struct fixture *f = *state;

	talk(f, "0 101", "0 101");
	for (uint8_t i = 0; i < 100; i++) {
		phone_say(f->a, (uint8_t)(0x30 + i % 16));
		listen_for(f->b, (uint8_t)(0x30 + i % 16));
		phone_say(f->b, (uint8_t)(0x50 + i % 16));
		listen_for(f->a, (uint8_t)(0x50 + i % 16));
	}
	assert_unbroken(f->a);
	assert_unbroken(f->b);
	assert_int_not_equal(f->a->v[0].ssrc, SSRC);
	assert_int_not_equal(f->a->v[0].ssrc, f->b->v[0].ssrc);
}


static void test_from_one_codec_to_the_other(void **state)
{
	struct fixture *f = *state;

	talk(f, "0 101", "8 101");
	for (unsigned b = 1; b < 256; b += 7) {
		phone_say(f->a, (uint8_t)b);
		listen_for(f->b, turned(CODEC_PCMU, (uint8_t)b));
		assert_int_equal(f->b->v[f->b->n - 1].pt, 8);
	}
	assert_unbroken(f->b);
}


static void test_other_frame_lengths(void **state)
{
	static const size_t frames[] = {80, 240, 320, 160};
	struct fixture *f = *state;

	talk(f, "0 101", "0 101");
	for (uint8_t i = 0; i < 40; i++) {
		const size_t n = frames[i % 4];

		phone_say_n(f->a, (uint8_t)(0x40 + i), n);
		listen_for(f->b, (uint8_t)(0x40 + i));
		assert_int_equal(f->b->v[f->b->n - 1].n, n);
	}
	assert_unbroken(f->b);
}


/* prompt, talk, noise while the other is silent, talk, prompt */
static void test_one_stream_through_all(void **state)
{
	struct fixture *f = *state;
	struct phone *b = f->b;
	unsigned n;

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(answer(b, LEG_B, "0 101", ""), 0);
	assert_int_equal(play(f, LEG_B, "hold", NULL, true), 0);
	listen_more(b, 5);
	assert_int_equal(bridge(f, LEG_A, LEG_B), 0);
	for (uint8_t i = 0; i < 20; i++) {
		phone_say(f->a, (uint8_t)(0x30 + i));
		listen_for(b, (uint8_t)(0x30 + i));
	}
	n = b->n;
	listen_more(b, 10);
	for (unsigned i = n; i < b->n; i++)
		assert_true(abs(level(b, i)) < 80);
	assert_true(b->v[n].marker);
	phone_say(f->a, 0x54);
	listen_for(b, 0x54);
	assert_true(b->v[b->n - 1].marker);
	assert_int_equal(play(f, LEG_B, "greeting", NULL, false), 0);
	listen_more(b, 5);
	assert_true(level(b, b->n - 1) > 7000);
	assert_unbroken(b);
}


/* csrc list, extension and padding do not get through; the payload does */
static void test_stripped(void **state)
{
	struct fixture *f = *state;
	uint8_t buf[] = {
		0xb1, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0x51, 0x51, /* head    */
		1, 2, 3, 4,                                     /* csrc    */
		0xbe, 0xde, 0, 1, 9, 9, 9, 9,                   /* ext     */
		0x66, 0x66, 0x66, 0x66,                         /* payload */
		0, 0, 3,                                        /* padding */
	};

	talk(f, "0 101", "0 101");
	buf[2] = (uint8_t)(f->a->seq >> 8);
	buf[3] = (uint8_t)f->a->seq;
	assert_true(sendto(f->a->fd, buf, sizeof(buf), 0, &f->a->to.u.sa,
			   f->a->to.len) > 0);
	listen_for(f->b, 0x66);
	assert_int_equal(f->b->v[f->b->n - 1].n, 4);
	assert_unbroken(f->b);
}


/* one packet a tick of something that has just begun, until it is heard */
static void new_source(struct phone *from, struct phone *to, uint8_t i)
{
	struct rtp_packet pkt = {
		.ssrc = 1000u + i, .seq = (uint16_t)(i * 7777),
		.ts = i * 0x22222222u, .n = CODEC_FRAME,
	};
	const unsigned before = to->n;
	uint8_t payload[CODEC_FRAME];

	memset(payload, 0x70 + i, sizeof(payload));
	while (!hears(to, before, (uint8_t)(0x70 + i)) &&
	       !from->f->too_late) {
		phone_send_raw(from, &pkt, payload);
		++pkt.seq;
		pkt.ts += CODEC_FRAME;
		listen_more(to, 1);
	}
}


static void test_new_source_numbers(void **state)
{
	struct fixture *f = *state;

	talk(f, "0 101", "0 101");
	for (uint8_t i = 0; i < 10; i++)
		new_source(f->a, f->b, i);
	assert_unbroken(f->b);
}


/* whoever forges the peer's address has to guess its numbers, too */
static void test_a_forged_sender(void **state)
{
	struct fixture *f = *state;
	uint8_t forged[CODEC_FRAME];

	memset(forged, 0x77, sizeof(forged));
	talk(f, "0 101", "0 101");
	for (uint8_t i = 0; i < 30; i++) {
		const struct rtp_packet rows[] = {
			{.ssrc = 99, .seq = i, .n = CODEC_FRAME},
			{.ssrc = SSRC, .seq = (uint16_t)(f->a->seq + 20000),
			 .n = CODEC_FRAME},
			{.ssrc = SSRC, .seq = (uint16_t)(f->a->seq - 5000),
			 .n = CODEC_FRAME},
		};

		phone_say(f->a, (uint8_t)(0x11 + i));
		phone_send_raw(f->a, &rows[i % 3], forged);
		listen_for(f->b, (uint8_t)(0x11 + i));
	}
	phone_say(f->a, 0x10);
	listen_for(f->b, 0x10);
	assert_false(hears(f->b, 0, 0x77));
	assert_unbroken(f->b);
}


/* a stranger before, during and after the peer's first packet */
static void test_strangers_are_never_heard(void **state)
{
	struct fixture *f = *state;
	struct phone *a = f->a, *b = f->b, *c;

	c = f->c = phone_new(f, "127.0.0.2");
	assert_int_equal(answer(a, LEG_A, "0 101", ""), 0);
	assert_int_equal(answer(b, LEG_B, "0 101", ""), 0);
	assert_int_equal(bridge(f, LEG_A, LEG_B), 0);
	c->to = a->to;

	for (int i = 0; i < 20; i++)
		phone_say(c, 0x77);
	phone_say(a, 0x11);
	listen_for(b, 0x11);
	for (int i = 0; i < 20; i++) {
		phone_say(c, 0x77);
		phone_say(a, (uint8_t)(0x12 + i));
		listen_for(b, (uint8_t)(0x12 + i));
	}
	assert_false(hears(b, 0, 0x77));

	/* nor does anything go to the stranger */
	phone_say(b, 0x44);
	listen_for(a, 0x44);
	listen_more(a, 10);
	assert_int_equal(c->n, 0);

	assert_int_equal(close_leg(f, LEG_A), 0);
	assert_int_equal(f->type, WIRE_LEG_STATS);
	assert_int_equal(f->stats.n_received, 21);
	assert_int_equal(f->stats.n_dropped, 40);
	assert_int_equal(f->stats.n_lost, 0);
	assert_true(f->stats.n_sent >= 11);
}


/* same host as the peer, other port: too late once the peer was heard */
static void test_another_port_of_the_peer(void **state)
{
	struct fixture *f = *state;
	struct phone *c;

	talk(f, "0 101", "0 101");
	c = f->c = phone_new(f, "127.0.0.1");
	c->to = f->a->to;
	for (int i = 0; i < 10; i++)
		phone_say(c, 0x77);
	phone_say(f->a, 0x13);
	listen_for(f->b, 0x13);
	assert_false(hears(f->b, 0, 0x77));
	phone_say(f->b, 0x24);
	listen_for(f->a, 0x24);
	assert_int_equal(c->n, 0);
}


static bool someone_heard(struct fixture *f)
{
	return f->a->n + f->c->n >= f->wanted;
}


/* a phone behind address translation: it sends from another port than its
 * SDP says, and hears us there */
static void test_latching(void **state)
{
	const struct wire_addr net = {
		.ip = {127}, .family = 4, .bits = 8,
	};
	struct fixture *f = *state;
	struct phone *a = f->a, *c;

	assert_int_equal(answer_nets(a, LEG_A, "0 101", "", &net), 0);
	listen_more(a, 2);
	c = f->c = phone_new(f, "127.0.0.2");
	c->to = a->to;
	while (!c->n && !f->too_late) {
		phone_say(c, 0x11);
		f->wanted = a->n + c->n + 1;
		run_until(f, someone_heard);
	}
	listen_more(c, 5);

	/* the same offer again changes nothing; */
	assert_int_equal(answer_nets(a, LEG_A, "0 101", "", &net), 0);
	phone_say(a, 0x11);
	listen_more(c, 5);
	/* one that names another address does */
	assert_int_equal(answer_nets(f->b, LEG_A, "0 101", "", &net), 0);
	listen_more(f->b, 5);
	phone_say(f->b, 0x11);
	listen_more(f->b, 5);
}


static void test_garbage_does_not_latch(void **state)
{
	static const uint8_t bad[][16] = {
		{0}, {0x40, 0, 0, 1}, {0x80, 9}, {0x80, 72},
		{0x8f, 0}, {0x90, 0, [14] = 0xff},
		{0xa0, 0, [15] = 200},
	};
	const struct wire_addr net = {
		.ip = {127}, .family = 4, .bits = 8,
	};
	struct fixture *f = *state;
	struct phone *a = f->a, *c;

	assert_int_equal(answer_nets(a, LEG_A, "0 101", "", &net), 0);
	c = f->c = phone_new(f, "127.0.0.2");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_true(sendto(c->fd, bad[i], sizeof(bad[i]), 0,
				   &a->to.u.sa, a->to.len) > 0);
	phone_say(a, 0x11);
	listen_more(a, 10);
	assert_int_equal(c->n, 0);
	assert_int_equal(close_leg(f, LEG_A), 0);
	assert_int_equal(f->stats.n_received, 1);
	assert_int_equal(f->stats.n_dropped, ARRAY_SIZE(bad));
}


static void test_hold_and_back(void **state)
{
	static const char *const holds[] = {"a=sendonly\r\n",
					    "a=inactive\r\n"};
	static const char *const answers[] = {"a=recvonly\r\n",
					      "a=inactive\r\n"};
	struct fixture *f = *state;
	struct phone *a = f->a, *b = f->b;

	assert_int_equal(answer(a, LEG_A, "0 101", ""), 0);
	assert_int_equal(answer(b, LEG_B, "0 101", ""), 0);
	for (unsigned i = 0; i < 2; i++) {
		unsigned n;

		listen_more(a, 3);
		assert_int_equal(answer(a, LEG_A, "0 101", holds[i]), 0);
		assert_non_null(strstr(f->sdp, answers[i]));
		/* what was on its way arrives before b's next ones */
		listen_more(b, 2);
		n = a->n;
		listen_more(b, 15);
		assert_int_equal(a->n, n);

		assert_int_equal(answer(a, LEG_A, "0 101", ""), 0);
		assert_non_null(strstr(f->sdp, "a=sendrecv\r\n"));
	}
	listen_more(a, 3);
	assert_unbroken(a);
}


/* to hold a caller with music of one's own: we hear it and pass it on */
static void test_sendonly_is_heard(void **state)
{
	struct fixture *f = *state;

	talk(f, "0 101", "0 101");
	assert_int_equal(answer(f->a, LEG_A, "0 101", "a=sendonly\r\n"), 0);
	phone_say(f->a, 0x19);
	listen_for(f->b, 0x19);

	assert_int_equal(answer(f->a, LEG_A, "0 101", "a=inactive\r\n"), 0);
	phone_say(f->a, 0x1a);
	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	phone_say(f->a, 0x1b);
	listen_for(f->b, 0x1b);
	assert_false(hears(f->b, 0, 0x1a));
}


static void test_ipv6_and_ipv4(void **state)
{
	struct fixture *f = *state;
	struct phone *c = f->c = phone_new(f, "::1");

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(answer(c, LEG_B, "8 101", ""), 0);
	assert_int_equal(sa_af(&c->to), AF_INET6);
	assert_int_equal(bridge(f, LEG_B, LEG_A), 0);
	phone_say(c, 0x91);
	listen_for(f->a, turned(CODEC_PCMA, 0x91));
	phone_say(f->a, 0x12);
	listen_for(c, turned(CODEC_PCMU, 0x12));
	assert_unbroken(c);

	/* and one leg may move from one to the other */
	assert_int_equal(answer(f->b, LEG_B, "0 101", ""), 0);
	assert_int_equal(sa_af(&f->b->to), AF_INET);
	phone_say(f->b, 0x2a);
	listen_for(f->a, 0x2a);
	assert_unbroken(f->a);
}


static bool two_digits(struct fixture *f)
{
	return f->n_digits >= 2;
}


static void test_keys(void **state)
{
	struct fixture *f = *state;
	struct phone *a = f->a, *b = f->b;
	unsigned n, n_events = 0;
	uint32_t ts = 0;

	talk(f, "0 101", "0 101");
	n = b->n;
	for (uint16_t i = 1; i <= 6; i++)
		phone_key(a, a->ts, 11, i > 3, (uint16_t)(160 * i));
	a->ts += 1600;
	for (int i = 0; i < 3; i++)
		phone_key(a, a->ts, 5, true, 800);
	run_until(f, two_digits);
	phone_say(a, 0x15);
	listen_for(b, 0x15);

	assert_int_equal(f->n_digits, 2);
	assert_int_equal(f->digit[0].leg, LEG_A);
	assert_int_equal(f->digit[0].code, 11);
	assert_int_equal(f->digit[1].code, 5);

	/* b hears all nine packets, each key at one time */
	for (unsigned i = n; i < b->n; i++) {
		if (b->v[i].pt != EVENT)
			continue;
		if (++n_events == 1)
			ts = b->v[i].ts;
		assert_int_equal(b->v[i].ts, n_events <= 6 ? ts : ts + 1600);
		assert_int_equal(b->v[i].n, 4);
	}
	assert_int_equal(n_events, 9);
	assert_unbroken(b);
}


static void test_keys_for_who_has_none(void **state)
{
	struct fixture *f = *state;

	talk(f, "0 101", "0");
	phone_key(f->a, f->a->ts, 1, true, 800);
	f->a->ts += 1600;
	phone_key(f->a, f->a->ts, 2, true, 800);
	run_until(f, two_digits);
	phone_say(f->a, 0x15);
	listen_for(f->b, 0x15);
	for (unsigned i = 0; i < f->b->n; i++)
		assert_int_equal(f->b->v[i].pt, 0);
}


static void test_offer_and_accept(void **state)
{
	struct fixture *f = *state;
	const struct wire_leg_open open = {
		.leg = LEG_B, .like = LEG_A, .family = 4,
	};
	const struct wire_leg leg = {.leg = LEG_B};
	char text[1024], first[LIMIT_SDP];

	assert_int_equal(answer(f->a, LEG_A, "8 101", ""), 0);
	assert_int_equal(ask(f, WIRE_LEG_OFFER, &open, NULL), 0);
	assert_non_null(strstr(f->sdp, "RTP/AVP 8 0 101\r\n"));
	assert_non_null(strstr(f->sdp, "a=fmtp:101 0-15\r\n"));
	sdp_target(f, f->b);
	str_ncpy(first, f->sdp, sizeof(first));

	/* asked again, the same offer */
	assert_int_equal(ask(f, WIRE_LEG_OFFER, &open, NULL), 0);
	assert_string_equal(f->sdp, first);

	/* nothing is heard from it before its answer */
	assert_int_equal(bridge(f, LEG_A, LEG_B), 0);
	phone_say(f->b, 0x71);
	assert_int_equal(ask(f, WIRE_LEG_ACCEPT, &leg,
			     sdp_of(f->b, "0 101", "", text, sizeof(text))),
			 0);
	assert_int_equal(f->type, WIRE_DONE);
	f->b->pt = 0;
	phone_say(f->b, 0x91);
	listen_for(f->a, turned(CODEC_PCMU, 0x91));
	assert_false(hears(f->a, 0, turned(CODEC_PCMU, 0x71)));
	phone_say(f->a, 0x12);
	listen_for(f->b, turned(CODEC_PCMA, 0x12));

	/* repeated, it is no harm */
	assert_int_equal(ask(f, WIRE_LEG_ACCEPT, &leg,
			     sdp_of(f->b, "0 101", "", text, sizeof(text))),
			 0);
}


static void test_accept_refused(void **state)
{
	struct fixture *f = *state;
	const struct wire_leg_open open = {.leg = LEG_B, .family = 4};
	const struct wire_leg leg = {.leg = LEG_B}, none = {.leg = 99};
	char text[1024];

	assert_int_equal(ask(f, WIRE_LEG_ACCEPT, &none, "v=0\r\n"), ENOENT);
	assert_int_equal(ask(f, WIRE_LEG_OFFER, &open, NULL), 0);
	assert_int_equal(ask(f, WIRE_LEG_ACCEPT, &leg, "v=0\r\n"), EPROTO);
	assert_int_equal(ask(f, WIRE_LEG_ACCEPT, &leg, NULL), EPROTO);
	assert_int_equal(ask(f, WIRE_LEG_ACCEPT, &leg,
			     sdp_of(f->b, "9", "", text, sizeof(text))),
			 ENOTSUP);
	f->c = phone_new(f, "::1");
	assert_int_equal(ask(f, WIRE_LEG_ACCEPT, &leg,
			     sdp_of(f->c, "0", "", text, sizeof(text))),
			 ENOTSUP);
	assert_int_equal(answer(f->a, LEG_A, "0", ""), 0);
	assert_int_equal(ask(f, WIRE_LEG_ACCEPT,
			     &(struct wire_leg){.leg = LEG_A},
			     sdp_of(f->a, "0", "", text, sizeof(text))),
			 EPROTO);
}


static void test_refusals(void **state)
{
	const struct wire_addr odd = {.family = 4, .bits = 77};
	struct wire_leg_open open = {.leg = LEG_A};
	struct fixture *f = *state;

	assert_int_equal(answer(f->a, LEG_A, "9", ""), ENOTSUP);
	assert_int_equal(ask(f, WIRE_LEG_ANSWER, &open, "hello"), EPROTO);
	assert_int_equal(ask(f, WIRE_LEG_ANSWER, &open, NULL), EPROTO);
	assert_int_equal(answer_nets(f->a, LEG_A, "0", "", &odd), EINVAL);
	open.n_nets = WIRE_NETS + 1;
	assert_int_equal(ask(f, WIRE_LEG_ANSWER, &open, "v=0\r\n"), EINVAL);
	open = (struct wire_leg_open){.leg = 0, .family = 4};
	assert_int_equal(ask(f, WIRE_LEG_OFFER, &open, NULL), EINVAL);
	open = (struct wire_leg_open){.leg = LEG_A, .family = 5};
	assert_int_equal(ask(f, WIRE_LEG_OFFER, &open, NULL), EINVAL);

	/* none of it left a leg behind */
	assert_int_equal(play(f, LEG_A, "hold", NULL, true), ENOENT);
	assert_int_equal(bridge(f, LEG_A, LEG_B), ENOENT);
	assert_int_equal(answer(f->a, LEG_A, "0", ""), 0);
	assert_int_equal(bridge(f, LEG_A, LEG_A), EINVAL);
	assert_int_equal(bridge(f, LEG_A, LEG_B), ENOENT);
}


static void test_play_that_makes_no_sense(void **state)
{
	struct fixture *f = *state;
	struct wire_leg_play msg = {.leg = LEG_A, .n_prompts = 200};

	assert_int_equal(answer(f->a, LEG_A, "0", ""), 0);
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), EINVAL);
	msg.n_prompts = 1;
	memset(msg.language, 'e', sizeof(msg.language));
	memset(msg.prompt, 'x', sizeof(msg.prompt));
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), 0);
	assert_int_equal(play(f, LEG_A, "../en/hold", NULL, true), 0);
	listen_more(f->a, 5);
	assert_true(abs(level(f->a, f->a->n - 1)) < 80);
	assert_int_equal(play(f, LEG_A, NULL, NULL, false), 0);
}


/* a refused re-offer leaves the talk as it was */
static void test_refused_reoffer(void **state)
{
	struct fixture *f = *state;
	const struct wire_leg_open open = {.leg = LEG_A};

	talk(f, "0 101", "0 101");
	assert_int_equal(answer(f->a, LEG_A, "9", ""), ENOTSUP);
	assert_int_equal(ask(f, WIRE_LEG_ANSWER, &open, "v=0"), EPROTO);
	phone_say(f->a, 0x19);
	listen_for(f->b, 0x19);
	phone_say(f->b, 0x29);
	listen_for(f->a, 0x29);
}


static void test_same_answer_twice(void **state)
{
	struct fixture *f = *state;
	char first[LIMIT_SDP];

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	str_ncpy(first, f->sdp, sizeof(first));
	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_string_equal(f->sdp, first);
}


/* two legs sent to each other's ports would never be silent again */
static void test_not_to_ourselves(void **state)
{
	struct fixture *f = *state;
	struct phone liar;

	assert_int_equal(answer(f->a, LEG_A, "0", ""), 0);
	liar = *f->a;
	liar.addr = f->a->to;
	assert_int_equal(answer(&liar, LEG_B, "0", ""), ENOTSUP);
}


/* nor by a port that becomes ours only after it was named */
static void test_not_latched_to_ourselves(void **state)
{
	struct fixture *f = *state;
	struct phone liar;

	assert_int_equal(answer(f->a, LEG_A, "0", ""), 0);
	liar = *f->a;
	liar.addr = f->a->to;
	sa_set_port(&liar.addr, sa_port(&f->a->to) ^ 2);
	assert_int_equal(answer(&liar, LEG_A, "0", ""), 0);

	/* the only port left is the one that leg A now sends to */
	assert_int_equal(answer(f->b, LEG_B, "0", ""), 0);
	assert_true(sa_cmp(&f->b->to, &liar.addr, SA_ALL));
	listen_more(f->b, 10);
	assert_int_equal(close_leg(f, LEG_B), 0);
	assert_int_equal(f->stats.n_received, 0);
	assert_true(f->stats.n_dropped > 0);
}


/* the process was held up: a few frames at once, then it goes on in time */
static void test_held_up(void **state)
{
	const struct timespec held = {.tv_nsec = 500000000};
	struct fixture *f = *state;
	struct phone *a = f->a;
	unsigned gaps = 0;

	assert_int_equal(answer(a, LEG_A, "0", ""), 0);
	listen_more(a, 3);
	(void)nanosleep(&held, NULL);
	listen_more(a, 10);
	assert_unbroken(a);
	for (unsigned i = 1; i < a->n; i++)
		gaps += a->v[i].ts - a->v[i - 1].ts > 10 * CODEC_FRAME;
	assert_true(gaps >= 1);
}


static void test_no_port_left(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(answer(f->a, 1, "0", ""), 0);
	assert_int_equal(answer(f->a, 2, "0", ""), 0);
	assert_int_equal(answer(f->a, 3, "0", ""), ENOSPC);
	assert_int_equal(close_leg(f, 1), 0);
	assert_int_equal(answer(f->a, 3, "0", ""), 0);
}


static void test_close_is_repeatable(void **state)
{
	struct fixture *f = *state;

	talk(f, "0 101", "0 101");
	assert_int_equal(close_leg(f, LEG_A), 0);
	assert_int_equal(f->type, WIRE_LEG_STATS);
	assert_int_equal(f->stats.leg, LEG_A);
	assert_int_equal(close_leg(f, LEG_A), 0);
	assert_int_equal(f->type, WIRE_DONE);

	/* who stays hears noise */
	listen_more(f->b, 10);
	assert_true(abs(level(f->b, f->b->n - 1)) < 80);
}


static void test_bridge_to_a_third(void **state)
{
	struct fixture *f = *state;
	struct phone *c = f->c = phone_new(f, "127.0.0.1");

	talk(f, "0 101", "0 101");
	assert_int_equal(bridge(f, LEG_B, LEG_A), 0);
	assert_int_equal(answer(c, 3, "0 101", ""), 0);
	assert_int_equal(bridge(f, LEG_A, 3), 0);
	phone_say(f->a, 0x17);
	listen_for(c, 0x17);
	phone_say(f->b, 0x27);
	phone_say(c, 0x37);
	listen_for(f->a, 0x37);
	assert_false(hears(f->b, 0, 0x17));
	assert_false(hears(f->a, 0, 0x27));
	assert_unbroken(f->a);
}


static void test_the_talk_goes_on(void **state)
{
	struct fixture *f = *state;

	talk(f, "0 101", "0 101");
	f->conn = mem_deref(f->conn);
	for (uint8_t i = 0; i < 10; i++) {
		phone_say(f->a, (uint8_t)(0x60 + i));
		listen_for(f->b, (uint8_t)(0x60 + i));
		phone_key(f->a, f->a->ts, 1, true, 160);
		f->a->ts += 160;
	}

	line_connect(f);
	assert_int_equal(reset(f), 0);
	assert_int_equal(play(f, LEG_A, "hold", NULL, true), ENOENT);
	assert_int_equal(reset(f), 0);
	assert_int_equal(f->n_digits, 0);
}


static bool is_gone(struct fixture *f)
{
	return f->gone;
}


static bool it_leaves(struct fixture *f)
{
	return f->n_leaves == 2;
}


/* It goes on with those who talk, takes who is to be joined with them, and ends
 * with the last leg, once the line has said that it brings no others. Who
 * connects later is told, too. */
static void test_another_takes_its_place(void **state)
{
	const struct wire_none none = {0};
	struct fixture *f = *state;

	server_leave(f->server, bench_gone, f);
	server_leave(f->server, bench_gone, f);
	talk(f, "0 101", "0 101");
	assert_int_equal(f->n_leaves, 1);
	assert_int_equal(close_leg(f, LEG_A), 0);
	assert_int_equal(close_leg(f, LEG_B), 0);
	talk(f, "0 101", "0 101");
	assert_false(f->gone); /* nobody has said that it may */
	assert_int_equal(ask(f, WIRE_MEDIA_MAY_GO, &none, NULL), 0);
	phone_say(f->a, 0x17);
	listen_for(f->b, 0x17);
	f->conn = mem_deref(f->conn);
	line_connect(f);
	assert_int_equal(bridge(f, LEG_A, LEG_B), 0);
	run_until(f, it_leaves);
	assert_int_equal(close_leg(f, LEG_A), 0);
	assert_int_equal(ask(f, WIRE_MEDIA_MAY_GO, &none, NULL), 0);
	phone_say(f->b, 0x18);
	listen_more(f->b, 10);
	assert_false(f->gone);
	assert_int_equal(close_leg(f, LEG_B), 0);
	run_until(f, is_gone);
}


/* With neither a line nor a leg there is nothing to wait for. */
static void test_nobody_is_left(void **state)
{
	struct fixture *f = *state;

	f->conn = mem_deref(f->conn);
	server_leave(f->server, bench_gone, f);
	run_until(f, is_gone);
}


int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_greeting_then_hold),
		T(test_noise_after_the_prompt),
		T(test_missing_prompt),
		T(test_played),
		T(test_languages),
		T(test_not_played),
		T(test_played_on_hold),
		T(test_talk_both_ways),
		T(test_from_one_codec_to_the_other),
		T(test_other_frame_lengths),
		T(test_one_stream_through_all),
		T(test_stripped),
		T(test_a_forged_sender),
		T(test_new_source_numbers),
		T(test_strangers_are_never_heard),
		T(test_another_port_of_the_peer),
		T(test_latching),
		T(test_garbage_does_not_latch),
		T(test_hold_and_back),
		T(test_sendonly_is_heard),
		T(test_ipv6_and_ipv4),
		T(test_keys),
		T(test_keys_for_who_has_none),
		T(test_offer_and_accept),
		T(test_accept_refused),
		T(test_refusals),
		T(test_play_that_makes_no_sense),
		T(test_refused_reoffer),
		T(test_same_answer_twice),
		T(test_not_to_ourselves),
		cmocka_unit_test_setup_teardown(test_not_latched_to_ourselves,
						setup_two_ports, teardown),
		T(test_held_up),
		cmocka_unit_test_setup_teardown(test_no_port_left,
						setup_two_ports, teardown),
		T(test_close_is_repeatable),
		T(test_bridge_to_a_third),
		T(test_the_talk_goes_on),
		T(test_another_takes_its_place),
		T(test_nobody_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
