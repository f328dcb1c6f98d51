/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store.c  The store with real files: what is durable when, in which order,
 * at what cost, and what happens when the disk is full, read-only, locked or
 * gone with its process. Each case has a folder of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <re.h>

#include "store/migrate.h"
#include "store/store.h"

#include "catch.h"
#include "child.h"
#include "guard.h"
#include "oom.h"
#include "tmpdir.h"


enum {
	GUARD_MS = 60000, /* a loop that runs longer has lost something */
	NOBODY = 65534,
	SKIPPED = 77, /* exit code of a child that may not do its part */
};

struct fixture {
	char dir[TMPDIR_SIZE];
	char path[80];
	struct catch said;
};


/* ---- the folder, and what is said on standard error ---- */

static int setup(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));

	tmpdir_make(f->dir, "store");
	(void)snprintf(f->path, sizeof(f->path), "%s/store.db", f->dir);
	*state = f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	tmpdir_remove(f->dir);
	test_free(f);

	return 0;
}


/* store_open() says why, in one line with these words, and gives err */
static void open_fails(struct fixture *f, enum store_mode mode, int err,
		       const char *words)
{
	struct store *s = NULL;
	char text[1024];
	int got;

	catch_begin(&f->said);
	got = store_open(&s, f->dir, mode);
	catch_end(&f->said, text, sizeof(text));

	assert_int_equal(got, err);
	assert_null(s);
	assert_non_null(strstr(text, words));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}


static struct store *store_make(const struct fixture *f)
{
	struct store *s = NULL;

	assert_int_equal(store_open(&s, f->dir, STORE_CREATE), 0);

	return s;
}


static struct store *store_daemon(const struct fixture *f)
{
	struct store *s = NULL;

	store_close(store_make(f));
	assert_int_equal(store_open(&s, f->dir, STORE_DAEMON), 0);

	return s;
}


/* ---- a connection of somebody else ---- */

static sqlite3 *other_open(const struct fixture *f)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, 5000);

	return db;
}


static void other_exec(sqlite3 *db, const char *sql)
{
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}


static int other_int(sqlite3 *db, const char *sql)
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


static int count_calls(const struct fixture *f)
{
	sqlite3 *db = other_open(f);
	const int n = other_int(db, "SELECT count(*) FROM call");

	(void)sqlite3_close(db);

	return n;
}


/* ---- the loop ---- */

/* counts handlers, and ends the loop with the last one expected */
struct tally {
	unsigned n_expected;
	unsigned n_done;
	unsigned n_failed;
	int err; /* of the last that failed */
};


static void tally_handler(int err, void *arg)
{
	struct tally *t = arg;

	if (err) {
		++t->n_failed;
		t->err = err;
	}
	if (++t->n_done == t->n_expected)
		re_cancel();
}


/* the rest of a text is zero, as in what the store reads */
static void text_set(char *text, size_t size, const char *to)
{
	memset(text, 0, size);
	(void)snprintf(text, size, "%s", to);
}

#define SET(field, to) text_set(field, sizeof(field), to)


static struct store_call a_call(uint64_t id)
{
	struct store_call call = {
		.id = id,
		.line = "main",
		.language = "en",
		.state = "waiting",
		.arrived_at = 1700000000000 + (int64_t)id,
		.wait_ms = 7,
	};

	return call;
}


static struct store_person a_person(const char *name, const char *phone)
{
	struct store_person p = {.wrap_up_s = 30, .on_duty = true};

	(void)snprintf(p.name, sizeof(p.name), "%s", name);
	assert_int_equal(secret_set(&p.phone, phone, strlen(phone)), 0);

	return p;
}


static void put_many(struct store *s, uint64_t first, unsigned n,
		     struct tally *t)
{
	for (unsigned i = 0; i < n; i++) {
		const struct store_call call = a_call(first + i);

		assert_int_equal(store_call_put(s, &call, tally_handler, t),
				 0);
	}
}


/* ---- files ---- */

static void test_create(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	struct stat st;
	sqlite3 *db;

	open_fails(f, STORE_TOOL, ENOENT, "ringback init");
	open_fails(f, STORE_DAEMON, ENOENT, "ringback init");
	s = store_make(f);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	open_fails(f, STORE_CREATE, EEXIST, "one already");

	db = other_open(f);
	assert_int_equal(other_int(db, "PRAGMA application_id"),
			 MIGRATE_APPLICATION_ID);
	assert_int_equal(other_int(db, "PRAGMA user_version"),
			 migrations[n_migrations - 1].version);
	assert_int_equal(other_int(db,
				   "SELECT count(*) FROM pragma_journal_mode"
				   " WHERE journal_mode = 'wal'"),
			 1);
	assert_int_equal(other_int(db, "SELECT count(*) FROM pragma_table_list"
				       " WHERE name IN ('call', 'person',"
				       " 'trunk') AND strict"),
			 3);
	(void)sqlite3_close(db);
	store_close(s);
}


