/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * message.c  Names, reads and deletes the files of messages. Must not write
 * sound: that is the media process' own.
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

#include "message.h"


enum {
	RATE = 1000 * MESSAGE_MS,
	/* where in the head */
	AT_RIFF = 4,
	AT_FORMAT = 20,
	AT_FACT = 46,
	AT_VOICED = 58,
	AT_DATA = 66,
};

const char message_folder[] = "messages";

/* "fact" holds the number of samples; "voic" is our own, and readers of WAV
 * files pass over what they do not know */
static const uint8_t blank[MESSAGE_HEAD] = {
	'R', 'I', 'F', 'F', 0, 0, 0, 0, 'W', 'A', 'V', 'E',
	'f', 'm', 't', ' ', 18, 0, 0, 0,
	0, 0, 1, 0, RATE & 0xff, RATE >> 8, 0, 0, RATE & 0xff, RATE >> 8, 0, 0,
	1, 0, 8, 0, 0, 0,
	'f', 'a', 'c', 't', 4, 0, 0, 0, 0, 0, 0, 0,
	'v', 'o', 'i', 'c', 4, 0, 0, 0, 0, 0, 0, 0,
	'd', 'a', 't', 'a', 0, 0, 0, 0,
};

/* what is written anew each time */
static const struct {
	uint8_t from, n;
} holes[] = {
	{AT_RIFF, 4}, {AT_FORMAT, 2}, {AT_FACT, 4}, {AT_VOICED, 4},
	{AT_DATA, 4},
};


void message_path(char path[MESSAGE_PATH], uint64_t call)
{
	(void)snprintf(path, MESSAGE_PATH, "%s/%" PRIu64 ".wav",
		       message_folder, call);
}


static void put32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}


static uint32_t get32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}


void message_head_encode(uint8_t head[MESSAGE_HEAD],
			 const struct message_info *info, uint32_t n)
{
	memcpy(head, blank, MESSAGE_HEAD);
	put32(head + AT_RIFF, MESSAGE_HEAD - 8 + n);
	head[AT_FORMAT] = (uint8_t)info->format;
	put32(head + AT_FACT, n);
	put32(head + AT_VOICED, info->voiced_ms);
	put32(head + AT_DATA, n);
}


int message_head_decode(struct message_info *info,
			const uint8_t head[MESSAGE_HEAD])
{
	const unsigned format = head[AT_FORMAT] | head[AT_FORMAT + 1] << 8;
	uint8_t rest[MESSAGE_HEAD];

	memcpy(rest, head, sizeof(rest));
	for (size_t i = 0; i < sizeof(holes) / sizeof(holes[0]); i++)
		memset(rest + holes[i].from, 0, holes[i].n);
	if (memcmp(rest, blank, sizeof(rest)) != 0 ||
	    (format != MESSAGE_ALAW && format != MESSAGE_ULAW))
		return EBADMSG;

	info->format = (enum message_format)format;
	info->ms = get32(head + AT_DATA) / MESSAGE_MS;
	info->voiced_ms = get32(head + AT_VOICED);

	return 0;
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


/* a WAV file's chunks have even lengths */
static int length_get(int fd, uint32_t *np)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode) || st.st_size < MESSAGE_HEAD)
		return EBADMSG;

	st.st_size -= MESSAGE_HEAD;
	*np = st.st_size < MESSAGE_MOST ? (uint32_t)st.st_size & ~1u
					: MESSAGE_MOST;

	return 0;
}


/* @param np bytes of sound, whatever the head says */
static int open_read(int *fdp, struct message_info *info, uint32_t *np,
		     uint64_t call)
{
	uint8_t head[MESSAGE_HEAD];
	char path[MESSAGE_PATH];
	int err, fd;

	message_path(path, call);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno;

	err = length_get(fd, np);
	if (!err)
		err = read_all(fd, head, sizeof(head));
	if (!err)
		err = message_head_decode(info, head);
	if (err) {
		(void)close(fd);
		return err;
	}

	info->ms = *np / MESSAGE_MS;
	if (info->voiced_ms > info->ms)
		info->voiced_ms = info->ms;
	*fdp = fd;

	return 0;
}


int message_look(struct message_info *info, uint64_t call)
{
	uint32_t n;
	int err, fd;

	if (!info)
		return EINVAL;

	err = open_read(&fd, info, &n, call);
	if (!err)
		(void)close(fd);

	return err;
}


int message_read(uint8_t **wavp, size_t *np, uint64_t call)
{
	struct message_info info;
	uint8_t *wav = NULL;
	uint32_t n;
	int err, fd;

	if (!wavp || !np)
		return EINVAL;

	err = open_read(&fd, &info, &n, call);
	if (err)
		return err;

	wav = malloc(MESSAGE_HEAD + n);
	if (!wav)
		err = ENOMEM;
	else
		err = read_all(fd, wav + MESSAGE_HEAD, n);
	(void)close(fd);
	if (err) {
		free(wav);
		return err;
	}

	message_head_encode(wav, &info, n);
	*wavp = wav;
	*np = MESSAGE_HEAD + n;

	return 0;
}


int message_remove(uint64_t call)
{
	char path[MESSAGE_PATH];

	message_path(path, call);

	return unlink(path) < 0 && errno != ENOENT ? errno : 0;
}
