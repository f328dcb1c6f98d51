/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * promise.c  `ringback promise`: what somebody does about what is owed. Asks
 * the running line, which alone changes a promise: nothing is done twice.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/step.h"
#include "core/core.h"
#include "command.h"
#include "data.h"
#include "exit.h"
#include "listen.h"
#include "nearest.h"
#include "opts.h"
#include "tell.h"


enum {
	REASONS_TEXT = 256,
	MINUTES_MAX = CORE_SNOOZE_MS / 60000,
};

struct settings {
	const char *data;
	const char *id;
	const char *person;
	const char *reason;
	const char *wav;
	uint32_t minutes;
};

#define ROW_ID                                                                \
	{OPT_PLACE, "ID", NULL, offsetof(struct settings, id),                \
	 "number of the call, see ringback promises", 0, 0, NULL}
#define ROW_PERSON(help)                                                      \
	{OPT_TEXT, "--person", "NAME", offsetof(struct settings, person),     \
	 help, 0, 0, NULL}

static const struct opt take_rows[] = {
	OPT_DATA(settings), ROW_ID, ROW_PERSON("who sees to it from now on"),
};

static const struct opts take_options = {
	"ringback promise take ID --person NAME [--data DIR]",
	"Gives a promise to a person, whoever had it before.",
	take_rows, STEP_COUNT(take_rows),
};

static const struct opt keep_rows[] = {
	OPT_DATA(settings), ROW_ID, ROW_PERSON("who has dealt with it"),
};

static const struct opts keep_options = {
	"ringback promise keep ID [--person NAME] [--data DIR]",
	"Says that a promise is kept: the caller was reached, or the message"
	" dealt with.",
	keep_rows, STEP_COUNT(keep_rows),
};

static const struct opt close_rows[] = {
	OPT_DATA(settings), ROW_ID,
	{OPT_TEXT, "--reason", "REASON", offsetof(struct settings, reason),
	 "why it cannot be kept, or need not", 0, 0, NULL},
};

static const struct opt snooze_rows[] = {
	OPT_DATA(settings), ROW_ID,
	{OPT_NUMBER, "--minutes", "M", offsetof(struct settings, minutes),
	 "due so much later", 1, MINUTES_MAX, NULL},
};

static const struct opts snooze_options = {
	"ringback promise snooze ID --minutes M [--data DIR]",
	"Puts off when a promise is due: three times at most, and a day beyond"
	" its first\ndue time.",
	snooze_rows, STEP_COUNT(snooze_rows),
};

static const struct opt ring_rows[] = {OPT_DATA(settings), ROW_ID};

static const struct opts ring_options = {
	"ringback promise ring ID [--data DIR]",
	"Rings the caller back at the next turn, however often it was tried.",
	ring_rows, STEP_COUNT(ring_rows),
};

static const struct opt listen_rows[] = {
	OPT_DATA(settings), ROW_ID,
	{OPT_TEXT, "--wav", "FILE", offsetof(struct settings, wav),
	 "write the message there; must not exist", 0, 0, NULL},
};

static const struct opts listen_options = {
	"ringback promise listen ID --wav FILE [--data DIR]",
	"Opens a caller's message without the console: reads the words of shares"
	" of the\nrecovery key from standard input, an empty line after each,"
	" and writes what was\nsaid into a file for you alone. Delete it when"
	" you have heard it.",
	listen_rows, STEP_COUNT(listen_rows),
};

enum { ANY = WIRE_PROMISE_VERBS };

/* the line's answers, see struct wire_promise */
static const struct {
	int err;
	uint32_t verb; /* or ANY */
	const char *why;
} refusals[] = {
	{ENOENT, ANY,
	 "there is no open promise of that call; ringback promises"
	 " shows what is open"},
	{ERANGE, ANY,
	 "it cannot be put off so far, or any more: three times, and a"
	 " day beyond the first due time, are the most. Ring the caller, or"
	 " give it to somebody else: ringback promise take"},
	{EPERM, WIRE_PROMISE_TAKE,
	 "that person is off duty and cannot see to it; ringback person on"
	 " puts people on duty"},
	{EPERM, ANY,
	 "there is no number to ring; see whether there is a message:"
	 " ringback promise listen"},
	{EBUSY, ANY,
	 "the caller is being rung back just now, or is on the line;"
	 " try again when that is over"},
};


