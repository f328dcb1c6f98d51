/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * room.c  Counsellors at their pages, as the line sees them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "room.h"


#define SDP "v=0\r\ns=browser\r\n"


/* ---- ringback-web -------------------------------------------------------- */

static void on_event(struct wire_conn *conn, const struct wire_msg *msg,
		     void *arg)
{
	struct wire_counsellor c;
	struct room *r = arg;
	(void)conn;

	if (msg->type != WIRE_COUNSELLOR)
		return;
	memcpy(&c, msg->payload, sizeof(c));
	assert_in_range(c.person, 1, ROOM_PEOPLE - 1);
	r->said[c.person] = c;
}


static void on_reply(const struct wire_msg *msg, void *arg)
{
	struct room *r = arg;

	assert_non_null(msg);
	r->type = msg->type;
	r->err = 0;
	if (msg->type == WIRE_REFUSED)
		r->err = ((const struct wire_refused *)msg->payload)->err;
}


static bool is_answered(void *arg)
{
	return ((struct room *)arg)->type != WIRE_TYPES;
}


int room_ask(struct room *r, enum wire_type type, const void *payload,
	     const char *blob)
{
	r->type = WIRE_TYPES;
	assert_int_equal(wire_ask(r->conn, type, payload, blob,
				  blob ? strlen(blob) : 0, on_reply, r), 0);
	sip_loop(is_answered, r, "an answer");

	return r->err;
}


int room_page(struct room *r, uint32_t person, bool present)
{
	const struct wire_console c = {person, present};

	return room_ask(r, WIRE_CONSOLE, &c, NULL);
}


int room_do(struct room *r, uint32_t person, enum wire_verb verb,
	    uint32_t number)
{
	const bool own = verb == WIRE_VERB_READY ||
			 verb == WIRE_VERB_WHISPER ||
			 verb == WIRE_VERB_LISTEN_END;
	const struct wire_do d = {
		.offer = own ? 0 : r->said[person].offer,
		.person = person,
		.verb = verb,
		.key = number,
		.other = number,
	};

	return room_ask(r, WIRE_COUNSELLOR_DO, &d, NULL);
}


void room_web(struct room *r)
{
	assert_int_equal(wire_connect(&r->conn, "run/line.sock", WIRE_WEB,
				      WIRE_LINE, on_event, NULL, r), 0);
}


void room_web_dies(struct room *r)
{
	r->conn = mem_deref(r->conn);
	memset(r->said, 0, sizeof(r->said));
	room_sync(r);
}


/* ---- people -------------------------------------------------------------- */

void room_add(struct room *r, uint32_t last)
{
	static const char *const names[ROOM_PEOPLE] = {
		[ANA] = "Ana", [BEN] = "Ben", [EVE] = "Eve",
		[FAY] = "Fay", [GUS] = "Gus", [HAL] = "Hal",
	};

	for (uint32_t i = 1; i <= last; i++) {
		struct store_person p = {.on_duty = true, .wrap_up_s = 60};

		str_ncpy(p.name, names[i], sizeof(p.name));
		assert_int_equal(store_person_add(r->h->tool, &p), 0);
	}
}


void room_duty(struct room *r, uint32_t person, bool on)
{
	struct store_person p;

	assert_int_equal(store_person_find(r->h->tool, person, &p), 0);
	p.on_duty = on;
	assert_int_equal(store_person_set(r->h->tool, &p), 0);
	if (r->h->sb)
		assert_int_equal(switchboard_people_changed(r->h->sb), 0);
}


void room_begin(struct room *r)
{
	assert_int_equal(house_start(r->h), 0);
	house_control(r->h);
	room_web(r);
}


static bool is_in_state(void *arg)
{
	const struct room *r = arg;

	return r->wanted.c->state == r->wanted.state;
}


void room_await(struct room *r, uint32_t person, enum person_state state)
{
	r->wanted.c = &r->said[person];
	r->wanted.state = state;
	sip_loop(is_in_state, r, person_state_name(state));
}


static bool is_guest_in_state(void *arg)
{
	const struct room *r = arg;

	return r->wanted.c->guest_state == r->wanted.guest_state;
}


