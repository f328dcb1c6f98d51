/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * switchboard.c  Tests of what carries out the core's decisions: callers, rings,
 * promises, ringing back, and what is taken up at a start.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <sodium.h>

#include "base/message.h"
#include "epoch/numbers.h"
#include "seal/held.h"
#include "clock.h"
#include "house.h"
#include "oom.h"
#include "sip_text.h"


#define NUMBER "+15550142"
#define KNOWN "P-Asserted-Identity: <sip:" NUMBER "@p.invalid>\r\n"

#define OUTCOME(word) \
	"SELECT count(*) FROM call WHERE id = 1 AND outcome = '" word "'"
#define PROMISE(state) \
	"SELECT count(*) FROM promise WHERE call = 1 AND state = '" state "'"
#define OWED \
	"SELECT count(*) FROM promise WHERE call = 1 AND state IN " \
	"('open', 'due')"


/* ---- callers ------------------------------------------------------------ */

static void they_talk(void **state)
{
	struct house *h = *state;
	struct sip_call call;
	struct wire_status status;

	house_on_duty(h);
	assert_int_equal(house_start(h), 0);
	house_call(h, &call, KNOWN);
	(void)house_picks_up(&h->ana);
	house_asked(h, WIRE_LEG_BRIDGE, 1);
	switchboard_status(h->sb, &status);
	assert_int_equal(status.n_talking, 1);
	sip_call_request(&call, "BYE", NULL, NULL);
	(void)sip_call_await(&call, "200 BYE");
	house_bye(&h->ana);
	house_await(h, OUTCOME("talked"));
	switchboard_status(h->sb, &status);
	assert_int_equal(status.n_talking, 0);
}


static void a_counsellor_never_sees_the_number(void **state)
{
	struct house *h = *state;
	struct sip_call call;

	house_on_duty(h);
	assert_int_equal(house_start(h), 0);
	house_call(h, &call, KNOWN);
	assert_false(sip_msg_has(house_picks_up(&h->ana), "5550142"));
	sip_call_request(&call, "BYE", NULL, NULL);
	house_bye(&h->ana);
	house_await(h, OUTCOME("talked"));
	assert_int_equal(house_count(h, "SELECT count(*) FROM promise"), 0);
}


/* The counsellor's telephone does not know the dialog any more, as our refresh
 * of the session shows: nobody has hung up, and she is rung again. */
static void her_telephone_is_lost(void **state)
{
	struct house *h = *state;
	const struct sip_msg *invite, *refresh;
	struct sip_call call;

	house_on_duty(h);
	assert_int_equal(house_start(h), 0);
	house_call(h, &call, "Supported: timer\r\n"
			     "Session-Expires: 3600;refresher=uac\r\n");
	invite = sip_peer_await(&h->ana, "INVITE");
	clock_get()->speed = 1000;
	sip_peer_reply(&h->ana, invite, 200, "phone", NULL, "v=0\r\n");
	house_asked(h, WIRE_LEG_BRIDGE, 1);
	refresh = sip_peer_await(&h->ana, "INVITE");
	clock_get()->speed = 1;
	sip_peer_reply(&h->ana, refresh, 481, "phone", NULL, NULL);
	(void)sip_peer_await(&h->ana, "BYE");
	assert_int_equal(sip_peer_count(&h->caller, "BYE"), 0);
	assert_int_equal(h->media.play.leg, h->media.in);
	(void)house_picks_up(&h->ana);
	house_asked(h, WIRE_LEG_BRIDGE, 2);
	sip_call_request(&call, "BYE", NULL, NULL);
	(void)sip_call_await(&call, "200 BYE");
	house_await(h, OUTCOME("talked"));
}


static void cancelled_before_the_answer(void **state)
{
	struct house *h = *state;
	struct sip_call call;

	assert_int_equal(house_start(h), 0);
	sip_call_begin(&call, &h->caller);
	sip_call_request(&call, "INVITE", NULL, "v=0\r\n");
	sip_call_request(&call, "CANCEL", NULL, NULL);
	(void)sip_peer_await(&h->caller, "487 INVITE");
	house_await(h, "SELECT count(*) FROM call WHERE outcome != ''");
	assert_int_equal(house_count(h, "SELECT count(*) FROM call"), 1);
}


/* ---- promises ----------------------------------------------------------- */

