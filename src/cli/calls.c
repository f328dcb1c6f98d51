/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * calls.c  `ringback calls`: the calls for help on record. There is no number
 * in the record, so none can be shown.
 */
#include <errno.h>
#include <stdio.h>

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

static const struct opt rows[] = {
	OPT_DATA(settings),
	OPT_JSON(settings),
	{OPT_NUMBER, "--limit", "N", offsetof(struct settings, limit),
	 "only the newest N", 1, 1000000, NULL},
};

static const struct opts options = {
	"ringback calls [--limit N] [--json] [--data DIR]",
	"Lists the calls for help on record, newest first. Outcomes: talked,"
	" message,\nring_back, gave_up, short, blocked, closed; none while"
	" the call is open.",
	rows, STEP_COUNT(rows),
};

static const struct out_column columns[] = {
	{"CALL", "id", OUT_NUMBER},        {"ARRIVED", "arrived_at", OUT_TEXT},
	{"LINE", "line", OUT_TEXT},        {"LANG", "language", OUT_TEXT},
	{"STATE", "state", OUT_TEXT},      {"OUTCOME", "outcome", OUT_TEXT},
	{"REASON", "reason", OUT_TEXT},    {"WAITED", "wait_ms", OUT_MS},
	{"TALKED", "talk_ms", OUT_MS},     {"WITH", "counsellor", OUT_TEXT},
};


static bool call_handler(const struct store_call *call, void *arg)
{
	char at[OUT_TIME];
	json_t *row;

	row = json_pack("{s:I, s:s, s:s, s:s, s:o, s:o, s:s, s:I, s:I, s:o}",
			"id", (json_int_t)call->id,
			"line", call->line,
			"language", call->language,
			"state", call->state,
			"outcome", out_text(call->outcome),
			"reason", out_text(call->reason),
			"arrived_at", out_time(at, call->arrived_at),
			"wait_ms", (json_int_t)call->wait_ms,
			"talk_ms", (json_int_t)call->talk_ms,
			"counsellor", out_text(call->counsellor_name));

	return out_add(arg, row);
}


int calls_main(int argc, char *argv[])
{
	struct settings set = {0};
	struct store *store;
	struct out_rows list = {0};
	int err;

	err = opts_read(&options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (data_store(&store, set.data))
		return EXIT_FAILED;

	err = store_call_each(store, set.limit, call_handler, &list);
	store_close(store);
	if (err) {
		out_drop(&list);
		fprintf(stderr, "ringback: the record could not be read\n");
		return EXIT_FAILED;
	}

	return out_list(&list, set.json, columns, STEP_COUNT(columns),
			"No call for help is on record yet.");
}
