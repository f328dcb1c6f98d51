/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * audit.c  `ringback audit`: who did what that others may ask about. Shows ids
 * alone, so that the listing may be handed on as it is.
 */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/step.h"
#include "store/audit.h"
#include "command.h"
#include "data.h"
#include "exit.h"
#include "opts.h"
#include "out.h"


enum { HEX = 2 * STORE_HASH + 1 };

struct settings {
	const char *data;
	const char *head;
	bool json;
};

static const struct opt list_rows[] = {
	OPT_DATA(settings),
	OPT_JSON(settings),
};

static const struct opts list_options = {
	"ringback audit [--json] [--data DIR]\n"
	"       ringback audit verify [--head HASH] [--data DIR]\n"
	"       ringback audit head [--data DIR]",
	"Lists who looked at a caller's number, listened, heard a message, or"
	" changed people\nand roles, the oldest first. People are shown by"
	" their numbers; 0 is whoever was\nat this machine's command line."
	" docs/audit.md says what the words mean.",
	list_rows, STEP_COUNT(list_rows),
};

static const struct opt verify_rows[] = {
	OPT_DATA(settings),
	{OPT_TEXT, "--head", "HASH", offsetof(struct settings, head),
	 "what ringback audit head said at an earlier time", 0, 0, NULL},
};

static const struct opts verify_options = {
	"ringback audit verify [--head HASH] [--data DIR]",
	"Says whether the log is as it was written, and where it is not. Rows"
	" that were\ncut off at the end are seen only with --head. Exits with"
	" 3 if something is wrong.",
	verify_rows, STEP_COUNT(verify_rows),
};

static const struct opts head_options = {
	"ringback audit head [--data DIR]",
	"Prints the hash of the newest row. Keep it where nobody of this"
	" machine can change\nit, for a later ringback audit verify --head.",
	list_rows, 1,
};

static const struct out_column columns[] = {
	{"ROW", "row", OUT_NUMBER},       {"AT", "at", OUT_TEXT},
	{"PERSON", "person", OUT_NUMBER}, {"WHAT", "what", OUT_TEXT},
	{"WHOM", "whom", OUT_NUMBER},     {"CALL", "call", OUT_NUMBER},
	{"DETAIL", "detail", OUT_TEXT},
};


/* ---- the list ---- */

/* new: null where there is none */
static json_t *number(uint64_t n)
{
	return n ? json_integer((json_int_t)n) : json_null();
}


static bool row_handler(const struct store_audit *row, void *arg)
{
	char at[OUT_TIME], link[HEX];

	return out_add(arg, json_pack("{s:I, s:s, s:I, s:s, s:o, s:o, s:o,"
				      " s:s}",
				      "row", (json_int_t)row->id,
				      "at", out_time(at, row->at),
				      "person", (json_int_t)row->person,
				      "what", row->what,
				      "whom", number(row->whom),
				      "call", number(row->call),
				      "detail", out_text(row->detail),
				      "link", sodium_bin2hex(link,
					      sizeof(link), row->link,
					      sizeof(row->link))));
}


static int unreadable(int err)
{
	fprintf(stderr, "ringback: the audit log could not be read: %s\n",
		strerror(err));

	return EXIT_FAILED;
}


