/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_promise.c  `ringback promise`: what it asks of the line, and what it
 * says of the answers. The line is a process that answers as it is told.
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
#include <re.h>

#include "base/step.h"
#include "cli/exit.h"
#include "core/core.h"
#include "store/store.h"
#include "wire/conn.h"
#include "child.h"
#include "cli_run.h"
#include "tmpdir.h"


enum { NO_ANSWER = -1 };

struct fixture {
	char dir[TMPDIR_SIZE];
	struct ran ran;
	struct wire_promise asked;
	uint32_t ana; /* her id */
};

/* in the line's process */
struct line {
	int fd;
	int err;
};


static void asked_handler(struct wire_conn *conn, const struct wire_msg *msg,
			  void *arg)
{
	const struct line *l = arg;

	if (msg->type != WIRE_PROMISE)
		_exit(3);
	if (write(l->fd, msg->payload, sizeof(struct wire_promise)) !=
	    (ssize_t)sizeof(struct wire_promise))
		_exit(4);

	if (l->err == NO_ANSWER)
		_exit(0);
	if (l->err)
		(void)wire_reply_refused(conn, msg, l->err, "as told");
	else
		(void)wire_reply_done(conn, msg);
}


static void line_run(int fd, int err)
{
	struct line l = {fd, err};
	struct wire_server *server;

	if (libre_init() ||
	    wire_listen(&server, "run/line.sock", WIRE_LINE, WIRE_TOOL,
			asked_handler, NULL, &l))
		_exit(2);
	if (write(fd, "!", 1) != 1)
		_exit(4);
	(void)re_main(NULL);
	_exit(0);
}


/* run a command while a line answers with err */
static void with_line(struct fixture *f, int err, const char *const argv[])
{
	char ready;
	pid_t pid;
	ssize_t n;
	int fd;

	pid = child_fork_pipe(&fd);
	if (pid == 0)
		line_run(fd, err);
	assert_int_equal(read(fd, &ready, 1), 1);

	cli_run(&f->ran, promise_main, argv);
	child_kill(pid);

	memset(&f->asked, 0, sizeof(f->asked));
	n = read(fd, &f->asked, sizeof(f->asked));
	(void)close(fd);
	assert_true(n == 0 || n == (ssize_t)sizeof(f->asked));
	(void)unlink("run/line.sock");
}

#define WITH_LINE(f, err, ...)                                                \
	with_line(f, err, (const char *const[]){__VA_ARGS__, "--data", ".",   \
						NULL})


static int setup(void **state)
{
	static struct fixture f;
	struct store_person ana = {.name = "Ana", .wrap_up_s = 30};
	struct store *store;
	FILE *conf;

	tmpdir_make(f.dir, "promise");
	if (chdir(f.dir) < 0 || mkdir("run", S_IRWXU) < 0)
		return -1;
	conf = fopen("ringback.conf", "w");
	if (!conf || fclose(conf) || store_open(&store, ".", STORE_CREATE))
		return -1;
	if (secret_set(&ana.phone, "sip:a@127.0.0.1", 15) ||
	    store_person_add(store, &ana))
		return -1;
	f.ana = ana.id;
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


static void asked(const struct fixture *f, enum wire_promise_verb verb,
		  uint32_t person, uint32_t reason, uint32_t minutes)
{
	assert_string_equal(f->ran.err, "");
	assert_int_equal(f->ran.code, EXIT_DONE);
	assert_int_equal(f->asked.call, 17);
	assert_int_equal(f->asked.verb, verb);
	assert_int_equal(f->asked.person, person);
	assert_int_equal(f->asked.reason, reason);
	assert_int_equal(f->asked.minutes, minutes);
}


static void test_what_is_asked(void **state)
{
	struct fixture *f = *state;

	WITH_LINE(f, 0, "take", "17", "--person", "Ana");
	asked(f, WIRE_PROMISE_TAKE, f->ana, 0, 0);
	WITH_LINE(f, 0, "keep", "17");
	asked(f, WIRE_PROMISE_KEEP, 0, 0, 0);
	WITH_LINE(f, 0, "keep", "17", "--person", "Ana");
	asked(f, WIRE_PROMISE_KEEP, f->ana, 0, 0);
	WITH_LINE(f, 0, "close", "17", "--reason", "duplicate");
	asked(f, WIRE_PROMISE_CLOSE, 0, CLOSE_DUPLICATE, 0);
	WITH_LINE(f, 0, "snooze", "17", "--minutes", "90");
	asked(f, WIRE_PROMISE_SNOOZE, 0, 0, 90);
	WITH_LINE(f, 0, "ring", "17");
	asked(f, WIRE_PROMISE_RING, 0, 0, 0);
}


static void test_every_reason(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = CLOSE_NONE + 1; i < CLOSE_REASONS; i++) {
		WITH_LINE(f, 0, "close", "17", "--reason",
			  close_reason_name((enum close_reason)i));
		asked(f, WIRE_PROMISE_CLOSE, 0, i, 0);
	}
}


