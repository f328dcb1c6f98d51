/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * resumed.c  Tests of what a start finds with media: talks with all who are in
 * them go on as they were, and what is not whole ends in order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "clock.h"
#include "house_kept.h"
#include "room.h"


#define TALKED "SELECT count(*) FROM call WHERE outcome = 'talked'"
#define KNOWN  "P-Asserted-Identity: <sip:+15550142@p.invalid>\r\n"

/* a talk of Ana's in her browser; others may come into it */
struct talk {
	struct sip_call call;
	uint64_t caller, ana, other;
};


/* killed, and its web process finds the next one */
static void dies(struct room *r, uint32_t last)
{
	r->conn = mem_deref(r->conn);
	memset(r->said, 0, sizeof(r->said));
	house_dies(r->h);
	house_control(r->h);
	room_web(r);
	for (uint32_t i = 1; i <= last; i++)
		assert_int_equal(room_page(r, i, true), 0);
}


static void talk_begin(struct talk *t, struct room *r)
{
	room_add(r, EVE);
	room_begin(r);
	t->ana = room_talk(r, &t->call);
	t->caller = r->h->media.in;
	HEARS(r, t->caller, t->ana);
	assert_int_equal(room_page(r, BEN, true), 0);
	room_await(r, BEN, PERSON_FREE);
}


static void caller_hangs_up(struct talk *t, struct room *r)
{
	sip_call_request(&t->call, "BYE", NULL, NULL);
	(void)sip_call_await(&t->call, "200 BYE");
	house_await(r->h, TALKED);
	room_legs(r, 0);
}


static void the_page_shows_the_same_talk(void **state)
{
	struct room *r = *state;
	struct talk t;
	uint64_t offer;

	talk_begin(&t, r);
	offer = r->said[ANA].offer;
	dies(r, ANA);
	room_await(r, ANA, PERSON_TALKING);
	assert_true(r->said[ANA].offer == offer);
	assert_true(r->said[ANA].browser);
	HEARS(r, t.caller, t.ana);
	HEARS(r, t.ana, t.caller);
	room_legs(r, 2);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_KEY, 5), 0);
	house_asked(r->h, WIRE_LEG_SEND_KEY, 1);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_HANG_UP, 0), 0);
	house_bye(&r->h->caller);
	house_await(r->h, TALKED);
	room_legs(r, 0);
}


static void who_is_on_hold_stays_so(void **state)
{
	struct room *r = *state;
	struct talk t;

	talk_begin(&t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_HOLD, 0), 0);
	HEARS(r, t.caller, ROOM_HOLD);
	dies(r, ANA);
	room_await(r, ANA, PERSON_TALKING);
	assert_true(r->said[ANA].held);
	HEARS(r, t.caller, ROOM_HOLD);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_RESUME, 0), 0);
	HEARS(r, t.caller, t.ana);
	caller_hangs_up(&t, r);
}


static void aside(struct talk *t, struct room *r)
{
	talk_begin(t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT, BEN), 0);
	room_await(r, BEN, PERSON_RINGING);
	t->other = room_accept(r, BEN);
	room_await_guest(r, ANA, GUEST_ASIDE);
	HEARS(r, t->ana, t->other);
}


static void a_guest_aside(void **state)
{
	struct room *r = *state;
	struct talk t;

	aside(&t, r);
	dies(r, BEN);
	room_await_guest(r, ANA, GUEST_ASIDE);
	room_await(r, BEN, PERSON_TALKING);
	HEARS(r, t.caller, ROOM_HOLD);
	HEARS(r, t.ana, t.other);
	HEARS(r, t.other, t.ana);
	caller_hangs_up(&t, r);
}


static void all_three(void **state)
{
	struct room *r = *state;
	struct talk t;

	aside(&t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THREE, 0), 0);
	HEARS(r, t.caller, t.ana, t.other);
	dies(r, BEN);
	room_await_guest(r, ANA, GUEST_THREE);
	HEARS(r, t.caller, t.ana, t.other);
	HEARS(r, t.other, t.caller, t.ana);
	/* it is the same as ever: who hands over is released */
	assert_int_equal(room_do(r, ANA, WIRE_VERB_HAND_OVER, 0), 0);
	HEARS(r, t.caller, t.other);
	room_legs(r, 2);
	caller_hangs_up(&t, r);
}


static void a_third(void **state)
{
	struct room *r = *state;
	struct talk t;

	talk_begin(&t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THIRD, 0), 0);
	(void)house_picks_up(&r->h->home);
	t.other = r->h->media.out;
	HEARS(r, t.caller, t.ana, t.other);
	dies(r, ANA);
	room_await(r, ANA, PERSON_TALKING);
	assert_int_equal(r->said[ANA].third_state, WIRE_THIRD_THERE);
	HEARS(r, t.other, t.caller, t.ana);
	sip_call_request(&t.call, "BYE", NULL, NULL);
	house_bye(&r->h->home);
	house_await(r->h, TALKED);
	room_legs(r, 0);
}


