/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file web.h  What every handler of ringback-web can reach
 */
#ifndef RINGBACK_WEB_WEB_H
#define RINGBACK_WEB_WEB_H

#include "base/config.h"
#include "store/audit.h"
#include "store/store.h"
#include "events.h"
#include "http.h"

struct bridge;
struct accounts;

struct web {
	struct config *config;
	struct store *store;
	struct http *http;
	struct events *events;
	struct bridge *bridge;     /**< to the line                         */
	struct console *console;   /**< the page                            */
	struct accounts *accounts; /**< accounts.h: sign-in, throttles, ... */
	json_t *openapi;           /**< docs/openapi.json, NULL none       */
	char origin[LIMIT_URI];    /**< "http://127.0.0.1:8080"             */
	bool secure;               /**< the browser comes by TLS            */
};

/** Index of a line by its name, -1 if there is none (any more). */
int web_line(const struct web *web, const char *name);

/** session_may(), by the line's name; of a line that is not configured any
 *  more, those of all lines see to what is left of it. */
bool web_may(const struct web *web, const struct session *s, const char *line,
	     unsigned roles);

/** A row of the audit log: what who asks does now, to whom (0 nobody). */
struct store_audit web_audit(const struct request *req, const char *what,
			     uint32_t whom);

#endif
