/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web_marks.c  Blocks and care plans: the handlers of the API, with a line that
 * answers in one line.
 */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "base/day.h"
#include "epoch/epochs.h"
#include "epoch/numbers.h"
#include "seal/wrap.h"
#include "store/audit.h"
#include "store/mark.h"
#include "web/bridge.h"
#include "web/sealed.h"

#include "web_house.h"


enum { CALL = 5, OFFER = 9 };

/* what the line has been asked, and knows */
struct line {
	unsigned n_changed;
	struct wire_mark made;
	struct wire_mark_index index;
	struct wire_mark_number numbers[WIRE_MARKS_MOST];
	size_t n;
	uint64_t known;
};

struct someone {
	char cookie[HTTP_COOKIE];
	uint32_t id;
};


/* ---- the line ------------------------------------------------------------ */

static struct line *line_of(const struct house *h)
{
	return h->line;
}


static void say(struct request *req, const struct bridge_ask *ask_,
		const void *payload, const void *blob, size_t n)
{
	const struct wire_msg msg = {.type = ask_->answer, .id = 1,
				     .payload = payload, .blob = blob,
				     .n_blob = n};

	if (ask_->replyh)
		ask_->replyh(req, &msg, ask_->arg);
	else
		request_done(req);
}


static uint64_t epoch_now(struct house *h)
{
	struct store_epoch e;

	assert_int_equal(store_epoch_current(h->web.store, "main", &e), 0);

	return e.id;
}


static void is_made(struct house *h, struct request *req,
		    const struct bridge_ask *ask_)
{
	const uint8_t sealed[STORE_NUMBER] = {'s', 'e', 'a', 'l'};
	struct wire_marked made = {.call = CALL};
	struct line *line = line_of(h);

	memcpy(&line->made, ask_->payload, sizeof(line->made));
	made.mark = line->made.mark;
	made.epoch = epoch_now(h);
	say(req, ask_, &made, sealed, sizeof(sealed));
}


static void is_told(struct house *h, struct request *req,
		    const struct bridge_ask *ask_)
{
	struct line *line = line_of(h);

	memcpy(&line->index, ask_->payload, sizeof(line->index));
	assert_true(ask_->n_blob <= sizeof(line->numbers));
	memcpy(line->numbers, ask_->blob, ask_->n_blob);
	line->n = ask_->n_blob / sizeof(line->numbers[0]);
	say(req, ask_, NULL, NULL, 0);
}


static void line_asked(struct house *h, struct request *req,
		       const struct bridge_ask *ask_)
{
	const struct wire_marks marks = {.day = 4711};
	struct line *line = line_of(h);

	if (ask_->type == WIRE_MARK_MAKE) {
		is_made(h, req, ask_);
	}
	else if (ask_->type == WIRE_MARK_INDEX) {
		is_told(h, req, ask_);
	}
	else if (ask_->type == WIRE_MARKS) {
		say(req, ask_, &marks, &line->known,
		    line->known ? sizeof(line->known) : 0);
	}
	else {
		assert_int_equal(ask_->type, WIRE_MARKS_CHANGED);
		++line->n_changed;
		say(req, ask_, NULL, NULL, 0);
	}
}


/* ---- at the desks -------------------------------------------------------- */

static void recovery_make(struct house *h)
{
	struct store_recovery r = {.need = 1, .made_at = accounts_now(),
				   .n = 1};
	uint8_t private[SEAL_KEY];

	seal_pair(r.public, private);
	memset(r.shares[0].hash, 1, STORE_HASH);
	assert_int_equal(store_recovery_put(h->web.store, &r), 0);
}


static void at(struct house *h, const struct someone *p)
{
	memcpy(h->cookie, p->cookie, sizeof(h->cookie));
}


static struct someone someone(struct house *h, const char *name,
			      const char *on, const char *role)
{
	uint8_t public[SEAL_KEY], private[SEAL_KEY], wrapped[WRAP_SIZE];
	static const uint8_t wrapping[SEAL_KEY] = {7};
	char proof[PROOF_TEXT];
	struct someone p = {.id = person_new(h, name, on, role)};

	joins(h, p.id, (uint8_t)p.id);
	memcpy(p.cookie, h->cookie, sizeof(p.cookie));
	seal_pair(public, private);
	wrap_make(wrapped, private, wrapping);
	encode(proof, (uint8_t)p.id, PROOF_BYTES);
	assert_int_equal(post(h, "/vault", json_pack(
		"{s:o, s:o, s:s}", "public", sealed_json(public, SEAL_KEY),
		"wrapped", sealed_json(wrapped, sizeof(wrapped)), "proof",
		proof)), 200);

	return p;
}


/* a counsellor of the line, who is at the page; its coordinator; and one of
 * another line */
