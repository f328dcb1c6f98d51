/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_trouble.c  A disk that is full or read-only, a store that is locked or
 * somebody else's.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "store/writer.h"

#include "child.h"
#include "guard.h"
#include "store_fixture.h"


enum {
	NOBODY = 65534,
	SKIPPED = 77, /* exit code of a child that may not do its part */
};


static void test_locked_for_long(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_daemon(f);
	sqlite3 *db = other_open(f);
	char text[1024];
	int locked, free_again;

	other_exec(db, "BEGIN IMMEDIATE");
	catch_begin(&f->said);
	locked = put_one(s, 1);
	other_exec(db, "COMMIT");
	free_again = put_one(s, 2);
	catch_end(&f->said, text, sizeof(text));
	assert_int_equal(locked, EBUSY);
	assert_int_equal(free_again, 0);
	(void)sqlite3_close(db);
	store_close(s);

	log_has_one(text, "error store: another program keeps the store "
			  "locked");
	log_has_one(text, "note store: the store can be written again");
	assert_int_equal(count_calls(f), 1);
}


/* a child says where it failed by its exit code */
#define CHILD_CHECK(code, cond)                                               \
	do {                                                                  \
		if (!(cond))                                                  \
			_exit(code);                                          \
	} while (0)


/* writes in two batches, the second one waiting for the first */
static void queue_some(struct store *s, struct tally *t)
{
	put_many(s, 1, 1, t);
	(void)usleep(100000); /* the writer has begun */
	put_many(s, 2, 9, t);
}


/* However many batches wait for another program, they do so together, and not
 * for so long that we are killed over it. */
static void test_close_while_locked(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_daemon(f);
	sqlite3 *db = other_open(f);
	struct tally t = {0};
	char text[1024];
	uint64_t began;

	other_exec(db, "BEGIN IMMEDIATE");
	catch_begin(&f->said);
	queue_some(s, &t);
	began = tmr_jiffies();
	store_close(s);
	began = tmr_jiffies() - began;
	catch_end(&f->said, text, sizeof(text));
	other_exec(db, "COMMIT");
	(void)sqlite3_close(db);

	assert_in_range(began, 1000, 2 * WRITER_STOP_MS);
	log_has_one(text, "error store: another program keeps the store "
			  "locked");
	log_has_one(text, "error store: 10 records are not on disk");
	assert_int_equal(t.n_done, 0);
	assert_int_equal(count_calls(f), 0);
}


static void lock_for_a_while(const struct fixture *f, int fd)
{
	sqlite3 *db;

	CHILD_CHECK(1, sqlite3_open(f->path, &db) == SQLITE_OK);
	CHILD_CHECK(2, sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) ==
			       SQLITE_OK);
	CHILD_CHECK(3, write(fd, "", 1) == 1);
	(void)usleep(700000);
	CHILD_CHECK(4, sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) ==
			       SQLITE_OK);
	_exit(0);
}


static void test_close_until_unlocked(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	struct tally t = {0};
	char text[1024], c;
	pid_t pid;
	int fd;

	store_close(store_make(f)); /* SQLite's locks do not survive a fork */
	pid = child_fork_pipe(&fd);
	if (!pid)
		lock_for_a_while(f, fd);
	assert_int_equal(read(fd, &c, 1), 1);
	assert_int_equal(store_open(&s, f->dir, STORE_DAEMON), 0);
	catch_begin(&f->said);
	queue_some(s, &t);
	store_close(s);
	catch_end(&f->said, text, sizeof(text));
	(void)close(fd);

	assert_int_equal(child_exit_code(pid), 0);
	assert_string_equal(text, "");
	assert_int_equal(count_calls(f), 10);
}


static off_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? 0 : st.st_size;
}


/* no file may grow any more; ENOSPC's twin, wherever the test runs */
static void growth_stop(const struct fixture *f, struct rlimit *old)
{
	struct rlimit now;
	char wal[96];

	(void)snprintf(wal, sizeof(wal), "%s-wal", f->path);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, old), 0);
	now = *old;
	now.rlim_cur = (rlim_t)file_size(wal) + 100;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
}


