/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * third.c  Tests of somebody from outside in a talk: who may be rung, how, and
 * that they leave with it.
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
#include "line/third.h"
#include "room.h"


struct talk {
	struct sip_call call;
	uint64_t caller, ana, third;
};


static void talk_begin(struct talk *t, struct room *r)
{
	str_ncpy(r->h->config->lines[0].shows, "+15550100",
		 sizeof(r->h->config->lines[0].shows));
	room_add(r, BEN);
	room_begin(r);
	t->ana = room_talk(r, &t->call);
	t->caller = r->h->media.in;
	HEARS(r, t->caller, t->ana);
}


static unsigned third_is(struct room *r)
{
	room_sync(r);

	return r->said[ANA].third_state;
}


static void there(struct talk *t, struct room *r)
{
	talk_begin(t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THIRD, 0), 0);
	(void)house_picks_up(&r->h->home);
	t->third = r->h->media.out;
	HEARS(r, t->caller, t->ana, t->third);
	HEARS(r, t->ana, t->caller, t->third);
	HEARS(r, t->third, t->caller, t->ana);
}


static void rung_as_the_line(void **state)
{
	struct room *r = *state;
	const struct sip_msg *invite;
	struct talk t;

	talk_begin(&t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THIRD, 0), 0);
	invite = sip_peer_await(&r->h->home, "INVITE");
	assert_true(sip_msg_has(invite, "sip:+4930901820@"));
	assert_int_equal(pl_strcmp(&invite->from.uri.user, "+15550100"), 0);
	assert_true(sip_msg_has(invite, "The Line"));
	assert_int_equal(third_is(r), WIRE_THIRD_RINGING);
	assert_int_equal(r->said[ANA].third, 1);
	HEARS(r, t.caller, t.ana); /* meanwhile they talk on */
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THIRD, 1), EBUSY);
	sip_peer_reply(&r->h->home, invite, 486, "phone", NULL, NULL);
	(void)sip_peer_await(&r->h->home, "ACK");
	assert_int_equal(third_is(r), WIRE_THIRD_NONE);
	assert_int_equal(r->said[ANA].third, 0);
	room_legs(r, 2);
	assert_int_equal(r->h->media.n[WIRE_LEG_HEAR], 0);
}


static void a_hotline_for_emergencies(void **state)
{
	struct room *r = *state;
	struct talk t;

	talk_begin(&t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THIRD, 1), 0);
	assert_true(sip_msg_has(sip_peer_await(&r->h->home, "INVITE"),
				"sip:988@"));
	assert_int_equal(third_is(r), WIRE_THIRD_RINGING);
	assert_int_equal(r->said[ANA].third, 2);
}


static void there_and_gone(void **state)
{
	struct room *r = *state;
	struct talk t;

	there(&t, r);
	assert_int_equal(third_is(r), WIRE_THIRD_THERE);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THIRD_END, 0), 0);
	/* out of the talk before the BYE is answered */
	HEARS(r, t.caller, t.ana);
	HEARS(r, t.ana, t.caller);
	assert_true(!house_ear(r->h, t.third) ||
		    !house_ear(r->h, t.third)->n);
	assert_int_equal(third_is(r), WIRE_THIRD_NONE);
	house_bye(&r->h->home);
	room_legs(r, 2);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THIRD_END, 0), EPROTO);
	/* and may be asked again */
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THIRD, 0), 0);
	(void)sip_peer_await(&r->h->home, "INVITE");
}


static void they_hang_up(void **state)
{
	struct room *r = *state;
	const struct sip_msg *invite;
	struct sip_call call;
	struct talk t;

	talk_begin(&t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THIRD, 0), 0);
	invite = house_picks_up(&r->h->home);
	HEARS(r, t.ana, t.caller, r->h->media.out);
	sip_call_of(&call, &r->h->home, invite, "phone");
	sip_call_request(&call, "BYE", NULL, NULL);
	(void)sip_call_await(&call, "200 BYE");
	HEARS(r, t.caller, t.ana);
	assert_int_equal(third_is(r), WIRE_THIRD_NONE);
	room_legs(r, 2);
}


static void not_longer_than_the_talk(void **state)
{
	struct room *r = *state;
	struct talk t;

	there(&t, r);
	sip_call_request(&t.call, "BYE", NULL, NULL);
	(void)sip_call_await(&t.call, "200 BYE");
	house_bye(&r->h->home);
	room_await(r, ANA, PERSON_WRAP_UP);
	room_legs(r, 0);
}


static void the_talk_ends_while_it_rings(void **state)
{
	struct room *r = *state;
	const struct sip_msg *invite;
	struct talk t;

	talk_begin(&t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THIRD, 0), 0);
	invite = sip_peer_await(&r->h->home, "INVITE");
	sip_peer_reply(&r->h->home, invite, 180, "phone", NULL, NULL);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_HANG_UP, 0), 0);
	house_bye(&r->h->caller);
	sip_peer_reply(&r->h->home, sip_peer_await(&r->h->home, "CANCEL"), 200,
		       "phone", NULL, NULL);
	sip_peer_reply(&r->h->home, invite, 487, "phone", NULL, NULL);
	room_legs(r, 0);
}


