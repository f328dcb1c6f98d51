/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file overdue.h  What should have been deleted, or dealt with, and was not:
 * for status and retention
 */
#ifndef RINGBACK_CLI_OVERDUE_H
#define RINGBACK_CLI_OVERDUE_H

#include <jansson.h>

/** Of the current folder, in plain words: a sentence or two for each line that
 *  somebody must look at; nothing if all is well. */
void overdue_say(void);

/** The names of these lines. @return new: an array; null if that cannot be
 *  known */
json_t *overdue_lines(void);

#endif
