/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_backup.c  A snapshot is one moment of a store that others write
 * meanwhile, and has none of what opens it; put back, nobody is signed in and
 * no number of an epoch is given twice.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "seal/seal.h"
#include "store/backup.h"

#include "child.h"
#include "oom.h"
#include "store_fixture.h"

enum { SNAPSHOTS = 20 };


/* ---- what is in it ------------------------------------------------------- */

static sqlite3 *image_open(struct store_snapshot *snap)
{
	sqlite3 *db;
	uint8_t *v;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	v = sqlite3_malloc64(snap->n_image);
	assert_non_null(v);
	memcpy(v, snap->image, snap->n_image);
	/* without a log file: it is in memory */
	v[18] = v[19] = 1;
	assert_int_equal(sqlite3_deserialize(
		db, "main", v, (sqlite3_int64)snap->n_image,
		(sqlite3_int64)snap->n_image,
		SQLITE_DESERIALIZE_FREEONCLOSE), SQLITE_OK);

	return db;
}


static bool image_has(const struct store_snapshot *snap, const void *what,
		      size_t n)
{
	return memmem(snap->image, snap->n_image, what, n) != NULL;
}


static uint32_t person_new(struct store *s, const char *name)
{
	struct store_person p = a_person(name, "");

	assert_int_equal(store_person_add(s, &p), 0);

	return p.id;
}


static void identity_new(struct store *s, uint32_t person, uint8_t mark)
{
	struct store_identity identity = {.person = person};

	memset(identity.public, mark, sizeof(identity.public));
	memset(identity.wrapped, mark, sizeof(identity.wrapped));
	assert_int_equal(store_identity_put(s, &identity), 0);
}


static struct store_grant a_grant(uint64_t epoch, uint32_t person,
				  uint8_t mark)
{
	struct store_grant g = {.epoch = epoch, .person = person};

	memset(g.public, mark, sizeof(g.public));
	memset(g.sealed, (int)(epoch * 16 + person), sizeof(g.sealed));

	return g;
}


static void epoch_new(struct store *s, uint64_t id, const char *line,
		      const struct store_grant *v, size_t n)
{
	struct store_epoch e = {.id = id, .month = 24322, .public = {1}};

	SET(e.line, line);
	assert_int_equal(store_epoch_add(s, &e, v, n), 0);
}


static void test_without_what_opens(void **state)
{
	const struct fixture *f = *state;
	struct store *s = store_make(f);
	struct store_session session = {.person = person_new(s, "Ana"),
					.made_at = 1, .seen_at = 1};
	struct store_grant g[2];
	struct store_snapshot snap;
	sqlite3 *db;

	identity_new(s, session.person, 7);
	g[0] = a_grant(1, 0, 6);
	g[1] = a_grant(1, session.person, 7);
	epoch_new(s, 1, "main", g, 2);
	memset(session.hash, 0x5e, sizeof(session.hash));
	assert_int_equal(store_session_add(s, &session), 0);

	assert_int_equal(store_snapshot(s, &snap), 0);
	assert_int_equal(snap.n_grants, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(snap.grants[i].epoch, 1);
		assert_int_equal(snap.grants[i].person, g[i].person);
		assert_memory_equal(snap.grants[i].public, g[i].public,
				    STORE_PUBLIC);
		assert_memory_equal(snap.grants[i].sealed, g[i].sealed,
				    STORE_GRANT);
		assert_false(image_has(&snap, g[i].sealed, 16));
	}
	assert_false(image_has(&snap, session.hash, 16));
	/* and the search would find something */
	assert_true(image_has(&snap, g[1].public, STORE_PUBLIC));

	db = image_open(&snap);
	assert_int_equal(other_int(db, "SELECT count(*) FROM epoch"), 1);
	assert_int_equal(other_int(db, "SELECT count(*) FROM identity"), 1);
	assert_int_equal(other_int(db, "SELECT count(*) FROM epoch_grant"),
			 0);
	assert_int_equal(other_int(db, "SELECT count(*) FROM session"), 0);
	(void)sqlite3_close(db);
	store_snapshot_free(&snap);

	/* the store itself has lost nothing */
	db = other_open(f);
	assert_int_equal(other_int(db, "SELECT count(*) FROM epoch_grant"),
			 2);
	assert_int_equal(other_int(db, "SELECT count(*) FROM session"), 1);
	(void)sqlite3_close(db);
	store_close(s);
}


