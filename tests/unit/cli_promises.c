/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_promises.c  `ringback promises` and what `ringback calls` says of them,
 * from a store with promises of all sorts.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <jansson.h>

#include "base/step.h"
#include "cli/exit.h"
#include "cli/out.h"
#include "cli/owed.h"
#include "store/dialler.h"
#include "cli_run.h"
#include "tmpdir.h"


#define NUMBER "491701234567"

enum { HOUR_MS = 3600 * 1000, QUARTER_MS = HOUR_MS / 4 };

struct fixture {
	char dir[TMPDIR_SIZE];
	struct ran ran;
	json_t *json;
	int64_t now;
};

/* what the store holds: due in so many hours */
static const struct {
	uint64_t call;
	const char *outcome;
	const char *kind; /* NULL: nothing was promised */
	const char *state;
	int due_h;
	bool number;
	bool ana;
	uint32_t n_attempts;
	const char *reason;
} held[] = {
	{1, "talked", NULL, NULL, 0, false, false, 0, ""},
	{2, "", "ring_back", "open", 2, true, true, 0, ""},
	{3, "", "message", "open", -2, false, false, 0, ""},
	{4, "", "ring_back", "ringing", -1, true, true, 2, ""},
	{5, "promise_kept", "ring_back", "kept", -9, false, true, 1, ""},
	{6, "closed", "cut_off", "closed", -8, false, false, 0, "duplicate"},
	{7, "short", NULL, NULL, 0, false, false, 0, ""},
};


static uint32_t ana_add(struct store *store)
{
	struct store_person ana = {.name = "Ana", .wrap_up_s = 30};

	assert_int_equal(secret_set(&ana.phone, "sip:a@127.0.0.1", 15), 0);
	assert_int_equal(store_person_add(store, &ana), 0);

	return ana.id;
}


static void call_put(struct store *store, size_t i, int64_t now)
{
	struct store_call call = {
		.id = held[i].call, .line = "main", .language = "en",
		.state = "ended", .arrived_at = now - HOUR_MS,
	};

	strcpy(call.outcome, held[i].outcome);
	assert_int_equal(store_call_put(store, &call, NULL, NULL), 0);
}


static void promise_put(struct store *store, size_t i, int64_t now,
			uint32_t ana, uint32_t dialler)
{
	struct store_promise p = {
		.call = held[i].call, .words = "plain", .hours = "evening",
		.shown = "line", .level = "owner", .made_at = now - HOUR_MS,
		.due_at = now + (int64_t)held[i].due_h * HOUR_MS,
		.owner = held[i].ana ? ana : 0,
		.n_attempts = held[i].n_attempts,
	};

	strcpy(p.kind, held[i].kind);
	strcpy(p.state, held[i].state);
	strcpy(p.reason, held[i].reason);
	if (held[i].number) {
		p.number.dialler = dialler;
		memcpy(p.number.for_dialler, NUMBER, strlen(NUMBER));
	}
	assert_int_equal(store_promise_put(store, &p, NULL, NULL), 0);
}


static void attempts_put(struct store *store, size_t i, int64_t now)
{
	for (uint32_t n = 1; n <= held[i].n_attempts; n++) {
		struct store_attempt a = {
			.call = held[i].call, .n = n,
			.at = now - HOUR_MS / 2 + n,
		};

		strcpy(a.outcome, n == 1 ? "no_answer" : "open");
		assert_int_equal(store_attempt_put(store, &a, NULL, NULL), 0);
	}
}


static int setup(void **state)
{
	static struct fixture f;
	struct store_dialler key = {.public = {1}, .made_at = 1};
	struct store *store;
	uint32_t ana;
	FILE *conf;

	memset(&f, 0, sizeof(f));
	f.now = (int64_t)time(NULL) * 1000;
	tmpdir_make(f.dir, "promises");
	if (chdir(f.dir) < 0)
		return -1;
	conf = fopen("ringback.conf", "w");
	if (!conf || fclose(conf) || store_open(&store, ".", STORE_CREATE))
		return -1;

	ana = ana_add(store);
	if (store_dialler_add(store, &key))
		return -1;
	for (size_t i = 0; i < STEP_COUNT(held); i++) {
		call_put(store, i, f.now);
		if (held[i].kind)
			promise_put(store, i, f.now, ana, key.id);
		attempts_put(store, i, f.now);
	}
	store_close(store);
	*state = &f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	json_decref(f->json);
	if (chdir("/") < 0)
		return -1;
	tmpdir_remove(f->dir);

	return 0;
}


