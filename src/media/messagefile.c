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
		.codec = c,
		.format = c == CODEC_PCMA ? MESSAGE_ALAW : MESSAGE_ULAW,
	};
}


static enum codec file_codec(const struct messagefile *f)
{
	return f->format == MESSAGE_ALAW ? CODEC_PCMA : CODEC_PCMU;
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


static int head_read(struct messagefile *f, int fd)
{
	uint8_t head[MESSAGE_HEAD];
	struct message_info info;
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EEXIST;
	n = pread(fd, head, sizeof(head), 0);
	if (n < 0)
		return errno;
	if (n < MESSAGE_HEAD || message_head_decode(&info, head))
		return EEXIST;
	if (st.st_size - MESSAGE_HEAD >= MESSAGE_MOST)
		return EFBIG;

	f->format = info.format;
	f->n_before = (uint32_t)(st.st_size - MESSAGE_HEAD);
	f->voiced_before_ms = info.voiced_ms;
	if (f->voiced_before_ms > f->n_before / MESSAGE_MS)
		f->voiced_before_ms = f->n_before / MESSAGE_MS;

	return 0;
}


/* what was said before is not ours to remove, whatever goes wrong */
static int file_continue(struct messagefile *f, const char *path)
{
	const int fd = open(path,
			    O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int err;

	if (fd < 0)
		return errno;
	err = head_read(f, fd);
	if (!err) {
		f->fd = fd;
		err = messagefile_head(f, 0);
	}
	if (err) {
		(void)close(fd);
		f->fd = -1;
	}

	return err;
}


static int file_begin(struct messagefile *f, const char *path)
{
	int err;

	err = file_make(&f->fd, path);
	if (err)
		return err;

	err = messagefile_head(f, 0);
	if (!err)
		err = folder_sync(message_folder);
	if (err) {
		(void)close(f->fd);
		(void)unlink(path);
		f->fd = -1;
	}

	return err;
}


int messagefile_open(struct messagefile *f, uint64_t name)
{
	char path[MESSAGE_PATH];
	int err;

	message_path(path, name);
	f->name = name;
	err = folder_make();
	if (!err)
		err = file_begin(f, path);
	if (err == EEXIST && is_empty(path) && unlink(path) == 0)
		err = file_begin(f, path);
	if (err == EEXIST)
		err = file_continue(f, path);

	return err;
}


static int sound_add(struct messagefile *f, const uint8_t *p, size_t n)
{
	const off_t at = (off_t)MESSAGE_HEAD + f->n_before + f->n;
	size_t n_written;
	int err;

	err = write_at(f->fd, p, n, at, &n_written);
	f->n += (uint32_t)n_written;

	return err;
}


/* the phone has changed its mind about the codec since the part before */
static int sound_turn(struct messagefile *f, const uint8_t *p, size_t n)
{
	const enum codec to = file_codec(f);
	uint8_t buf[1024];
	int err = 0;

	while (n && !err) {
		const size_t k = n < sizeof(buf) ? n : sizeof(buf);

		for (size_t i = 0; i < k; i++)
			buf[i] = codec_encode(to, codec_decode(f->codec,
							       p[i]));
		err = sound_add(f, buf, k);
		p += k;
		n -= k;
	}

	return err;
}


int messagefile_write(struct messagefile *f, const uint8_t *p, size_t n)
{
	const size_t room = MESSAGE_MOST - f->n_before - f->n;
	const size_t fits = n < room ? n : room;
	int err;

	if (f->codec == file_codec(f))
		err = sound_add(f, p, fits);
	else
		err = sound_turn(f, p, fits);
	if (!err && fits < n)
		err = EFBIG;

	return err;
}


int messagefile_head(struct messagefile *f, uint32_t voiced_ms)
{
	const uint32_t ms = f->n / MESSAGE_MS;
	const struct message_info info = {
		.format = f->format,
		.voiced_ms = f->voiced_before_ms +
			     (voiced_ms < ms ? voiced_ms : ms),
	};
	uint8_t head[MESSAGE_HEAD];
	size_t n_written;
	int err;

	message_head_encode(head, &info, (f->n_before + f->n) & ~1u);
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


int messagefile_back(struct messagefile *f)
{
	if (!f->n_before)
		return 0;
	if (ftruncate(f->fd, (off_t)MESSAGE_HEAD + f->n_before) < 0)
		return errno;
	f->n = f->n_head = f->n_synced = 0;

	return 0;
}


int messagefile_close(struct messagefile *f, uint32_t voiced_ms)
{
	const int err = messagefile_sync(f, voiced_ms);
	char path[MESSAGE_PATH];

	(void)close(f->fd);
	f->fd = -1;
	if (!f->n_before && !f->n) {
		message_path(path, f->name);
		(void)unlink(path);
	}

	return err;
}
