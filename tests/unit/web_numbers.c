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


int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_there_and_back), CASE(test_refused),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
