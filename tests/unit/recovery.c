/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * recovery.c  The recovery key comes back from enough shares, and from nothing
 * less; what people mistype is noticed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "seal/recovery.h"
#include "seal/words.h"

struct keys {
	uint8_t public[SEAL_KEY], private[SEAL_KEY];
	struct recovery_share v[RECOVERY_SHARES];
};


static void split(struct keys *k, uint8_t n, uint8_t need)
{
	seal_pair(k->public, k->private);
	assert_int_equal(recovery_split(k->v, n, need, k->private), 0);
}


static int joins(const struct keys *k, const struct recovery_share *v,
		 uint8_t n)
{
	uint8_t private[SEAL_KEY];
	const int err = recovery_join(private, k->public, v, n);

	if (!err)
		assert_memory_equal(private, k->private, SEAL_KEY);

	return err;
}


static void test_any_of_them(void **state)
{
	struct keys k;
	(void)state;

	split(&k, 5, 3);
	for (unsigned set = 1; set < 32; set++) {
		struct recovery_share v[5];
		uint8_t n = 0;

		for (unsigned i = 0; i < 5; i++) {
			if (set & 1u << i)
				v[n++] = k.v[i];
		}
		assert_int_equal(joins(&k, v, n), n < 3 ? ENODATA : 0);
	}
}


static void test_every_size(void **state)
{
	struct keys k;
	(void)state;

	for (uint8_t n = 1; n <= RECOVERY_SHARES; n++) {
		for (uint8_t need = 1; need <= n; need++) {
			split(&k, n, need);
			assert_int_equal(joins(&k, k.v + n - need, need), 0);
		}
	}
}


static void test_refused(void **state)
{
	struct keys k, other;
	struct recovery_share v[2];
	uint8_t private[SEAL_KEY] = {1};
	(void)state;

	split(&k, 3, 2);
	split(&other, 3, 2);
	assert_int_equal(recovery_split(k.v, 2, 3, private), EINVAL);
	assert_int_equal(recovery_split(k.v, 2, 0, private), EINVAL);
	assert_int_equal(recovery_split(k.v, RECOVERY_SHARES + 1, 2,
					private), EINVAL);
	v[0] = k.v[0];
	v[1] = k.v[0];
	assert_int_equal(joins(&k, v, 2), EINVAL);
	v[1] = other.v[1];
	assert_int_equal(joins(&k, v, 2), EKEYREJECTED);
	v[1] = k.v[1];
	assert_int_equal(joins(&other, v, 2), EKEYREJECTED);
	v[1].need = 1;
	assert_int_equal(joins(&k, v, 2), EINVAL);
	v[1] = k.v[1];
	assert_int_equal(joins(&k, v, 2), 0);
}


/* less than enough says nothing: what one share is does not depend on the
 * secret (here: it is another one each time) */
static void test_one_share_is_random(void **state)
{
	struct recovery_share a[2], b[2];
	struct keys k;
	(void)state;

	split(&k, 2, 2);
	assert_int_equal(recovery_split(a, 2, 2, k.private), 0);
	assert_int_equal(recovery_split(b, 2, 2, k.private), 0);
	for (int i = 0; i < 2; i++)
		assert_memory_not_equal(a[i].bytes, b[i].bytes, SEAL_KEY);
}


static void same(const struct recovery_share *a,
		 const struct recovery_share *b)
{
	assert_int_equal(a->need, b->need);
	assert_int_equal(a->number, b->number);
	assert_memory_equal(a->bytes, b->bytes, SEAL_KEY);
}


static void test_words(void **state)
{
	char text[RECOVERY_TEXT];
	struct recovery_share read;
	uint8_t hash[SEAL_KEY], again[SEAL_KEY];
	struct keys k;
	unsigned n = 1;
	(void)state;

	split(&k, 3, 2);
	recovery_words(text, &k.v[1]);
	for (const char *p = text; *p; p++)
		n += *p == ' ';
	assert_int_equal(n, RECOVERY_WORDS);
	assert_int_equal(recovery_read(&read, text, NULL), 0);
	same(&read, &k.v[1]);
	recovery_hash(hash, &read);
	recovery_hash(again, &k.v[1]);
	assert_memory_equal(hash, again, SEAL_KEY);
	recovery_hash(again, &k.v[2]);
	assert_memory_not_equal(hash, again, SEAL_KEY);
}


