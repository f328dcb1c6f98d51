/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_messagefile.c  What is in the file of a message stays there, whatever
 * is added to it, and whatever state it was left in.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "media/messagefile.h"
#include "tmpdir.h"


enum { CALL = 5, SECOND = 1000 * MESSAGE_MS };

struct fixture {
	char dir[TMPDIR_SIZE];
	char before[512];
	char path[MESSAGE_PATH];
	struct messagefile file;
};


static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || !getcwd(f->before, sizeof(f->before)))
		return -1;
	tmpdir_make(f->dir, "messagefile");
	if (chdir(f->dir))
		return -1;
	message_path(f->path, CALL);
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


static int say(struct fixture *f, uint8_t value, size_t n)
{
	uint8_t *p = malloc(n);
	int err;

	assert_non_null(p);
	memset(p, value, n);
	err = messagefile_write(&f->file, p, n);
	free(p);

	return err;
}


static int begin(struct fixture *f)
{
	messagefile_init(&f->file, CODEC_PCMU);

	return messagefile_open(&f->file, CALL);
}


/* a part of n bytes of this value */
static void part(struct fixture *f, uint8_t value, size_t n, uint32_t voiced)
{
	assert_int_equal(begin(f), 0);
	assert_int_equal(say(f, value, n), 0);
	assert_int_equal(messagefile_close(&f->file, voiced), 0);
}


static long size_of(const struct fixture *f)
{
	struct stat st;

	return stat(f->path, &st) ? -1 : (long)st.st_size;
}


/* what a player is told, whatever the length of the file */
static void assert_head(const struct fixture *f, uint32_t ms, uint32_t voiced)
{
	uint8_t head[MESSAGE_HEAD];
	struct message_info info;
	FILE *file = fopen(f->path, "rb");

	assert_non_null(file);
	assert_int_equal(fread(head, sizeof(head), 1, file), 1);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(message_head_decode(&info, head), 0);
	assert_int_equal(info.ms, ms);
	assert_int_equal(info.voiced_ms, voiced);
}


/* byte i of the sound */
static uint8_t sound_at(const struct fixture *f, long i)
{
	FILE *file = fopen(f->path, "rb");
	int c;

	assert_non_null(file);
	assert_int_equal(fseek(file, MESSAGE_HEAD + i, SEEK_SET), 0);
	c = fgetc(file);
	assert_int_equal(fclose(file), 0);

	return (uint8_t)c;
}


static void test_parts(void **state)
{
	struct fixture *f = *state;

	part(f, 1, SECOND, 600);
	assert_head(f, 1000, 600);
	part(f, 2, 2 * SECOND, 5000);
	assert_head(f, 3000, 2600);
	assert_int_equal(size_of(f), MESSAGE_HEAD + 3 * SECOND);
	assert_int_equal(sound_at(f, SECOND - 1), 1);
	assert_int_equal(sound_at(f, SECOND), 2);

	/* one without any sound: the rest stays */
	assert_int_equal(begin(f), 0);
	assert_int_equal(messagefile_close(&f->file, 0), 0);
	assert_head(f, 3000, 2600);

	/* and one that was nothing */
	assert_int_equal(begin(f), 0);
	assert_int_equal(say(f, 3, SECOND), 0);
	assert_int_equal(messagefile_sync(&f->file, 0), 0);
	assert_head(f, 4000, 2600);
	assert_int_equal(messagefile_back(&f->file), 0);
	assert_int_equal(messagefile_close(&f->file, 0), 0);
	assert_head(f, 3000, 2600);
	assert_int_equal(size_of(f), MESSAGE_HEAD + 3 * SECOND);
}


static void test_first(void **state)
{
	struct fixture *f = *state;

	/* no sound, no file */
	assert_int_equal(begin(f), 0);
	assert_int_equal(size_of(f), MESSAGE_HEAD);
	assert_int_equal(messagefile_close(&f->file, 0), 0);
	assert_int_equal(size_of(f), -1);

	/* there is nothing to go back to */
	assert_int_equal(begin(f), 0);
	assert_int_equal(say(f, 1, SECOND), 0);
	assert_int_equal(messagefile_back(&f->file), 0);
	assert_int_equal(messagefile_close(&f->file, 0), 0);
	assert_int_equal(size_of(f), MESSAGE_HEAD + SECOND);
}


/* what a crash leaves: the head speaks of less than there is, or of more, and
 * the sound ends anywhere */