static void test_create_nowhere(void **state)
{
	struct fixture *f = *state;
	struct fixture nowhere = *f;

	(void)strcat(nowhere.dir, "/none");
	open_fails(&nowhere, STORE_CREATE, ENOENT, "store.db");
}


static void file_fill(const struct fixture *f, const char *text)
{
	FILE *file = fopen(f->path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}


static void test_not_a_store(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db;

	file_fill(f, "");
	open_fails(f, STORE_TOOL, EINVAL, "no store of Ringback");
	file_fill(f, "Dear diary, this is a text and not a database at all, "
		     "although it is longer than the header of one would be.");
	open_fails(f, STORE_TOOL, EINVAL, "no store of Ringback");

	assert_int_equal(unlink(f->path), 0);
	db = other_open(f);
	other_exec(db, "CREATE TABLE cake (n)");
	(void)sqlite3_close(db);
	open_fails(f, STORE_DAEMON, EINVAL, "no store of Ringback");
}


static void test_newer(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db;

	store_close(store_make(f));
	db = other_open(f);
	other_exec(db, "PRAGMA user_version = 999");
	open_fails(f, STORE_DAEMON, ENOTSUP, "newer Ringback");
	open_fails(f, STORE_TOOL, ENOTSUP, "newer Ringback");
	assert_int_equal(other_int(db, "PRAGMA user_version"), 999);
	(void)sqlite3_close(db);
}


static const struct migration steps[] = {
	{1, "CREATE TABLE one (n INTEGER) STRICT;"
	    "INSERT INTO one VALUES (41);"},
	{2, "ALTER TABLE one ADD COLUMN m INTEGER;"
	    "UPDATE one SET n = n + 1;"},
	{3, "CREATE TABLE three (n INTEGER) STRICT; SELECT broken;"},
};


static void test_migrate(void **state)
{
	const struct fixture *f = *state;
	sqlite3 *db = other_open(f);

	assert_int_equal(migrate(db, steps, 1, MIGRATE_REFUSE), SQLITE_NOTADB);
	assert_int_equal(migrate(db, steps, 1, MIGRATE_FILL), SQLITE_OK);
	assert_int_equal(other_int(db, "SELECT n FROM one"), 41);
	assert_int_equal(migrate(db, steps, 2, MIGRATE_REFUSE), SQLITE_OK);
	assert_int_equal(migrate(db, steps, 2, MIGRATE_REFUSE), SQLITE_OK);
	assert_int_equal(other_int(db, "SELECT n FROM one"), 42);
	assert_int_equal(other_int(db, "PRAGMA user_version"), 2);

	/* all or nothing */
	assert_int_equal(migrate(db, steps, 3, MIGRATE_REFUSE), SQLITE_ERROR);
	assert_int_equal(other_int(db, "PRAGMA user_version"), 2);
	assert_int_equal(other_int(db, "SELECT count(*) FROM sqlite_schema"),
			 1);
	assert_int_equal(migrate(db, steps, 1, MIGRATE_REFUSE),
			 SQLITE_MISMATCH);
	(void)sqlite3_close(db);

	for (unsigned i = 0; i < n_migrations; i++)
		assert_int_equal(migrations[i].version, (int)i + 1);
}


/* ---- rows ---- */

static bool calls_collect(const struct store_call *call, void *arg)
{
	struct store_call **p = arg;

	*(*p)++ = *call;

	return false;
}


static bool calls_stop(const struct store_call *call, void *arg)
{
	unsigned *n = arg;
	(void)call;

	return ++*n == 2;
}


/* not with memcmp(): padding */
static void call_same(const struct store_call *a, const struct store_call *b)
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
}


static void person_same(const struct store_person *a,
			const struct store_person *b)
{
	assert_int_equal(a->id, b->id);
	assert_string_equal(a->name, b->name);
	assert_string_equal(secret_reveal(&a->phone),
			    secret_reveal(&b->phone));
	assert_int_equal(a->accept, b->accept);
	assert_int_equal(a->wrap_up_s, b->wrap_up_s);
	assert_int_equal(a->on_duty, b->on_duty);
	assert_string_equal(a->off_reason, b->off_reason);
	assert_int_equal(a->off_at, b->off_at);
}


