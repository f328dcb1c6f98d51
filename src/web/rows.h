/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file rows.h  The rows of the line's board, asked for some at a time
 */
#ifndef RINGBACK_WEB_ROWS_H
#define RINGBACK_WEB_ROWS_H

#include "http.h"
#include "wire/wire.h"

enum rows_what { ROWS_CALLS = 0, ROWS_PEOPLE }; /**< wire_board.what */

/** One row: struct wire_board_call or wire_board_person; copy it, it may stand
 *  anywhere. @return 0; anything else ends the request with 503 */
typedef int(rows_row_h)(struct request *req, const void *row);

/** There are no more. */
typedef void(rows_end_h)(struct request *req);

/** A walk; part of what req->state is, so that it lives as long. */
struct rows {
	enum rows_what what;
	uint32_t first;      /**< rows seen so far                          */
	rows_row_h *rowh;
	rows_end_h *endh;
};

/** Walk over all rows of a kind; then answer in endh. */
void rows_walk(struct request *req, struct rows *rows, enum rows_what what,
	       rows_row_h *rowh, rows_end_h *endh);

#endif
