/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rows.c  Asks the line for rows until there are no more. Must not know what
 * becomes of them.
 */
#include <errno.h>

#include "bridge.h"
#include "rows.h"


static const size_t sizes[] = {
	[ROWS_CALLS] = sizeof(struct wire_board_call),
	[ROWS_PEOPLE] = sizeof(struct wire_board_person),
};

static void ask(struct request *req, struct rows *rows);


/* an empty answer: there are no more of these */
static void on_rows(struct request *req, const struct wire_msg *msg, void *arg)
{
	struct rows *rows = arg;
	const size_t size = sizes[rows->what];
	const size_t n = msg->n_blob / size;
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = rows->rowh(req, msg->blob + i * size);
	if (err) {
		request_errno(req, ENOMEM);
		return;
	}

	rows->first += (uint32_t)n;
	if (n)
		ask(req, rows);
	else
		rows->endh(req);
}


static void ask(struct request *req, struct rows *rows)
{
	const struct wire_board board = {rows->what, rows->first};
	const struct bridge_ask asked = {
		.type = WIRE_BOARD,
		.payload = &board,
		.answer = WIRE_BOARD_IS,
		.replyh = on_rows,
		.arg = rows,
	};

	bridge_ask(req, &asked);
}


void rows_walk(struct request *req, struct rows *rows, enum rows_what what,
	       rows_row_h *rowh, rows_end_h *endh)
{
	rows->what = what;
	rows->first = 0;
	rows->rowh = rowh;
	rows->endh = endh;
	ask(req, rows);
}