static void test_refusals(void **state)
{
	static const struct {
		int err;
		const char *said; /* a part of it */
	} cases[] = {
		{ENOENT, "no open promise of that call"},
		{ERANGE, "put off"},
		{EPERM, "no number to ring"},
		{EBUSY, "try again"},
		{EIO, "as told"},
		{NO_ANSWER, "did not answer"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < STEP_COUNT(cases); i++) {
		WITH_LINE(f, cases[i].err, "ring", "17");
		print_message("%s", f->ran.err);
		assert_int_equal(f->ran.code, EXIT_FAILED);
		assert_non_null(strstr(f->ran.err, cases[i].said));
		assert_int_equal(f->asked.call, 17);
	}
}


static void test_taken_off_duty(void **state)
{
	struct fixture *f = *state;

	WITH_LINE(f, EPERM, "take", "17", "--person", "Ana");
	assert_int_equal(f->ran.code, EXIT_FAILED);
	assert_non_null(strstr(f->ran.err, "off duty"));
	assert_int_equal(f->asked.call, 17);
}


static void test_no_line(void **state)
{
	struct fixture *f = *state;

	CLI_RUN(&f->ran, promise_main, "ring", "17", "--data", ".");
	assert_int_equal(f->ran.code, EXIT_FAILED);
	assert_non_null(strstr(f->ran.err, "ringback run"));
}


static void nothing_asked(struct fixture *f, int code, const char *said)
{
	print_message("%s", f->ran.err);
	assert_int_equal(f->ran.code, code);
	assert_non_null(strstr(f->ran.err, said));
	assert_int_equal(f->asked.call, 0);
}


static void test_wrong_usage(void **state)
{
	struct fixture *f = *state;

	WITH_LINE(f, 0, "take", "17");
	nothing_asked(f, EXIT_USAGE, "--person is missing");
	WITH_LINE(f, 0, "take", "17", "--person", "Bob");
	nothing_asked(f, EXIT_FAILED, "no person of that name");
	WITH_LINE(f, 0, "close", "17");
	nothing_asked(f, EXIT_USAGE, "--reason is missing");
	WITH_LINE(f, 0, "close", "17", "--reason", "duplicat");
	nothing_asked(f, EXIT_USAGE, "did you mean \"duplicate\"?");
	WITH_LINE(f, 0, "close", "17", "--reason", "boredom");
	nothing_asked(f, EXIT_USAGE, "Reasons: reached, ");
	WITH_LINE(f, 0, "close", "17", "--reason", "");
	nothing_asked(f, EXIT_USAGE, "--reason");
	WITH_LINE(f, 0, "snooze", "17");
	nothing_asked(f, EXIT_USAGE, "--minutes is missing");
	WITH_LINE(f, 0, "snooze", "17", "--minutes", "1441");
	nothing_asked(f, EXIT_USAGE, "from 1 to 1440");
}


static void test_wrong_ids(void **state)
{
	static const char *const ids[] = {
		"0", "x", "17x", "-1", "+1", " 1", "18446744073709551616",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < STEP_COUNT(ids); i++) {
		WITH_LINE(f, 0, "ring", ids[i]);
		nothing_asked(f, EXIT_USAGE, "ID is a number");
	}
}


static void test_help_lists_the_reasons(void **state)
{
	struct fixture *f = *state;

	CLI_RUN(&f->ran, promise_main, "close", "--help");
	assert_int_equal(f->ran.code, EXIT_DONE);
	for (unsigned i = CLOSE_NONE + 1; i < CLOSE_REASONS; i++)
		assert_non_null(
			strstr(f->ran.out,
			       close_reason_name((enum close_reason)i)));
}


int main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_what_is_asked),
		WITH(test_every_reason),
		WITH(test_refusals),
		WITH(test_taken_off_duty),
		WITH(test_no_line),
		WITH(test_wrong_usage),
		WITH(test_wrong_ids),
		WITH(test_help_lists_the_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
