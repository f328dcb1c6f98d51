/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * who.c  Which process may say what of itself, with real ones that hold locks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/daemon.h"
#include "wire/who.h"

#include "child.h"
#include "tmpdir.h"


/* one that holds this lock until it is killed */
static pid_t holder(const char *lock)
{
	char byte = 1;
	int fd;
	const pid_t pid = child_fork_pipe(&fd);

	if (!pid) {
		byte = daemon_lock(lock, NULL) != 0;
		(void)!write(fd, &byte, 1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(fd, &byte, 1), 1);
	assert_int_equal(byte, 0);
	(void)close(fd);

	return pid;
}


static void each_is_what_it_holds(void **state)
{
	static const enum wire_role roles[] = {WIRE_LINE, WIRE_WEB, WIRE_TOOL,
					       WIRE_MEDIA};
	const pid_t line = holder("line"), web = holder("web"),
		    media = holder("media");
	const struct {
		int32_t pid;
		unsigned may; /* bits of enum wire_role */
	} rows[] = {
		{line, WIRE_LINE},
		{web, WIRE_WEB},
		{media, WIRE_TOOL},
		{getpid(), WIRE_TOOL},
		{0, WIRE_TOOL},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t k = 0; k < sizeof(roles) / sizeof(roles[0]); k++)
			assert_int_equal(who_is(roles[k], rows[i].pid),
					 (rows[i].may & roles[k]) != 0);
	}

	child_kill(line);
	child_kill(web);
	child_kill(media);
	assert_false(who_is(WIRE_LINE, line));
	assert_false(who_is(WIRE_WEB, web));
}


static void nobody_runs(void **state)
{
	(void)state;

	assert_false(who_is(WIRE_LINE, getpid()));
	assert_false(who_is(WIRE_WEB, getpid()));
	assert_false(who_is(WIRE_LINE, 0));
	assert_true(who_is(WIRE_TOOL, getpid()));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_runs),
		cmocka_unit_test(each_is_what_it_holds),
	};
	char dir[TMPDIR_SIZE];
	int failed;

	tmpdir_make(dir, "who");
	if (chdir(dir) < 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)!chdir("/");
	tmpdir_remove(dir);

	return failed;
}
