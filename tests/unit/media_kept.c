/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_kept.c  Tests of what the line leaves for its next life: it comes back
 * as it was, the sound goes on meanwhile, and nothing stays for ever.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "media/media_parts.h"
#include "media_bench.h"


/* what LEG_NEXT said */
struct next {
	struct wire_leg_kept kept;
	uint8_t blob[LIMIT_WIRE_BLOB];
	size_t n;
	int err;
	bool replied;
};


static void on_next(const struct wire_msg *msg, void *arg)
{
	struct next *next = arg;

	assert_non_null(msg);
	next->replied = true;
	if (msg->type == WIRE_REFUSED) {
		next->err = ((const struct wire_refused *)msg->payload)->err;
	}
	else {
		assert_int_equal(msg->type, WIRE_LEG_KEPT);
		memcpy(&next->kept, msg->payload, sizeof(next->kept));
		memcpy(next->blob, msg->blob, msg->n_blob);
		next->n = msg->n_blob;
	}
	re_cancel();
}


static void next_is(struct fixture *f, struct next *next, uint64_t after)
{
	const struct wire_leg leg = {after};

	memset(next, 0, sizeof(*next));
	assert_int_equal(wire_ask(f->conn, WIRE_LEG_NEXT, &leg, NULL, 0,
				  on_next, next), 0);
	while (!next->replied)
		assert_int_equal(re_main(NULL), 0);
}


static int keep(struct fixture *f, uint64_t id, const char *text)
{
	const struct wire_leg leg = {id};

	return ask(f, WIRE_LEG_KEEP, &leg, text);
}


static void holds(const struct next *next, uint64_t leg, const char *text)
{
	assert_int_equal(next->err, 0);
	assert_int_equal(next->kept.leg, leg);
	assert_int_equal(next->kept.flags, 0);
	assert_int_equal(next->n, strlen(text));
	assert_memory_equal(next->blob, text, next->n);
}


/* the line dies, and there is another one */
static void line_anew(struct fixture *f)
{
	f->conn = mem_deref(f->conn);
	line_connect(f);
}


static void test_comes_back(void **state)
{
	struct fixture *f = *state;
	struct next next;

	talk(f, "0 101", "0 101");
	assert_int_equal(keep(f, LEG_A, "of a"), 0);
	assert_int_equal(keep(f, LEG_B, "of b"), 0);
	assert_int_equal(keep(f, LEG_A, "of a, anew"), 0);
	line_anew(f);

	next_is(f, &next, 0);
	holds(&next, LEG_A, "of a, anew");
	next_is(f, &next, LEG_A);
	holds(&next, LEG_B, "of b");
	next_is(f, &next, LEG_B);
	assert_int_equal(next.err, ENOENT);
	next_is(f, &next, 77);
	assert_int_equal(next.err, ENOENT);
}


static void on_line_kept(const struct wire_msg *msg, void *arg)
{
	struct next *next = arg;

	assert_non_null(msg);
	assert_int_equal(msg->type, WIRE_LINE_KEPT);
	next->replied = true;
	next->kept.leg = ((const struct wire_line_kept *)msg->payload)->at;
	if (msg->n_blob)
		memcpy(next->blob, msg->blob, msg->n_blob);
	next->n = msg->n_blob;
	re_cancel();
}


static void line_holds(struct fixture *f, uint64_t at, const char *text)
{
	const struct wire_none none = {0};
	struct next next;

	memset(&next, 0, sizeof(next));
	assert_int_equal(wire_ask(f->conn, WIRE_LINE_FIND, &none, NULL, 0,
				  on_line_kept, &next), 0);
	while (!next.replied)
		assert_int_equal(re_main(NULL), 0);
	holds(&next, at, text);
}


/* what belongs to no leg needs none */
static void test_of_no_leg(void **state)
{
	struct fixture *f = *state;
	struct wire_line_kept kept = {77};

	line_holds(f, 0, "");
	assert_int_equal(ask(f, WIRE_LINE_KEEP, &kept, "of the line"), 0);
	kept.at = 78;
	assert_int_equal(ask(f, WIRE_LINE_KEEP, &kept, "anew"), 0);
	line_anew(f);
	line_holds(f, 78, "anew");
	kept.at = 79;
	assert_int_equal(ask(f, WIRE_LINE_KEEP, &kept, NULL), 0);
	line_holds(f, 79, "");
}


