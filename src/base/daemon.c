/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * daemon.c  Start-up that all processes share. Must not know what any of
 * them does.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon.h"
#include "limits.h"
#include "traces.h"

#define LOG_MODULE "daemon"
#include "log.h"


/* what is locked, a byte each, of the lock file */
enum byte {
	BYTE_OWNED = 0, /* by the process that runs             */
	BYTE_TOLD = 1,  /* as well, once its text stands there  */
	BYTE_WORDS = 2, /* and of each enum daemon_word, if said */
};


int daemon_enter(int argc, char *argv[])
{
	if (argc != 3 || strcmp(argv[1], "--data") != 0) {
		fprintf(stderr,
			"usage: %s --data DIR\n"
			"This program is started by `ringback run`.\n",
			argc ? argv[0] : "ringback");
		return EINVAL;
	}
	if (chdir(argv[2]) < 0) {
		int err = errno;

		fprintf(stderr, "%s: %s\n", argv[2], strerror(err));
		return err;
	}

	return 0;
}


static int lock_path(char *path, size_t size, const char *name)
{
	int n = snprintf(path, size, "run/%s.lock", name);

	return n < 0 || (size_t)n >= size ? ENAMETOOLONG : 0;
}


/* "Open file description" locks: asking about one takes none, so that nobody
 * who asks can stand in the way of a process that starts. */
static struct flock byte_of(int byte)
{
	const struct flock lock = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = 1,
	};

	return lock;
}


static int byte_lock(int fd, int byte)
{
	struct flock lock = byte_of(byte);

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;

	return errno == EAGAIN || errno == EACCES ? EADDRINUSE : errno;
}


static bool byte_locked(int fd, int byte)
{
	struct flock lock = byte_of(byte);

	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}


static int info_write(int fd)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0 ||
	    dprintf(fd, "%d %" PRId64 " %.31s\n", (int)getpid(),
		    (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000,
		    daemon_version()) < 0)
		return errno;

	return 0;
}


static bool info_read(int fd, struct daemon_info *info)
{
	char text[96];
	struct daemon_info own = {.pid = 0};
	ssize_t n;
	int pid;

	n = pread(fd, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	if (sscanf(text, "%d %" SCNd64 " %31s", &pid, &own.since,
		   own.version) < 2)
		return false;

	own.pid = pid;
	own.ready = byte_locked(fd, BYTE_WORDS + DAEMON_READY);
	own.leaves = byte_locked(fd, BYTE_WORDS + DAEMON_LEAVES);
	if (info)
		*info = own;

	return true;
}


int daemon_lock(const char *name, int *fdp)
{
	char path[LIMIT_PATH];
	int err, fd;

	err = lock_path(path, sizeof(path), name);
	if (err)
		return err;

	if (mkdir("run", S_IRWXU) < 0 && errno != EEXIST)
		return errno;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return errno;

	err = byte_lock(fd, BYTE_OWNED);
	if (err == EADDRINUSE)
		log_error("%s already runs in this data folder", name);
	if (!err)
		err = info_write(fd);
	if (!err)
		err = byte_lock(fd, BYTE_TOLD);

	/* on success the descriptor stays open: it is the lock */
	if (err)
		(void)close(fd);
	else if (fdp)
		*fdp = fd;

	return err;
}


int daemon_again(int fd)
{
	return info_write(fd);
}


int daemon_say(int fd, enum daemon_word word)
{
	return byte_lock(fd, BYTE_WORDS + (int)word);
}


const char *daemon_version(void)
{
	return RINGBACK_VERSION;
}


bool daemon_running(const char *name, struct daemon_info *info)
{
	char path[LIMIT_PATH];
	bool running;
	int fd;

	if (lock_path(path, sizeof(path), name))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;

	running = byte_locked(fd, BYTE_TOLD) && info_read(fd, info);
	(void)close(fd);

	return running;
}


void daemon_harden(void)
{
	struct rlimit files;

	/* whoever read our standard error may go; the line goes on */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)umask(S_IRWXG | S_IRWXO);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	traces_none();
	(void)traces_lock();

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
}
