/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file store_fixture.h  A store in a folder of its own, for the tests of all
 * that is stored
 *
 * To be included after cmocka.h.
 */
#ifndef RINGBACK_TEST_STORE_FIXTURE_H
#define RINGBACK_TEST_STORE_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <sqlite3.h>

#include "store/store.h"

#include "catch.h"
#include "tmpdir.h"

enum {
	GUARD_MS = 60000, /**< a loop that runs longer has lost something */
};

struct fixture {
	char dir[TMPDIR_SIZE];
	char path[80];
	struct catch said;
};

/* for cmocka: the folder, for each case; libre, for all */
int store_setup(void **state);
int store_teardown(void **state);
int store_group_setup(void **state);
int store_group_teardown(void **state);

#define STORE_CASE(name)                                                      \
	cmocka_unit_test_setup_teardown(name, store_setup, store_teardown)

/** A new one, opened as by a tool. */
struct store *store_make(const struct fixture *f);
/** A new one, opened as by the line. */
struct store *store_daemon(const struct fixture *f);

/* a connection of somebody else */
sqlite3 *other_open(const struct fixture *f);
void other_exec(sqlite3 *db, const char *sql);
int other_int(sqlite3 *db, const char *sql);
int count_calls(const struct fixture *f);

/** Is this text anywhere in the store's files? */
bool on_disk(const struct fixture *f, const char *text);

/** Counts handlers, and ends the loop with the last one expected. */
struct tally {
	unsigned n_expected;
	unsigned n_done;
	unsigned n_failed;
	int err; /**< of the last that failed */
};

void tally_handler(int err, void *arg);

/** The rest of a text is zero, as in what the store reads. */
void text_set(char *text, size_t size, const char *to);

#define SET(field, to) text_set(field, sizeof(field), to)

struct store_call a_call(uint64_t id);
/** One of a line, that came then; "" it is open. */
void call_on_record(struct store *s, uint64_t id, const char *line,
		    const char *outcome, int64_t arrived_at);

/** The same in every field; not by memcmp(): padding. */
void call_same(const struct store_call *a, const struct store_call *b);
struct store_person a_person(const char *name, const char *phone);
/** An open one. */
struct store_promise a_promise(uint64_t call, const char *number);
/** What the store takes for sealed: the text itself, to be looked for. */
struct store_number a_sealed_number(const char *text);

/** A store_call_h: keeps the first in struct store_call *arg. */
bool call_keep(const struct store_call *call, void *arg);

/** What SQLite would do: is this index used, and nothing sorted by hand? */
bool uses_index(const struct fixture *f, const char *sql, const char *index);

/** Queue n calls, from this number on. */
void put_many(struct store *s, uint64_t first, unsigned n, struct tally *t);
/** One write; the loop ends with its handler. @return its error */
int put_one(struct store *s, uint64_t id);

/** Exactly one line of the log has these words. */
void log_has_one(const char *text, const char *words);

#endif
