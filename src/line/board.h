/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file board.h  All calls and counsellors at a glance, for the console
 *
 * Never a number. Promises whose time has not come are not on it; that one of
 * them has changed is said all the same.
 */
#ifndef RINGBACK_BOARD_H
#define RINGBACK_BOARD_H

#include <re.h>

#include "wire/wire.h"

struct switchboard;
struct board;

enum { BOARD_PAUSE_MS = 250 }; /**< between two BOARD_CHANGED, at least */

/** @param bp new; sb: borrow */
int board_alloc(struct board **bp, const struct switchboard *sb);

/** Something may have changed: if it did, BOARD_CHANGED goes out, soon. */
void board_changed(struct board *b);

/**
 * Rows for BOARD_IS
 *
 * @param ask   Which, and from which place on
 * @param blob  Filled; LIMIT_WIRE_BLOB bytes
 *
 * @return Bytes; 0 also if there is nothing of that kind
 */
size_t board_rows(const struct switchboard *sb, const struct wire_board *ask,
		  uint8_t *blob);

#endif
