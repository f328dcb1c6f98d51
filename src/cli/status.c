/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * status.c  `ringback status`: who runs, by their locks, and how the line is,
 * by asking it. Must not change anything.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/config_media.h"
#include "base/daemon.h"
#include "base/step.h"
#include "store/epoch.h"
#include "store/store.h"
#include "command.h"
#include "data.h"
#include "exit.h"
#include "opts.h"
#include "out.h"
#include "overdue.h"
#include "owed.h"
#include "telephones.h"
#include "tell.h"


enum {
	ASK_MS = 2000,
	PAUSE_MS = 100, /* between two looks while waiting */
};

struct settings {
	const char *data;
	bool json;
	uint32_t wait_ms;
};

/* "ringback status --json" tells them by these words; stable */
enum state { STOPPED = 0, STARTING, NO_MEDIA, OPEN };

static const char *const state_names[] = {
	[STOPPED] = "stopped",
	[STARTING] = "starting",
	[NO_MEDIA] = "no_media",
	[OPEN] = "open",
};

static const char *const state_words[] = {
	[STOPPED] = "The line is stopped. Start it with: ringback run",
	[STARTING] = "The line is starting.",
	[NO_MEDIA] = "The line runs, but without sound: no call is taken.",
	[OPEN] = "The line is open.",
};

static const char *const trunk_states[] = {
	[WIRE_TRUNK_STATIC] = "static",
	[WIRE_TRUNK_TRYING] = "trying",
	[WIRE_TRUNK_REGISTERED] = "registered",
	[WIRE_TRUNK_REFUSED] = "refused",
};

static const struct {
	const char *lock;
	const char *name;
} processes[] = {
	{"keeper", "ringback"},
	{"line", "ringback-line"},
	{"media", "ringback-media"},
	{"media-1", "ringback-media-1"},
	{"media-2", "ringback-media-2"},
	{"media-3", "ringback-media-3"},
	{"media-4", "ringback-media-4"},
	{"media-5", "ringback-media-5"},
	{"media-6", "ringback-media-6"},
	{"media-7", "ringback-media-7"},
	{"media-8", "ringback-media-8"},
	{"web", "ringback-web"},
};
_Static_assert(LIMIT_MEDIA == 8, "a row for each");

struct answer {
	bool came;
	bool counted; /* promises could be read */
	bool unsealed; /* there is no recovery key */
	bool phoned;   /* telephones could be counted */
	struct telephones phones;
	struct owed_count owed;
	struct wire_status status;
	struct wire_trunk *trunks; /* malloc */
	size_t n_trunks;
};

static const struct opt rows[] = {
	OPT_DATA(settings),
	OPT_JSON(settings),
	{OPT_SECONDS, "--wait", "SECONDS", offsetof(struct settings, wait_ms),
	 "wait so long for the line to open; exit 1 if it does not", 0, 0,
	 NULL},
};

static const struct opts options = {
	"ringback status [--wait SECONDS] [--json] [--data DIR]",
	"Says what runs, who waits and who talks.",
	rows, STEP_COUNT(rows),
};

static const struct out_column process_columns[] = {
	{"PROCESS", "name", OUT_TEXT},
	{"PID", "pid", OUT_NUMBER},
	{"SINCE", "since", OUT_TEXT},
	{"STATE", "state", OUT_TEXT},
	{"VERSION", "version", OUT_TEXT},
};

static const struct out_column trunk_columns[] = {
	{"TRUNK", "name", OUT_TEXT},
	{"STATE", "state", OUT_TEXT},
	{"CERTIFICATE REFUSED", "certificate_refused", OUT_TEXT},
};


static void line_ask(struct answer *a)
{
	memset(a, 0, sizeof(*a));
	a->came = tell_status(ASK_MS, &a->status, &a->trunks,
			      &a->n_trunks) == 0;
}


static enum state state_of(const struct answer *a)
{
	if (a->came)
		return a->status.n_media_up ? OPEN : NO_MEDIA;

	return daemon_running("keeper", NULL) || daemon_running("line", NULL)
		       ? STARTING
		       : STOPPED;
}


