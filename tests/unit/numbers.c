/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * numbers.c  Telephone numbers sealed to dialler and epoch: both halves open
 * to whoever has the key, and to nobody else; and the dialler's keys in the
 * store.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include <sodium.h>

#include "epoch/numbers.h"

#include "store_fixture.h"

#define NUMBER "+15550100"

struct keys {
	struct store_dialler dialler;
	struct store_epoch epoch;
	uint8_t of_dialler[SEAL_KEY], of_epoch[SEAL_KEY];
};


static struct keys keys_new(uint32_t dialler, uint64_t epoch)
{
	struct keys k = {.dialler = {.id = dialler}, .epoch = {.id = epoch}};

	seal_pair(k.dialler.public, k.of_dialler);
	seal_pair(k.epoch.public, k.of_epoch);

	return k;
}


static struct secret_text a_number(const char *text)
{
	struct secret_text number;

	assert_int_equal(secret_set(&number, text, strlen(text)), 0);

	return number;
}


static struct store_number sealed(const struct keys *k, uint64_t subject)
{
	const struct secret_text number = a_number(NUMBER);
	struct store_number n;

	assert_int_equal(number_seal(&n, &k->dialler, &k->epoch, subject,
				     &number), 0);
	assert_true(number_is(&n));

	return n;
}


static void the_dialler_opens_it(void **state)
{
	const struct keys k = keys_new(3, 7);
	const struct store_number n = sealed(&k, number_of_call(12));
	struct secret_text got;
	(void)state;

	assert_int_equal(number_open(&got, &n, number_of_call(12),
				     k.of_dialler), 0);
	assert_string_equal(secret_reveal(&got), NUMBER);
}


static void the_epoch_opens_it(void **state)
{
	const struct keys k = keys_new(3, 7);
	const struct store_number n = sealed(&k, number_of_person(12));
	const struct seal_about about = {.kind = SEAL_NUMBER, .epoch = 7,
		.subject = UINT64_C(1) << 63 | 12};
	uint8_t text[STORE_NUMBER];
	size_t len;
	(void)state;

	assert_int_equal(seal_open(text, &len, &about, k.of_epoch,
				   n.for_epoch, STORE_NUMBER), 0);
	assert_int_equal(len, strlen(NUMBER));
	assert_memory_equal(text, NUMBER, len);
}


static void without_a_recovery_key_the_dialler_alone_does(void **state)
{
	const struct keys k = keys_new(3, 7);
	const struct secret_text number = a_number(NUMBER);
	struct secret_text got;
	struct store_number n;
	(void)state;

	assert_int_equal(number_seal(&n, &k.dialler, NULL, 5, &number), 0);
	assert_int_equal(n.epoch, 0);
	assert_true(sodium_is_zero(n.for_epoch, STORE_NUMBER));
	assert_int_equal(number_open(&got, &n, 5, k.of_dialler), 0);
}


/* the line was started with another key: it waits */
static void another_key_does_not(void **state)
{
	const struct keys k = keys_new(3, 7), other = keys_new(4, 8);
	const struct store_number n = sealed(&k, 12);
	struct secret_text got = a_number("x");
	(void)state;

	assert_int_equal(number_open(&got, &n, 12, other.of_dialler),
			 EKEYREJECTED);
	assert_string_equal(secret_reveal(&got), "");
	assert_int_equal(number_open(&got, &n, 12, k.of_epoch), EKEYREJECTED);
}


/* a number cannot be put under another promise, or into somebody's telephone */
static void it_is_bound_to_what_it_belongs_to(void **state)
{
	const struct keys k = keys_new(3, 7);
	struct store_number n = sealed(&k, number_of_call(12));
	struct secret_text got;
	(void)state;

	assert_int_equal(number_open(&got, &n, number_of_call(13),
				     k.of_dialler), EBADMSG);
	assert_int_equal(number_open(&got, &n, number_of_person(12),
				     k.of_dialler), EBADMSG);
	assert_int_equal(number_open(&got, &n, number_of_mark(12),
				     k.of_dialler), EBADMSG);
	n.dialler = 4;
	assert_int_equal(number_open(&got, &n, number_of_call(12),
				     k.of_dialler), EBADMSG);
}


