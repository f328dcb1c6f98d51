/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * marks.c  Who is blocked or has a care plan, as the line knows it for a day.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "base/day.h"
#include "epoch/numbers.h"
#include "line/number.h"
#include "line/switchboard_parts.h"
#include "store/mark.h"

#include "clock.h"
#include "house.h"


#define NUMBER "+15550142"
#define OTHER "+15550143"
#define KNOWN "P-Asserted-Identity: <sip:" NUMBER "@p.invalid>\r\n"
#define SAME "P-Asserted-Identity: <tel:+1-555-0142>\r\n"
#define BLOCKED "SELECT count(*) FROM call WHERE outcome = 'blocked'"

enum { ANA = 1, BEN = 2, MARK = 77, EPOCH = 2 };

/* ringback-web, and what it was told */
struct web {
	struct house *h;
	struct wire_conn *conn;
	struct wire_counsellor c; /* of Ana */
	bool answered;
	int err;
	unsigned n_changed;       /* times that pages were told */
	struct wire_marked made;
	uint8_t blob[LIMIT_MARKS * sizeof(uint64_t)];
	size_t n_blob;
	uint8_t private[SEAL_KEY]; /* of the line's epoch */
};


static void on_event(struct wire_conn *conn, const struct wire_msg *msg,
		     void *arg)
{
	struct web *w = arg;
	(void)conn;

	if (msg->type == WIRE_COUNSELLOR)
		memcpy(&w->c, msg->payload, sizeof(w->c));
	else if (msg->type == WIRE_BOARD_CHANGED)
		w->n_changed +=
			((const struct wire_changed *)msg->payload)->marks;
}


static void on_reply(const struct wire_msg *msg, void *arg)
{
	struct web *w = arg;

	assert_non_null(msg);
	w->answered = true;
	w->err = 0;
	w->n_blob = msg->n_blob;
	assert_true(msg->n_blob <= sizeof(w->blob));
	memcpy(w->blob, msg->blob, msg->n_blob);
	if (msg->type == WIRE_REFUSED)
		w->err = ((const struct wire_refused *)msg->payload)->err;
	else if (msg->type == WIRE_MARK_MADE)
		memcpy(&w->made, msg->payload, sizeof(w->made));
}


static bool is_answered(void *arg)
{
	return ((struct web *)arg)->answered;
}


/* @return 0, or why it was refused */
static int ask(struct web *w, enum wire_type type, const void *payload,
	       const void *blob, size_t n)
{
	w->answered = false;
	assert_int_equal(wire_ask(w->conn, type, payload, blob, n, on_reply,
				  w), 0);
	sip_loop(is_answered, w, "an answer");

	return w->err;
}


static bool has_plan(void *arg)
{
	return ((struct web *)arg)->c.plan == 1;
}


static bool has_none(void *arg)
{
	return ((struct web *)arg)->c.plan == 0;
}


static bool is_talking(void *arg)
{
	return ((struct web *)arg)->c.state == PERSON_TALKING;
}


static void epoch_make(struct web *w)
{
	struct store_epoch e = {.id = EPOCH, .month = 12 * 2026};

	seal_pair(e.public, w->private);
	str_ncpy(e.line, "main", sizeof(e.line));
	assert_int_equal(store_epoch_add(w->h->tool, &e, NULL, 0), 0);
}


/* the line runs, Ana is on duty, and has a page */
static void begin(struct web *w, struct house *h)
{
	const struct wire_console c = {ANA, 1};

	memset(w, 0, sizeof(*w));
	w->h = h;
	epoch_make(w);
	assert_int_equal(house_start(h), 0);
	house_on_duty(h);
	house_control(h);
	assert_int_equal(wire_connect(&w->conn, "run/line.sock", WIRE_WEB,
				      WIRE_LINE, on_event, NULL, w), 0);
	assert_int_equal(ask(w, WIRE_CONSOLE, &c, NULL, 0), 0);
}


static void talk(struct web *w, struct sip_call *call, const char *headers)
{
	house_call(w->h, call, headers);
	(void)house_picks_up(&w->h->ana);
	sip_loop(is_talking, w, "a talk");
}


static int make(struct web *w, uint64_t mark)
{
	const struct wire_mark what = {.mark = mark, .offer = w->c.offer,
				       .person = ANA};

	return ask(w, WIRE_MARK_MAKE, &what, NULL, 0);
}


static void changed(struct web *w)
{
	const struct wire_none none = {0};

	assert_int_equal(ask(w, WIRE_MARKS_CHANGED, &none, NULL, 0), 0);
}