static void test_torn(void **state)
{
	static const struct {
		long n;
		uint32_t ms, voiced;
	} v[] = {
		{SECOND - 1, 1999, 1600},  /* one byte short               */
		{SECOND / 2, 1500, 1500},  /* 500 ms, all of it voice      */
		{1, 1000, 1000},
		{0, 1000, 1000},           /* no sound: anew               */
		{-MESSAGE_HEAD, 1000, 1000},
		{1 - MESSAGE_HEAD, 1000, 1000},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		part(f, 1, SECOND, 600);
		assert_int_equal(truncate(f->path, MESSAGE_HEAD + v[i].n), 0);
		part(f, 2, SECOND, 1000);
		assert_head(f, v[i].ms, v[i].voiced);
		if (v[i].n > 0) {
			assert_int_equal(sound_at(f, v[i].n - 1), 1);
			assert_int_equal(sound_at(f, v[i].n), 2);
		}
		assert_int_equal(unlink(f->path), 0);
	}

	/* the head is behind: brought up when the next part begins */
	assert_int_equal(begin(f), 0);
	assert_int_equal(say(f, 1, SECOND), 0);
	assert_int_equal(close(f->file.fd), 0);
	assert_head(f, 0, 0);
	assert_int_equal(begin(f), 0);
	assert_head(f, 1000, 0);
	assert_int_equal(close(f->file.fd), 0);
}


static void test_full(void **state)
{
	struct fixture *f = *state;

	part(f, 1, SECOND, 600);
	assert_int_equal(truncate(f->path, MESSAGE_HEAD + MESSAGE_MOST - 80),
			 0);
	assert_int_equal(begin(f), 0);
	assert_int_equal(say(f, 2, SECOND), EFBIG);
	assert_int_equal(f->file.n, 80);
	assert_int_equal(messagefile_close(&f->file, 10), 0);
	assert_int_equal(size_of(f), MESSAGE_HEAD + MESSAGE_MOST);
	assert_int_equal(sound_at(f, MESSAGE_MOST - 1), 2);

	assert_int_equal(begin(f), EFBIG);
	assert_int_equal(size_of(f), MESSAGE_HEAD + MESSAGE_MOST);
	assert_head(f, LIMIT_MESSAGE_ALL_S * 1000, 610);
}


/* what is no message is not touched */
static void test_no_message(void **state)
{
	struct fixture *f = *state;
	FILE *file;

	assert_int_equal(mkdir(message_folder, 0700), 0);
	assert_int_equal(symlink("/etc/passwd", f->path), 0);
	assert_int_not_equal(begin(f), 0);
	assert_int_equal(f->file.fd, -1);
	assert_int_equal(unlink(f->path), 0);

	assert_int_equal(mkfifo(f->path, 0600), 0);
	assert_int_equal(begin(f), EEXIST);
	assert_int_equal(unlink(f->path), 0);

	assert_int_equal(mkdir(f->path, 0700), 0);
	assert_int_not_equal(begin(f), 0);
	assert_int_equal(rmdir(f->path), 0);

	file = fopen(f->path, "wb");
	assert_non_null(file);
	for (unsigned i = 0; i < 2 * MESSAGE_HEAD; i++)
		(void)fputc('x', file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(begin(f), EEXIST);
	assert_int_equal(size_of(f), 2 * MESSAGE_HEAD);
	assert_int_equal(sound_at(f, 0), 'x');
}


/* no space for more: what there was is whole */
static void test_disk_full(void **state)
{
	struct fixture *f = *state;
	const struct rlimit small = {MESSAGE_HEAD + SECOND + 80,
				     RLIM_INFINITY};
	struct rlimit old;
	int err;

	(void)signal(SIGXFSZ, SIG_IGN);
	part(f, 1, SECOND, 600);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	err = begin(f);
	if (!err)
		err = say(f, 2, SECOND);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(err, EFBIG);
	assert_int_equal(messagefile_close(&f->file, 5), 0);
	assert_int_equal(f->file.n_synced, 80);
	assert_head(f, 1010, 605);
	assert_int_equal(sound_at(f, SECOND - 1), 1);
}


static void test_codec(void **state)
{
	struct fixture *f = *state;

	messagefile_init(&f->file, CODEC_PCMA);
	assert_int_equal(messagefile_open(&f->file, CALL), 0);
	assert_int_equal(say(f, 0x31, SECOND), 0);
	assert_int_equal(messagefile_close(&f->file, 0), 0);
	part(f, 0x32, SECOND, 0);
	assert_int_equal(size_of(f), MESSAGE_HEAD + 2 * SECOND);
	assert_int_equal(sound_at(f, SECOND - 1), 0x31);
	for (long i = SECOND; i < 2 * SECOND; i += 1000)
		assert_int_equal(sound_at(f, i), codec_encode(CODEC_PCMA,
				 codec_decode(CODEC_PCMU, 0x32)));
}


int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_parts), T(test_first), T(test_torn), T(test_full),
		T(test_no_message), T(test_disk_full), T(test_codec),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
