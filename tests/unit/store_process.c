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
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "store/backend.h"
#include "store/turn.h"

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
	struct busy b = {0};
	struct store_person p;
	sqlite3 *db;
	pid_t pid;
	int fd;

	store_close(store_make(f)); /* SQLite's locks do not survive a fork */
	pid = child_fork_pipe(&fd);
	if (!pid) {
		tool_child(f);
		_exit(0); /* closes the pipe */
	}
	assert_int_equal(store_open(&b.s, f->dir, STORE_DAEMON), 0);
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


/* ---- nobody is starved ---- */

/* A line at its busiest, on a slow disk: the lock is free for microseconds
 * only. Ends when it is killed, or we are gone. */
static void greedy_child(const struct fixture *f)
{
	struct store_db *db;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	CHILD_CHECK(21, store_sqlite.open(&db, f->dir, false) == 0);
	for (;;) {
		CHILD_CHECK(22, store_sqlite.begin(db) == 0);
		(void)usleep(20000);
		CHILD_CHECK(23, store_sqlite.commit(db) == 0);
	}
}


static void add_people(const struct fixture *f, int first, int n)
{
	struct store *s;

	assert_int_equal(store_open(&s, f->dir, STORE_TOOL), 0);
	for (int i = first; i < first + n; i++) {
		struct store_person p = a_person("?", "sip:x@192.0.2.1");

		(void)snprintf(p.name, sizeof(p.name), "person %d", i);
		assert_int_equal(store_person_add(s, &p), 0);
	}
	store_close(s);
}


static void test_not_starved(void **state)
{
	struct fixture *f = *state;
	pid_t pids[3];

	store_close(store_make(f));
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = child_fork();
		if (!pids[i])
			greedy_child(f);
		add_people(f, (int)i * 10, 10);
	}
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		/* nor was one of them */
		assert_int_equal(waitpid(pids[i], NULL, WNOHANG), 0);
		child_kill(pids[i]);
	}
}


/* One who is stopped while it is his turn does not stop the others. */
static void test_turn_not_given_back(void **state)
{
	struct fixture *f = *state;
	struct turn turn;

	store_close(store_make(f));
	turn_open(&turn, f->dir);
	turn_take(&turn, NULL, NULL);
	add_people(f, 0, 2);
	turn_close(&turn);
	add_people(f, 2, 2);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_kill),
		STORE_CASE(test_two_processes),
		STORE_CASE(test_not_starved),
		STORE_CASE(test_turn_not_given_back),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
