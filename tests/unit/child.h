/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file child.h  Processes that a test starts
 *
 * A child cannot use cmocka's assertions: it says what it met by its exit
 * code, or through its pipe.
 */
#ifndef RINGBACK_TEST_CHILD_H
#define RINGBACK_TEST_CHILD_H

#include <sys/types.h>

/** @return 0 in the child, its process id in ours */
pid_t child_fork(void);

/**
 * With a pipe from the child to us, which ends with the child
 *
 * @param fdp Where to write, in the child; where to read, in ours; close() it
 */
pid_t child_fork_pipe(int *fdp);

/** Wait for the end of a child that exits. @return its exit code */
int child_exit_code(pid_t pid);

/** kill -9, and wait until it is gone. */
void child_kill(pid_t pid);

#endif
