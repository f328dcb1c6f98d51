/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * handover.c  Passes descriptors through execv. Must not write the key anywhere
 * but into a pipe that nobody else has.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/daemon.h"
#include "seal/held.h"
#include "handover.h"
#include "keeper.h"

#define LOG_MODULE "keeper"
#include "base/log.h"


static void keep_open(int fd, bool open)
{
	if (fd >= 0)
		(void)fcntl(fd, F_SETFD, open ? 0 : FD_CLOEXEC);
}


int handover(struct keeper *k, const struct release *r)
{
	char own[] = "ringback", run[] = "run", option[] = "--data";
	char dir[LIMIT_PATH], with[] = "--handover", fds[64];
	char *const argv[] = {own, run, option, dir, with, fds, NULL};
	char buf[LIMIT_PATH];
	int err, key = -1;

	err = held_pipe(k->key, &key);
	if (err)
		return err;
	(void)snprintf(dir, sizeof(dir), "%s", k->dir);
	(void)snprintf(fds, sizeof(fds), "%d,%d,%d", k->lock, key,
		       k->change.client);
	keep_open(k->lock, true);
	keep_open(key, true);
	keep_open(k->change.client, true);
	(void)execv(program_path(&r->part[RELEASE_KEEPER], buf), argv);

	err = errno;
	log_error("the new keeper could not be run: %s", strerror(err));
	keep_open(k->lock, false);
	keep_open(k->change.client, false);
	(void)close(key);

	return err;
}


int handover_take(struct keeper *k, const char *text)
{
	int err, key;

	if (sscanf(text, "%d,%d,%d", &k->lock, &key, &k->change.client) != 3)
		return EINVAL;
	keep_open(k->lock, false);
	keep_open(k->change.client, false);
	err = held_read(&k->key, key);
	(void)close(key);
	if (!err)
		err = daemon_again(k->lock);

	/* who ended while nobody looked */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;

	return err;
}
