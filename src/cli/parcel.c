/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * parcel.c  Writes a sealed file of files. Must not write anything that is not
 * sealed, nor know what the files in it are.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "parcel.h"
#include "whole.h"


enum { WIPE = 65536 };

struct parcel {
	struct stream stream;
	uint8_t plain[STREAM_CHUNK];
	size_t n; /* of them */
	int64_t mtime;
	int fd;
	bool finished;
	char path[LIMIT_PATH];
	char part[LIMIT_PATH + 8];
};


static int file_make(struct parcel *p)
{
	/* nobody may have it open from before */
	if (unlink(p->part) < 0 && errno != ENOENT)
		return errno;
	p->fd = open(p->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		     S_IRUSR | S_IWUSR);

	return p->fd < 0 ? errno : 0;
}


int parcel_make(struct parcel **pp, const char *path,
		const struct archive_about *about)
{
	uint8_t lid[ARCHIVE_LID];
	struct parcel *p;
	int err;

	if (!pp || !path || !about)
		return EINVAL;
	if (strlen(path) >= sizeof(p->path))
		return ENAMETOOLONG;

	p = sodium_malloc(sizeof(*p));
	if (!p)
		return ENOMEM;
	memset(p, 0, sizeof(*p));
	p->fd = -1;
	p->mtime = about->made_at / 1000;
	(void)snprintf(p->path, sizeof(p->path), "%s", path);
	(void)snprintf(p->part, sizeof(p->part), "%s.part", path);

	err = archive_begin(&p->stream, lid, about);
	if (!err)
		err = file_make(p);
	if (!err)
		err = whole_write(p->fd, lid, sizeof(lid));
	if (err)
		parcel_drop(p);
	else
		*pp = p;

	return err;
}


static int chunk_write(struct parcel *p, bool last)
{
	uint8_t sealed[STREAM_SEALED];
	int err;

	err = stream_push(&p->stream, sealed, p->plain, p->n, last);
	p->n = 0;

	return err ? err : whole_write(p->fd, sealed, sizeof(sealed));
}


static int put(struct parcel *p, const uint8_t *v, size_t n)
{
	int err = 0;

	while (!err && n) {
		const size_t room = sizeof(p->plain) - p->n;
		const size_t k = n < room ? n : room;

		memcpy(p->plain + p->n, v, k);
		p->n += k;
		v += k;
		n -= k;
		if (p->n == sizeof(p->plain))
			err = chunk_write(p, false);
	}

	return err;
}


int parcel_add(struct parcel *p, const char *name, const uint8_t *v,
	       size_t n)
{
	static const uint8_t zeros[TAR_BLOCK];
	struct tar_file file = {.size = n};
	uint8_t head[TAR_BLOCK];
	int err;

	if (!p || !name || (!v && n) || strlen(name) >= sizeof(file.name))
		return EINVAL;

	(void)snprintf(file.name, sizeof(file.name), "%s", name);
	err = tar_encode(head, &file, p->mtime);
	if (!err)
		err = put(p, head, sizeof(head));
	if (!err)
		err = put(p, v, n);

	return err ? err : put(p, zeros, tar_fill(n));
}


int parcel_finish(struct parcel *p)
{
	static const uint8_t zeros[TAR_BLOCK];
	int err = 0;

	for (int i = 0; !err && i < TAR_END; i++)
		err = put(p, zeros, sizeof(zeros));
	/* what is left, then nothing, as often as makes a whole step */
	while (!err && stream_missing(&p->stream))
		err = chunk_write(p, false);
	if (!err)
		err = chunk_write(p, true);
	if (!err && fsync(p->fd) < 0)
		err = errno;
	p->finished = !err;

	return err;
}


/* Its blocks are given to others, or to nobody for long: what stood there must
 * not. @return is it somewhere else, too? */
static bool old_wipe(int fd)
{
	static const uint8_t zeros[WIPE];
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	if (st.st_nlink)
		return true;
	for (off_t at = 0; at < st.st_size; at += WIPE) {
		if (whole_write(fd, zeros, WIPE))
			break;
	}
	(void)fdatasync(fd);

	return false;
}


static int folder_sync(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[LIMIT_PATH];
	int err = 0, fd;

	(void)snprintf(folder, sizeof(folder), "%.*s",
		       slash ? (int)(slash - path) + 1 : 1,
		       slash ? path : ".");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (fsync(fd) < 0 && errno != EINVAL) /* some network disks */
		err = errno;
	(void)close(fd);

	return err;
}


int parcel_place(struct parcel *p, bool *otherp)
{
	bool other = false;
	int err = 0, old;

	if (!p || !p->finished)
		return EINVAL;

	old = open(p->path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (rename(p->part, p->path) < 0) {
		err = errno;
		goto out;
	}
	p->part[0] = '\0';
	err = folder_sync(p->path);
	if (old >= 0 && !err)
		other = old_wipe(old);
	if (otherp)
		*otherp = other;

out:
	if (old >= 0)
		(void)close(old);

	return err;
}


void parcel_drop(struct parcel *p)
{
	if (!p)
		return;

	if (p->fd >= 0) {
		(void)close(p->fd);
		if (p->part[0])
			(void)unlink(p->part);
	}
	sodium_free(p);
}


static const struct words {
	int err;
	const char *text;
} all_words[] = {
	{ENOSPC, "the disk is full: free some space"},
	{EDQUOT, "the disk's quota is used up: free some space"},
	{EFBIG, "there is no room for a file of that size"},
	{EROFS, "it cannot be written: the disk is read-only"},
	{EACCES, "not permitted"},
	{EPERM, "not permitted"},
	{ENOENT, "there is no such file or folder"},
	{ENOTDIR, "that is no folder"},
	{ENAMETOOLONG, "that path is too long"},
	{ENOMEM, "there is not enough memory"},
	{EIO, "the disk fails"},
	{EISDIR, "that is a folder, not a file"},
	{EBADMSG, "it is not as it was sealed: damaged, or changed"},
	{ENODATA, "it is cut off: a part of it is missing"},
	{ENOTSUP, "a newer Ringback made it: install that version or a later"
		  " one"},
};


const char *parcel_why(int err)
{
	for (size_t i = 0; i < sizeof(all_words) / sizeof(all_words[0]); i++) {
		if (all_words[i].err == err)
			return all_words[i].text;
	}

	return strerror(err);
}
