/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web_numbers.c  /vault/numbers: what waits goes to a page, and comes back sealed
 * to the key that the line has now, or not at all.
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
#include "epoch/telephones.h"

#include "web_house.h"

#include "web/bridge.h"
#include "web/sealed.h"

#define PATH "/vault/numbers"


/* the line's key is a new one; @return its id */
static uint32_t dialler_new(struct house *h)
{
	struct store_dialler d = {.made_at = 1};
	uint8_t private[SEAL_KEY];

	seal_pair(d.public, private);
	assert_int_equal(store_dialler_add(h->web.store, &d), 0);

	return d.id;
}


/* number 9 is the house's epoch, when Bo's number was sealed */
static uint32_t bo_waits(struct house *h)
{
	struct store_person p = a_person("Bo", "");

	p.number.dialler = dialler_new(h);
	p.number.epoch = 9;
	assert_int_equal(store_person_add(h->web.store, &p), 0);

	return p.id;
}


/* as the page of somebody seals it, to the current key */
static json_t *anew(struct house *h, const char *kind, uint32_t person)
{
	const struct secret_text number = {"+15550100"};
	struct store_dialler d;
	struct store_number n;

	assert_int_equal(store_dialler_current(h->web.store, &d), 0);
	assert_int_equal(number_seal(&n, &d, NULL, number_of_person(person),
				     &number), 0);

	return json_pack("{s:s, s:I, s:o}", "kind", kind, "id",
			 (json_int_t)person, "sealed",
			 sealed_json(n.for_dialler, STORE_NUMBER));
}


static unsigned back(struct house *h, uint32_t dialler, json_t *number)
{
	return post(h, PATH, json_pack("{s:I, s:[o]}", "dialler",
				       (json_int_t)dialler, "numbers",
				       number));
}


static size_t n_waiting(struct house *h)
{
	assert_int_equal(ask(h, ROUTE_GET, PATH, 0, NULL), 200);

	return json_array_size(json_object_get(h->answer, "numbers"));
}


static long long taken(const struct house *h)
{
	return json_integer_value(json_object_get(h->answer, "taken"));
}


static void test_there_and_back(void **state)
{
	struct house *h = *state;
	struct store_person p;
	const json_t *d;
	uint32_t bo, now;

	joins(h, person_new(h, "Eva", "", "coordinator"), 7);
	assert_int_equal(n_waiting(h), 0);
	assert_true(json_is_null(json_object_get(h->answer, "dialler")));
	assert_int_equal(back(h, 1, json_object()), 409);

	bo = bo_waits(h);
	assert_int_equal(n_waiting(h), 0);
	now = dialler_new(h);
	assert_int_equal(n_waiting(h), 1);
	d = json_object_get(h->answer, "dialler");
	assert_int_equal(json_integer_value(json_object_get(d, "id")), now);

	assert_int_equal(back(h, now, anew(h, "phone", bo)), 200);
	assert_int_equal(taken(h), 1);
	assert_int_equal(n_waiting(h), 0);
	assert_int_equal(store_person_find(h->web.store, bo, &p), 0);
	assert_int_equal(p.number.dialler, now);
	assert_int_equal(back(h, now, anew(h, "phone", bo)), 200);
	assert_int_equal(taken(h), 0);
	assert_int_equal(back(h, now, anew(h, "phone", 99)), 200);
	assert_int_equal(taken(h), 0);
}


static void test_refused(void **state)
{
	struct house *h = *state;
	struct store_person p;
	json_t *number;
	uint32_t bo, old, now;

	bo = bo_waits(h);
	old = dialler_new(h);
	joins(h, person_new(h, "Eva", "", "coordinator"), 7);
	number = anew(h, "phone", bo);
	now = dialler_new(h);

	/* the power went once more meanwhile */
	assert_int_equal(back(h, old, json_deep_copy(number)), 409);
	assert_string_equal(word(h, "error"), "dialler_changed");
	assert_int_equal(back(h, now, number), 409);

	assert_int_equal(back(h, now, anew(h, "else", bo)), 400);
	number = anew(h, "phone", bo);
	(void)json_object_set_new(number, "sealed", json_string("UkJT"));
	assert_int_equal(back(h, now, number), 400);
	number = anew(h, "phone", bo);
	(void)json_object_set_new(number, "id", json_integer(0));
	assert_int_equal(back(h, now, number), 400);
	number = anew(h, "phone", bo);
	(void)json_object_set_new(number, "more", json_true());
	assert_int_equal(back(h, now, number), 400);
	assert_int_equal(post(h, PATH, json_pack("{s:I, s:s}", "dialler",
						 (json_int_t)now, "numbers",
						 "none")), 400);

	/* who coordinates one line alone */
	joins(h, person_new(h, "Cy", "main", "coordinator"), 8);
	assert_int_equal(n_waiting(h), 0);
	assert_int_equal(back(h, now, anew(h, "phone", bo)), 403);
	assert_int_equal(store_person_find(h->web.store, bo, &p), 0);
	assert_int_not_equal(p.number.dialler, now);
}


