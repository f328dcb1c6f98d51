/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file listen.h  Listening to somebody else's talk
 */
#ifndef RINGBACK_WEB_LISTEN_H
#define RINGBACK_WEB_LISTEN_H

#include "http.h"

/** POST /calls/{call}/listen, /me/listen-end, /me/whisper */
extern const struct route_table listen_routes;

#endif
