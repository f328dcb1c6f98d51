/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_hear.c  Who hears whom when it is not just two, and who never does.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>
#include <re.h>

#include "media_bench.h"
#include "opened.h"


enum {
	LEG_C = 3,
	NOISE = 80,  /* comfort noise is not louder */
	ROUNDS = 600, /* beats until something must have come about */
};

/* each says one value: one is positive, the others negative and of different
 * size, so that each sum is another one */
enum { HIGH = 8000, LOW = -1000, LOWER = -3000 };


static int hear(struct fixture *f, uint64_t leg, uint64_t a, uint64_t b)
{
	const struct wire_leg_hear msg = {
		.leg = leg, .from = {a ? a : b, a ? b : 0},
		.n = (a != 0) + (b != 0),
	};

	return ask(f, WIRE_LEG_HEAR, &msg, NULL);
}


/* three legs, all latched, that hear nobody */
static void three(struct fixture *f, const char *fc)
{
	f->c = phone_new(f, "127.0.0.1");
	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(answer(f->b, LEG_B, "0 101", ""), 0);
	assert_int_equal(answer(f->c, LEG_C, fc, ""), 0);
}


static void say(struct phone *p, int value)
{
	if (value)
		phone_say(p, codec_encode(p->pt == 8 ? CODEC_PCMA : CODEC_PCMU,
					  (int16_t)value));
}


static void stop(void *arg)
{
	(void)arg;
	re_cancel();
}


/* each says something, then the world goes on until the next 20 ms begin */
static void beat(struct fixture *f, int a, int b, int c)
{
	struct tmr tmr;

	say(f->a, a);
	say(f->b, b);
	say(f->c, c);
	tmr_init(&tmr);
	tmr_start(&tmr, 20 - tmr_jiffies() % 20, stop, NULL);
	assert_int_equal(re_main(NULL), 0);
}


static bool is_near(int is, int wanted)
{
	return abs(is - wanted) <= 40 + abs(wanted) / 16;
}


/* talk until a phone hears that level */
static void until_level(struct fixture *f, const struct phone *p, int level_,
			const int said[3])
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		beat(f, said[0], said[1], said[2]);
		if (p->n && is_near(level(p, p->n - 1), level_))
			return;
	}
	fail_msg("level %d was never heard, but %d", level_,
		 p->n ? level(p, p->n - 1) : 0);
}


static const int talk_a[] = {HIGH, LOW, LOWER};
static const int talk_b[] = {LOW, HIGH, LOWER};
static const int talk_c[] = {LOW, LOWER, HIGH};


/* whoever is the loud one now hears nothing that is not negative */
static void assert_no_echo(const struct phone *p, unsigned from)
{
	for (unsigned i = from; i < p->n; i++)
		assert_true(level(p, i) < NOISE);
}


static void all_three_hear(struct fixture *f)
{
	unsigned n;

	n = f->a->n;
	until_level(f, f->b, HIGH + LOWER, talk_a);
	until_level(f, f->c, HIGH + LOW, talk_a);
	until_level(f, f->a, LOW + LOWER, talk_a);
	/* of what was said before, with other values, the buffers are empty */
	assert_no_echo(f->a, n + 10);
	until_level(f, f->a, HIGH + LOWER, talk_b);
	until_level(f, f->c, HIGH + LOW, talk_b);
	n = f->b->n + 10;
	until_level(f, f->b, LOW + LOWER, talk_b);
	until_level(f, f->a, HIGH + LOWER, talk_c);
	until_level(f, f->b, HIGH + LOW, talk_c);
	n = f->c->n + 10;
	until_level(f, f->c, LOW + LOWER, talk_c);
	for (unsigned i = 0; i < 20; i++)
		beat(f, talk_c[0], talk_c[1], talk_c[2]);
	assert_no_echo(f->c, n);
	assert_unbroken(f->a);
	assert_unbroken(f->b);
	assert_unbroken(f->c);
}


static void three_hear(struct fixture *f)
{
	assert_int_equal(hear(f, LEG_A, LEG_B, LEG_C), 0);
	assert_int_equal(hear(f, LEG_B, LEG_A, LEG_C), 0);
	assert_int_equal(hear(f, LEG_C, LEG_A, LEG_B), 0);
}


static void test_three(void **state)
{
	struct fixture *f = *state;

	three(f, "0 101");
	three_hear(f);
	all_three_hear(f);
}


