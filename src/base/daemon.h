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
	int64_t since;     /**< Unix time, milliseconds                     */
	char version[32];  /**< of its program                              */
	bool ready;        /**< it has begun to serve                       */
	bool leaves;       /**< another one has taken its place: it ends with
				its last call                               */
};

/** What a process says of itself while it runs, each once. */
enum daemon_word {
	DAEMON_READY = 0,
	DAEMON_LEAVES,
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
 * @param fdp The lock, for daemon_say() (optional)
 *
 * @return 0, EADDRINUSE if another process holds it (said in one log line),
 *         EACCES, ENOSPC, ...
 */
int daemon_lock(const char *name, int *fdp);

/** The same process runs another program: what the lock says is brought up to
 *  date. @return 0; errno */
int daemon_again(int fd);

/** Who asks the lock is told of this from now on. @return 0; errno */
int daemon_say(int fd, enum daemon_word word);

/** The version that was built: what daemon_info tells of us. */
const char *daemon_version(void);

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