static void a_message_is_a_promise(void **state)
{
	struct house *h = *state;
	struct sip_call call;

	assert_int_equal(house_start(h), 0);
	house_call(h, &call, NULL);
	house_keys(h, h->media.in, "2");
	house_asked(h, WIRE_LEG_RECORD, 1);
	assert_int_equal(h->media.record.name, 1);
	sip_call_request(&call, "BYE", NULL, NULL);
	house_await(h, "SELECT count(*) FROM call WHERE state = 'promised'");
	assert_int_equal(house_count(h, PROMISE("open") " AND kind = "
				     "'message' AND dialler = 0"), 1);
}


/* what stands in the store is for the line alone */
static void on_record(struct house *h, const char *wanted)
{
	struct store_promise p;
	struct secret_text number;

	assert_int_equal(store_promise_get(h->tool, 1, &p), 0);
	assert_int_equal(number_open(&number, &p.number, number_of_call(1),
				     held_private(switchboard_held(h->sb))),
			 0);
	assert_string_equal(secret_reveal(&number), wanted);
}


/* asks to be rung back, and hangs up when it is promised */
static void asks(struct house *h, const char *headers,
		 const struct house_answer *answers, size_t n)
{
	struct sip_call call;

	house_talk(h, &call, headers, answers, n);
	sip_call_request(&call, "BYE", NULL, NULL);
	(void)sip_peer_await(&h->caller, "200 BYE");
}


/* at the number that is known */
static void asks_known(struct house *h)
{
	static const struct house_answer answers[] = {
		{"nobody", "1"},    {"number_right", "1"},   {"ask_words", "1"},
		{"ask_hours", "1"}, {"kept_ring_back", NULL},
	};

	asks(h, KNOWN, answers, ARRAY_SIZE(answers));
}


/* an emergency number is refused, then another one is typed */
static void asks_typing(struct house *h)
{
	static const struct house_answer answers[] = {
		{"nobody", "1"},       {"type_number", "112#"},
		{"number_bad", "15550199#"},
		{"number_right", "1"}, {"ask_words", "1"},
		{"ask_hours", "1"},    {"kept_ring_back", NULL},
	};

	asks(h, NULL, answers, ARRAY_SIZE(answers));
}


static void the_number_that_is_known(void **state)
{
	struct house *h = *state;

	assert_int_equal(house_start(h), 0);
	asks_known(h);
	house_await(h, OWED);
	on_record(h, NUMBER);
}


static void a_number_that_is_typed(void **state)
{
	struct house *h = *state;

	assert_int_equal(house_start(h), 0);
	asks_typing(h);
	house_await(h, OWED);
	on_record(h, "15550199");
}


static void rung_back(void **state)
{
	struct house *h = *state;
	const struct sip_msg *invite;
	struct sip_call home;

	assert_int_equal(house_start(h), 0);
	asks_known(h);
	house_await(h, OWED);
	house_on_duty(h);
	assert_false(sip_msg_has(house_picks_up(&h->ana), "5550142"));
	invite = house_picks_up(&h->home);
	assert_int_equal(pl_strcmp(&invite->uri.user, NUMBER), 0);
	assert_true(sip_msg_has(invite, "anonymous@anonymous.invalid"));
	assert_true(sip_msg_has(invite, "Privacy: id\r\n"));
	assert_false(sip_msg_has(invite, "ana@"));
	assert_int_equal(house_count(h, OUTCOME("")), 1);
	house_asked(h, WIRE_LEG_ACCEPT, 2);
	for (int i = 0; i < 3; i++)
		sip_peer_sync(&h->home);
	house_keys(h, h->media.out, "1");
	house_asked(h, WIRE_LEG_BRIDGE, 1);
	sip_call_of(&home, &h->home, invite, "phone");
	sip_call_request(&home, "BYE", NULL, NULL);
	house_bye(&h->ana);
	house_await(h, OUTCOME("promise_kept"));
	house_await(h, PROMISE("kept") " AND dialler = 0");
	house_await(h, "SELECT count(*) = 1 FROM attempt WHERE outcome = "
		    "'talked'");
}


static void sql(struct house *h, const char *text)
{
	/* the line may be writing at this moment */
	assert_int_equal(sqlite3_busy_timeout(h->db, 5000), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h->db, text, NULL, NULL, NULL),
			 SQLITE_OK);
}


