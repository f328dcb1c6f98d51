/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * look.c  Tests of looking at a caller's number: who may, when, how often, and
 * that it is on record before it is told.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "core/core.h"
#include "line/look.h"

#include "clock.h"
#include "house.h"


#define NUMBER "+15550142"
#define KNOWN "P-Asserted-Identity: <sip:" NUMBER "@p.invalid>\r\n"
#define LOOKS "SELECT count(*) FROM audit WHERE what = 'number_looked'"
#define THE_LOOK LOOKS " AND id = 1 AND person = 1 AND call = 1 AND whom = 0" \
	" AND detail = 'emergency' AND at > 1700000000000"
#define TALKED "SELECT count(*) FROM call WHERE outcome = 'talked'"

enum { ANA = 1, BEN = 2 };

/* ringback-web, and what it was told */
struct web {
	struct house *h;
	struct wire_conn *conn;
	struct wire_counsellor c; /* of Ana */
	bool answered;
	int err;
	int n_on_record; /* looks, when the answer came */
	char number[LIMIT_URI];
};


static void on_event(struct wire_conn *conn, const struct wire_msg *msg,
		     void *arg)
{
	struct web *w = arg;
	(void)conn;

	if (msg->type == WIRE_COUNSELLOR)
		memcpy(&w->c, msg->payload, sizeof(w->c));
}


static void on_reply(const struct wire_msg *msg, void *arg)
{
	struct web *w = arg;

	assert_non_null(msg);
	w->answered = true;
	w->err = 0;
	w->n_on_record = house_count(w->h, LOOKS);
	memset(w->number, 0, sizeof(w->number));
	if (msg->type == WIRE_REFUSED)
		w->err = ((const struct wire_refused *)msg->payload)->err;
	else if (msg->type == WIRE_NUMBER_IS)
		memcpy(w->number, msg->blob, msg->n_blob);
}


static bool is_answered(void *arg)
{
	return ((struct web *)arg)->answered;
}


static void ask(struct web *w, enum wire_type type, const void *payload)
{
	w->answered = false;
	assert_int_equal(wire_ask(w->conn, type, payload, NULL, 0, on_reply,
				  w), 0);
}


/* @return 0, or why it was refused */
static int look(struct web *w, uint32_t person, uint32_t why)
{
	const struct wire_look what = {.offer = w->c.offer, .person = person,
				       .why = why};

	ask(w, WIRE_NUMBER_LOOK, &what);
	sip_loop(is_answered, w, "an answer");

	return w->err;
}


static bool is_talking(void *arg)
{
	return ((struct web *)arg)->c.state == PERSON_TALKING;
}


/* the line runs, Ana is on duty, and has a page */
static void begin(struct web *w, struct house *h, bool shows)
{
	const struct wire_console c = {ANA, 1};

	memset(w, 0, sizeof(*w));
	w->h = h;
	h->config->lines[0].show_numbers = shows;
	if (!h->sb)
		assert_int_equal(house_start(h), 0);
	house_on_duty(h);
	house_control(h);
	assert_int_equal(wire_connect(&w->conn, "run/line.sock", WIRE_WEB,
				      WIRE_LINE, on_event, NULL, w), 0);
	ask(w, WIRE_CONSOLE, &c);
	sip_loop(is_answered, w, "an answer");
}


/* Ana's telephone rings, and she talks with whoever calls */
static void talk(struct web *w, struct house *h, struct sip_call *call,
		 const char *headers, bool shows)
{
	begin(w, h, shows);
	house_call(h, call, headers);
	(void)house_picks_up(&h->ana);
	sip_loop(is_talking, w, "a talk");
}


static void who_talks_sees_it(void **state)
{
	struct house *h = *state;
	struct sip_call call;
	struct web w;

	talk(&w, h, &call, KNOWN, true);
	assert_int_equal(look(&w, ANA, WIRE_LOOK_EMERGENCY), 0);
	assert_string_equal(w.number, NUMBER);
	assert_int_equal(w.n_on_record, 1);
	assert_int_equal(house_count(h, THE_LOOK), 1);

	assert_int_equal(look(&w, BEN, WIRE_LOOK_EMERGENCY), ENOENT);
	assert_int_equal(look(&w, ANA, WIRE_LOOKS), EINVAL);
	assert_string_equal(w.number, "");
	assert_int_equal(house_count(h, LOOKS), 1);
	mem_deref(w.conn);
}


/* rung back: from when they talk, not while their telephone rings */
static void of_who_is_rung_back(void **state)
{
	static const struct house_answer answers[] = {
		{"nobody", "1"},    {"number_right", "1"},   {"ask_words", "1"},
		{"ask_hours", "1"}, {"kept_ring_back", NULL},
	};
	struct house *h = *state;
	struct sip_call call;
	struct web w;

	assert_int_equal(house_start(h), 0);
	house_talk(h, &call, KNOWN, answers, ARRAY_SIZE(answers));
	sip_call_request(&call, "BYE", NULL, NULL);
	(void)sip_call_await(&call, "200 BYE");
	begin(&w, h, true);
	(void)house_picks_up(&h->ana);
	(void)house_picks_up(&h->home);
	sip_loop(is_talking, &w, "a talk");
	assert_int_equal(look(&w, ANA, WIRE_LOOK_AGREED), EPROTO);
	house_asked(h, WIRE_LEG_ACCEPT, 2);
	for (int i = 0; i < 3; i++)
		sip_peer_sync(&h->home);
	house_keys(h, h->media.out, "1");
	house_asked(h, WIRE_LEG_BRIDGE, 1);
	assert_int_equal(look(&w, ANA, WIRE_LOOK_AGREED), 0);
	assert_string_equal(w.number, NUMBER);
	assert_int_equal(house_count(h, LOOKS " AND detail = 'agreed'"), 1);
	mem_deref(w.conn);
}


