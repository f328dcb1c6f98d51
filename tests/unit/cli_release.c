/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_release.c  The programs of a Ringback: found, held open, asked which it
 * is. Real ones, made of scripts.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/step.h"
#include "cli/release.h"

#include "catch.h"
#include "tmpdir.h"

#define SAYS "printf 'version 1.2\\nwire 00000000000000ff\\n'"

struct fixture {
	char dir[TMPDIR_SIZE];
	struct release r;
};


static void script(const struct fixture *f, const char *name, const char *text)
{
	char path[LIMIT_PATH];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	(void)unlink(path); /* who has it open keeps what it was */
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fprintf(file, "#!/bin/sh\n%s\n", text) > 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, S_IRWXU), 0);
}


static void scripts(const struct fixture *f, const char *text)
{
	for (int i = 0; i < RELEASE_PARTS; i++)
		script(f, release_name((enum release_part)i), text);
}


static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	for (int i = 0; i < RELEASE_PARTS; i++)
		f.r.part[i].fd = -1;
	tmpdir_make(f.dir, "release");
	scripts(&f, SAYS);
	*state = &f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	release_close(&f->r);
	tmpdir_remove(f->dir);

	return 0;
}


static void test_found(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(release_open(&f->r, f->dir), 0);
	for (int i = 0; i < RELEASE_PARTS; i++) {
		const struct program *p = &f->r.part[i];

		assert_true(p->fd >= 0);
		assert_true(fcntl(p->fd, F_GETFD) & FD_CLOEXEC);
		assert_non_null(strstr(p->path,
				release_name((enum release_part)i)));
	}
	release_close(&f->r);
	for (int i = 0; i < RELEASE_PARTS; i++)
		assert_int_equal(f->r.part[i].fd, -1);
}


/* as a package puts them: bin/ringback, libexec/ringback/ringback-line */
static void test_found_where_a_package_puts_them(void **state)
{
	struct fixture *f = *state;
	char bin[LIMIT_PATH], path[LIMIT_PATH], to[LIMIT_PATH];

	(void)snprintf(bin, sizeof(bin), "%s/bin", f->dir);
	assert_int_equal(mkdir(bin, S_IRWXU), 0);
	(void)snprintf(path, sizeof(path), "%s/libexec", f->dir);
	assert_int_equal(mkdir(path, S_IRWXU), 0);
	(void)snprintf(path, sizeof(path), "%s/libexec/ringback", f->dir);
	assert_int_equal(mkdir(path, S_IRWXU), 0);
	for (int i = 0; i < RELEASE_PARTS; i++) {
		const char *name = release_name((enum release_part)i);

		(void)snprintf(path, sizeof(path), "%s/%s", f->dir, name);
		(void)snprintf(to, sizeof(to), "%s/%s/%s", f->dir,
			       i == RELEASE_KEEPER ? "bin"
						   : "libexec/ringback", name);
		assert_int_equal(rename(path, to), 0);
	}
	assert_int_equal(release_open(&f->r, bin), 0);
}


static void test_one_is_missing(void **state)
{
	struct fixture *f = *state;
	char path[LIMIT_PATH], text[512];
	struct catch said;
	int err;

	(void)snprintf(path, sizeof(path), "%s/ringback-web", f->dir);
	assert_int_equal(chmod(path, S_IRUSR), 0);
	catch_begin(&said);
	err = release_open(&f->r, f->dir);
	catch_end(&said, text, sizeof(text));
	assert_int_equal(err, ENOENT);

	assert_int_equal(unlink(path), 0);
	catch_begin(&said);
	err = release_open(&f->r, f->dir);
	catch_end(&said, text, sizeof(text));
	assert_int_equal(err, ENOENT);
	assert_non_null(strstr(text, "there is no ringback-web"));
	for (int i = 0; i < RELEASE_PARTS; i++)
		assert_int_equal(f->r.part[i].fd, -1);
}


