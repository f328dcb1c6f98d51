/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_tar.c  Heads of a tar file, there and back, and what is none.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cli/tar.h"


static void test_both_ways(void **state)
{
	static const uint64_t sizes[] = {0, 1, 511, 512, 1u << 30,
					 (UINT64_C(1) << 33) - 1};
	struct tar_file in = {.name = "messages/17.sealed"}, out;
	uint8_t block[TAR_BLOCK];
	(void)state;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		in.size = sizes[i];
		assert_int_equal(tar_encode(block, &in, 1795000000), 0);
		assert_int_equal(tar_decode(&out, block), 0);
		assert_string_equal(out.name, in.name);
		assert_int_equal(out.size, in.size);
	}
	/* as POSIX has it */
	assert_memory_equal(block + 100, "0000600", 8);
	assert_memory_equal(block + 124, "77777777777", 12);
	assert_memory_equal(block + 257, "ustar\00000", 8);
}


static void test_longest_name(void **state)
{
	struct tar_file in = {.size = 1}, out;
	uint8_t block[TAR_BLOCK];
	(void)state;

	assert_int_equal(tar_encode(block, &in, 0), EINVAL);
	memset(in.name, 'a', TAR_NAME - 1);
	assert_int_equal(tar_encode(block, &in, -5), 0);
	assert_int_equal(tar_decode(&out, block), 0);
	assert_string_equal(out.name, in.name);
	in.name[TAR_NAME - 1] = 'a';
	assert_int_equal(tar_encode(block, &in, 0), EINVAL);
}


static void test_too_large(void **state)
{
	struct tar_file in = {.name = "a", .size = UINT64_C(1) << 33};
	uint8_t block[TAR_BLOCK];
	(void)state;

	assert_int_equal(tar_encode(block, &in, 0), EFBIG);
}


/* every byte counts */
static void test_changed(void **state)
{
	struct tar_file in = {.name = "store.db", .size = 12345}, out;
	uint8_t block[TAR_BLOCK] = {0};
	(void)state;

	assert_int_equal(tar_decode(&out, block), ENOENT);
	assert_int_equal(tar_encode(block, &in, 0), 0);
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		block[i] ^= 1;
		/* what ends the sum is anybody's */
		assert_int_equal(tar_decode(&out, block),
				 i == 154 || i == 155 ? 0 : EBADMSG);
		block[i] ^= 1;
	}
	memset(block, 'x', sizeof(block));
	assert_int_equal(tar_decode(&out, block), EBADMSG);
}


static void test_fill(void **state)
{
	(void)state;

	assert_int_equal(tar_fill(0), 0);
	assert_int_equal(tar_fill(1), 511);
	assert_int_equal(tar_fill(511), 1);
	assert_int_equal(tar_fill(512), 0);
	assert_int_equal(tar_fill((UINT64_C(1) << 32) + 5), 507);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_longest_name),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_fill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
