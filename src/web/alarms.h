/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file alarms.h  What a coordinator must hear of while it lasts
 */
#ifndef RINGBACK_WEB_ALARMS_H
#define RINGBACK_WEB_ALARMS_H

#include "http.h"

/** GET /alarms */
extern const struct route_table alarms_routes;

#endif
