/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * promised.c  Tests of the numbers that are owed a ring, over several lives of
 * the line: with the same key, with another one, and brought back by somebody's
 * page.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "epoch/numbers.h"
#include "seal/held.h"
#include "wire/conn.h"
#include "house.h"

#define NUMBER "+15550142"
#define KNOWN "P-Asserted-Identity: <sip:" NUMBER "@p.invalid>\r\n"
#define OWED "SELECT count(*) FROM promise WHERE call = 1 AND dialler > 0"

/* the first life promises to ring NUMBER back, and is over */
static void promises(struct house *h)
{
	static const struct house_answer answers[] = {
		{"nobody", "1"},    {"number_right", "1"},   {"ask_words", "1"},
		{"ask_hours", "1"}, {"kept_ring_back", NULL},
	};
	struct sip_call call;

	assert_int_equal(house_start(h), 0);
	house_talk(h, &call, KNOWN, answers, ARRAY_SIZE(answers));
	sip_call_request(&call, "BYE", NULL, NULL);
	(void)sip_peer_await(&h->caller, "200 BYE");
	house_await(h, OWED);
	house_stop(h);
}


static struct store_promise stored(struct house *h)
{
	struct store_promise p;

	assert_int_equal(store_promise_get(h->tool, 1, &p), 0);

	return p;
}


static void rings(struct house *h)
{
	const struct sip_msg *invite;

	(void)house_picks_up(&h->ana);
	invite = sip_peer_await(&h->home, "INVITE");
	assert_int_equal(pl_strcmp(&invite->uri.user, NUMBER), 0);
	sip_peer_reply(&h->home, invite, 404, "phone", NULL, NULL);
	house_await(h, "SELECT count(*) FROM attempt WHERE outcome = 'dead'");
}


static uint32_t n_waiting(const struct house *h)
{
	struct wire_status status;

	switchboard_status(h->sb, &status);

	return status.n_number_waits;
}


static void the_next_line_with_the_same_key_rings(void **state)
{
	struct house *h = *state;
	struct held *held;

	assert_int_equal(held_random(&held), 0);
	h->held = held;
	promises(h);
	house_on_duty(h);
	assert_int_equal(house_start(h), 0);
	assert_int_equal(n_waiting(h), 0);
	rings(h);
	house_stop(h);
	held_free(held);
}


/* a new key is on record once, however often the line is started with it */
static void one_row_for_each_key(void **state)
{
	struct house *h = *state;
	struct held *held;

	assert_int_equal(held_random(&held), 0);
	h->held = held;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(house_start(h), 0);
		house_stop(h);
	}
	assert_int_equal(house_count(h, "SELECT count(*) FROM dialler"), 1);
	h->held = NULL;
	assert_int_equal(house_start(h), 0);
	assert_int_equal(house_count(h, "SELECT count(*) FROM dialler"), 2);
	house_stop(h);
	held_free(held);
}


/* a promise is sealed to it, and another one has been the current one since */
static struct held *key_of_another_time(struct house *h)
{
	struct held *held;

	assert_int_equal(held_random(&held), 0);
	h->held = held;
	promises(h);
	h->held = NULL;
	assert_int_equal(house_start(h), 0);
	assert_int_equal(n_waiting(h), 1);
	house_stop(h);

	return held;
}


/* sealed to our key when another one was the current one meanwhile */
static void a_key_that_comes_back_opens(void **state)
{
	struct house *h = *state;
	struct held *held;
	uint32_t was;

	held = key_of_another_time(h);
	was = stored(h).number.dialler;

	h->held = held;
	assert_int_equal(house_start(h), 0);
	assert_int_equal(n_waiting(h), 0);
	house_await(h, "SELECT count(*) FROM promise WHERE dialler ="
		       " (SELECT max(id) FROM dialler)");
	assert_int_not_equal(stored(h).number.dialler, was);
	house_stop(h);
	held_free(held);
}


