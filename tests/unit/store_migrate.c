/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_migrate.c  The store is brought to another schema: beside programs that
 * run, or alone; broken off at any moment, and what it says when it fails.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "store/migrate.h"

#include "store_fixture.h"

enum { AT_A_TIME = 30, TURNS = 5 /* the last changes nothing */ };

/* a release of schema 2, and what the next ones change */
static const struct migration steps[] = {
	{1, "CREATE TABLE one (id INTEGER PRIMARY KEY, n INTEGER) STRICT;", 0,
	 MIGRATE_ONCE},
	{2, "WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c"
	    " WHERE i < 100) INSERT INTO one SELECT i, i FROM c;", 0,
	 MIGRATE_ONCE},
	{3, "ALTER TABLE one ADD COLUMN twice INTEGER;", 2, MIGRATE_ONCE},
	{4, "UPDATE one SET twice = 2 * n WHERE id IN (SELECT id FROM one"
	    " WHERE twice IS NULL LIMIT 30)", 2, MIGRATE_ROWS},
	{5, "ALTER TABLE one DROP COLUMN n;", 4, MIGRATE_ONCE},
	{6, "CREATE TABLE six (n INTEGER) STRICT; SELECT broken;", 4,
	 MIGRATE_ONCE},
};

/* steps 1 to n of them */
enum { OLD = 2, BESIDE = 4, BREAKS = 5, BROKEN = 6 };


static sqlite3 *wal_open(const struct fixture *f)
{
	sqlite3 *db = other_open(f);

	other_exec(db, "PRAGMA journal_mode = WAL");

	return db;
}


static int to(sqlite3 *db, unsigned n)
{
	return migrate(db, steps, n, MIGRATE_REFUSE, NULL, NULL);
}


/* the programs of schema 2 have it open */
static sqlite3 *old_make(const struct fixture *f)
{
	sqlite3 *db = wal_open(f);

	assert_int_equal(migrate(db, steps, OLD, MIGRATE_FILL, f->dir, NULL),
			 SQLITE_OK);

	return db;
}


static void is_at(sqlite3 *db, int version, int oldest)
{
	const int is = other_int(db, "PRAGMA user_version");

	assert_int_equal(is & 0xffff, version);
	assert_int_equal(is >> 16 ? is >> 16 : version, oldest);
}


static int undone(sqlite3 *db)
{
	return other_int(db, "SELECT count(*) FROM one WHERE twice IS NULL OR"
			     " twice <> 2 * id");
}


/* ---- who can work with it ------------------------------------------------ */

static void test_older_goes_on(void **state)
{
	const struct fixture *f = *state;
	sqlite3 *old = old_make(f), *new = wal_open(f);

	is_at(old, OLD, OLD);
	assert_int_equal(to(new, BESIDE), SQLITE_OK);
	is_at(old, BESIDE, OLD);

	/* the one that runs, and one that is started again */
	other_exec(old, "INSERT INTO one (id, n) VALUES (500, 500)");
	assert_int_equal(to(old, OLD), SQLITE_OK);
	is_at(old, BESIDE, OLD);
	assert_int_equal(to(old, 1), SQLITE_MISMATCH);

	assert_int_equal(to(new, BESIDE), SQLITE_OK);
	(void)sqlite3_close(new);
	(void)sqlite3_close(old);
}


static void test_breaks_what_runs(void **state)
{
	const struct fixture *f = *state;
	struct migrate_fault fault = {0};
	sqlite3 *old = old_make(f), *new = wal_open(f);

	assert_int_equal(migrate(new, steps, BREAKS, MIGRATE_REFUSE, f->dir,
				 &fault) & 0xff, SQLITE_BUSY);
	assert_true(fault.in_use);
	assert_int_equal(fault.version, 0);
	is_at(old, OLD, OLD);
	assert_int_equal(other_int(old, "SELECT sum(n) FROM one"), 5050);
	other_exec(old, "UPDATE one SET n = n");

	/* as soon as nobody has it open any more */
	(void)sqlite3_close(old);
	assert_int_equal(to(new, BREAKS), SQLITE_OK);
	is_at(new, BREAKS, BESIDE);
	assert_int_equal(undone(new), 0);

	/* and others may come again */
	old = wal_open(f);
	other_exec(new, "UPDATE one SET twice = twice");
	assert_int_equal(to(old, BESIDE), SQLITE_OK);
	assert_int_equal(to(old, OLD), SQLITE_MISMATCH);
	(void)sqlite3_close(old);
	(void)sqlite3_close(new);
}