/* also not on a page that is used for something else by now */
static void test_without_what_is_gone(void **state)
{
	const struct fixture *f = *state;
	struct store *s = store_make(f);
	struct store_snapshot snap;
	sqlite3 *db = other_open(f);

	other_exec(db, "PRAGMA secure_delete = OFF");
	other_exec(db, "CREATE TABLE long_gone (a TEXT)");
	other_exec(db, "INSERT INTO long_gone VALUES ('gone-gone-gone-9')");
	other_exec(db, "DELETE FROM long_gone");
	other_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)");
	(void)sqlite3_close(db);
	assert_true(on_disk(f, "gone-gone-gone-9"));

	assert_int_equal(store_snapshot(s, &snap), 0);
	assert_false(image_has(&snap, "gone-gone-gone-9", 16));
	store_snapshot_free(&snap);
	store_close(s);
}


static void test_open_calls(void **state)
{
	const struct fixture *f = *state;
	struct store *s = store_make(f);
	struct store_snapshot snap;

	for (uint64_t id = 1; id <= 9; id++) {
		struct store_call call = a_call(id);

		SET(call.outcome, id % 3 ? "" : "talk");
		assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	}
	assert_int_equal(store_snapshot(s, &snap), 0);
	for (uint64_t id = 0; id <= 10; id++)
		assert_int_equal(store_snapshot_open(&snap, id),
				 id >= 1 && id <= 9 && id % 3);
	store_snapshot_free(&snap);
	store_close(s);
}


/* ---- while somebody writes ----------------------------------------------- */

