/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * restore.c  `ringback restore`: a data folder of a backup, or nothing at all.
 * Must not touch a data folder that is there.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/config.h"
#include "base/step.h"
#include "epoch/epochs.h"
#include "epoch/recover.h"
#include "store/backup.h"
#include "audited.h"
#include "command.h"
#include "data.h"
#include "exit.h"
#include "opts.h"
#include "ring.h"
#include "unpack.h"
#include "when.h"


struct settings {
	const char *data;
	const char *file;
	const char *keyring;
};

struct restore {
	const struct settings *set;
	struct opened *file;
	struct archive_about about;
	char ring_path[LIMIT_PATH];
	struct ring ring; /* file NULL: there is none */
	struct ring_key *key;
	struct unpack to;
	struct config *cfg;
};

static const struct opt rows[] = {
	OPT_DATA(settings),
	{OPT_PLACE, "FILE", NULL, offsetof(struct settings, file),
	 "the backup", 0, 0, NULL},
	{OPT_TEXT, "--keyring", "FILE", offsetof(struct settings, keyring),
	 "the keyring (else the one beside the backup)", 0, 0, NULL},
};

static const struct opts options = {
	"ringback restore FILE [--keyring FILE] [--data DIR]",
	"Makes a new data folder of a backup. Asks for shares of the recovery"
	" key: reads their\nwords from standard input, an empty line after"
	" each. Never writes over anything.\nEverybody signs in anew, and"
	" telephones register anew; without the keyring nobody can\nopen what"
	" was sealed before.",
	rows, STEP_COUNT(rows),
};


/* ---- the files ----------------------------------------------------------- */

static int file_open(struct restore *r)
{
	const char *path = r->set->file;
	int err;

	err = opened_open(&r->file, &r->about, path);
	if (!err && r->about.kind == ARCHIVE_KEYRING) {
		fprintf(stderr, "ringback: %s is a keyring; the backup is"
			" beside it: ringback-....backup\n", path);
		return EINVAL;
	}
	if (err == EBADMSG)
		fprintf(stderr, "ringback: %s is no backup of Ringback, or"
			" damaged from its beginning\n", path);
	else if (err)
		fprintf(stderr, "ringback: %s: %s\n", path, parcel_why(err));

	return err;
}


static int ring_missing(const struct restore *r)
{
	if (r->set->keyring) {
		fprintf(stderr, "ringback: %s: there is no such file\n",
			r->ring_path);
		return ENOENT;
	}
	fputs("ringback: warning: there is no keyring beside the backup:"
	      " nobody will be able to open\nwhat was sealed before, until it"
	      " is found: see ringback recovery grant --help\n", stderr);

	return 0;
}


static int ring_find(struct restore *r)
{
	const char *slash = strrchr(r->set->file, '/');
	int n, err;

	if (r->set->keyring)
		n = snprintf(r->ring_path, sizeof(r->ring_path), "%s",
			     r->set->keyring);
	else
		n = snprintf(r->ring_path, sizeof(r->ring_path), "%.*skeyring",
			     slash ? (int)(slash - r->set->file) + 1 : 0,
			     r->set->file);
	if (n < 0 || (size_t)n >= sizeof(r->ring_path))
		return ENAMETOOLONG;

	err = ring_open(&r->ring, r->ring_path);
	if (err)
		return err == ENOENT ? ring_missing(r) : err;
	if (r->ring.about.house == r->about.house)
		return 0;
	fprintf(stderr, "ringback: %s is the keyring of another"
		" installation\n", r->ring_path);

	return EINVAL;
}


/* both are opened before anything is made */
static int unlock(struct restore *r)
{
	int err;

	err = ring_key_get(r->key, r->about.public);
	if (!err && (err = opened_unlock(r->file, r->key->private)))
		fprintf(stderr, "ringback: %s: %s\n", r->set->file,
			parcel_why(EBADMSG));
	if (!err && r->ring.file)
		err = ring_read(&r->ring, r->ring_path, r->key);

	return err;
}


/* ---- the store ----------------------------------------------------------- */

static bool is_newest(const struct restore *r)
{
	return r->ring.file && r->ring.about.made_at >= r->about.made_at;
}