static void test_held_for_legs_alone(void **state)
{
	struct fixture *f = *state;
	char text[LIMIT_KEPT + 2];
	struct next next;

	memset(text, 'x', sizeof(text));
	text[LIMIT_KEPT + 1] = '\0';
	assert_int_equal(answer(f->a, LEG_A, "0", ""), 0);
	assert_int_equal(keep(f, LEG_B, "of nobody"), ENOENT);
	assert_int_equal(keep(f, LEG_A, "of a"), 0);
	assert_int_equal(keep(f, LEG_A, text), EFBIG);
	next_is(f, &next, 0);
	holds(&next, LEG_A, "of a");

	text[LIMIT_KEPT] = '\0';
	assert_int_equal(keep(f, LEG_A, text), 0);
	next_is(f, &next, 0);
	holds(&next, LEG_A, text);
	assert_int_equal(keep(f, LEG_A, NULL), 0);
	next_is(f, &next, 0);
	holds(&next, LEG_A, "");

	assert_int_equal(close_leg(f, LEG_A), 0);
	next_is(f, &next, 0);
	assert_int_equal(next.err, ENOENT);
}


/* numbers are in order, whenever a leg was opened */
static void test_in_order(void **state)
{
	struct fixture *f = *state;
	struct next next;

	assert_int_equal(answer(f->b, LEG_B, "0", ""), 0);
	assert_int_equal(answer(f->a, LEG_A, "0", ""), 0);
	next_is(f, &next, 0);
	assert_int_equal(next.kept.leg, LEG_A);
	next_is(f, &next, LEG_A);
	assert_int_equal(next.kept.leg, LEG_B);
}


static void test_talk_goes_on(void **state)
{
	struct fixture *f = *state;

	talk(f, "0 101", "0 101");
	f->conn = mem_deref(f->conn);
	for (uint8_t i = 0; i < 50; i++) {
		phone_say(f->a, (uint8_t)(0x30 + i % 16));
		listen_for(f->b, (uint8_t)(0x30 + i % 16));
	}
	line_connect(f);
	assert_int_equal(keep(f, LEG_A, "of a"), 0);
	for (uint8_t i = 0; i < 50; i++) {
		phone_say(f->b, (uint8_t)(0x50 + i % 16));
		listen_for(f->a, (uint8_t)(0x50 + i % 16));
	}
	assert_unbroken(f->a);
	assert_unbroken(f->b);
}


static void test_hold_goes_on(void **state)
{
	struct fixture *f = *state;
	struct phone *a = f->a;

	assert_int_equal(answer(a, LEG_A, "0 101", ""), 0);
	assert_int_equal(play(f, LEG_A, "hold", NULL, true), 0);
	listen_more(a, 10);
	f->conn = mem_deref(f->conn);
	listen_more(a, 30);
	line_connect(f);
	listen_more(a, 30);
	assert_unbroken(a);
	for (unsigned i = 10; i < a->n; i++)
		assert_true(level(a, i) < -7000);
}


/* ---- legs without a line -------------------------------------------------- */

static struct media *with_leg(struct fixture *f)
{
	const struct wire_leg_open open = {.leg = 7, .family = 6};
	struct mbuf *mb = NULL;
	struct media *m;

	f->server = mem_deref(f->server);
	assert_int_equal(media_alloc(&m, &f->cfg, f->prompts, NULL, NULL), 0);
	assert_int_equal(media_offer(m, &open, &mb), 0);
	mem_deref(mb);

	return m;
}


static void seconds_pass(struct media *m, uint32_t n)
{
	while (n--) {
		m->room.tick += 50 - m->room.tick % 50;
		media_orphan_tick(m);
	}
}


static void test_silent_orphans_end(void **state)
{
	struct media *m = with_leg(*state);

	seconds_pass(m, 2 * LIMIT_ORPHAN_S);
	assert_int_equal(media_count(m), 1);

	media_orphan(m, true);
	seconds_pass(m, LIMIT_ORPHAN_S - 1);
	assert_int_equal(media_count(m), 1);
	media_orphan(m, false);
	seconds_pass(m, 2 * LIMIT_ORPHAN_S);
	assert_int_equal(media_count(m), 1);

	media_orphan(m, true);
	seconds_pass(m, LIMIT_ORPHAN_S - 1);
	media_entry(m, 7)->n_received -= 1; /* as if one had come */
	seconds_pass(m, LIMIT_ORPHAN_S);
	assert_int_equal(media_count(m), 1);
	seconds_pass(m, 2);
	assert_int_equal(media_count(m), 0);
	mem_deref(m);
}


static void test_no_orphan_for_ever(void **state)
{
	struct media *m = with_leg(*state);

	media_orphan(m, true);
	for (uint32_t s = 0; s + 5 < LIMIT_ORPHAN_MOST_S; s += 5) {
		media_entry(m, 7)->n_received -= 1;
		seconds_pass(m, 5);
		assert_int_equal(media_count(m), 1);
	}
	media_entry(m, 7)->n_received -= 1;
	seconds_pass(m, 10);
	assert_int_equal(media_count(m), 0);
	mem_deref(m);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_comes_back, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_of_no_leg, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_held_for_legs_alone,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_in_order, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_talk_goes_on, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_hold_goes_on, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_silent_orphans_end,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_orphan_for_ever,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
