/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * opened.c  Reads a sealed file of files. Must not write any, nor believe what
 * is in it before it is known to be as it was sealed.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "parcel.h"


struct opened {
	struct stream stream;
	uint8_t lid[ARCHIVE_LID];
	uint8_t plain[STREAM_PADDED];
	size_t n, at; /* bytes in plain, and how many were read */
	uint64_t left; /* of the file at hand */
	size_t fill;   /* zeros behind it */
	int fd;
};


/* as many as there are, up to n */
static int read_some(int fd, uint8_t *v, size_t n, size_t *np)
{
	*np = 0;
	while (*np < n) {
		const ssize_t k = read(fd, v + *np, n - *np);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return errno;
		if (!k)
			break;
		*np += (size_t)k;
	}

	return 0;
}


int opened_open(struct opened **op, struct archive_about *about,
		const char *path)
{
	struct opened *o;
	size_t n = 0;
	int err = 0;

	if (!op || !about || !path)
		return EINVAL;

	o = sodium_malloc(sizeof(*o));
	if (!o)
		return ENOMEM;
	memset(o, 0, sizeof(*o));
	o->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (o->fd < 0)
		err = errno;
	if (!err)
		err = read_some(o->fd, o->lid, sizeof(o->lid), &n);
	if (!err)
		err = archive_look(about, o->lid, n);
	if (err)
		opened_close(o);
	else
		*op = o;

	return err;
}


int opened_unlock(struct opened *o, const uint8_t private[SEAL_KEY])
{
	return o ? archive_open(&o->stream, o->lid, private) : EINVAL;
}


static int chunk_read(struct opened *o)
{
	uint8_t sealed[STREAM_SEALED];
	size_t n;
	int err;

	/* whoever wants more than there is was told something wrong */
	if (o->stream.over)
		return EBADMSG;
	err = read_some(o->fd, sealed, sizeof(sealed), &n);
	if (err)
		return err;
	if (n < sizeof(sealed))
		return ENODATA;
	o->at = 0;
	o->n = 0;

	return stream_pull(&o->stream, o->plain, &o->n, sealed);
}


/* v NULL: pass over them */
static int get(struct opened *o, uint8_t *v, uint64_t n)
{
	while (n) {
		const size_t there = o->n - o->at;
		const size_t k = n < there ? (size_t)n : there;
		int err;

		if (v && k) {
			memcpy(v, o->plain + o->at, k);
			v += k;
		}
		o->at += k;
		n -= k;
		if (n) {
			err = chunk_read(o);
			if (err)
				return err;
		}
	}

	return 0;
}


/* up to the last chunk, behind which there is nothing */
static int end(struct opened *o)
{
	uint8_t more;
	size_t n;
	int err = 0;

	while (!err && !o->stream.over)
		err = chunk_read(o);
	if (!err)
		err = read_some(o->fd, &more, 1, &n);
	if (!err)
		err = n ? EBADMSG : ENOENT;

	return err;
}


int opened_next(struct opened *o, struct tar_file *file)
{
	uint8_t head[TAR_BLOCK];
	int err;

	if (!o || !file)
		return EINVAL;

	err = get(o, NULL, o->left + o->fill);
	o->left = o->fill = 0;
	if (!err)
		err = get(o, head, sizeof(head));
	if (!err) {
		err = tar_decode(file, head);
		if (err == ENOENT)
			return end(o);
	}
	if (err)
		return err;
	o->left = file->size;
	o->fill = tar_fill(file->size);

	return 0;
}


int opened_read(struct opened *o, uint8_t *v, size_t n, size_t *np)
{
	int err;

	if (!o || !v || !np)
		return EINVAL;

	if (n > o->left)
		n = (size_t)o->left;
	err = get(o, v, n);
	if (!err) {
		o->left -= n;
		*np = n;
	}

	return err;
}


void opened_close(struct opened *o)
{
	if (!o)
		return;

	if (o->fd >= 0)
		(void)close(o->fd);
	sodium_free(o);
}