static int refused_say(const struct wire_promise *p,
		       const struct wire_refused *r)
{
	for (size_t i = 0; i < STEP_COUNT(refusals); i++) {
		if (refusals[i].err == r->err &&
		    (refusals[i].verb == p->verb ||
		     refusals[i].verb == ANY)) {
			fprintf(stderr, "ringback: %s\n", refusals[i].why);
			return EXIT_FAILED;
		}
	}

	fprintf(stderr, "ringback: the line could not do it: %.*s (%s)\n",
		(int)sizeof(r->reason), r->reason, strerror(r->err));
	return EXIT_FAILED;
}


static int no_answer(int err)
{
	if (err == ENOENT || err == ECONNREFUSED)
		fprintf(stderr,
			"ringback: the line does not run, and only a running"
			" line changes promises. Start it with: ringback"
			" run\n");
	else
		fprintf(stderr,
			"ringback: the running line did not answer (%s);"
			" ringback promises shows whether it was done\n",
			strerror(err));

	return EXIT_FAILED;
}


static int ask(const struct wire_promise *p)
{
	struct wire_refused refused;
	int err;

	err = tell_ask(WIRE_PROMISE, p, &refused);
	if (err)
		return no_answer(err);

	return refused.err ? refused_say(p, &refused) : EXIT_DONE;
}


static int id_take(uint64_t *idp, const char *text, const struct opts *o)
{
	char *end;

	errno = 0;
	*idp = strtoull(text, &end, 10);
	if (errno || *end || *text < '0' || *text > '9' || !*idp)
		return opts_wrong(o, "ID is a number, as ringback promises"
				     " shows it");

	return 0;
}


/* the folder has been entered */
static int person_find(uint32_t *idp, const char *name)
{
	struct store_person person;
	struct store *store;
	int err;

	err = data_store(&store, ".");
	if (err)
		return err;

	err = store_person_get(store, name, &person);
	store_close(store);
	if (err == ENOENT)
		fprintf(stderr, "ringback: there is no person of that name;"
				" ringback person list shows them\n");
	else if (err)
		fprintf(stderr, "ringback: the store could not be read: %s\n",
			strerror(err));
	else
		*idp = person.id;
	secret_wipe(&person.phone);

	return err;
}


static const char *reasons_put(char text[REASONS_TEXT])
{
	size_t n = 0;

	text[0] = '\0';
	for (unsigned i = CLOSE_NONE + 1; i < CLOSE_REASONS; i++) {
		n += (size_t)snprintf(
			text + n, REASONS_TEXT - n, "%s%s",
			i == CLOSE_NONE + 1 ? "" : ", ",
			close_reason_name((enum close_reason)i));
		if (n >= REASONS_TEXT)
			break;
	}

	return text;
}


static int reason_take(uint32_t *reasonp, const char *word,
		       const struct opts *o)
{
	const char *names[CLOSE_REASONS];
	char all[REASONS_TEXT];
	enum close_reason reason;
	const char *near;

	if (close_reason_decode(&reason, word) == 0 && reason != CLOSE_NONE) {
		*reasonp = reason;
		return 0;
	}

	for (unsigned i = CLOSE_NONE + 1; i < CLOSE_REASONS; i++)
		names[i - 1] = close_reason_name((enum close_reason)i);
	near = nearest(word, names, CLOSE_REASONS - 1);
	if (near)
		return opts_wrong(o, "there is no such reason; did you mean"
				     " \"%s\"? Reasons: %s", near,
				  reasons_put(all));

	return opts_wrong(o, "there is no such reason. Reasons: %s",
			  reasons_put(all));
}


