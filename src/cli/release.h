/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file release.h  The programs of one Ringback, as the keeper starts them
 *
 * Each is held open: a package may put another one in its place meanwhile, and
 * it is still this one that is started (again).
 */
#ifndef RINGBACK_CLI_RELEASE_H
#define RINGBACK_CLI_RELEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"

enum release_part {
	RELEASE_MEDIA = 0,
	RELEASE_WEB,
	RELEASE_LINE,
	RELEASE_KEEPER,
	RELEASE_PARTS
};

struct program {
	char path[LIMIT_PATH]; /**< where it was found                       */
	int fd;                /**< of the file itself; -1: not open         */
};

struct release {
	struct program part[RELEASE_PARTS];
	char version[32]; /**< of release_ask()                             */
	uint64_t wire;    /**< wire_hash() of them all; release_ask()       */
	unsigned store;   /**< what its keeper says of store_shape(), or 0: */
	unsigned oldest;  /**< it is of a time when none did                */
};

/** "ringback-media" */
const char *release_name(enum release_part part);

/** The folder of the program that runs, with a slash. @return 0; errno */
int release_own(char dir[LIMIT_PATH]);

/** Find and open them in this folder, or where a package puts them from there.
 *  @return 0; ENOENT one is not there, said in a log line; errno */
int release_open(struct release *r, const char *dir);

/** Is any of them somewhere in this folder? @param dir As getcwd() says it */
bool release_is_within(const struct release *r, const char *dir);

void release_close(struct release *r);

/**
 * Ask each program which Ringback it is (--about), a few seconds at most
 *
 * @param why What is wrong, in plain words; LIMIT_PATH * 2 bytes
 *
 * @return 0; EPROTO one does not start, or says nothing of the kind, or they
 *         are not of one Ringback
 */
int release_ask(struct release *r, char *why);

/** Run `ringback run --check`. @return 0; EPROTO it refuses, or does not end */
int release_try(const struct release *r, const char *data);

/** The path to start a program by: where it was found, or, if another file is
 *  there by now, the one that is open. @param buf Of LIMIT_PATH bytes */
const char *program_path(const struct program *p, char *buf);

#endif
