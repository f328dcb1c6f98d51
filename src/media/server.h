/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file server.h  The media process as its client, the line process, sees it
 */
#ifndef RINGBACK_MEDIA_SERVER_H
#define RINGBACK_MEDIA_SERVER_H

#include "base/config.h"
#include "prompts.h"

struct server;

/**
 * Serve LEG_* and MEDIA_RESET
 *
 * When the line's connection ends, the legs stay and people talk on; the line
 * decides what to do with them when it is back.
 *
 * @param sp      new, mem_deref() ends everything
 * @param path    Socket file
 * @param cfg     borrow, during the call
 * @param prompts counted
 *
 * @return 0, or after an error line: errors of wire_listen() and
 *         media_alloc()
 */
int server_alloc(struct server **sp, const char *path,
		 const struct config *cfg, struct prompts *prompts);

/** Nobody but the line gives orders (wire/who.h). */
void server_guard(struct server *s);

/** It may end: nothing is left, and nothing new will come. Called once, never
 *  from within. */
typedef void(server_gone_h)(void *arg);

/** Another life of this process runs (config_media.h): tell the line so, go on
 *  with the legs there are, and say when that is over. Twice: no matter. */
void server_leave(struct server *s, server_gone_h *goneh, void *arg);

#endif
