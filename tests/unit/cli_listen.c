/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_listen.c  A message is copied whole, for one pair of eyes, or not.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/message.h"
#include "cli/exit.h"
#include "cli/listen.h"
#include "store/store.h"
#include "catch.h"
#include "cli_run.h"
#include "tmpdir.h"


enum { SOUND = 1600 };

struct fixture {
	char dir[TMPDIR_SIZE];
	char said[512];
};


static void file_put(const char *path, const void *head, size_t n_head,
		     const void *body, size_t n_body)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(head, 1, n_head, f), n_head);
	assert_int_equal(fwrite(body, 1, n_body, f), n_body);
	assert_int_equal(fclose(f), 0);
}


/* 200 ms in the message of call 7; the head still speaks of half of it */
static int setup(void **state)
{
	static struct fixture f;
	const struct message_info info = {.format = MESSAGE_ALAW,
					  .voiced_ms = 50};
	uint8_t head[MESSAGE_HEAD], sound[SOUND];
	char path[MESSAGE_PATH];
	struct store *store;

	tmpdir_make(f.dir, "listen");
	if (chdir(f.dir) < 0 || mkdir(message_folder, S_IRWXU) < 0)
		return -1;

	memset(sound, 0x55, sizeof(sound));
	message_head_encode(head, &info, SOUND / 2);
	message_path(path, 7);
	file_put(path, head, sizeof(head), sound, sizeof(sound));
	file_put("ringback.conf", "", 0, "", 0);
	if (store_open(&store, ".", STORE_CREATE))
		return -1;
	store_close(store);
	*state = &f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	if (chdir("/") < 0)
		return -1;
	tmpdir_remove(f->dir);

	return 0;
}


static int copy(struct fixture *f, const char *path, uint64_t call)
{
	struct catch c;
	int err;

	catch_begin(&c);
	err = listen_copy(path, call);
	catch_end(&c, f->said, sizeof(f->said));

	return err;
}


static void test_copied(void **state)
{
	struct fixture *f = *state;
	struct message_info info;
	uint8_t head[MESSAGE_HEAD];
	struct stat st;
	FILE *file;

	assert_int_equal(copy(f, "heard.wav", 7), 0);
	assert_string_equal(f->said, "");
	assert_int_equal(stat("heard.wav", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, MESSAGE_HEAD + SOUND);

	file = fopen("heard.wav", "r");
	assert_non_null(file);
	assert_int_equal(fread(head, 1, sizeof(head), file), sizeof(head));
	assert_int_equal(fclose(file), 0);
	assert_int_equal(message_head_decode(&info, head), 0);
	assert_int_equal(info.ms, SOUND / MESSAGE_MS);
}


static void test_nothing_is_overwritten(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	file_put("there.wav", "x", 1, "y", 1);
	assert_int_equal(copy(f, "there.wav", 7), EEXIST);
	assert_non_null(strstr(f->said, "there already"));
	assert_int_equal(stat("there.wav", &st), 0);
	assert_int_equal(st.st_size, 2);

	/* nor what a link points at */
	assert_int_equal(symlink("nowhere", "link.wav"), 0);
	assert_int_equal(copy(f, "link.wav", 7), EEXIST);
	assert_int_equal(access("nowhere", F_OK), -1);
}


static void test_no_message(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(copy(f, "heard.wav", 8), ENOENT);
	assert_non_null(strstr(f->said, "no message of call 8"));
	assert_int_equal(access("heard.wav", F_OK), -1);
}


static void test_not_a_message(void **state)
{
	struct fixture *f = *state;

	file_put("messages/9.wav", "RIFF", 4, "x", 1);
	assert_int_equal(copy(f, "heard.wav", 9), EBADMSG);
	assert_non_null(strstr(f->said, "cannot be read"));
	assert_int_equal(access("heard.wav", F_OK), -1);
}


static void test_no_room(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(copy(f, "no/such/folder.wav", 7), ENOENT);
	assert_non_null(strstr(f->said, "--wav: "));
	assert_int_equal(copy(f, "/dev/full", 7), EEXIST);
}


/* That they hear it goes on record, or they do not. */
static void test_not_on_record(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(unlink("store.db"), 0);
	assert_int_not_equal(copy(f, "heard.wav", 7), 0);
	assert_int_equal(access("heard.wav", F_OK), -1);
}


/* paths are those of the folder where the command was given */
static void test_command(void **state)
{
	struct fixture *f = *state;
	struct ran ran;

	assert_int_equal(mkdir("elsewhere", S_IRWXU), 0);
	assert_int_equal(chdir("elsewhere"), 0);
	CLI_RUN(&ran, promise_main, "listen", "7", "--wav", "heard.wav",
		"--data", f->dir);
	assert_string_equal(ran.err, "");
	assert_int_equal(ran.code, EXIT_DONE);
	assert_int_equal(access("heard.wav", F_OK), 0);

	CLI_RUN(&ran, promise_main, "listen", "7", "--wav", "heard.wav",
		"--data", f->dir);
	assert_int_equal(ran.code, EXIT_FAILED);
	CLI_RUN(&ran, promise_main, "listen", "7", "--data", f->dir);
	assert_int_equal(ran.code, EXIT_USAGE);
}


int main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_copied),
		WITH(test_nothing_is_overwritten),
		WITH(test_no_message),
		WITH(test_not_a_message),
		WITH(test_no_room),
		WITH(test_not_on_record),
		WITH(test_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