struct team {
	struct someone bo, chief, other;
};


static struct team team_make(struct house *h)
{
	struct store_call call = a_call(CALL);
	struct team team;

	SET(call.line, "main");
	assert_int_equal(store_call_put(h->web.store, &call, NULL, NULL), 0);
	recovery_make(h);
	team.bo = someone(h, "Bo", "main", "counsellor");
	team.chief = someone(h, "Chief", "main", "coordinator");
	team.other = someone(h, "Other", "youth", "coordinator");
	at(h, &team.bo);

	return team;
}


static json_t *wish(const char *kind, const char *reason, int days)
{
	return json_pack("{s:s, s:s, s:i}", "kind", kind, "reason", reason,
			 "review_days", days);
}


static unsigned make(struct house *h, const char *kind, const char *reason,
		     int days)
{
	return ask(h, ROUTE_POST, "/talk/{offer}/mark", OFFER,
		   wish(kind, reason, days));
}


static uint64_t a_block(struct house *h)
{
	assert_int_equal(make(h, "block", "prank", 30), 200);

	return (uint64_t)json_integer_value(json_object_get(h->answer,
							    "mark"));
}


static struct store_mark mark_of(struct house *h, uint64_t id)
{
	struct store_mark m;

	assert_int_equal(store_mark_get(h->web.store, id, &m), 0);

	return m;
}


/* how many somebody sees; the first is kept */
static size_t n_seen(struct house *h, const struct someone *p,
		     const json_t **firstp)
{
	const json_t *list;

	at(h, p);
	assert_int_equal(ask(h, ROUTE_GET, "/marks", 0, NULL), 200);
	list = json_object_get(h->answer, "marks");
	*firstp = json_array_get(list, 0);

	return json_array_size(list);
}


struct rows {
	struct store_audit last;
	unsigned n;
};


static bool row_count(const struct store_audit *row, void *arg)
{
	struct rows *rows = arg;

	if (strncmp(row->what, "mark", 4) == 0) {
		++rows->n;
		rows->last = *row;
	}

	return false;
}


static struct rows on_record(struct house *h)
{
	struct rows rows = {.n = 0};

	assert_int_equal(store_audit_each(h->web.store, 0, row_count, &rows),
			 0);

	return rows;
}


/* ---- making -------------------------------------------------------------- */

static void test_made(void **state)
{
	struct house *h = *state;
	const struct team team = team_make(h);
	struct rows rows;
	struct store_mark m;
	uint64_t id;

	at(h, &team.bo);
	id = a_block(h);
	assert_int_equal(line_of(h)->made.offer, OFFER);
	assert_int_equal(line_of(h)->made.call, 0);
	assert_int_equal(line_of(h)->made.person, team.bo.id);
	assert_int_equal(line_of(h)->made.mark, id);
	assert_int_equal(line_of(h)->n_changed, 1);
	m = mark_of(h, id);
	assert_string_equal(m.line, "main");
	assert_int_equal(m.reason, STORE_MARK_PRANK);
	assert_int_equal(m.call, CALL);
	assert_int_equal(m.person, team.bo.id);
	assert_int_equal(m.review_day - m.made_day, 30);
	assert_int_equal(m.sealed[0], 's');
	rows = on_record(h);
	assert_int_equal(rows.n, 1);
	assert_string_equal(rows.last.what, "mark_made");
	assert_string_equal(rows.last.detail, "prank");
	assert_int_equal(rows.last.call, CALL);
	assert_int_equal(rows.last.person, team.bo.id);
}


static void test_none_is_for_ever(void **state)
{
	static const struct {
		const char *kind, *reason;
		int days;
	} bad[] = {
		{"block", "abuse", 91}, {"block", "abuse", 0},
		{"block", "abuse", -1}, {"plan", "plan", 366},
		{"block", "plan", 1},   {"plan", "abuse", 1},
		{"ban", "abuse", 1},    {"block", "rude", 1},
	};
	struct house *h = *state;

	(void)team_make(h);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(make(h, bad[i].kind, bad[i].reason,
				      bad[i].days), 400);
	assert_int_equal(line_of(h)->made.mark, 0);
	assert_int_equal(on_record(h).n, 0);
	assert_int_equal(make(h, "block", "abuse", 90), 200);
	assert_int_equal(make(h, "plan", "plan", 365), 200);
}


