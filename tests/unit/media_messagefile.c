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
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "media/messagefile.h"
#include "opened.h"
#include "tmpdir.h"


enum {
	CALL = 5,
	SECOND = 1000 * MESSAGE_MS,
	STEP = MESSAGE_LID + MESSAGE_STEP * MESSAGE_SEALED, /* a short part */
};

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


static int begin_as(struct fixture *f, enum codec c)
{
	struct message_seal to = {.epoch = OPENED_EPOCH};

	opened_public(to.public);
	messagefile_init(&f->file, c, &to);

	return messagefile_open(&f->file, CALL);
}


static int begin(struct fixture *f)
{
	return begin_as(f, CODEC_PCMU);
}


/* a part of n bytes of this value */
static void part(struct fixture *f, uint8_t value, size_t n)
{
	assert_int_equal(begin(f), 0);
	assert_int_equal(say(f, value, n), 0);
	assert_int_equal(messagefile_close(&f->file), 0);
	assert_int_equal(f->file.n_synced, n);
}


static long size_of(const struct fixture *f)
{
	struct stat st;

	return stat(f->path, &st) ? -1 : (long)st.st_size;
}


/* what one part is to be */
struct said {
	uint8_t value;
	size_t n;
	int whole;
};

static void assert_said(const struct said *v, unsigned n)
{
	struct opened o;
	size_t at = 0;

	assert_int_equal(opened_read(&o, CALL), 0);
	assert_int_equal(o.n_parts, n);
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(o.parts[i].n, v[i].n);
		assert_int_equal(!o.parts[i].whole, !v[i].whole);
		for (size_t k = 0; k < v[i].n; k++)
			assert_int_equal(o.sound[at++], v[i].value);
	}
	free(o.sound);
}


static void test_parts(void **state)
{
	static const struct said said[] = {{1, SECOND, 1}, {2, 2 * SECOND, 1}};
	struct fixture *f = *state;

	part(f, 1, SECOND);
	assert_int_equal(size_of(f), STEP);
	assert_said(said, 1);
	part(f, 2, 2 * SECOND);
	assert_said(said, 2);
	assert_int_equal(size_of(f), 2 * STEP);

	/* one without any sound: the rest stays */
	assert_int_equal(begin(f), 0);
	assert_int_equal(messagefile_close(&f->file), 0);
	assert_int_equal(size_of(f), 2 * STEP);

	/* and one that was nothing */
	assert_int_equal(begin(f), 0);
	assert_int_equal(say(f, 3, SECOND), 0);
	assert_int_equal(messagefile_sync(&f->file), 0);
	assert_true(size_of(f) > 2 * STEP);
	assert_int_equal(messagefile_back(&f->file), 0);
	assert_int_equal(messagefile_close(&f->file), 0);
	assert_int_equal(size_of(f), 2 * STEP);
	assert_said(said, 2);
}


/* what it is as long as tells little: ten seconds are ten seconds */
static void test_length(void **state)
{
	static const struct {
		size_t n;
		unsigned steps;
	} v[] = {
		{1, 1},
		{(MESSAGE_STEP - 1) * MESSAGE_CHUNK, 1},
		{MESSAGE_STEP * MESSAGE_CHUNK - 1, 1},
		{MESSAGE_STEP * MESSAGE_CHUNK + 1, 2},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		const struct said said = {9, v[i].n, 1};

		part(f, 9, v[i].n);
		assert_int_equal(size_of(f), MESSAGE_LID + v[i].steps *
				 (STEP - MESSAGE_LID));
		assert_said(&said, 1);
		assert_int_equal(unlink(f->path), 0);
	}
}


static void test_first(void **state)
{
	struct fixture *f = *state;

	/* no sound, no file */
	assert_int_equal(begin(f), 0);
	assert_int_equal(size_of(f), MESSAGE_LID);
	assert_int_equal(messagefile_close(&f->file), 0);
	assert_int_equal(size_of(f), -1);

	/* there is nothing to go back to */
	assert_int_equal(begin(f), 0);
	assert_int_equal(say(f, 1, SECOND), 0);
	assert_int_equal(messagefile_back(&f->file), 0);
	assert_int_equal(messagefile_close(&f->file), 0);
	assert_int_equal(size_of(f), STEP);
}


/* without a key nothing is begun, and what was there is as it was */
static void test_no_key(void **state)
{
	static const struct message_seal none = {.epoch = 3};
	struct fixture *f = *state;

	messagefile_init(&f->file, CODEC_PCMU, &none);
	assert_int_equal(messagefile_open(&f->file, CALL), EINVAL);
	assert_int_equal(size_of(f), -1);
	part(f, 1, SECOND);
	messagefile_init(&f->file, CODEC_PCMU, &none);
	assert_int_equal(messagefile_open(&f->file, CALL), EINVAL);
	assert_int_equal(size_of(f), STEP);
}


