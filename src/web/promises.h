/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file promises.h  What is owed to callers, and what is done about it
 */
#ifndef RINGBACK_WEB_PROMISES_H
#define RINGBACK_WEB_PROMISES_H

#include "http.h"

/** /promises */
extern const struct route_table promises_routes;

#endif
