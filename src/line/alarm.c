/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * alarm.c  One timerfd in libre's loop. Must not know what it wakes for.
 */
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include <re.h>

#include "alarm.h"

#define LOG_MODULE "alarm"
#include "base/log.h"


struct alarm {
	alarm_h *h;
	void *arg;
	uint64_t when_ms; /* UINT64_MAX: switched off */
	int fd;
};


static void alarm_destructor(void *data)
{
	struct alarm *a = data;

	if (a->fd < 0)
		return;
	fd_close(a->fd);
	(void)close(a->fd);
}


static void alarm_readable(int flags, void *arg)
{
	struct alarm *a = arg;
	uint64_t n;
	(void)flags;

	if (read(a->fd, &n, sizeof(n)) != sizeof(n))
		return;

	a->when_ms = UINT64_MAX;
	a->h(a->arg);
}


int alarm_alloc(struct alarm **ap, alarm_h *h, void *arg)
{
	struct alarm *a;
	int err;

	if (!ap || !h)
		return EINVAL;

	a = mem_zalloc(sizeof(*a), alarm_destructor);
	if (!a)
		return ENOMEM;
	a->h = h;
	a->arg = arg;
	a->when_ms = UINT64_MAX;

	a->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	err = a->fd < 0 ? errno
			: fd_listen(a->fd, FD_READ, alarm_readable, a);

	if (err)
		mem_deref(a);
	else
		*ap = a;

	return err;
}


void alarm_set(struct alarm *a, uint64_t when_ms)
{
	struct itimerspec at = {{0, 0}, {0, 0}};

	if (when_ms == a->when_ms)
		return;
	a->when_ms = when_ms;

	/* a time of zero would switch it off */
	if (when_ms != UINT64_MAX) {
		at.it_value.tv_sec = (time_t)(when_ms / 1000);
		at.it_value.tv_nsec = (long)(when_ms % 1000) * 1000000 + 1;
	}
	if (timerfd_settime(a->fd, TFD_TIMER_ABSTIME, &at, NULL) < 0)
		log_error("the clock cannot be set");
}


uint64_t alarm_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}
