/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * release.c  Finds the programs of a Ringback, and asks them which it is. Must
 * not start one for good.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/step.h"
#include "release.h"

#define LOG_MODULE "keeper"
#include "base/log.h"


enum {
	ANSWER_MS = 5000,
	FD_LOW = 20, /* below are those that children are handed */
};

extern char **environ;

static const char *const names[] = {
	[RELEASE_MEDIA] = "ringback-media",
	[RELEASE_WEB] = "ringback-web",
	[RELEASE_LINE] = "ringback-line",
	[RELEASE_KEEPER] = "ringback",
};


const char *release_name(enum release_part part)
{
	return names[part];
}


int release_own(char dir[LIMIT_PATH])
{
	const ssize_t n = readlink("/proc/self/exe", dir, LIMIT_PATH / 2 - 1);
	char *slash;

	if (n < 0)
		return errno;
	dir[n] = '\0';
	slash = strrchr(dir, '/');
	if (!slash)
		return ENOENT;
	slash[1] = '\0';

	return 0;
}


static int program_open(struct program *p, const char *dir, const char *name)
{
	static const char *const places[] = {"", "../libexec/ringback/"};
	int fd;

	for (size_t i = 0; i < STEP_COUNT(places); i++) {
		const int n = snprintf(p->path, sizeof(p->path), "%s/%s%s",
				       dir, places[i], name);

		if (n < 0 || (size_t)n >= sizeof(p->path))
			return ENAMETOOLONG;
		fd = open(p->path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || access(p->path, X_OK) < 0) {
			if (fd >= 0)
				(void)close(fd);
			continue;
		}
		p->fd = fcntl(fd, F_DUPFD_CLOEXEC, FD_LOW);
		(void)close(fd);
		return p->fd < 0 ? errno : 0;
	}

	log_error("there is no %s in %s", name, dir);
	return ENOENT;
}


int release_open(struct release *r, const char *dir)
{
	int err = 0;

	memset(r, 0, sizeof(*r));
	for (int i = 0; i < RELEASE_PARTS; i++)
		r->part[i].fd = -1;
	for (int i = 0; i < RELEASE_PARTS && !err; i++)
		err = program_open(&r->part[i], dir, names[i]);
	if (err)
		release_close(r);

	return err;
}


static bool is_within(const struct program *p, const char *dir)
{
	const size_t n = strlen(dir);
	char name[32], path[LIMIT_PATH];
	ssize_t len;

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", p->fd);
	len = readlink(name, path, sizeof(path) - 1);
	if (len < 0)
		return true; /* nobody knows */
	path[len] = '\0';

	return strncmp(path, dir, n) == 0 && path[n] == '/';
}


bool release_is_within(const struct release *r, const char *dir)
{
	for (int i = 0; i < RELEASE_PARTS; i++) {
		if (is_within(&r->part[i], dir))
			return true;
	}

	return false;
}


void release_close(struct release *r)
{
	for (int i = 0; i < RELEASE_PARTS; i++) {
		if (r->part[i].fd >= 0)
			(void)close(r->part[i].fd);
		r->part[i].fd = -1;
	}
}


const char *program_path(const struct program *p, char *buf)
{
	struct stat there, ours;

	if (p->fd < 0 || (stat(p->path, &there) == 0 &&
			  fstat(p->fd, &ours) == 0 &&
			  there.st_dev == ours.st_dev &&
			  there.st_ino == ours.st_ino))
		return p->path;
	(void)snprintf(buf, LIMIT_PATH, "/proc/self/fd/%d", p->fd);

	return buf;
}


/* ---- a program that is run once ------------------------------------------ */

static int spawn_once(pid_t *pidp, const struct program *p,
		      char *const argv[], int out)
{
	posix_spawn_file_actions_t files;
	char buf[LIMIT_PATH];
	int err;

	err = posix_spawn_file_actions_init(&files);
	if (err)
		return err;
	if (out >= 0)
		err = posix_spawn_file_actions_adddup2(&files, out,
						       STDOUT_FILENO);
	if (!err)
		err = posix_spawn(pidp, program_path(p, buf), &files, NULL,
				  argv, environ);
	(void)posix_spawn_file_actions_destroy(&files);

	return err;
}


/* its exit status; -1 it was killed, or did not end in time */
static int end_await(pid_t pid)
{
	const int fd = pidfd_open(pid, 0);
	struct pollfd pfd = {fd, POLLIN, 0};
	siginfo_t si = {0};

	if (fd < 0 || poll(&pfd, 1, ANSWER_MS) != 1)
		(void)kill(pid, SIGKILL);
	if (fd >= 0)
		(void)close(fd);
	if (waitid(P_PID, (id_t)pid, &si, WEXITED) < 0 ||
	    si.si_code != CLD_EXITED)
		return -1;

	return si.si_status;
}


/* what it wrote: a few lines, which the pipe holds */
static int output_of(const struct program *p, char *const argv[], char *text,
		     size_t size)
{
	int err, fds[2];
	ssize_t n = -1;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return errno;
	err = spawn_once(&pid, p, argv, fds[1]);
	(void)close(fds[1]);
	if (!err && end_await(pid) == 0)
		n = read(fds[0], text, size - 1);
	(void)close(fds[0]);
	text[n > 0 ? n : 0] = '\0';

	return err ? err : n > 0 ? 0 : EPROTO;
}


static int about(const struct program *p, const char *name,
		 struct release *is)
{
	char own[LIMIT_NAME], option[] = "--about", text[256];
	char *const argv[] = {own, option, NULL};
	int err, n;

	(void)snprintf(own, sizeof(own), "%s", name);
	err = output_of(p, argv, text, sizeof(text));
	if (err)
		return err;

	memset(is, 0, sizeof(*is));
	n = sscanf(text, "version %31s wire %" SCNx64 " store %u oldest %u",
		   is->version, &is->wire, &is->store, &is->oldest);

	return n == 2 || n == 4 ? 0 : EPROTO;
}


int release_ask(struct release *r, char *why)
{
	struct release is;

	for (int i = 0; i < RELEASE_PARTS; i++) {
		const struct program *p = &r->part[i];

		if (about(p, names[i], &is)) {
			(void)snprintf(why, LIMIT_PATH * 2, "%s does not "
				       "start", p->path);
			return EPROTO;
		}
		if (i && (strcmp(is.version, r->version) != 0 ||
			  is.wire != r->wire)) {
			(void)snprintf(why, LIMIT_PATH * 2, "%s is of another "
				       "version than %s", p->path,
				       r->part[0].path);
			return EPROTO;
		}
		(void)snprintf(r->version, sizeof(r->version), "%s",
			       is.version);
		r->wire = is.wire;
	}
	/* of the last: the keeper's */
	r->store = is.store;
	r->oldest = is.oldest;

	return 0;
}


int release_try(const struct release *r, const char *data)
{
	char own[] = "ringback", run[] = "run", check[] = "--check";
	char option[] = "--data", dir[LIMIT_PATH];
	char *const argv[] = {own, run, check, option, dir, NULL};
	pid_t pid;

	(void)snprintf(dir, sizeof(dir), "%s", data);
	if (spawn_once(&pid, &r->part[RELEASE_KEEPER], argv, -1))
		return EPROTO;

	return end_await(pid) == 0 ? 0 : EPROTO;
}
