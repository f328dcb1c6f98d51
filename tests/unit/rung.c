/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rung.c  Where people are rung: what stands in the clear is sealed as it is
 * read, opened to be rung, and sealed anew when the house's epoch is another.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include <sodium.h>

#include "epoch/epochs.h"
#include "epoch/numbers.h"
#include "line/rung.h"

#include "store_fixture.h"

#define NUMBER "+15550100"
#define CLEAR STORE_PHONE_NUMBER NUMBER


struct house {
	struct store *s;
	struct rung_key key;
	uint8_t private[SEAL_KEY];
	struct store_person bo; /* as read last */
	struct rung rung;
};


static void key_make(struct house *h)
{
	memset(&h->key, 0, sizeof(h->key));
	seal_pair(h->key.dialler.public, h->private);
	h->key.dialler.made_at = 1;
	assert_int_equal(store_dialler_add(h->s, &h->key.dialler), 0);
	h->key.private = h->private;
}


static void load(struct house *h)
{
	assert_int_equal(store_person_get(h->s, "Bo", &h->bo), 0);
	rung_load(&h->rung, h->s, &h->key, &h->bo);
}


/* Bo, and the key of a line that runs */
static void open_house(struct house *h, const struct fixture *f,
		       const char *phone)
{
	struct store_person p = a_person("Bo", phone);

	memset(h, 0, sizeof(*h));
	h->s = store_make(f);
	key_make(h);
	assert_int_equal(store_person_add(h->s, &p), 0);
	load(h);
}


static void close_house(struct house *h)
{
	rung_wipe(&h->rung);
	store_close(h->s);
}


/* NULL: nothing */
static void rings(const struct house *h, const char *phone)
{
	struct secret_text got;

	assert_int_equal(rung_ready(&h->rung), phone != NULL);
	assert_int_equal(rung_reveal(&got, &h->rung, &h->key, h->bo.id),
			 phone ? 0 : ENOENT);
	assert_string_equal(secret_reveal(&got), phone ? phone : "");
}


static void an_address_is_as_it_is(void **state)
{
	struct house h;

	open_house(&h, *state, "sip:bo@192.0.2.1");
	rings(&h, "sip:bo@192.0.2.1");
	assert_false(rung_is_number(&h.rung));
	assert_false(rung_waits(&h.rung, &h.key));
	load(&h);
	assert_string_equal(secret_reveal(&h.bo.phone), "sip:bo@192.0.2.1");

	secret_wipe(&h.bo.phone);
	assert_int_equal(store_telephone_set(h.s, &h.bo), 0);
	load(&h);
	rings(&h, NULL);
	close_house(&h);
}


static void a_clear_number_is_sealed(void **state)
{
	struct house h;

	open_house(&h, *state, CLEAR);
	assert_string_equal(secret_reveal(&h.rung.phone), "");
	assert_false(on_disk(*state, NUMBER));
	rings(&h, CLEAR);
	assert_true(rung_is_number(&h.rung));
	assert_int_equal(h.rung.number.epoch, 0);

	/* as the store has it now */
	load(&h);
	assert_string_equal(secret_reveal(&h.bo.phone), "");
	assert_int_equal(h.bo.number.dialler, h.key.dialler.id);
	rings(&h, CLEAR);
	close_house(&h);
}


/* while it cannot be */
static void without_a_key_it_is_rung_all_the_same(void **state)
{
	struct house h;

	memset(&h, 0, sizeof(h));
	open_house(&h, *state, "");
	h.key.private = NULL;
	assert_int_equal(secret_set(&h.bo.phone, CLEAR, strlen(CLEAR)), 0);
	assert_int_equal(store_telephone_set(h.s, &h.bo), 0);
	load(&h);
	rings(&h, CLEAR);
	assert_true(rung_is_number(&h.rung));
	assert_false(rung_waits(&h.rung, &h.key));
	h.key.private = h.private;
	load(&h);
	rings(&h, CLEAR);
	assert_false(on_disk(*state, NUMBER));
	close_house(&h);
}


/* the key of the line before it is gone; a page brings the number back */
static void one_that_waits_comes_back(void **state)
{
	const struct secret_text number = {NUMBER};
	struct store_number back;
	struct house h;

	open_house(&h, *state, CLEAR);
	key_make(&h);
	memset(&h.rung, 0, sizeof(h.rung));
	load(&h);
	rings(&h, NULL);
	assert_true(rung_waits(&h.rung, &h.key));
	assert_true(rung_is_number(&h.rung));

	assert_int_equal(number_seal(&back, &h.key.dialler, NULL,
				     number_of_person(h.bo.id), &number), 0);
	assert_int_equal(store_telephone_back(h.s, h.bo.id,
					      h.key.dialler.id,
					      back.for_dialler), 0);
	load(&h);
	assert_false(rung_waits(&h.rung, &h.key));
	rings(&h, CLEAR);
	close_house(&h);
}


static void of_somebody_else_it_does_not_open(void **state)
{
	struct store_person cy = a_person("Cy", "");
	struct rung rung = {.opens = false};
	struct house h;

	open_house(&h, *state, CLEAR);
	assert_int_equal(store_person_add(h.s, &cy), 0);
	cy.number = h.rung.number;
	memset(&cy.phone, 0, sizeof(cy.phone));
	rung_load(&rung, h.s, &h.key, &cy);
	assert_false(rung_ready(&rung));
	assert_false(rung_waits(&rung, &h.key));
	assert_true(rung_is_number(&rung));
	close_house(&h);
}


/* what was sealed before there was a recovery key, and what a leaver could
 * open, is sealed to the current epoch */
static void the_houses_epoch_is_followed(void **state)
{
	struct store_recovery recovery = {.need = 1, .n = 1, .made_at = 1};
	uint8_t private[SEAL_KEY];
	struct store_epoch epoch;
	struct house h;

	open_house(&h, *state, CLEAR);
	seal_pair(recovery.public, private);
	memset(recovery.shares[0].hash, 7, STORE_HASH);
	assert_int_equal(store_recovery_put(h.s, &recovery), 0);
	for (int64_t month = 1; month < 3; month++) {
		assert_int_equal(epochs_keep(h.s, EPOCHS_HOUSE,
					     month * 40 * 86400000, &epoch),
				 0);
		h.key.house = epoch.id;
		load(&h);
		assert_int_equal(h.rung.number.epoch, epoch.id);
		load(&h);
		assert_int_equal(h.bo.number.epoch, epoch.id);
		rings(&h, CLEAR);
	}

	/* nobody does that for one that waits */
	key_make(&h);
	h.key.house = epoch.id + 1;
	load(&h);
	assert_int_equal(h.rung.number.epoch, epoch.id);
	rings(&h, NULL);
	close_house(&h);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(an_address_is_as_it_is),
		STORE_CASE(a_clear_number_is_sealed),
		STORE_CASE(without_a_key_it_is_rung_all_the_same),
		STORE_CASE(one_that_waits_comes_back),
		STORE_CASE(of_somebody_else_it_does_not_open),
		STORE_CASE(the_houses_epoch_is_followed),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
