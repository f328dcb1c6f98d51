/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file daemon.h  What every long-running process does the same way
 *
 * Each process holds DIR/run/NAME.lock for as long as it lives; the file
 * says its pid and since when. Whoever wants to know who runs (the keeper,
 * `ringback status`) asks the lock, which the kernel releases even after
 * kill -9. All processes work in the data folder, so that socket paths stay
 * short and relative: "run/line.sock".
 */
#ifndef RINGBACK_DAEMON_H
#define RINGBACK_DAEMON_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct daemon_info {
	pid_t pid;
	int64_t since; /**< Unix time, milliseconds */
};

/**
 * Read "--data DIR" off a daemon's command line and go there
 *
 * @return 0; EINVAL wrong usage, ENOENT no such folder: said on stderr
 */
int daemon_enter(int argc, char *argv[]);

/**
 * Take the lock run/NAME.lock of the current folder; kept until exit
 *
 * @return 0, EADDRINUSE if another process holds it (said in one log line),
 *         EACCES, ENOSPC, ...
 */
int daemon_lock(const char *name);

/** Who holds run/NAME.lock. False if nobody does. */
bool daemon_running(const char *name, struct daemon_info *info);

/**
 * Give up what no process of ours needs: core files, being traced or read by
 * others, its memory in swap (traces.h), new privileges, files that others may read, dying because nobody
 * reads the log. Raise the number of
 * descriptors to the hard limit. To be called first thing.
 */
void daemon_harden(void);

#endif
