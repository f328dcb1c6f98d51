/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file user.h  Whom the processes of a line run as
 */
#ifndef RINGBACK_CLI_USER_H
#define RINGBACK_CLI_USER_H

/**
 * Root becomes a user of the line's own, for good, and so are the programs
 * that it starts from then on; somebody else stays who they are
 *
 * What root owns in the current folder, the data folder, is given to that
 * user. Of root's rights those stay that ports below 1024 and locked memory
 * need: each program drops the first with its sandbox.
 *
 * @param wanted Option "user"; "": "ringback" if there is such a user, else
 *               whoever owns the data folder; that may be root
 *
 * @return 0; ENOENT no such user, EPERM we are neither root nor that user,
 *         EACCES, ...: said in the log
 */
int user_become(const char *wanted);

#endif
