/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * child.c  Starts and ends processes. Must leave none behind.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "child.h"


pid_t child_fork(void)
{
	const pid_t pid = fork();

	assert_true(pid >= 0);

	return pid;
}


pid_t child_fork_pipe(int *fdp)
{
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = child_fork();
	(void)close(fds[pid ? 1 : 0]);
	*fdp = fds[pid ? 0 : 1];

	return pid;
}


int child_exit_code(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));

	return WEXITSTATUS(status);
}


void child_kill(pid_t pid)
{
	int status;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}
