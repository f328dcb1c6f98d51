/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * seal.c  What is sealed opens with the right key as what it was, and with
 * nothing else; and as another implementation seals it (tests/suites/seal).
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

#include "seal/seal.h"
#include "seal/stream.h"
#include "seal/wrap.h"

enum { MOST = 200000 };

struct bytes {
	size_t n;
	uint8_t v[MOST];
};


/* ---- vectors ------------------------------------------------------------- */

static json_t *vectors(const char *of)
{
	json_t *all = json_load_file(SUITES "/seal/vectors.json", 0, NULL);
	json_t *these;

	assert_non_null(all);
	these = json_incref(json_object_get(all, of));
	json_decref(all);
	assert_true(json_array_size(these) > 0);

	return these;
}


static void hex(struct bytes *b, const json_t *of, const char *name)
{
	const char *text = json_string_value(json_object_get(of, name));

	assert_non_null(text);
	assert_int_equal(sodium_hex2bin(b->v, MOST, text, strlen(text), NULL,
					&b->n, NULL), 0);
}


static void key_of(uint8_t key[SEAL_KEY], const json_t *of, const char *name)
{
	static struct bytes b;

	hex(&b, of, name);
	assert_int_equal(b.n, SEAL_KEY);
	memcpy(key, b.v, SEAL_KEY);
}


static uint64_t number(const json_t *of, const char *name)
{
	const json_t *v = json_object_get(of, name);

	assert_true(json_is_integer(v));

	return (uint64_t)json_integer_value(v);
}


static void test_vectors(void **state)
{
	static struct bytes sealed, plain, out;
	json_t *all = vectors("things"), *v;
	size_t i;
	(void)state;

	json_array_foreach(all, i, v) {
		const struct seal_about about = {
			.kind = (enum seal_kind)*json_string_value(
				json_object_get(v, "kind")),
			.detail = (uint8_t)number(v, "detail"),
			.epoch = number(v, "epoch"),
			.subject = number(v, "subject"),
		};
		struct seal_about looked;
		uint8_t private[SEAL_KEY], public[SEAL_KEY], of[SEAL_KEY];

		key_of(private, v, "private");
		key_of(public, v, "public");
		seal_public(of, private);
		assert_memory_equal(of, public, SEAL_KEY);
		hex(&sealed, v, "sealed");
		hex(&plain, v, "plain");
		assert_int_equal(sealed.n, seal_size(about.kind, plain.n));
		assert_int_equal(seal_open(out.v, &out.n, &about, private,
					   sealed.v, sealed.n), 0);
		assert_int_equal(out.n, plain.n);
		assert_memory_equal(out.v, plain.v, plain.n);
		assert_int_equal(seal_look(&looked, sealed.v, sealed.n), 0);
		assert_int_equal(looked.kind, about.kind);
		assert_int_equal(looked.detail, about.detail);
		assert_int_equal(looked.epoch, about.epoch);
	}
	json_decref(all);
}


static void test_message_vectors(void **state)
{
	static struct bytes sealed, out;
	static struct stream s;
	json_t *all = vectors("messages"), *v;
	size_t i;
	(void)state;

	json_array_foreach(all, i, v) {
		const struct seal_about about = {
			.kind = SEAL_MESSAGE,
			.detail = (uint8_t)number(v, "codec"),
			.epoch = number(v, "epoch"),
			.subject = number(v, "call"),
		};
		uint8_t private[SEAL_KEY], hash[32], wanted[SEAL_KEY];
		crypto_hash_sha256_state sum;
		const uint8_t *p = sealed.v + STREAM_LID;
		uint64_t n = 0;

		key_of(private, v, "private");
		key_of(wanted, v, "sound");
		hex(&sealed, v, "sealed");
		assert_int_equal(stream_open(&s, sealed.v, &about,
					     number(v, "part"), private), 0);
		(void)crypto_hash_sha256_init(&sum);
		for (; p < sealed.v + sealed.n; p += STREAM_SEALED) {
			assert_int_equal(stream_pull(&s, out.v, &out.n, p),
					 0);
			(void)crypto_hash_sha256_update(&sum, out.v, out.n);
			n += out.n;
		}
		(void)crypto_hash_sha256_final(&sum, hash);
		assert_int_equal(n, number(v, "bytes"));
		assert_memory_equal(hash, wanted, sizeof(hash));
		assert_int_equal(s.over,
				 json_is_true(json_object_get(v, "whole")));
		if (s.over)
			assert_int_equal(s.n_chunks % STREAM_STEP, 0);
		stream_wipe(&s);
	}
	json_decref(all);
}


