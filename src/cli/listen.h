/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file listen.h  Taking a caller's message out of the data folder
 */
#ifndef RINGBACK_CLI_LISTEN_H
#define RINGBACK_CLI_LISTEN_H

#include <stdint.h>

/**
 * Open the message of a call of the current folder with shares of the recovery
 * key, read from standard input, and write it into a new file, 0600
 *
 * @return 0; ENODATA, EKEYREJECTED, ... as shares_read(); ENOKEY the key was
 *         dropped; ENOENT there is no message, EEXIST the file is there already,
 *         EBADMSG, EACCES, ENOSPC, ...: said on standard error, and no file
 *         is left
 */
int listen_copy(const char *path, uint64_t call);

#endif
