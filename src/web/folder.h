/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file folder.h  Where what was built lies
 */
#ifndef RINGBACK_WEB_FOLDER_H
#define RINGBACK_WEB_FOLDER_H

#include <stddef.h>

/** "BIN/../NAME" if that is there (a build folder), else "DATADIR/NAME" of
 *  the installation. @return 0, ENAMETOOLONG */
int folder_find(char *path, size_t size, const char *name);

#endif
