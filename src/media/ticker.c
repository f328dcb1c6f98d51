/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ticker.c  A timerfd in libre's loop. Must not know what is done at a beat.
 */
#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <re.h>

#include "ticker.h"


struct ticker {
	ticker_h *h;
	void *arg;
	int fd;
	bool running;
};


static void ticker_destructor(void *data)
{
	struct ticker *t = data;

	if (t->fd < 0)
		return;
	fd_close(t->fd);
	(void)close(t->fd);
}


static void ticker_readable(int flags, void *arg)
{
	struct ticker *t = arg;
	uint64_t n;
	(void)flags;

	if (read(t->fd, &n, sizeof(n)) == sizeof(n))
		t->h(n, t->arg);
}


int ticker_alloc(struct ticker **tp, ticker_h *h, void *arg)
{
	struct ticker *t;
	int err;

	if (!tp || !h)
		return EINVAL;

	t = mem_zalloc(sizeof(*t), ticker_destructor);
	if (!t)
		return ENOMEM;
	t->h = h;
	t->arg = arg;

	t->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	err = t->fd < 0 ? errno
			: fd_listen(t->fd, FD_READ, ticker_readable, t);

	if (err)
		mem_deref(t);
	else
		*tp = t;

	return err;
}


static int beat_every(const struct ticker *t, long ms)
{
	const struct timespec ts = {.tv_nsec = ms * 1000000};
	const struct itimerspec its = {.it_interval = ts, .it_value = ts};

	return timerfd_settime(t->fd, 0, &its, NULL) < 0 ? errno : 0;
}


int ticker_start(struct ticker *t)
{
	int err;

	if (t->running)
		return 0;
	err = beat_every(t, TICKER_MS);
	t->running = !err;

	return err;
}


void ticker_stop(struct ticker *t)
{
	if (t->running)
		(void)beat_every(t, 0);
	t->running = false;
}
