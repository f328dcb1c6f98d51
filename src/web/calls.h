/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file calls.h  Calls on record, what came of them, and the lines
 */
#ifndef RINGBACK_WEB_CALLS_H
#define RINGBACK_WEB_CALLS_H

#include "http.h"

/** /calls, /lines */
extern const struct route_table calls_routes;

#endif
