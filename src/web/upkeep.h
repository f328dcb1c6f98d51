/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file upkeep.h  Deletes what is due, while the page is served, and says what
 * should have been and was not
 */
#ifndef RINGBACK_WEB_UPKEEP_H
#define RINGBACK_WEB_UPKEEP_H

#include "http.h"

struct upkeep {
	uint64_t due_ms;  /**< again then                                  */
	uint64_t said_ms; /**< when the log told of alarms; 0 not yet      */
};

/** Now and then: each hour, and once after the start. */
void upkeep_look(struct web *web);

/** /retention */
extern const struct route_table upkeep_routes;

#endif