/* one of them in the other codec */
static void test_three_of_two_codecs(void **state)
{
	struct fixture *f = *state;

	three(f, "8 101");
	three_hear(f);
	all_three_hear(f);
	assert_int_equal(f->c->v[f->c->n - 1].pt, 8);
	assert_int_equal(f->a->v[f->a->n - 1].pt, 0);
}


/* c hears both, and nobody hears c; the two go on without noticing */
static void test_listener(void **state)
{
	struct fixture *f = *state;
	unsigned n;

	three(f, "0 101");
	assert_int_equal(bridge(f, LEG_A, LEG_B), 0);
	until_level(f, f->a, HIGH, talk_b);
	n = f->a->n;
	assert_int_equal(hear(f, LEG_C, LEG_A, LEG_B), 0);
	until_level(f, f->c, HIGH + LOWER, (const int[]){HIGH, LOWER, 30000});
	until_level(f, f->a, LOW, (const int[]){HIGH, LOW, 30000});
	until_level(f, f->b, HIGH, (const int[]){HIGH, LOW, 30000});
	for (unsigned i = n; i < f->a->n; i++)
		assert_true(level(f->a, i) <= HIGH + 500);
	for (unsigned i = 0; i < f->b->n; i++)
		assert_true(level(f->b, i) <= HIGH + 500);

	/* what is between the two is still the quick way: no mix, and the
	 * bytes as they came */
	phone_say(f->a, 0x33);
	listen_for(f->b, 0x33);
	assert_unbroken(f->a);
	assert_unbroken(f->b);
	assert_unbroken(f->c);
}


/* c is heard by b alone: a hears what it heard before */
static void test_whisper(void **state)
{
	struct fixture *f = *state;

	three(f, "0 101");
	assert_int_equal(bridge(f, LEG_A, LEG_B), 0);
	assert_int_equal(hear(f, LEG_C, LEG_A, LEG_B), 0);
	assert_int_equal(hear(f, LEG_B, LEG_A, LEG_C), 0);
	until_level(f, f->b, HIGH + LOW, talk_c);
	until_level(f, f->c, LOW + LOWER, talk_c);
	for (unsigned i = 0; i < f->a->n; i++)
		assert_true(level(f->a, i) < NOISE);
	until_level(f, f->a, LOWER, talk_c);

	/* no more whispering: b hears a, as it came */
	assert_int_equal(hear(f, LEG_B, LEG_A, 0), 0);
	until_level(f, f->b, HIGH, talk_a);
	assert_unbroken(f->b);
}


/* one source, of another codec, heard by two as it comes */
static void test_one_heard_by_two(void **state)
{
	struct fixture *f = *state;

	three(f, "8 101");
	assert_int_equal(hear(f, LEG_A, LEG_C, 0), 0);
	assert_int_equal(hear(f, LEG_B, 0, LEG_C), 0);
	for (unsigned b = 1; b < 256; b += 11) {
		phone_say(f->c, (uint8_t)b);
		listen_for(f->a, turned(CODEC_PCMA, (uint8_t)b));
		listen_for(f->b, turned(CODEC_PCMA, (uint8_t)b));
	}
	for (unsigned i = 0; i < f->c->n; i++)
		assert_true(abs(level(f->c, i)) < NOISE);
	assert_unbroken(f->a);
	assert_unbroken(f->b);
}


/* hold sound, then all three; one stream through all of it */
static void test_joins_and_leaves(void **state)
{
	struct fixture *f = *state;
	unsigned n;

	three(f, "0 101");
	assert_int_equal(bridge(f, LEG_A, LEG_B), 0);
	until_level(f, f->a, HIGH, talk_b);

	/* b asks c for advice, a hears hold */
	assert_int_equal(play(f, LEG_A, "hold", NULL, true), 0);
	assert_int_equal(hear(f, LEG_B, LEG_C, 0), 0);
	assert_int_equal(hear(f, LEG_C, LEG_B, 0), 0);
	n = f->a->n;
	until_level(f, f->b, HIGH, talk_c);
	until_level(f, f->c, HIGH, talk_b);
	listen_more(f->a, 20);
	for (unsigned i = n + 1; i < f->a->n; i++)
		assert_true(is_near(level(f->a, i), HOLD));

	three_hear(f);
	all_three_hear(f);
	/* b leaves, as if it hung up; the others are two */
	assert_int_equal(close_leg(f, LEG_B), 0);
	until_level(f, f->a, HIGH, (const int[]){LOW, 0, HIGH});
	until_level(f, f->c, HIGH, (const int[]){HIGH, 0, LOW});
	assert_int_equal(bridge(f, LEG_A, LEG_C), 0);
	until_level(f, f->a, HIGH, (const int[]){LOW, 0, HIGH});
	assert_unbroken(f->a);
	assert_unbroken(f->c);
}