/* a program of schema 4 knows both shapes: it may run on */
static void test_breaks_what_is_gone(void **state)
{
	const struct fixture *f = *state;
	sqlite3 *old = old_make(f), *new = wal_open(f);

	assert_int_equal(to(old, BESIDE), SQLITE_OK);
	assert_int_equal(to(new, BREAKS), SQLITE_OK);
	is_at(old, BREAKS, BESIDE);
	assert_int_equal(to(old, BESIDE), SQLITE_OK);
	(void)sqlite3_close(new);
	(void)sqlite3_close(old);
}


static void test_range(void **state)
{
	const struct migrate_range two = migrate_range(steps, OLD),
				   four = migrate_range(steps, BESIDE),
				   ours = migrate_range(migrations,
							n_migrations);
	(void)state;

	assert_int_equal(two.version, 2);
	assert_int_equal(two.oldest, 2);
	assert_int_equal(four.version, 4);
	assert_int_equal(four.oldest, 2);
	assert_int_equal(ours.version, (int)n_migrations);
	assert_in_range(ours.oldest, 18, ours.version);
}


/* ---- by rows ------------------------------------------------------------- */

struct watch {
	sqlite3 *db;
	sqlite3_int64 before;
	unsigned n;        /* commits                                */
	unsigned die_at;   /* before the nth of them; 0 never        */
	sqlite3_int64 most; /* rows changed in one                   */
};


static int commit_handler(void *arg)
{
	struct watch *w = arg;
	const sqlite3_int64 now = sqlite3_total_changes64(w->db);

	if (now - w->before > w->most)
		w->most = now - w->before;
	w->before = now;
	if (++w->n == w->die_at)
		(void)raise(SIGKILL);

	return 0;
}


static void test_rows_in_turns(void **state)
{
	const struct fixture *f = *state;
	sqlite3 *old = old_make(f), *new = wal_open(f);
	struct watch w = {.db = new};

	(void)sqlite3_commit_hook(new, commit_handler, &w);
	assert_int_equal(to(new, BESIDE), SQLITE_OK);
	assert_int_equal(undone(new), 0);
	/* each a lock of its own */
	assert_int_equal(w.n, 1 + TURNS);
	assert_int_equal(w.most, AT_A_TIME);
	(void)sqlite3_close(new);
	(void)sqlite3_close(old);
}


/* ---- broken off ---------------------------------------------------------- */

/* killed before its nth commit; true if it came to its end before */
static bool killed_at(const struct fixture *f, unsigned n, unsigned die_at)
{
	const pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid) {
		sqlite3 *db = NULL;
		struct watch w = {.die_at = die_at};

		if (sqlite3_open(f->path, &db) != SQLITE_OK)
			_exit(2);
		w.db = db;
		(void)sqlite3_commit_hook(db, commit_handler, &w);
		_exit(to(db, n) == SQLITE_OK ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status)) {
		assert_int_equal(WEXITSTATUS(status), 0);
		return true;
	}
	assert_int_equal(WTERMSIG(status), SIGKILL);

	return false;
}


/* one after the other, each killed at its next commit: work is kept */
static void test_killed_again_and_again(void **state)
{
	const struct fixture *f = *state;
	unsigned n = 0;
	sqlite3 *db;

	(void)sqlite3_close(old_make(f));
	while (!killed_at(f, BESIDE, 2)) {
		db = wal_open(f);
		assert_int_equal(other_int(db, "SELECT sum(n) FROM one"), 5050);
		assert_int_equal(other_int(db, "SELECT count(*) FROM one WHERE"
				 " twice <> 2 * id"), 0);
		/* the programs that are rolled back to can work with it */
		assert_int_equal(to(db, OLD), SQLITE_OK);
		(void)sqlite3_close(db);
		assert_in_range(++n, 1, TURNS);
	}
	assert_int_equal(n, TURNS);
	db = wal_open(f);
	is_at(db, BESIDE, OLD);
	assert_int_equal(undone(db), 0);
	(void)sqlite3_close(db);
}


/* all or nothing, where older programs could not go on half the way */
static void all_or_nothing(const struct fixture *f)
{
	sqlite3 *db = wal_open(f);

	if ((other_int(db, "PRAGMA user_version") & 0xffff) == OLD)
		assert_int_equal(other_int(db, "SELECT sum(n) FROM one"),
				 5050);
	else
		is_at(db, BREAKS, BESIDE);
	assert_int_equal(to(db, BREAKS), SQLITE_OK);
	is_at(db, BREAKS, BESIDE);
	assert_int_equal(undone(db), 0);
	(void)sqlite3_close(db);
}


