/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_parcel.c  A sealed file of files is whole or not there; what was cut off
 * or changed is told, wherever.
 */
#include <errno.h>
#include <fcntl.h>
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
#include <sodium.h>

#include "cli/parcel.h"

#include "tmpdir.h"

enum { BIG = 300000, MOST = 600000 };

struct fixture {
	char dir[TMPDIR_SIZE];
	struct archive_about about;
	uint8_t private[SEAL_KEY];
	uint8_t big[BIG];
	uint8_t file[MOST]; /* as it is on the disk */
	size_t n_file;
};


static int setup(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));

	tmpdir_make(f->dir, "parcel");
	assert_int_equal(chdir(f->dir), 0);
	f->about = (struct archive_about){
		.kind = ARCHIVE_BACKUP, .house = 5, .made_at = 1795000000000};
	seal_pair(f->about.public, f->private);
	randombytes_buf(f->big, BIG);
	*state = f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(chdir("/"), 0);
	tmpdir_remove(f->dir);
	test_free(f);

	return 0;
}


static void file_load(struct fixture *f, const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, f->file, MOST);
	assert_true(n > 0 && n < MOST);
	f->n_file = (size_t)n;
	(void)close(fd);
}


static void file_save(const char *path, const uint8_t *v, size_t n)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			    0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, v, n), n);
	(void)close(fd);
}


static int pack(const struct fixture *f, const char *path)
{
	struct parcel *p;
	int err;

	err = parcel_make(&p, path, &f->about);
	if (err)
		return err;
	err = parcel_add(p, "small", (const uint8_t *)"hello", 5);
	if (!err)
		err = parcel_add(p, "empty", NULL, 0);
	if (!err)
		err = parcel_add(p, "big", f->big, BIG);
	if (!err)
		err = parcel_finish(p);
	if (!err)
		err = parcel_place(p, NULL);
	parcel_drop(p);

	return err;
}


/* all of it, as far as it goes */
static int unpack(const struct fixture *f, const char *path)
{
	static uint8_t v[BIG];
	struct archive_about about;
	struct tar_file head;
	struct opened *o;
	size_t n = 0;
	int err;

	err = opened_open(&o, &about, path);
	if (err)
		return err;
	err = opened_unlock(o, f->private);
	while (!err && !(err = opened_next(o, &head))) {
		if (!strcmp(head.name, "small"))
			continue; /* passed over */
		err = opened_read(o, v, sizeof(v), &n);
		if (err)
			break;
		assert_int_equal(n, head.size);
		if (n)
			assert_memory_equal(v, f->big, BIG);
	}
	opened_close(o);

	return err == ENOENT ? 0 : err;
}


