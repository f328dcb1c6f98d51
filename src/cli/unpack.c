/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * unpack.c  Writes the files of a backup into a new folder. Must not write over
 * anything, nor anywhere else, whatever names stand in the backup.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/message.h"
#include "base/step.h"
#include "unpack.h"
#include "whole.h"


enum { PIECE = 65536 };

static const char store_name[] = "store.db";
static const char config_name[] = "ringback.conf";

/* all that may be there before a restore is done */
static const char *const files[] = {
	"ringback.conf", "store.db", "store.db-wal", "store.db-shm",
	"store.db-journal",
};


static int said(const char *path, int err)
{
	fprintf(stderr, "ringback: %s: %s\n", path, parcel_why(err));

	return err;
}


static void path_of(char path[LIMIT_PATH], const struct unpack *u,
		    const char *name)
{
	(void)snprintf(path, LIMIT_PATH, "%s/%s", u->folder, name);
}


/* ---- the folder ---------------------------------------------------------- */

static bool is_dot(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}


/* @return 0; EEXIST there is something in it */
static int folder_empty(const char *folder)
{
	const struct dirent *entry;
	DIR *dir = opendir(folder);
	int err = 0;

	if (!dir)
		return errno;
	while (!err && (entry = readdir(dir))) {
		if (!is_dot(entry->d_name))
			err = EEXIST;
	}
	(void)closedir(dir);

	return err;
}


/* its path leads to another one by now, or nowhere: who had it took it back */
static bool is_there(const struct unpack *u)
{
	struct stat here, there;

	return fstat(u->fd, &here) == 0 && stat(u->folder, &there) == 0 &&
	       here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}


/* One restore at a time, until its end: both would see it empty. Some network
 * disks lock no folders; there the look that follows must do. */