static void test_killed_alone(void **state)
{
	const struct fixture *f = *state;
	unsigned n = 1;

	for (;; n++) {
		bool ended;

		(void)sqlite3_close(old_make(f));
		ended = killed_at(f, BREAKS, n);
		all_or_nothing(f);
		assert_int_equal(unlink(f->path), 0);
		if (ended)
			break;
	}
	/* at least in the change itself and on the way back */
	assert_in_range(n, 3, 9);
}


/* ---- it fails ------------------------------------------------------------ */

static void test_fails_beside(void **state)
{
	const struct fixture *f = *state;
	struct migrate_fault fault = {0};
	sqlite3 *old = old_make(f), *new;

	assert_int_equal(to(old, BREAKS - 1), SQLITE_OK);
	new = wal_open(f);
	assert_int_equal(migrate(new, steps, BROKEN, MIGRATE_REFUSE, f->dir,
				 &fault), SQLITE_ERROR);
	assert_int_equal(fault.version, BROKEN);
	assert_false(fault.in_use);
	/* what came before it is done, and its own half is not */
	is_at(old, BREAKS, BESIDE);
	assert_int_equal(other_int(old, "SELECT count(*) FROM sqlite_schema"
				   " WHERE name = 'six'"), 0);
	assert_int_equal(to(old, BESIDE), SQLITE_OK);
	(void)sqlite3_close(new);
	(void)sqlite3_close(old);
}


static void test_fails_alone(void **state)
{
	const struct fixture *f = *state;
	struct migrate_fault fault = {0};
	sqlite3 *db = old_make(f);

	assert_int_equal(migrate(db, steps, BROKEN, MIGRATE_REFUSE, f->dir,
				 &fault), SQLITE_ERROR);
	assert_int_equal(fault.version, BROKEN);
	is_at(db, OLD, OLD);
	assert_int_equal(other_int(db, "SELECT sum(n) FROM one"), 5050);
	assert_int_equal(to(db, OLD), SQLITE_OK);
	(void)sqlite3_close(db);
}


/* no room for a single page more */
static void test_disk_is_full(void **state)
{
	const struct fixture *f = *state;
	static const struct migration more[] = {
		{1, "CREATE TABLE one (id INTEGER PRIMARY KEY, t TEXT);", 0,
		 MIGRATE_ONCE},
		{2, "CREATE TABLE two (n INTEGER);"
		    "INSERT INTO one VALUES (1, zeroblob(100000));", 1,
		 MIGRATE_ONCE},
	};
	struct migrate_fault fault = {0};
	sqlite3 *db = wal_open(f);

	assert_int_equal(migrate(db, more, 1, MIGRATE_FILL, NULL, NULL),
			 SQLITE_OK);
	other_exec(db, "PRAGMA max_page_count = 4");
	assert_int_equal(migrate(db, more, 2, MIGRATE_REFUSE, NULL, &fault),
			 SQLITE_FULL);
	assert_int_equal(fault.version, 2);
	is_at(db, 1, 1);
	assert_int_equal(other_int(db, "SELECT count(*) FROM sqlite_schema"),
			 1);
	other_exec(db, "PRAGMA max_page_count = 1000");
	assert_int_equal(migrate(db, more, 2, MIGRATE_REFUSE, NULL, NULL),
			 SQLITE_OK);
	(void)sqlite3_close(db);
}


/* ---- what is said -------------------------------------------------------- */

static void open_fails(struct fixture *f, int err, const char *words)
{
	struct store *s = NULL;
	char text[1024];
	int got;

	catch_begin(&f->said);
	got = store_open(&s, f->dir, STORE_TOOL);
	catch_end(&f->said, text, sizeof(text));
	assert_int_equal(got, err);
	assert_null(s);
	log_has_one(text, words);
}


static void test_words(void **state)
{
	struct fixture *f = *state;
	struct store *s = NULL;
	sqlite3 *db;

	/* of schema 17, as a release of that had it open */
	db = wal_open(f);
	assert_int_equal(migrate(db, migrations, 17, MIGRATE_FILL, NULL, NULL),
			 SQLITE_OK);
	open_fails(f, EBUSY, "the programs that have it open could not go on");

	/* something stands where change 18 puts it */
	other_exec(db, "ALTER TABLE trunk ADD COLUMN srtp TEXT");
	(void)sqlite3_close(db);
	open_fails(f, ENOTRECOVERABLE, "change 18 of its tables failed");
	open_fails(f, ENOTRECOVERABLE, "install the one before it again");
	db = wal_open(f);
	assert_int_equal(other_int(db, "PRAGMA user_version"), 17);
	other_exec(db, "ALTER TABLE trunk DROP COLUMN srtp");
	(void)sqlite3_close(db);

	assert_int_equal(store_open(&s, f->dir, STORE_TOOL), 0);
	store_close(s);
}