static void test_both_ways(void **state)
{
	struct fixture *f = *state;
	struct archive_about about;
	struct tar_file head;
	struct opened *o;
	uint8_t text[8];
	struct stat st;
	size_t n;

	assert_int_equal(pack(f, "a"), 0);
	assert_int_equal(stat("a", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(access("a.part", F_OK), -1);
	assert_int_equal((st.st_size - ARCHIVE_LID) %
			 (STREAM_SEALED * STREAM_STEP), 0);
	assert_int_equal(unpack(f, "a"), 0);

	assert_int_equal(opened_open(&o, &about, "a"), 0);
	assert_int_equal(about.house, 5);
	assert_int_equal(about.kind, ARCHIVE_BACKUP);
	assert_int_equal(opened_unlock(o, f->private), 0);
	assert_int_equal(opened_next(o, &head), 0);
	assert_string_equal(head.name, "small");
	/* bit by bit */
	assert_int_equal(opened_read(o, text, 3, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(opened_read(o, text + 3, 5, &n), 0);
	assert_int_equal(n, 2);
	assert_memory_equal(text, "hello", 5);
	assert_int_equal(opened_read(o, text, 5, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(opened_next(o, &head), 0);
	assert_string_equal(head.name, "empty");
	opened_close(o);
}


static void test_nothing_plain(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pack(f, "a"), 0);
	file_load(f, "a");
	assert_null(memmem(f->file, f->n_file, "hello", 5));
	assert_null(memmem(f->file, f->n_file, "small", 5));
	assert_null(memmem(f->file, f->n_file, "ustar", 5));
	for (size_t at = 0; at + 16 <= BIG; at += 4096)
		assert_null(memmem(f->file, f->n_file, f->big + at, 16));
}


static void test_cut_off(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pack(f, "a"), 0);
	file_load(f, "a");
	for (size_t n = 0; n < ARCHIVE_LID; n += 7) {
		file_save("b", f->file, n);
		assert_int_equal(unpack(f, "b"), EBADMSG);
	}
	for (size_t n = ARCHIVE_LID; n < f->n_file; n += 1371) {
		file_save("b", f->file, n);
		assert_int_equal(unpack(f, "b"), ENODATA);
	}
	/* at the end of a chunk, and one byte less than all */
	file_save("b", f->file, ARCHIVE_LID + 3 * STREAM_SEALED);
	assert_int_equal(unpack(f, "b"), ENODATA);
	file_save("b", f->file, f->n_file - STREAM_SEALED);
	assert_int_equal(unpack(f, "b"), ENODATA);
	file_save("b", f->file, f->n_file - 1);
	assert_int_equal(unpack(f, "b"), ENODATA);
	f->file[f->n_file] = 0;
	file_save("b", f->file, f->n_file + 1);
	assert_int_equal(unpack(f, "b"), EBADMSG);
}


static void test_changed(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pack(f, "a"), 0);
	file_load(f, "a");
	for (size_t i = ARCHIVE_LID; i < f->n_file; i += 9973) {
		f->file[i] ^= 0x10;
		file_save("b", f->file, f->n_file);
		assert_int_equal(unpack(f, "b"), EBADMSG);
		f->file[i] ^= 0x10;
	}
	/* two chunks changed places */
	for (size_t i = 0; i < STREAM_SEALED; i++) {
		uint8_t *a = f->file + ARCHIVE_LID + i;
		const uint8_t was = *a;

		*a = a[STREAM_SEALED];
		a[STREAM_SEALED] = was;
	}
	file_save("b", f->file, f->n_file);
	assert_int_equal(unpack(f, "b"), EBADMSG);
}


static void test_another_key(void **state)
{
	struct fixture *f = *state;
	uint8_t public[SEAL_KEY];

	assert_int_equal(pack(f, "a"), 0);
	seal_pair(public, f->private);
	assert_int_equal(unpack(f, "a"), EKEYREJECTED);
}


static void test_not_there(void **state)
{
	struct fixture *f = *state;
	struct archive_about about;
	struct parcel *p;
	struct opened *o;

	assert_int_equal(opened_open(&o, &about, "none"), ENOENT);
	assert_int_equal(opened_open(&o, &about, "."), EISDIR);
	assert_int_equal(parcel_make(&p, "none/a", &f->about), ENOENT);
	file_save("b", (const uint8_t *)"Ringback backup\002", 16);
	assert_int_equal(opened_open(&o, &about, "b"), ENOTSUP);
}


/* the older one is there until the new one is whole, and then overwritten */
static void test_in_place_of_another(void **state)
{
	struct fixture *f = *state;
	struct parcel *p;
	uint8_t old[16];
	bool other;
	int fd;

	assert_int_equal(pack(f, "a"), 0);
	file_load(f, "a");
	fd = open("a", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);

	assert_int_equal(parcel_make(&p, "a", &f->about), 0);
	assert_int_equal(parcel_add(p, "x", f->big, BIG), 0);
	parcel_drop(p); /* half-way */
	assert_int_equal(access("a.part", F_OK), -1);
	assert_int_equal(unpack(f, "a"), 0);

	assert_int_equal(parcel_make(&p, "a", &f->about), 0);
	assert_int_equal(parcel_finish(p), 0);
	assert_int_equal(pread(fd, old, 16, 0), 16);
	assert_memory_equal(old, f->file, 16);
	assert_int_equal(parcel_place(p, &other), 0);
	assert_false(other);
	parcel_drop(p);
	for (off_t at = 0; at < (off_t)f->n_file; at += 4096) {
		static const uint8_t zeros[16];

		assert_int_equal(pread(fd, old, 16, at), 16);
		assert_memory_equal(old, zeros, 16);
	}
	(void)close(fd);
}


static void test_another_name(void **state)
{
	struct fixture *f = *state;
	struct parcel *p;
	bool other = false;

	assert_int_equal(pack(f, "a"), 0);
	assert_int_equal(link("a", "kept"), 0);
	assert_int_equal(parcel_make(&p, "a", &f->about), 0);
	assert_int_equal(parcel_finish(p), 0);
	assert_int_equal(parcel_place(p, &other), 0);
	parcel_drop(p);
	assert_true(other);
	assert_int_equal(unpack(f, "kept"), 0);
}


static void test_disk_full(void **state)
{
	struct fixture *f = *state;
	struct rlimit old, now;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	for (rlim_t room = 0; room < BIG; room += BIG / 5) {
		now = old;
		now.rlim_cur = room;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
		assert_int_equal(pack(f, "a"), EFBIG);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		assert_int_equal(access("a", F_OK), -1);
		assert_int_equal(access("a.part", F_OK), -1);
	}
	assert_int_equal(pack(f, "a"), 0);
	assert_int_equal(unpack(f, "a"), 0);
}


static void test_words(void **state)
{
	(void)state;

	assert_non_null(strstr(parcel_why(ENOSPC), "disk is full"));
	assert_non_null(strstr(parcel_why(ENODATA), "cut off"));
	assert_non_null(strstr(parcel_why(ENOTSUP), "newer Ringback"));
	assert_string_equal(parcel_why(EPIPE), strerror(EPIPE));
}


int main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_both_ways), WITH(test_nothing_plain),
		WITH(test_cut_off), WITH(test_changed),
		WITH(test_another_key), WITH(test_not_there),
		WITH(test_in_place_of_another), WITH(test_another_name),
		WITH(test_disk_full),
		cmocka_unit_test(test_words),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
