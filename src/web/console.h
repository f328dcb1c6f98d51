/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file console.h  The counsellors' page: files of one folder, read at start
 *
 * What is served is what was there at the start: no path of a request ever
 * reaches the file system.
 */
#ifndef RINGBACK_WEB_CONSOLE_H
#define RINGBACK_WEB_CONSOLE_H

struct console;
struct request;

/**
 * Read the files of a folder, not those of folders in it
 *
 * @param cp  new
 * @param dir If it is not there, the page is: "was not built"
 *
 * @return 0, ENOMEM, EIO, EFBIG: more than could be meant
 */
int console_alloc(struct console **cp, const char *dir);

/** Answer GET: "/" is index.html. */
void console_serve(struct request *req, const char *path);

#endif
