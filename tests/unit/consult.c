/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * consult.c  Tests of a second counsellor in a talk: asked for advice, all
 * three, handed over; and whoever goes or is lost on the way. What is checked
 * is who hears whom.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "clock.h"
#include "room.h"


#define TALKED "SELECT count(*) FROM call WHERE outcome = 'talked'"

/* a talk, and Ben is there */
struct talk {
	struct sip_call call;
	uint64_t caller, ana, ben;
};


static void talk_begin(struct talk *t, struct room *r)
{
	room_add(r, BEN);
	room_begin(r);
	t->ana = room_talk(r, &t->call);
	t->caller = r->h->media.in;
	assert_int_equal(room_page(r, BEN, true), 0);
	room_await(r, BEN, PERSON_FREE);
	HEARS(r, t->caller, t->ana);
	HEARS(r, t->ana, t->caller);
}


static void aside(struct talk *t, struct room *r)
{
	talk_begin(t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT, BEN), 0);
	room_await(r, BEN, PERSON_RINGING);
	t->ben = room_accept(r, BEN);
	room_await_guest(r, ANA, GUEST_ASIDE);
	HEARS(r, t->caller, ROOM_HOLD);
	HEARS(r, t->ana, t->ben);
	HEARS(r, t->ben, t->ana);
}


static void three(struct talk *t, struct room *r)
{
	aside(t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THREE, 0), 0);
	room_await_guest(r, ANA, GUEST_THREE);
	HEARS(r, t->caller, t->ana, t->ben);
	HEARS(r, t->ana, t->caller, t->ben);
	HEARS(r, t->ben, t->caller, t->ana);
}


/* both pages say the same of the talk */
static void what_the_pages_say(void **state)
{
	struct room *r = *state;
	const struct wire_counsellor *ana = &r->said[ANA];
	const struct wire_counsellor *ben = &r->said[BEN];
	struct talk t;

	talk_begin(&t, r);
	assert_int_equal(ana->guest, 0);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT, BEN), 0);
	room_await(r, BEN, PERSON_RINGING);
	room_await_guest(r, ANA, GUEST_RINGING);
	HEARS(r, t.caller, t.ana);
	assert_int_equal(ana->guest, BEN);
	assert_int_equal(ana->asked_by, 0);
	assert_int_equal(ana->kind, WIRE_RING_CALLER);
	assert_int_equal(ben->kind, WIRE_RING_CONSULT);
	assert_int_equal(ben->asked_by, ANA);
	assert_int_equal(ben->call, ana->call);
	assert_true(ben->until);
	t.ben = room_accept(r, BEN);
	assert_int_equal(r->h->media.web.like, t.caller);
	room_await_guest(r, BEN, GUEST_ASIDE);
	assert_int_equal(ben->guest, BEN);
	assert_int_equal(ben->kind, WIRE_RING_CONSULT);
	assert_true(ben->browser);
}


static void advice_is_over(void **state)
{
	struct room *r = *state;
	struct talk t;

	aside(&t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT_END, 0), 0);
	room_await(r, BEN, PERSON_WRAP_UP);
	room_await_guest(r, ANA, GUEST_NONE);
	HEARS(r, t.caller, t.ana);
	HEARS(r, t.ana, t.caller);
	room_legs(r, 2);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT_END, 0), EPROTO);
	assert_int_equal(r->said[BEN].asked_by, 0);
}


static void all_three_then_ben_leaves(void **state)
{
	struct room *r = *state;
	struct talk t;

	three(&t, r);
	assert_int_equal(room_do(r, BEN, WIRE_VERB_HANG_UP, 0), 0);
	room_await(r, BEN, PERSON_WRAP_UP);
	HEARS(r, t.caller, t.ana);
	HEARS(r, t.ana, t.caller);
	room_legs(r, 2);
}


/* Whoever is handed over to is the counsellor, also on record. */
static void handed_over(void **state)
{
	struct room *r = *state;
	struct talk t;

	aside(&t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_HAND_OVER, 0), 0);
	room_await(r, ANA, PERSON_WRAP_UP);
	room_await_guest(r, BEN, GUEST_NONE);
	HEARS(r, t.caller, t.ben);
	HEARS(r, t.ben, t.caller);
	room_legs(r, 2);
	assert_int_equal(r->said[BEN].kind, WIRE_RING_CALLER);
	assert_int_equal(r->said[BEN].asked_by, 0);
	assert_int_equal(room_do(r, BEN, WIRE_VERB_HOLD, 0), 0);
	HEARS(r, t.caller, ROOM_HOLD);
	sip_call_request(&t.call, "BYE", NULL, NULL);
	(void)sip_call_await(&t.call, "200 BYE");
	house_await(r->h, TALKED " AND counsellor = 2");
	room_legs(r, 0);
}