static void test_wrap_vectors(void **state)
{
	static struct bytes wrapped;
	json_t *all = vectors("wrapped"), *v;
	size_t i;
	(void)state;

	json_array_foreach(all, i, v) {
		uint8_t wrapping[SEAL_KEY], public[SEAL_KEY];
		uint8_t private[SEAL_KEY], wanted[SEAL_KEY];

		key_of(wrapping, v, "wrapping");
		key_of(public, v, "public");
		key_of(wanted, v, "private");
		hex(&wrapped, v, "wrapped");
		assert_int_equal(wrap_check(wrapped.v, wrapped.n), 0);
		assert_int_equal(wrap_open(private, wrapped.v, public,
					   wrapping), 0);
		assert_memory_equal(private, wanted, SEAL_KEY);
	}
	json_decref(all);
}


/* ---- one thing ----------------------------------------------------------- */

static void test_both_ways(void **state)
{
	static const size_t sizes[] = {0, 1, 63, 64, 1023, 1024, SEAL_MOST};
	static struct bytes in, sealed, out;
	uint8_t public[SEAL_KEY], private[SEAL_KEY];
	const struct seal_about about = {
		.kind = SEAL_NOTE, .epoch = 5, .subject = 77};
	(void)state;

	seal_pair(public, private);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		in.n = sizes[i];
		randombytes_buf(in.v, in.n);
		sealed.n = seal_size(about.kind, in.n);
		assert_true(sealed.n > in.n && sealed.n <= MOST);
		assert_int_equal(seal_make(sealed.v, &about, public, in.v,
					   in.n), 0);
		assert_int_equal(seal_open(out.v, &out.n, &about, private,
					   sealed.v, sealed.n), 0);
		assert_int_equal(out.n, in.n);
		assert_memory_equal(out.v, in.v, in.n);
	}
}


static void test_lengths_say_little(void **state)
{
	(void)state;

	assert_int_equal(seal_size(SEAL_NOTE, 0), seal_size(SEAL_NOTE, 1023));
	assert_int_equal(seal_size(SEAL_NUMBER, 4),
			 seal_size(SEAL_NUMBER, 30));
	assert_int_equal(seal_size(SEAL_NOTE, SEAL_MOST + 1), 0);
	assert_int_equal(seal_size(SEAL_MESSAGE, 1), 0);
	assert_int_equal(seal_size('X', 1), 0);
}


/* every byte of it matters; and a shorter or longer one is none */
static void test_changed(void **state)
{
	static struct bytes sealed, out;
	uint8_t public[SEAL_KEY], private[SEAL_KEY], other[SEAL_KEY];
	const struct seal_about about = {
		.kind = SEAL_NUMBER, .detail = 2, .epoch = 5, .subject = 77};
	int err;
	(void)state;

	seal_pair(public, other);
	seal_pair(public, private);
	sealed.n = seal_size(about.kind, 3);
	assert_int_equal(seal_make(sealed.v, &about, public,
				   (const uint8_t *)"abc", 3), 0);
	for (size_t i = 0; i < sealed.n; i++) {
		sealed.v[i] ^= 0x40;
		err = seal_open(out.v, &out.n, &about, private, sealed.v,
				sealed.n);
		assert_int_equal(err, i >= SEAL_HEAD &&
				      i < SEAL_HEAD + SEAL_BOX
					      ? EKEYREJECTED : EBADMSG);
		sealed.v[i] ^= 0x40;
	}
	for (size_t n = 0; n < sealed.n; n++)
		assert_int_equal(seal_open(out.v, &out.n, &about, private,
					   sealed.v, n), EBADMSG);
	sealed.v[sealed.n] = 0;
	assert_int_equal(seal_open(out.v, &out.n, &about, private, sealed.v,
				   sealed.n + 1), EBADMSG);
	assert_int_equal(seal_open(out.v, &out.n, &about, other, sealed.v,
				   sealed.n), EKEYREJECTED);
	assert_int_equal(seal_open(out.v, &out.n, &about, private, sealed.v,
				   sealed.n), 0);
}


