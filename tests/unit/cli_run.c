/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_run.c  Runs a command as main.c would, and reads what it says.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>
#include <cmocka.h>

#include "child.h"
#include "cli_run.h"


enum { ARGS_MAX = 16, WORD_MAX = 256 };


/* commands may not write into constants */
static int command_run_args(command_h *h, const char *const argv[])
{
	static char words[ARGS_MAX][WORD_MAX];
	char *args[ARGS_MAX + 1] = {NULL};
	int n;

	for (n = 0; argv[n] && n < ARGS_MAX; n++) {
		(void)snprintf(words[n], WORD_MAX, "%s", argv[n]);
		args[n] = words[n];
	}

	return h(n, args);
}


static void file_read(int fd, char *text, size_t size)
{
	const ssize_t n = pread(fd, text, size, 0);

	assert_true(n >= 0);
	assert_true((size_t)n < size);
	text[n] = '\0';
	(void)close(fd);
}


void cli_run(struct ran *ran, command_h *h, const char *const argv[])
{
	const int out = memfd_create("out", MFD_CLOEXEC);
	const int err = memfd_create("err", MFD_CLOEXEC);
	pid_t pid;

	assert_true(out >= 0 && err >= 0);
	(void)fflush(NULL);
	pid = child_fork();
	if (pid == 0) {
		int code;

		if (dup2(out, STDOUT_FILENO) < 0 ||
		    dup2(err, STDERR_FILENO) < 0)
			_exit(99);
		code = command_run_args(h, argv);
		(void)fflush(NULL);
		_exit(code);
	}

	ran->code = child_exit_code(pid);
	file_read(out, ran->out, sizeof(ran->out));
	file_read(err, ran->err, sizeof(ran->err));
}
