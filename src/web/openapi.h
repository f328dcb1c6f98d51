/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file openapi.h  The description of the API, for other programs
 */
#ifndef RINGBACK_WEB_OPENAPI_H
#define RINGBACK_WEB_OPENAPI_H

#include "http.h"

/** Read the file. new; NULL if it is missing or broken, which is said */
json_t *openapi_read(void);

/** GET /openapi.json */
extern const struct route_table openapi_routes;

#endif
