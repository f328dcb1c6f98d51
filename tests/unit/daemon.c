/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * daemon.c  What processes tell each other by their locks, with real
 * processes: who runs, who runs already, and that kill -9 leaves nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "base/daemon.h"
#include "base/limits.h"

#include "catch.h"
#include "child.h"
#include "tmpdir.h"


struct fixture {
	char dir[TMPDIR_SIZE];
};


/* each case works in a folder of its own */
static int setup(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));

	tmpdir_make(f->dir, "daemon");
	assert_int_equal(chdir(f->dir), 0);
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


/* a process that holds a lock until it is killed */
struct holder {
	pid_t pid;
	int fd; /* it writes there what daemon_lock() returned */
};


static void holder_start(struct holder *h, const char *name)
{
	h->pid = child_fork_pipe(&h->fd);
	if (!h->pid) {
		const int err = daemon_lock(name, NULL);

		if (write(h->fd, &err, sizeof(err)) != sizeof(err))
			_exit(1);
		for (;;)
			(void)pause();
	}
}


static int holder_result(struct holder *h)
{
	int err = -1;

	assert_int_equal(read(h->fd, &err, sizeof(err)), sizeof(err));

	return err;
}


static void holder_kill(struct holder *h)
{
	child_kill(h->pid);
	(void)close(h->fd);
}


static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);

	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}


static void test_running(void **state)
{
	const int64_t before = now_ms();
	struct daemon_info info = {.pid = 7};
	struct holder h;
	(void)state;

	assert_false(daemon_running("line", &info));
	holder_start(&h, "line");
	assert_int_equal(holder_result(&h), 0);
	assert_true(daemon_running("line", &info));
	assert_int_equal(info.pid, h.pid);
	assert_true(info.since >= before && info.since <= now_ms());
	assert_true(daemon_running("line", NULL));
	assert_false(daemon_running("media", &info));

	holder_kill(&h);
	assert_false(daemon_running("line", &info));
}


static void test_twice(void **state)
{
	struct daemon_info info;
	struct holder first, second;
	struct catch said;
	char text[1024]; /* none of the reader's business */
	(void)state;

	catch_begin(&said);
	holder_start(&first, "line");
	assert_int_equal(holder_result(&first), 0);
	holder_start(&second, "line");
	assert_int_equal(holder_result(&second), EADDRINUSE);
	assert_true(daemon_running("line", &info));
	assert_int_equal(info.pid, first.pid);
	holder_kill(&second);

	/* others are others */
	holder_start(&second, "media");
	assert_int_equal(holder_result(&second), 0);
	holder_kill(&second);
	assert_true(daemon_running("line", &info));

	/* and the place is free again */
	holder_kill(&first);
	holder_start(&second, "line");
	assert_int_equal(holder_result(&second), 0);
	assert_true(daemon_running("line", &info));
	assert_int_equal(info.pid, second.pid);
	holder_kill(&second);
	catch_end(&said, text, sizeof(text));
}


/* those who ask never stand in the way of one who starts, and never hear of
 * the one before */
static void test_asked_while_starting(void **state)
{
	pid_t asker, before = 0;
	(void)state;

	asker = child_fork();
	if (!asker) {
		for (;;)
			(void)daemon_running("line", NULL);
	}

	for (int i = 0; i < 100; i++) {
		struct daemon_info info = {.pid = -1};
		struct holder h;

		holder_start(&h, "line");
		while (!daemon_running("line", &info))
			assert_int_equal(info.pid, -1);
		assert_int_equal(info.pid, h.pid);
		assert_int_not_equal(info.pid, before);
		assert_int_equal(holder_result(&h), 0);
		before = h.pid;
		holder_kill(&h);
	}
	child_kill(asker);
}


static void test_lock_fails(void **state)
{
	char name[2 * LIMIT_PATH];
	(void)state;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(daemon_lock(name, NULL), ENAMETOOLONG);
	assert_false(daemon_running(name, NULL));

	assert_int_equal(mkdir("run", 0700), 0);
	assert_int_equal(mkdir("run/line.lock", 0700), 0);
	assert_int_equal(daemon_lock("line", NULL), EISDIR);
	assert_false(daemon_running("line", NULL));
}


static void test_enter(void **state)
{
	struct fixture *f = *state;
	char program[] = "ringback-line", flag[] = "--data", other[] = "-d";
	char none[] = "/nowhere/at/all";
	char *right[] = {program, flag, f->dir, NULL};
	char *wrong[] = {program, other, f->dir, NULL};
	char *gone[] = {program, flag, none, NULL};
	char cwd[128], dir[128], text[1024];
	struct catch said;

	assert_non_null(getcwd(dir, sizeof(dir)));
	assert_int_equal(chdir("/"), 0);
	catch_begin(&said);
	assert_int_equal(daemon_enter(3, wrong), EINVAL);
	assert_int_equal(daemon_enter(2, right), EINVAL);
	assert_int_equal(daemon_enter(0, NULL), EINVAL);
	assert_int_equal(daemon_enter(3, gone), ENOENT);
	catch_end(&said, text, sizeof(text));
	assert_string_equal(getcwd(cwd, sizeof(cwd)), "/");

	assert_int_equal(daemon_enter(3, right), 0);
	assert_string_equal(getcwd(cwd, sizeof(cwd)), dir);
}


/* in a process of its own, for it cannot be taken back */
static void hardened_child(void)
{
	struct rlimit core, files;
	struct stat st;
	int fd;

	daemon_harden();
	if (getrlimit(RLIMIT_CORE, &core) < 0 || core.rlim_max != 0)
		_exit(1);
	if (getrlimit(RLIMIT_NOFILE, &files) < 0 ||
	    files.rlim_cur != files.rlim_max)
		_exit(2);
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		_exit(3);
	fd = open("file", O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0 || fstat(fd, &st) < 0 || (st.st_mode & 077) != 0)
		_exit(4);
	_exit(0);
}


static void test_harden(void **state)
{
	pid_t pid;
	(void)state;

	pid = child_fork();
	if (!pid)
		hardened_child();
	assert_int_equal(child_exit_code(pid), 0);
}


#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void ring(void *arg)
{
	(void)arg;
}


/* somebody who sets the clock must not move a timer of libre's */
static void libres_timers_do_not_follow_the_wall_clock(void **state)
{
	enum { DELAY_MS = 10000, SLACK_MS = 2000 };
	struct timespec ts;
	struct tmr tmr;
	uint64_t now;
	(void)state;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &ts), 0);
	now = (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;

	tmr_init(&tmr);
	tmr_start(&tmr, DELAY_MS, ring, NULL);
	assert_in_range(tmr.jfs, now + DELAY_MS, now + DELAY_MS + SLACK_MS);
	tmr_cancel(&tmr);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_running),
		CASE(test_twice),
		CASE(test_asked_while_starting),
		CASE(test_lock_fails),
		CASE(test_enter),
		CASE(test_harden),
		cmocka_unit_test(
			libres_timers_do_not_follow_the_wall_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
