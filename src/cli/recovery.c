/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * recovery.c  `ringback recovery`: the key that opens what is sealed when
 * nobody else can any more. It is printed in shares, and kept nowhere.
 */
#include <errno.h>
#include <qrencode.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/step.h"
#include "seal/recovery.h"
#include "store/epoch.h"
#include "command.h"
#include "data.h"
#include "exit.h"
#include "grant.h"
#include "keys.h"
#include "opts.h"
#include "out.h"
#include "shares.h"
#include "tell.h"


enum {
	SHARES = 3, /* where nobody says how many */
	NEED = 2,
	WORDS_A_ROW = 4,
	QUIET = 2,  /* blank squares around a code */
	DRILL_DAYS = 365,
	DAY_S = 86400,
};

struct settings {
	const char *data;
	const char *name;
	uint32_t shares;
	uint32_t need;
	bool again;
	bool json;
};


static int stored(int err)
{
	fprintf(stderr, "ringback: the store did not take it: %s.\n",
		strerror(err));

	return err;
}


/* ---- printing shares ----------------------------------------------------- */

static bool is_dark(const QRcode *code, int x, int y)
{
	return x >= 0 && y >= 0 && x < code->width && y < code->width &&
	       (code->data[y * code->width + x] & 1);
}


/* two rows of squares in each line of text; light is printed, dark is not, so
 * that it can be read from a dark terminal: a printer turns it around, which
 * readers accept */
static void code_print(const char *text)
{
	static const char *const halves[] = {"\u2588", "\u2580", "\u2584",
					     " "};
	QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8,
					   1);

	if (!code)
		return; /* the words are there */
	for (int y = -QUIET; y < code->width + QUIET; y += 2) {
		fputs("    ", stdout);
		for (int x = -QUIET; x < code->width + QUIET; x++)
			fputs(halves[(is_dark(code, x, y) ? 2 : 0) +
				     (is_dark(code, x, y + 1) ? 1 : 0)],
			      stdout);
		fputs("\n", stdout);
	}
	QRcode_free(code);
}


static void share_print(const struct recovery_share *share, uint32_t n)
{
	char text[RECOVERY_TEXT], *rest = text, *word;
	unsigned i = 0;

	printf("\n---- Share %u of %u; any %u of them open"
	       " ------------------------------\n\n",
	       share->number, n, share->need);
	recovery_words(text, share);
	code_print(text);
	while ((word = strsep(&rest, " "))) {
		++i;
		printf("%s%2u. %-10s", i % WORDS_A_ROW == 1 ? "\n    " : "",
		       i, word);
	}
	fputs("\n", stdout);
	sodium_memzero(text, sizeof(text));
}


/* ---- make ---------------------------------------------------------------- */

static const struct opt make_rows[] = {
	OPT_DATA(settings),
	{OPT_NUMBER, "--shares", "N", offsetof(struct settings, shares),
	 "into how many shares (else 3)", 1, RECOVERY_SHARES, NULL},
	{OPT_NUMBER, "--need", "N", offsetof(struct settings, need),
	 "how many of them open (else 2)", 1, RECOVERY_SHARES, NULL},
	{OPT_FLAG, "--again", NULL, offsetof(struct settings, again),
	 "there is one already: seal to a new one from now on", 0, 0, NULL},
};

static const struct opts make_options = {
	"ringback recovery make [--shares N] [--need N] [--again]"
	" [--data DIR]",
	"Makes the recovery key and prints it in shares, once. Whatever is"
	" sealed can be\nopened with enough of them, if all others have lost"
	" their passphrases. Print each\nfor another person, best of another"
	" organisation; Ringback keeps none of them.",
	make_rows, STEP_COUNT(make_rows),
};


static int key_put(struct store *store, const struct settings *set,
		   struct recovery_share *shares)
{
	struct store_recovery r = {.need = set->need, .n = set->shares,
				   .made_at = (int64_t)time(NULL) * 1000};
	uint8_t *private = sodium_malloc(SEAL_KEY);
	int err;

	if (!private)
		return ENOMEM;
	seal_pair(r.public, private);
	err = recovery_split(shares, (uint8_t)set->shares,
			     (uint8_t)set->need, private);
	sodium_free(private);
	for (uint32_t i = 0; !err && i < r.n; i++)
		recovery_hash(r.shares[i].hash, &shares[i]);

	return err ? err : store_recovery_put(store, &r);
}


static int make(struct store *store, const struct settings *set)
{
	struct recovery_share *shares;
	struct store_recovery old;
	int err;

	err = store_recovery_get(store, &old);
	if (!err && !set->again) {
		fputs("ringback: there is a recovery key already. If too many"
		      " of its shares are lost, make\nanother one with"
		      " --again: what was sealed before still needs the old"
		      " one.\n", stderr);
		return EEXIST;
	}
	if (err && err != ENOENT)
		return stored(err);

	shares = sodium_allocarray(RECOVERY_SHARES, sizeof(*shares));
	err = shares ? key_put(store, set, shares) : ENOMEM;
	if (err) {
		sodium_free(shares);
		return stored(err);
	}
	keys_keep(store);
	printf("The recovery key is made. Print or write down these %u"
	       " shares now: they are shown\nonly this once.\n", set->shares);
	for (uint32_t i = 0; i < set->shares; i++)
		share_print(&shares[i], set->shares);
	sodium_free(shares);
	fputs("\nGive each to another person. Try once a year that they are"
	      " still there and readable:\nringback recovery try\n", stdout);

	return EXIT_DONE;
}


