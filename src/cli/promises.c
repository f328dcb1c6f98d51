/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * promises.c  `ringback promises`: what is owed to callers, and since when it
 * is due. Says whether there is a number, never which.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/step.h"
#include "epoch/numbers.h"
#include "command.h"
#include "data.h"
#include "exit.h"
#include "opts.h"
#include "out.h"
#include "owed.h"


struct settings {
	const char *data;
	bool all;
	bool json;
};

struct listing {
	struct out_rows rows;
	int64_t now;
	uint32_t dialler; /* the current key, 0 none */
	bool json;
};

static const struct opt rows[] = {
	OPT_DATA(settings),
	OPT_JSON(settings),
	{OPT_FLAG, "--all", NULL, offsetof(struct settings, all),
	 "also those that are kept, declined or closed", 0, 0, NULL},
};

static const struct opts options = {
	"ringback promises [--all] [--json] [--data DIR]",
	"Lists what is owed to callers, by due time: ring_back, message,"
	" cut_off (our own\nfault broke off their waiting). ID is the number"
	" of the call. LEVEL is who must see to\nit now: the owner; once it is"
	" overdue, everybody on_duty, then the coordinator.",
	rows, STEP_COUNT(rows),
};

static const struct out_column columns[] = {
	{"ID", "id", OUT_NUMBER},       {"DUE", "due_at", OUT_TEXT},
	{"OVERDUE", "overdue", OUT_YES}, {"KIND", "kind", OUT_TEXT},
	{"LINE", "line", OUT_TEXT},     {"LANG", "language", OUT_TEXT},
	{"OWNER", "owner", OUT_TEXT},   {"STATE", "state", OUT_TEXT},
	{"LEVEL", "level", OUT_TEXT},   {"TRIED", "attempts", OUT_NUMBER},
	{"NUMBER", "number", OUT_TEXT}, {"REASON", "reason", OUT_TEXT},
};


/* whoever owns it may have been removed meanwhile */
static json_t *owner(const struct store_promise *p, bool json)
{
	if (p->owner_name[0])
		return json_string(p->owner_name);

	return json ? json_null() : json_string("coordinator");
}


static bool promise_handler(const struct store_promise *p, void *arg)
{
	struct listing *l = arg;
	char due[OUT_TIME];

	return out_add(
		&l->rows,
		json_pack("{s:I, s:I, s:s, s:s, s:o, s:s, s:I, s:s, s:s, s:s,"
			  " s:b, s:s, s:s, s:s, s:b, s:s, s:o}",
			  "id", (json_int_t)p->call,
			  "call", (json_int_t)p->call,
			  "kind", p->kind,
			  "due_at", out_time(due, p->due_at),
			  "owner", owner(p, l->json),
			  "state", p->state,
			  "attempts", (json_int_t)p->n_attempts,
			  "line", p->line,
			  "language", p->language,
			  "level", p->level,
			  "overdue", (int)owed_overdue(p, l->now),
			  "words", p->words,
			  "hours", p->hours,
			  "shown", p->shown,
			  "has_number", (int)number_is(&p->number),
			  "number", number_state(&p->number, l->dialler),
			  "reason", out_text(p->reason)));
}


static bool attempt_handler(const struct store_attempt *a, void *arg)
{
	char at[OUT_TIME];

	return out_add(arg, json_pack("{s:I, s:s, s:s}",
				      "n", (json_int_t)a->n,
				      "at", out_time(at, a->at),
				      "outcome", a->outcome));
}


static int log_add(struct store *store, json_t *row)
{
	const json_t *id = json_object_get(row, "id");
	struct out_rows log = {.array = json_array()};
	int err;

	err = store_attempt_each(store, (uint64_t)json_integer_value(id),
				 attempt_handler, &log);
	if (!err && (log.failed || !log.array))
		err = ENOMEM;
	if (err) {
		out_drop(&log);
		return err;
	}

	return json_object_set_new(row, "attempt_log", log.array) ? ENOMEM
								  : 0;
}


/* a promise's attempts are read when all promises have been: see store.h */
static int read_all(struct listing *l, struct store *store, bool all)
{
	struct store_dialler dialler = {.id = 0};
	json_t *row;
	size_t i;
	int err;

	(void)store_dialler_current(store, &dialler);
	l->dialler = dialler.id;
	err = store_promise_each(store, all, promise_handler, l);

	json_array_foreach(l->rows.array, i, row) {
		if (!err)
			err = log_add(store, row);
	}

	return err;
}


int promises_main(int argc, char *argv[])
{
	struct settings set = {0};
	struct listing l = {.now = (int64_t)time(NULL) * 1000};
	struct store *store;
	int err;

	err = opts_read(&options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (data_store(&store, set.data))
		return EXIT_FAILED;

	l.json = set.json;
	err = read_all(&l, store, set.all);
	store_close(store);
	if (err) {
		out_drop(&l.rows);
		fprintf(stderr, "ringback: the record could not be read: %s\n",
			strerror(err));
		return EXIT_FAILED;
	}

	return out_list(&l.rows, set.json, columns, STEP_COUNT(columns),
			"Nothing is owed to anybody.");
}