/* as ringback-web writes it; days: until its review */
static void mark_write(struct web *w, uint64_t id, enum store_mark_kind kind,
		       int days)
{
	struct store_mark m = {
		.id = id, .kind = kind, .call = 1, .person = ANA,
		.reason = kind == STORE_MARK_PLAN ? STORE_MARK_CARE
						  : STORE_MARK_ABUSE,
		.made_day = day_today() - 20, .epoch = EPOCH,
	};

	m.review_day = (uint32_t)((int)day_today() + days);
	str_ncpy(m.line, "main", sizeof(m.line));
	memcpy(m.sealed, w->blob, sizeof(m.sealed));
	assert_int_equal(store_mark_add(w->h->tool, &m), 0);
	changed(w);
}


static struct marks_found look(const struct web *w, const char *number)
{
	const struct switchboard *sb = w->h->sb;
	struct secret_text text;

	assert_int_equal(secret_set(&text, number, strlen(number)), 0);

	return marks_look(sb->marks, 0, handle_of(sb->handles, 0, &text));
}


/* which marks the line knows the numbers of */
static size_t n_known(struct web *w)
{
	const struct wire_none none = {0};

	assert_int_equal(ask(w, WIRE_MARKS, &none, NULL, 0), 0);

	return w->n_blob / sizeof(uint64_t);
}


static int tell_as(struct web *w, uint32_t person, uint64_t mark,
		   const char *number, uint32_t ahead)
{
	struct wire_mark_index index = {.person = person};
	struct wire_mark_number row = {.mark = mark};
	struct store_number sealed;
	struct store_dialler d;
	struct secret_text text;

	assert_int_equal(store_dialler_current(w->h->tool, &d), 0);
	assert_int_equal(secret_set(&text, number, strlen(number)), 0);
	assert_int_equal(number_seal(&sealed, &d, NULL, number_of_mark(mark),
				     &text), 0);
	memcpy(row.sealed, sealed.for_dialler, sizeof(row.sealed));
	index.dialler = d.id + ahead;

	return ask(w, WIRE_MARK_INDEX, &index, &row, sizeof(row));
}


static int tell_number(struct web *w, uint64_t mark, const char *number)
{
	return tell_as(w, ANA, mark, number, 0);
}


/* another day, and this one again: the clock on the wall goes on meanwhile */
static void the_day_ends(struct web *w)
{
	struct switchboard *sb = w->h->sb;
	const int64_t day = wall_day(wall_now());

	for (int i = 1; i >= 0; i--) {
		handles_day(sb->handles, day + i);
		marks_day(sb->marks, day + i);
	}
}


/* ---- made in a talk ------------------------------------------------------ */

static void its_number_is_sealed(struct web *w)
{
	const struct seal_about about = {.kind = SEAL_NUMBER, .epoch = EPOCH,
					 .subject = number_of_mark(MARK)};
	uint8_t text[STORE_NUMBER];
	size_t n;

	assert_int_equal(w->n_blob, STORE_NUMBER);
	assert_int_equal(seal_open(text, &n, &about, w->private, w->blob,
				   STORE_NUMBER), 0);
	assert_int_equal(n, strlen(NUMBER));
	assert_memory_equal(text, NUMBER, n);
}


static void from_then_on(void **state)
{
	struct sip_call call, again;
	struct house *h = *state;
	struct web w;

	begin(&w, h);
	talk(&w, &call, KNOWN);
	assert_int_equal(make(&w, MARK), 0);
	assert_int_equal(w.made.mark, MARK);
	assert_int_equal(w.made.call, 1);
	assert_int_equal(w.made.epoch, EPOCH);
	its_number_is_sealed(&w);
	/* as long as it is not written it means nothing */
	assert_false(look(&w, NUMBER).blocked);
	mark_write(&w, MARK, STORE_MARK_BLOCK, 30);
	assert_int_equal(n_known(&w), 1);
	assert_true(look(&w, NUMBER).blocked);
	assert_int_equal(look(&w, NUMBER).plan, 0);
	assert_false(look(&w, OTHER).blocked);
	assert_false(look(&w, "").blocked);
	/* the talk goes on */
	assert_int_equal(house_count(h, BLOCKED), 0);

	/* the same, however it is written */
	house_call(h, &again, SAME);
	house_await(h, BLOCKED " AND id = 2");
	assert_int_equal(w.c.state, PERSON_TALKING);
	assert_int_equal(store_mark_remove(h->tool, MARK), 0);
	changed(&w);
	assert_false(look(&w, NUMBER).blocked);
	assert_int_equal(n_known(&w), 0);
	mem_deref(w.conn);
}


