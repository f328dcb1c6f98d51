/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file talk.h  What counsellors do with a ring and a talk
 */
#ifndef RINGBACK_WEB_TALK_H
#define RINGBACK_WEB_TALK_H

#include "http.h"

/** /rings, /talk, /me/ready */
extern const struct route_table talk_routes;

#endif
