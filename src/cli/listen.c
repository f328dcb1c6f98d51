/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * listen.c  A copy of a message for whoever is to hear it. Must not overwrite
 * anything, and leaves no half of a copy behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/message.h"
#include "audited.h"
#include "data.h"
#include "listen.h"


static int write_all(int fd, const uint8_t *buf, size_t n)
{
	while (n) {
		const ssize_t k = write(fd, buf, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return errno;
		buf += k;
		n -= (size_t)k;
	}

	return 0;
}


static int file_write(const char *path, const uint8_t *buf, size_t n)
{
	int fd, err;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		  S_IRUSR | S_IWUSR);
	if (fd < 0)
		return errno;

	err = write_all(fd, buf, n);
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
static int heard(uint64_t call)
{
	struct store_audit row = audited_row("message_heard", 0);
	struct store *store;
	int err;

	row.call = call;
	err = data_store(&store, ".");
	if (err)
		return err;
	err = store_audit_now(store, &row);
	store_close(store);
	if (err)
		fprintf(stderr, "ringback: the message is not copied, since"
				" that could not be put on record: %s\n",
			strerror(err));

	return err;
}


int listen_copy(const char *path, uint64_t call)
{
	uint8_t *wav = NULL;
	size_t n = 0;
	int err;

	err = message_read(&wav, &n, call);
	if (err)
		return unread(call, err);

	err = heard(call);
	if (err)
		goto out;
	err = file_write(path, wav, n);
	if (err == EEXIST)
		fprintf(stderr, "ringback: --wav: that file is there already,"
				" and is left as it is; choose another\n");
	else if (err)
		fprintf(stderr, "ringback: --wav: %s\n", strerror(err));

out:
	explicit_bzero(wav, n);
	free(wav);

	return err;
}
