/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * backup.c  `ringback backup`: all that a line has, as it was in one moment, in
 * one file that the recovery key opens; and the keys of what is sealed in
 * another, of which there is one. Must not write anything that is not sealed.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/message.h"
#include "base/step.h"
#include "store/backup.h"
#include "audited.h"
#include "command.h"
#include "data.h"
#include "exit.h"
#include "opts.h"
#include "parcel.h"
#include "ring.h"
#include "when.h"


enum {
	STAMP = 32,    /* "2026-11-21-0315" */
	IN_A_MINUTE = 99, /* backups, before a name is given up */
};

struct settings {
	const char *data;
	const char *folder;
};

struct backup {
	struct store *store;
	struct archive_about about;
	struct store_snapshot snap;
	char folder[LIMIT_PATH - 64];
	char file[LIMIT_PATH];
	char keyring[LIMIT_PATH];
	uint64_t n_messages;
};

static const struct opt rows[] = {
	OPT_DATA(settings),
	{OPT_PLACE, "FOLDER", NULL, offsetof(struct settings, folder),
	 "where it goes: best another disk, or a machine elsewhere", 0, 0,
	 NULL},
};

static const struct opts options = {
	"ringback backup FOLDER [--data DIR]",
	"Writes all that the line has into one file of FOLDER, while it runs:"
	" configuration,\nstore, open messages. It is sealed to the recovery"
	" key; nothing of it is ever plain on\na disk. The keys of what people"
	" have sealed go into FOLDER/keyring, in place of the\nolder one: keep"
	" no older copy of that, so that what is dropped is gone from all"
	" backups.",
	rows, STEP_COUNT(rows),
};


static int failed(const char *what, int err)
{
	fprintf(stderr, "ringback: %s: %s. Nothing was left behind.\n", what,
		parcel_why(err));

	return err;
}


/* ---- where it goes ------------------------------------------------------- */

static int folder_wrong(const struct backup *b, const struct stat *st)
{
	struct stat here;

	if (stat(".", &here) < 0 || here.st_dev != st->st_dev ||
	    here.st_ino != st->st_ino)
		return 0;
	fprintf(stderr, "ringback: %s is the data folder itself: a backup"
		" belongs somewhere else.\n", b->folder);

	return EINVAL;
}


/* One backup at a time: the lock goes with the process. */
static int folder_open(const struct backup *b)
{
	struct stat st;
	int err, fd;

	fd = open(b->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return failed(b->folder, errno);
	err = folder_wrong(b, &st);
	if (!err && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		fprintf(stderr, "ringback: another backup is just being"
			" written to %s.\n", b->folder);
		err = EBUSY;
	}
	if (err)
		(void)close(fd);

	return err;
}


/* The keyring of somebody else must not be lost. */
static int keyring_check(const struct backup *b)
{
	struct archive_about about;
	struct opened *o;
	int err;

	err = opened_open(&o, &about, b->keyring);
	if (err == ENOENT)
		return 0;
	if (!err)
		opened_close(o);
	if (!err && about.kind == ARCHIVE_KEYRING &&
	    about.house == b->about.house)
		return 0;

	if (!err || err == EBADMSG || err == ENOTSUP)
		fprintf(stderr, "ringback: %s is not the keyring of this"
			" installation, and is left as it is:\ngive each"
			" installation a folder of its own.\n", b->keyring);
	else
		fprintf(stderr, "ringback: %s: %s\n", b->keyring,
			parcel_why(err));

	return EEXIST;
}


static int names_make(struct backup *b)
{
	const time_t at = (time_t)(b->about.made_at / 1000);
	char stamp[STAMP], more[8] = "";
	struct tm tm;

	if (!localtime_r(&at, &tm) ||
	    !strftime(stamp, sizeof(stamp), "%Y-%m-%d-%H%M", &tm))
		return failed("the time", EINVAL);
	(void)snprintf(b->keyring, sizeof(b->keyring), "%s/keyring",
		       b->folder);
	for (int i = 2; i <= IN_A_MINUTE; i++) {
		(void)snprintf(b->file, sizeof(b->file),
			       "%s/ringback-%s%s.backup", b->folder, stamp,
			       more);
		if (faccessat(AT_FDCWD, b->file, F_OK, AT_SYMLINK_NOFOLLOW))
			return 0;
		(void)snprintf(more, sizeof(more), "-%d", i);
	}

	return failed(b->file, EEXIST);
}


/* ---- what is in it ------------------------------------------------------- */

static bool has_key(const struct store_snapshot *snap, uint64_t epoch)
{
	for (size_t i = 0; i < snap->n_grants; i++) {
		if (snap->grants[i].epoch == epoch)
			return true;
	}

	return false;
}


/* What came since then, or nobody can open any more, is left out; so is what is
 * deleted meanwhile. */
static int message_add(struct backup *b, struct parcel *p, uint64_t call)
{
	struct message_info info;
	char path[MESSAGE_PATH];
	uint8_t *sealed;
	size_t n;
	int err;

	if (message_look(&info, call) || !has_key(&b->snap, info.epoch))
		return 0;
	err = message_read(&sealed, &n, call);
	if (err)
		return err == ENOMEM || err == EIO ? err : 0;

	message_path(path, call);
	err = parcel_add(p, path, sealed, n);
	free(sealed);
	if (!err)
		++b->n_messages;

	return err;
}


static int config_add(struct parcel *p)
{
	static const char path[] = "ringback.conf";
	uint8_t *v;
	ssize_t n;
	int err = 0, fd;

	v = malloc(LIMIT_CONFIG + 1);
	if (!v)
		return ENOMEM;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, v, LIMIT_CONFIG + 1);
	if (n < 0)
		err = errno;
	else if (n > LIMIT_CONFIG)
		err = EFBIG;
	if (!err)
		err = parcel_add(p, path, v, (size_t)n);
	if (fd >= 0)
		(void)close(fd);
	free(v);

	return err;
}


