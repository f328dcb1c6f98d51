/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web_numbers_phone.c  People's own numbers that wait: shown to coordinators of
 * all lines and to nobody else, brought back by them, on record.
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

#include "web_house.h"

#include "web/numbers_phone.h"

enum { OLD = 1, NOW = 2 };


static void diallers_add(struct house *h)
{
	for (uint32_t i = OLD; i <= NOW; i++) {
		struct store_dialler d = {.made_at = 1};

		memset(d.public, (int)i, sizeof(d.public));
		assert_int_equal(store_dialler_add(h->web.store, &d), 0);
		assert_int_equal(d.id, i);
	}
}


/* their number is sealed to these keys */
static uint32_t somebody(struct house *h, const char *name, uint32_t dialler,
			 uint64_t epoch)
{
	struct store_person p = a_person(name, "");

	p.number.dialler = dialler;
	p.number.epoch = epoch;
	memset(p.number.for_dialler, 'd', STORE_NUMBER);
	memset(p.number.for_epoch, 'e', STORE_NUMBER);
	assert_int_equal(store_person_add(h->web.store, &p), 0);

	return p.id;
}


/* who asks from now on */
static void asks(struct house *h, const char *name, const char *line,
		 const char *role)
{
	const uint32_t id = person_new(h, name, line, role);

	joins(h, id, 7);
	h->req.web = &h->web;
	h->req.session.person = id;
}


static json_t *listed(struct house *h)
{
	json_t *list = json_array();

	assert_int_equal(numbers_phone_list(list, &h->req, NOW), 0);

	return list;
}


static void test_list(void **state)
{
	struct house *h = *state;
	uint32_t bo;
	const json_t *row;
	json_t *list;

	diallers_add(h);
	(void)somebody(h, "Ready", NOW, 9);
	(void)somebody(h, "Lost", OLD, 0);
	(void)somebody(h, "None", 0, 0);
	bo = somebody(h, "Bo", OLD, 9);
	asks(h, "Eva", "", "coordinator");
	list = listed(h);
	assert_int_equal(json_array_size(list), 1);
	row = json_array_get(list, 0);
	assert_string_equal(json_string_value(json_object_get(row, "kind")),
			    "phone");
	assert_int_equal(json_integer_value(json_object_get(row, "id")), bo);
	assert_string_equal(json_string_value(json_object_get(row, "epoch")),
			    "9");
	assert_int_equal(json_string_length(json_object_get(row, "sealed")),
			 267);
	json_decref(list);
}


static bool row_keep(const struct store_audit *row, void *arg)
{
	*(struct store_audit *)arg = *row;

	return false;
}


static void test_back(void **state)
{
	struct house *h = *state;
	struct store_audit row = {.id = 0};
	uint8_t sealed[STORE_NUMBER];
	struct store_person p;
	unsigned n_changed;
	uint32_t bo;

	memset(sealed, 'n', sizeof(sealed));
	diallers_add(h);
	bo = somebody(h, "Bo", OLD, 9);
	asks(h, "Eva", "", "coordinator");
	n_changed = h->n_changed;
	assert_int_equal(numbers_phone_back(&h->req, 99, NOW, sealed),
			 ENOENT);
	assert_int_equal(numbers_phone_back(&h->req, UINT64_C(1) << 32 | bo,
					    NOW, sealed), ENOENT);
	assert_int_equal(h->n_changed, n_changed);
	assert_int_equal(numbers_phone_back(&h->req, bo, NOW, sealed), 0);
	assert_int_equal(h->n_changed, n_changed + 1);
	assert_int_equal(numbers_phone_back(&h->req, bo, NOW, sealed),
			 ENOENT);
	assert_int_equal(store_person_find(h->web.store, bo, &p), 0);
	assert_int_equal(p.number.dialler, NOW);
	assert_int_equal(p.number.epoch, 9);
	assert_int_equal(p.number.for_dialler[STORE_NUMBER - 1], 'n');
	assert_int_equal(p.number.for_epoch[0], 'e');

	assert_int_equal(store_audit_each(h->web.store, 0, row_keep, &row),
			 0);
	assert_int_equal(row.id, 1);
	assert_string_equal(row.what, "number_resealed");
	assert_int_equal(row.person, h->req.session.person);
	assert_int_equal(row.whom, bo);
}


/* neither a counsellor's, nor a coordinator's of one line */
static void test_not_theirs(void **state)
{
	static const struct {
		const char *name, *line, *role;
	} others[] = {
		{"Cy", "main", "coordinator"},
		{"Di", "", "counsellor"},
	};
	struct house *h = *state;
	uint8_t sealed[STORE_NUMBER] = {1};
	uint32_t bo;

	diallers_add(h);
	bo = somebody(h, "Bo", OLD, 9);
	for (size_t i = 0; i < 2; i++) {
		json_t *list;

		asks(h, others[i].name, others[i].line, others[i].role);
		list = listed(h);
		assert_int_equal(json_array_size(list), 0);
		json_decref(list);
		assert_int_equal(numbers_phone_back(&h->req, bo, NOW, sealed),
				 EPERM);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_list), CASE(test_back), CASE(test_not_theirs),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