static void test_calls(void **state)
{
	struct store *s = store_make(*state);
	struct store_call call = a_call(3), read[4], *p = read;
	struct tally t = {0};
	uint64_t last = 99;
	unsigned n = 0;

	assert_int_equal(store_call_last(s, &last), 0);
	assert_int_equal(last, 0);
	put_many(s, 1, 3, &t);
	assert_int_equal(t.n_done, 3); /* a tool's handlers run at once */
	assert_int_equal(t.n_failed, 0);

	SET(call.state, "ended");
	SET(call.outcome, "closed");
	SET(call.reason, "restart");
	SET(call.line, "nacht");
	call.wait_ms = INT64_MAX;
	call.talk_ms = 5;
	call.counsellor = 77;
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);

	assert_int_equal(store_call_each(s, 0, calls_collect, &p), 0);
	assert_int_equal(p - read, 3);
	call_same(&read[0], &call);
	call = a_call(2);
	call_same(&read[1], &call);
	assert_int_equal(read[2].id, 1);

	p = read;
	assert_int_equal(store_call_each(s, 1, calls_collect, &p), 0);
	assert_int_equal(p - read, 1);
	assert_int_equal(store_call_each(s, 0, calls_stop, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(store_call_last(s, &last), 0);
	assert_int_equal(last, 3);
	store_close(s);
}


static bool calls_nested(const struct store_call *call, void *arg)
{
	struct store *s = arg;
	struct store_call other = a_call(call->id + 100);
	unsigned n = 0;

	/* writing is fine, reading the same is not */
	assert_int_equal(store_call_put(s, &other, NULL, NULL), 0);
	assert_int_equal(store_call_each(s, 0, calls_stop, &n), EBUSY);
	assert_int_equal(n, 0);

	return false;
}


static void test_nested(void **state)
{
	struct store *s = store_make(*state);
	struct tally t = {0};

	put_many(s, 1, 3, &t);
	assert_int_equal(store_call_each(s, 0, calls_nested, s), 0);
	assert_int_equal(count_calls(*state), 6);
	store_close(s);
}


static void test_bad_calls(void **state)
{
	struct store *s = store_make(*state);
	struct store_call call = a_call(0);
	struct tally t = {0};

	assert_int_equal(store_call_put(s, &call, tally_handler, &t), EINVAL);
	call = a_call((uint64_t)INT64_MAX + 1);
	assert_int_equal(store_call_put(s, &call, tally_handler, &t), EINVAL);
	call = a_call(1);
	call.talk_ms = UINT64_MAX;
	assert_int_equal(store_call_put(s, &call, tally_handler, &t), EINVAL);
	call = a_call(1);
	call.line[0] = '\0';
	assert_int_equal(store_call_put(s, &call, tally_handler, &t), EINVAL);
	assert_int_equal(t.n_done, 4);
	assert_int_equal(t.n_failed, 4);

	assert_int_equal(count_calls(*state), 0);
	call = a_call(1);
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	store_close(s);
}


static void test_end_open(void **state)
{
	struct store *s = store_make(*state);
	struct store_call call, read[4], *p = read;
	uint32_t n = 99;

	call = a_call(1);
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	call = a_call(2);
	SET(call.state, "talking");
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	call = a_call(3);
	SET(call.state, "ended");
	SET(call.outcome, "gave_up");
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);

	assert_int_equal(store_call_end_open(s, "restart", &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(store_call_end_open(s, "restart", &n), 0);
	assert_int_equal(n, 0);

	assert_int_equal(store_call_each(s, 0, calls_collect, &p), 0);
	assert_string_equal(read[0].outcome, "gave_up");
	assert_string_equal(read[0].reason, "");
	assert_string_equal(read[1].outcome, "talked");
	assert_string_equal(read[1].state, "ended");
	assert_string_equal(read[1].reason, "restart");
	assert_string_equal(read[2].outcome, "closed");
	assert_int_equal(read[2].wait_ms, 7);
	store_close(s);
}


static bool people_names(const struct store_person *person, void *arg)
{
	(void)strcat(strcat(arg, person->name), " ");

	return false;
}


static void test_people(void **state)
{
	struct store *s = store_make(*state);
	struct store_person p = a_person("Bo", "sip:bo@192.0.2.1"), got;
	struct store_person ana = a_person("ana", "sip:ana@192.0.2.2");
	char names[64] = "";

	assert_int_equal(store_person_add(s, &p), 0);
	assert_int_equal(store_person_add(s, &ana), 0);
	assert_true(p.id && ana.id && p.id != ana.id);
	got = p;
	assert_int_equal(store_person_add(s, &got), EEXIST);

	assert_int_equal(store_person_get(s, "nobody", &got), ENOENT);
	assert_int_equal(store_person_get(s, "Bo", &got), 0);
	person_same(&got, &p);

	p.accept = STORE_ACCEPT_KEY;
	p.on_duty = false;
	p.wrap_up_s = 0;
	SET(p.name, "Cy");
	assert_int_equal(store_person_set(s, &p), 0);
	assert_int_equal(store_person_get(s, "Bo", &got), ENOENT);
	assert_int_equal(store_person_get(s, "Cy", &got), 0);
	person_same(&got, &p);

	assert_int_equal(store_person_each(s, people_names, names), 0);
	assert_string_equal(names, "ana Cy ");

	SET(p.name, "ana");
	assert_int_equal(store_person_set(s, &p), EEXIST);
	p.id = 99;
	assert_int_equal(store_person_set(s, &p), ENOENT);
	assert_int_equal(store_person_remove(s, 99), ENOENT);
	p.name[0] = '\0';
	assert_int_equal(store_person_add(s, &p), EINVAL);
	p = a_person("Di", "sip:di@192.0.2.4");
	p.accept = (enum store_accept)7;
	assert_int_equal(store_person_add(s, &p), EINVAL);
	store_close(s);
}


static void test_person_off(void **state)
{
	struct store *s = store_make(*state);
	struct store_person p = a_person("Bo", "sip:bo@192.0.2.1"), got;
	struct tally t = {0};

	assert_int_equal(store_person_add(s, &p), 0);
	assert_int_equal(store_person_off(s, p.id, "no_answer", 1700000000123,
					  tally_handler, &t), 0);
	assert_int_equal(store_person_get(s, "Bo", &got), 0);
	p.on_duty = false;
	SET(p.off_reason, "no_answer");
	p.off_at = 1700000000123;
	person_same(&got, &p);

	/* set as read: nothing is lost; then cleared */
	assert_int_equal(store_person_set(s, &got), 0);
	assert_int_equal(store_person_get(s, "Bo", &got), 0);
	person_same(&got, &p);
	p.on_duty = true;
	SET(p.off_reason, "");
	p.off_at = 0;
	assert_int_equal(store_person_set(s, &p), 0);
	assert_int_equal(store_person_get(s, "Bo", &got), 0);
	person_same(&got, &p);

	assert_int_equal(store_person_off(s, 99, "busy", 1, NULL, NULL),
			 ENOENT);
	assert_int_equal(store_person_off(s, p.id, "busy", -1, NULL, NULL),
			 EINVAL);
	assert_int_equal(store_person_off(s, p.id, NULL, 1, NULL, NULL),
			 EINVAL);
	assert_int_equal(store_person_off(s, p.id,
					  "a reason that is as long as 32 b",
					  1, NULL, NULL), EINVAL);
	store_close(s);
}


/* The line's way: the handler runs in the loop, when it is on disk. */
static void test_person_off_later(void **state)
{
	struct store *s = store_daemon(*state);
	struct store_person p = a_person("Bo", "sip:bo@192.0.2.1"), got;
	struct tally t = {.n_expected = 2};

	assert_int_equal(store_person_add(s, &p), 0);
	assert_int_equal(store_person_off(s, p.id, "dead", 7, tally_handler,
					  &t), 0);
	assert_int_equal(store_person_off(s, 99, "dead", 7, tally_handler,
					  &t), 0);
	assert_int_equal(t.n_done, 0);
	assert_int_equal(re_main(NULL), 0);
	assert_int_equal(t.n_done, 2);
	assert_int_equal(t.n_failed, 1);
	assert_int_equal(t.err, ENOENT);
	assert_int_equal(store_person_get(s, "Bo", &got), 0);
	assert_false(got.on_duty);
	assert_string_equal(got.off_reason, "dead");
	assert_int_equal(got.off_at, 7);
	store_close(s);
}


/* A store of the first release, with somebody in it. */
static void test_migrate_people(void **state)
{
	const struct fixture *f = *state;
	struct store_person got;
	struct store *s;
	sqlite3 *db = other_open(f);

	assert_int_equal(migrate(db, migrations, 1, MIGRATE_FILL), SQLITE_OK);
	other_exec(db, "INSERT INTO person (name, phone, accept, wrap_up_s,"
		       " on_duty) VALUES ('Bo', 'sip:bo@192.0.2.1', 'answer',"
		       " 30, 1)");
	(void)sqlite3_close(db);

	assert_int_equal(store_open(&s, f->dir, STORE_TOOL), 0);
	assert_int_equal(store_person_get(s, "Bo", &got), 0);
	assert_true(got.on_duty);
	assert_string_equal(got.off_reason, "");
	assert_int_equal(got.off_at, 0);
	assert_int_equal(store_person_off(s, got.id, "busy", 5, NULL, NULL),
			 0);
	store_close(s);
}


static void test_person_removed(void **state)
{
	struct store *s = store_make(*state);
	struct store_person p = a_person("Bo", "sip:bo@192.0.2.1");
	struct store_call call = a_call(1), read[1], *r = read;
	uint32_t id;

	assert_int_equal(store_person_add(s, &p), 0);
	id = p.id;
	call.counsellor = id;
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	assert_int_equal(store_call_each(s, 0, calls_collect, &r), 0);
	assert_string_equal(read[0].counsellor_name, "Bo");

	assert_int_equal(store_person_remove(s, id), 0);
	assert_int_equal(store_person_remove(s, id), ENOENT);
	assert_int_equal(store_person_add(s, &p), 0);
	assert_int_not_equal(p.id, id); /* another Bo took no old call */
	r = read;
	assert_int_equal(store_call_each(s, 0, calls_collect, &r), 0);
	assert_string_equal(read[0].counsellor_name, "");
	assert_int_equal(read[0].counsellor, id);
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	store_close(s);
}


static bool trunks_collect(const struct store_trunk *trunk, void *arg)
{
	struct store_trunk **p = arg;

	*(*p)++ = *trunk;

	return false;
}


static void test_trunks(void **state)
{
	struct store *s = store_make(*state);
	struct store_trunk a = {.name = "zebra", .from = "192.0.2.0/24"};
	struct store_trunk b = {
		.name = "amt",
		.kind = STORE_TRUNK_REGISTER,
		.secret_file = "/etc/secret",
	};
	struct store_trunk read[2], *p = read;

	assert_int_equal(secret_set(&b.uri, "sip:u@example.org", 17), 0);
	assert_int_equal(store_trunk_add(s, &a), 0);
	assert_int_equal(store_trunk_add(s, &b), 0);
	read[0] = a;
	assert_int_equal(store_trunk_add(s, &read[0]), EEXIST);
	SET(read[0].name, "other");
	read[0].from[0] = '\0';
	assert_int_equal(store_trunk_add(s, &read[0]), EINVAL);

	assert_int_equal(store_trunk_each(s, trunks_collect, &p), 0);
	assert_int_equal(p - read, 2);
	assert_memory_equal(&read[0], &b, sizeof(b));
	assert_memory_equal(&read[1], &a, sizeof(a));

	assert_int_equal(store_trunk_remove(s, "zebra"), 0);
	assert_int_equal(store_trunk_remove(s, "zebra"), ENOENT);
	p = read;
	assert_int_equal(store_trunk_each(s, trunks_collect, &p), 0);
	assert_int_equal(p - read, 1);
	store_close(s);
}


/* ---- removed is gone from the disk ---- */

static bool file_contains(const char *path, const char *text)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t *buf;
	bool found;

	if (fd < 0)
		return false;
	assert_int_equal(fstat(fd, &st), 0);
	buf = test_malloc((size_t)st.st_size + 1);
	assert_int_equal(read(fd, buf, (size_t)st.st_size), st.st_size);
	found = memmem(buf, (size_t)st.st_size, text, strlen(text)) != NULL;
	test_free(buf);
	(void)close(fd);

	return found;
}


static bool on_disk(const struct fixture *f, const char *text)
{
	char wal[96];

	(void)snprintf(wal, sizeof(wal), "%s-wal", f->path);

	return file_contains(f->path, text) || file_contains(wal, text);
}


static void wiped(const struct fixture *f, struct store *s)
{
	struct store_person p = a_person("Bo", "sip:plant-one@192.0.2.1");
	const char *const plant[] = {"plant-one", "plant-two", "plant-three"};
	struct store_trunk t = {
		.name = "amt",
		.kind = STORE_TRUNK_REGISTER,
		.secret_file = "/etc/secret",
	};

	assert_int_equal(store_person_add(s, &p), 0);
	assert_int_equal(secret_set(&t.uri, "sip:plant-three@x", 17), 0);
	assert_int_equal(store_trunk_add(s, &t), 0);
	assert_true(on_disk(f, plant[0]));
	assert_true(on_disk(f, plant[2]));

	assert_int_equal(secret_set(&p.phone, "sip:plant-two@x", 15), 0);
	assert_int_equal(store_person_set(s, &p), 0);
	assert_true(on_disk(f, plant[1]));
	assert_false(on_disk(f, plant[0]));

	assert_int_equal(store_person_remove(s, p.id), 0);
	assert_false(on_disk(f, plant[1]));
	assert_int_equal(store_trunk_remove(s, "amt"), 0);
	assert_false(on_disk(f, plant[2]));
}


static void test_wiped(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_make(f);

	wiped(f, s);
	store_close(s);
	assert_int_equal(store_open(&s, f->dir, STORE_DAEMON), 0);
	wiped(f, s);
	store_close(s);
}


/* somebody reads while a number is removed: it is wiped a little later */
static void test_wiped_later(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_make(f);
	struct store_person p = a_person("Bo", "sip:plant-one@192.0.2.1");
	struct store_call call = a_call(1);
	sqlite3 *db;

	assert_int_equal(store_person_add(s, &p), 0);
	db = other_open(f);
	other_exec(db, "BEGIN");
	assert_int_equal(other_int(db, "SELECT count(*) FROM person"), 1);
	assert_int_equal(store_person_remove(s, p.id), 0);
	assert_true(on_disk(f, "plant-one"));
	other_exec(db, "COMMIT");
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	assert_false(on_disk(f, "plant-one"));
	(void)sqlite3_close(db);
	store_close(s);
}


/* ---- the writer thread ---- */

struct order {
	struct store *s;
	const struct fixture *f;
	uint64_t next;
	uint64_t n;
	bool returned; /* from the call that queued the write */
};


static void order_handler(int err, void *arg)
{
	struct order *o = arg;
	uint64_t last = 0;

	assert_int_equal(err, 0);
	assert_true(o->returned);
	++o->next;

	/* what we are told of is on disk, for everybody */
	assert_int_equal(store_call_last(o->s, &last), 0);
	assert_true(last >= o->next);
	assert_true((uint64_t)count_calls(o->f) >= o->next);

	if (o->next == o->n)
		re_cancel();
}


static void test_durable_in_order(void **state)
{
	struct order o = {store_daemon(*state), *state, 0, 50, false};

	for (uint64_t i = 1; i <= o.n; i++) {
		const struct store_call call = a_call(i);

		assert_int_equal(store_call_put(o.s, &call, order_handler, &o),
				 0);
	}
	o.returned = true;
	guard_loop(GUARD_MS);
	assert_int_equal(o.next, o.n);
	store_close(o.s);
}


static void test_same_call_in_order(void **state)
{
	struct store *s = store_daemon(*state);
	struct store_call call = a_call(1), read[1], *p = read;
	struct tally t = {.n_expected = 1};

	for (unsigned i = 0; i <= 100; i++) {
		call.talk_ms = i;
		assert_int_equal(
			store_call_put(s, &call,
				       i == 100 ? tally_handler : NULL, &t),
			0);
	}
	guard_loop(GUARD_MS);
	assert_int_equal(store_call_each(s, 0, calls_collect, &p), 0);
	assert_int_equal(p - read, 1);
	assert_int_equal(read[0].talk_ms, 100);
	store_close(s);
}


/* what somebody waits for comes after what was queued before it */
static void test_waited_in_order(void **state)
{
	struct store *s = store_daemon(*state);
	struct tally t = {.n_expected = 20};
	uint32_t n_ended = 0;

	put_many(s, 1, 20, &t);
	assert_int_equal(store_call_end_open(s, "restart", &n_ended), 0);
	assert_int_equal(n_ended, 20);
	assert_int_equal(t.n_done, 0);
	guard_loop(GUARD_MS);
	assert_int_equal(t.n_failed, 0);
	store_close(s);
}


static void test_group_commit(void **state)
{
	enum { N = 1000 };
	struct fixture *f = *state;
	struct store *s = store_daemon(f);
	struct store_call bad = a_call(0);
	struct tally t = {.n_expected = N + 1};
	struct store_stats stats;
	sqlite3 *db = other_open(f);

	/* nothing is committed as long as another holds the lock */
	other_exec(db, "BEGIN IMMEDIATE");
	put_many(s, 1, N / 2, &t);
	assert_int_equal(store_call_put(s, &bad, tally_handler, &t), 0);
	put_many(s, 1 + N / 2, N / 2, &t);
	store_stats_get(s, &stats);
	assert_int_equal(stats.n_queued, N + 1);
	assert_int_equal(stats.n_commits, 0);
	other_exec(db, "COMMIT");
	guard_loop(GUARD_MS);

	/* one for what was queued when the writer woke, one for the rest */
	store_stats_get(s, &stats);
	assert_int_equal(stats.n_queued, 0);
	assert_int_equal(stats.n_written, N);
	assert_in_range(stats.n_commits, 1, 2);

	/* the bad one failed alone */
	assert_int_equal(stats.n_failed, 1);
	assert_int_equal(t.n_failed, 1);
	assert_int_equal(t.err, EINVAL);
	assert_int_equal(count_calls(f), N);
	(void)sqlite3_close(db);
	store_close(s);
}


static void test_queue_limit(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_daemon(f);
	struct store_call call = a_call(LIMIT_STORE_QUEUE + 1);
	struct tally t = {.n_expected = LIMIT_STORE_QUEUE};
	sqlite3 *db = other_open(f);

	other_exec(db, "BEGIN IMMEDIATE");
	put_many(s, 1, LIMIT_STORE_QUEUE, &t);
	assert_int_equal(store_call_put(s, &call, tally_handler, &t), ENOSPC);
	other_exec(db, "COMMIT");
	guard_loop(GUARD_MS);
	assert_int_equal(t.n_failed, 0);
	assert_int_equal(count_calls(f), LIMIT_STORE_QUEUE);

	t.n_expected += 1;
	assert_int_equal(store_call_put(s, &call, tally_handler, &t), 0);
	guard_loop(GUARD_MS);
	(void)sqlite3_close(db);
	store_close(s);
}


static void test_close_drains(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_daemon(f);
	struct tally t = {0};

	put_many(s, 1, 500, &t);
	store_close(s);
	assert_int_equal(count_calls(f), 500);
	assert_int_equal(t.n_done, 0);
	store_close(NULL);
}


struct closer {
	struct store *s;
	unsigned n;
};


static void closer_handler(int err, void *arg)
{
	struct closer *c = arg;

	assert_int_equal(err, 0);
	assert_int_equal(++c->n, 1);
	store_close(c->s);
	re_cancel();
}


static void test_close_in_handler(void **state)
{
	struct fixture *f = *state;
	struct closer c = {store_daemon(f), 0};
	sqlite3 *db = other_open(f);

	/* all in one batch, or in two: the first handler closes */
	other_exec(db, "BEGIN IMMEDIATE");
	for (uint64_t i = 1; i <= 10; i++) {
		const struct store_call call = a_call(i);

		assert_int_equal(
			store_call_put(c.s, &call, closer_handler, &c), 0);
	}
	other_exec(db, "COMMIT");
	(void)sqlite3_close(db);
	guard_loop(GUARD_MS);
	assert_int_equal(c.n, 1);
	assert_int_equal(count_calls(f), 10);
}


/* ---- trouble ---- */

/* one write; the loop ends with its handler. @return its error */
static int put_one(struct store *s, uint64_t id)
{
	struct tally t = {.n_expected = 1};

	put_many(s, id, 1, &t);
	guard_loop(GUARD_MS);

	return t.err;
}


static void log_has_one(const char *text, const char *words)
{
	const char *p = strstr(text, words);

	assert_non_null(p);
	assert_null(strstr(p + 1, words));
}


static void test_locked_for_long(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_daemon(f);
	sqlite3 *db = other_open(f);
	char text[1024];
	int locked, free_again;

	other_exec(db, "BEGIN IMMEDIATE");
	catch_begin(&f->said);
	locked = put_one(s, 1);
	other_exec(db, "COMMIT");
	free_again = put_one(s, 2);
	catch_end(&f->said, text, sizeof(text));
	assert_int_equal(locked, EBUSY);
	assert_int_equal(free_again, 0);
	(void)sqlite3_close(db);
	store_close(s);

	log_has_one(text, "error store: another program keeps the store "
			  "locked");
	log_has_one(text, "note store: the store can be written again");
	assert_int_equal(count_calls(f), 1);
}


static off_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? 0 : st.st_size;
}