/* nobody sends: noise, not silence, and at the pace of time */
static void test_noise_when_all_are_silent(void **state)
{
	struct fixture *f = *state;
	unsigned n, n_noise = 0;

	three(f, "0 101");
	assert_int_equal(hear(f, LEG_A, LEG_B, LEG_C), 0);
	until_level(f, f->a, HIGH + LOWER, talk_b);
	listen_more(f->a, 60);
	n = f->a->n;
	listen_more(f->a, 50);
	for (unsigned i = n; i < f->a->n; i++) {
		assert_true(abs(level(f->a, i)) < NOISE);
		n_noise += level(f->a, i) != 0;
	}
	assert_true(n_noise > 25);

	/* nobody to hear at all */
	assert_int_equal(hear(f, LEG_A, 0, 0), 0);
	n = f->a->n;
	for (unsigned i = 0; i < 30; i++)
		beat(f, 0, HIGH, HIGH);
	for (unsigned i = n; i < f->a->n; i++)
		assert_true(abs(level(f->a, i)) < NOISE);
	assert_unbroken(f->a);
}


static unsigned events(const struct phone *p)
{
	unsigned n = 0;

	for (unsigned i = 0; i < p->n; i++)
		n += p->v[i].pt == EVENT;

	return n;
}


static bool one_digit(struct fixture *f)
{
	return f->n_digits >= 1;
}


/* told of, and no packet of it in the mix */
static void test_keys_are_told_not_mixed(void **state)
{
	struct fixture *f = *state;

	three(f, "0 101");
	three_hear(f);
	until_level(f, f->a, HIGH + LOWER, talk_b);
	phone_key(f->b, 9000, 5, false, 160);
	phone_key(f->b, 9000, 5, false, 320);
	phone_key(f->b, 9000, 5, true, 480);
	run_until(f, one_digit);
	assert_int_equal(f->digit[0].leg, LEG_B);
	assert_int_equal(f->digit[0].code, 5);
	listen_more(f->a, 20);
	assert_int_equal(events(f->a), 0);
	assert_int_equal(f->n_digits, 1);

	/* who hears b alone hears its keys, too */
	assert_int_equal(hear(f, LEG_A, LEG_B, 0), 0);
	phone_key(f->b, 19000, 6, true, 480);
	listen_more(f->a, 3);
	assert_int_equal(events(f->a), 1);
}


/* whoever is put on hold is not heard, hears nothing, and comes back */
static void test_held_peer(void **state)
{
	struct fixture *f = *state;
	unsigned n;

	three(f, "0 101");
	three_hear(f);
	until_level(f, f->a, HIGH + LOWER, talk_b);
	assert_int_equal(answer(f->b, LEG_B, "0 101", "a=inactive\r\n"), 0);
	n = f->b->n;
	until_level(f, f->a, LOWER, talk_b);
	listen_more(f->a, 20);
	/* one may have been on its way */
	assert_true(f->b->n <= n + 1);
	assert_int_equal(answer(f->b, LEG_B, "0 101", ""), 0);
	until_level(f, f->a, HIGH + LOWER, talk_b);
	until_level(f, f->b, HIGH + LOWER, talk_a);
}


/* the other half of a bridge goes on hearing; a new bridge is for both */
static void test_half_a_bridge(void **state)
{
	struct fixture *f = *state;

	three(f, "0 101");
	assert_int_equal(bridge(f, LEG_A, LEG_B), 0);
	until_level(f, f->a, HIGH, talk_b);
	assert_int_equal(hear(f, LEG_B, LEG_C, 0), 0);
	until_level(f, f->a, HIGH, talk_b);
	until_level(f, f->b, HIGH, talk_c);
	/* playing to b is now no matter of a's */
	assert_int_equal(play(f, LEG_B, "hold", NULL, true), 0);
	until_level(f, f->a, HIGH, talk_b);
	until_level(f, f->b, HOLD, talk_a);
	assert_int_equal(bridge(f, LEG_B, LEG_A), 0);
	until_level(f, f->b, HIGH, talk_a);
	/* but a bridge is one for both */
	assert_int_equal(play(f, LEG_B, "hold", NULL, true), 0);
	until_level(f, f->a, 0, talk_b);
}