/* of a store that is locked or not ours, the rest can be told all the same */
static void store_look(struct answer *a)
{
	struct store_recovery recovery;
	struct store *store;

	if (store_open(&store, ".", STORE_TOOL))
		return;

	a->counted = owed_count(&a->owed, store,
				(int64_t)time(NULL) * 1000) == 0;
	a->phoned = telephones_count(&a->phones, store) == 0;
	a->unsealed = store_recovery_get(store, &recovery) == ENOENT;
	store_close(store);
}


static json_t *promises_json(const struct answer *a)
{
	if (!a->counted)
		return json_null();

	return json_pack("{s:I, s:I}",
			 "open", (json_int_t)a->owed.n_open,
			 "overdue", (json_int_t)a->owed.n_overdue);
}


/* of those promises: only the line knows which it can open */
static json_t *numbers_json(const struct answer *a)
{
	if (!a->came)
		return json_null();

	return json_pack("{s:I, s:I}",
			 "waiting", (json_int_t)a->status.n_number_waits,
			 "unbacked", (json_int_t)a->status.n_unbacked);
}


/* a media process that was replaced is there as long as its calls */
static void process_add(struct out_rows *list, const char *lock,
			const char *name)
{
	struct daemon_info info;
	char since[OUT_TIME];

	if (!daemon_running(lock, &info))
		return;
	(void)out_add(list,
		      json_pack("{s:s, s:I, s:s, s:s, s:s}", "name", name,
				"pid", (json_int_t)info.pid,
				"since", out_time(since, info.since),
				"state", info.leaves  ? "draining"
					 : info.ready ? "ready" : "starting",
				"version", info.version));
}


static struct out_rows processes_list(void)
{
	struct out_rows list = {.array = json_array()};
	char lock[LIMIT_NAME], name[LIMIT_NAME];

	for (size_t i = 0; i < STEP_COUNT(processes); i++) {
		const bool media = strncmp(processes[i].lock, "media", 5) == 0;

		for (uint32_t k = 0; k < (media ? LIMIT_LIVES : 1); k++) {
			config_media_life(lock, processes[i].lock, k);
			config_media_life(name, processes[i].name, k);
			process_add(&list, lock, name);
		}
	}

	return list;
}


static struct out_rows trunks_list(const struct answer *a)
{
	struct out_rows list = {.array = json_array()};

	for (size_t i = 0; i < a->n_trunks; i++) {
		struct wire_trunk *t = &a->trunks[i];

		t->name[sizeof(t->name) - 1] = '\0';
		t->why[sizeof(t->why) - 1] = '\0';
		if (t->state >= STEP_COUNT(trunk_states))
			continue;
		(void)out_add(&list, json_pack("{s:s, s:s, s:o}", "name",
					       t->name, "state",
					       trunk_states[t->state],
					       "certificate_refused",
					       out_text(t->why)));
	}

	return list;
}


/* of the last 24 hours */
static json_t *ring_backs_json(const struct answer *a)
{
	if (!a->came)
		return json_null();

	return json_pack("{s:I, s:I, s:b, s:I}",
			 "today", (json_int_t)a->status.n_rung_back,
			 "most", (json_int_t)a->status.most_rung_back,
			 "spent", (int)(a->status.rung_back_s > 0),
			 "wait_seconds", (json_int_t)a->status.rung_back_s);
}


static int json_print(const struct answer *a)
{
	struct out_rows procs = processes_list();
	struct out_rows trunks = trunks_list(a);
	json_t *phones = a->phoned ? telephones_json(&a->phones)
				   : json_null();

	/* a NULL array makes json_pack() fail, which out_json() says */
	return out_json(json_pack(
		"{s:s, s:b, s:o, s:{s:i, s:i}, s:b, s:{s:i, s:i, s:i},"
		" s:{s:b, s:i}, s:o, s:i, s:o,"
		" s:o, s:o, s:o, s:o}",
		"state", state_names[state_of(a)],
		"keeper", (int)daemon_running("keeper", NULL),
		"processes", procs.array,
		"media",
		"processes", (int)a->status.n_media,
		"up", (int)a->status.n_media_up,
		"unwritten", (int)a->status.behind,
		"calls",
		"arriving", (int)a->status.n_arriving,
		"waiting", (int)a->status.n_waiting,
		"talking", (int)a->status.n_talking,
		"flood",
		"on", (int)a->status.flood,
		"turned_away", (int)a->status.n_turned_away,
		"ring_backs", ring_backs_json(a),
		"on_duty", (int)a->status.n_on_duty,
		"promises", promises_json(a),
		"telephones", phones,
		"numbers", numbers_json(a),
		"trunks", trunks.array,
		"overdue", overdue_lines()));
}


