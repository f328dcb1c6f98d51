/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file board.h  Who waits, who talks, who is there
 */
#ifndef RINGBACK_WEB_BOARD_H
#define RINGBACK_WEB_BOARD_H

#include "http.h"

/** GET /board */
extern const struct route_table board_routes;

#endif