/* Nobody could say who sees it: they hear nothing, and that is on record. */
static void a_listener_is_let_go(void **state)
{
	struct room *r = *state;
	struct store_role role = {.person = EVE, .line = "main",
				  .role = "coordinator"};
	struct talk t;

	talk_begin(&t, r);
	assert_int_equal(store_roles_set(r->h->tool, EVE, &role, 1), 0);
	room_duty(r, EVE, false);
	assert_int_equal(room_page(r, EVE, true), 0);
	t.other = room_listen(r, EVE);
	HEARS(r, t.other, t.caller, t.ana);
	dies(r, EVE);
	room_await(r, ANA, PERSON_TALKING);
	room_legs(r, 2);
	assert_int_equal(r->said[ANA].listeners[0], 0);
	house_await(r->h, "SELECT count(*) FROM audit WHERE "
			  "what = 'listen_ended'");
	caller_hangs_up(&t, r);
}


/* She is not rung while she writes her note; whoever is free is. */
static void who_writes_up_goes_on_writing(void **state)
{
	struct room *r = *state;
	struct sip_call other;
	struct talk t;
	int64_t until;

	talk_begin(&t, r);
	caller_hangs_up(&t, r);
	room_await(r, ANA, PERSON_WRAP_UP);
	until = r->said[ANA].until;
	assert_true(until != 0);
	dies(r, BEN);
	room_await(r, ANA, PERSON_WRAP_UP);
	assert_in_range(r->said[ANA].until, until - 1000, until + 1000);
	house_call(r->h, &other, NULL);
	room_await(r, BEN, PERSON_RINGING);
	assert_int_equal(r->said[ANA].state, PERSON_WRAP_UP);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_READY, 0), 0);
	room_await(r, ANA, PERSON_RINGING);
	/* what is over is over, for the next life, too */
	dies(r, BEN);
	room_await(r, ANA, PERSON_RINGING);
}


/* Her browser went while nobody looked: the caller waits, and is offered to
 * others. */
static void a_counsellor_is_missing(void **state)
{
	struct room *r = *state;
	struct talk t;

	talk_begin(&t, r);
	house_kept_set(r->h, t.ana, "rubbish");
	dies(r, BEN);
	room_await(r, BEN, PERSON_RINGING);
	t.other = room_accept(r, BEN);
	HEARS(r, t.caller, t.other);
	room_legs(r, 2);
	caller_hangs_up(&t, r);
	assert_int_equal(house_count(r->h, "SELECT counsellor FROM call"), BEN);
}


/* The caller went: it was a talk, and she is free. */
static void the_caller_is_missing(void **state)
{
	struct room *r = *state;
	struct talk t;

	talk_begin(&t, r);
	house_await(r->h, "SELECT count(*) FROM call WHERE state = 'talking'");
	house_kept_set(r->h, t.caller, "");
	dies(r, ANA);
	room_legs(r, 0);
	house_await(r->h, TALKED);
	room_await(r, ANA, PERSON_FREE);
}


static void who_waits_is_rung_for_anew(void **state)
{
	struct room *r = *state;
	struct talk t;

	room_add(r, ANA);
	room_begin(r);
	r->h->media.held = "nobody";
	house_call(r->h, &t.call, KNOWN);
	t.caller = r->h->media.in;
	dies(r, ANA);
	room_await(r, ANA, PERSON_RINGING);
	t.ana = room_accept(r, ANA);
	HEARS(r, t.caller, t.ana);
	assert_int_equal(house_count(r->h, "SELECT count(*) FROM promise"), 0);
	caller_hangs_up(&t, r);
}


/* The number is with the leg, so that they can still ask for it. */
static void who_waits_can_be_rung_back(void **state)
{
	static const struct house_answer answers[] = {
		{"offer_decline", "1"}, {"number_right", "1"},
		{"ask_words", "1"}, {"ask_hours", "1"},
		{"kept_ring_back", NULL}};
	struct room *r = *state;
	struct talk t;

	room_begin(r);
	r->h->media.held = answers[0].prompt;
	house_call(r->h, &t.call, KNOWN);
	dies(r, 0);
	house_answer(r->h, answers, sizeof(answers) / sizeof(answers[0]));
	sip_call_request(&t.call, "BYE", NULL, NULL);
	(void)sip_call_await(&t.call, "200 BYE");
	house_await(r->h, "SELECT count(*) FROM promise WHERE "
			  "kind = 'ring_back'");
}


#define ROOM(test) cmocka_unit_test_setup_teardown(test, room_open, room_close)


int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM(the_page_shows_the_same_talk),
		ROOM(who_is_on_hold_stays_so),
		ROOM(a_guest_aside),
		ROOM(all_three),
		ROOM(a_third),
		ROOM(a_listener_is_let_go),
		ROOM(who_writes_up_goes_on_writing),
		ROOM(a_counsellor_is_missing),
		ROOM(the_caller_is_missing),
		ROOM(who_waits_is_rung_for_anew),
		ROOM(who_waits_can_be_rung_back),
	};

	int err;

	if (sodium_init() < 0 || libre_init())
		return 1;
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
