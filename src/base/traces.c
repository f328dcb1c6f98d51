/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * traces.c  Keeps memory from ending up elsewhere. Must not know what is in
 * it.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "traces.h"

#define LOG_MODULE "memory"
#include "log.h"


void traces_none(void)
{
	const struct rlimit none = {0, 0};

	/* the limit does not hold where cores go to a program (core_pattern);
	 * not being dumpable does */
	(void)setrlimit(RLIMIT_CORE, &none);
	if (!TRACES_SANITIZED)
		(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}


/* From now on each new mapping counts whole, however little of it is used: may
 * there be more than the limit? */
static int beyond(rlim_t limit)
{
	const size_t n = (size_t)limit + 1;
	void *p;

	if (limit == RLIM_INFINITY)
		return 0;

	p = mmap(NULL, n, PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return errno;
	(void)munmap(p, n);

	return 0;
}


int traces_lock(void)
{
	struct rlimit limit;
	int err;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) < 0)
		return errno;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_MEMLOCK, &limit);

	/* what is never touched takes no memory: a thread's stack, an arena */
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0)
		return errno;
	err = beyond(limit.rlim_max);
	if (err)
		(void)munlockall();

	return err;
}


void traces_lock_say(void)
{
	const int err = traces_lock();

	if (err)
		log_warn("memory cannot be kept out of swap (%s): keys are,"
			 " but what is said and written in this moment is"
			 " not. Set LimitMEMLOCK=infinity in the unit of"
			 " systemd (elsewhere: ulimit -l unlimited), or use"
			 " no swap", strerror(err));
}
