/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * message.c  Names, reads and retires the files of messages. Must not write
 * any, nor open what is sealed in them.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gone.h"
#include "message.h"


/* where in the head is what: see src/seal/seal.h */
enum { AT_DETAIL = 5, AT_EPOCH = 8 };

const char message_folder[] = "messages";
const char message_ending[] = ".sealed";


void message_path(char path[MESSAGE_PATH], uint64_t call)
{
	(void)snprintf(path, MESSAGE_PATH, "%s/%" PRIu64 "%s",
		       message_folder, call, message_ending);
}


static bool is_head(const uint8_t head[MESSAGE_HEAD])
{
	static const uint8_t like[AT_EPOCH] = {'R', 'B', 'S', 1, 'M'};
	uint8_t rest[AT_EPOCH];

	memcpy(rest, head, sizeof(rest));
	rest[AT_DETAIL] = 0;

	return memcmp(rest, like, sizeof(rest)) == 0;
}


static uint64_t head_epoch(const uint8_t head[MESSAGE_HEAD])
{
	uint64_t epoch = 0;

	for (unsigned i = AT_EPOCH; i < MESSAGE_HEAD; i++)
		epoch = epoch << 8 | head[i];

	return epoch;
}


/* The next chunk, and the lid before it if a part begins here. What a crash
 * broke off has any length: a part begins where its head stands. */
static bool chunk_pass(struct message_info *info, int fd, off_t size)
{
	uint8_t head[MESSAGE_HEAD];
	bool begins;
	off_t n;

	if (pread(fd, head, sizeof(head), info->n) != sizeof(head))
		return false;
	begins = is_head(head);
	n = begins ? MESSAGE_LID + MESSAGE_SEALED : MESSAGE_SEALED;
	if ((!begins && !info->n_parts) || size - info->n < n)
		return false;

	if (begins) {
		info->epoch = head_epoch(head);
		++info->n_parts;
	}
	++info->n_chunks;
	info->n += (uint32_t)n;

	return true;
}


int message_scan(struct message_info *info, int fd)
{
	uint8_t head[MESSAGE_HEAD];
	struct stat st;
	ssize_t n;

	if (!info)
		return EINVAL;
	*info = (struct message_info){0};
	if (fstat(fd, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EBADMSG;
	n = pread(fd, head, sizeof(head), 0);
	if (n < 0)
		return errno;
	if (n < MESSAGE_HEAD || !is_head(head))
		return EBADMSG;

	while (info->n_chunks < MESSAGE_CHUNKS + MESSAGE_STEP &&
	       chunk_pass(info, fd, st.st_size))
		;
	info->ms = info->n_chunks * MESSAGE_CHUNK / MESSAGE_MS;

	return info->n_chunks ? 0 : ENOENT;
}


static int read_all(int fd, uint8_t *buf, size_t n)
{
	while (n) {
		const ssize_t k = read(fd, buf, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return k ? errno : EIO;
		buf += k;
		n -= (size_t)k;
	}

	return 0;
}


static int open_read(int *fdp, struct message_info *info, uint64_t call)
{
	char path[MESSAGE_PATH];
	int err, fd;

	message_path(path, call);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno;

	err = message_scan(info, fd);
	if (err)
		(void)close(fd);
	else
		*fdp = fd;

	return err;
}


int message_look(struct message_info *info, uint64_t call)
{
	int err, fd;

	if (!info)
		return EINVAL;

	err = open_read(&fd, info, call);
	if (!err)
		(void)close(fd);

	return err;
}


int message_read(uint8_t **sealedp, size_t *np, uint64_t call)
{
	struct message_info info;
	uint8_t *sealed = NULL;
	int err, fd;

	if (!sealedp || !np)
		return EINVAL;

	err = open_read(&fd, &info, call);
	if (err)
		return err;

	sealed = malloc(info.n);
	if (!sealed)
		err = ENOMEM;
	else
		err = read_all(fd, sealed, info.n);
	(void)close(fd);
	if (err) {
		free(sealed);
		return err;
	}

	*sealedp = sealed;
	*np = info.n;

	return 0;
}


int message_retire(uint64_t call)
{
	char path[MESSAGE_PATH];

	message_path(path, call);

	return gone_put(path);
}


int message_remove(uint64_t call)
{
	const int err = message_retire(call);

	return err ? err : gone_wipe();
}
