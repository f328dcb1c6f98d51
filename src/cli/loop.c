/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * loop.c  libre's loop around one phone. Signals come through a descriptor:
 * libre's own handler knows no argument.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <re.h>

#include "base/step.h"
#include "loop.h"


enum { GUARD_MS = 4000 };

static const struct {
	uint16_t scode;
	const char *why;
} refusals[] = {
	{401, "it wants a password, or knows no trunk from here"},
	{403, "it knows no trunk from here"},
	{404, "it does not know this address"},
	{407, "it wants a password"},
	{408, "nobody answered"},
	{480, "nobody is there now"},
	{486, "busy"},
	{487, "it was cancelled"},
	{488, "no sound format in common"},
	{500, "it had an error"},
	{503, "it cannot take calls now"},
	{600, "busy"},
	{603, "declined"},
};

static const struct {
	int err;
	const char *why;
} failures[] = {
	{ETIMEDOUT, "no reply"},
	{ECONNREFUSED, "nothing listens there"},
	{ECONNRESET, "the connection broke"},
	{EHOSTUNREACH, "no way there"},
	{ENETUNREACH, "no way there"},
	{ENOTSUP, "no sound format in common"},
	{EBADMSG, "it answered something broken"},
	{EPROTO, "it answered something broken"},
};


const char *loop_why(const struct phone_end *end)
{
	for (size_t i = 0; end->scode && i < STEP_COUNT(refusals); i++) {
		if (refusals[i].scode == end->scode)
			return refusals[i].why;
	}
	for (size_t i = 0; !end->scode && i < STEP_COUNT(failures); i++) {
		if (failures[i].err == end->err)
			return failures[i].why;
	}

	return end->scode ? "refused" : strerror(end->err);
}


static void signal_handler(int flags, void *arg)
{
	struct signalfd_siginfo si;
	struct loop *l = arg;
	(void)flags;

	if (read(l->sigfd, &si, sizeof(si)) != (ssize_t)sizeof(si))
		return;

	if (l->stopping)
		re_cancel();
	else
		l->signalh(l->arg);
}


static int signals_open(struct loop *l)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return errno;

	l->sigfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (l->sigfd < 0)
		return errno;

	return fd_listen(l->sigfd, FD_READ, signal_handler, l);
}


int loop_open(struct loop *l, loop_signal_h *signalh, void *arg)
{
	int err;

	memset(l, 0, sizeof(*l));
	l->sigfd = -1;
	l->signalh = signalh;
	l->arg = arg;

	err = libre_init();
	if (!err)
		err = signals_open(l);
	if (err) {
		fprintf(stderr, "ringback: %s\n", strerror(err));
		loop_close(l);
	}

	return err;
}


void loop_close(struct loop *l)
{
	tmr_cancel(&l->guard);
	if (l->sigfd >= 0) {
		fd_close(l->sigfd);
		(void)close(l->sigfd);
	}
	libre_close();
}


int loop_run(struct loop *l)
{
	int err;
	(void)l;

	err = re_main(NULL);
	if (err)
		fprintf(stderr, "ringback: %s\n", strerror(err));

	return err;
}


static void guard_handler(void *arg)
{
	(void)arg;
	re_cancel();
}


void loop_closed(void *arg)
{
	(void)arg;
	re_cancel();
}


void loop_stop(struct loop *l, struct phone *phone)
{
	if (l->stopping)
		return;

	l->stopping = true;
	tmr_start(&l->guard, GUARD_MS, guard_handler, l);
	phone_close(phone);
}
