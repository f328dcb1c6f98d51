/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file tmpdir.h  A folder of a test's own
 */
#ifndef RINGBACK_TEST_TMPDIR_H
#define RINGBACK_TEST_TMPDIR_H

enum { TMPDIR_SIZE = 64 };

/**
 * Make one below $TMPDIR, or below /tmp if that is unset or long
 *
 * @param dir  Its path is written here: TMPDIR_SIZE bytes
 * @param name One short word for its name
 */
void tmpdir_make(char *dir, const char *name);

/** Remove it and all that is in it. */
void tmpdir_remove(const char *dir);

#endif
