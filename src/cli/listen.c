/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * listen.c  A copy of a message for whoever is to hear it and has the recovery
 * key. Must not overwrite anything, and leaves no half of a copy behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/message.h"
#include "store/epoch.h"
#include "audited.h"
#include "data.h"
#include "listen.h"
#include "shares.h"
#include "spoken.h"
#include "whole.h"


static int file_write(const char *path, const uint8_t *buf, size_t n)
{
	int fd, err;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		  S_IRUSR | S_IWUSR);
	if (fd < 0)
		return errno;

	err = whole_write(fd, buf, n);
	if (close(fd) < 0 && !err)
		err = errno;
	if (err)
		(void)unlink(path);

	return err;
}


static int unread(uint64_t call, int err)
{
	if (err == ENOENT)
		fprintf(stderr,
			"ringback: there is no message of call %" PRIu64
			"; ringback promises shows which calls have one:"
			" kind \"message\"\n", call);
	else
		fprintf(stderr,
			"ringback: the message of call %" PRIu64
			" cannot be read: %s\n", call, strerror(err));

	return err;
}


/* on record before they hear it */
static int heard(struct store *store, uint64_t call)
{
	struct store_audit row = audited_row("message_heard", 0);
	int err;

	row.call = call;
	err = store_audit_now(store, &row);
	if (err)
		fprintf(stderr, "ringback: the message is not copied, since"
				" that could not be put on record: %s\n",
			strerror(err));

	return err;
}


/* ---- the key ------------------------------------------------------------- */

/* The recovery key opens each epoch; another one may have been made between
 * two parts of a message. */
struct opener {
	struct store *store;
	uint64_t epoch;
	struct store_grant grant;
	bool found;
	bool has_recovery;
	uint8_t recovery_public[SEAL_KEY];
	uint8_t recovery[SEAL_KEY];
};


static bool grant_of_recovery(const struct store_grant *grant, void *arg)
{
	struct opener *o = arg;

	o->found = grant->person == 0 && grant->epoch == o->epoch;
	if (o->found)
		o->grant = *grant;

	return o->found;
}


static int grant_find(struct opener *o, uint64_t epoch)
{
	int err;

	o->epoch = epoch;
	o->found = false;
	err = store_grant_of_epoch(o->store, epoch, grant_of_recovery, o);
	if (!err && !o->found) {
		fputs("ringback: the key to this message was dropped: nobody"
		      " can open it any more.\n", stderr);
		err = ENOKEY;
	}

	return err;
}


static int recovery_read_for(struct opener *o)
{
	int err;

	if (o->has_recovery && !memcmp(o->recovery_public, o->grant.public,
				       SEAL_KEY))
		return 0;

	err = shares_read(o->recovery, o->grant.public,
			  "that is opened in the console by those who are"
			  " entitled; here only with\nthe shares of the"
			  " recovery key: type their words, an empty line after"
			  " each.");
	o->has_recovery = !err;
	memcpy(o->recovery_public, o->grant.public, SEAL_KEY);

	return err;
}


static int epoch_open(uint8_t private[SEAL_KEY], uint64_t epoch, void *arg)
{
	struct opener *o = arg;
	const struct seal_about about = {.kind = SEAL_GRANT, .epoch = epoch};
	uint8_t plain[STORE_GRANT];
	size_t n;
	int err;

	err = grant_find(o, epoch);
	if (!err)
		err = recovery_read_for(o);
	if (err)
		return err;

	err = seal_open(plain, &n, &about, o->recovery, o->grant.sealed,
			sizeof(o->grant.sealed));
	if (!err && n != SEAL_KEY)
		err = EBADMSG;
	if (!err)
		memcpy(private, plain, SEAL_KEY);
	sodium_memzero(plain, sizeof(plain));

	return err;
}


/* ---- the copy ------------------------------------------------------------ */

static int copy(struct store *store, const char *path, uint64_t call,
		const uint8_t *wav, size_t n)
{
	int err;

	err = heard(store, call);
	if (err)
		return err;
	err = file_write(path, wav, n);
	if (err == EEXIST)
		fprintf(stderr, "ringback: --wav: that file is there already,"
				" and is left as it is; choose another\n");
	else if (err)
		fprintf(stderr, "ringback: --wav: %s\n", strerror(err));

	return err;
}


static int open_copy(struct store *store, const char *path, uint64_t call,
		     const uint8_t *sealed, size_t n_sealed)
{
	struct opener *o = sodium_malloc(sizeof(*o));
	uint8_t *wav;
	size_t n;
	int err;

	if (!o)
		return unread(call, ENOMEM);
	*o = (struct opener){.store = store};
	err = spoken_open(&wav, &n, call, sealed, n_sealed, epoch_open, o);
	sodium_free(o);
	if (err == EBADMSG)
		return unread(call, err);
	if (err)
		return err;

	err = copy(store, path, call, wav, n);
	sodium_memzero(wav, n);
	free(wav);

	return err;
}


int listen_copy(const char *path, uint64_t call)
{
	uint8_t *sealed = NULL;
	struct store *store;
	size_t n = 0;
	int err;

	err = sodium_init() < 0 ? EIO : message_read(&sealed, &n, call);
	if (err)
		return unread(call, err);

	err = data_store(&store, ".");
	if (!err) {
		err = open_copy(store, path, call, sealed, n);
		store_close(store);
	}
	free(sealed);

	return err;
}
