/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file numbers.h  /vault/numbers: numbers that nobody here can open since the
 * dialler's key (src/epoch/numbers.h) was lost, and what coordinators' pages
 * seal to the one that there is now
 *
 * Each kind of thing that has a number is a row of one table: who may open
 * them, which ones wait, and what becomes of one that is sealed anew.
 */
#ifndef RINGBACK_WEB_NUMBERS_H
#define RINGBACK_WEB_NUMBERS_H

#include "web.h"

extern const struct route_table numbers_routes;

#endif
