/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file name.h  Names that people give to people and trunks
 */
#ifndef RINGBACK_CLI_NAME_H
#define RINGBACK_CLI_NAME_H

/**
 * UTF-8, no control characters, no blank at either end, shorter than
 * LIMIT_NAME
 *
 * @return 0, EINVAL said on standard error
 */
int name_check(const char *name);

/** The same, without saying it: NULL, or what is wrong. */
const char *name_wrong(const char *name);

#endif
