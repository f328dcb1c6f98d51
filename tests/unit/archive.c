/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * archive.c  A sealed backup opens whole, with its key, as what it was; and as
 * another implementation seals it (tests/suites/seal).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>
#include <sodium.h>

#include "seal/archive.h"

enum {
	MOST = 100000,
	CHUNKS = 3,
	SIZE = ARCHIVE_LID + CHUNKS * STREAM_SEALED,
};

struct sealed {
	struct archive_about about;
	uint8_t private[SEAL_KEY];
	uint8_t v[SIZE + STREAM_SEALED];
};


/* How far does it open: bytes of what is in it, or an error; ENODATA: it ends
 * before its end */
static int open_all(const uint8_t *v, size_t n, const uint8_t *private,
		    crypto_hash_sha256_state *sum, size_t *np)
{
	uint8_t out[STREAM_PADDED];
	struct stream s;
	int err;

	*np = 0;
	if (n < ARCHIVE_LID)
		return EBADMSG;
	err = archive_open(&s, v, private);
	v += ARCHIVE_LID;
	n -= ARCHIVE_LID;
	while (!err && n) {
		size_t n_out = 0;

		err = n < STREAM_SEALED ? ENODATA
					: stream_pull(&s, out, &n_out, v);
		if (err)
			break;
		if (sum)
			(void)crypto_hash_sha256_update(sum, out, n_out);
		*np += n_out;
		v += STREAM_SEALED;
		n -= STREAM_SEALED;
	}
	if (!err && !s.over)
		err = ENODATA;
	stream_wipe(&s);

	return err;
}


/* ---- vectors ------------------------------------------------------------- */

static size_t hex(uint8_t *v, size_t size, const json_t *of, const char *name)
{
	const char *text = json_string_value(json_object_get(of, name));
	size_t n;

	assert_non_null(text);
	assert_int_equal(sodium_hex2bin(v, size, text, strlen(text), NULL, &n,
					NULL), 0);

	return n;
}


static void vector_opens(const json_t *v)
{
	static uint8_t sealed[MOST];
	uint8_t private[SEAL_KEY], public[SEAL_KEY], hash[32], wanted[32];
	const size_t n_sealed = hex(sealed, MOST, v, "sealed");
	crypto_hash_sha256_state sum;
	struct archive_about about;
	size_t n;

	(void)hex(private, SEAL_KEY, v, "private");
	(void)hex(public, SEAL_KEY, v, "public");
	(void)hex(wanted, sizeof(wanted), v, "plain");
	assert_int_equal(archive_look(&about, sealed, n_sealed), 0);
	assert_int_equal(about.kind,
			 json_integer_value(json_object_get(v, "kind")));
	assert_int_equal(about.house,
			 json_integer_value(json_object_get(v, "house")));
	assert_int_equal(about.made_at,
			 json_integer_value(json_object_get(v, "made_at")));
	assert_memory_equal(about.public, public, SEAL_KEY);

	(void)crypto_hash_sha256_init(&sum);
	assert_int_equal(open_all(sealed, n_sealed, private, &sum, &n), 0);
	(void)crypto_hash_sha256_final(&sum, hash);
	assert_int_equal(n, json_integer_value(json_object_get(v, "bytes")));
	assert_memory_equal(hash, wanted, sizeof(hash));
}


static void test_vectors(void **state)
{
	json_t *all = json_load_file(SUITES "/seal/vectors.json", 0, NULL);
	json_t *these = json_object_get(all, "archives"), *v;
	size_t i;
	(void)state;

	assert_int_equal(json_array_size(these), 2);
	json_array_foreach(these, i, v)
		vector_opens(v);
	json_decref(all);
}


/* ---- ours ---------------------------------------------------------------- */

static void make(struct sealed *a)
{
	uint8_t plain[STREAM_CHUNK];
	struct stream s;

	memset(plain, 0x42, sizeof(plain));
	a->about = (struct archive_about){
		.kind = ARCHIVE_KEYRING, .house = 77, .made_at = 1234567};
	seal_pair(a->about.public, a->private);
	assert_int_equal(archive_begin(&s, a->v, &a->about), 0);
	for (int i = 0; i < CHUNKS; i++)
		assert_int_equal(stream_push(
			&s, a->v + ARCHIVE_LID + i * STREAM_SEALED, plain,
			sizeof(plain) - (size_t)i, i == CHUNKS - 1), 0);
	stream_wipe(&s);
}


