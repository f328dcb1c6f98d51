/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * retention.c  `ringback retention`: what is kept of each line, until when, and
 * whether what was due is gone. Must not decide when it is due.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/step.h"
#include "epoch/epochs.h"
#include "epoch/retention.h"
#include "command.h"
#include "data.h"
#include "exit.h"
#include "opts.h"
#include "out.h"
#include "overdue.h"
#include "when.h"


struct settings {
	const char *data;
	bool json;
	bool now;
};

static const struct opt rows[] = {
	OPT_DATA(settings),
	OPT_JSON(settings),
	{OPT_FLAG, "--now", NULL, offsetof(struct settings, now),
	 "delete what is due first, by today's clock: is it right? ringback run"
	 " does so each hour", 0, 0,
	 NULL},
};

static const struct opts options = {
	"ringback retention [--now] [--json] [--data DIR]",
	"Shows what is kept of each line, and when something is deleted next:"
	" keep_notes and\nkeep_calls of the configuration say it, in whole"
	" months.",
	rows, STEP_COUNT(rows),
};

static const struct out_column columns[] = {
	{"LINE", "line", OUT_TEXT},
	{"NOTES", "keep_notes", OUT_NUMBER},
	{"CALLS", "keep_calls", OUT_NUMBER},
	{"OLDEST", "oldest", OUT_TEXT},
	{"DELETES", "due", OUT_TEXT},
	{"OVERDUE", "overdue", OUT_YES},
};


static json_t *time_json(int64_t ms)
{
	char text[OUT_TIME];

	return out_text(ms ? out_time(text, ms) : "");
}


static bool line_add(const struct retention *r, void *arg)
{
	return out_add(arg, json_pack(
		"{s:s, s:i, s:i, s:i, s:o, s:o, s:b, s:i, s:i, s:b, s:o, s:b}",
		"line", r->line,
		"keep_notes", (int)r->keep_notes,
		"keep_calls", (int)r->keep_calls,
		"keep_messages", (int)r->keep_messages,
		"oldest", time_json(r->oldest),
		"due", time_json(r->due),
		"overdue", r->overdue,
		"held", (int)r->n_held,
		"messages", (int)r->n_messages,
		"alarm", retention_alarm(r),
		"looked", time_json(r->looked),
		"clock_doubted", r->doubted));
}


static int run(struct store *store, const struct config *cfg)
{
	struct retention_gone gone;
	int err;

	/* a month that has begun makes the one before deletable */
	err = epochs_keep_all(store, cfg, when_now());
	if (!err || err == ENOKEY)
		err = retention_run(store, cfg, when_now(), &gone);
	if (err)
		fprintf(stderr, "ringback: what is due could not all be"
			" deleted: %s. Run this again.\n", strerror(err));

	return err;
}


static int show(struct store *store, const struct config *cfg,
		const struct settings *set)
{
	struct out_rows list = {.array = json_array()};
	int err;

	err = retention_each(store, cfg, when_now(), line_add, &list);
	if (err) {
		fprintf(stderr, "ringback: the store could not be read: %s\n",
			strerror(err));
		out_drop(&list);
		return EXIT_FAILED;
	}


	return out_list(&list, set->json, columns, STEP_COUNT(columns),
			"No line.");
}


int retention_main(int argc, char *argv[])
{
	struct settings set = {0};
	struct config *cfg;
	struct store *store;
	int code = EXIT_DONE, err;

	err = opts_read(&options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (data_enter(set.data) || config_read(&cfg, "."))
		return EXIT_FAILED;
	if (sodium_init() < 0 || data_store(&store, ".")) {
		config_free(cfg);
		return EXIT_FAILED;
	}

	if (set.now && run(store, cfg))
		code = EXIT_FAILED;
	if (code == EXIT_DONE)
		code = show(store, cfg, &set);
	store_close(store);
	config_free(cfg);
	if (code == EXIT_DONE && !set.json)
		overdue_say();

	return code;
}
