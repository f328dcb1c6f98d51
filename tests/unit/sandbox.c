/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sandbox.c  A process with a table of its own does what the table says, and
 * what it does not. Each case in a child: nobody gets out again.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/sandbox.h"

#include "child.h"
#include "tmpdir.h"


#define CHILD_CHECK(code, truth)                                              \
	do {                                                                  \
		if (!(truth))                                                 \
			_exit(code);                                          \
	} while (0)

enum { ABI_LEAST = 2, VERSION = 1 };

struct place {
	char dir[TMPDIR_SIZE];
	int said; /* what the child says on standard error */
};

static const char *const few[] = {
	"read", "write", "open", "openat", "close", "lseek", "mkdir",
	"mkdirat", "unlink", "unlinkat", "rename", "renameat", "renameat2",
	"fstat", "newfstatat", "lstat", "exit_group", "futex", "getpid",
	"set_robust_list", "rseq", "rt_sigprocmask", "rt_sigreturn", "munmap",
	"madvise", "exit", "brk", "sched_yield", "sigaltstack", "gettid",
	"sched_getaffinity", "clock_gettime", "getrandom", "rt_sigaction",
	NULL,
};

static const char *const *const calls[] = {few, NULL};

static const struct sandbox_file files[] = {
	{"read", SANDBOX_READ},
	{"write", SANDBOX_READ | SANDBOX_WRITE},
	{"full", SANDBOX_READ | SANDBOX_WRITE | SANDBOX_MAKE |
			 SANDBOX_REMOVE | SANDBOX_MOVE | SANDBOX_FOLDER},
	{"there-is-none", SANDBOX_READ},
	{NULL, 0},
};

static const struct sandbox_file more[] = {
	{"more", SANDBOX_READ},
	{NULL, 0},
};

static const struct sandbox_socket sockets[] = {
	{AF_INET, SOCK_DGRAM},
	{0, 0},
};

static const struct sandbox_table table = {
	.name = "test",
	.files = files,
	.sockets = sockets,
	.calls = calls,
};


/* ---- the child ----------------------------------------------------------- */

static int opened(const char *path, int flags)
{
	const int fd = open(path, flags | O_CLOEXEC, S_IRUSR | S_IWUSR);

	if (fd < 0)
		return errno;
	(void)close(fd);

	return 0;
}


static void file_make(const char *path)
{
	CHILD_CHECK(80, opened(path, O_RDWR | O_CREAT) == 0);
}


static void files_of_the_table(void)
{
	static const char *const names[] = {"read", "write", "more", "other"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		file_make(names[i]);
	CHILD_CHECK(1, sandbox_enter(&table, more) == 0);

	CHILD_CHECK(2, opened("read", O_RDONLY) == 0);
	CHILD_CHECK(3, opened("read", O_RDWR) == EACCES);
	CHILD_CHECK(4, opened("write", O_RDWR) == 0);
	CHILD_CHECK(5, opened("more", O_RDONLY) == 0);
	CHILD_CHECK(6, opened("more", O_WRONLY) == EACCES);
	CHILD_CHECK(7, opened("other", O_RDONLY) == EACCES);
	CHILD_CHECK(8, opened("new", O_RDWR | O_CREAT) == EACCES);
	CHILD_CHECK(9, unlink("other") < 0 && errno == EACCES);
	CHILD_CHECK(10, opened("/etc/passwd", O_RDONLY) == EACCES);

	/* the folder was made, and is whole */
	CHILD_CHECK(11, opened("full/a", O_RDWR | O_CREAT) == 0);
	CHILD_CHECK(12, rename("full/a", "full/b") == 0);
	CHILD_CHECK(13, rename("full/b", "b") < 0);
	CHILD_CHECK(14, unlink("full/b") == 0);
	CHILD_CHECK(15, mkdir("full/c", S_IRWXU) < 0);
}


static void sockets_of_the_table(void)
{
	CHILD_CHECK(1, sandbox_enter(&table, NULL) == 0);

	CHILD_CHECK(2, socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) >= 0);
	CHILD_CHECK(3, socket(AF_INET, SOCK_STREAM, 0) < 0 &&
			       errno == EPERM);
	CHILD_CHECK(4, socket(AF_INET, SOCK_RAW, 1) < 0 && errno == EPERM);
	CHILD_CHECK(5, socket(AF_INET6, SOCK_DGRAM, 0) < 0 &&
			       errno == EPERM);
	CHILD_CHECK(6, socket(AF_UNIX, SOCK_DGRAM, 0) < 0 && errno == EPERM);
	CHILD_CHECK(7, socket(AF_NETLINK, SOCK_RAW, 0) < 0 &&
			       errno == EPERM);
}


/* said once, however often it is tried, and the process goes on */
static void a_call_is_refused(void)
{
	CHILD_CHECK(1, sandbox_enter(&table, NULL) == 0);

	for (int i = 0; i < 3; i++)
		CHILD_CHECK(2, syscall(SYS_getpgid, 0) < 0 && errno == EPERM);
	CHILD_CHECK(3, syscall(SYS_getsid, 0) < 0 && errno == EPERM);
	CHILD_CHECK(4, fork() < 0 && errno == EPERM);
}


static void *refused_too(void *arg)
{
	int *errp = arg;

	*errp = syscall(SYS_getpgid, 0) < 0 ? errno : 0;
	if (opened("/etc/passwd", O_RDONLY) != EACCES)
		*errp = 0;

	return NULL;
}


