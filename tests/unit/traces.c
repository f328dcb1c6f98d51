/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * traces.c  What others get of a process' memory, tried by processes that want
 * it: first of one that did not care, so that each case can fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/traces.h"

#include "child.h"
#include "tmpdir.h"


enum {
	NOBODY = 65534,
	EXIT_SKIP = 77,  /* this process may not lock its memory */
	SMALL = 1 << 20, /* a limit that our own mappings are beyond */
};

static const char secret[] = "nobody reads this";


/* from root, somebody else; anybody else stays who they are */
static void become_nobody(void)
{
	if (geteuid() == 0 && (setgid(NOBODY) < 0 || setuid(NOBODY) < 0))
		_exit(90);
	/* to change has made us unreadable: that is not what is tried here */
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		_exit(91);
}


/* ---- read by another ----------------------------------------------------- */

/* 0: read; EPERM, ... */
static int peek(pid_t pid)
{
	char got[sizeof(secret)] = "";
	const struct iovec here = {got, sizeof(got)};
	const struct iovec there = {(void *)(uintptr_t)secret, sizeof(secret)};

	if (process_vm_readv(pid, &here, 1, &there, 1, 0) !=
	    (ssize_t)sizeof(got))
		return errno;

	return strcmp(got, secret) ? EINVAL : 0;
}


/* what a process of the same user gets of its own child */
static int peeked_by_nobody(bool careful)
{
	char ready = 0;
	pid_t target;
	int err, fd;

	become_nobody();
	target = child_fork_pipe(&fd);
	if (!target) {
		if (careful)
			traces_none();
		if (write(fd, &ready, 1) != 1)
			_exit(92);
		for (;;)
			(void)pause();
	}
	err = read(fd, &ready, 1) == 1 ? peek(target) : EPIPE;
	child_kill(target);

	return err;
}


static int peeked(bool careful)
{
	const pid_t pid = child_fork();

	if (!pid)
		_exit(peeked_by_nobody(careful));

	return child_exit_code(pid);
}


static void nobody_else_reads_us(void **state)
{
	(void)state;

	/* the leak checker has to, or this system lets nobody (Yama, a
	 * container's filter) */
	if (TRACES_SANITIZED || peeked(false))
		skip();
	assert_int_equal(peeked(true), EPERM);
}


/* ---- core files ---------------------------------------------------------- */

/* @return it has left one */
static bool dies(bool careful)
{
	const struct rlimit any = {RLIM_INFINITY, RLIM_INFINITY};
	const pid_t pid = child_fork();
	siginfo_t si = {0};

	if (!pid) {
		if (setrlimit(RLIMIT_CORE, &any) < 0)
			_exit(0);
		if (careful)
			traces_none();
		(void)signal(SIGSEGV, SIG_DFL);
		(void)raise(SIGSEGV);
		_exit(0);
	}
	assert_int_equal(waitid(P_PID, (id_t)pid, &si, WEXITED), 0);
	if (careful)
		assert_int_equal(si.si_code, CLD_KILLED);

	return si.si_code == CLD_DUMPED;
}


static size_t n_files(void)
{
	size_t n;
	glob_t g;

	if (glob("*", 0, NULL, &g))
		return 0;
	n = g.gl_pathc;
	globfree(&g);

	return n;
}


static void no_core_is_left(void **state)
{
	char dir[TMPDIR_SIZE];
	size_t before;
	bool dumps;
	(void)state;

	/* all of a sanitizer's memory takes minutes to look through */
	tmpdir_make(dir, "traces");
	assert_int_equal(chdir(dir), 0);
	dumps = !TRACES_SANITIZED && dies(false);
	before = n_files();
	assert_false(dies(true));
	assert_int_equal(n_files(), before);

	assert_int_equal(chdir("/"), 0);
	tmpdir_remove(dir);
	if (!dumps)
		skip(); /* the second half: this system writes none */
}


/* ---- swap ---------------------------------------------------------------- */

/* kB */
static long locked(void)
{
	char row[128];
	long n = -1;
	FILE *f;

	f = fopen("/proc/self/status", "re");
	if (!f)
		return -1;
	while (n < 0 && fgets(row, sizeof(row), f)) {
		if (sscanf(row, "VmLck: %ld", &n) != 1)
			n = -1;
	}
	(void)fclose(f);

	return n;
}


/* is there more than the limit, without a failure? */
static bool has_room(void)
{
	void *p = mmap(NULL, 4 * SMALL, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return false;
	memset(p, 1, 4 * SMALL);

	return munmap(p, 4 * SMALL) == 0;
}


static void with_a_limit(void)
{
	const struct rlimit few = {SMALL, SMALL};
	int err;

	if (setrlimit(RLIMIT_MEMLOCK, &few) < 0)
		_exit(93);
	become_nobody();
	err = traces_lock();
	_exit((!err && !TRACES_SANITIZED) || locked() != 0 || !has_room());
}


/* neither as root, nor (if the limit can be lifted here) as anybody else */
static void without_a_limit(void)
{
	const struct rlimit any = {RLIM_INFINITY, RLIM_INFINITY};

	if (setrlimit(RLIMIT_MEMLOCK, &any) == 0)
		become_nobody();
	if (traces_lock())
		_exit(EXIT_SKIP);
	if (locked() <= 0)
		_exit(1);
	_exit(!has_room());
}


static int exit_code(void (*child)(void))
{
	const pid_t pid = child_fork();

	if (!pid)
		child();

	return child_exit_code(pid);
}


static void memory_is_locked(void **state)
{
	int code;
	(void)state;

	if (TRACES_SANITIZED)
		skip();
	code = exit_code(without_a_limit);
	if (code == EXIT_SKIP)
		skip();
	assert_int_equal(code, 0);
}


/* an allocation later on must not fail for it */
static void a_limit_is_no_harm(void **state)
{
	(void)state;

	assert_int_equal(exit_code(with_a_limit), 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_else_reads_us),
		cmocka_unit_test(no_core_is_left),
		cmocka_unit_test(memory_is_locked),
		cmocka_unit_test(a_limit_is_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