/* Ana takes a ring-back while nothing can be written; her INVITE */
static const struct sip_msg *taken_while_locked(struct house *h)
{
	const struct sip_msg *invite;

	assert_int_equal(house_start(h), 0);
	asks_known(h);
	house_await(h, OWED);
	house_on_duty(h);
	sql(h, "BEGIN IMMEDIATE");
	invite = house_picks_up(&h->ana);
	house_asked(h, WIRE_LEG_ACCEPT, 1);
	for (int i = 0; i < 20; i++)
		sip_peer_sync(&h->home);

	return invite;
}


/* A crash must not leave a ring that nobody knows of. */
static void nobody_is_rung_before_it_is_on_record(void **state)
{
	struct house *h = *state;
	const struct sip_msg *invite;

	(void)taken_while_locked(h);
	assert_int_equal(sip_peer_count(&h->home, "INVITE"), 0);
	assert_int_equal(house_count(h, "SELECT count(*) FROM attempt"), 0);
	sql(h, "COMMIT");
	invite = sip_peer_await(&h->home, "INVITE");
	assert_int_equal(house_count(h, "SELECT count(*) FROM attempt"), 1);
	sip_peer_reply(&h->home, invite, 486, "phone", NULL, NULL);
	house_await(h, "SELECT count(*) FROM attempt WHERE outcome = 'busy'");
	house_bye(&h->ana);
}


/* the counsellor hangs up while the attempt waits for the disk */
static void nobody_is_rung_for_who_has_hung_up(void **state)
{
	struct house *h = *state;
	struct sip_call ana;

	sip_call_of(&ana, &h->ana, taken_while_locked(h), "phone");
	sip_call_request(&ana, "BYE", NULL, NULL);
	(void)sip_call_await(&ana, "200 BYE");
	sql(h, "COMMIT");
	house_await(h, "SELECT count(*) FROM attempt WHERE outcome = "
		    "'stopped'");
	assert_int_equal(sip_peer_count(&h->home, "INVITE"), 0);
}


static void who_sends_us_elsewhere_is_not_followed(void **state)
{
	struct house *h = *state;
	const struct sip_msg *invite;

	assert_int_equal(house_start(h), 0);
	asks_known(h);
	house_await(h, OWED);
	house_on_duty(h);
	(void)house_picks_up(&h->ana);
	invite = sip_peer_await(&h->home, "INVITE");
	sip_peer_reply(&h->home, invite, 302, "phone",
		       "Contact: <sip:+19005550000@127.0.0.1>\r\n", NULL);
	house_await(h, "SELECT count(*) FROM attempt WHERE outcome = 'dead'");
	/* on a slow machine the same one may have come twice */
	while (sip_peer_count(&h->home, "INVITE")) {
		invite = sip_peer_await(&h->home, "INVITE");
		assert_int_equal(pl_strcmp(&invite->uri.user, NUMBER), 0);
	}
	house_bye(&h->ana); /* told so, and free */
}


/* ---- what people do about them ------------------------------------------ */

static void told(void *arg)
{
	++*(unsigned *)arg;
}


static bool is_told(void *arg)
{
	return *(unsigned *)arg != 0;
}


static int verb(struct house *h, struct wire_promise p, unsigned *n)
{
	return switchboard_promise(h->sb, &p, told, n);
}