static int make_main(int argc, char *argv[])
{
	struct settings set = {.shares = SHARES, .need = NEED};
	struct store *store;
	int err;

	err = opts_read(&make_options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (set.need > set.shares) {
		(void)opts_wrong(&make_options, "%u shares cannot open what"
				 " needs %u", set.shares, set.need);
		return EXIT_USAGE;
	}
	if (data_store(&store, set.data))
		return EXIT_FAILED;
	err = make(store, &set);
	store_close(store);

	/* from now on messages can be left */
	return err ? EXIT_FAILED : tell_line(WIRE_PEOPLE_CHANGED);
}


/* ---- try ----------------------------------------------------------------- */

static const struct opt try_rows[] = {
	OPT_DATA(settings),
};

static const struct opts try_options = {
	"ringback recovery try [--data DIR]",
	"Reads the words of one share from standard input, says whether they"
	" are right, and\nnotes the day. The share itself is not kept.",
	try_rows, STEP_COUNT(try_rows),
};


static int try_share(struct store *store)
{
	struct recovery_share share;
	uint8_t hash[SEAL_KEY];
	int err;

	err = shares_read_one(&share);
	if (err == ENODATA)
		fputs("ringback: there were no words. Type those of one"
		      " share, then an empty line.\n", stderr);
	if (err)
		return err;
	recovery_hash(hash, &share);
	err = store_recovery_tried(store, hash, (int64_t)time(NULL) * 1000);
	if (err == ENOENT)
		fputs("ringback: these words are a share, but not of the"
		      " recovery key that is used here.\n", stderr);
	else if (err)
		(void)stored(err);
	else
		printf("This is share %u, and it is right.\n", share.number);
	sodium_memzero(&share, sizeof(share));

	return err;
}


static int try_main(int argc, char *argv[])
{
	struct settings set = {0};
	struct store *store;
	int err;

	err = opts_read(&try_options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (data_store(&store, set.data))
		return EXIT_FAILED;
	err = try_share(store);
	store_close(store);

	return err ? EXIT_FAILED : EXIT_DONE;
}


/* ---- show ---------------------------------------------------------------- */

static const struct opt show_rows[] = {
	OPT_DATA(settings),
	OPT_JSON(settings),
};

static const struct opts show_options = {
	"ringback recovery show [--json] [--data DIR]",
	"Shows how many shares the recovery key has, and when each was last"
	" tried.",
	show_rows, STEP_COUNT(show_rows),
};

static const struct out_column columns[] = {
	{"SHARE", "share", OUT_NUMBER},
	{"NEEDED", "needed", OUT_NUMBER},
	{"LAST TRIED", "tried_at", OUT_TEXT},
	{"TRY IT AGAIN", "due", OUT_YES},
};


static bool is_due(int64_t tried_at, int64_t made_at)
{
	const int64_t last = tried_at ? tried_at : made_at;

	return (int64_t)time(NULL) - last / 1000 >
	       (int64_t)DRILL_DAYS * DAY_S;
}


static int show_main(int argc, char *argv[])
{
	struct settings set = {0};
	struct out_rows rows = {0};
	struct store_recovery r;
	struct store *store;
	char at[OUT_TIME];
	int err;

	err = opts_read(&show_options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (data_store(&store, set.data))
		return EXIT_FAILED;
	err = store_recovery_get(store, &r);
	store_close(store);
	if (err && err != ENOENT) {
		(void)stored(err);
		return EXIT_FAILED;
	}

	for (uint32_t i = 0; !err && i < r.n; i++) {
		const int64_t tried = r.shares[i].tried_at;

		(void)out_add(&rows, json_pack(
			"{s:i, s:i, s:o, s:b}", "share", (int)i + 1,
			"needed", (int)r.need,
			"tried_at", out_text(tried ? out_time(at, tried) : ""),
			"due", is_due(tried, r.made_at)));
	}

	return out_list(&rows, set.json, columns, STEP_COUNT(columns),
			"No recovery key yet: nothing can be sealed. See"
			" ringback recovery make --help.");
}


static const struct command commands[] = {
	{"make", "make it and print its shares", make_main},
	{"try", "is this share still right?", try_main},
	{"show", "its shares, and when they were last tried", show_main},
	{"grant", "seal to a person what it opens: all others are locked out",
	 grant_main},
};

static const struct commands recovery = {
	.noun = "ringback recovery",
	.about = "The recovery key opens what is sealed when nobody else can"
		 " any more. It exists only\nin shares, as words on paper.",
	.rows = commands,
	.n = STEP_COUNT(commands),
};


int recovery_main(int argc, char *argv[])
{
	return command_run(&recovery, argc, argv);
}
