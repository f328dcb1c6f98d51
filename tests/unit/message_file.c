/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * message_file.c  Messages are read as far as they were written, whatever
 * their head says; and nothing else is taken for one.
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


/* a file whose head speaks of n_head bytes, and that has n */
static void file_make(uint32_t n_head, uint32_t voiced_ms, size_t n)
{
	const struct message_info info = {
		.format = MESSAGE_ALAW, .voiced_ms = voiced_ms,
	};
	uint8_t head[MESSAGE_HEAD];
	char path[MESSAGE_PATH];
	FILE *file;

	message_path(path, CALL);
	file = fopen(path, "wb");
	assert_non_null(file);
	message_head_encode(head, &info, n_head);
	assert_int_equal(fwrite(head, sizeof(head), 1, file), 1);
	for (size_t i = 0; i < n; i++)
		assert_int_not_equal(fputc((int)(i & 0xff), file), EOF);
	assert_int_equal(fclose(file), 0);
}


static void test_whole(void **state)
{
	struct message_info info;
	char path[MESSAGE_PATH];
	uint8_t *wav;
	size_t n;
	(void)state;

	message_path(path, UINT64_MAX);
	assert_string_equal(path, "messages/18446744073709551615.wav");

	file_make(16000, 700, 16000);
	assert_int_equal(message_look(&info, CALL), 0);
	assert_int_equal(info.format, MESSAGE_ALAW);
	assert_int_equal(info.ms, 2000);
	assert_int_equal(info.voiced_ms, 700);
	assert_int_equal(message_read(&wav, &n, CALL), 0);
	assert_int_equal(n, MESSAGE_HEAD + 16000);
	assert_memory_equal(wav, "RIFF", 4);
	assert_int_equal(wav[MESSAGE_HEAD + 300], 300 & 0xff);
	free(wav);
	assert_int_equal(message_remove(CALL), 0);
	assert_int_equal(message_remove(CALL), 0);
	assert_int_equal(message_look(&info, CALL), ENOENT);
	assert_int_equal(message_read(&wav, &n, CALL), ENOENT);
}


/* the head fell behind, or was never brought up to date */
static void test_torn(void **state)
{
	static const struct {
		uint32_t n_head, voiced_ms;
		size_t n;
		uint32_t ms, voiced;
	} v[] = {
		{0, 0, 16000, 2000, 0},
		{8000, 900, 15999, 1999, 900},
		{80000, 9000, 8000, 1000, 1000},
		{0, 0, 0, 0, 0},
		{0, 0, (LIMIT_MESSAGE_ALL_S + 5) * 8000,
		 LIMIT_MESSAGE_ALL_S * 1000, 0},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct message_info info, head;
		uint8_t *wav;
		size_t n;

		file_make(v[i].n_head, v[i].voiced_ms, v[i].n);
		assert_int_equal(message_look(&info, CALL), 0);
		assert_int_equal(info.ms, v[i].ms);
		assert_int_equal(info.voiced_ms, v[i].voiced);
		assert_int_equal(message_read(&wav, &n, CALL), 0);
		assert_int_equal(message_head_decode(&head, wav), 0);
		assert_int_equal(head.ms, v[i].ms);
		assert_int_equal((n - MESSAGE_HEAD) % 2, 0);
		free(wav);
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
			(void)fputc("RIFF"[i % 4], file);
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

	file_make(800, 0, 800);
	assert_true(oom_loop(read_it, NULL) >= 1);
}


int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_whole), T(test_torn), T(test_no_message), T(test_oom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
