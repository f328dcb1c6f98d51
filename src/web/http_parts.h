/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file http_parts.h  What http.c, request.c, check.c and events.c share
 */
#ifndef RINGBACK_WEB_HTTP_PARTS_H
#define RINGBACK_WEB_HTTP_PARTS_H

#include <microhttpd.h>

#include "http.h"

enum {
	PEER_REQUEST_MS = 10000, /**< from connecting, or from the last
				  answer, to the end of a request        */
	PEER_ANSWER_MS = 120000, /**< to the end of its answer           */
	REQUEST_LATER_MS = 10000, /**< nobody answers longer than that    */
	REQUEST_HEADERS = 4,     /**< request_header() of one answer      */
};

enum peer_said {
	PEER_NOTHING = 0,
	PEER_REQUEST,   /**< a whole one                                  */
	PEER_SIGNED_IN, /**< one of somebody who is                       */
};

/** A connection. */
struct peer {
	struct le le;
	struct http *http;
	struct sa addr;
	uint64_t until; /**< cut then: jiffies; UINT64_MAX never          */
	int fd;
	enum peer_said said;
	bool cut;       /**< libmicrohttpd has yet to find out            */
};

struct request_header {
	const char *name;
	char value[LIMIT_URI];
};

struct request_parts {
	struct le le;                 /**< in http->later                  */
	struct http *http;            /**< borrow                          */
	struct MHD_Connection *conn;  /**< NULL: whoever asked is gone     */
	struct peer *peer;
	struct MHD_Response *resp;
	struct request_header headers[REQUEST_HEADERS];
	size_t n_headers;
	struct mbuf *mb;              /**< the body as it comes            */
	struct tmr tmr;
	unsigned status;
	bool too_long;
	bool later;
	bool suspended;
	bool queued;
};

struct http {
	struct http_config cfg;
	struct MHD_Daemon *daemon;
	struct list peers;
	struct list later;  /**< of struct request: suspended               */
	struct tmr tmr;     /**< when libmicrohttpd wants to run            */
	struct tmr sweep;
	unsigned most;      /**< connections                                */
	unsigned n_open;    /**< of those in peers, not cut                 */
	uint64_t n_pushed;  /**< cut to make room                           */
	uint64_t n_told;
	uint64_t told_at;
	char *certificate;
	char *key;
	int fd;
	bool secure;
	bool woken;         /**< something was resumed, and is to be run  */
	bool closing;       /**< nothing is done any more                */
	bool local;         /**< origin made up of our own loopback address */
};

/** new */
int request_alloc(struct request **reqp, struct http *http,
		  struct MHD_Connection *conn);

/** Look a whole request over, and have it handled or refused. */
void request_run(struct request *req, const char *method, const char *path);

/** Why a request may not go to its handler: answered. True if it may. */
bool check_request(struct request *req);

/** Value of a header, NULL if there is none (borrow). */
const char *request_value(const struct request *req, const char *name);

/** The name of our cookie. */
const char *http_cookie_name(const struct http *http);

/** The headers that each answer has. */
int headers_add(struct MHD_Response *resp, const struct http *http);

/** Answer with a response of libmicrohttpd. takes resp; NULL: no memory */
void request_answer(struct request *req, unsigned status,
		    struct MHD_Response *resp);

/** libmicrohttpd has something to do. */
void http_kick(struct http *http);

/** A suspended connection goes on, at the next turn of the loop. */
void http_resume(struct http *http, struct MHD_Connection *conn);

#endif