static void test_both_ways(void **state)
{
	static struct sealed a;
	struct archive_about looked;
	size_t n;
	(void)state;

	make(&a);
	assert_int_equal(open_all(a.v, SIZE, a.private, NULL, &n), 0);
	assert_int_equal(n, 3 * STREAM_CHUNK - 3);
	assert_int_equal(archive_look(&looked, a.v, SIZE), 0);
	assert_int_equal(looked.kind, ARCHIVE_KEYRING);
	assert_int_equal(looked.house, 77);
	assert_int_equal(looked.made_at, 1234567);
	assert_memory_equal(looked.public, a.about.public, SEAL_KEY);
	/* what is in it is not to be seen, nor that it repeats */
	for (size_t i = ARCHIVE_LID; i + 16 <= SIZE; i++) {
		static const uint8_t same[16] = {
			0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42,
			0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42};

		assert_memory_not_equal(a.v + i, same, sizeof(same));
	}
}


static void test_cut_off(void **state)
{
	static struct sealed a;
	struct archive_about looked;
	size_t n;
	int err;
	(void)state;

	make(&a);
	for (size_t cut = 0; cut < SIZE; cut++) {
		/* each place in the head, and around each chunk */
		const size_t in = (cut - ARCHIVE_LID) % STREAM_SEALED;

		if (cut > ARCHIVE_LID && in > 20 && in < STREAM_SEALED - 20)
			continue;
		if (cut < ARCHIVE_LID - 24)
			assert_int_equal(archive_look(&looked, a.v, cut),
					 EBADMSG);
		err = open_all(a.v, cut, a.private, NULL, &n);
		assert_int_equal(err, cut < ARCHIVE_LID ? EBADMSG : ENODATA);
	}
	memcpy(a.v + SIZE, a.v + SIZE - STREAM_SEALED, STREAM_SEALED);
	assert_int_equal(open_all(a.v, SIZE + STREAM_SEALED, a.private, NULL,
				  &n), EBADMSG);
}


/* any bit of the head, and some of each chunk; but for the public key, which
 * only says whose shares are asked for */
static void test_changed(void **state)
{
	static struct sealed a;
	size_t n;
	(void)state;

	make(&a);
	for (size_t i = 0; i < SIZE; i++) {
		if (i > ARCHIVE_LID + 100 && i % 97)
			continue;
		for (int bit = i < ARCHIVE_LID ? 0 : 6; bit < 8; bit++) {
			a.v[i] ^= (uint8_t)(1 << bit);
			const int err = open_all(a.v, SIZE, a.private, NULL,
						 &n);

			if (i < ARCHIVE_NAME + 8 || i >= ARCHIVE_HEAD)
				assert_int_not_equal(err, 0);
			a.v[i] ^= (uint8_t)(1 << bit);
		}
	}
	assert_int_equal(open_all(a.v, SIZE, a.private, NULL, &n), 0);
}


static void test_another_key(void **state)
{
	static struct sealed a;
	uint8_t public[SEAL_KEY], private[SEAL_KEY];
	size_t n;
	(void)state;

	make(&a);
	seal_pair(public, private);
	assert_int_equal(open_all(a.v, SIZE, private, NULL, &n),
			 EKEYREJECTED);
}


static void test_not_ours(void **state)
{
	static struct sealed a;
	struct archive_about looked;
	struct stream s;
	(void)state;

	make(&a);
	a.v[ARCHIVE_NAME - 1] = 2;
	assert_int_equal(archive_look(&looked, a.v, SIZE), ENOTSUP);
	assert_int_equal(archive_open(&s, a.v, a.private), ENOTSUP);
	a.v[ARCHIVE_NAME - 1] = 0;
	assert_int_equal(archive_look(&looked, a.v, SIZE), EBADMSG);
	a.v[ARCHIVE_NAME - 1] = 1;
	a.v[ARCHIVE_HEAD + 4] = 'M'; /* a message in its place */
	assert_int_equal(archive_look(&looked, a.v, SIZE), EBADMSG);
	a.v[ARCHIVE_HEAD + 4] = 'B';
	assert_int_equal(archive_look(&looked, a.v, SIZE), 0);

	a.about.made_at = 0;
	assert_int_equal(archive_begin(&s, a.v, &a.about), EINVAL);
	a.about.made_at = 1;
	memset(a.about.public, 0, SEAL_KEY);
	assert_int_equal(archive_begin(&s, a.v, &a.about), EINVAL);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_another_key),
		cmocka_unit_test(test_not_ours),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