static int list_main(int argc, char *argv[])
{
	struct settings set = {0};
	struct out_rows rows = {0};
	struct store *store;
	int err;

	err = opts_read(&list_options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (data_store(&store, set.data))
		return EXIT_FAILED;

	err = store_audit_each(store, 0, row_handler, &rows);
	store_close(store);
	if (err) {
		out_drop(&rows);
		return unreadable(err);
	}

	return out_list(&rows, set.json, columns, STEP_COUNT(columns),
			"Nothing is in the audit log yet.");
}


/* ---- verify ---- */

static void say_sound(const struct store_audit_verdict *v, const uint8_t *head)
{
	printf("The log is as it was written: %" PRIu64 " rows, each follows"
	       " from the one before.\n", v->n);
	if (head)
		printf("It holds the head that was given, after row %" PRIu64
		       ".\n", v->head_n);
	else
		puts("Rows cut off at the end could not be seen: for that,"
		     " give an earlier head.");
}


static void say_missing(const struct store_audit_verdict *v)
{
	if (v->at == v->other + 1)
		printf("Row %" PRIu64 " was removed.\n", v->other);
	else
		printf("Rows %" PRIu64 " to %" PRIu64 " were removed.\n",
		       v->other, v->at - 1);
}


static void say_moved(const struct store_audit_verdict *v)
{
	printf("Rows were re-ordered: what was row %" PRIu64 " stands at row"
	       " %" PRIu64 ".\n", v->at, v->other);
}


static void say_changed(const struct store_audit_verdict *v)
{
	printf("Row %" PRIu64 " was changed, or rows before it were removed"
	       " and the others\nnumbered anew.\n", v->at);
}


static void say_cut(const struct store_audit_verdict *v)
{
	printf("The head that was given is not in the log of %" PRIu64 " rows:"
	       " rows were cut off at its\nend, or it was written anew, or"
	       " the head is of another line.\n", v->n);
}


static int verdict_say(const struct store_audit_verdict *v,
		       const uint8_t *head)
{
	static void (*const say[])(const struct store_audit_verdict *v) = {
		[STORE_AUDIT_MISSING] = say_missing,
		[STORE_AUDIT_MOVED] = say_moved,
		[STORE_AUDIT_CHANGED] = say_changed,
		[STORE_AUDIT_CUT] = say_cut,
	};

	if (!v->fault) {
		say_sound(v, head);
		return EXIT_DONE;
	}

	say[v->fault](v);
	if (v->fault != STORE_AUDIT_CUT)
		printf("The %" PRIu64 " rows before are as they were written."
		       " What follows cannot be relied on.\n", v->n);

	return EXIT_HOLES;
}


static int head_decode(uint8_t *head, const char *text)
{
	size_t n = 0;

	if (sodium_hex2bin(head, STORE_HASH, text, strlen(text), NULL, &n,
			   NULL) || n != STORE_HASH ||
	    strlen(text) != HEX - 1)
		return opts_wrong(&verify_options, "--head is 64 characters,"
				  " as ringback audit head prints them");

	return 0;
}


static int verify_main(int argc, char *argv[])
{
	struct store_audit_verdict verdict;
	struct settings set = {0};
	uint8_t head[STORE_HASH];
	struct store *store;
	int err;

	err = opts_read(&verify_options, argc, argv, &set);
	if (!err && set.head)
		err = head_decode(head, set.head);
	if (err)
		return opts_exit(err);
	if (data_store(&store, set.data))
		return EXIT_FAILED;

	err = store_audit_verify(store, set.head ? head : NULL, &verdict);
	store_close(store);
	if (err)
		return unreadable(err);

	return verdict_say(&verdict, set.head ? head : NULL);
}


static int head_main(int argc, char *argv[])
{
	struct settings set = {0};
	uint8_t head[STORE_HASH];
	struct store *store;
	char text[HEX];
	int err;

	err = opts_read(&head_options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (data_store(&store, set.data))
		return EXIT_FAILED;

	err = store_audit_head(store, head);
	store_close(store);
	if (err)
		return unreadable(err);
	puts(sodium_bin2hex(text, sizeof(text), head, sizeof(head)));

	return EXIT_DONE;
}


static const struct command verbs[] = {
	{"list", "the rows, the oldest first", list_main},
	{"verify", "is the log as it was written?", verify_main},
	{"head", "the hash of the newest row", head_main},
};

static const struct commands audit = {
	.noun = "ringback audit",
	.about = "Who did what that others may ask about later.",
	.rows = verbs,
	.n = STEP_COUNT(verbs),
};


int audit_main(int argc, char *argv[])
{
	if (!argc || argv[0][0] == '-')
		return list_main(argc, argv);

	return command_run(&audit, argc, argv);
}
