/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file grants.h  What pages must know of colleagues' keys, and what they say
 * of keys that they were given
 */
#ifndef RINGBACK_WEB_GRANTS_H
#define RINGBACK_WEB_GRANTS_H

#include "http.h"

/**
 * Who is entitled to a line that whoever asks is entitled to, and has a key:
 * pages remember it, and notice if it becomes another one
 *
 * @param listp new: [{person, name, public}], without whoever asks
 *
 * @return 0, ENOMEM, EIO
 */
int grants_people(json_t **listp, struct request *req);

/** /vault/grants/{epoch}/refuse */
extern const struct route_table grants_routes;

#endif
