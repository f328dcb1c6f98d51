/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * message_file.c  Messages are found as far as they were written; and nothing
 * else is taken for one.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/message.h"
#include "oom.h"
#include "tmpdir.h"


enum { CALL = 12 };

struct fixture {
	char dir[TMPDIR_SIZE];
	char before[512];
};


static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || !getcwd(f->before, sizeof(f->before)))
		return -1;
	tmpdir_make(f->dir, "message");
	if (chdir(f->dir) || mkdir(message_folder, 0700))
		return -1;
	*state = f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	if (chdir(f->before))
		return -1;
	tmpdir_remove(f->dir);
	free(f);

	return 0;
}


/* a file of parts with so many chunks, without its last bytes */
static void file_make(const unsigned *chunks, unsigned n_parts, size_t cut)
{
	static const uint8_t head[MESSAGE_HEAD] = {
		'R', 'B', 'S', 1, 'M', 8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2,
	};
	uint8_t rest[MESSAGE_SEALED];
	char path[MESSAGE_PATH];
	FILE *file;
	long n;

	memset(rest, 0x5a, sizeof(rest));
	message_path(path, CALL);
	file = fopen(path, "wb");
	assert_non_null(file);
	for (unsigned i = 0; i < n_parts; i++) {
		assert_int_equal(fwrite(head, sizeof(head), 1, file), 1);
		assert_int_equal(fwrite(rest, MESSAGE_LID - MESSAGE_HEAD, 1,
					file), 1);
		for (unsigned k = 0; k < chunks[i]; k++)
			assert_int_equal(fwrite(rest, sizeof(rest), 1, file),
					 1);
	}
	n = ftell(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(truncate(path, n - (long)cut), 0);
}


static void test_whole(void **state)
{
	static const unsigned chunks[] = {20, 40};
	const size_t size = 2 * MESSAGE_LID + 60 * MESSAGE_SEALED;
	struct message_info info;
	char path[MESSAGE_PATH];
	uint8_t *sealed;
	size_t n;
	(void)state;

	message_path(path, UINT64_MAX);
	assert_string_equal(path, "messages/18446744073709551615.sealed");

	file_make(chunks, 2, 0);
	assert_int_equal(message_look(&info, CALL), 0);
	assert_int_equal(info.n_parts, 2);
	assert_int_equal(info.n_chunks, 60);
	assert_int_equal(info.ms, 60 * MESSAGE_CHUNK / MESSAGE_MS);
	assert_int_equal(info.epoch, 0x102);
	assert_int_equal(info.n, size);
	assert_int_equal(message_read(&sealed, &n, CALL), 0);
	assert_int_equal(n, size);
	assert_memory_equal(sealed, "RBS", 3);
	assert_int_equal(sealed[n - 1], 0x5a);
	free(sealed);
	assert_int_equal(message_remove(CALL), 0);
	assert_int_equal(message_remove(CALL), 0);
	assert_int_equal(message_look(&info, CALL), ENOENT);
	assert_int_equal(message_read(&sealed, &n, CALL), ENOENT);
}


/* a crash: it ends anywhere, and the next part begins where it ended */
static void test_torn(void **state)
{
	static const struct {
		unsigned chunks[3], n_parts;
		size_t cut;
		unsigned n_chunks, n_whole; /* parts */
	} v[] = {
		{{3}, 1, 0, 3, 1},
		{{3}, 1, 1, 2, 1},
		{{3}, 1, MESSAGE_SEALED - 1, 2, 1},
		{{7, 20}, 2, 0, 27, 2},
		{{7, 0}, 2, 0, 7, 1},
		{{7, 1}, 2, 1, 7, 1},
		{{7, 1, 20}, 3, 5, 27, 3},
		{{MESSAGE_CHUNKS + 1000}, 1, 0,
		 MESSAGE_CHUNKS + MESSAGE_STEP, 1},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct message_info info;
		uint8_t *sealed;
		size_t n;

		file_make(v[i].chunks, v[i].n_parts, v[i].cut);
		assert_int_equal(message_look(&info, CALL), 0);
		assert_int_equal(info.n_chunks, v[i].n_chunks);
		assert_int_equal(info.n_parts, v[i].n_whole);
		assert_int_equal(message_read(&sealed, &n, CALL), 0);
		assert_int_equal(n, info.n);
		assert_int_equal(n, v[i].n_chunks * MESSAGE_SEALED +
				    v[i].n_whole * MESSAGE_LID);
		free(sealed);
	}
}


/* it has begun, and nothing was said yet */
static void test_empty(void **state)
{
	static const unsigned chunks[] = {1};
	struct message_info info;
	uint8_t *sealed;
	size_t n;
	(void)state;

	for (size_t cut = 1; cut <= MESSAGE_SEALED + 8; cut += 7) {
		file_make(chunks, 1, cut);
		assert_int_equal(message_look(&info, CALL), ENOENT);
		assert_int_equal(message_read(&sealed, &n, CALL), ENOENT);
	}
}


static void test_no_message(void **state)
{
	struct message_info info;
	char path[MESSAGE_PATH];
	FILE *file;
	(void)state;

	message_path(path, CALL);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_not_equal(message_look(&info, CALL), 0);
	assert_int_equal(message_remove(CALL), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(message_look(&info, CALL), EBADMSG);
	assert_int_equal(message_remove(CALL), 0);

	for (int n = 0; n < 200; n++) {
		file = fopen(path, "wb");
		assert_non_null(file);
		for (int i = 0; i < n; i++)
			(void)fputc("RBS\1M"[i % 5], file);
		assert_int_equal(fclose(file), 0);
		assert_int_equal(message_look(&info, CALL), EBADMSG);
	}
}


static int read_it(void *arg)
{
	uint8_t *wav;
	size_t n;
	int err;
	(void)arg;

	err = message_read(&wav, &n, CALL);
	if (!err)
		free(wav);

	return err;
}


static void test_oom(void **state)
{
	(void)state;

	file_make((const unsigned[]){2}, 1, 0);
	assert_true(oom_loop(read_it, NULL) >= 1);
}


int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_whole), T(test_torn), T(test_empty), T(test_no_message),
		T(test_oom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
