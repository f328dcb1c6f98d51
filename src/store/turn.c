/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * turn.c  Processes that write the store take turns. Must not lock the
 * database file itself: closing a second descriptor of it would release
 * SQLite's own locks.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "turn.h"


enum {
	LOOK_MS = 1,
	/* somebody who holds it that long is stopped in his tracks */
	LOOKS = 1000,
};


void turn_open(struct turn *t, const char *dir)
{
	t->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}


void turn_close(struct turn *t)
{
	if (t->fd >= 0)
		(void)close(t->fd);
	t->fd = -1;
}


void turn_take(struct turn *t, store_wait_h *h, void *arg)
{
	const struct timespec pause = {0, LOOK_MS * 1000000};

	for (int i = 0; t->fd >= 0 && i < LOOKS; i++) {
		if (!flock(t->fd, LOCK_EX | LOCK_NB) || errno != EWOULDBLOCK)
			return;
		if (h && !h(arg))
			return;
		(void)nanosleep(&pause, NULL);
	}
}


void turn_give(struct turn *t)
{
	if (t->fd >= 0)
		(void)flock(t->fd, LOCK_UN);
}
