/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_fixture.c  A store in a folder of its own, and what is put into it.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "store/keep.h"

#include "guard.h"
#include "store_fixture.h"


int store_setup(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));

	tmpdir_make(f->dir, "store");
	(void)snprintf(f->path, sizeof(f->path), "%s/store.db", f->dir);
	*state = f;

	return 0;
}


int store_teardown(void **state)
{
	struct fixture *f = *state;

	tmpdir_remove(f->dir);
	test_free(f);

	return 0;
}


int store_group_setup(void **state)
{
	(void)state;

	return libre_init();
}


int store_group_teardown(void **state)
{
	(void)state;
	libre_close();

	return 0;
}


struct store *store_make(const struct fixture *f)
{
	struct store *s = NULL;

	assert_int_equal(store_open(&s, f->dir, STORE_CREATE), 0);
	/* dates of tests are taken as they are, on whatever day they run */
	assert_int_equal(store_looked_set(s, 0), 0);

	return s;
}


struct store *store_daemon(const struct fixture *f)
{
	struct store *s = NULL;

	store_close(store_make(f));
	assert_int_equal(store_open(&s, f->dir, STORE_DAEMON), 0);

	return s;
}


sqlite3 *other_open(const struct fixture *f)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, 5000);

	return db;
}


void other_exec(sqlite3 *db, const char *sql)
{
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}


int other_int(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st;
	int v;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	v = sqlite3_column_int(st, 0);
	(void)sqlite3_finalize(st);

	return v;
}


int count_calls(const struct fixture *f)
{
	sqlite3 *db = other_open(f);
	const int n = other_int(db, "SELECT count(*) FROM call");

	(void)sqlite3_close(db);

	return n;
}


bool uses_index(const struct fixture *f, const char *sql, const char *index)
{
	sqlite3 *db = other_open(f);
	sqlite3_stmt *st;
	char text[2048];
	bool used = false, sorted = false;

	(void)snprintf(text, sizeof(text), "EXPLAIN QUERY PLAN %s", sql);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &st, NULL),
			 SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *s = (const char *)sqlite3_column_text(st, 3);

		used |= strstr(s, index) != NULL;
		sorted |= strstr(s, "TEMP B-TREE") != NULL;
	}
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);

	return used && !sorted;
}


static bool file_contains(const char *path, const char *text)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t *buf;
	ssize_t n;
	bool found;

	if (fd < 0)
		return false;
	assert_int_equal(fstat(fd, &st), 0);
	buf = test_malloc((size_t)st.st_size + 1);
	n = read(fd, buf, (size_t)st.st_size); /* less if cut meanwhile */
	assert_true(n >= 0);
	found = memmem(buf, (size_t)n, text, strlen(text)) != NULL;
	test_free(buf);
	(void)close(fd);

	return found;
}


bool on_disk(const struct fixture *f, const char *text)
{
	char wal[96];

	(void)snprintf(wal, sizeof(wal), "%s-wal", f->path);

	return file_contains(f->path, text) || file_contains(wal, text);
}


void tally_handler(int err, void *arg)
{
	struct tally *t = arg;

	if (err) {
		++t->n_failed;
		t->err = err;
	}
	if (++t->n_done == t->n_expected)
		re_cancel();
}


void text_set(char *text, size_t size, const char *to)
{
	memset(text, 0, size);
	(void)snprintf(text, size, "%s", to);
}


struct store_call a_call(uint64_t id)
{
	struct store_call call = {
		.id = id,
		.line = "main",
		.language = "en",
		.state = "waiting",
		/* as it stays when it is over */
		.arrived_at = 1699999200000 + 900000 * (int64_t)(id % 1000000),
		.wait_ms = 5000,
	};

	return call;
}


void call_on_record(struct store *s, uint64_t id, const char *line,
		    const char *outcome, int64_t arrived_at)
{
	struct store_call call = a_call(id);

	SET(call.line, line);
	SET(call.outcome, outcome);
	call.arrived_at = arrived_at;
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
}


void call_same(const struct store_call *a, const struct store_call *b)
{
	assert_int_equal(a->id, b->id);
	assert_string_equal(a->line, b->line);
	assert_string_equal(a->language, b->language);
	assert_string_equal(a->state, b->state);
	assert_string_equal(a->outcome, b->outcome);
	assert_string_equal(a->reason, b->reason);
	assert_int_equal(a->arrived_at, b->arrived_at);
	assert_int_equal(a->wait_ms, b->wait_ms);
	assert_int_equal(a->talk_ms, b->talk_ms);
	assert_int_equal(a->counsellor, b->counsellor);
	assert_string_equal(a->counsellor_name, b->counsellor_name);
	assert_string_equal(a->result, b->result);
}


struct store_person a_person(const char *name, const char *phone)
{
	struct store_person p = {.wrap_up_s = 30, .on_duty = true};

	(void)snprintf(p.name, sizeof(p.name), "%s", name);
	assert_int_equal(secret_set(&p.phone, phone, strlen(phone)), 0);

	return p;
}


struct store_number a_sealed_number(const char *text)
{
	struct store_number n = {.dialler = text[0] ? 1 : 0};

	assert_true(strlen(text) < sizeof(n.for_dialler));
	memcpy(n.for_dialler, text, strlen(text));

	return n;
}


struct store_promise a_promise(uint64_t call, const char *number)
{
	struct store_promise p = {
		.call = call,
		.kind = "ring_back",
		.state = "open",
		.words = "plain",
		.hours = "day",
		.shown = "withheld",
		.level = "owner",
		.made_at = 1700000000000,
		.due_at = 1700000600000,
		.next_at = 1700000060000,
	};

	p.number = a_sealed_number(number);

	return p;
}


bool call_keep(const struct store_call *call, void *arg)
{
	*(struct store_call *)arg = *call;

	return true;
}


void put_many(struct store *s, uint64_t first, unsigned n,
		     struct tally *t)
{
	for (unsigned i = 0; i < n; i++) {
		const struct store_call call = a_call(first + i);

		assert_int_equal(store_call_put(s, &call, tally_handler, t),
				 0);
	}
}


int put_one(struct store *s, uint64_t id)
{
	struct tally t = {.n_expected = 1};

	put_many(s, id, 1, &t);
	guard_loop(GUARD_MS);

	return t.err;
}


void log_has_one(const char *text, const char *words)
{
	const char *p = strstr(text, words);

	assert_non_null(p);
	assert_null(strstr(p + 1, words));
}