/* what a later one has added is nothing to this one */
static void test_later_store(void **state)
{
	struct fixture *f = *state;
	struct store *s = NULL;
	sqlite3 *db;
	char sql[64];

	store_close(store_make(f));
	db = other_open(f);
	other_exec(db, "ALTER TABLE call ADD COLUMN later TEXT");
	(void)snprintf(sql, sizeof(sql), "PRAGMA user_version = %u",
		       n_migrations << 16 | 9000);
	other_exec(db, sql);
	assert_int_equal(store_open(&s, f->dir, STORE_TOOL), 0);
	call_on_record(s, 1, "main", "talked", 1700000000000);
	store_close(s);
	assert_int_equal(count_calls(f), 1);
	is_at(db, 9000, (int)n_migrations);

	(void)snprintf(sql, sizeof(sql), "PRAGMA user_version = %u",
		       (n_migrations + 1) << 16 | 9000);
	other_exec(db, sql);
	open_fails(f, ENOTSUP, "newer Ringback");
	(void)sqlite3_close(db);
}


/* ---- how long ------------------------------------------------------------ */

static const char calls_sql[] =
	"WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c"
	" WHERE i < 100000) INSERT INTO call (id, line, language, state,"
	" outcome, reason, arrived_at, wait_ms, talk_ms, counsellor) SELECT i,"
	" 'main', 'en', 'over', iif(i % 5, 'talked', 'ring_back'), '',"
	" 1700000000000 + 7777 * i, 12345, 600123, i % 20 FROM c";


static double processor_seconds(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);

	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}


struct stretch {
	double since;
	double longest; /* from one commit to the next */
};


static int stretch_handler(void *arg)
{
	struct stretch *s = arg;
	const double now = processor_seconds();

	if (now - s->since > s->longest)
		s->longest = now - s->since;
	s->since = now;

	return 0;
}


/* to this schema; the longest lock, in what it takes of a processor: what the
 * machine does meanwhile is none of its work */
static double stretch(const struct fixture *f, unsigned n)
{
	struct stretch s = {.since = processor_seconds()};
	sqlite3 *db = wal_open(f);

	other_exec(db, "PRAGMA secure_delete = ON");
	(void)sqlite3_commit_hook(db, stretch_handler, &s);
	assert_int_equal(migrate(db, migrations, n, MIGRATE_REFUSE, NULL,
				 NULL), SQLITE_OK);
	(void)sqlite3_close(db);

	return s.longest;
}


/* A store of the first schema with 100,000 calls, one change after the other: a
 * change beside programs that run keeps none waiting for longer than a second,
 * one for which they are stopped is no reason to make coffee. */
static void test_100000_calls(void **state)
{
	const struct fixture *f = *state;
	double most[2] = {0, 0};
	unsigned n_beside = 0;
	sqlite3 *db = wal_open(f);

	assert_int_equal(migrate(db, migrations, 1, MIGRATE_FILL, NULL, NULL),
			 SQLITE_OK);
	other_exec(db, calls_sql);
	(void)sqlite3_close(db);

	for (unsigned n = 2; n <= n_migrations; n++) {
		const struct migration *m = &migrations[n - 1];
		const bool beside = m->oldest < m->version;
		const double took = stretch(f, n);

		n_beside += beside;
		if (took > most[beside])
			most[beside] = took;
		assert_true(took < (beside ? 1 : 10));
	}
	print_message("100,000 calls: the longest of %u changes that stop what "
		      "runs %.2f s, of %u beside it %.2f s\n",
		      n_migrations - 1 - n_beside, most[0], n_beside, most[1]);

	db = wal_open(f);
	assert_int_equal(other_int(db, "SELECT count(*) FROM call"), 100000);
	assert_int_equal(other_int(db, "SELECT count(*) FROM promise"), 20000);
	(void)sqlite3_close(db);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_older_goes_on),
		STORE_CASE(test_breaks_what_runs),
		STORE_CASE(test_breaks_what_is_gone),
		STORE_CASE(test_range),
		STORE_CASE(test_rows_in_turns),
		STORE_CASE(test_killed_again_and_again),
		STORE_CASE(test_killed_alone),
		STORE_CASE(test_fails_beside),
		STORE_CASE(test_fails_alone),
		STORE_CASE(test_disk_is_full),
		STORE_CASE(test_words),
		STORE_CASE(test_later_store),
		STORE_CASE(test_100000_calls),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