/* a package has put another one in its place: it is still this one */
static void test_it_stays_the_same(void **state)
{
	struct fixture *f = *state;
	const struct program *p = &f->r.part[RELEASE_WEB];
	char buf[LIMIT_PATH];
	struct stat ours, there;

	assert_int_equal(release_open(&f->r, f->dir), 0);
	assert_int_equal(fstat(p->fd, &ours), 0);
	assert_ptr_equal(program_path(p, buf), p->path);
	script(f, "ringback-web", "exit 1");
	assert_ptr_equal(program_path(p, buf), buf);
	(void)unlink(p->path);
	assert_ptr_equal(program_path(p, buf), buf);
	assert_int_equal(stat(buf, &there), 0);
	assert_int_equal(there.st_ino, ours.st_ino);
}


static void test_asked(void **state)
{
	struct fixture *f = *state;
	char why[LIMIT_PATH * 2];

	assert_int_equal(release_open(&f->r, f->dir), 0);
	assert_int_equal(release_ask(&f->r, why), 0);
	assert_string_equal(f->r.version, "1.2");
	assert_int_equal(f->r.wire, 0xff);
	/* of before there was such a thing */
	assert_int_equal(f->r.store, 0);
	assert_int_equal(f->r.oldest, 0);
	release_close(&f->r);

	script(f, "ringback", SAYS "'store 21\\noldest 19\\n'");
	assert_int_equal(release_open(&f->r, f->dir), 0);
	assert_int_equal(release_ask(&f->r, why), 0);
	assert_int_equal(f->r.store, 21);
	assert_int_equal(f->r.oldest, 19);
}


/* what its ringback-line is, and what is said of it */
static const struct wrong {
	const char *text;
	const char *why;
} wrongs[] = {
	{"exit 1", "ringback-line does not start"},
	{"kill -9 $$", "ringback-line does not start"},
	{"true", "ringback-line does not start"},
	{"echo hello", "ringback-line does not start"},
	{SAYS "; exit 1", "ringback-line does not start"},
	{"printf 'version 1.3\\nwire 00000000000000ff\\n'",
	 "ringback-line is of another version than"},
	{"printf 'version 1.2\\nwire 00000000000000fe\\n'",
	 "ringback-line is of another version than"},
	{SAYS "'store 21\\n'", "ringback-line does not start"},
};


static void test_asked_in_vain(void **state)
{
	struct fixture *f = *state;
	char why[LIMIT_PATH * 2];

	for (size_t i = 0; i < STEP_COUNT(wrongs); i++) {
		script(f, "ringback-line", wrongs[i].text);
		assert_int_equal(release_open(&f->r, f->dir), 0);
		assert_int_equal(release_ask(&f->r, why), EPROTO);
		assert_non_null(strstr(why, wrongs[i].why));
		release_close(&f->r);
	}
}


static void test_tried(void **state)
{
	struct fixture *f = *state;

	script(f, "ringback", "[ \"$*\" = 'run --check --data here' ]");
	assert_int_equal(release_open(&f->r, f->dir), 0);
	assert_int_equal(release_try(&f->r, "here"), 0);
	assert_int_equal(release_try(&f->r, "there"), EPROTO);
}


static void test_within(void **state)
{
	struct fixture *f = *state;
	char dir[PATH_MAX], other[TMPDIR_SIZE + 8];

	assert_non_null(realpath(f->dir, dir));
	assert_int_equal(release_open(&f->r, f->dir), 0);
	assert_true(release_is_within(&f->r, dir));
	/* a folder whose name only begins like it */
	dir[strlen(dir) - 1] = '\0';
	assert_false(release_is_within(&f->r, dir));
	(void)snprintf(other, sizeof(other), "%s/run", f->dir);
	assert_false(release_is_within(&f->r, other));
}


static void test_own(void **state)
{
	char dir[LIMIT_PATH], path[LIMIT_PATH * 2];
	(void)state;

	assert_int_equal(release_own(dir), 0);
	assert_int_equal(dir[strlen(dir) - 1], '/');
	(void)snprintf(path, sizeof(path), "%stest-cli_release", dir);
	assert_int_equal(access(path, X_OK), 0);
}


#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_found),
		CASE(test_found_where_a_package_puts_them),
		CASE(test_one_is_missing),
		CASE(test_it_stays_the_same),
		CASE(test_asked),
		CASE(test_asked_in_vain),
		CASE(test_tried),
		CASE(test_within),
		CASE(test_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