/* of an open promise: its line's coordinators alone */
static void test_of_a_call(void **state)
{
	struct house *h = *state;
	const struct team team = team_make(h);
	const char *path = "/calls/{call}/mark";

	assert_int_equal(ask(h, ROUTE_POST, path, CALL,
			     wish("block", "flood", 9)), 403);
	at(h, &team.other);
	assert_int_equal(ask(h, ROUTE_POST, path, CALL,
			     wish("block", "flood", 9)), 404);
	at(h, &team.chief);
	assert_int_equal(ask(h, ROUTE_POST, path, CALL + 1,
			     wish("block", "flood", 9)), 404);
	assert_int_equal(line_of(h)->made.mark, 0);
	assert_int_equal(ask(h, ROUTE_POST, path, CALL,
			     wish("block", "flood", 9)), 200);
	assert_int_equal(line_of(h)->made.call, CALL);
	assert_int_equal(line_of(h)->made.offer, 0);
}


/* ---- looking at them again ----------------------------------------------- */

static void test_seen(void **state)
{
	struct house *h = *state;
	const struct team team = team_make(h);
	const struct store_epoch next = {.id = 900, .line = "main",
					 .month = 24400, .public = {9}};
	const json_t *first;
	const uint64_t id = a_block(h);

	line_of(h)->known = id;
	assert_int_equal(n_seen(h, &team.bo, &first), 1);
	assert_int_equal(json_integer_value(json_object_get(first, "mark")),
			 id);
	assert_true(json_is_true(json_object_get(first, "indexed")));
	assert_true(json_is_false(json_object_get(first, "due")));
	assert_true(json_is_string(json_object_get(first, "sealed")));
	assert_int_equal(json_integer_value(json_object_get(h->answer,
							    "day")), 4711);
	assert_true(json_is_null(json_object_get(h->answer, "dialler")));
	assert_int_equal(n_seen(h, &team.chief, &first), 1);
	assert_int_equal(n_seen(h, &team.other, &first), 0);

	/* what nobody can open any more is not handed out */
	line_of(h)->known = 0;
	assert_int_equal(store_epoch_add(h->web.store, &next, NULL, 0), 0);
	assert_int_equal(store_epoch_drop(h->web.store,
					  mark_of(h, id).epoch), 0);
	assert_int_equal(n_seen(h, &team.bo, &first), 1);
	assert_true(json_is_null(json_object_get(first, "sealed")));
	assert_true(json_is_null(json_object_get(first, "epoch")));
	assert_true(json_is_false(json_object_get(first, "indexed")));
}


static unsigned review(struct house *h, uint64_t id, json_t *body)
{
	return ask(h, ROUTE_POST, "/marks/{id}/review", id, body);
}


static json_t *anew(struct house *h, uint64_t epoch, uint64_t said, int days)
{
	const struct seal_about about = {.kind = SEAL_NUMBER, .epoch = epoch,
					 .subject = 1};
	uint8_t sealed[STORE_NUMBER];
	struct store_epoch e;

	assert_int_equal(store_epoch_current(h->web.store, "main", &e), 0);
	assert_int_equal(seal_make(sealed, &about, e.public,
				   (const uint8_t *)"+1", 2), 0);

	return json_pack("{s:i, s:o, s:o}", "review_days", days, "epoch",
			 sealed_number_json(said), "sealed",
			 sealed_json(sealed, sizeof(sealed)));
}


static void test_reviewed(void **state)
{
	struct house *h = *state;
	const struct team team = team_make(h);
	const uint64_t id = a_block(h), old = epoch_now(h);
	struct store_mark m;
	uint64_t now;

	assert_int_equal(review(h, id, json_pack("{s:i}", "review_days", 9)),
			 403);
	at(h, &team.other);
	assert_int_equal(review(h, id, json_pack("{s:i}", "review_days", 9)),
			 404);
	at(h, &team.chief);
	assert_int_equal(review(h, id, json_pack("{s:i}", "review_days", 91)),
			 400);
	assert_int_equal(review(h, id, json_pack("{s:i, s:s}", "review_days",
						 9, "epoch", "1")), 400);
	assert_int_equal(review(h, id, anew(h, old, old + 1, 9)), 400);
	assert_int_equal(on_record(h).n, 1);
	assert_int_equal(review(h, id, json_pack("{s:i}", "review_days", 9)),
			 200);
	m = mark_of(h, id);
	assert_int_equal(m.review_day, day_today() + 9);
	assert_int_equal(m.sealed[0], 's');

	/* somebody comes: another epoch; sealed to it, and not to the one before
	 * last */
	(void)someone(h, "Cy", "main", "counsellor");
	at(h, &team.chief);
	now = epoch_now(h);
	assert_int_not_equal(now, old);
	assert_int_equal(review(h, id, anew(h, now, now, 90)), 200);
	m = mark_of(h, id);
	assert_int_equal(m.epoch, now);
	assert_int_equal(m.sealed[0], 'R');
	assert_int_equal(review(h, id, anew(h, old, old, 90)), 409);
	assert_int_equal(line_of(h)->n_changed, 3);
	assert_int_equal(on_record(h).n, 3);
	assert_string_equal(on_record(h).last.detail, "sealed_anew");
}


