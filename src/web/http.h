/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file http.h  HTTP for the console: libmicrohttpd in libre's loop
 *
 * One thread. A route is a row of a table: method, path, handler, who may.
 * What reaches a handler has passed every check: method, session, role,
 * origin, type and size of the body, JSON with no member twice. What a handler
 * does not answer at once it answers later; whoever asked may be gone by then,
 * which is no error.
 *
 * Nothing of a request is logged but the path's pattern and the status.
 */
#ifndef RINGBACK_WEB_HTTP_H
#define RINGBACK_WEB_HTTP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "libre.h"
#include "session.h"

enum {
	HTTP_BODY = 65536, /**< bytes of a request's body                   */
	HTTP_IDS = 2,      /**< numbers in a path                           */
	HTTP_COOKIE = 128, /**< bytes of our cookie's value, incl. NUL      */
};

struct http;
struct web;

/** A request, from its headers to the end of its answer. Counted: whoever
 *  answers later keeps a mem_ref(). */
struct request {
	struct web *web;             /**< borrow                            */
	const struct route *route;   /**< borrow                            */
	json_t *body;                /**< POST: an object; GET: NULL        */
	uint64_t ids[HTTP_IDS];      /**< {..} of the path, in order        */
	bool signed_in;
	struct session session;      /**< if signed_in                      */
	char cookie[HTTP_COOKIE];    /**< the value sent, "" none           */
	void *state;                 /**< the handler's own: mem_deref()ed
					  with the request                  */
	struct sa peer;              /**< of the browser; with a proxy on
					  this machine, who it says that is */
	struct request_parts *parts; /**< http.c's own                      */
};

/** Answer, or keep a reference and answer later. */
typedef void(route_h)(struct request *req);

enum route_method {
	ROUTE_GET = 0, /**< HEAD too */
	ROUTE_POST,
	ROUTE_METHODS
};

enum route_flags {
	ROUTE_OPEN = 1 << 0, /**< without a session too                     */
	ROUTE_QUERY = 1 << 1, /**< takes ?limit=N, request_limit()          */
};

struct route {
	enum route_method method;
	/** "/api/v1/promises/{id}/take": {..} is a decimal number from 1 */
	const char *path;
	route_h *h;
	unsigned flags;
	/** enum session_role: one of them on any line; 0: any session. The
	 *  handler looks at the line itself, by session_may() */
	unsigned roles;
};

/** What one file serves; routes.c lists them all. */
struct route_table {
	const struct route *v;
	size_t n;
};

/**
 * Answer with JSON
 *
 * @param json takes; NULL (out of memory) is answered with 503
 */
void request_reply(struct request *req, unsigned status, json_t *json);

/** {}, 200 */
void request_done(struct request *req);

/** {"error": word, "message": message}. */
void request_error(struct request *req, unsigned status, const char *word,
		   const char *message);

/** {"error", "message"} for an errno: ENOENT 404 ..., ENOMEM 503. */
void request_errno(struct request *req, int err);

/** Answer with bytes. @param buf takes (malloc); wiped after sending. */
void request_bytes(struct request *req, const char *type, void *buf, size_t n);

/** Set a header of the answer, before the answer is given. */
void request_header(struct request *req, const char *name, const char *value);

/**
 * Set our cookie with the answer; NULL takes it back
 *
 * Its name, and whether it is Secure, http.c knows.
 */
void request_cookie(struct request *req, const char *value);

/** The request is answered later: call it before the handler returns. The
 *  handler's own reference keeps req; 503 if nobody answers in ten seconds. */
void request_later(struct request *req);

/** ?limit=N: from 1 to most, or preset. */
uint32_t request_limit(struct request *req, uint32_t preset, uint32_t most);

/**
 * Take the members of the body, as json_unpack_ex() with JSON_STRICT does
 *
 * What is wrong is answered with 400.
 *
 * @return true if all is there and of the right type, and nothing else
 */
bool request_unpack(struct request *req, const char *fmt, ...);

struct http_config {
	struct web *web;
	const struct route_table *const *tables; /**< NULL-ended            */
	session_find_h *sessionh;
	struct sa addr;
	const char *origin;      /**< "https://hotline.example"; borrow     */
	const char *certificate; /**< PEM, NULL for plain HTTP              */
	const char *key;
};

/** new. EADDRINUSE, EACCES; EINVAL: certificate and key do not fit. */
int http_alloc(struct http **hp, const struct http_config *cfg);

#endif