/* no file may grow any more; ENOSPC's twin, wherever the test runs */
static void growth_stop(const struct fixture *f, struct rlimit *old)
{
	struct rlimit now;
	char wal[96];

	(void)snprintf(wal, sizeof(wal), "%s-wal", f->path);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, old), 0);
	now = *old;
	now.rlim_cur = (rlim_t)file_size(wal) + 100;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
}


static void test_full_disk(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_daemon(f);
	struct tally t = {.n_expected = 30};
	struct store_person p = a_person("Bo", "sip:bo@192.0.2.1");
	struct rlimit old;
	char text[1024];
	int one, waited, again;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(put_one(s, 1), 0);

	catch_begin(&f->said);
	growth_stop(f, &old);
	one = put_one(s, 2);
	put_many(s, 3, 30, &t);
	guard_loop(GUARD_MS);
	waited = store_person_add(s, &p);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	again = put_one(s, 2); /* there is room again */
	catch_end(&f->said, text, sizeof(text));

	assert_int_equal(one, ENOSPC);
	assert_int_equal(t.n_failed, 30);
	assert_int_equal(t.err, ENOSPC);
	assert_int_equal(waited, ENOSPC);
	assert_int_equal(again, 0);
	log_has_one(text, "error store: the disk that holds the store is "
			  "full: free some space, callers are refused");
	log_has_one(text, "note store: the store can be written again");
	assert_null(strstr(text, "192.0.2.1"));

	assert_int_equal(store_person_add(s, &p), 0);
	store_close(s);
	assert_int_equal(count_calls(f), 2);
}


