/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file routes.h  All that the API has
 *
 * docs/openapi.json describes each of these routes; a test compares the two.
 */
#ifndef RINGBACK_WEB_ROUTES_H
#define RINGBACK_WEB_ROUTES_H

#include <stdio.h>

#include "http.h"

/** NULL-ended. */
extern const struct route_table *const routes_all[];

/** One line each: "GET /api/v1/me". */
void routes_print(FILE *f);

#endif
