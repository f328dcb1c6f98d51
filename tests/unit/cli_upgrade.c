/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_upgrade.c  `ringback upgrade`: what it asks the keeper, and what it makes
 * of the answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/change.h"

#include "child.h"
#include "cli_run.h"
#include "tmpdir.h"

struct fixture {
	char data[TMPDIR_SIZE];
	int desk;
};


static int setup(void **state)
{
	static struct fixture f;
	struct sockaddr_un sun = {.sun_family = AF_UNIX,
				  .sun_path = CHANGE_SOCKET};
	char path[LIMIT_PATH];
	FILE *file;

	tmpdir_make(f.data, "upgrade");
	assert_int_equal(chdir(f.data), 0);
	assert_int_equal(mkdir("run", S_IRWXU), 0);
	/* so that it is taken for a data folder */
	(void)snprintf(path, sizeof(path), "%s/ringback.conf", f.data);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	f.desk = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_true(f.desk >= 0);
	assert_int_equal(bind(f.desk, (struct sockaddr *)&sun, sizeof(sun)),
			 0);
	assert_int_equal(listen(f.desk, 1), 0);
	*state = &f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	(void)close(f->desk);
	assert_int_equal(chdir("/"), 0);
	tmpdir_remove(f->data);

	return 0;
}


/* a keeper that says this, then hangs up; with what it was asked */
static pid_t keeper_says(int desk, const char *asked,
			 const char *const *words)
{
	const pid_t pid = child_fork();
	char text[LIMIT_PATH];
	ssize_t n;
	int fd;

	if (pid)
		return pid;
	(void)alarm(60); /* nobody comes */
	fd = accept(desk, NULL, NULL);
	n = recv(fd, text, sizeof(text) - 1, 0);
	if (n < 0)
		_exit(2);
	text[n] = '\0';
	for (; *words; words++)
		(void)send(fd, *words, strlen(*words), MSG_NOSIGNAL);
	_exit(strcmp(text, asked) != 0);
}


static void test_command(void **state)
{
	static const char *const done[] = {".Step.", "+Done.", NULL},
				*const failed[] = {".Step.", "-Why.", NULL},
				*const ended[] = {".Step.", NULL};
	const struct fixture *f = *state;
	struct ran *ran = calloc(1, sizeof(*ran));
	pid_t pid;

	assert_non_null(ran);
	pid = keeper_says(f->desk, "u", done);
	CLI_RUN(ran, upgrade_main, "--data", f->data);
	assert_int_equal(child_exit_code(pid), 0);
	assert_int_equal(ran->code, 0);
	assert_string_equal(ran->out, "Step.\nDone.\n");

	pid = keeper_says(f->desk, "i/usr", failed);
	CLI_RUN(ran, upgrade_main, "--when-idle", "--from", "/usr",
		"--data", f->data);
	assert_int_equal(child_exit_code(pid), 0);
	assert_int_equal(ran->code, 1);
	assert_string_equal(ran->err, "Why.\n");

	pid = keeper_says(f->desk, "u", ended);
	CLI_RUN(ran, upgrade_main, "--data", f->data);
	assert_int_equal(child_exit_code(pid), 0);
	assert_int_equal(ran->code, 1);
	assert_non_null(strstr(ran->err, "ended before it was done"));

	assert_int_equal(unlink(CHANGE_SOCKET), 0);
	CLI_RUN(ran, upgrade_main, "--data", f->data);
	assert_int_equal(ran->code, 1);
	assert_non_null(strstr(ran->err, "No keeper runs here"));
	free(ran);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_command, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
