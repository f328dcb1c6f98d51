/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * messagefile.c  System calls on one file. Runs in a thread: must not use
 * libre, nor write anything that is not sealed, nor keep anything but what is in its struct.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "messagefile.h"


_Static_assert((int)MESSAGE_HEAD == (int)SEAL_HEAD &&
	       (int)MESSAGE_LID == (int)STREAM_LID &&
	       (int)MESSAGE_CHUNK == (int)STREAM_CHUNK &&
	       (int)MESSAGE_SEALED == (int)STREAM_SEALED &&
	       (int)MESSAGE_STEP == (int)STREAM_STEP &&
	       (int)MESSAGE_KEY == (int)SEAL_KEY,
	       "one format, for those who seal and those who do not");


void messagefile_init(struct messagefile *f, enum codec c,
		      const struct message_seal *seal)
{
	*f = (struct messagefile){.fd = -1, .codec = c, .seal = *seal};
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


/* a crash left no sound in it */
static bool is_empty(const char *path)
{
	struct message_info info;
	struct stat st;
	int err, fd;

	if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	if (st.st_size < MESSAGE_LID)
		return true;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return false;
	err = message_scan(&info, fd);
	(void)close(fd);

	return err == ENOENT;
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


/* back to whole chunks; without any, this part has never been */
static int cut(const struct messagefile *f)
{
	const off_t n = f->n_chunks ? STREAM_LID + (off_t)f->n_chunks *
							   STREAM_SEALED
				    : 0;

	return ftruncate(f->fd, f->begin + n) < 0 ? errno : 0;
}


static void file_let_go(struct messagefile *f)
{
	sodium_memzero(f->secret, sizeof(*f->secret));
	f->n_plain = 0;
	(void)close(f->fd);
	f->fd = -1;
}


static int part_begin(struct messagefile *f)
{
	const struct seal_about about = {
		.kind = SEAL_MESSAGE,
		.detail = codec_pt(f->codec),
		.epoch = f->seal.epoch,
		.subject = f->name,
	};
	uint8_t lid[STREAM_LID];
	size_t n_written;
	int err;

	err = stream_begin(&f->secret->stream, lid, &about, f->n_parts,
			   f->seal.public);

	return err ? err : write_at(f->fd, lid, sizeof(lid), f->begin,
				    &n_written);
}


/* what a crash broke off in the middle of a chunk is of no use to anybody */
static int part_append(struct messagefile *f)
{
	struct message_info info;
	int err;

	err = message_scan(&info, f->fd);
	if (err)
		return err == EBADMSG ? EEXIST : err;
	if (info.n_chunks >= MESSAGE_CHUNKS)
		return EFBIG;
	f->n_parts = info.n_parts;
	f->n_before = info.n_chunks;
	f->begin = info.n;
	if (ftruncate(f->fd, f->begin) < 0)
		return errno;

	err = part_begin(f);
	if (err)
		(void)cut(f);

	return err;
}


/* what was said before is not ours to remove, whatever goes wrong */
static int file_continue(struct messagefile *f, const char *path)
{
	int err;

	f->fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (f->fd < 0)
		return errno;
	err = part_append(f);
	if (err)
		file_let_go(f);

	return err;
}


static int file_begin(struct messagefile *f, const char *path)
{
	int err;

	err = file_make(&f->fd, path);
	if (err)
		return err;

	err = part_begin(f);
	if (!err)
		err = folder_sync(message_folder);
	if (err) {
		file_let_go(f);
		(void)unlink(path);
	}

	return err;
}


static void secret_free(struct messagefile *f)
{
	sodium_free(f->secret);
	f->secret = NULL;
}


int messagefile_open(struct messagefile *f, uint64_t name)
{
	char path[MESSAGE_PATH];
	int err;

	f->secret = sodium_malloc(sizeof(*f->secret));
	if (!f->secret)
		return ENOMEM;
	message_path(path, name);
	f->name = name;
	err = folder_make();
	if (!err)
		err = file_begin(f, path);
	if (err == EEXIST && is_empty(path) && unlink(path) == 0)
		err = file_begin(f, path);
	if (err == EEXIST)
		err = file_continue(f, path);
	if (err)
		secret_free(f);

	return err;
}


/* One that is not whole on disk has been sealed all the same: the next could
 * not be told apart from one that was taken out. */
static int chunk_put(struct messagefile *f, bool last)
{
	const off_t at = f->begin + STREAM_LID +
			 (off_t)f->n_chunks * STREAM_SEALED;
	uint8_t sealed[STREAM_SEALED];
	size_t n_written;
	int err;

	if (f->broken)
		return EIO;

	err = stream_push(&f->secret->stream, sealed, f->secret->plain,
			  f->n_plain, last);
	if (!err)
		err = write_at(f->fd, sealed, sizeof(sealed), at, &n_written);
	if (err) {
		f->broken = true;
	}
	else {
		++f->n_chunks;
		f->n += f->n_plain;
	}
	sodium_memzero(f->secret->plain, STREAM_CHUNK);
	f->n_plain = 0;

	return err;
}


int messagefile_write(struct messagefile *f, const uint8_t *p, size_t n)
{
	while (n) {
		const size_t room = STREAM_CHUNK - f->n_plain;
		const size_t k = n < room ? n : room;
		int err;

		if (f->n_before + f->n_chunks >= MESSAGE_CHUNKS)
			return EFBIG;
		memcpy(f->secret->plain + f->n_plain, p, k);
		f->n_plain += (uint32_t)k;
		p += k;
		n -= k;
		err = f->n_plain == STREAM_CHUNK ? chunk_put(f, false) : 0;
		if (err)
			return err;
	}

	return 0;
}


int messagefile_sync(struct messagefile *f)
{
	if (fdatasync(f->fd) < 0)
		return errno;
	f->n_synced = f->n;

	return 0;
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

	f->n = f->n_chunks = f->n_synced = f->n_plain = 0;

	return cut(f);
}


/* the rest of the sound is in the first of these */
static int part_end(struct messagefile *f)
{
	int err = 0;

	if (!f->n && !f->n_plain)
		return cut(f);

	while (!err && stream_missing(&f->secret->stream))
		err = chunk_put(f, false);
	if (!err)
		err = chunk_put(f, true);
	if (f->broken)
		(void)cut(f);

	return err;
}


/* Whoever lists or copies the folder is not told the second in which somebody
 * stopped to speak. */
static void day_only(int fd)
{
	enum { DAY_S = 86400 };
	struct timespec t[2] = {{0}};
	struct stat st;

	if (fstat(fd, &st) < 0)
		return;
	t[0].tv_sec = t[1].tv_sec = st.st_mtime - st.st_mtime % DAY_S;
	(void)futimens(fd, t);
}


int messagefile_close(struct messagefile *f)
{
	const int err = part_end(f);
	const int e = messagefile_sync(f);
	char path[MESSAGE_PATH];

	day_only(f->fd);
	file_let_go(f);
	secret_free(f);
	if (!f->n_before && !f->n_chunks) {
		message_path(path, f->name);
		(void)unlink(path);
	}

	return err ? err : e;
}