static void what_is_damaged_is_no_number(void **state)
{
	const struct keys k = keys_new(3, 7);
	struct secret_text got;
	(void)state;

	for (size_t i = 0; i < STORE_NUMBER; i++) {
		struct store_number n = sealed(&k, 12);

		n.for_dialler[i] ^= 1;
		assert_int_not_equal(number_open(&got, &n, 12, k.of_dialler),
				     0);
		assert_string_equal(secret_reveal(&got), "");
	}
}


static void what_was_never_sealed_is_none(void **state)
{
	const struct keys k = keys_new(3, 7);
	const struct store_number none = {.dialler = 0};
	struct secret_text got;
	(void)state;

	assert_false(number_is(&none));
	assert_int_equal(number_open(&got, &none, 12, k.of_dialler), ENOENT);
}


static void only_numbers_are_sealed(void **state)
{
	const struct keys k = keys_new(3, 7), no_key = {.dialler = {.id = 0}};
	struct secret_text number = a_number("");
	struct store_number n = {.dialler = 0};
	char text[NUMBERS_MOST + 2] = "";
	(void)state;

	assert_int_equal(number_seal(&n, &k.dialler, NULL, 5, &number),
			 EINVAL);
	memset(text, '1', NUMBERS_MOST + 1);
	number = a_number(text);
	assert_int_equal(number_seal(&n, &k.dialler, NULL, 5, &number),
			 EINVAL);
	text[NUMBERS_MOST] = '\0';
	number = a_number(text);
	assert_int_equal(number_seal(&n, &no_key.dialler, NULL, 5, &number),
			 EINVAL);
	assert_false(number_is(&n));
	assert_int_equal(number_seal(&n, &k.dialler, NULL, 5, &number), 0);
}


/* what a browser sends */
static void a_pages_number_is_looked_at(void **state)
{
	const struct keys k = keys_new(3, 7);
	struct store_number n = sealed(&k, 12);
	(void)state;

	assert_int_equal(number_check(n.for_dialler, STORE_NUMBER, 3), 0);
	assert_int_equal(number_check(n.for_dialler, STORE_NUMBER, 4), ESTALE);
	assert_int_equal(number_check(n.for_epoch, STORE_NUMBER, 3), ESTALE);
	assert_int_equal(number_check(n.for_dialler, STORE_NUMBER - 1, 3),
			 EBADMSG);
	n.for_dialler[4] = SEAL_NOTE;
	assert_int_equal(number_check(n.for_dialler, STORE_NUMBER, 3),
			 EBADMSG);
}


static void what_may_be_said_of_it(void **state)
{
	const struct keys k = keys_new(3, 7);
	const struct store_number n = sealed(&k, 12), none = {.dialler = 0};
	(void)state;

	assert_string_equal(number_state(&n, 3), "ready");
	assert_string_equal(number_state(&n, 4), "waits");
	assert_string_equal(number_state(&n, 0), "waits");
	assert_string_equal(number_state(&none, 3), "none");
}


/* ---- in the store -------------------------------------------------------- */

static void the_last_key_is_the_current_one(void **state)
{
	struct store *s = store_make(*state);
	struct store_dialler a = {.made_at = 1000}, b = {.made_at = 2000}, got;

	assert_int_equal(store_dialler_current(s, &got), ENOENT);
	memset(a.public, 1, sizeof(a.public));
	memset(b.public, 2, sizeof(b.public));
	assert_int_equal(store_dialler_add(s, &a), 0);
	assert_int_not_equal(a.id, 0);
	assert_int_equal(store_dialler_add(s, &b), 0);
	assert_true(b.id > a.id);

	assert_int_equal(store_dialler_current(s, &got), 0);
	assert_int_equal(got.id, b.id);
	assert_int_equal(got.made_at, 2000);
	assert_memory_equal(got.public, b.public, sizeof(b.public));
	store_close(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_dialler_opens_it),
		cmocka_unit_test(the_epoch_opens_it),
		cmocka_unit_test(without_a_recovery_key_the_dialler_alone_does),
		cmocka_unit_test(another_key_does_not),
		cmocka_unit_test(it_is_bound_to_what_it_belongs_to),
		cmocka_unit_test(what_is_damaged_is_no_number),
		cmocka_unit_test(what_was_never_sealed_is_none),
		cmocka_unit_test(only_numbers_are_sealed),
		cmocka_unit_test(a_pages_number_is_looked_at),
		cmocka_unit_test(what_may_be_said_of_it),
		STORE_CASE(the_last_key_is_the_current_one),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
