/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_credential.c  Security keys, as the store keeps them.
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

#include "store/credential.h"

#include "store_fixture.h"


static void invite(struct store *s, uint32_t person, uint8_t fill)
{
	struct store_invitation i = {.person = person, .ends_at = 2000};

	memset(i.hash, fill, sizeof(i.hash));
	assert_int_equal(store_invitation_put(s, &i), 0);
}


/* somebody who was invited, and took it up */
static uint32_t person_new(struct store *s, const char *name, uint8_t fill)
{
	struct store_person p = a_person(name, "");
	struct store_account a = {.opslimit = 3, .memlimit = 1};
	uint8_t hash[STORE_HASH];

	assert_int_equal(store_person_add(s, &p), 0);
	invite(s, p.id, fill);
	memset(hash, fill, sizeof(hash));
	assert_int_equal(store_invitation_accept(s, hash, 1000, &a), 0);

	return p.id;
}


static struct store_credential a_credential(uint32_t person, uint8_t fill,
					    size_t n)
{
	struct store_credential c = {.person = person, .algorithm = -7,
				     .made_at = fill};

	memset(c.key_id, fill, n);
	c.n_key_id = n;
	c.n_public = 64;
	memset(c.public, fill, c.n_public);
	SET(c.label, "blue");

	return c;
}


struct all {
	struct store_credential v[4];
	size_t n;
};


static bool keep(const struct store_credential *credential, void *arg)
{
	struct all *all = arg;

	all->v[all->n++] = *credential;

	return all->n == 4;
}


static struct all all_of(struct store *s, uint32_t person)
{
	struct all all = {.n = 0};

	assert_int_equal(store_credential_each(s, person, keep, &all), 0);

	return all;
}


static void same(const struct store_credential *a,
		 const struct store_credential *b)
{
	assert_int_equal(a->id, b->id);
	assert_int_equal(a->person, b->person);
	assert_int_equal(a->n_key_id, b->n_key_id);
	assert_memory_equal(a->key_id, b->key_id, a->n_key_id);
	assert_int_equal(a->algorithm, b->algorithm);
	assert_int_equal(a->n_public, b->n_public);
	assert_memory_equal(a->public, b->public, a->n_public);
	assert_int_equal(a->sign_count, b->sign_count);
	assert_string_equal(a->label, b->label);
	assert_int_equal(a->made_at, b->made_at);
	assert_int_equal(a->used_at, b->used_at);
}


static void test_several(void **state)
{
	struct store *s = store_make(*state);
	const uint32_t bo = person_new(s, "Bo", 1);
	const uint32_t cy = person_new(s, "Cy", 2);
	struct store_credential a = a_credential(bo, 3, 16);
	struct store_credential b = a_credential(bo, 4, STORE_KEY_ID);
	struct store_credential other = a_credential(cy, 3, 16);
	struct all all;

	assert_int_equal(store_credential_add(s, &a), 0);
	assert_int_equal(store_credential_add(s, &b), 0);
	all = all_of(s, bo);
	assert_int_equal(all.n, 2);
	same(&all.v[0], &a);
	same(&all.v[1], &b);

	/* the same key for somebody else; nobody; none; too long */
	assert_int_equal(store_credential_add(s, &other), EEXIST);
	other = a_credential(99, 5, 16);
	assert_int_equal(store_credential_add(s, &other), ENOENT);
	other = a_credential(cy, 5, 0);
	assert_int_equal(store_credential_add(s, &other), EINVAL);
	other.n_key_id = STORE_KEY_ID + 1;
	assert_int_equal(store_credential_add(s, &other), EINVAL);

	/* not another's */
	assert_int_equal(store_credential_remove(s, cy, a.id), ENOENT);
	assert_int_equal(store_credential_remove(s, bo, a.id), 0);
	assert_int_equal(store_credential_remove(s, bo, a.id), ENOENT);
	all = all_of(s, bo);
	assert_int_equal(all.n, 1);
	assert_int_equal(all_of(s, cy).n, 0);
	store_close(s);
}


static void test_used(void **state)
{
	struct store *s = store_make(*state);
	const uint32_t bo = person_new(s, "Bo", 1);
	struct store_credential a = a_credential(bo, 3, 16);
	struct all all;

	/* a key that does not count may go on like that */
	assert_int_equal(store_credential_add(s, &a), 0);
	assert_int_equal(store_credential_used(s, bo, a.id, 0, 50), 0);
	assert_int_equal(store_credential_used(s, bo, a.id, 0, 51), 0);
	assert_int_equal(store_credential_used(s, bo, a.id, 7, 52), 0);
	assert_int_equal(store_credential_used(s, bo, a.id, 7, 53), EALREADY);
	assert_int_equal(store_credential_used(s, bo, a.id, 6, 53), EALREADY);
	assert_int_equal(store_credential_used(s, bo, a.id, 0, 53), EALREADY);
	assert_int_equal(store_credential_used(s, bo, a.id, UINT32_MAX, 54),
			 0);
	assert_int_equal(store_credential_used(s, bo + 1, a.id, 9, 55),
			 EALREADY);
	all = all_of(s, bo);
	assert_int_equal(all.v[0].sign_count, UINT32_MAX);
	assert_int_equal(all.v[0].used_at, 54);
	store_close(s);
}


/* whoever is invited anew has lost what opened the account before */
static void test_invited_anew(void **state)
{
	struct store *s = store_make(*state);
	const uint32_t bo = person_new(s, "Bo", 1);
	const uint32_t cy = person_new(s, "Cy", 2);
	struct store_credential a = a_credential(bo, 3, 16);
	struct store_credential b = a_credential(cy, 4, 16);
	struct store_credential again = a_credential(cy, 3, 16);

	assert_int_equal(store_credential_add(s, &a), 0);
	assert_int_equal(store_credential_add(s, &b), 0);
	invite(s, bo, 8);
	assert_int_equal(all_of(s, bo).n, 0);
	assert_int_equal(all_of(s, cy).n, 1);
	assert_int_equal(store_credential_add(s, &again), 0);

	assert_int_equal(store_person_remove(s, cy), 0);
	assert_int_equal(all_of(s, cy).n, 0);
	store_close(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_several),
		STORE_CASE(test_used),
		STORE_CASE(test_invited_anew),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
