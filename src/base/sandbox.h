/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sandbox.h  A process gives up what its table does not name
 *
 * One table for each process, all in sandbox_table.c. Files by landlock,
 * system calls by seccomp, and no capability but to lock memory. Nothing is
 * given back: not by exec (there is none), not to a thread that starts later.
 *
 * A call that is not in the table fails with EPERM, and the log says its
 * number once: the process goes on, since its end would end calls. What no
 * bug of ours but only somebody else's code does (exec, ptrace) ends it at
 * once, and the keeper says so (docs/decisions/0030-sandbox.md).
 */
#ifndef RINGBACK_SANDBOX_H
#define RINGBACK_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

/** What may be done with a file, or with all that is in a folder. */
enum sandbox_may {
	SANDBOX_READ   = 1 << 0,
	SANDBOX_LIST   = 1 << 1, /**< names in the folder                  */
	SANDBOX_WRITE  = 1 << 2, /**< what is there, also to its end       */
	SANDBOX_MAKE   = 1 << 3, /**< files in the folder                  */
	SANDBOX_REMOVE = 1 << 4, /**< files, sockets in the folder         */
	SANDBOX_SOCKET = 1 << 5, /**< make sockets in the folder           */
	SANDBOX_MOVE   = 1 << 6, /**< files to or from another such folder */
	SANDBOX_FOLDER = 1 << 7, /**< the folder is made if there is none  */
};

struct sandbox_file {
	const char *path; /**< one that does not exist is passed over     */
	unsigned may;     /**< enum sandbox_may                           */
};

/** A kind of socket that may be made. */
struct sandbox_socket {
	int family;
	int type;
};

/** What one process may. Lists end with an empty row. */
struct sandbox_table {
	const char *name;
	const struct sandbox_file *files;
	const struct sandbox_socket *sockets;
	bool tcp_connect; /**< to anywhere; else nowhere                  */
	bool tcp_bind;    /**< to a port that the kernel chooses          */
	const char *const *const *calls; /**< groups of system calls      */
};

extern const struct sandbox_table sandbox_line;
extern const struct sandbox_table sandbox_media;
extern const struct sandbox_table sandbox_web;

/** System calls that no process of ours needs, the keeper included. */
extern const char *const sandbox_never[];

/**
 * From now on this process may what its table says
 *
 * To be called once, after it has opened what it needs and before it reads
 * the first byte from outside, by its only thread. A kernel that has none of
 * it is told of in the log, and the process goes on.
 *
 * @param more What the configuration names besides, ends with an empty row;
 *             NULL none
 *
 * @return 0; EBUSY there are other threads already, ENOMEM, ...
 */
int sandbox_enter(const struct sandbox_table *table,
		  const struct sandbox_file *more);

/**
 * The keeper's: it starts programs, which inherit this, and so it gives up
 * only what none of them needs (sandbox_never)
 */
int sandbox_enter_keeper(void);

#endif
