/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file dear.h  Numbers that somebody earns from when they are rung
 *
 * Premium, shared-cost and satellite numbers, and islands that look like the
 * next town: criminals have themselves rung back there.
 */
#ifndef RINGBACK_DEAR_H
#define RINGBACK_DEAR_H

#include <stddef.h>

/** How many of the digits of this number (country's code first, no +) tell that
 *  it is dear; 0 if they do not. */
size_t dear_digits(const char *digits);

#endif