/* run fn in a process of its own */
static int in_child(void (*fn)(struct fixture *f), struct fixture *f)
{
	const pid_t pid = child_fork();

	if (!pid) {
		fn(f);
		_exit(0);
	}

	return child_exit_code(pid);
}


/* a child says where it failed by its exit code */
#define CHILD_CHECK(code, cond)                                               \
	do {                                                                  \
		if (!(cond))                                                  \
			_exit(code);                                          \
	} while (0)


/* mounts of our own, which end with this process */
static void own_mounts(void)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		_exit(SKIPPED);
}


static void full_tmpfs_child(struct fixture *f)
{
	struct store *s;
	struct store_call call;
	char filler[96];
	uint64_t id = 0;
	int err = 0, fd;

	own_mounts();
	if (mount("tmpfs", f->dir, "tmpfs", 0, "size=1m") < 0)
		_exit(SKIPPED);
	CHILD_CHECK(1, store_open(&s, f->dir, STORE_CREATE) == 0);

	(void)snprintf(filler, sizeof(filler), "%s/filler", f->dir);
	fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	CHILD_CHECK(2, fd >= 0);
	CHILD_CHECK(3, posix_fallocate(fd, 0, 512 * 1024) == 0);

	while (!err && id < 100000) {
		call = a_call(++id);
		err = store_call_put(s, &call, NULL, NULL);
	}
	CHILD_CHECK(4, err == ENOSPC);
	CHILD_CHECK(5, store_call_put(s, &call, NULL, NULL) == ENOSPC);
	CHILD_CHECK(6, unlink(filler) == 0 && close(fd) == 0);
	CHILD_CHECK(7, store_call_put(s, &call, NULL, NULL) == 0);
	CHILD_CHECK(8, (uint64_t)count_calls(f) == id);
	store_close(s);
}


