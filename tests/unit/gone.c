/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * gone.c  What is to leave nothing behind: out of the way at once, then written
 * over before it is deleted, in whatever state an earlier attempt left it.
 */
#include <errno.h>
#include <fcntl.h>
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
#include <re.h>

#include "base/gone.h"
#include "base/message.h"
#include "line/wiper.h"
#include "tmpdir.h"


enum { BYTES = 100001, LIMIT_MS = 60000 };

struct fixture {
	char dir[TMPDIR_SIZE];
	char before[512];
};


static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || !getcwd(f->before, sizeof(f->before)))
		return -1;
	tmpdir_make(f->dir, "gone");
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


static void file_make(const char *path)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	for (unsigned i = 0; i < BYTES; i++)
		assert_int_equal(fputc('x', file), 'x');
	assert_int_equal(fclose(file), 0);
}


/* what whoever had it open still sees: how much of it is as it was */
static size_t left_in(int fd)
{
	uint8_t buf[4096];
	size_t n = 0;
	ssize_t k;

	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	while ((k = read(fd, buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < k; i++)
			n += buf[i] == 'x';
	}
	assert_int_equal(k, 0);

	return n;
}


static unsigned names_in(const char *folder)
{
	char command[64];
	unsigned n;
	FILE *p;

	(void)snprintf(command, sizeof(command), "ls %s | wc -l", folder);
	p = popen(command, "r");
	assert_non_null(p);
	assert_int_equal(fscanf(p, "%u", &n), 1);
	(void)pclose(p);

	return n;
}


static void test_written_over(void **state)
{
	const int fd = (file_make("a"), open("a", O_RDONLY));
	(void)state;

	assert_true(fd >= 0);
	assert_int_equal(gone_put("a"), 0);
	assert_int_equal(access("a", F_OK), -1);
	assert_int_equal(left_in(fd), BYTES);
	assert_int_equal(gone_wipe(), 0);
	assert_int_equal(left_in(fd), 0);
	assert_int_equal(names_in(gone_folder), 0);
	(void)close(fd);
}


/* one of this name again, while the first is not wiped yet */
static void test_twice(void **state)
{
	int fd[2];
	(void)state;

	for (unsigned i = 0; i < 2; i++) {
		file_make("a");
		fd[i] = open("a", O_RDONLY);
		assert_true(fd[i] >= 0);
		assert_int_equal(gone_put("a"), 0);
	}
	assert_int_equal(names_in(gone_folder), 2);
	assert_int_equal(gone_wipe(), 0);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(left_in(fd[i]), 0);
		(void)close(fd[i]);
	}
	assert_int_equal(names_in(gone_folder), 0);
}


static void test_nothing(void **state)
{
	(void)state;

	assert_int_equal(gone_put(NULL), EINVAL);
	assert_int_equal(gone_put("a"), 0);
	assert_int_equal(access(gone_folder, F_OK), -1);
	assert_int_equal(gone_wipe(), 0);
	assert_int_equal(message_remove(7), 0);
}


/* nothing else is written to, whatever somebody puts there */
static void test_strange(void **state)
{
	int fd;
	(void)state;

	file_make("mine");
	assert_int_equal(symlink("mine", "a"), 0);
	assert_int_equal(gone_put("a"), 0);
	assert_int_equal(mkfifo("gone/pipe", 0600), 0);
	assert_int_equal(mkdir("gone/folder", 0700), 0);
	file_make("b");
	assert_int_equal(gone_put("b"), 0);
	assert_true(gone_wipe() != 0); /* the folder */
	assert_int_equal(names_in(gone_folder), 1);
	fd = open("mine", O_RDONLY);
	assert_int_equal(left_in(fd), BYTES);
	(void)close(fd);
}


/* ---- in a thread --------------------------------------------------------- */

struct told {
	unsigned n;
	int err;
};


static void on_done(int err, void *arg)
{
	struct told *told = arg;

	told->err = err;
	if (!--told->n)
		re_cancel();
}


static void too_late(void *arg)
{
	((struct told *)arg)->err = ETIMEDOUT;
	re_cancel();
}


static void told_wait(struct told *told)
{
	struct tmr tmr;

	tmr_init(&tmr);
	tmr_start(&tmr, LIMIT_MS, too_late, told);
	assert_int_equal(re_main(NULL), 0);
	tmr_cancel(&tmr);
}


static int message_make(uint64_t call)
{
	char path[MESSAGE_PATH];
	int fd;

	message_path(path, call);
	file_make(path);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);

	return fd;
}


static void test_wiper(void **state)
{
	struct told told = {.n = 2};
	struct wiper *w;
	int fd[3];
	(void)state;

	/* what an earlier life left */
	fd[0] = message_make(1);
	assert_int_equal(message_retire(1), 0);
	assert_int_equal(wiper_alloc(&w), 0);
	fd[1] = message_make(2);
	fd[2] = message_make(3);
	assert_int_equal(wiper_message(w, 2), 0);
	assert_int_equal(wiper_message(w, 4), 0); /* there is none */
	assert_int_equal(wiper_wait(w, on_done, &told), 0);
	assert_int_equal(names_in(message_folder), 1);
	assert_int_equal(wiper_message(w, 3), 0);
	assert_int_equal(wiper_wait(w, on_done, &told), 0);
	told_wait(&told);
	assert_int_equal(told.err, 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(left_in(fd[i]), 0);
		(void)close(fd[i]);
	}
	assert_int_equal(names_in(message_folder) + names_in(gone_folder), 0);
	mem_deref(w);
}


/* nobody is told of what is freed; what waits is there for the next */
static void test_wiper_freed(void **state)
{
	struct told told = {.n = 1};
	struct wiper *w;
	int fd;
	(void)state;

	assert_int_equal(wiper_alloc(NULL), EINVAL);
	assert_int_equal(wiper_alloc(&w), 0);
	assert_int_equal(wiper_wait(w, NULL, NULL), EINVAL);
	fd = message_make(1);
	assert_int_equal(wiper_message(w, 1), 0);
	assert_int_equal(wiper_wait(w, on_done, &told), 0);
	mem_deref(w);
	assert_int_equal(told.n, 1);

	assert_int_equal(wiper_alloc(&w), 0);
	assert_int_equal(wiper_wait(w, on_done, &told), 0);
	told_wait(&told);
	assert_int_equal(told.err, 0);
	assert_int_equal(left_in(fd), 0);
	(void)close(fd);
	mem_deref(w);
}


static int group_setup(void **state)
{
	(void)state;

	return libre_init();
}


static int group_teardown(void **state)
{
	(void)state;
	libre_close();

	return 0;
}


#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_written_over),
		CASE(test_twice),
		CASE(test_nothing),
		CASE(test_strange),
		CASE(test_wiper),
		CASE(test_wiper_freed),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