static int plain_print(const struct answer *a)
{
	struct out_rows list = processes_list();
	int code;

	printf("%s\n", state_words[state_of(a)]);
	if (state_of(a) != STOPPED && !daemon_running("keeper", NULL))
		printf("No keeper runs: whatever ends is not started again."
		       " Start one with: ringback run\n");
	if (a->came)
		printf("%u calls arriving, %u waiting, %u talking;"
		       " %u on duty.\n",
		       a->status.n_arriving, a->status.n_waiting,
		       a->status.n_talking, a->status.n_on_duty);
	if (a->status.behind)
		printf("The store cannot be written: calls are answered, and "
		       "what is to be put on record\nwaits in memory. Is the "
		       "disk full, or read-only? See the log.\n");
	if (a->came && a->status.n_media > 1)
		printf("%u of %u media processes answer.\n",
		       a->status.n_media_up, a->status.n_media);
	if (a->came && a->status.flood)
		printf("A flood of calls: callers are asked for a key before"
		       " anybody is rung for them,\nor hear that it is busy."
		       " %u were turned away.\n",
		       a->status.n_turned_away);
	if (a->came && a->status.rung_back_s)
		printf("%u callers were rung back within a day, and no more may"
		       " be (ring_backs_a_day):\nwho is promised it waits for"
		       " another %u minutes, nobody else is offered it.\n",
		       a->status.n_rung_back,
		       a->status.rung_back_s / 60 + 1);
	if (a->counted)
		printf("%u promises open, %u of them overdue.\n",
		       a->owed.n_open, a->owed.n_overdue);
	if (a->phoned)
		telephones_print(&a->phones);
	if (a->status.n_number_waits)
		printf("%u callers cannot be rung back: the key to their"
		       " numbers is lost. As soon as a\ncoordinator signs in,"
		       " that page brings them back.\n",
		       a->status.n_number_waits);
	if (a->status.n_unbacked)
		printf("%u numbers were taken while there was no recovery key:"
		       " a power loss would lose\nthem for good.\n",
		       a->status.n_unbacked);
	if (a->unsealed)
		printf("There is no recovery key yet, and nothing is kept"
		       " unsealed: messages cannot be left.\nMake one:"
		       " ringback recovery make\n");
	overdue_say();

	printf("\n");
	code = out_list(&list, false, process_columns,
			STEP_COUNT(process_columns), "No process runs.");
	if (code != EXIT_DONE || !a->came)
		return code;

	printf("\n");
	list = trunks_list(a);
	return out_list(&list, false, trunk_columns,
			STEP_COUNT(trunk_columns),
			"No trunk: nobody's calls are let in.");
}


static uint64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


/* several processes have to be ready: there is no one event to wait for */
static void wait_open(struct answer *a, uint32_t wait_ms)
{
	const struct timespec pause = {0, PAUSE_MS * 1000000L};
	const uint64_t until = now_ms() + wait_ms;

	line_ask(a);
	while (state_of(a) != OPEN && now_ms() < until) {
		(void)nanosleep(&pause, NULL);
		free(a->trunks);
		line_ask(a);
	}
}


int status_main(int argc, char *argv[])
{
	struct settings set = {0};
	struct answer answer;
	int err, code;

	err = opts_read(&options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (data_enter(set.data))
		return EXIT_FAILED;

	wait_open(&answer, set.wait_ms);
	store_look(&answer);
	code = set.json ? json_print(&answer) : plain_print(&answer);
	if (code == EXIT_DONE && set.wait_ms && state_of(&answer) != OPEN)
		code = EXIT_FAILED;
	free(answer.trunks);

	return code;
}
