/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file disk.h  A disk that is full now and then
 *
 * To be included after cmocka.h.
 */
#ifndef RINGBACK_TEST_DISK_H
#define RINGBACK_TEST_DISK_H

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

/** No file of ours may grow: what a full disk looks like to SQLite. */
static inline void disk_fill(const char *dir, struct rlimit *old)
{
	struct rlimit now;
	struct stat st;
	char wal[128];

	(void)signal(SIGXFSZ, SIG_IGN);
	(void)snprintf(wal, sizeof(wal), "%s/store.db-wal", dir);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, old), 0);
	now = *old;
	now.rlim_cur = stat(wal, &st) ? 100 : (rlim_t)st.st_size + 100;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
}


static inline void disk_empty(const struct rlimit *old)
{
	assert_int_equal(setrlimit(RLIMIT_FSIZE, old), 0);
}

#endif