static void listed(struct fixture *f, command_h *h, const char *option)
{
	CLI_RUN(&f->ran, h, "--json", "--data", ".", option);
	assert_string_equal(f->ran.err, "");
	assert_int_equal(f->ran.code, EXIT_DONE);
	assert_null(strstr(f->ran.out, NUMBER));

	json_decref(f->json);
	f->json = json_loads(f->ran.out, 0, NULL);
	assert_true(json_is_array(f->json));
}


/* the rows' numbers, in their order */
static void ids_are(const struct fixture *f, const int *ids, size_t n)
{
	assert_int_equal(json_array_size(f->json), n);
	for (size_t i = 0; i < n; i++) {
		const json_t *row = json_array_get(f->json, i);

		assert_int_equal(json_integer_value(json_object_get(row,
								    "id")),
				 ids[i]);
	}
}


static const char *text_of(const json_t *row, const char *key)
{
	const json_t *v = json_object_get(row, key);

	assert_true(json_is_string(v));
	return json_string_value(v);
}


static int64_t number_of(const json_t *row, const char *key)
{
	const json_t *v = json_object_get(row, key);

	assert_true(json_is_integer(v));
	return json_integer_value(v);
}


static void test_open_by_due_time(void **state)
{
	static const int ids[] = {3, 4, 2};
	struct fixture *f = *state;
	char due[OUT_TIME];
	const json_t *row;

	listed(f, promises_main, NULL);
	ids_are(f, ids, STEP_COUNT(ids));

	row = json_array_get(f->json, 1);
	assert_int_equal(number_of(row, "call"), 4);
	assert_string_equal(text_of(row, "kind"), "ring_back");
	assert_string_equal(text_of(row, "due_at"),
			    out_time(due, f->now - HOUR_MS));
	assert_string_equal(text_of(row, "owner"), "Ana");
	assert_string_equal(text_of(row, "state"), "ringing");
	assert_int_equal(number_of(row, "attempts"), 2);
	assert_string_equal(text_of(row, "line"), "main");
	assert_string_equal(text_of(row, "language"), "en");
	assert_string_equal(text_of(row, "level"), "owner");
	assert_string_equal(text_of(row, "words"), "plain");
	assert_string_equal(text_of(row, "hours"), "evening");
	assert_string_equal(text_of(row, "shown"), "line");
	assert_true(json_is_true(json_object_get(row, "overdue")));
	assert_true(json_is_true(json_object_get(row, "has_number")));
	assert_string_equal(text_of(row, "number"), "ready");
	assert_true(json_is_null(json_object_get(row, "reason")));

	/* the coordinator's, and without a number */
	row = json_array_get(f->json, 0);
	assert_true(json_is_null(json_object_get(row, "owner")));
	assert_true(json_is_false(json_object_get(row, "has_number")));
	assert_string_equal(text_of(row, "number"), "none");
	assert_true(json_is_true(json_object_get(row, "overdue")));

	row = json_array_get(f->json, 2);
	assert_true(json_is_false(json_object_get(row, "overdue")));
}


static void test_attempts(void **state)
{
	struct fixture *f = *state;
	const json_t *log, *first;
	char at[OUT_TIME];

	listed(f, promises_main, NULL);
	log = json_object_get(json_array_get(f->json, 0), "attempt_log");
	assert_true(json_is_array(log));
	assert_int_equal(json_array_size(log), 0);

	log = json_object_get(json_array_get(f->json, 1), "attempt_log");
	assert_int_equal(json_array_size(log), 2);
	first = json_array_get(log, 0);
	assert_int_equal(number_of(first, "n"), 1);
	assert_string_equal(text_of(first, "outcome"), "no_answer");
	assert_string_equal(text_of(first, "at"),
			    out_time(at, (f->now - HOUR_MS / 2 + 1) /
						 QUARTER_MS * QUARTER_MS));
	assert_string_equal(text_of(json_array_get(log, 1), "outcome"),
			    "open");
}