static void test_full_tmpfs(void **state)
{
	const int code = in_child(full_tmpfs_child, *state);

	if (code == SKIPPED)
		skip();
	assert_int_equal(code, 0);
}


static void read_only_child(struct fixture *f)
{
	struct store *s;

	own_mounts();
	if (mount(f->dir, f->dir, NULL, MS_BIND, NULL) < 0 ||
	    mount(NULL, f->dir, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) <
		    0)
		_exit(SKIPPED);
	CHILD_CHECK(1, store_open(&s, f->dir, STORE_DAEMON) == EROFS);
	CHILD_CHECK(2, store_open(&s, f->dir, STORE_TOOL) == EROFS);
	CHILD_CHECK(3, unlink(f->path) < 0 && errno == EROFS);
}


static void test_read_only_disk(void **state)
{
	struct fixture *f = *state;
	char text[1024];
	int code;

	store_close(store_make(f));
	catch_begin(&f->said);
	code = in_child(read_only_child, f);
	catch_end(&f->said, text, sizeof(text));
	if (code == SKIPPED)
		skip();
	assert_int_equal(code, 0);
	assert_non_null(strstr(text, "read-only"));
}


static void not_mine_child(struct fixture *f)
{
	struct store *s;

	if (geteuid() == 0)
		CHILD_CHECK(1, setresuid(NOBODY, NOBODY, NOBODY) == 0);
	CHILD_CHECK(2, store_open(&s, f->dir, STORE_TOOL) == EACCES);
}