/* The caller goes back to the queue: nobody is there to talk with the third. */
static void the_counsellor_is_lost(void **state)
{
	struct room *r = *state;
	struct talk t;

	there(&t, r);
	room_news(r, WIRE_LEG_DEAD, t.ana);
	assert_true(!house_ear(r->h, t.third) ||
		    !house_ear(r->h, t.third)->n);
	house_bye(&r->h->home);
	room_legs(r, 1);
	assert_int_equal(sip_peer_count(&r->h->caller, "BYE"), 0);
}


static void stays_when_handed_over(void **state)
{
	struct room *r = *state;
	struct talk t;
	uint64_t ben;

	there(&t, r);
	assert_int_equal(room_page(r, BEN, true), 0);
	room_await(r, BEN, PERSON_FREE);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT, BEN), 0);
	room_await(r, BEN, PERSON_RINGING);
	ben = room_accept(r, BEN);
	HEARS(r, t.caller, ROOM_HOLD);
	HEARS(r, t.third, ROOM_HOLD);
	HEARS(r, t.ana, ben);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_HAND_OVER, 0), 0);
	room_await(r, ANA, PERSON_WRAP_UP);
	HEARS(r, t.caller, ben, t.third);
	HEARS(r, t.third, t.caller, ben);
	room_sync(r);
	assert_int_equal(r->said[BEN].third_state, WIRE_THIRD_THERE);
	room_legs(r, 3);
	assert_int_equal(room_do(r, BEN, WIRE_VERB_THIRD_END, 0), 0);
	house_bye(&r->h->home);
	room_legs(r, 2);
}


static void held(void **state)
{
	struct room *r = *state;
	struct talk t;

	there(&t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_HOLD, 0), 0);
	HEARS(r, t.caller, ROOM_HOLD);
	HEARS(r, t.ana, t.third);
	HEARS(r, t.third, t.ana);
}


static void rings_in_vain(void **state)
{
	struct room *r = *state;
	const struct sip_msg *invite;
	struct talk t;

	talk_begin(&t, r);
	clock_get()->speed = 200;
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THIRD, 0), 0);
	invite = sip_peer_await(&r->h->home, "INVITE");
	sip_peer_reply(&r->h->home, invite, 180, "phone", NULL, NULL);
	sip_peer_reply(&r->h->home, sip_peer_await(&r->h->home, "CANCEL"), 200,
		       "phone", NULL, NULL);
	clock_get()->speed = 1;
	sip_peer_reply(&r->h->home, invite, 487, "phone", NULL, NULL);
	room_legs(r, 2);
	assert_int_equal(third_is(r), WIRE_THIRD_NONE);
}


static void who_may_not_be_rung(void **state)
{
	struct room *r = *state;
	struct config_line *line = &r->h->config->lines[0];
	struct talk t;

	talk_begin(&t, r);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THIRD, 2), EINVAL);
	str_ncpy(line->numbers[0], "+4930901820", sizeof(line->numbers[0]));
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THIRD, 0), EPERM);
	line->transfer = false;
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THIRD, 1), EPERM);
	line->transfer = true;
	str_ncpy(line->trunk, "none", sizeof(line->trunk));
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THIRD, 1), ENETUNREACH);
	assert_int_equal(sip_peer_count(&r->h->home, "INVITE"), 0);
	assert_int_equal(third_is(r), WIRE_THIRD_NONE);
}


/* and nobody starts it again */
static void the_media_process_dies(void **state)
{
	struct room *r = *state;
	struct talk t;

	there(&t, r);
	r->h->media.server = mem_deref(r->h->media.server);
	clock_get()->speed = 100;
	house_bye(&r->h->home);
	house_bye(&r->h->caller);
	room_await(r, ANA, PERSON_WRAP_UP);
}


static void the_line_stops(void **state)
{
	struct room *r = *state;
	struct talk t;

	there(&t, r);
	switchboard_close(r->h->sb);
	assert_false(switchboard_is_idle(r->h->sb));
	house_bye(&r->h->home);
	house_bye(&r->h->caller);
	room_legs(r, 0);
}


#define CASE(name) cmocka_unit_test_setup_teardown(name, room_open, room_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(rung_as_the_line),
		CASE(a_hotline_for_emergencies),
		CASE(there_and_gone),
		CASE(they_hang_up),
		CASE(not_longer_than_the_talk),
		CASE(the_talk_ends_while_it_rings),
		CASE(the_counsellor_is_lost),
		CASE(stays_when_handed_over),
		CASE(held),
		CASE(rings_in_vain),
		CASE(who_may_not_be_rung),
		CASE(the_media_process_dies),
		CASE(the_line_stops),
	};
	int err;

	if (sodium_init() < 0 || libre_init())
		return 1;
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