/* capitals, numbers and lines between the words, four letters of each */
static void test_as_people_type(void **state)
{
	char text[RECOVERY_TEXT], typed[4 * RECOVERY_TEXT] = "";
	struct recovery_share read;
	struct keys k;
	char *rest = text, *word;
	unsigned n = 0;
	(void)state;

	split(&k, 3, 2);
	recovery_words(text, &k.v[0]);
	while ((word = strsep(&rest, " "))) {
		char one[32];

		word[0] = (char)(word[0] - 'a' + 'A');
		(void)snprintf(one, sizeof(one), "%u. %.4s,\r\n", ++n, word);
		strcat(typed, one);
	}
	assert_int_equal(recovery_read(&read, typed, NULL), 0);
	same(&read, &k.v[0]);
}


static void test_mistyped(void **state)
{
	char text[RECOVERY_TEXT], typed[2 * RECOVERY_TEXT];
	struct recovery_share read;
	struct keys k;
	unsigned wrong;
	char *at;
	(void)state;

	split(&k, 3, 2);
	recovery_words(text, &k.v[0]);

	/* no such word: it is said which */
	at = strchr(strchr(text, ' ') + 1, ' ') + 1;
	(void)snprintf(typed, sizeof(typed), "%.*sxyzzy%s",
		       (int)(at - text), text, strchr(at, ' '));
	assert_int_equal(recovery_read(&read, typed, &wrong), EINVAL);
	assert_int_equal(wrong, 3);

	/* one too few, one too many */
	(void)snprintf(typed, sizeof(typed), "%s", text);
	*strrchr(typed, ' ') = '\0';
	assert_int_equal(recovery_read(&read, typed, &wrong), EINVAL);
	assert_int_equal(wrong, 0);
	(void)snprintf(typed, sizeof(typed), "%s zoo", text);
	assert_int_equal(recovery_read(&read, typed, &wrong), EINVAL);
	assert_int_equal(recovery_read(&read, "", &wrong), EINVAL);
	assert_int_equal(recovery_read(&read, "abandonabandon", &wrong),
			 EINVAL);
	assert_int_equal(wrong, 1);
}


/* each word that is another one of the list is noticed, but for one in 65536 */
static void test_mistaken(void **state)
{
	char text[RECOVERY_TEXT], typed[2 * RECOVERY_TEXT];
	struct recovery_share read;
	struct keys k;
	unsigned n_passed = 0;
	const char *word = text;
	(void)state;

	split(&k, 3, 2);
	recovery_words(text, &k.v[0]);
	for (int i = 0; i < RECOVERY_WORDS; i++) {
		const size_t n = strcspn(word, " ");
		const char *other = strncmp(word, "zoo", n) ? "zoo" : "zone";

		(void)snprintf(typed, sizeof(typed), "%.*s%s%s",
			       (int)(word - text), text, other, word + n);
		n_passed += !recovery_read(&read, typed, NULL);
		word += n + 1;
	}
	assert_true(n_passed <= 1);
}


static void test_list(void **state)
{
	(void)state;

	assert_string_equal(words_list[0], "abandon");
	assert_string_equal(words_list[WORDS_LIST - 1], "zoo");
	for (int i = 1; i < WORDS_LIST; i++)
		assert_true(strncmp(words_list[i - 1], words_list[i], 4) < 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_of_them),
		cmocka_unit_test(test_every_size),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_one_share_is_random),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_as_people_type),
		cmocka_unit_test(test_mistyped),
		cmocka_unit_test(test_mistaken),
		cmocka_unit_test(test_list),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