static void not_on_other_lines(void **state)
{
	struct house *h = *state;
	struct sip_call call;
	struct web w;

	talk(&w, h, &call, KNOWN, false);
	assert_int_equal(look(&w, ANA, WIRE_LOOK_AGREED), EPERM);
	assert_string_equal(w.number, "");
	assert_int_equal(house_count(h, LOOKS), 0);
	mem_deref(w.conn);
}


static void not_what_is_withheld(void **state)
{
	struct house *h = *state;
	struct sip_call call;
	struct web w;

	talk(&w, h, &call, KNOWN "Privacy: id\r\n", true);
	assert_int_equal(look(&w, ANA, WIRE_LOOK_ABUSE), ENODATA);
	assert_string_equal(w.number, "");
	assert_int_equal(house_count(h, LOOKS), 0);
	mem_deref(w.conn);
}


static void not_when_it_is_over(void **state)
{
	struct house *h = *state;
	struct wire_look what = {.person = ANA};
	struct sip_call call;
	struct web w;

	talk(&w, h, &call, KNOWN, true);
	what.offer = w.c.offer;
	sip_call_request(&call, "BYE", NULL, NULL);
	(void)sip_call_await(&call, "200 BYE");
	house_bye(&h->ana);
	house_await(h, TALKED);
	ask(&w, WIRE_NUMBER_LOOK, &what);
	sip_loop(is_answered, &w, "an answer");
	assert_int_equal(w.err, ENOENT);
	assert_int_equal(house_count(h, LOOKS), 0);
	mem_deref(w.conn);
}


static void a_few_an_hour(void **state)
{
	struct house *h = *state;
	struct sip_call call;
	struct web w;

	talk(&w, h, &call, KNOWN, true);
	for (int i = 0; i < LOOKS_MOST; i++)
		assert_int_equal(look(&w, ANA, WIRE_LOOK_CUT_OFF), 0);
	assert_int_equal(look(&w, ANA, WIRE_LOOK_CUT_OFF), EDQUOT);
	assert_int_equal(house_count(h, LOOKS), LOOKS_MOST);

	clock_get()->ahead_ms = LOOKS_WITHIN_MS;
	assert_int_equal(look(&w, ANA, WIRE_LOOK_CUT_OFF), 0);
	mem_deref(w.conn);
}


/* what cannot be put on record is not told */
static void no_look_without_a_record(void **state)
{
	struct house *h = *state;
	struct sip_call call;
	struct web w;

	talk(&w, h, &call, KNOWN, true);
	assert_int_equal(sqlite3_exec(h->db, "CREATE TRIGGER full BEFORE INSERT"
				      " ON audit BEGIN SELECT"
				      " RAISE(ABORT, 'no'); END",
				      NULL, NULL, NULL), SQLITE_OK);
	assert_int_not_equal(look(&w, ANA, WIRE_LOOK_EMERGENCY), 0);
	assert_string_equal(w.number, "");
	mem_deref(w.conn);
}


/* the disk is slow, and the talk over before it has written */
static void over_before_it_is_on_record(void **state)
{
	struct wire_look what = {.person = ANA};
	struct house *h = *state;
	struct sip_call call;
	struct web w;

	talk(&w, h, &call, KNOWN, true);
	what.offer = w.c.offer;
	assert_int_equal(sqlite3_exec(h->db, "BEGIN IMMEDIATE", NULL, NULL,
				      NULL), SQLITE_OK);
	ask(&w, WIRE_NUMBER_LOOK, &what);
	for (int i = 0; i < 3; i++)
		sip_peer_sync(&h->caller);
	sip_call_request(&call, "BYE", NULL, NULL);
	(void)sip_call_await(&call, "200 BYE");
	assert_false(w.answered);
	assert_int_equal(sqlite3_exec(h->db, "COMMIT", NULL, NULL, NULL),
			 SQLITE_OK);
	sip_loop(is_answered, &w, "an answer");
	assert_int_equal(w.err, ENOENT);
	assert_int_equal(house_count(h, LOOKS), 1);
	mem_deref(w.conn);
}


/* whoever asked is gone, and so is the line, before it is on record */
static void the_line_ends_meanwhile(void **state)
{
	struct wire_look what = {.person = ANA};
	struct house *h = *state;
	struct sip_call call;
	struct web w;

	talk(&w, h, &call, KNOWN, true);
	what.offer = w.c.offer;
	assert_int_equal(sqlite3_exec(h->db, "BEGIN IMMEDIATE", NULL, NULL,
				      NULL), SQLITE_OK);
	ask(&w, WIRE_NUMBER_LOOK, &what);
	for (int i = 0; i < 3; i++)
		sip_peer_sync(&h->caller);
	assert_false(w.answered);
	mem_deref(w.conn);
	assert_int_equal(sqlite3_exec(h->db, "COMMIT", NULL, NULL, NULL),
			 SQLITE_OK);
	house_stop(h);
	assert_int_equal(house_count(h, LOOKS), 1);
}


#define CASE(name)                                                            \
	cmocka_unit_test_setup_teardown(name, house_open, house_close)


int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(who_talks_sees_it),
		CASE(of_who_is_rung_back),
		CASE(not_on_other_lines),
		CASE(not_what_is_withheld),
		CASE(not_when_it_is_over),
		CASE(a_few_an_hour),
		CASE(no_look_without_a_record),
		CASE(over_before_it_is_on_record),
		CASE(the_line_ends_meanwhile),
	};
	int err;

	if (sodium_init() < 0 || libre_init())
		return 1;
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
