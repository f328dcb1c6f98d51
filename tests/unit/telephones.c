/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * telephones.c  People's own numbers sealed: to the dialler, to the house's
 * epoch if there is one, and to nobody as somebody else's.
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

#include "epoch/epochs.h"
#include "epoch/numbers.h"
#include "epoch/telephones.h"

#include "store_fixture.h"

#define NUMBER "+15550100"

enum { NOW_S = 1700000000 };


/* @return its private half */
static const uint8_t *dialler_add(struct store *s,
				  struct store_dialler *dialler,
				  uint8_t private[SEAL_KEY])
{
	memset(dialler, 0, sizeof(*dialler));
	seal_pair(dialler->public, private);
	dialler->made_at = 1;
	assert_int_equal(store_dialler_add(s, dialler), 0);

	return private;
}


static struct store_person somebody(uint32_t id, const char *phone)
{
	struct store_person p = a_person("Bo", phone);

	p.id = id;

	return p;
}


static void only_numbers_are_sealed(void **state)
{
	static const char *const others[] = {"", "sip:bo@192.0.2.1", "tel"};
	struct store *s = store_make(*state);
	struct store_dialler dialler;
	uint8_t private[SEAL_KEY];

	(void)dialler_add(s, &dialler, private);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct store_person p = somebody(7, others[i]);

		assert_null(telephone_clear(&p));
		assert_int_equal(telephone_take(s, &p), 0);
		assert_string_equal(secret_reveal(&p.phone), others[i]);
		assert_false(number_is(&p.number));
	}
	store_close(s);
}


static void without_a_key_it_stays(void **state)
{
	struct store *s = store_make(*state);
	struct store_person p = somebody(7, STORE_PHONE_NUMBER NUMBER);

	assert_string_equal(telephone_clear(&p), NUMBER);
	assert_int_equal(telephone_take(s, &p), ENOENT);
	assert_string_equal(telephone_clear(&p), NUMBER);
	assert_false(number_is(&p.number));
	store_close(s);
}


/* before there is a recovery key: to the dialler alone */
static void the_dialler_opens_it(void **state)
{
	struct store *s = store_make(*state);
	struct store_person p = somebody(7, STORE_PHONE_NUMBER NUMBER);
	struct store_dialler old, dialler;
	uint8_t private[SEAL_KEY], older[SEAL_KEY];
	struct secret_text got;

	(void)dialler_add(s, &old, older);
	(void)dialler_add(s, &dialler, private);
	assert_int_equal(telephone_take(s, &p), 0);
	assert_string_equal(secret_reveal(&p.phone), "");
	assert_int_equal(p.number.dialler, dialler.id);
	assert_int_equal(p.number.epoch, 0);
	assert_int_equal(number_open(&got, &p.number, number_of_person(7),
				     private), 0);
	assert_string_equal(secret_reveal(&got), NUMBER);
	assert_int_equal(number_open(&got, &p.number, number_of_person(8),
				     private), EBADMSG);
	assert_int_equal(number_open(&got, &p.number, number_of_person(7),
				     older), EKEYREJECTED);

	/* somebody who has no id yet has none */
	p = somebody(0, STORE_PHONE_NUMBER NUMBER);
	assert_int_equal(telephone_take(s, &p), EINVAL);
	assert_string_equal(telephone_clear(&p), NUMBER);
	store_close(s);
}


static void so_does_the_houses_epoch(void **state)
{
	struct store *s = store_make(*state);
	struct store_person p = somebody(7, STORE_PHONE_NUMBER NUMBER);
	struct store_recovery recovery = {.need = 1, .n = 1,
					  .made_at = 1};
	uint8_t mine[SEAL_KEY], private[SEAL_KEY];
	struct store_dialler dialler;
	struct store_epoch epoch;

	(void)dialler_add(s, &dialler, private);
	seal_pair(recovery.public, mine);
	assert_int_equal(store_recovery_put(s, &recovery), 0);
	assert_int_equal(epochs_keep(s, EPOCHS_HOUSE, (int64_t)NOW_S * 1000,
				     &epoch), 0);
	assert_int_equal(telephone_take(s, &p), 0);
	assert_true(epoch.id != 0);
	assert_int_equal(p.number.epoch, epoch.id);
	assert_int_equal(number_check(p.number.for_dialler, STORE_NUMBER,
				      dialler.id), 0);
	store_close(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(only_numbers_are_sealed),
		STORE_CASE(without_a_key_it_stays),
		STORE_CASE(the_dialler_opens_it),
		STORE_CASE(so_does_the_houses_epoch),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
