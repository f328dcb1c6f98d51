/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_child.c  Processes that the keeper keeps: real ones, made of scripts.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/daemon.h"
#include "cli/child.h"
#include "cli/exit.h"


enum { PATIENCE_MS = 20000 };

struct fixture {
	char dir[64];
	struct program program;
	struct child c;
};


static int setup(void **state)
{
	static struct fixture f;

	(void)snprintf(f.dir, sizeof(f.dir), "/tmp/ringback-child-XXXXXX");
	if (!mkdtemp(f.dir) || chdir(f.dir) < 0)
		return -1;

	f.program.fd = -1;
	(void)snprintf(f.program.path, sizeof(f.program.path), "%s/program",
		       f.dir);
	child_init(&f.c, RELEASE_MEDIA, &f.program, "program");
	*state = &f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	(void)unlink("program");
	(void)unlink("seen");
	(void)unlink("run/program.lock");
	(void)rmdir("run");
	if (chdir("/") < 0)
		return -1;

	return rmdir(f->dir);
}


static void script(const char *text)
{
	FILE *file = fopen("program", "w");

	assert_non_null(file);
	assert_true(fprintf(file, "#!/bin/sh\n%s\n", text) > 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod("program", S_IRWXU), 0);
}


static void wait_end(const struct child *c)
{
	struct pollfd fd = {c->pidfd, POLLIN, 0};

	assert_int_equal(poll(&fd, 1, PATIENCE_MS), 1);
}


static void wait_file(const char *path)
{
	for (int i = 0; i < PATIENCE_MS; i++) {
		if (access(path, F_OK) == 0)
			return;
		(void)poll(NULL, 0, 1);
	}
	fail_msg("%s did not appear", path);
}


static void test_every_pair(void **state)
{
	const struct step_machine *m = &child_machine;
	(void)state;

	for (uint8_t s = 0; s < m->n_states; s++) {
		/* the keeper may be told to stop at any moment */
		assert_non_null(step_find(m, s, CHILD_STOP));
		/* only what does not run is started, only what runs ends */
		assert_int_equal(step_find(m, s, CHILD_STARTED) != NULL,
				 s == CHILD_DOWN);
		assert_int_equal(step_find(m, s, CHILD_ENDED) != NULL,
				 s != CHILD_DOWN);
		/* only what should work is killed for not answering */
		assert_int_equal(step_find(m, s, CHILD_HUNG) != NULL,
				 s == CHILD_UP);
		/* only what was asked to end is killed */
		assert_int_equal(step_find(m, s, CHILD_LATE) != NULL,
				 s == CHILD_STOPPING);
	}
}


static void test_delay_grows(void **state)
{
	static const uint32_t delays[] = {100,  200,  400,   800,  1600,
					  3200, 6400, 10000, 10000};
	struct fixture *f = *state;
	struct child *c = &f->c;
	uint64_t now = 5;

	for (size_t i = 0; i < STEP_COUNT(delays); i++) {
		c->started_ms = now;
		child_count_end(c, 1, now);
		assert_int_equal(c->due_ms - now, delays[i]);
	}

	child_count_end(c, 1, now + 999);
	assert_int_equal(c->due_ms, now + 999 + 10000);
	child_count_end(c, 1, now + 1000);
	assert_int_equal(c->due_ms, now + 1000 + 100);
}


static void test_hopeless(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < CHILD_CONFIG_ENDS - 1; i++)
		child_count_end(&f->c, EXIT_CONFIG, 0);
	assert_false(child_hopeless(&f->c));
	child_count_end(&f->c, 1, 0);

	for (int i = 0; i < CHILD_CONFIG_ENDS - 1; i++)
		child_count_end(&f->c, EXIT_CONFIG, 0);
	assert_false(child_hopeless(&f->c));
	child_count_end(&f->c, EXIT_CONFIG, 0);
	assert_true(child_hopeless(&f->c));
}


static void test_runs_and_ends(void **state)
{
	struct fixture *f = *state;

	script("[ \"$1 $2\" = '--data /x y' ] && exit 78; exit 1");
	assert_int_equal(child_start(&f->c, "/x y", 1000), 0);
	assert_int_equal(f->c.state, CHILD_UP);
	assert_true(child_due(&f->c) == UINT64_MAX);

	wait_end(&f->c);
	child_ended(&f->c, 1050);
	assert_int_equal(f->c.state, CHILD_DOWN);
	assert_int_equal(child_due(&f->c), 1150);
	assert_int_equal(f->c.n_config, 1);
	assert_int_equal(f->c.pidfd, -1);
}


static void test_cannot_start(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(child_start(&f->c, ".", 1000), ENOENT);
	assert_int_equal(f->c.state, CHILD_DOWN);
	assert_int_equal(child_due(&f->c), 1100);
}