static void verbs(void **state)
{
	struct house *h = *state;
	unsigned *n = mem_zalloc(sizeof(*n), NULL);

	assert_int_equal(house_start(h), 0);
	asks_known(h);
	house_await(h, OWED);
	house_await(h, "SELECT count(*) FROM call WHERE state = 'due'");

#define VERB(...) verb(h, (struct wire_promise){__VA_ARGS__}, n)
	assert_int_equal(VERB(1, WIRE_PROMISE_VERBS, 0, 0, 0), EINVAL);
	assert_int_equal(VERB(1, WIRE_PROMISE_CLOSE, 0, 0, 0), EINVAL);
	assert_int_equal(VERB(1, WIRE_PROMISE_CLOSE, 0, CLOSE_REASONS, 0),
			 EINVAL);
	assert_int_equal(VERB(2, WIRE_PROMISE_KEEP, 0, 0, 0), ENOENT);
	assert_int_equal(VERB(1, WIRE_PROMISE_TAKE, 77, 0, 0), ENOENT);
	assert_int_equal(VERB(1, WIRE_PROMISE_SNOOZE, 0, 0, UINT32_MAX),
			 ERANGE);
	assert_int_equal(*n, 0);
	assert_int_equal(VERB(1, WIRE_PROMISE_SNOOZE, 0, 0, 10), 0);
	sip_loop(is_told, n, "put off");
	assert_int_equal(house_count(h, PROMISE("due") " AND n_snoozed = 1"),
			 1);
	*n = 0;
	assert_int_equal(VERB(1, WIRE_PROMISE_CLOSE, 0, CLOSE_TEST, 0), 0);
	sip_loop(is_told, n, "closed");
	assert_int_equal(house_count(h, PROMISE("closed") " AND dialler = 0"),
			 1);
	assert_int_equal(*n, 1);
	assert_int_equal(mem_nrefs(n), 1);
	mem_deref(n);
}


/* ---- the start ---------------------------------------------------------- */

/* open calls with a promise to ring these numbers */
static void owed(struct house *h, uint64_t call, const char *number)
{
	char sql[512];

	(void)re_snprintf(sql, sizeof(sql),
		"INSERT INTO call (id, line, language, state, outcome, reason,"
		" arrived_at, wait_ms, talk_ms, counsellor) VALUES"
		" (%llu, 'main', 'en', 'promised', '', '', 1, 0, 0, 0);"
		"INSERT INTO promise VALUES (%llu, 'ring_back', 'open',"
		" 'none', 'any', 'withheld', 'owner', 0, 0, NULL, NULL, %llu,"
		" 4102444800000, 0, 0, 0, 0, '');"
		/* as an older Ringback left it: nothing here has the key */
		"DROP TRIGGER IF EXISTS promise_clear_no_more;"
		"INSERT INTO promise_clear SELECT %llu, '%s' WHERE '%s' <> ''",
		(unsigned long long)call, (unsigned long long)call,
		(unsigned long long)call, (unsigned long long)call, number,
		number);
	assert_int_equal(sqlite3_exec(h->db, sql, NULL, NULL, NULL),
			 SQLITE_OK);
}


static void message_make(uint64_t call)
{
	char path[MESSAGE_PATH];
	FILE *f;

	message_path(path, call);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
}


static bool message_is_there(uint64_t call)
{
	char path[MESSAGE_PATH];

	message_path(path, call);
	return !access(path, F_OK);
}


static void what_is_owed_is_taken_up(void **state)
{
	struct house *h = *state;
	const struct sip_msg *invite;

	owed(h, 4, NUMBER);
	owed(h, 5, "0015550142"); /* the same, otherwise written */
	message_make(4);
	message_make(9); /* of nobody */
	house_on_duty(h);
	assert_int_equal(house_start(h), 0);
	assert_true(message_is_there(4));
	assert_false(message_is_there(9));

	(void)house_picks_up(&h->ana);
	invite = sip_peer_await(&h->home, "INVITE");
	assert_int_equal(pl_strcmp(&invite->uri.user, NUMBER), 0);
	sip_peer_reply(&h->home, invite, 404, "phone", NULL, NULL);
	house_await(h, "SELECT count(*) = 2 FROM promise WHERE level = "
		    "'coordinator'");
	assert_int_equal(sip_peer_count(&h->home, "INVITE"), 0);
	house_await(h, "SELECT count(*) = 1 FROM attempt WHERE call = 4");
	assert_int_equal(house_count(h, "SELECT count(*) FROM attempt WHERE "
				     "call = 5"), 0);
}


/* Whatever stands in the record: it is a number that may be rung, or nobody
 * is rung. */
static void what_may_not_be_rung_is_not(void **state)
{
	static const char *const numbers[] = {
		"112", "+49112", "line", "1@127.0.0.1", "1234;x=y", "",
		"+1555014200000000"};
	struct house *h = *state;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		owed(h, 1, numbers[i]);
		assert_int_equal(house_start(h), 0);
		if (!i)
			house_on_duty(h);
		if (numbers[i][0]) {
			(void)house_picks_up(&h->ana);
			house_await(h, "SELECT count(*) FROM attempt WHERE "
				    "outcome = 'network'");
			house_bye(&h->ana);
		}
		assert_int_equal(sip_peer_count(&h->home, "INVITE"), 0);
		house_stop(h);
		assert_int_equal(sqlite3_exec(h->db,
				"DELETE FROM call; DELETE FROM promise;"
				"DELETE FROM attempt", NULL, NULL, NULL),
				 SQLITE_OK);
	}
}


