/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * loop.c  Stands before libre and the C library: what libre asks for the time
 * and for news of its sockets, it asks here. Must not know what runs in the loop.
 */
#include <dlfcn.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <re.h>

#include "loop.h"


static struct {
	uint64_t now, until;
	bool quiet; /* nothing was under way when it was last asked */
} the_loop = {.now = 1000000};


uint64_t tmr_jiffies(void)
{
	return the_loop.now;
}


/* libre's own, in place of that of base/timer.c, which has another clock */
void tmr_start(struct tmr *tmr, uint64_t delay, tmr_h *th, void *arg)
{
	static void (*start)(struct tmr *, uint64_t, tmr_h *, void *);
	void *found;

	if (!start) {
		found = dlsym(RTLD_NEXT, "tmr_start");
		memcpy(&start, &found, sizeof(start));
	}
	start(tmr, delay, th, arg);
}


/* for nobody's disk */
int fsync(int fd)
{
	(void)fd;
	return 0;
}


int fdatasync(int fd)
{
	(void)fd;
	return 0;
}


/* libre says when its next timer is due: that is as far as time goes at once.
 * Before the end, timers that are due by then get their turn once more. */
int epoll_wait(int fd, struct epoll_event *events, int max, int timeout)
{
	const int n = epoll_pwait(fd, events, max, 0, NULL);
	uint64_t step;

	if (n) {
		the_loop.quiet = false;
		return n;
	}
	if (the_loop.now < the_loop.until) {
		step = the_loop.until - the_loop.now;
		if (timeout >= 0 && (uint64_t)timeout < step)
			step = (uint64_t)timeout;
		the_loop.now += step;
		the_loop.quiet = false;
	}
	else if (the_loop.quiet)
		re_cancel();
	else
		the_loop.quiet = true;

	return 0;
}


void loop_run(uint64_t ms)
{
	the_loop.until = the_loop.now + ms;
	the_loop.quiet = false;
	(void)re_main(NULL);
}