static void a_thread_is_in_it(void)
{
	pthread_t thread;
	int err = 0;

	CHILD_CHECK(1, sandbox_enter(&table, NULL) == 0);
	CHILD_CHECK(2, pthread_create(&thread, NULL, refused_too, &err) == 0);
	(void)pthread_join(thread, NULL);
	CHILD_CHECK(3, err == EPERM);
}


static void *waits(void *arg)
{
	char c;

	(void)!read(*(int *)arg, &c, 1);

	return NULL;
}


static void a_thread_would_stay_outside(void)
{
	pthread_t thread;
	int fds[2];

	CHILD_CHECK(1, pipe2(fds, O_CLOEXEC) == 0);
	CHILD_CHECK(2, pthread_create(&thread, NULL, waits, &fds[0]) == 0);
	CHILD_CHECK(3, sandbox_enter(&table, NULL) == EBUSY);
	(void)close(fds[1]);
	(void)pthread_join(thread, NULL);
}


static void a_program(void)
{
	char name[] = "true";
	char *const argv[] = {name, NULL};

	CHILD_CHECK(1, sandbox_enter(&table, NULL) == 0);
	(void)execv("/bin/true", argv);
	_exit(2);
}


/* what it starts is not let either, and goes on as any other program */
static void keeper(void)
{
	int status = 0;
	pid_t pid;

	CHILD_CHECK(1, sandbox_enter_keeper() == 0);
	CHILD_CHECK(2, mount("none", ".", "tmpfs", 0, NULL) < 0 &&
			       errno == EPERM);
	CHILD_CHECK(3, opened("/etc/passwd", O_RDONLY) == 0);
	pid = fork();
	CHILD_CHECK(4, pid >= 0);
	if (!pid) {
		char name[] = "sh", option[] = "-c",
		     script[] = "! chroot . true 2>/dev/null";
		char *const argv[] = {name, option, script, NULL};

		(void)execv("/bin/sh", argv);
		_exit(90);
	}
	CHILD_CHECK(5, waitpid(pid, &status, 0) == pid);
	CHILD_CHECK(6, WIFEXITED(status) && WEXITSTATUS(status) == 0);
}


/* ---- here ---------------------------------------------------------------- */

static pid_t start(struct place *p, void (*child)(void))
{
	int fds[2];
	pid_t pid;

	tmpdir_make(p->dir, "sandbox");
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = child_fork();
	if (!pid) {
		CHILD_CHECK(81, chdir(p->dir) == 0 &&
					dup2(fds[1], STDERR_FILENO) >= 0);
		child();
		_exit(0);
	}
	(void)close(fds[1]);
	p->said = fds[0];

	return pid;
}


/* @return how often the text was said */
static unsigned finish(struct place *p, const char *text)
{
	char said[4096];
	size_t n = 0;
	ssize_t got;
	unsigned count = 0;

	while (n < sizeof(said) - 1 &&
	       (got = read(p->said, said + n, sizeof(said) - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = '\0';
	(void)close(p->said);
	printf("%s", said);
	for (const char *at = said; (at = strstr(at, text)); at++)
		++count;
	tmpdir_remove(p->dir);

	return count;
}


/* @return the times that a call was refused, and said so */
static unsigned does(void (*child)(void))
{
	struct place p;
	const pid_t pid = start(&p, child);

	assert_int_equal(child_exit_code(pid), 0);

	return finish(&p, "is in no table");
}


static void skip_without_landlock(void)
{
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION) <
	    ABI_LEAST)
		skip();
}


static void files_are_those_of_the_table(void **state)
{
	(void)state;

	skip_without_landlock();
	assert_int_equal(does(files_of_the_table), 0);
}


static void sockets_are_those_of_the_table(void **state)
{
	(void)state;

	/* socket(), said once; of netlink nothing is said */
	assert_int_equal(does(sockets_of_the_table), 1);
}


static void a_refusal_is_said_once(void **state)
{
	(void)state;

	/* getpgid, getsid, clone */
	assert_int_equal(does(a_call_is_refused), 3);
}


static void threads_are_in_it(void **state)
{
	(void)state;

	skip_without_landlock();
	assert_int_equal(does(a_thread_is_in_it), 1);
	assert_int_equal(does(a_thread_would_stay_outside), 0);
}


static void a_program_is_the_end(void **state)
{
	siginfo_t si = {0};
	struct place p;
	pid_t pid;
	(void)state;

	pid = start(&p, a_program);
	assert_int_equal(waitid(P_PID, (id_t)pid, &si, WEXITED), 0);
	assert_int_not_equal(si.si_code, CLD_EXITED);
	assert_int_equal(si.si_status, SIGSYS);
	assert_int_equal(finish(&p, "is in no table"), 0);
}


static void the_keeper_starts_programs(void **state)
{
	(void)state;

	assert_int_equal(does(keeper), 0);
}


static void no_table(void **state)
{
	(void)state;

	assert_int_equal(sandbox_enter(NULL, NULL), EINVAL);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_those_of_the_table),
		cmocka_unit_test(sockets_are_those_of_the_table),
		cmocka_unit_test(a_refusal_is_said_once),
		cmocka_unit_test(threads_are_in_it),
		cmocka_unit_test(a_program_is_the_end),
		cmocka_unit_test(the_keeper_starts_programs),
		cmocka_unit_test(no_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