static void only_of_ones_own_talk(void **state)
{
	struct wire_mark what = {.mark = MARK, .person = BEN};
	struct house *h = *state;
	struct sip_call call;
	struct web w;

	begin(&w, h);
	talk(&w, &call, KNOWN);
	assert_int_equal(ask(&w, WIRE_MARK_MAKE, &what, NULL, 0), EINVAL);
	what.offer = w.c.offer;
	assert_int_equal(ask(&w, WIRE_MARK_MAKE, &what, NULL, 0), ENOENT);
	what.offer = 0;
	what.call = 2;
	assert_int_equal(ask(&w, WIRE_MARK_MAKE, &what, NULL, 0), ENOENT);
	what.call = 1;
	assert_int_equal(ask(&w, WIRE_MARK_MAKE, &what, NULL, 0), 0);
	what.mark = 0;
	assert_int_equal(ask(&w, WIRE_MARK_MAKE, &what, NULL, 0), EINVAL);
	mem_deref(w.conn);
}


static void nobody_who_withholds_it(void **state)
{
	struct house *h = *state;
	struct sip_call call;
	struct web w;

	begin(&w, h);
	talk(&w, &call, KNOWN "Privacy: id\r\n");
	assert_int_equal(make(&w, MARK), ENODATA);
	mem_deref(w.conn);
}