/* who hands over is out of the talk at once, not when their BYE is answered */
static void who_hands_over_hears_no_more(void **state)
{
	struct room *r = *state;
	const struct sip_msg *invite;
	struct sip_call call;
	uint64_t ana, ben;

	house_on_duty(r->h); /* Ana, by telephone */
	room_begin(r);
	room_duty(r, ANA, true);
	assert_int_equal(room_page(r, ANA, true), 0);
	house_call(r->h, &call, NULL);
	invite = house_picks_up(&r->h->ana);
	assert_non_null(invite);
	room_await(r, ANA, PERSON_TALKING);
	ana = r->h->media.out;
	HEARS(r, ana, r->h->media.in);

	{
		struct store_person p = {.name = "Ben", .on_duty = true};

		assert_int_equal(store_person_add(r->h->tool, &p), 0);
		assert_int_equal(switchboard_people_changed(r->h->sb), 0);
	}
	assert_int_equal(room_page(r, BEN, true), 0);
	room_await(r, BEN, PERSON_FREE);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT, 0), 0);
	room_await(r, BEN, PERSON_RINGING);
	ben = room_accept(r, BEN);
	HEARS(r, ana, ben);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_HAND_OVER, 0), 0);
	HEARS(r, r->h->media.in, ben);
	if (house_ear(r->h, ana)) /* BYE is not answered yet */
		assert_int_equal(house_ear(r->h, ana)->n, 0);
	house_bye(&r->h->ana);
	room_legs(r, 2);
}


static void held_among_three(void **state)
{
	struct room *r = *state;
	struct talk t;

	three(&t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_HOLD, 0), 0);
	HEARS(r, t.caller, ROOM_HOLD);
	HEARS(r, t.ana, t.ben);
	HEARS(r, t.ben, t.ana);
	room_sync(r);
	assert_true(r->said[ANA].held);
	assert_true(r->said[BEN].held);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_RESUME, 0), 0);
	HEARS(r, t.caller, t.ana, t.ben);
}


/* who asks for all three wants the caller back */
static void three_ends_a_hold(void **state)
{
	struct room *r = *state;
	unsigned n_plays;
	struct talk t;

	aside(&t, r);
	n_plays = r->h->media.n[WIRE_LEG_PLAY];
	assert_int_equal(room_do(r, ANA, WIRE_VERB_HOLD, 0), 0);
	room_sync(r);
	/* it does not begin anew for that */
	assert_int_equal(r->h->media.n[WIRE_LEG_PLAY], n_plays);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THREE, 0), 0);
	HEARS(r, t.caller, t.ana, t.ben);
	room_sync(r);
	assert_false(r->said[ANA].held);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THREE, 0), EPROTO);
}


static void nobody_to_ask(void **state)
{
	struct room *r = *state;
	struct talk t;

	talk_begin(&t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THREE, 0), EPROTO);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_HAND_OVER, 0), EPROTO);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT, 99), ENOENT);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT, ANA), EBUSY);
	room_duty(r, BEN, false);
	room_await(r, BEN, PERSON_OFF);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT, BEN), EBUSY);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT, 0), EBUSY);
	r->h->config->lines[0].transfer = false;
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT, BEN), EPERM);
	HEARS(r, t.caller, t.ana);
	assert_int_equal(r->h->media.n[WIRE_LEG_BRIDGE], 1);
}


static void one_guest_is_enough(void **state)
{
	struct room *r = *state;
	struct talk t;

	aside(&t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT, 0), EBUSY);
}


/* a guest may go, and nothing else */
static void what_a_guest_may_not(void **state)
{
	static const enum wire_verb verbs[] = {
		WIRE_VERB_HOLD, WIRE_VERB_RESUME, WIRE_VERB_KEY,
		WIRE_VERB_CONSULT, WIRE_VERB_CONSULT_END, WIRE_VERB_THREE,
		WIRE_VERB_HAND_OVER, WIRE_VERB_THIRD, WIRE_VERB_THIRD_END,
	};
	struct room *r = *state;
	struct talk t;

	three(&t, r);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		assert_int_equal(room_do(r, BEN, verbs[i], 0), EPROTO);
	HEARS(r, t.caller, t.ana, t.ben);
}


static void a_guest_declines(void **state)
{
	struct room *r = *state;
	struct talk t;

	talk_begin(&t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT, 0), 0);
	room_await(r, BEN, PERSON_RINGING);
	assert_int_equal(room_do(r, BEN, WIRE_VERB_DECLINE, 0), 0);
	room_await(r, BEN, PERSON_RESTING);
	room_await_guest(r, ANA, GUEST_NONE);
	HEARS(r, t.caller, t.ana);
	/* they did not notice */
	assert_int_equal(r->h->media.n[WIRE_LEG_BRIDGE], 1);
	assert_int_equal(r->h->media.n[WIRE_LEG_HEAR], 0);
}


