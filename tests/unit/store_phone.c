/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_phone.c  Telephones that register, as the store keeps them.
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

#include "store/phone.h"

#include "store_fixture.h"


static uint32_t person_new(struct store *s, const char *name)
{
	struct store_person p = a_person(name, "");

	assert_int_equal(store_person_add(s, &p), 0);

	return p.id;
}


static struct store_phone a_phone(uint32_t person, const char *user)
{
	struct store_phone p = {.person = person, .made_at = 7};

	SET(p.user, user);
	memset(p.sha256, 'S', sizeof(p.sha256));
	memset(p.md5, 'M', sizeof(p.md5));

	return p;
}


static struct store_binding a_binding(uint32_t person, uint32_t place,
				      const char *contact)
{
	struct store_binding b = {.person = person, .place = place,
				  .transport = STORE_TLS, .cseq = 4,
				  .ends_at = 99};

	SET(b.contact.hidden, contact);
	SET(b.source.hidden, "198.51.100.7:1234");
	SET(b.call_id, "call@phone");

	return b;
}


struct all {
	struct store_phone phone[4];
	struct store_binding binding[4];
	size_t n_phones, n_bindings;
};


static bool phone_keep(const struct store_phone *phone, void *arg)
{
	struct all *all = arg;

	all->phone[all->n_phones++] = *phone;

	return all->n_phones == 4;
}


static bool binding_keep(const struct store_binding *binding, void *arg)
{
	struct all *all = arg;

	all->binding[all->n_bindings++] = *binding;

	return all->n_bindings == 4;
}


static struct all all_of(struct store *s)
{
	struct all all = {.n_phones = 0};

	assert_int_equal(store_phone_each(s, phone_keep, &all), 0);
	assert_int_equal(store_binding_each(s, binding_keep, &all), 0);

	return all;
}


static void test_phones(void **state)
{
	struct store *s = store_make(*state);
	const uint32_t ana = person_new(s, "Ana"), bo = person_new(s, "Bo");
	struct store_phone p = a_phone(ana, "one");
	struct all all;

	assert_int_equal(store_phone_put(s, &p), 0);
	p = a_phone(bo, "two");
	assert_int_equal(store_phone_put(s, &p), 0);
	all = all_of(s);
	assert_int_equal(all.n_phones, 2);
	assert_int_equal(all.phone[0].person, ana);
	assert_string_equal(all.phone[0].user, "one");
	assert_int_equal(all.phone[0].made_at, 7);
	assert_int_equal(all.phone[0].sha256[31], 'S');
	assert_int_equal(all.phone[0].md5[15], 'M');

	/* nobody; another's name, and what Bo had stays */
	p = a_phone(99, "three");
	assert_int_equal(store_phone_put(s, &p), ENOENT);
	p = a_phone(bo, "one");
	assert_int_equal(store_phone_put(s, &p), EEXIST);
	assert_string_equal(all_of(s).phone[1].user, "two");

	assert_int_equal(store_phone_remove(s, bo), 0);
	assert_int_equal(store_phone_remove(s, bo), ENOENT);
	assert_int_equal(all_of(s).n_phones, 1);
	store_close(s);
}


static void test_bindings(void **state)
{
	struct store *s = store_make(*state);
	const uint32_t ana = person_new(s, "Ana");
	struct store_phone p = a_phone(ana, "one");
	struct store_binding b = a_binding(ana, 1, "sip:a@x");
	struct all all;

	/* without an account there is nothing to register */
	assert_int_equal(store_binding_put(s, &b, NULL, NULL), ENOENT);
	assert_int_equal(store_phone_put(s, &p), 0);
	assert_int_equal(store_binding_put(s, &b, NULL, NULL), 0);
	b = a_binding(ana, 0, "sip:b@x");
	assert_int_equal(store_binding_put(s, &b, NULL, NULL), 0);
	b.cseq = 5;
	assert_int_equal(store_binding_put(s, &b, NULL, NULL), 0);
	b.place = 2;
	assert_int_equal(store_binding_put(s, &b, NULL, NULL), EINVAL);

	all = all_of(s);
	assert_int_equal(all.n_bindings, 2);
	assert_string_equal(secret_reveal(&all.binding[0].contact), "sip:b@x");
	assert_int_equal(all.binding[0].cseq, 5);
	assert_string_equal(secret_reveal(&all.binding[1].source),
			    "198.51.100.7:1234");
	assert_int_equal(all.binding[1].transport, STORE_TLS);
	assert_string_equal(all.binding[1].call_id, "call@phone");
	assert_int_equal(all.binding[1].ends_at, 99);

	assert_int_equal(store_binding_remove(s, ana, 0, NULL, NULL), 0);
	assert_int_equal(store_binding_remove(s, ana, 0, NULL, NULL), ENOENT);
	assert_int_equal(all_of(s).n_bindings, 1);
	store_close(s);
}


/* a new secret ends what the old one opened; so does leaving */
static void test_what_goes_along(void **state)
{
	struct store *s = store_make(*state);
	const uint32_t ana = person_new(s, "Ana");
	struct store_phone p = a_phone(ana, "one");
	const struct store_binding b = a_binding(ana, 0, "sip:secret@x");

	assert_int_equal(store_phone_put(s, &p), 0);
	assert_int_equal(store_binding_put(s, &b, NULL, NULL), 0);
	assert_int_equal(store_phone_put(s, &p), 0);
	assert_int_equal(all_of(s).n_bindings, 0);
	assert_int_equal(store_binding_put(s, &b, NULL, NULL), 0);
	assert_int_equal(store_person_remove(s, ana), 0);
	assert_int_equal(all_of(s).n_phones + all_of(s).n_bindings, 0);
	store_close(s);
	assert_false(on_disk(*state, "sip:secret@x"));
	assert_false(on_disk(*state, "SSSSSSSS"));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_phones),
		STORE_CASE(test_bindings),
		STORE_CASE(test_what_goes_along),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