/* two rows in each transaction, of which no snapshot may have one */
static void write_pairs(const char *path, int fd)
{
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		_exit(1);
	(void)sqlite3_busy_timeout(db, 60000);
	for (;;) {
		if (sqlite3_exec(db, "BEGIN IMMEDIATE;"
				 "INSERT INTO key VALUES ('a' || (SELECT"
				 " count(*) FROM key), randomblob(32));"
				 "INSERT INTO key VALUES ('b' || (SELECT"
				 " count(*) FROM key), randomblob(32));"
				 "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
			_exit(2);
		if (write(fd, "x", 1) != 1)
			_exit(0);
	}
}


static void test_while_others_write(void **state)
{
	const struct fixture *f = *state;
	struct store *s = store_make(f);
	int fd, last = 0;
	pid_t pid;

	pid = child_fork_pipe(&fd);
	if (!pid)
		write_pairs(f->path, fd);
	for (int i = 0; i < SNAPSHOTS; i++) {
		struct store_snapshot snap;
		sqlite3 *db;
		char x;
		int n;

		assert_int_equal(read(fd, &x, 1), 1);
		assert_int_equal(store_snapshot(s, &snap), 0);
		db = image_open(&snap);
		n = other_int(db, "SELECT count(*) FROM key");
		assert_int_equal(n % 2, 0);
		assert_true(n >= last && n >= 2 * (i + 1));
		last = n;
		assert_int_equal(other_int(db, "SELECT count(*) FROM"
					   " pragma_integrity_check WHERE"
					   " integrity_check = 'ok'"), 1);
		(void)sqlite3_close(db);
		store_snapshot_free(&snap);
	}
	child_kill(pid);
	(void)close(fd);
	store_close(s);
}


/* ---- put back ------------------------------------------------------------ */

static void test_restored(void **state)
{
	const struct fixture *f = *state;
	struct store *s = store_make(f);
	struct store_session session = {.person = person_new(s, "Ana"),
					.made_at = 1, .seen_at = 1,
					.hash = {1}};
	const struct store_invitation invitation = {
		.person = session.person, .hash = {2}, .ends_at = INT64_MAX};
	struct store_session found;
	struct store_invitation invited;
	const time_t before = time(NULL);
	struct store_epoch e;
	uint64_t last;

	epoch_new(s, 41, "main", NULL, 0);
	assert_int_equal(store_invitation_put(s, &invitation), 0);
	assert_int_equal(store_session_add(s, &session), 0);
	assert_int_equal(store_restored(s), 0);
	assert_int_equal(store_session_get(s, session.hash, &found), ENOENT);
	assert_int_equal(store_invitation_get(s, invitation.hash, &invited),
			 ENOENT);
	assert_int_equal(store_epoch_current(s, "main", &e), ENOENT);
	assert_int_equal(store_epoch_last(s, &last), 0);
	assert_true(last >= 41 + STORE_EPOCH_JUMP);
	assert_true(last >= (uint64_t)before);

	/* and it goes on from there */
	epoch_new(s, last + 1, "main", NULL, 0);
	assert_int_equal(store_epoch_current(s, "main", &e), 0);
	assert_int_equal(e.id, last + 1);

	/* also where it is far above the clock already */
	epoch_new(s, UINT64_C(1) << 50, "main", NULL, 0);
	assert_int_equal(store_restored(s), 0);
	assert_int_equal(store_epoch_last(s, &last), 0);
	assert_int_equal(last, (UINT64_C(1) << 50) + STORE_EPOCH_JUMP);
	store_close(s);
}


static void test_grants_back(void **state)
{
	const struct fixture *f = *state;
	struct store *s = store_make(f);
	const uint32_t ana = person_new(s, "Ana"), ben = person_new(s, "Ben");
	struct store_grant v[7];
	size_t n = 99;
	sqlite3 *db;

	identity_new(s, ana, 7);
	identity_new(s, ben, 8);
	v[0] = a_grant(1, 0, 6);
	v[1] = a_grant(1, ana, 7);
	v[2] = a_grant(1, ben, 9);   /* of another key that he had */
	v[3] = a_grant(1, 77, 7);    /* gone, or not there yet */
	v[4] = a_grant(2, ana, 7);   /* dropped */
	v[5] = a_grant(9, ana, 7);   /* of later */
	v[6] = a_grant(1, ana, 7);   /* has it by now */
	for (uint64_t id = 1; id <= 3; id++)
		epoch_new(s, id, "main", NULL, 0);
	assert_int_equal(store_epoch_drop(s, 2), 0);

	assert_int_equal(store_grants_back(s, v, 7, &n), 0);
	assert_int_equal(n, 2);
	db = other_open(f);
	assert_int_equal(other_int(db, "SELECT count(*) FROM epoch_grant"),
			 2);
	assert_int_equal(other_int(db, "SELECT count(*) FROM epoch_grant"
				   " WHERE epoch = 1 AND person IN (0, 1)"),
			 2);
	(void)sqlite3_close(db);
	assert_int_equal(store_grants_back(s, v, 7, &n), 0);
	assert_int_equal(n, 0);
	store_close(s);
}


/* ---- as bytes ------------------------------------------------------------ */

static int decode_all(void *arg)
{
	const struct store_grant v[2] = {
		a_grant(0x0102030405060708, 0x0a0b0c0d, 3), a_grant(2, 1, 4)};
	uint8_t row[2 * STORE_GRANT_ROW];
	struct store_grant *back;
	size_t n;
	int err;
	(void)arg;

	store_grants_encode(row, v, 2);
	assert_int_equal(row[0], 1);
	assert_int_equal(row[7], 8);
	assert_int_equal(row[8], 0x0a);
	assert_int_equal(store_grants_decode(&back, &n, row,
					     sizeof(row) - 1), EBADMSG);
	err = store_grants_decode(&back, &n, row, sizeof(row));
	if (err)
		return err;
	assert_int_equal(n, 2);
	assert_int_equal(back[0].epoch, v[0].epoch);
	assert_int_equal(back[0].person, v[0].person);
	assert_memory_equal(back[1].public, v[1].public, STORE_PUBLIC);
	assert_memory_equal(back[1].sealed, v[1].sealed, STORE_GRANT);
	free(back);

	return 0;
}


static void test_bytes(void **state)
{
	(void)state;

	assert_true(oom_loop(decode_all, NULL) > 0);
}


static int snapshot_once(void *arg)
{
	struct store_snapshot snap;
	const int err = store_snapshot(arg, &snap);

	if (err)
		return err;
	assert_int_equal(snap.n_grants, 3);
	store_snapshot_free(&snap);

	return 0;
}


static void test_no_memory(void **state)
{
	const struct fixture *f = *state;
	struct store *s = store_make(f);
	struct store_grant v[3];

	for (uint32_t i = 0; i < 3; i++)
		v[i] = a_grant(1, i, 1);
	epoch_new(s, 1, "main", v, 3);
	assert_true(oom_loop(snapshot_once, s) > 0);
	store_close(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_without_what_opens),
		STORE_CASE(test_without_what_is_gone),
		STORE_CASE(test_open_calls),
		STORE_CASE(test_while_others_write),
		STORE_CASE(test_restored),
		STORE_CASE(test_grants_back),
		STORE_CASE(test_no_memory),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
