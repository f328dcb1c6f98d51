/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * wall.c  Tests of the clock on the wall. The kernel's timer is replaced by a
 * pipe: so a minute is as long as the test wants, and somebody sets the clock.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/timerfd.h>
#include <cmocka.h>
#include <re.h>

#include "line/wall.h"
#include "oom.h"


enum { AT_MOST_MS = 5000, DAY_S = 24 * 3600 };

static struct kernel {
	int ends[2];
	struct itimerspec set;
	int flags;
	unsigned n_set;
	int err; /* of the next timerfd_create() */
} kernel;

int __wrap_timerfd_create(clockid_t clock, int flags);
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *next,
			   struct itimerspec *was);
ssize_t __wrap_read(int fd, void *buf, size_t n);
ssize_t __real_read(int fd, void *buf, size_t n);


int __wrap_timerfd_create(clockid_t clock, int flags)
{
	assert_int_equal(clock, CLOCK_REALTIME);
	assert_true(flags & TFD_NONBLOCK);
	if (kernel.err) {
		errno = kernel.err;
		return -1;
	}
	assert_int_equal(pipe2(kernel.ends, O_NONBLOCK | O_CLOEXEC), 0);

	return kernel.ends[0];
}


int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *next,
			   struct itimerspec *was)
{
	assert_int_equal(fd, kernel.ends[0]);
	assert_null(was);
	kernel.set = *next;
	kernel.flags = flags;
	++kernel.n_set;

	return 0;
}


/* one byte in the pipe: the clock was set; eight: a minute is over */
ssize_t __wrap_read(int fd, void *buf, size_t n)
{
	const ssize_t len = __real_read(fd, buf, n);

	if (fd == kernel.ends[0] && len == 1) {
		errno = ECANCELED;
		return -1;
	}

	return len;
}


static void on_time(int64_t unix_ms, void *arg)
{
	assert_in_range(wall_now() - unix_ms, 0, AT_MOST_MS);
	++*(unsigned *)arg;
	re_cancel();
}


static void too_late(void *arg)
{
	(void)arg;
	fail_msg("nothing came");
}


static void await(const void *bytes, size_t n)
{
	struct tmr tmr;

	tmr_init(&tmr);
	tmr_start(&tmr, AT_MOST_MS, too_late, NULL);
	assert_int_equal(write(kernel.ends[1], bytes, n), n);
	assert_int_equal(re_main(NULL), 0);
	tmr_cancel(&tmr);
}


static void minutes_and_jumps_are_told(void **state)
{
	const uint64_t once = 1;
	struct wall *w;
	unsigned n = 0;
	(void)state;

	assert_int_equal(wall_alloc(&w, on_time, &n), 0);
	assert_int_equal(kernel.n_set, 1);
	assert_true(kernel.flags & TFD_TIMER_ABSTIME);
	assert_true(kernel.flags & TFD_TIMER_CANCEL_ON_SET);
	assert_int_equal(kernel.set.it_value.tv_sec % 60, 0);
	assert_in_range(kernel.set.it_value.tv_sec - wall_now() / 1000, 0,
			60);

	await(&once, sizeof(once));
	assert_int_equal(n, 1);
	assert_int_equal(kernel.n_set, 2);

	await("x", 1); /* set */
	assert_int_equal(n, 2);
	assert_int_equal(kernel.n_set, 3);

	mem_deref(w);
	assert_int_equal(close(kernel.ends[1]), 0);
}


static void without_a_timer_there_is_no_wall(void **state)
{
	struct wall *w = NULL;
	unsigned n = 0;
	(void)state;

	kernel.err = EMFILE;
	assert_int_equal(wall_alloc(&w, on_time, &n), EMFILE);
	assert_null(w);
	kernel.err = 0;
	assert_int_equal(wall_alloc(NULL, on_time, &n), EINVAL);
	assert_int_equal(wall_alloc(&w, NULL, &n), EINVAL);
}


static int alloc_oom(void *arg)
{
	struct wall *w;
	unsigned n;
	int err;
	(void)arg;

	kernel.ends[1] = -1;
	err = wall_alloc(&w, on_time, &n);
	if (!err)
		mem_deref(w);
	if (kernel.ends[1] >= 0)
		(void)close(kernel.ends[1]);

	return err;
}


static void no_memory_is_no_wall(void **state)
{
	(void)state;
	assert_int_not_equal(oom_loop(alloc_oom, NULL), 0);
}


/* every day has its own number, and changes it once, at four */
static void a_day_begins_at_four(void **state)
{
	/* New York, from a week before the change to summer time in 2026 */
	const int64_t from = 1772341200; /* 2026-03-01 00:00 */
	int64_t was = wall_day(from * 1000);
	unsigned n = 0;
	(void)state;

	for (int64_t t = from; t < from + 400 * DAY_S; t += 600) {
		const int64_t day = wall_day(t * 1000);
		const time_t at = (time_t)t;
		struct tm tm;

		if (day == was)
			continue;
		was = day;
		++n;
		assert_non_null(localtime_r(&at, &tm));
		/* three or five where the clock is changed that night */
		assert_in_range(tm.tm_hour, 3, 5);
	}
	assert_int_equal(n, 400);
}


static int setup(void **state)
{
	(void)state;

	return setenv("TZ", "EST5EDT,M3.2.0,M11.1.0", 1) || libre_init();
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(minutes_and_jumps_are_told),
		cmocka_unit_test(without_a_timer_there_is_no_wall),
		cmocka_unit_test(no_memory_is_no_wall),
		cmocka_unit_test(a_day_begins_at_four),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