static void test_not_mine(void **state)
{
	struct fixture *f = *state;
	char text[1024];
	int code;

	store_close(store_make(f));
	assert_int_equal(chmod(f->dir, 0755), 0);
	assert_int_equal(chmod(f->path, 0444), 0);
	catch_begin(&f->said);
	code = in_child(not_mine_child, f);
	catch_end(&f->said, text, sizeof(text));
	assert_int_equal(code, 0);
	assert_non_null(strstr(text, "another user"));
}


/* ---- several processes ---- */

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


/* ---- without memory ---- */

static int tool_work(void *arg)
{
	struct fixture *f = arg;
	struct store_person p = a_person("Bo", "sip:bo@192.0.2.1");
	struct store_call call = a_call(1);
	struct store *s = NULL;
	int err;

	err = store_open(&s, f->dir, STORE_CREATE);
	if (err) {
		/* no half a store is left behind */
		assert_int_not_equal(access(f->path, F_OK), 0);
		return err;
	}
	err = store_person_add(s, &p);
	if (!err)
		err = store_call_put(s, &call, NULL, NULL);
	store_close(s);
	assert_int_equal(unlink(f->path), 0);

	return err;
}


static int daemon_work(void *arg)
{
	struct fixture *f = arg;
	struct store_call call = a_call(1);
	struct store *s = NULL;
	int err;

	err = store_open(&s, f->dir, STORE_DAEMON);
	if (err)
		return err;
	err = store_call_put(s, &call, NULL, NULL);
	store_close(s);

	return err;
}