static void test_belongs_elsewhere(void **state)
{
	static const struct seal_about others[] = {
		{SEAL_NOTE, 2, 5, 77},   {SEAL_NUMBER, 3, 5, 77},
		{SEAL_NUMBER, 2, 6, 77}, {SEAL_NUMBER, 2, 5, 78},
	};
	static struct bytes sealed, out;
	uint8_t public[SEAL_KEY], private[SEAL_KEY];
	const struct seal_about about = {SEAL_NUMBER, 2, 5, 77};
	(void)state;

	seal_pair(public, private);
	sealed.n = seal_size(about.kind, 3);
	assert_int_equal(seal_make(sealed.v, &about, public,
				   (const uint8_t *)"abc", 3), 0);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(seal_open(out.v, &out.n, &others[i],
					   private, sealed.v, sealed.n),
				 EBADMSG);
}


/* two of the same look like nothing of each other */
static void test_fresh_each_time(void **state)
{
	static struct bytes a, b;
	uint8_t public[SEAL_KEY], private[SEAL_KEY];
	const struct seal_about about = {SEAL_NUMBER, 0, 5, 77};
	(void)state;

	seal_pair(public, private);
	a.n = seal_size(about.kind, 3);
	for (int i = 0; i < 2; i++)
		assert_int_equal(seal_make(i ? a.v : b.v, &about, public,
					   (const uint8_t *)"abc", 3), 0);
	for (size_t i = SEAL_HEAD; i + 16 <= a.n; i++)
		assert_memory_not_equal(a.v + i, b.v + i, 16);
}


static void test_refused(void **state)
{
	static struct bytes out;
	const uint8_t none[SEAL_KEY] = {0};
	const struct seal_about note = {SEAL_NOTE, 0, 5, 77};
	const struct seal_about message = {SEAL_MESSAGE, 0, 5, 77};
	struct seal_about looked;
	uint8_t public[SEAL_KEY], private[SEAL_KEY];
	(void)state;

	seal_pair(public, private);
	assert_int_equal(seal_make(out.v, &note, none, out.v, 1), EINVAL);
	assert_int_equal(seal_make(out.v, &message, public, out.v, 1),
			 EINVAL);
	assert_int_equal(seal_make(out.v, &note, public, out.v,
				   SEAL_MOST + 1), EINVAL);
	assert_int_equal(seal_look(&looked, (const uint8_t *)"RBS", 3),
			 EBADMSG);
}


/* ---- messages ------------------------------------------------------------ */

struct spoken {
	uint8_t public[SEAL_KEY], private[SEAL_KEY];
	uint8_t lid[STREAM_LID];
	uint8_t chunks[3][STREAM_SEALED];
	struct stream s;
};

static const struct seal_about call9 = {SEAL_MESSAGE, 8, 5, 9};