static void test_killed(void **state)
{
	struct fixture *f = *state;

	script("kill -9 $$");
	assert_int_equal(child_start(&f->c, ".", 0), 0);
	wait_end(&f->c);
	child_ended(&f->c, 0);
	assert_int_equal(f->c.state, CHILD_DOWN);
	assert_int_equal(f->c.n_config, 0);
}


/* its signals are not blocked, though the keeper's are */
static void test_stop(void **state)
{
	struct fixture *f = *state;
	sigset_t term;

	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &term, NULL), 0);

	script("exec sleep 1000");
	assert_int_equal(child_start(&f->c, ".", 0), 0);
	child_stop(&f->c, 0);
	assert_int_equal(f->c.state, CHILD_STOPPING);
	assert_int_equal(child_due(&f->c), 10000);
	wait_end(&f->c);
	child_ended(&f->c, 10);
	assert_int_equal(f->c.state, CHILD_DOWN);
	assert_int_equal(f->c.n_killed, 0);
}


/* what it ignores, sleep ignores: there is no process below it */
static void test_stop_late(void **state)
{
	struct fixture *f = *state;

	script("trap '' TERM; : > seen; exec sleep 1000");
	assert_int_equal(child_start(&f->c, ".", 0), 0);
	wait_file("seen");
	child_stop(&f->c, 0);
	assert_int_equal(f->c.state, CHILD_STOPPING);
	child_late(&f->c);
	assert_int_equal(f->c.state, CHILD_KILLING);
	assert_int_equal(f->c.n_killed, 1);
	wait_end(&f->c);
	child_ended(&f->c, 10);
	assert_int_equal(f->c.state, CHILD_DOWN);
}


/* started by nobody of ours: holds the lock until its pipe is closed */
static pid_t stranger(int *holdp)
{
	int hold[2], ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(hold), 0);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(hold[1]);
		if (daemon_lock("program", NULL) == 0)
			(void)!write(ready[1], "", 1);
		(void)!read(hold[0], &byte, 1);
		_exit(0);
	}

	(void)close(hold[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	(void)close(ready[1]);
	*holdp = hold[1];

	return pid;
}


static void test_adopted(void **state)
{
	struct fixture *f = *state;
	pid_t pid;
	int hold;

	script(": > seen");
	pid = stranger(&hold);

	assert_int_equal(child_start(&f->c, ".", 0), 0);
	assert_int_equal(f->c.state, CHILD_UP);
	assert_true(f->c.adopted);
	assert_int_equal(f->c.pid, pid);

	(void)close(hold);
	wait_end(&f->c);
	child_ended(&f->c, 10);
	assert_int_equal(f->c.state, CHILD_DOWN);
	/* it is a child of ours all the same, as after execv: it is buried */
	assert_int_equal(waitpid(pid, NULL, 0), -1);

	/* nobody holds the lock now: a new one is started */
	assert_int_equal(access("seen", F_OK), -1);
	assert_int_equal(child_start(&f->c, ".", 200), 0);
	assert_false(f->c.adopted);
	wait_end(&f->c);
	child_ended(&f->c, 300);
	assert_int_equal(access("seen", F_OK), 0);
}


/* by a pipe alone: whole, and to its end, each time it is started; nobody else
 * has it, and those without one are told of none */
static void test_key(void **state)
{
	struct fixture *f = *state;
	struct held *held, *got;

	assert_int_equal(held_random(&held), 0);
	f->c.key = held;
	script("[ \"$3 $4\" = '--key-fd 3' ] && cat <&3 > seen");
	for (uint64_t i = 0; i < 2; i++) {
		int fd;

		assert_int_equal(child_start(&f->c, ".", i * 1000), 0);
		wait_end(&f->c);
		child_ended(&f->c, i * 1000 + 1);
		fd = open("seen", O_RDONLY | O_CLOEXEC);
		assert_true(fd >= 0);
		assert_int_equal(held_read(&got, fd), 0);
		assert_memory_equal(held_private(got), held_private(held),
				    SEAL_KEY);
		held_free(got);
		(void)close(fd);
		(void)unlink("seen");
	}

	f->c.key = NULL;
	script("[ $# = 2 ] && : > seen");
	assert_int_equal(child_start(&f->c, ".", 9000), 0);
	wait_end(&f->c);
	child_ended(&f->c, 9001);
	assert_int_equal(access("seen", F_OK), 0);
	held_free(held);
}


int main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_pair),
		WITH(test_delay_grows),
		WITH(test_hopeless),
		WITH(test_runs_and_ends),
		WITH(test_cannot_start),
		WITH(test_killed),
		WITH(test_stop),
		WITH(test_stop_late),
		WITH(test_adopted),
		WITH(test_key),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
