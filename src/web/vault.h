/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file vault.h  Keys of people, which their browsers make and open: the
 * server keeps them wrapped, and passes keys of epochs from one to another
 * without opening them
 */
#ifndef RINGBACK_WEB_VAULT_H
#define RINGBACK_WEB_VAULT_H

#include "http.h"

/** /vault, /vault/wanting, /vault/grants */
extern const struct route_table vault_routes;
/** /vault/recovery... */
extern const struct route_table recovery_routes;
/** /calls/{call}/notes, /calls/{call}/draft */
extern const struct route_table notes_routes;

#endif
