/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * wall.c  Watches the clock on the wall. Must not decide what is due.
 */
#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include <re.h>

#include "wall.h"

#define LOG_MODULE "wall"
#include "base/log.h"


enum { MINUTE_S = 60, DAY_BEGINS_S = 4 * 3600 };

struct wall {
	wall_h *h;
	void *arg;
	int fd;
};


int64_t wall_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);

	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


int64_t wall_day(int64_t unix_ms)
{
	const time_t t = (time_t)(unix_ms / 1000 - DAY_BEGINS_S);
	struct tm tm;

	if (!localtime_r(&t, &tm))
		return 0;

	return (int64_t)tm.tm_year * 366 + tm.tm_yday;
}


static void wall_destructor(void *data)
{
	struct wall *w = data;

	if (w->fd < 0)
		return;
	fd_close(w->fd);
	(void)close(w->fd);
}


/* The kernel ends the wait with ECANCELED when the clock is set. */
static int arm(const struct wall *w)
{
	const time_t now = (time_t)(wall_now() / 1000);
	const struct itimerspec next = {
		.it_value.tv_sec = now - now % MINUTE_S + MINUTE_S};

	return timerfd_settime(w->fd,
			       TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
			       &next, NULL) ? errno : 0;
}


static void on_minute(int flags, void *arg)
{
	struct wall *w = arg;
	uint64_t n;
	int err;
	(void)flags;

	if (read(w->fd, &n, sizeof(n)) < 0) {
		if (errno == EAGAIN)
			return;
		log_note("the clock was set");
	}
	err = arm(w);
	if (err)
		log_error("the clock is not watched any more: %s",
			  strerror(err));
	w->h(wall_now(), w->arg);
}


int wall_alloc(struct wall **wp, wall_h *h, void *arg)
{
	struct wall *w;
	int err;

	if (!wp || !h)
		return EINVAL;

	w = mem_zalloc(sizeof(*w), wall_destructor);
	if (!w)
		return ENOMEM;
	w->h = h;
	w->arg = arg;
	w->fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (w->fd < 0) {
		err = errno;
		goto out;
	}
	err = arm(w);
	if (err)
		goto out;
	err = fd_listen(w->fd, FD_READ, on_minute, w);

out:
	if (err)
		mem_deref(w);
	else
		*wp = w;

	return err;
}