/* a message is of what its leg says, whoever else hears that; to hear others
 * ends it */
static void test_recorded(void **state)
{
	struct wire_leg_record record = {.leg = LEG_B, .name = 1,
					 .max_ms = 60000};
	struct fixture *f = *state;

	opened_public(record.public);
	three(f, "0 101");
	assert_int_equal(mkdir("messages", 0700), 0);
	three_hear(f);
	assert_int_equal(ask(f, WIRE_LEG_RECORD, &record, NULL), 0);
	until_level(f, f->a, HIGH + LOWER, talk_b);
	until_level(f, f->b, 0, talk_b);
	assert_int_equal(f->n_recorded, 0);
	assert_int_equal(hear(f, LEG_B, LEG_A, LEG_C), 0);
	until_level(f, f->b, HIGH + LOWER, talk_a);
	f->watched = f->a;
	while (!f->n_recorded)
		listen_more(f->a, 1);
	assert_int_equal(f->recorded[0].err, 0);
	assert_true(f->recorded[0].ms > 0);
}


/* said again, nothing is lost; what is refused changes nothing */
static void test_again_and_refused(void **state)
{
	struct fixture *f = *state;
	struct wire_leg_hear msg = {.leg = LEG_A, .from = {LEG_B, LEG_C},
				    .n = 2};

	assert_int_equal(ask(f, WIRE_LEG_HEAR, &msg, NULL), ENOENT);
	three(f, "0 101");
	assert_int_equal(ask(f, WIRE_LEG_HEAR, &msg, NULL), 0);
	until_level(f, f->a, HIGH + LOWER, talk_b);
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(ask(f, WIRE_LEG_HEAR, &msg, NULL), 0);
		beat(f, LOW, HIGH, LOWER);
		assert_true(is_near(level(f->a, f->a->n - 1), HIGH + LOWER));
	}

	msg.from[1] = LEG_A;
	assert_int_equal(ask(f, WIRE_LEG_HEAR, &msg, NULL), EINVAL);
	msg.from[1] = LEG_B;
	assert_int_equal(ask(f, WIRE_LEG_HEAR, &msg, NULL), EINVAL);
	msg.from[1] = 99;
	assert_int_equal(ask(f, WIRE_LEG_HEAR, &msg, NULL), ENOENT);
	msg.from[1] = LEG_C;
	msg.n = WIRE_HEARS + 1;
	assert_int_equal(ask(f, WIRE_LEG_HEAR, &msg, NULL), EINVAL);
	msg.n = UINT32_MAX;
	assert_int_equal(ask(f, WIRE_LEG_HEAR, &msg, NULL), EINVAL);
	until_level(f, f->a, HIGH + LOWER, talk_b);
	assert_unbroken(f->a);
}


/* a key that we press is heard instead of the mix, which then goes on, and is
 * not late by as much */
static void test_a_key_of_ours(void **state)
{
	const struct wire_leg_send_key key = {.leg = LEG_A, .code = 7};
	struct fixture *f = *state;
	unsigned n;

	three(f, "0 101");
	three_hear(f);
	until_level(f, f->a, HIGH + LOWER, talk_b);
	assert_int_equal(ask(f, WIRE_LEG_SEND_KEY, &key, NULL), 0);
	for (n = 0; !events(f->a) || f->a->v[f->a->n - 1].pt == EVENT; n++) {
		assert_true(n < ROUNDS);
		beat(f, LOW, HIGH, LOWER);
	}
	assert_true(events(f->a) > 5);

	for (n = 0; !is_near(level(f->a, f->a->n - 1), LOW + LOWER); n++) {
		assert_true(n < 9);
		beat(f, LOW, LOW, LOWER);
	}
	until_level(f, f->a, HIGH + LOWER, talk_b);
	assert_unbroken(f->a);
}


int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_three),
		T(test_three_of_two_codecs),
		T(test_listener),
		T(test_whisper),
		T(test_one_heard_by_two),
		T(test_joins_and_leaves),
		T(test_noise_when_all_are_silent),
		T(test_keys_are_told_not_mixed),
		T(test_held_peer),
		T(test_half_a_bridge),
		T(test_recorded),
		T(test_again_and_refused),
		T(test_a_key_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
