/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file colleagues.h  Whom a counsellor may ask for advice
 */
#ifndef RINGBACK_WEB_COLLEAGUES_H
#define RINGBACK_WEB_COLLEAGUES_H

#include "http.h"

/** GET /colleagues */
extern const struct route_table colleagues_routes;

#endif