static bool has_plain(const struct fixture *f, uint8_t value)
{
	FILE *file = fopen(f->path, "rb");
	unsigned run = 0, longest = 0;
	int c;

	assert_non_null(file);
	while ((c = fgetc(file)) != EOF) {
		run = c == value ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	assert_int_equal(fclose(file), 0);

	return longest >= 8;
}


/* neither while it is spoken nor later is any of it there as it was said */
static void test_sealed(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	FILE *file;

	assert_int_equal(begin(f), 0);
	assert_int_equal(say(f, 'x', SECOND), 0);
	assert_int_equal(messagefile_sync(&f->file), 0);
	assert_int_equal(size_of(f), MESSAGE_LID + MESSAGE_SEALED);
	assert_false(has_plain(f, 'x'));
	assert_int_equal(messagefile_close(&f->file), 0);
	assert_false(has_plain(f, 'x'));

	/* nor is the key kept, or what was said */
	assert_null(f->file.secret);

	/* nor when it was: to the day */
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mtim.tv_sec % 86400, 0);
	assert_int_equal(st.st_mtim.tv_nsec, 0);
	assert_true(time(NULL) - st.st_mtim.tv_sec < 2 * 86400);

	/* it would be found */
	file = fopen(f->path, "ab");
	assert_non_null(file);
	assert_int_equal(fputs("xxxxxxxx", file) < 0, 0);
	assert_int_equal(fclose(file), 0);
	assert_true(has_plain(f, 'x'));
}


/* what a crash leaves: the last chunk ends anywhere */
static void test_torn(void **state)
{
	static const struct {
		long n;      /* bytes of the file */
		size_t kept; /* of sound */
	} v[] = {
		{MESSAGE_LID + 2 * MESSAGE_SEALED - 1, MESSAGE_CHUNK},
		{MESSAGE_LID + MESSAGE_SEALED + 7, MESSAGE_CHUNK},
		{MESSAGE_LID + MESSAGE_SEALED, MESSAGE_CHUNK},
		{MESSAGE_LID + MESSAGE_SEALED - 1, 0}, /* nothing: anew */
		{MESSAGE_LID, 0},
		{MESSAGE_LID - 1, 0},
		{1, 0},
		{0, 0},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		const struct said said[] = {{1, v[i].kept, 0}, {2, SECOND, 1}};

		part(f, 1, SECOND);
		assert_int_equal(truncate(f->path, v[i].n), 0);
		part(f, 2, SECOND);
		assert_said(v[i].kept ? said : said + 1, v[i].kept ? 2 : 1);
		assert_int_equal(unlink(f->path), 0);
	}
}


/* a crash just as a second part began: the next takes its place */
static void test_torn_beginning(void **state)
{
	static const struct said said[] = {{1, SECOND, 1}, {2, SECOND, 1}};
	struct fixture *f = *state;

	part(f, 1, SECOND);
	assert_int_equal(begin(f), 0);
	assert_int_equal(size_of(f), STEP + MESSAGE_LID);
	assert_int_equal(close(f->file.fd), 0);
	part(f, 2, SECOND);
	assert_said(said, 2);
}


static void test_full(void **state)
{
	struct said said = {1, MESSAGE_CHUNKS * MESSAGE_CHUNK, 1};
	struct message_info info;
	struct fixture *f = *state;
	long size;

	assert_int_equal(begin(f), 0);
	assert_int_equal(say(f, 1, said.n + 1), EFBIG);
	assert_int_equal(f->file.n, said.n);
	assert_int_equal(messagefile_close(&f->file), 0);
	assert_said(&said, 1);
	size = size_of(f);
	assert_int_equal(message_look(&info, CALL), 0);
	assert_int_equal(info.n, size);
	assert_true(info.ms >= LIMIT_MESSAGE_ALL_S * 1000);

	assert_int_equal(begin(f), EFBIG);
	assert_int_equal(size_of(f), size);
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
	for (unsigned i = 0; i < 2 * MESSAGE_LID; i++)
		(void)fputc('x', file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(begin(f), EEXIST);
	assert_int_equal(size_of(f), 2 * MESSAGE_LID);
	assert_true(has_plain(f, 'x'));
}


/* no space for more: what there was is whole */
static void test_disk_full(void **state)
{
	static const struct said said[] = {{1, SECOND, 1},
					   {2, MESSAGE_CHUNK, 0}};
	struct fixture *f = *state;
	const struct rlimit small = {
		STEP + MESSAGE_LID + MESSAGE_SEALED + 80, RLIM_INFINITY,
	};
	struct rlimit old;
	int err;

	(void)signal(SIGXFSZ, SIG_IGN);
	part(f, 1, SECOND);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	err = begin(f);
	if (!err)
		err = say(f, 2, 2 * SECOND);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(err, EFBIG);
	assert_int_not_equal(messagefile_close(&f->file), 0);
	assert_int_equal(f->file.n_synced, MESSAGE_CHUNK);
	assert_int_equal(size_of(f), STEP + MESSAGE_LID + MESSAGE_SEALED);
	assert_said(said, 2);
}


/* each part says how it was spoken */
static void test_codec(void **state)
{
	struct fixture *f = *state;
	struct opened o;

	assert_int_equal(begin_as(f, CODEC_PCMA), 0);
	assert_int_equal(say(f, 0x31, SECOND), 0);
	assert_int_equal(messagefile_close(&f->file), 0);
	part(f, 0x32, SECOND);
	assert_int_equal(opened_read(&o, CALL), 0);
	assert_int_equal(o.n_parts, 2);
	assert_int_equal(o.parts[0].codec, 8);
	assert_int_equal(o.parts[1].codec, 0);
	assert_int_equal(o.sound[SECOND - 1], 0x31);
	assert_int_equal(o.sound[SECOND], 0x32);
	free(o.sound);
}


int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_parts), T(test_length), T(test_first), T(test_no_key),
		T(test_sealed), T(test_torn), T(test_torn_beginning),
		T(test_full), T(test_no_message), T(test_disk_full),
		T(test_codec),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
