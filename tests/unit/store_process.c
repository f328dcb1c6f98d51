/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_process.c  Several processes at one store: none loses what it was told
 * is on disk, and none has to wait for ever.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "child.h"
#include "guard.h"
#include "store_fixture.h"


/* a child says where it failed by its exit code */
#define CHILD_CHECK(code, cond)                                               \
	do {                                                                  \
		if (!(cond))                                                  \
			_exit(code);                                          \
	} while (0)


struct writer {
	struct store *s;
	int fd;
	uint64_t next; /* to be queued                                */
	uint64_t told; /* next one to be told of                      */
};


static void writer_next(struct writer *w);


static void writer_handler(int err, void *arg)
{
	struct writer *w = arg;
	const uint64_t id = ++w->told;

	CHILD_CHECK(11, err == 0);
	CHILD_CHECK(12, write(w->fd, &id, sizeof(id)) == sizeof(id));
	writer_next(w);
}


static void writer_next(struct writer *w)
{
	const struct store_call call = a_call(++w->next);

	CHILD_CHECK(13, store_call_put(w->s, &call, writer_handler, w) == 0);
}


/* writes without end, and says of each that it is on disk */
static void endless_writer(const struct fixture *f, int fd)
{
	struct writer w = {.fd = fd};

	(void)re_thread_init();
	CHILD_CHECK(14, store_open(&w.s, f->dir, STORE_DAEMON) == 0);
	for (int i = 0; i < 20; i++)
		writer_next(&w);
	(void)re_main(NULL);
	_exit(15);
}


static void test_kill(void **state)
{
	struct fixture *f = *state;
	uint64_t id = 0, told = 0;
	int fd, status;
	pid_t pid;

	store_close(store_make(f));
	for (int round = 0; round < 5; round++) {
		assert_int_equal(unlink(f->path), 0);
		store_close(store_make(f));
		pid = child_fork_pipe(&fd);
		if (!pid)
			endless_writer(f, fd);

		told = 0;
		while (read(fd, &id, sizeof(id)) == sizeof(id)) {
			assert_int_equal(id, told + 1);
			told = id;
			if (told == 100u + 37u * (unsigned)round)
				assert_int_equal(kill(pid, SIGKILL), 0);
		}
		(void)close(fd);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_true(told >= 100);
		assert_true((uint64_t)count_calls(f) >= told);
	}
}


static void tool_child(struct fixture *f)
{
	struct store *s;

	for (int i = 0; i < 50; i++) {
		struct store_person p = a_person("?", "sip:x@192.0.2.1");

		(void)snprintf(p.name, sizeof(p.name), "person %d", i);
		CHILD_CHECK(1, store_open(&s, f->dir, STORE_TOOL) == 0);
		CHILD_CHECK(2, store_person_add(s, &p) == 0);
		store_close(s);
	}
}


struct busy {
	struct store *s;
	uint64_t next;
	bool stop;
	bool stopped;
};


static void busy_handler(int err, void *arg)
{
	struct busy *b = arg;
	struct store_call call;

	assert_int_equal(err, 0);
	if (b->stop) {
		b->stopped = true;
		re_cancel();
		return;
	}
	call = a_call(++b->next);
	assert_int_equal(store_call_put(b->s, &call, busy_handler, b), 0);
}


static void child_ended(int flags, void *arg)
{
	struct busy *b = arg;
	(void)flags;

	b->stop = true;
}


/* the line writes calls while the command line adds people */
static void test_two_processes(void **state)
{
	struct fixture *f = *state;
	struct busy b = {.s = store_daemon(f)};
	struct store_person p;
	sqlite3 *db;
	pid_t pid;
	int fd;

	pid = child_fork_pipe(&fd);
	if (!pid) {
		tool_child(f);
		_exit(0); /* closes the pipe */
	}
	assert_int_equal(fd_listen(fd, FD_READ, child_ended, &b), 0);
	busy_handler(0, &b);
	guard_loop(GUARD_MS);
	fd_close(fd);
	(void)close(fd);

	assert_int_equal(child_exit_code(pid), 0);
	assert_true(b.stopped);
	assert_int_equal(count_calls(f), b.next);
	assert_int_equal(store_person_get(b.s, "person 49", &p), 0);
	db = other_open(f);
	assert_int_equal(other_int(db, "SELECT count(*) FROM person"), 50);
	(void)sqlite3_close(db);
	store_close(b.s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_kill),
		STORE_CASE(test_two_processes),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