static void not_without_a_key(void **state)
{
	struct house *h = *state;
	struct sip_call call;
	struct web w;

	begin(&w, h);
	talk(&w, &call, KNOWN);
	assert_int_equal(sqlite3_exec(h->db, "UPDATE epoch SET current = 0",
				      NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(make(&w, MARK), ENOKEY);
	mem_deref(w.conn);
}


static void a_plan_is_shown(void **state)
{
	struct sip_call call;
	struct house *h = *state;
	struct web w;

	begin(&w, h);
	talk(&w, &call, KNOWN);
	assert_int_equal(w.c.plan, 0);
	assert_int_equal(make(&w, MARK), 0);
	mark_write(&w, MARK, STORE_MARK_PLAN, 300);
	assert_false(look(&w, NUMBER).blocked);
	assert_int_equal(look(&w, NUMBER).plan, MARK);
	sip_loop(has_plan, &w, "a plan is shown");
	/* what is known of this call stays, until it is taken back */
	the_day_ends(&w);
	assert_int_equal(look(&w, NUMBER).plan, 0);
	changed(&w);
	(void)n_known(&w);
	assert_int_equal(w.c.plan, 1);
	assert_int_equal(store_mark_remove(h->tool, MARK), 0);
	changed(&w);
	sip_loop(has_none, &w, "no plan is shown");
	mem_deref(w.conn);
}


/* ---- told by a page ------------------------------------------------------ */

static void for_a_day(void **state)
{
	struct house *h = *state;
	struct web w;

	begin(&w, h);
	mark_write(&w, MARK, STORE_MARK_BLOCK, 30);
	assert_int_equal(n_known(&w), 0);
	assert_int_equal(tell_number(&w, MARK, NUMBER), 0);
	assert_int_equal(n_known(&w), 1);
	assert_true(look(&w, NUMBER).blocked);
	w.n_changed = 0;
	the_day_ends(&w);
	assert_false(look(&w, NUMBER).blocked);
	assert_int_equal(n_known(&w), 0);
	assert_true(w.n_changed > 0);
	assert_int_equal(tell_number(&w, MARK, NUMBER), 0);
	assert_true(look(&w, NUMBER).blocked);

	/* another life */
	house_stop(h);
	mem_deref(w.conn);
	assert_int_equal(house_start(h), 0);
	assert_false(look(&w, NUMBER).blocked);
}


static void not_when_its_day_has_come(void **state)
{
	struct house *h = *state;
	struct web w;

	begin(&w, h);
	mark_write(&w, MARK, STORE_MARK_BLOCK, 0);
	mark_write(&w, MARK + 1, STORE_MARK_BLOCK, 2);
	assert_int_equal(tell_number(&w, MARK, NUMBER), 0);
	assert_int_equal(tell_number(&w, MARK + 1, OTHER), 0);
	assert_false(look(&w, NUMBER).blocked);
	assert_true(look(&w, OTHER).blocked);
	mem_deref(w.conn);
}


static void sealed_as_it_must_be(void **state)
{
	const struct wire_mark_index index = {.person = ANA, .dialler = 1};
	struct wire_mark_number row = {.mark = MARK};
	struct house *h = *state;
	struct web w;

	begin(&w, h);
	mark_write(&w, MARK, STORE_MARK_BLOCK, 30);
	assert_int_equal(tell_as(&w, ANA, MARK, NUMBER, 1), ESTALE);
	assert_int_equal(tell_as(&w, 0, MARK, NUMBER, 0), EINVAL);
	assert_int_equal(ask(&w, WIRE_MARK_INDEX, &index, &row, sizeof(row)),
			 EBADMSG);
	assert_int_equal(ask(&w, WIRE_MARK_INDEX, &index, &row,
			     sizeof(row) - 1), EINVAL);
	assert_int_equal(n_known(&w), 0);
	/* of no mark: nobody hears that there is none */
	assert_int_equal(tell_number(&w, MARK + 1, NUMBER), 0);
	assert_int_equal(n_known(&w), 0);
	assert_false(look(&w, NUMBER).blocked);
	mem_deref(w.conn);
}


#define DISPUTED "SELECT count(*) FROM audit WHERE what = 'mark_disputed'"


/* nobody frees who is blocked, nor has somebody else blocked in their place */
static void what_is_told_first_holds(void **state)
{
	struct house *h = *state;
	struct web w;

	begin(&w, h);
	mark_write(&w, MARK, STORE_MARK_BLOCK, 30);
	assert_int_equal(tell_number(&w, MARK, NUMBER), 0);
	assert_int_equal(tell_as(&w, BEN, MARK, NUMBER, 0), 0);
	assert_int_equal(tell_as(&w, BEN, MARK, OTHER, 0), 0);
	assert_true(look(&w, NUMBER).blocked);
	assert_false(look(&w, OTHER).blocked);
	assert_int_equal(n_known(&w), 1);
	/* of Ben, and not of who tells the same again */
	house_await(h, DISPUTED " AND person = 2 AND detail = '77'");
	assert_int_equal(house_count(h, DISPUTED), 1);

	/* another day */
	the_day_ends(&w);
	assert_int_equal(tell_number(&w, MARK, OTHER), 0);
	assert_true(look(&w, OTHER).blocked);
	assert_false(look(&w, NUMBER).blocked);
	assert_int_equal(house_count(h, DISPUTED), 1);
	mem_deref(w.conn);
}


/* what the line heard in the talk was told first */
static void nor_is_the_call_doubted(void **state)
{
	struct sip_call call;
	struct house *h = *state;
	struct web w;

	begin(&w, h);
	talk(&w, &call, KNOWN);
	assert_int_equal(make(&w, MARK), 0);
	mark_write(&w, MARK, STORE_MARK_BLOCK, 30);
	assert_int_equal(tell_number(&w, MARK, OTHER), 0);
	house_await(h, DISPUTED " AND person = 1");
	assert_true(look(&w, NUMBER).blocked);
	assert_false(look(&w, OTHER).blocked);
	mem_deref(w.conn);
}


/* who tries one number after the other */
static void not_again_and_again(void **state)
{
	struct house *h = *state;
	struct web w;

	begin(&w, h);
	mark_write(&w, MARK, STORE_MARK_PLAN, 30);
	assert_int_equal(tell_number(&w, MARK, NUMBER), 0);
	for (int i = 0; i < MARKS_ANEW; i++)
		assert_int_equal(tell_number(&w, MARK, OTHER), 0);
	assert_int_equal(tell_number(&w, MARK, NUMBER), EDQUOT);
	assert_int_equal(tell_as(&w, BEN, MARK, NUMBER, 0), 0);
	assert_int_equal(look(&w, NUMBER).plan, MARK);
	assert_int_equal(look(&w, OTHER).plan, 0);

	clock_get()->ahead_ms = 3600000;
	assert_int_equal(tell_number(&w, MARK, OTHER), 0);
	mem_deref(w.conn);
}


#define CASE(name)                                                            \
	cmocka_unit_test_setup_teardown(name, house_open, house_close)


int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(from_then_on),
		CASE(only_of_ones_own_talk),
		CASE(nobody_who_withholds_it),
		CASE(not_without_a_key),
		CASE(a_plan_is_shown),
		CASE(for_a_day),
		CASE(not_when_its_day_has_come),
		CASE(sealed_as_it_must_be),
		CASE(what_is_told_first_holds),
		CASE(nor_is_the_call_doubted),
		CASE(not_again_and_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