/* ---- callers' ------------------------------------------------------------ */

static void owed(struct house *h, uint64_t call, const char *line,
		 uint32_t dialler, uint64_t epoch)
{
	struct store_call c = a_call(call);
	struct store_promise p = a_promise(call, "");

	(void)snprintf(c.line, sizeof(c.line), "%s", line);
	assert_int_equal(store_call_put(h->web.store, &c, NULL, NULL), 0);
	p.number.dialler = dialler;
	p.number.epoch = epoch;
	assert_int_equal(store_promise_put(h->web.store, &p, NULL, NULL), 0);
}


static struct {
	unsigned n;
	struct wire_number_back back;
	struct wire_number_row row;
} told;


/* it takes one of them */
static void line_takes(struct house *h, struct request *req,
		       const struct bridge_ask *a)
{
	const struct wire_number_taken payload = {.n = 1};
	const struct wire_msg msg = {.type = WIRE_NUMBER_TAKEN,
				     .payload = &payload};

	(void)h;
	assert_int_equal(a->type, WIRE_NUMBER_BACK);
	assert_int_equal(a->answer, WIRE_NUMBER_TAKEN);
	told.n = (unsigned)(a->n_blob / sizeof(told.row));
	told.back = *(const struct wire_number_back *)a->payload;
	memcpy(&told.row, a->blob, sizeof(told.row));
	a->replyh(req, &msg, a->arg);
}


static void test_callers(void **state)
{
	struct house *h = *state;
	const uint32_t old = dialler_new(h), now = dialler_new(h);
	const json_t *row;
	uint32_t eva;

	told.n = 0;
	h->lineh = line_takes;
	owed(h, 1, "main", old, 4);
	owed(h, 2, "main", now, 4); /* does not wait */
	owed(h, 3, "main", old, 0); /* nobody's page can open it */
	owed(h, 4, "other", old, 4);
	eva = person_new(h, "Eva", "main", "coordinator");
	joins(h, eva, 7);
	assert_int_equal(n_waiting(h), 1);
	row = json_array_get(json_object_get(h->answer, "numbers"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "kind")),
			    "promise");
	assert_int_equal(json_integer_value(json_object_get(row, "id")), 1);
	assert_string_equal(json_string_value(json_object_get(row, "epoch")),
			    "4");

	/* nobody else's, and not half of what is sent */
	assert_int_equal(back(h, now, anew(h, "promise", 4)), 403);
	assert_int_equal(back(h, now, anew(h, "promise", 77)), 403);
	assert_int_equal(told.n, 0);
	assert_int_equal(back(h, now, anew(h, "promise", 1)), 200);
	assert_int_equal(taken(h), 1);
	assert_int_equal(told.n, 1);
	assert_int_equal(told.back.person, eva);
	assert_int_equal(told.back.dialler, now);
	assert_int_equal(told.row.call, 1);
	assert_int_equal(number_check(told.row.sealed, STORE_NUMBER, now), 0);
}


/* a telephone and a caller in one go */
static void test_both(void **state)
{
	struct house *h = *state;
	uint32_t bo, now;

	bo = bo_waits(h);
	owed(h, 1, "main", bo ? 1 : 0, 4);
	now = dialler_new(h);
	h->lineh = line_takes;
	joins(h, person_new(h, "Eva", "", "coordinator"), 7);
	assert_int_equal(n_waiting(h), 2);
	assert_int_equal(post(h, PATH, json_pack(
		"{s:I, s:[o, o]}", "dialler", (json_int_t)now, "numbers",
		anew(h, "phone", bo), anew(h, "promise", 1))), 200);
	assert_int_equal(taken(h), 2);
	assert_int_equal(n_waiting(h), 1); /* the line writes, not we */
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_there_and_back), CASE(test_refused),
		CASE(test_callers), CASE(test_both),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