static void test_full_disk(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_daemon(f);
	struct tally t = {.n_expected = 30};
	struct store_person p = a_person("Bo", "sip:bo@192.0.2.1");
	struct rlimit old;
	char text[1024];
	int one, waited, again;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(put_one(s, 1), 0);

	catch_begin(&f->said);
	growth_stop(f, &old);
	one = put_one(s, 2);
	put_many(s, 3, 30, &t);
	guard_loop(GUARD_MS);
	waited = store_person_add(s, &p);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	again = put_one(s, 2); /* there is room again */
	catch_end(&f->said, text, sizeof(text));

	assert_int_equal(one, ENOSPC);
	assert_int_equal(t.n_failed, 30);
	assert_int_equal(t.err, ENOSPC);
	assert_int_equal(waited, ENOSPC);
	assert_int_equal(again, 0);
	log_has_one(text, "error store: the disk that holds the store is "
			  "full: free some space; what is to be");
	log_has_one(text, "note store: the store can be written again");
	assert_null(strstr(text, "192.0.2.1"));

	assert_int_equal(store_person_add(s, &p), 0);
	store_close(s);
	assert_int_equal(count_calls(f), 2);
}


/* run fn in a process of its own */
static int in_child(void (*fn)(struct fixture *f), struct fixture *f)
{
	const pid_t pid = child_fork();

	if (!pid) {
		fn(f);
		_exit(0);
	}

	return child_exit_code(pid);
}


/* mounts of our own, which end with this process */
static void own_mounts(void)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		_exit(SKIPPED);
}


static void full_tmpfs_child(struct fixture *f)
{
	struct store *s;
	struct store_call call;
	char filler[96];
	uint64_t id = 0;
	int err = 0, fd;

	own_mounts();
	if (mount("tmpfs", f->dir, "tmpfs", 0, "size=1m") < 0)
		_exit(SKIPPED);
	CHILD_CHECK(1, store_open(&s, f->dir, STORE_CREATE) == 0);

	(void)snprintf(filler, sizeof(filler), "%s/filler", f->dir);
	fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	CHILD_CHECK(2, fd >= 0);
	CHILD_CHECK(3, posix_fallocate(fd, 0, 512 * 1024) == 0);

	while (!err && id < 100000) {
		call = a_call(++id);
		err = store_call_put(s, &call, NULL, NULL);
	}
	CHILD_CHECK(4, err == ENOSPC);
	CHILD_CHECK(5, store_call_put(s, &call, NULL, NULL) == ENOSPC);
	CHILD_CHECK(6, unlink(filler) == 0 && close(fd) == 0);
	CHILD_CHECK(7, store_call_put(s, &call, NULL, NULL) == 0);
	CHILD_CHECK(8, (uint64_t)count_calls(f) == id);
	store_close(s);
}


static void test_full_tmpfs(void **state)
{
	const int code = in_child(full_tmpfs_child, *state);

	if (code == SKIPPED)
		skip();
	assert_int_equal(code, 0);
}


static void read_only_child(struct fixture *f)
{
	struct store *s;

	own_mounts();
	if (mount(f->dir, f->dir, NULL, MS_BIND, NULL) < 0 ||
	    mount(NULL, f->dir, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) <
		    0)
		_exit(SKIPPED);
	CHILD_CHECK(1, store_open(&s, f->dir, STORE_DAEMON) == EROFS);
	CHILD_CHECK(2, store_open(&s, f->dir, STORE_TOOL) == EROFS);
	CHILD_CHECK(3, unlink(f->path) < 0 && errno == EROFS);
}


static void test_read_only_disk(void **state)
{
	struct fixture *f = *state;
	char text[1024];
	int code;

	store_close(store_make(f));
	catch_begin(&f->said);
	code = in_child(read_only_child, f);
	catch_end(&f->said, text, sizeof(text));
	if (code == SKIPPED)
		skip();
	assert_int_equal(code, 0);
	assert_non_null(strstr(text, "read-only"));
}


static void not_mine_child(struct fixture *f)
{
	struct store *s;

	if (geteuid() == 0)
		CHILD_CHECK(1, setresuid(NOBODY, NOBODY, NOBODY) == 0);
	CHILD_CHECK(2, store_open(&s, f->dir, STORE_TOOL) == EACCES);
}


static void test_not_mine(void **state)
{
	struct fixture *f = *state;
	char text[1024];
	int code;

	store_close(store_make(f));
	assert_int_equal(chmod(f->dir, 0755), 0);
	assert_int_equal(chmod(f->path, 0444), 0);
	catch_begin(&f->said);
	code = in_child(not_mine_child, f);
	catch_end(&f->said, text, sizeof(text));
	assert_int_equal(code, 0);
	assert_non_null(strstr(text, "another user"));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_locked_for_long),
		STORE_CASE(test_close_while_locked),
		STORE_CASE(test_close_until_unlocked),
		STORE_CASE(test_full_disk),
		STORE_CASE(test_full_tmpfs),
		STORE_CASE(test_read_only_disk),
		STORE_CASE(test_not_mine),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