static void test_all(void **state)
{
	static const int ids[] = {5, 6, 3, 4, 2};
	struct fixture *f = *state;
	const json_t *row;

	listed(f, promises_main, "--all");
	ids_are(f, ids, STEP_COUNT(ids));

	row = json_array_get(f->json, 1);
	assert_string_equal(text_of(row, "reason"), "duplicate");
	/* what is over is not overdue */
	assert_true(json_is_false(json_object_get(row, "overdue")));
}


static void test_table(void **state)
{
	struct fixture *f = *state;

	CLI_RUN(&f->ran, promises_main, "--data", ".");
	print_message("%s", f->ran.out);
	assert_int_equal(f->ran.code, EXIT_DONE);
	assert_non_null(strstr(f->ran.out, "OVERDUE"));
	assert_non_null(strstr(f->ran.out, "coordinator"));
	assert_non_null(strstr(f->ran.out, "Ana"));
	assert_null(strstr(f->ran.out, NUMBER));
}


static void test_calls(void **state)
{
	static const int ids[] = {7, 6, 5, 4, 3, 2, 1};
	struct fixture *f = *state;

	listed(f, calls_main, NULL);
	ids_are(f, ids, STEP_COUNT(ids));

	for (size_t i = 0; i < STEP_COUNT(held); i++) {
		const json_t *row = json_array_get(f->json,
						   STEP_COUNT(held) - 1 - i);
		const json_t *kind = json_object_get(row, "promise");
		const bool is_short = strcmp(held[i].outcome, "short") == 0;

		assert_int_equal(json_is_true(json_object_get(row, "short")),
				 is_short);
		if (held[i].kind)
			assert_string_equal(json_string_value(kind),
					    held[i].kind);
		else
			assert_true(json_is_null(kind));
		if (held[i].outcome[0])
			assert_string_equal(text_of(row, "outcome"),
					    held[i].outcome);
		else
			assert_true(json_is_null(json_object_get(row,
								 "outcome")));
	}
}


static void test_count(void **state)
{
	struct fixture *f = *state;
	struct owed_count count;
	struct store *store;

	assert_int_equal(store_open(&store, ".", STORE_TOOL), 0);
	assert_int_equal(owed_count(&count, store, f->now), 0);
	store_close(store);
	assert_int_equal(count.n_open, 3);
	assert_int_equal(count.n_overdue, 2);
}


static void test_status(void **state)
{
	struct fixture *f = *state;
	const json_t *promises;

	CLI_RUN(&f->ran, status_main, "--json", "--data", ".");
	assert_int_equal(f->ran.code, EXIT_DONE);
	f->json = json_loads(f->ran.out, 0, NULL);
	promises = json_object_get(f->json, "promises");
	assert_int_equal(number_of(promises, "open"), 3);
	assert_int_equal(number_of(promises, "overdue"), 2);
	assert_true(json_is_false(json_object_get(f->json, "keeper")));

	/* without a store there is no count; the rest is told all the same */
	assert_int_equal(rename("store.db", "elsewhere"), 0);
	CLI_RUN(&f->ran, status_main, "--json", "--data", ".");
	assert_int_equal(f->ran.code, EXIT_DONE);
	json_decref(f->json);
	f->json = json_loads(f->ran.out, 0, NULL);
	assert_true(json_is_null(json_object_get(f->json, "promises")));
	assert_string_equal(text_of(f->json, "state"), "stopped");
}


static void test_nothing_owed(void **state)
{
	struct fixture *f = *state;
	struct store *store;

	assert_int_equal(unlink("store.db"), 0);
	(void)unlink("store.db-wal");
	(void)unlink("store.db-shm");
	assert_int_equal(store_open(&store, ".", STORE_CREATE), 0);
	store_close(store);

	CLI_RUN(&f->ran, promises_main, "--data", ".");
	assert_int_equal(f->ran.code, EXIT_DONE);
	assert_string_equal(f->ran.out, "Nothing is owed to anybody.\n");
	listed(f, promises_main, NULL);
	assert_int_equal(json_array_size(f->json), 0);
}


int main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_open_by_due_time),
		WITH(test_attempts),
		WITH(test_all),
		WITH(test_table),
		WITH(test_calls),
		WITH(test_count),
		WITH(test_status),
		WITH(test_nothing_owed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
