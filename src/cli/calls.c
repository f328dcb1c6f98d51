/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * calls.c  `ringback calls`: the calls for help on record. There is no number
 * in the record, so none can be shown.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/step.h"
#include "command.h"
#include "data.h"
#include "exit.h"
#include "opts.h"
#include "out.h"


struct settings {
	const char *data;
	bool json;
	uint32_t limit;
};

enum { KEY = 24 };

struct listing {
	struct out_rows rows;
	json_t *kinds; /* number of a call: what was promised */
};

static const struct opt rows[] = {
	OPT_DATA(settings),
	OPT_JSON(settings),
	{OPT_NUMBER, "--limit", "N", offsetof(struct settings, limit),
	 "only the newest N", 1, 1000000, NULL},
};

static const struct opts options = {
	"ringback calls [--limit N] [--json] [--data DIR]",
	"Lists the calls for help on record, newest first. Outcomes:\n"
	"  talked        caller and counsellor were connected\n"
	"  promise_kept  rung back and talked, or the message was dealt with\n"
	"  declined      the caller wants nothing more from us\n"
	"  gave_up       hung up while waiting\n"
	"  short         the same, within the first seconds\n"
	"  blocked       refused; REASON says why\n"
	"  closed        by a coordinator; REASON says why\n"
	"None while the call is open: a promise may be owed, see ringback"
	" promises.",
	rows, STEP_COUNT(rows),
};

static const struct out_column columns[] = {
	{"CALL", "id", OUT_NUMBER},        {"ARRIVED", "arrived_at", OUT_TEXT},
	{"LINE", "line", OUT_TEXT},        {"LANG", "language", OUT_TEXT},
	{"STATE", "state", OUT_TEXT},      {"OUTCOME", "outcome", OUT_TEXT},
	{"REASON", "reason", OUT_TEXT},    {"PROMISE", "promise", OUT_TEXT},
	{"WAITED", "wait_ms", OUT_MS},     {"TALKED", "talk_ms", OUT_MS},
	{"WITH", "counsellor", OUT_TEXT},
};


static const char *key_of(char key[KEY], uint64_t call)
{
	(void)snprintf(key, KEY, "%" PRIu64, call);
	return key;
}


static bool promise_handler(const struct store_promise *p, void *arg)
{
	struct listing *l = arg;
	char key[KEY];

	l->rows.failed |= json_object_set_new(l->kinds, key_of(key, p->call),
					      json_string(p->kind)) != 0;
	return l->rows.failed;
}


/* new: what was promised in a call, or null */
static json_t *promise_of(const struct listing *l, uint64_t call)
{
	char key[KEY];
	json_t *kind = json_object_get(l->kinds, key_of(key, call));

	return kind ? json_incref(kind) : json_null();
}


/* new: how it sounded in the browser, or null */
static json_t *sound_of(const struct store_sound *s)
{
	if (!s->n_reports)
		return json_null();

	return json_pack("{s:I, s:i, s:i, s:i, s:i}",
			 "reports", (json_int_t)s->n_reports,
			 "loss_mean", (int)s->loss_mean,
			 "loss_worst", (int)s->loss_worst,
			 "jitter_ms", (int)s->jitter_ms,
			 "rtt_ms", (int)s->rtt_ms);
}


static bool call_handler(const struct store_call *call, void *arg)
{
	struct listing *l = arg;
	char at[OUT_TIME];
	json_t *row;

	row = json_pack("{s:I, s:s, s:s, s:s, s:o, s:o, s:s, s:I, s:I, s:o,"
			" s:o, s:b, s:o}",
			"id", (json_int_t)call->id,
			"line", call->line,
			"language", call->language,
			"state", call->state,
			"outcome", out_text(call->outcome),
			"reason", out_text(call->reason),
			"arrived_at", out_time(at, call->arrived_at),
			"wait_ms", (json_int_t)call->wait_ms,
			"talk_ms", (json_int_t)call->talk_ms,
			"counsellor", out_text(call->counsellor_name),
			"promise", promise_of(l, call->id),
			"short", strcmp(call->outcome, "short") == 0,
			"sound", sound_of(&call->sound));

	return out_add(&l->rows, row);
}


static int read_all(struct listing *l, struct store *store, uint32_t limit)
{
	int err;

	l->kinds = json_object();
	if (!l->kinds)
		return ENOMEM;

	err = store_promise_each(store, true, promise_handler, l);
	if (!err)
		err = store_call_each(store, limit, call_handler, l);
	json_decref(l->kinds);

	return err;
}


int calls_main(int argc, char *argv[])
{
	struct settings set = {0};
	struct store *store;
	struct listing l = {0};
	int err;

	err = opts_read(&options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (data_store(&store, set.data))
		return EXIT_FAILED;

	err = read_all(&l, store, set.limit);
	store_close(store);
	if (err) {
		out_drop(&l.rows);
		fprintf(stderr, "ringback: the record could not be read\n");
		return EXIT_FAILED;
	}

	return out_list(&l.rows, set.json, columns, STEP_COUNT(columns),
			"No call for help is on record yet.");
}