static int folder_lock(struct unpack *u)
{
	u->fd = open(u->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (u->fd < 0)
		return errno;
	u->held = true;
	if (flock(u->fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return EBUSY;

	return is_there(u) ? 0 : EBUSY;
}


static void folder_say(const char *folder, int err)
{
	if (err == EEXIST)
		fprintf(stderr, "ringback: %s is not empty: a backup is put"
			" into a new folder. Nothing was changed.\n", folder);
	else if (err == EBUSY)
		fprintf(stderr, "ringback: %s: another restore into this"
			" folder is at work. Nothing was changed.\n", folder);
	else if (err)
		(void)said(folder, err);
}


int unpack_begin(struct unpack *u, const char *folder)
{
	int err;

	memset(u, 0, sizeof(*u));
	if (strlen(folder) >= sizeof(u->folder))
		return said(folder, ENAMETOOLONG);
	(void)snprintf(u->folder, sizeof(u->folder), "%s", folder);

	u->made = mkdir(folder, S_IRWXU) == 0;
	err = u->made || errno == EEXIST ? folder_lock(u) : errno;
	if (!err)
		err = folder_empty(folder);
	folder_say(folder, err);

	return err;
}


/* Shares take their time to be typed: somebody else may have restored it
 * there meanwhile, and run it. */
static int folder_take(struct unpack *u)
{
	int err;

	err = folder_empty(u->folder);
	if (err == EEXIST)
		fprintf(stderr, "ringback: %s is not empty any more: somebody"
			" else has put something there.\nThat is left as it"
			" is.\n", u->folder);
	else if (err)
		(void)said(u->folder, err);
	u->begun = !err;

	return err;
}


static void messages_remove(const struct unpack *u)
{
	char folder[LIMIT_PATH], path[LIMIT_PATH + 256];
	const struct dirent *entry;
	DIR *dir;

	path_of(folder, u, message_folder);
	dir = opendir(folder);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (is_dot(entry->d_name))
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder,
			       entry->d_name);
		(void)unlink(path);
	}
	(void)closedir(dir);
	(void)rmdir(folder);
}


void unpack_undo(struct unpack *u)
{
	char path[LIMIT_PATH];

	for (size_t i = 0; u->begun && i < STEP_COUNT(files); i++) {
		path_of(path, u, files[i]);
		(void)unlink(path);
	}
	if (u->begun)
		messages_remove(u);
	if (u->made)
		(void)rmdir(u->folder);
}


void unpack_close(struct unpack *u)
{
	free(u->config);
	u->config = NULL;
	if (u->held)
		(void)close(u->fd);
	u->held = false;
}


/* ---- one file ------------------------------------------------------------ */

static int copy(int fd, struct opened *file, const char *to, const char *from)
{
	uint8_t v[PIECE];
	size_t n;
	int err;

	do {
		err = opened_read(file, v, sizeof(v), &n);
		if (err)
			return said(from, err);
		err = whole_write(fd, v, n);
		if (err)
			return said(to, err);
	} while (n);

	return fsync(fd) < 0 ? said(to, errno) : 0;
}


static int file_put(const struct unpack *u, const char *name,
		    struct opened *file, const char *from)
{
	char path[LIMIT_PATH];
	int err, fd;

	path_of(path, u, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		  S_IRUSR | S_IWUSR);
	if (fd < 0)
		return said(path, errno);
	err = copy(fd, file, path, from);
	if (close(fd) < 0 && !err)
		err = said(path, errno);

	return err;
}


/* ---- which files --------------------------------------------------------- */

static int store_put(struct unpack *u, const struct tar_file *head,
		     struct opened *file, const char *from)
{
	u->has_store = true;

	return file_put(u, head->name, file, from);
}


static int config_put(struct unpack *u, const struct tar_file *head,
		      struct opened *file, const char *from)
{
	int err;

	if (u->config || head->size > LIMIT_CONFIG)
		return said(from, EBADMSG);
	u->config = malloc((size_t)head->size + 1);
	if (!u->config)
		return said(from, ENOMEM);
	err = opened_read(file, u->config, (size_t)head->size, &u->n_config);

	return err ? said(from, err) : 0;
}


/* of a call's number, and of nothing else: it is put together anew */
static bool is_message(const char *name)
{
	char path[MESSAGE_PATH];
	uint64_t call;

	if (sscanf(name, "messages/%20" SCNu64, &call) != 1)
		return false;
	message_path(path, call);

	return call && !strcmp(path, name);
}


static int message_put(struct unpack *u, const struct tar_file *head,
		       struct opened *file, const char *from)
{
	char folder[LIMIT_PATH];

	if (!is_message(head->name))
		return said(from, EBADMSG);
	path_of(folder, u, message_folder);
	if (mkdir(folder, S_IRWXU) < 0 && errno != EEXIST)
		return said(folder, errno);
	++u->n_messages;

	return file_put(u, head->name, file, from);
}


typedef int(put_h)(struct unpack *u, const struct tar_file *head,
		   struct opened *file, const char *from);

static put_h *put_of(const char *name)
{
	if (!strcmp(name, store_name))
		return store_put;
	if (!strcmp(name, config_name))
		return config_put;

	return message_put;
}


int unpack_files(struct unpack *u, struct opened *file, const char *path)
{
	struct tar_file head;
	int err;

	err = folder_take(u);
	if (err)
		return err;

	while (!(err = opened_next(file, &head))) {
		err = put_of(head.name)(u, &head, file, path);
		if (err)
			return err;
	}
	if (err == ENOENT) /* the end, and all was whole */
		err = u->has_store && u->config ? 0 : EBADMSG;

	return err ? said(path, err) : 0;
}


/* the names in it are on the disk as well */
static int folder_sync(const char *folder)
{
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return errno == ENOENT ? 0 : errno;
	if (fsync(fd) < 0 && errno != EINVAL) /* some network disks */
		err = errno;
	(void)close(fd);

	return err;
}


int unpack_finish(struct unpack *u)
{
	char path[LIMIT_PATH], messages[LIMIT_PATH];
	int err, fd;

	path_of(messages, u, message_folder);
	err = folder_sync(messages);
	if (err)
		return said(messages, err);

	path_of(path, u, config_name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		  S_IRUSR | S_IWUSR);
	if (fd < 0)
		return said(path, errno);
	err = whole_write(fd, u->config, u->n_config);
	if (!err && fsync(fd) < 0)
		err = errno;
	if (close(fd) < 0 && !err)
		err = errno;
	if (!err)
		err = folder_sync(u->folder);

	return err ? said(path, err) : 0;
}