static void speak(struct spoken *p)
{
	uint8_t sound[STREAM_CHUNK];

	memset(sound, 0x55, sizeof(sound));
	seal_pair(p->public, p->private);
	assert_int_equal(stream_begin(&p->s, p->lid, &call9, 1, p->public),
			 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(stream_push(&p->s, p->chunks[i], sound,
					     sizeof(sound) - (unsigned)i,
					     i == 2), 0);
	assert_int_equal(stream_push(&p->s, p->chunks[0], sound, 1, true),
			 EINVAL);
	stream_wipe(&p->s);
}


static int listen_to(struct spoken *p, const int *order, int n)
{
	uint8_t out[STREAM_PADDED];
	size_t n_out;
	int err;

	err = stream_open(&p->s, p->lid, &call9, 1, p->private);
	for (int i = 0; !err && i < n; i++) {
		err = stream_pull(&p->s, out, &n_out, p->chunks[order[i]]);
		if (!err)
			assert_int_equal(n_out, STREAM_CHUNK - order[i]);
	}

	return err;
}


static void test_message(void **state)
{
	static struct spoken p;
	(void)state;

	speak(&p);
	assert_int_equal(listen_to(&p, (const int[]){0, 1, 2}, 3), 0);
	assert_true(p.s.over);
	/* what a crash leaves */
	assert_int_equal(listen_to(&p, (const int[]){0, 1}, 2), 0);
	assert_false(p.s.over);
	assert_int_equal(listen_to(&p, (const int[]){1}, 1), EBADMSG);
	assert_int_equal(listen_to(&p, (const int[]){0, 2}, 2), EBADMSG);
	assert_int_equal(listen_to(&p, (const int[]){0, 1, 2, 0}, 4),
			 EBADMSG);
	p.chunks[1][100] ^= 1;
	assert_int_equal(listen_to(&p, (const int[]){0, 1}, 2), EBADMSG);
	stream_wipe(&p.s);
}


static void test_message_of_another_call(void **state)
{
	static struct spoken p;
	struct seal_about about = call9;
	uint8_t out[STREAM_PADDED];
	size_t n;
	(void)state;

	speak(&p);
	about.subject = 10;
	assert_int_equal(stream_open(&p.s, p.lid, &about, 1, p.private), 0);
	assert_int_equal(stream_pull(&p.s, out, &n, p.chunks[0]), EBADMSG);
	assert_int_equal(stream_open(&p.s, p.lid, &call9, 2, p.private), 0);
	assert_int_equal(stream_pull(&p.s, out, &n, p.chunks[0]), EBADMSG);
	about = call9;
	about.detail = 0;
	assert_int_equal(stream_open(&p.s, p.lid, &about, 1, p.private),
			 EBADMSG);
	p.private[3] ^= 1;
	assert_int_equal(stream_open(&p.s, p.lid, &call9, 1, p.private),
			 EKEYREJECTED);
	stream_wipe(&p.s);
}


static void test_missing(void **state)
{
	struct stream s = {.n_chunks = 0};
	(void)state;

	assert_int_equal(stream_missing(&s), STREAM_STEP - 1);
	s.n_chunks = STREAM_STEP - 1;
	assert_int_equal(stream_missing(&s), 0);
	s.n_chunks = STREAM_STEP;
	assert_int_equal(stream_missing(&s), STREAM_STEP - 1);
}


/* ---- a person's key ------------------------------------------------------ */

static void test_wrap(void **state)
{
	uint8_t public[SEAL_KEY], private[SEAL_KEY], out[SEAL_KEY];
	uint8_t other[SEAL_KEY], wrapping[SEAL_KEY], wrapped[WRAP_SIZE];
	(void)state;

	seal_pair(other, private);
	seal_pair(public, private);
	randombytes_buf(wrapping, sizeof(wrapping));
	wrap_make(wrapped, private, wrapping);
	assert_int_equal(wrap_open(out, wrapped, public, wrapping), 0);
	assert_memory_equal(out, private, SEAL_KEY);
	assert_int_equal(wrap_open(out, wrapped, other, wrapping), EBADMSG);
	for (size_t i = 0; i < WRAP_SIZE; i++) {
		wrapped[i] ^= 1;
		assert_int_equal(wrap_open(out, wrapped, public, wrapping),
				 EBADMSG);
		wrapped[i] ^= 1;
	}
	wrapping[0] ^= 1;
	assert_int_equal(wrap_open(out, wrapped, public, wrapping), EBADMSG);
	assert_int_equal(wrap_check(wrapped, WRAP_SIZE), 0);
	assert_int_equal(wrap_check(wrapped, WRAP_SIZE - 1), EBADMSG);
	assert_int_equal(wrap_check(NULL, 0), EBADMSG);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_message_vectors),
		cmocka_unit_test(test_wrap_vectors),
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_lengths_say_little),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_belongs_elsewhere),
		cmocka_unit_test(test_fresh_each_time),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_message_of_another_call),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_wrap),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
