/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * gone.c  Writes over files and deletes them. Must not read any.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gone.h"


enum { PIECE = 65536, NAME = 64, TRIES = 1000000 };

const char gone_folder[] = "gone";


static int folder_sync(int dir)
{
	return fsync(dir) < 0 ? errno : 0;
}


static int folder_make(void)
{
	return mkdir(gone_folder, S_IRWXU) < 0 && errno != EEXIST ? errno : 0;
}


/* a name that nothing has there, not even what another process puts there */
static int move_there(const char *path)
{
	char to[NAME];

	for (unsigned i = 0; i < TRIES; i++) {
		(void)snprintf(to, sizeof(to), "%s/%u", gone_folder, i);
		if (renameat2(AT_FDCWD, path, AT_FDCWD, to,
			      RENAME_NOREPLACE) == 0)
			return 0;
		if (errno != EEXIST)
			return errno;
	}

	return EEXIST;
}


/* to the end of its last block: what was cut off it may still be there */
static int write_over(int fd)
{
	static const uint8_t nothing[PIECE];
	struct stat st;
	off_t at = 0, end;

	if (fstat(fd, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return 0;
	end = st.st_blksize > 0 ? (st.st_size + st.st_blksize - 1) /
					  st.st_blksize * st.st_blksize
				: st.st_size;

	while (at < end) {
		const off_t left = end - at;
		const ssize_t n = pwrite(fd, nothing,
					 left < PIECE ? (size_t)left : PIECE,
					 at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? errno : EIO;
		at += n;
	}

	return fdatasync(fd) < 0 ? errno : 0;
}


static int wipe(int dir, const char *name)
{
	int err = 0, fd;

	fd = openat(dir, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0) {
		err = write_over(fd);
		(void)close(fd);
	}
	else if (errno != ENOENT && errno != ELOOP && errno != ENXIO) {
		err = errno;
	}
	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT && !err)
		err = errno;

	return err;
}


int gone_put(const char *path)
{
	struct stat st;
	int err;

	if (!path)
		return EINVAL;
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : errno;

	err = folder_make();
	if (!err)
		err = move_there(path);
	if (err == EXDEV) /* another disk: then it takes its time */
		err = wipe(AT_FDCWD, path);

	return err == ENOENT ? 0 : err; /* somebody else was faster */
}


static bool is_file(const char *name)
{
	return name[0] != '.';
}


int gone_wipe(void)
{
	const struct dirent *entry;
	int err = 0;
	DIR *dir;

	dir = opendir(gone_folder);
	if (!dir)
		return errno == ENOENT ? 0 : errno;

	while ((entry = readdir(dir))) {
		const int e = is_file(entry->d_name)
				      ? wipe(dirfd(dir), entry->d_name)
				      : 0;

		err = err ? err : e;
	}
	if (!err)
		err = folder_sync(dirfd(dir));
	(void)closedir(dir);

	return err;
}