/* A record that makes no sense is left alone, and what was said with it. */
static void what_cannot_be_read_is_kept(void **state)
{
	struct house *h = *state;

	owed(h, 4, NUMBER);
	assert_int_equal(sqlite3_exec(h->db, "UPDATE call SET state = 'no'",
				      NULL, NULL, NULL), SQLITE_OK);
	message_make(4);
	message_make(9);
	assert_int_equal(house_start(h), 0);
	assert_true(message_is_there(4));
	assert_true(message_is_there(9));
	assert_int_equal(house_count(h, "SELECT count(*) FROM call WHERE "
				     "state = 'no' AND outcome = ''"), 1);
}


/* ---- short of memory ---------------------------------------------------- */

static int start_short_of_memory(void *arg)
{
	struct house *h = arg;
	const int err = house_start(h);

	assert_int_equal(!err, h->sb != NULL);
	house_stop(h);

	return err;
}


static void a_start_short_of_memory(void **state)
{
	struct house *h = *state;

	house_on_duty(h);
	assert_true(oom_loop(start_short_of_memory, h) > 10);
	assert_int_equal(house_start(h), 0);
}


struct oom_call {
	struct house *h;
	struct sip_msg *msg;
};


static int invite_short_of_memory(void *arg)
{
	struct oom_call *c = arg;

	switchboard_invite(c->h->sb, c->msg);

	return 0;
}


/* Whoever could not be let in is told so; the others go on. */
static void calls_short_of_memory(void **state)
{
	struct house *h = *state;
	struct oom_call c = {.h = h};
	struct sip_call after;
	char text[1024];
	int n;

	assert_int_equal(house_start(h), 0);
	house_call(h, &after, NULL);
	n = re_snprintf(text, sizeof(text),
			"INVITE sip:line@%J SIP/2.0\r\n"
			"Via: SIP/2.0/UDP %J;branch=z9hG4bKoom;rport\r\n"
			"From: <sip:peer@x.invalid>;tag=oom\r\n"
			"To: <sip:line@x.invalid>\r\n"
			"Call-ID: oom\r\nCSeq: 1 INVITE\r\n"
			"Contact: <sip:peer@%J>\r\n"
			KNOWN "Content-Length: 0\r\n\r\n",
			&h->bench.laddr, &h->home.laddr, &h->home.laddr);
	assert_true(n > 0);
	assert_int_equal(sip_text_decode(&c.msg, text, (size_t)n), 0);
	c.msg->src = h->home.laddr;
	c.msg->dst = h->bench.laddr;
	c.msg->tp = SIP_TRANSP_UDP;
	assert_true(oom_loop(invite_short_of_memory, &c) > 2);
	mem_deref(c.msg);
	(void)sip_peer_await(&h->home, "503 INVITE");
	(void)sip_peer_await(&h->home, "200 INVITE");

	house_call(h, &after, KNOWN);
	sip_call_request(&after, "BYE", NULL, NULL);
	(void)sip_call_await(&after, "200 BYE");
}


#define CASE(f) cmocka_unit_test_setup_teardown(f, house_open, house_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(they_talk),
		CASE(a_counsellor_never_sees_the_number),
		CASE(her_telephone_is_lost),
		CASE(cancelled_before_the_answer),
		CASE(a_message_is_a_promise),
		CASE(the_number_that_is_known),
		CASE(a_number_that_is_typed),
		CASE(rung_back),
		CASE(nobody_is_rung_before_it_is_on_record),
		CASE(nobody_is_rung_for_who_has_hung_up),
		CASE(who_sends_us_elsewhere_is_not_followed),
		CASE(verbs),
		CASE(what_is_owed_is_taken_up),
		CASE(what_may_not_be_rung_is_not),
		CASE(what_cannot_be_read_is_kept),
		CASE(a_start_short_of_memory),
		CASE(calls_short_of_memory),
	};
	int err;

	if (sodium_init() < 0 || libre_init())
		return 1;
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