void room_await_guest(struct room *r, uint32_t person, enum guest_state state)
{
	r->wanted.c = &r->said[person];
	r->wanted.guest_state = state;
	sip_loop(is_guest_in_state, r, guest_state_name(state));
}


void room_sync(struct room *r)
{
	for (int i = 0; i < 4; i++)
		sip_peer_sync(&r->h->caller);
}


void room_news(struct room *r, enum wire_type type, uint64_t leg)
{
	const struct wire_leg news = {leg};

	assert_int_equal(wire_event(r->h->media.conn, type, &news), 0);
	room_sync(r);
}


uint64_t room_accept(struct room *r, uint32_t person)
{
	const struct wire_ring ring = {.offer = r->said[person].offer,
				       .person = person};
	uint64_t leg;

	assert_int_equal(room_ask(r, WIRE_RING_SOUND, &ring, SDP), 0);
	leg = r->h->media.web.leg;
	room_news(r, WIRE_LEG_UP, leg);
	assert_int_equal(room_do(r, person, WIRE_VERB_ACCEPT, 0), 0);
	room_await(r, person, PERSON_TALKING);

	return leg;
}


uint64_t room_talk(struct room *r, struct sip_call *call)
{
	assert_int_equal(room_page(r, ANA, true), 0);
	room_await(r, ANA, PERSON_FREE);
	house_call(r->h, call, NULL);
	room_await(r, ANA, PERSON_RINGING);

	return room_accept(r, ANA);
}


uint64_t room_listen(struct room *r, uint32_t person)
{
	const struct wire_listen wish = {.call = 1, .person = person};
	uint64_t leg;

	assert_int_equal(room_ask(r, WIRE_LISTEN, &wish, SDP), 0);
	assert_int_equal(r->type, WIRE_RING_SDP);
	leg = r->h->media.web.leg;
	room_news(r, WIRE_LEG_UP, leg);

	return leg;
}


/* ---- who hears whom ------------------------------------------------------ */

struct hearing {
	const struct house *h;
	uint64_t leg;
	const uint64_t *from;
};


static bool has(const struct house_ear *ear, uint64_t leg)
{
	if (leg == ROOM_HOLD)
		return ear->plays;
	for (uint32_t i = 0; i < ear->n; i++) {
		if (ear->from[i] == leg)
			return true;
	}

	return false;
}


static bool is_heard(void *arg)
{
	const struct hearing *k = arg;
	const struct house_ear *ear = house_ear(k->h, k->leg);
	uint32_t n = 0;

	if (!ear)
		return false;
	for (const uint64_t *p = k->from; *p; p++, n++) {
		if (!has(ear, *p))
			return false;
	}

	return n == ear->n + ear->plays;
}


void room_hears(struct room *r, uint64_t leg, const uint64_t *from)
{
	struct hearing k = {r->h, leg, from};

	sip_loop(is_heard, &k, "what a leg hears");
}


struct count {
	const struct house *h;
	unsigned n;
};


static bool are_left(void *arg)
{
	const struct count *count = arg;

	return house_legs(count->h) == count->n;
}


void room_legs(struct room *r, unsigned n)
{
	struct count count = {r->h, n};

	sip_loop(are_left, &count, "a number of legs");
	assert_int_equal(r->h->media.n_strays, 0);
}


/* ---- the room ------------------------------------------------------------ */

int room_open(void **state)
{
	struct room *r = test_calloc(1, sizeof(*r));
	const int err = house_open(state);
	struct config_line *line;

	r->h = *state;
	*state = r;
	line = &r->h->config->lines[0];
	line->transfer = line->listen = true;
	line->n_third = 2;
	str_ncpy(line->third[0].name, "Interpreter",
		 sizeof(line->third[0].name));
	str_ncpy(line->third[0].number, "+4930901820",
		 sizeof(line->third[0].number));
	str_ncpy(line->third[1].name, "Lifeline",
		 sizeof(line->third[1].name));
	str_ncpy(line->third[1].number, "988", sizeof(line->third[1].number));

	return err;
}


int room_close(void **state)
{
	struct room *r = *state;
	void *house = r->h;

	mem_deref(r->conn);
	test_free(r);

	return house_close(&house);
}
