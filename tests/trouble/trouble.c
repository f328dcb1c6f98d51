/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * trouble.c  A slow disk, a read-only one, and a clock that somebody sets: put
 * before the C library (LD_PRELOAD), so that the programs are the ones that are
 * installed. Nobody else on the machine is in trouble. What is wrong just now
 * stands in the file TROUBLE_FILE, which tests/e2e/trouble.py writes. Must never
 * be installed.
 *
 * Whoever sleeps until a time of day (timerfd) sleeps by our clock, and is woken
 * when it is set, as the kernel does.
 */
/* both kinds of each call are defined here, as they are */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* what the file holds */
struct trouble {
	int64_t clock_ms;   /* the clock on the wall is so far ahead */
	uint32_t sync_ms;   /* a write takes so long to be on disk   */
	uint32_t read_only;
};

static const struct trouble calm;
static const volatile struct trouble *now_is = (const void *)&calm;

/* the one that tells the time of day, and what it was set by */
static int wall_fd = -1;
static int64_t wall_ms;
static int wall_jumped;

static void begin(void) __attribute__((constructor));


static void begin(void)
{
	const char *path = getenv("TROUBLE_FILE");
	const int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path,
					   O_RDONLY | O_CLOEXEC, 0) : -1;
	void *p = fd < 0 ? MAP_FAILED
			 : mmap(NULL, sizeof(struct trouble), PROT_READ,
				MAP_SHARED, fd, 0);

	if (p == MAP_FAILED) {
		perror("TROUBLE_FILE");
		abort();
	}
	(void)close(fd);
	now_is = p;
	wall_ms = now_is->clock_ms;
}


/* ---- the clock ---- */

static void add(struct timespec *ts, int64_t ms)
{
	int64_t ns = ts->tv_nsec + ms % 1000 * 1000000;

	ts->tv_sec += (time_t)(ms / 1000);
	if (ns < 0 || ns >= 1000000000) {
		ts->tv_sec += ns < 0 ? -1 : 1;
		ns += ns < 0 ? 1000000000 : -1000000000;
	}
	ts->tv_nsec = (long)ns;
}


int clock_gettime(clockid_t clock, struct timespec *ts)
{
	const int rc = (int)syscall(SYS_clock_gettime, clock, ts);

	if (!rc && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		add(ts, now_is->clock_ms);

	return rc;
}


int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec ts;
	(void)zone;

	if (clock_gettime(CLOCK_REALTIME, &ts))
		return -1;
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;

	return 0;
}


time_t time(time_t *t)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_REALTIME, &ts))
		return -1;
	if (t)
		*t = ts.tv_sec;

	return ts.tv_sec;
}


int timerfd_create(int clock, int flags)
{
	const int fd = (int)syscall(SYS_timerfd_create, clock, flags);

	if (clock == CLOCK_REALTIME)
		wall_fd = fd;

	return fd;
}


int timerfd_settime(int fd, int flags, const struct itimerspec *next,
		    struct itimerspec *old)
{
	struct itimerspec ours = *next;

	if (fd == wall_fd && flags & TFD_TIMER_ABSTIME)
		add(&ours.it_value, -now_is->clock_ms);

	return (int)syscall(SYS_timerfd_settime, fd, flags, &ours, old);
}


ssize_t read(int fd, void *p, size_t n)
{
	const ssize_t got = syscall(SYS_read, fd, p, n);

	if (fd != wall_fd || !wall_jumped)
		return got;

	wall_jumped = 0;
	errno = ECANCELED;

	return -1;
}


/* whoever runs a loop comes here a few times a second */
int epoll_wait(int fd, struct epoll_event *events, int n, int ms)
{
	static const struct itimerspec soon = {.it_value.tv_nsec = 1};

	if (wall_fd >= 0 && now_is->clock_ms != wall_ms) {
		wall_ms = now_is->clock_ms;
		wall_jumped = 1;
		(void)syscall(SYS_timerfd_settime, wall_fd, 0, &soon, NULL);
	}

	return (int)syscall(SYS_epoll_wait, fd, events, n, ms);
}


/* ---- the disk ---- */

static int is_read_only(void)
{
	if (now_is->read_only)
		errno = EROFS;

	return now_is->read_only != 0;
}


static int sync_slowly(long call, int fd)
{
	const uint32_t ms = now_is->sync_ms;
	const struct timespec pause = {ms / 1000, ms % 1000 * 1000000l};

	if (is_read_only())
		return -1;
	if (ms)
		(void)syscall(SYS_nanosleep, &pause, NULL);

	return (int)syscall(call, fd);
}


int fsync(int fd)
{
	return sync_slowly(SYS_fsync, fd);
}


int fdatasync(int fd)
{
	return sync_slowly(SYS_fdatasync, fd);
}


ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	return is_read_only() ? -1 : syscall(SYS_pwrite64, fd, p, n, at);
}


ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	return is_read_only() ? -1 : syscall(SYS_pwrite64, fd, p, n, at);
}


int ftruncate(int fd, off_t n)
{
	return is_read_only() ? -1 : (int)syscall(SYS_ftruncate, fd, n);
}


int ftruncate64(int fd, off64_t n)
{
	return is_read_only() ? -1 : (int)syscall(SYS_ftruncate, fd, n);
}


static int opened(int dir, const char *path, int flags, mode_t mode)
{
	if (flags & O_CREAT && is_read_only())
		return -1;

	return (int)syscall(SYS_openat, dir, path, flags, mode);
}


#define OPENED(dir)                                                           \
	va_list ap;                                                           \
	mode_t mode;                                                          \
	va_start(ap, flags);                                                  \
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;        \
	va_end(ap);                                                           \
	return opened(dir, path, flags, mode)

int open(const char *path, int flags, ...)
{
	OPENED(AT_FDCWD);
}


int open64(const char *path, int flags, ...)
{
	OPENED(AT_FDCWD);
}


int openat(int dir, const char *path, int flags, ...)
{
	OPENED(dir);
}


int openat64(int dir, const char *path, int flags, ...)
{
	OPENED(dir);
}