/* nothing can be sealed to a key that is none: what is there stays */
static void it_stays_if_it_cannot_be_sealed_anew(void **state)
{
	struct house *h = *state;
	struct held *held;
	uint32_t was;

	held = key_of_another_time(h);
	was = stored(h).number.dialler;

	assert_int_equal(sqlite3_exec(h->db, "UPDATE epoch SET public = "
				      "zeroblob(32)", NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_not_equal(house_count(h, "SELECT count(*) FROM epoch "
					    "WHERE current"), 0);
	h->held = held;
	house_on_duty(h);
	assert_int_equal(house_start(h), 0);
	rings(h); /* and its row is written */
	assert_int_equal(stored(h).number.dialler, was);
	house_stop(h);
	held_free(held);
}


static bool never(void *arg)
{
	unsigned *n = arg;

	return ++*n > 50;
}


/* it is owed, and nobody is rung at a number that nobody knows */
static void with_another_key_it_waits(void **state)
{
	struct house *h = *state;
	const struct wire_promise ring = {.call = 1,
					  .verb = WIRE_PROMISE_RING};
	struct store_number was;
	unsigned n = 0;

	promises(h);
	was = stored(h).number;
	house_on_duty(h);
	assert_int_equal(house_start(h), 0);
	assert_int_equal(n_waiting(h), 1);
	assert_int_equal(switchboard_promise(h->sb, &ring, NULL, NULL),
			 ENOKEY);
	house_await(h, "SELECT count(*) FROM promise WHERE state = 'open'");
	sip_loop(never, &n, "some time");
	assert_int_equal(sip_peer_count(&h->ana, "INVITE"), 0);

	/* and it stays as it was, for whoever can open it */
	assert_memory_equal(stored(h).number.for_epoch, was.for_epoch,
			    STORE_NUMBER);
	assert_int_equal(stored(h).number.dialler, was.dialler);
	house_stop(h);
}


static void seal_anew(struct house *h, struct store_number *fresh,
		      uint64_t call, const char *text)
{
	struct store_dialler now;
	struct secret_text number;

	assert_int_equal(store_dialler_current(h->tool, &now), 0);
	assert_int_equal(secret_set(&number, text, strlen(text)), 0);
	assert_int_equal(number_seal(fresh, &now, NULL, number_of_call(call),
				     &number), 0);
}


static int brings(struct house *h, uint64_t call, uint32_t dialler,
		  const uint8_t *sealed)
{
	const struct wire_number_back back = {.dialler = dialler,
					      .person = 5};
	struct wire_number_row row = {.call = call};

	memcpy(row.sealed, sealed, sizeof(row.sealed));

	return switchboard_number_back(h->sb, &back, &row);
}


static void a_page_brings_it_back(void **state)
{
	struct house *h = *state;
	struct store_number fresh, other;
	uint64_t epoch;

	promises(h);
	epoch = stored(h).number.epoch;
	house_on_duty(h);
	assert_int_equal(house_start(h), 0);
	seal_anew(h, &fresh, 1, NUMBER);
	seal_anew(h, &other, 2, NUMBER);

	assert_int_equal(brings(h, 1, fresh.dialler - 1, fresh.for_dialler),
			 ESTALE);
	assert_int_equal(brings(h, 1, fresh.dialler, other.for_dialler),
			 EBADMSG);
	fresh.for_dialler[STORE_NUMBER - 1] ^= 1;
	assert_int_equal(brings(h, 1, fresh.dialler, fresh.for_dialler),
			 EBADMSG);
	fresh.for_dialler[STORE_NUMBER - 1] ^= 1;
	assert_int_equal(n_waiting(h), 1);
	assert_int_equal(brings(h, 2, fresh.dialler, fresh.for_dialler),
			 ENOENT);
	assert_int_equal(brings(h, 1, fresh.dialler, fresh.for_dialler), 0);
	assert_int_equal(brings(h, 1, fresh.dialler, fresh.for_dialler),
			 ENOENT);
	assert_int_equal(n_waiting(h), 0);
	house_await(h, "SELECT count(*) FROM promise WHERE dialler ="
		       " (SELECT max(id) FROM dialler)");
	assert_int_equal(stored(h).number.epoch, epoch);
	house_await(h, "SELECT count(*) = 1 FROM audit WHERE call = 1 AND"
		       " person = 5 AND what = 'number_resealed'");
	rings(h);
	house_stop(h);
}


/* the house has a recovery key: number and epoch */
static void it_is_sealed_to_people_as_well(void **state)
{
	struct house *h = *state;
	struct wire_status status;

	promises(h);
	assert_int_not_equal(stored(h).number.epoch, 0);
	assert_false(sodium_is_zero(stored(h).number.for_epoch,
				    STORE_NUMBER));
	assert_int_equal(house_start(h), 0);
	switchboard_status(h->sb, &status);
	assert_int_equal(status.n_unbacked, 0);
	house_stop(h);
}


static void nobody_has_a_recovery_key(struct house *h)
{
	assert_int_equal(sqlite3_exec(h->db, "DELETE FROM epoch_grant;"
					     "DELETE FROM epoch;"
					     "DELETE FROM recovery",
				      NULL, NULL, NULL), SQLITE_OK);
}


static void without_a_recovery_key_that_is_said(void **state)
{
	struct house *h = *state;
	struct wire_status status;
	struct held *held;

	nobody_has_a_recovery_key(h);
	assert_int_equal(held_random(&held), 0);
	h->held = held;
	promises(h);
	assert_int_equal(stored(h).number.epoch, 0);
	assert_int_equal(house_start(h), 0);
	switchboard_status(h->sb, &status);
	assert_int_equal(status.n_unbacked, 1);
	house_stop(h);
	held_free(held);
}


/* of a promise that was made before: while the line runs */
static void a_recovery_key_made_later_can_bring_it_back(void **state)
{
	struct house *h = *state;
	struct wire_status status;
	struct held *held;

	nobody_has_a_recovery_key(h);
	assert_int_equal(held_random(&held), 0);
	h->held = held;
	promises(h);
	assert_int_equal(house_start(h), 0);
	house_key(h);
	assert_int_equal(switchboard_people_changed(h->sb), 0);
	house_await(h, "SELECT count(*) FROM promise WHERE epoch = 1");
	switchboard_status(h->sb, &status);
	assert_int_equal(status.n_unbacked, 0);
	assert_int_equal(status.n_number_waits, 0);
	house_stop(h);
	held_free(held);
}


/* the same, between two lives of the line */
static void at_the_next_start_as_well(void **state)
{
	struct house *h = *state;
	struct held *held;

	nobody_has_a_recovery_key(h);
	assert_int_equal(held_random(&held), 0);
	h->held = held;
	promises(h);
	house_key(h);
	assert_int_equal(house_start(h), 0);
	house_await(h, "SELECT count(*) FROM promise WHERE epoch = 1");
	house_stop(h);
	held_free(held);
}


static void settled(void *arg)
{
	bool *done = arg;

	*done = true;
}


static bool is_settled(void *arg)
{
	const bool *done = arg;

	return *done;
}


/* what is written meanwhile must not lose it */
static void it_stays_where_our_key_cannot_be_put_on_record(void **state)
{
	struct house *h = *state;
	const struct wire_promise snooze = {
		.call = 1, .verb = WIRE_PROMISE_SNOOZE, .minutes = 5};
	struct store_promise now;
	struct held *held;
	bool *done = mem_zalloc(sizeof(*done), NULL);

	assert_non_null(done);
	held = key_of_another_time(h);
	assert_int_equal(sqlite3_exec(h->db,
		"CREATE TRIGGER full BEFORE INSERT ON dialler BEGIN"
		" SELECT RAISE(ABORT, 'full'); END", NULL, NULL, NULL),
		SQLITE_OK);

	h->held = held;
	assert_int_equal(house_start(h), 0);
	assert_int_equal(switchboard_promise(h->sb, &snooze, settled, done),
			 0);
	sip_loop(is_settled, done, "it is snoozed");
	now = stored(h);
	assert_true(number_is(&now.number));
	house_stop(h);
	mem_deref(done);
	held_free(held);
}


/* ---- who gets the key ---------------------------------------------------- */

struct asked {
	bool answered;
	enum wire_type type;
	int32_t err;
};


static void replied(const struct wire_msg *msg, void *arg)
{
	struct asked *a = arg;

	a->answered = true;
	a->type = msg ? msg->type : WIRE_TYPES;
	if (msg && msg->type == WIRE_REFUSED)
		a->err = ((const struct wire_refused *)msg->payload)->err;
}


static bool is_answered(void *arg)
{
	return ((struct asked *)arg)->answered;
}


static void a_tool_does_not_get_the_key(void **state)
{
	const struct wire_none none = {0};
	struct house *h = *state;
	struct wire_conn *conn;
	struct asked asked = {false};

	assert_int_equal(house_start(h), 0);
	house_control(h);
	assert_int_equal(wire_connect(&conn, "run/line.sock", WIRE_TOOL,
				      WIRE_LINE, NULL, NULL, NULL), 0);
	assert_int_equal(wire_ask(conn, WIRE_KEY_TAKE, &none, NULL, 0, replied,
				  &asked), 0);
	sip_loop(is_answered, &asked, "an answer");
	assert_int_equal(asked.type, WIRE_REFUSED);
	assert_int_equal(asked.err, EPERM);
	mem_deref(conn);
	house_stop(h);
}


#define CASE(f) cmocka_unit_test_setup_teardown(f, house_open, house_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_next_line_with_the_same_key_rings),
		CASE(one_row_for_each_key),
		CASE(a_key_that_comes_back_opens),
		CASE(it_stays_if_it_cannot_be_sealed_anew),
		CASE(with_another_key_it_waits),
		CASE(a_page_brings_it_back),
		CASE(it_is_sealed_to_people_as_well),
		CASE(without_a_recovery_key_that_is_said),
		CASE(a_recovery_key_made_later_can_bring_it_back),
		CASE(at_the_next_start_as_well),
		CASE(it_stays_where_our_key_cannot_be_put_on_record),
		CASE(a_tool_does_not_get_the_key),
	};
	int err;

	if (sodium_init() < 0 || libre_init())
		return 1;
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