/* the caller is never left alone */
static void the_counsellor_is_lost(void **state)
{
	struct room *r = *state;
	struct talk t;

	aside(&t, r);
	room_news(r, WIRE_LEG_DEAD, t.ana);
	room_await_guest(r, BEN, GUEST_NONE);
	HEARS(r, t.caller, t.ben);
	HEARS(r, t.ben, t.caller);
	room_legs(r, 2);
	assert_int_equal(sip_peer_count(&r->h->caller, "BYE"), 0);
	house_await(r->h, "SELECT count(*) FROM call WHERE counsellor = 2");
}


static void the_counsellor_hangs_up(void **state)
{
	struct room *r = *state;
	struct talk t;

	three(&t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_HANG_UP, 0), 0);
	room_await(r, ANA, PERSON_WRAP_UP);
	HEARS(r, t.caller, t.ben);
	HEARS(r, t.ben, t.caller);
	room_legs(r, 2);
}


static void the_guest_is_lost(void **state)
{
	struct room *r = *state;
	struct talk t;

	aside(&t, r);
	room_news(r, WIRE_LEG_DEAD, t.ben);
	room_await_guest(r, ANA, GUEST_NONE);
	HEARS(r, t.caller, t.ana);
	HEARS(r, t.ana, t.caller);
	room_legs(r, 2);
}


static void the_caller_hangs_up(void **state)
{
	struct room *r = *state;
	struct talk t;

	three(&t, r);
	sip_call_request(&t.call, "BYE", NULL, NULL);
	(void)sip_call_await(&t.call, "200 BYE");
	room_await(r, ANA, PERSON_WRAP_UP);
	room_await(r, BEN, PERSON_WRAP_UP);
	room_legs(r, 0);
}


static void the_caller_hangs_up_while_it_rings(void **state)
{
	struct room *r = *state;
	struct talk t;

	talk_begin(&t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT, BEN), 0);
	room_await(r, BEN, PERSON_RINGING);
	sip_call_request(&t.call, "BYE", NULL, NULL);
	(void)sip_call_await(&t.call, "200 BYE");
	room_await(r, ANA, PERSON_WRAP_UP);
	room_await(r, BEN, PERSON_FREE);
	room_legs(r, 0);
}


static void the_media_process_dies(void **state)
{
	struct room *r = *state;
	struct talk t;

	three(&t, r);
	clock_get()->speed = 100; /* nobody starts it again */
	r->h->media.server = mem_deref(r->h->media.server);
	house_bye(&r->h->caller);
	clock_get()->speed = 1;
	room_await(r, ANA, PERSON_WRAP_UP);
	room_await(r, BEN, PERSON_WRAP_UP);
}


static void the_web_process_dies(void **state)
{
	struct room *r = *state;
	struct talk t;

	aside(&t, r);
	room_web_dies(r);
	room_legs(r, 3);
	HEARS(r, t.ana, t.ben);
	room_web(r);
	assert_int_equal(room_page(r, ANA, true), 0);
	assert_int_equal(room_page(r, BEN, true), 0);
	room_await_guest(r, ANA, GUEST_ASIDE);
	room_await_guest(r, BEN, GUEST_ASIDE);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THREE, 0), 0);
	HEARS(r, t.caller, t.ana, t.ben);
}


static void the_line_stops(void **state)
{
	struct room *r = *state;
	struct talk t;

	three(&t, r);
	switchboard_close(r->h->sb);
	house_bye(&r->h->caller);
	room_legs(r, 0);
}


#define CASE(name) cmocka_unit_test_setup_teardown(name, room_open, room_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_the_pages_say),
		CASE(advice_is_over),
		CASE(all_three_then_ben_leaves),
		CASE(handed_over),
		CASE(who_hands_over_hears_no_more),
		CASE(held_among_three),
		CASE(three_ends_a_hold),
		CASE(nobody_to_ask),
		CASE(one_guest_is_enough),
		CASE(what_a_guest_may_not),
		CASE(a_guest_declines),
		CASE(the_counsellor_is_lost),
		CASE(the_counsellor_hangs_up),
		CASE(the_guest_is_lost),
		CASE(the_caller_hangs_up),
		CASE(the_caller_hangs_up_while_it_rings),
		CASE(the_media_process_dies),
		CASE(the_web_process_dies),
		CASE(the_line_stops),
	};
	int err;

	if (sodium_init() < 0 || libre_init())
		return 1;
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
