/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_listen.c  A message is opened whole, by who has the recovery key, for one
 * pair of eyes, or not.
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
#include "seal/recovery.h"
#include "seal/stream.h"
#include "store/epoch.h"
#include "store/store.h"
#include "catch.h"
#include "cli_run.h"
#include "tmpdir.h"
#include "typed.h"


enum { SOUND = 1600, PCM = 2 * SOUND, WAV_HEAD = 44 };

struct fixture {
	char dir[TMPDIR_SIZE];
	char said[1024];
	char shares[3][RECOVERY_TEXT];
	struct store_epoch epoch;
	struct ran ran;
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


/* one part of a message: 200 ms of this byte */
static void part_add(struct fixture *f, uint64_t call, uint64_t number,
		     uint8_t codec, uint8_t value)
{
	const struct seal_about about = {
		.kind = SEAL_MESSAGE, .detail = codec, .epoch = f->epoch.id,
		.subject = call,
	};
	uint8_t lid[STREAM_LID], chunk[STREAM_SEALED], sound[SOUND];
	char path[MESSAGE_PATH];
	struct stream s;
	FILE *file;

	message_path(path, call);
	memset(sound, value, sizeof(sound));
	assert_int_equal(stream_begin(&s, lid, &about, number,
				      f->epoch.public), 0);
	file = fopen(path, "ab");
	assert_non_null(file);
	assert_int_equal(fwrite(lid, sizeof(lid), 1, file), 1);
	/* the first is broken off, the second ended */
	assert_int_equal(stream_push(&s, chunk, sound, SOUND, number > 0), 0);
	assert_int_equal(fwrite(chunk, sizeof(chunk), 1, file), 1);
	assert_int_equal(fclose(file), 0);
}


static void epoch_read(struct fixture *f)
{
	struct store *store;

	assert_int_equal(store_open(&store, ".", STORE_TOOL), 0);
	assert_int_equal(store_epoch_current(store, "main", &f->epoch), 0);
	store_close(store);
}


static void two_typed(const char *a, const char *b)
{
	char text[2 * RECOVERY_TEXT + 8];
	const int n = snprintf(text, sizeof(text), "%s\n\n\n%s\n", a, b);

	assert_in_range(n, 1, sizeof(text) - 1);
	typed(text);
}


/* two parts in the message of call 7, by telephones of two kinds */
static int setup(void **state)
{
	static const char conf[] = "line \"main\" {\n}\n";
	static struct fixture f;
	struct store *store;

	tmpdir_make(f.dir, "listen");
	if (chdir(f.dir) < 0 || mkdir(message_folder, S_IRWXU) < 0)
		return -1;
	file_put("ringback.conf", conf, strlen(conf), "", 0);
	assert_int_equal(store_open(&store, ".", STORE_CREATE), 0);
	store_close(store);
	CLI_RUN(&f.ran, recovery_main, "make", "--data", ".");
	assert_int_equal(f.ran.code, EXIT_DONE);
	for (unsigned i = 0; i < 3; i++)
		words_of(f.shares[i], f.ran.out, i + 1);
	epoch_read(&f);
	part_add(&f, 7, 0, 8, 0xaa);
	part_add(&f, 7, 1, 0, 0x80);
	two_typed(f.shares[2], f.shares[0]);
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
	uint8_t wav[WAV_HEAD + 2 * PCM + 1];
	struct stat st;
	FILE *file;

	assert_int_equal(copy(f, "heard.wav", 7), 0);
	assert_string_equal(f->said, "");
	assert_int_equal(stat("heard.wav", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, WAV_HEAD + 2 * PCM);

	/* both as loud as can be, as ITU-T G.711 says it of either kind */
	file = fopen("heard.wav", "r");
	assert_non_null(file);
	assert_int_equal(fread(wav, 1, sizeof(wav), file), st.st_size);
	assert_int_equal(fclose(file), 0);
	assert_memory_equal(wav + WAV_HEAD, "\x00\x7e", 2);
	assert_memory_equal(wav + WAV_HEAD + PCM - 2, "\x00\x7e", 2);
	assert_memory_equal(wav + WAV_HEAD + PCM, "\x7c\x7d", 2);
}


/* what is not enough, or not right, opens nothing and leaves nothing */
static void test_shares(void **state)
{
	struct fixture *f = *state;
	const struct {
		const char *a, *b, *said;
		int err;
	} v[] = {
		{"", "", "shares of the recovery key", ENODATA},
		{f->shares[1], "", "1 of the shares", ENODATA},
		{f->shares[1], f->shares[1], "typed twice", EINVAL},
		{f->shares[1], "abandon", "27 words", EINVAL},
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		two_typed(v[i].a, v[i].b);
		assert_int_equal(copy(f, "heard.wav", 7), v[i].err);
		assert_non_null(strstr(f->said, v[i].said));
		assert_int_equal(access("heard.wav", F_OK), -1);
	}
}


/* of another call, or changed */
static void test_changed(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(rename("messages/7.sealed", "messages/8.sealed"), 0);
	assert_int_equal(copy(f, "heard.wav", 8), EBADMSG);
	assert_non_null(strstr(f->said, "cannot be read"));
	assert_int_equal(access("heard.wav", F_OK), -1);
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
	two_typed(f->shares[2], f->shares[0]);
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

	file_put("messages/9.sealed", "RIFF", 4, "x", 1);
	assert_int_equal(copy(f, "heard.wav", 9), EBADMSG);
	assert_non_null(strstr(f->said, "cannot be read"));
	assert_int_equal(access("heard.wav", F_OK), -1);
}


static void test_no_room(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(copy(f, "no/such/folder.wav", 7), ENOENT);
	assert_non_null(strstr(f->said, "--wav: "));
	two_typed(f->shares[2], f->shares[0]);
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

	two_typed(f->shares[0], f->shares[1]);
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
		WITH(test_shares),
		WITH(test_changed),
		WITH(test_nothing_is_overwritten),
		WITH(test_no_message),
		WITH(test_not_a_message),
		WITH(test_no_room),
		WITH(test_not_on_record),
		WITH(test_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