static void test_removed(void **state)
{
	struct house *h = *state;
	const struct team team = team_make(h);
	const uint64_t id = a_block(h);
	const char *path = "/marks/{id}/remove";
	struct store_mark m;

	assert_int_equal(ask(h, ROUTE_POST, path, id, json_object()), 403);
	at(h, &team.other);
	assert_int_equal(ask(h, ROUTE_POST, path, id, json_object()), 404);
	at(h, &team.chief);
	assert_int_equal(ask(h, ROUTE_POST, path, id, json_object()), 200);
	assert_int_equal(ask(h, ROUTE_POST, path, id, json_object()), 404);
	assert_int_equal(store_mark_get(h->web.store, id, &m), ENOENT);
	assert_int_equal(line_of(h)->n_changed, 2);
	assert_string_equal(on_record(h).last.what, "mark_removed");
}


/* ---- telling the line ---------------------------------------------------- */

static json_t *row(uint64_t mark, uint64_t head)
{
	const struct seal_about about = {.kind = SEAL_NUMBER, .epoch = head,
					 .subject = number_of_mark(mark)};
	uint8_t public[SEAL_KEY], private[SEAL_KEY], sealed[STORE_NUMBER];

	seal_pair(public, private);
	assert_int_equal(seal_make(sealed, &about, public,
				   (const uint8_t *)"+1", 2), 0);

	return json_pack("{s:I, s:o}", "mark", (json_int_t)mark, "sealed",
			 sealed_json(sealed, sizeof(sealed)));
}


static unsigned tell(struct house *h, int dialler, json_t *rows)
{
	return post(h, "/marks/index", json_pack("{s:i, s:o}", "dialler",
						 dialler, "marks", rows));
}


static void test_told(void **state)
{
	struct house *h = *state;
	const struct team team = team_make(h);
	const uint64_t id = a_block(h);
	json_t *many = json_array(), *some = json_array();
	size_t n;
	char detail[STORE_AUDIT_DETAIL];

	/* of two, the one that is there */
	assert_int_equal(tell(h, 3, json_pack("[o, o]", row(id + 1, 3),
					      row(id, 3))), 200);
	assert_int_equal(json_object_size(h->answer), 0);
	assert_int_equal(line_of(h)->n, 1);
	assert_int_equal(line_of(h)->numbers[0].mark, id);
	assert_int_equal(line_of(h)->index.person, team.bo.id);
	assert_int_equal(line_of(h)->index.dialler, 3);
	assert_string_equal(on_record(h).last.what, "marks_indexed");
	(void)snprintf(detail, sizeof(detail), "%" PRIu64, id);
	assert_string_equal(on_record(h).last.detail, detail);

	/* however many: each id is on record */
	for (int i = 0; i < 32; i++)
		(void)json_array_append_new(some, row(a_block(h), 3));
	n = on_record(h).n;
	assert_int_equal(tell(h, 3, some), 200);
	assert_true(on_record(h).n > n + 1);
	n = on_record(h).n;
	(void)snprintf(detail, sizeof(detail), "%" PRIu64,
		       line_of(h)->numbers[31].mark);
	assert_non_null(strstr(on_record(h).last.detail, detail));

	/* none of theirs: the same answer, and the line hears nothing */
	line_of(h)->n = 0;
	at(h, &team.other);
	assert_int_equal(tell(h, 3, json_pack("[o]", row(id, 3))), 200);
	assert_int_equal(json_object_size(h->answer), 0);
	assert_int_equal(line_of(h)->n, 0);

	/* sealed to another key than it says, too many, nonsense */
	at(h, &team.bo);
	assert_int_equal(tell(h, 3, json_pack("[o]", row(id, 4))), 400);
	assert_int_equal(tell(h, 0, json_array()), 400);
	assert_int_equal(tell(h, 3, json_pack("[{s:I}]", "mark",
					      (json_int_t)id)), 400);
	for (int i = 0; i <= WIRE_MARKS_MOST; i++)
		(void)json_array_append_new(many, row(id, 3));
	assert_int_equal(tell(h, 3, many), 400);
	assert_int_equal(on_record(h).n, n);
}


static int begin(void **state)
{
	const int err = setup(state);
	struct house *h = *state;

	h->line = test_calloc(1, sizeof(struct line));
	h->lineh = line_asked;

	return err;
}


static int end(void **state)
{
	struct house *h = *state;

	test_free(h->line);

	return teardown(state);
}


#define MARK_CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MARK_CASE(test_made),
		MARK_CASE(test_none_is_for_ever),
		MARK_CASE(test_of_a_call),
		MARK_CASE(test_seen),
		MARK_CASE(test_reviewed),
		MARK_CASE(test_removed),
		MARK_CASE(test_told),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