static int store_begin(struct restore *r, struct store *s)
{
	const struct store_audit row = audited_row("backup_restored", 0);
	unsigned n_dropped = 0;
	size_t n = 0;
	int err;

	err = store_audit_along(s, &row);
	if (!err)
		err = store_restored(s);
	if (!err && r->ring.file)
		err = store_grants_back(s, r->ring.v, r->ring.n, &n);
	if (!err && is_newest(r))
		err = recover_drop_keyless(s, &n_dropped);
	if (err)
		fprintf(stderr, "ringback: the restored store: %s\n",
			parcel_why(err));
	else if (r->ring.file && !is_newest(r))
		fputs("ringback: warning: the keyring is older than the"
		      " backup: what was sealed since then stays\nclosed. Use"
		      " the newest there is.\n", stderr);

	return err;
}


struct leavers {
	struct restore *r;
	struct store *s;
};


static bool grant_any(const struct store_grant *grant, void *arg)
{
	(void)grant;
	*(bool *)arg = true;

	return true;
}


static bool is_entitled(const struct leavers *l, uint32_t person)
{
	const struct config *cfg = l->r->cfg;

	for (uint32_t i = 0; i < cfg->n_lines; i++) {
		if (!epochs_entitled(l->s, cfg->lines[i].name, person))
			return true;
	}

	return false;
}


/* The backup does not know who has left since; the keyring does. */
static bool leaver_look(const struct store_person *person, void *arg)
{
	const struct leavers *l = arg;
	struct store_identity identity;
	bool any = false;

	if (store_identity_get(l->s, person->id, &identity) ||
	    !is_entitled(l, person->id) ||
	    store_grant_of_person(l->s, person->id, grant_any, &any) || any)
		return false;
	fprintf(stderr, "ringback: warning: %s had no keys any more: if they"
		" have left since the backup, then\nringback person"
		" remove\n", person->name);

	return false;
}


/* What is sealed from now on has its own keys. A configuration that is wrong
 * by now is complained of by `ringback run`, which does the same. */
static void keys_begin(struct restore *r, struct store *s)
{
	struct leavers l = {r, s};
	int err;

	if (config_read(&r->cfg, r->to.folder))
		return;
	if (is_newest(r))
		(void)store_person_each(s, leaver_look, &l);
	err = epochs_keep_all(s, r->cfg, when_now());
	if (err && err != ENOKEY)
		fprintf(stderr, "ringback: new keys could not be made yet: %s."
			" ringback run does it.\n", strerror(err));
	config_free(r->cfg);
}


static int folder_fill(struct restore *r)
{
	struct store *s;
	int err;

	err = unpack_files(&r->to, r->file, r->set->file);
	if (err)
		return err;
	err = store_open(&s, r->to.folder, STORE_TOOL);
	if (err)
		return err;
	err = store_begin(r, s);
	if (!err)
		err = unpack_finish(&r->to);
	if (!err)
		keys_begin(r, s);
	store_close(s);

	return err;
}


/* ---- the command --------------------------------------------------------- */

static void done(const struct restore *r)
{
	char at[WHEN_TEXT];

	printf("Restored %s as it was on %s, with %" PRIu64 " open %s.\n\n"
	       "Next:\n"
	       "  1. Secret files of trunks and certificates are in no backup:"
	       " put them back.\n"
	       "  2. Run it: ringback run --data %s\n"
	       "  3. Everybody signs in with the passphrase they had. Numbers"
	       " to be rung wait until a\n     coordinator has signed in.\n",
	       r->to.folder, when_text(at, r->about.made_at),
	       r->to.n_messages, r->to.n_messages == 1 ? "message"
						       : "messages",
	       r->to.folder);
}


static int restore(struct restore *r)
{
	int err;

	err = file_open(r);
	if (!err)
		err = ring_find(r);
	/* nobody types shares in vain */
	if (!err)
		err = unpack_begin(&r->to, data_folder(r->set->data));
	if (err)
		return err;

	err = unlock(r);
	if (!err)
		err = folder_fill(r);
	if (err) {
		unpack_undo(&r->to);
		fputs("ringback: nothing was restored.\n", stderr);
	}
	else
		done(r);

	return err;
}


int restore_main(int argc, char *argv[])
{
	struct settings set = {0};
	struct restore r = {.set = &set};
	int err;

	err = opts_read(&options, argc, argv, &set);
	if (err)
		return opts_exit(err);

	(void)umask(S_IRWXG | S_IRWXO);
	(void)signal(SIGXFSZ, SIG_IGN);
	r.key = sodium_init() < 0 ? NULL : ring_key_alloc();
	if (!r.key)
		return EXIT_FAILED;
	err = restore(&r);
	opened_close(r.file);
	ring_close(&r.ring);
	sodium_free(r.key);
	unpack_close(&r.to);

	return err ? EXIT_FAILED : EXIT_DONE;
}
