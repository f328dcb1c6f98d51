/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file data.h  The data folder that a command works on
 */
#ifndef RINGBACK_CLI_DATA_H
#define RINGBACK_CLI_DATA_H

#include <stddef.h>

#include "store/store.h"

/** The folder that is meant. @param data what --data said, or NULL */
const char *data_folder(const char *data);

/**
 * Go there. Paths that the user gave are to be made absolute before.
 *
 * @return 0; ENOENT no folder or no Ringback in it, EACCES, ...: said on
 *         standard error
 */
int data_enter(const char *data);

/** Go there and open the store. @param sp new; store_close() it */
int data_store(struct store **sp, const char *data);

/**
 * Make a path absolute; the file need not exist
 *
 * @return 0, ENAMETOOLONG, ...: said on standard error
 */
int data_path(char *buf, size_t size, const char *path);

#endif