static void test_oom(void **state)
{
	struct fixture *f = *state;
	char text[4096];

	catch_begin(&f->said);
	assert_true(oom_loop(tool_work, f) > 0);
	store_close(store_make(f));
	assert_true(oom_loop(daemon_work, f) > 2);
	catch_end(&f->said, text, sizeof(text));
	assert_int_equal(count_calls(f), 1);
}


static int group_setup(void **state)
{
	(void)state;

	return libre_init();
}


static int group_teardown(void **state)
{
	(void)state;
	libre_close();

	return 0;
}


#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_create),
		CASE(test_create_nowhere),
		CASE(test_not_a_store),
		CASE(test_newer),
		CASE(test_migrate),
		CASE(test_calls),
		CASE(test_nested),
		CASE(test_bad_calls),
		CASE(test_end_open),
		CASE(test_people),
		CASE(test_person_off),
		CASE(test_person_off_later),
		CASE(test_migrate_people),
		CASE(test_person_removed),
		CASE(test_trunks),
		CASE(test_wiped),
		CASE(test_wiped_later),
		CASE(test_durable_in_order),
		CASE(test_same_call_in_order),
		CASE(test_waited_in_order),
		CASE(test_group_commit),
		CASE(test_queue_limit),
		CASE(test_close_drains),
		CASE(test_close_in_handler),
		CASE(test_locked_for_long),
		CASE(test_full_disk),
		CASE(test_full_tmpfs),
		CASE(test_read_only_disk),
		CASE(test_not_mine),
		CASE(test_kill),
		CASE(test_two_processes),
		CASE(test_oom),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