/* what the options say: into p, but for the person */
static int promise_read(struct wire_promise *p, struct settings *set,
			const struct opts *o, int argc, char *argv[])
{
	int err;

	err = opts_read(o, argc, argv, set);
	if (err)
		return err;

	p->minutes = set->minutes;
	return id_take(&p->call, set->id, o);
}


static int promise_send(struct wire_promise *p, const struct settings *set)
{
	if (data_enter(set->data))
		return EXIT_FAILED;
	if (set->person && person_find(&p->person, set->person))
		return EXIT_FAILED;

	return ask(p);
}


static int take_main(int argc, char *argv[])
{
	struct wire_promise p = {.verb = WIRE_PROMISE_TAKE};
	struct settings set = {0};
	int err;

	err = promise_read(&p, &set, &take_options, argc, argv);
	if (!err && !set.person)
		err = opts_wrong(&take_options, "--person is missing");

	return err ? opts_exit(err) : promise_send(&p, &set);
}


static int keep_main(int argc, char *argv[])
{
	struct wire_promise p = {.verb = WIRE_PROMISE_KEEP};
	struct settings set = {0};
	int err;

	err = promise_read(&p, &set, &keep_options, argc, argv);

	return err ? opts_exit(err) : promise_send(&p, &set);
}


static int close_main(int argc, char *argv[])
{
	struct wire_promise p = {.verb = WIRE_PROMISE_CLOSE};
	struct settings set = {0};
	char about[REASONS_TEXT + 128], all[REASONS_TEXT];
	const struct opts o = {
		"ringback promise close ID --reason REASON [--data DIR]",
		about, close_rows, STEP_COUNT(close_rows),
	};
	int err;

	(void)snprintf(about, sizeof(about),
		       "Closes a promise that is not kept. Reasons:\n  %s.",
		       reasons_put(all));

	err = promise_read(&p, &set, &o, argc, argv);
	if (!err && !set.reason)
		err = opts_wrong(&o, "--reason is missing");
	if (!err)
		err = reason_take(&p.reason, set.reason, &o);

	return err ? opts_exit(err) : promise_send(&p, &set);
}


static int snooze_main(int argc, char *argv[])
{
	struct wire_promise p = {.verb = WIRE_PROMISE_SNOOZE};
	struct settings set = {0};
	int err;

	err = promise_read(&p, &set, &snooze_options, argc, argv);
	if (!err && !set.minutes)
		err = opts_wrong(&snooze_options, "--minutes is missing");

	return err ? opts_exit(err) : promise_send(&p, &set);
}


static int ring_main(int argc, char *argv[])
{
	struct wire_promise p = {.verb = WIRE_PROMISE_RING};
	struct settings set = {0};
	int err;

	err = promise_read(&p, &set, &ring_options, argc, argv);

	return err ? opts_exit(err) : promise_send(&p, &set);
}


static int listen_main(int argc, char *argv[])
{
	struct wire_promise p = {0};
	struct settings set = {0};
	char path[LIMIT_PATH];
	int err;

	err = promise_read(&p, &set, &listen_options, argc, argv);
	if (!err && !set.wav)
		err = opts_wrong(&listen_options, "--wav is missing");
	if (err)
		return opts_exit(err);

	if (data_path(path, sizeof(path), set.wav) || data_enter(set.data))
		return EXIT_FAILED;

	return listen_copy(path, p.call) ? EXIT_FAILED : EXIT_DONE;
}


static const struct command verbs[] = {
	{"take", "give it to a person", take_main},
	{"keep", "it is kept", keep_main},
	{"close", "it is not kept, for a reason", close_main},
	{"snooze", "it is due later", snooze_main},
	{"ring", "ring the caller back at the next turn", ring_main},
	{"listen", "open the caller's message with the recovery key", listen_main},
};

static const struct commands promise = {
	.noun = "ringback promise",
	.about = "A promise is what is owed to a caller; ringback promises"
		 " lists them. All but\nlisten need a running line.",
	.rows = verbs,
	.n = STEP_COUNT(verbs),
};


int promise_main(int argc, char *argv[])
{
	return command_run(&promise, argc, argv);
}
