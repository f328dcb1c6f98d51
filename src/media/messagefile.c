/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * messagefile.c  System calls on one file. Runs in a thread: must not use
 * libre, nor keep anything but what is in its struct.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "messagefile.h"


void messagefile_init(struct messagefile *f, enum codec c)
{
	*f = (struct messagefile){
		.fd = -1,
		.format = c == CODEC_PCMA ? MESSAGE_ALAW : MESSAGE_ULAW,
	};
}


static int folder_sync(const char *path)
{
	int err = 0, fd;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (fsync(fd) < 0)
		err = errno;
	(void)close(fd);

	return err;
}


static int folder_make(void)
{
	if (mkdir(message_folder, S_IRWXU) == 0)
		return folder_sync(".");

	return errno == EEXIST ? 0 : errno;
}


static int file_make(int *fdp, const char *path)
{
	*fdp = open(path,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		    S_IRUSR | S_IWUSR);

	return *fdp < 0 ? errno : 0;
}


static bool is_empty(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_size <= MESSAGE_HEAD;
}


int messagefile_create(struct messagefile *f, uint64_t name)
{
	char path[MESSAGE_PATH];
	int err, fd;

	message_path(path, name);
	err = folder_make();
	if (!err)
		err = file_make(&fd, path);
	if (err == EEXIST && is_empty(path) && unlink(path) == 0)
		err = file_make(&fd, path);
	if (err)
		return err;

	f->fd = fd;
	f->name = name;
	err = messagefile_head(f, 0);
	if (!err)
		err = folder_sync(message_folder);
	if (err) {
		(void)close(fd);
		(void)unlink(path);
		f->fd = -1;
	}

	return err;
}


static int write_at(int fd, const uint8_t *p, size_t n, off_t at,
		    size_t *n_written)
{
	*n_written = 0;
	while (*n_written < n) {
		const ssize_t k = pwrite(fd, p + *n_written, n - *n_written,
					 at + (off_t)*n_written);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return k ? errno : EIO;
		*n_written += (size_t)k;
	}

	return 0;
}


int messagefile_write(struct messagefile *f, const uint8_t *p, size_t n)
{
	size_t n_written;
	int err;

	err = write_at(f->fd, p, n, (off_t)MESSAGE_HEAD + f->n, &n_written);
	f->n += (uint32_t)n_written;

	return err;
}


int messagefile_head(struct messagefile *f, uint32_t voiced_ms)
{
	const uint32_t ms = f->n / MESSAGE_MS;
	const struct message_info info = {
		.format = f->format,
		.voiced_ms = voiced_ms < ms ? voiced_ms : ms,
	};
	uint8_t head[MESSAGE_HEAD];
	size_t n_written;
	int err;

	message_head_encode(head, &info, f->n & ~1u);
	err = write_at(f->fd, head, sizeof(head), 0, &n_written);
	if (!err)
		f->n_head = f->n;

	return err;
}


int messagefile_sync(struct messagefile *f, uint32_t voiced_ms)
{
	const uint32_t n = f->n;
	const int err = messagefile_head(f, voiced_ms);

	/* the sound matters more than the head */
	if (fdatasync(f->fd) < 0)
		return errno;
	f->n_synced = n;

	return err;
}


int messagefile_sync_all(void)
{
	int err = 0, fd;

	fd = open(message_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (syncfs(fd) < 0)
		err = errno;
	(void)close(fd);

	return err;
}


int messagefile_close(struct messagefile *f, uint32_t voiced_ms)
{
	const int err = messagefile_sync(f, voiced_ms);
	char path[MESSAGE_PATH];

	(void)close(f->fd);
	f->fd = -1;
	if (!f->n) {
		message_path(path, f->name);
		(void)unlink(path);
	}

	return err;
}