static int backup_fill(struct backup *b, struct parcel *p)
{
	int err;

	err = parcel_add(p, "store.db", b->snap.image, b->snap.n_image);
	for (size_t i = 0; !err && i < b->snap.n_open; i++)
		err = message_add(b, p, b->snap.open[i]);
	if (!err)
		err = config_add(p);

	return err ? err : parcel_finish(p);
}


static int keyring_fill(struct backup *b, struct parcel *p)
{
	const size_t n = b->snap.n_grants * STORE_GRANT_ROW;
	uint8_t *v;
	int err;

	v = malloc(n ? n : 1);
	if (!v)
		return ENOMEM;
	store_grants_encode(v, b->snap.grants, b->snap.n_grants);
	err = parcel_add(p, "grants", v, n);
	free(v);

	return err ? err : parcel_finish(p);
}


/* ---- both of them -------------------------------------------------------- */

typedef int(fill_h)(struct backup *b, struct parcel *p);

static int write_one(struct parcel **pp, struct backup *b, const char *path,
		     enum archive_kind kind, fill_h *fillh)
{
	struct archive_about about = b->about;
	int err;

	about.kind = kind;
	err = parcel_make(pp, path, &about);
	if (!err)
		err = fillh(b, *pp);

	return err ? failed(path, err) : 0;
}


/* The keyring first: it goes with older backups, too, an older one not with the
 * new backup. */
static int place_both(struct backup *b, struct parcel *file,
		      struct parcel *keyring)
{
	bool other = false;
	int err;

	err = parcel_place(keyring, &other);
	if (err)
		return failed(b->keyring, err);
	if (other)
		fprintf(stderr, "ringback: warning: the older keyring has"
			" another name on this disk, and is still there. Delete"
			"\nit: it opens what has been dropped since.\n");
	err = parcel_place(file, NULL);

	return err ? failed(b->file, err) : 0;
}


static int write_both(struct backup *b)
{
	struct parcel *file = NULL, *keyring = NULL;
	int err;

	err = write_one(&file, b, b->file, ARCHIVE_BACKUP, backup_fill);
	if (!err)
		err = write_one(&keyring, b, b->keyring, ARCHIVE_KEYRING,
				keyring_fill);
	if (!err)
		err = place_both(b, file, keyring);
	parcel_drop(file);
	parcel_drop(keyring);

	return err;
}


/* ---- the command --------------------------------------------------------- */

static int about_find(struct backup *b)
{
	struct store_recovery r;
	int err;

	err = store_recovery_get(b->store, &r);
	if (err == ENOENT) {
		fputs("ringback: there is no recovery key yet, so that nobody"
		      " could open the backup. Make it,\nand keep its shares"
		      " on paper: ringback recovery make\n", stderr);
		return err;
	}
	if (!err)
		err = ring_house(&b->about.house, b->store);
	if (err)
		return failed("the store", err);
	memcpy(b->about.public, r.public, SEAL_KEY);
	b->about.made_at = when_now();

	return 0;
}


static int backup_make(struct backup *b)
{
	const struct store_audit row = audited_row("backup_made", 0);
	int err;

	err = about_find(b);
	if (!err)
		err = folder_open(b);
	if (!err)
		err = names_make(b);
	if (!err)
		err = keyring_check(b);
	if (err)
		return err;
	err = store_snapshot(b->store, &b->snap);
	if (err)
		return failed("the store", err);

	err = write_both(b);
	store_snapshot_free(&b->snap);
	if (err)
		return err;
	err = store_audit_now(b->store, &row);
	if (err)
		fprintf(stderr, "ringback: the backup is made, but that could"
			" not be put on record: %s\n", parcel_why(err));
	printf("Made %s, with %" PRIu64 " open %s.\nThe shares of the"
	       " recovery key open it. The keys of what people sealed are"
	       " in\n%s: keep that one, and no older one.\n", b->file,
	       b->n_messages, b->n_messages == 1 ? "message" : "messages",
	       b->keyring);

	return err;
}


int backup_main(int argc, char *argv[])
{
	struct settings set = {0};
	struct backup b = {0};
	int err;

	err = opts_read(&options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (data_path(b.folder, sizeof(b.folder), set.folder))
		return EXIT_USAGE;
	/* a limit on files is told, as a full disk is */
	(void)signal(SIGXFSZ, SIG_IGN);
	if (sodium_init() < 0 || data_store(&b.store, set.data))
		return EXIT_FAILED;
	err = backup_make(&b);
	store_close(b.store);

	return err ? EXIT_FAILED : EXIT_DONE;
}
