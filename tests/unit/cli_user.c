/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * user.c  Root becomes the owner of a data folder: in children, there is no
 * way back.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/user.h"

#include "child.h"
#include "tmpdir.h"


#define CHILD_CHECK(code, truth)                                              \
	do {                                                                  \
		if (!(truth))                                                 \
			_exit(code);                                          \
	} while (0)

enum { OWNER = 54321, OTHER = 54322 };

static const char nobody_has[] = "ringback-no-such-user";


static void file_make(const char *path)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC,
			    S_IRUSR | S_IWUSR);

	CHILD_CHECK(80, fd >= 0);
	(void)close(fd);
}


static uid_t owner(const char *path)
{
	struct stat st;

	CHILD_CHECK(81, lstat(path, &st) == 0);
	return st.st_uid;
}


static void folder_fill(void)
{
	CHILD_CHECK(82, mkdir("data", S_IRWXU) == 0);
	CHILD_CHECK(83, mkdir("data/run", S_IRWXU) == 0);
	CHILD_CHECK(84, mkdir("data/more", S_IRWXU) == 0);
	file_make("elsewhere");
	file_make("data/store.db");
	file_make("data/run/line.lock");
	file_make("data/more/recording");
	file_make("data/of-another");
	CHILD_CHECK(85, link("elsewhere", "data/twice") == 0);
	CHILD_CHECK(86, symlink("../elsewhere", "data/points") == 0);
	CHILD_CHECK(87, chown("data/of-another", OTHER, OTHER) == 0);
	CHILD_CHECK(88, chmod(".", S_IRWXU | S_IXOTH) == 0);
	CHILD_CHECK(89, chown("data", OWNER, OWNER) == 0 &&
				chdir("data") == 0);
}


static void root_becomes_the_owner(void)
{
	folder_fill();
	CHILD_CHECK(1, user_become("") == 0);

	CHILD_CHECK(2, getuid() == OWNER && geteuid() == OWNER);
	CHILD_CHECK(3, getgid() == OWNER && getgroups(0, NULL) == 0);
	CHILD_CHECK(4, setuid(0) < 0);
	CHILD_CHECK(5, owner("store.db") == OWNER);
	CHILD_CHECK(6, owner("run") == OWNER);
	CHILD_CHECK(7, owner("run/line.lock") == OWNER);
	/* a second name, a link, somebody else's */
	CHILD_CHECK(8, owner("twice") == 0);
	CHILD_CHECK(9, owner("of-another") == OTHER);
	CHILD_CHECK(10, open("more/recording", O_RDONLY) < 0);
	CHILD_CHECK(11, owner("more") == OWNER);
	/* and it stays so */
	CHILD_CHECK(12, user_become("") == 0);
	CHILD_CHECK(13, user_become(nobody_has) == ENOENT);
	CHILD_CHECK(14, user_become("root") == EPERM);
}


static void the_folder_cannot_be_reached(void)
{
	folder_fill();
	CHILD_CHECK(1, chmod("..", S_IRWXU) == 0);
	CHILD_CHECK(2, user_become("") == EACCES);
}


static void root_stays_root(void)
{
	CHILD_CHECK(1, user_become(nobody_has) == ENOENT);
	CHILD_CHECK(2, user_become("root") == 0);
	CHILD_CHECK(3, getuid() == 0);
}


static int does(void (*child)(void))
{
	char dir[TMPDIR_SIZE];
	pid_t pid;
	int code;

	tmpdir_make(dir, "user");
	pid = child_fork();
	if (!pid) {
		CHILD_CHECK(90, chdir(dir) == 0);
		child();
		_exit(0);
	}
	code = child_exit_code(pid);
	tmpdir_remove(dir);

	return code;
}


static void a_user_of_its_own(void **state)
{
	(void)state;

	if (geteuid() != 0)
		skip();
	assert_int_equal(does(root_becomes_the_owner), 0);
	assert_int_equal(does(the_folder_cannot_be_reached), 0);
	assert_int_equal(does(root_stays_root), 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_user_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
