/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file path.h  The paths of routes
 */
#ifndef RINGBACK_WEB_PATH_H
#define RINGBACK_WEB_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Is this a path of that pattern?
 *
 * @param ids     Numbers of the path where the pattern has {..}, in order;
 *                untouched beyond. May be written also if the answer is no
 * @param n       Most of them; a pattern with more never fits
 * @param pattern "/calls/{id}/outcome"; a {..} is a whole segment
 * @param path    As asked for. A number is decimal, from 1 to 2^64-1, without
 *                leading zeros: each thing has one path
 */
bool path_match(uint64_t *ids, size_t n, const char *pattern,
		const char *path);

#endif
