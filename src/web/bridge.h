/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file bridge.h  From the pages to the line, and back
 *
 * Connects to run/line.sock and, when that breaks, again and again. Whatever
 * is asked while the line is away is answered 503 "line_down".
 */
#ifndef RINGBACK_WEB_BRIDGE_H
#define RINGBACK_WEB_BRIDGE_H

#include "http.h"
#include "wire/wire.h"

struct bridge;
struct stream;

/** new; web->events comes before it */
int bridge_alloc(struct bridge **bp, struct web *web, const char *path);

/** Somebody's page is there, or is not any more. */
void bridge_presence(struct bridge *b, uint32_t person, bool present);

/** A page has been opened: what is the case? */
void bridge_open(struct bridge *b, struct stream *s, uint32_t person);

/** The call that somebody listens to, as the line last said; 0 none. */
uint64_t bridge_listening(const struct bridge *b, uint32_t person);

/** Whoever listens by a session that is over listens no more. */
void bridge_listen_end(struct bridge *b, uint32_t person);

/** What REFUSED means for one kind of request; see request_errno() for the
 *  rest. */
struct bridge_refusal {
	int err;
	unsigned status;
	const char *word;
	const char *message;
};

/** The answer is there; msg is borrowed. */
typedef void(bridge_reply_h)(struct request *req, const struct wire_msg *msg,
			     void *arg);

/** A question of a page to the line. */
struct bridge_ask {
	enum wire_type type;
	const void *payload;
	const void *blob;
	size_t n_blob;
	enum wire_type answer;   /**< WIRE_DONE, ... that is good           */
	bridge_reply_h *replyh;  /**< NULL: {}                              */
	void *arg;
	const struct bridge_refusal *refusals; /**< ended by err 0, or NULL */
};

/** Ask the line, and answer the request with what it says. */
void bridge_ask(struct request *req, const struct bridge_ask *ask);

/** Ask it for something that whoever asks does at the page: COUNSELLOR_DO,
 *  with the person filled in. */
void bridge_do(struct request *req, struct wire_do todo,
	       const struct bridge_refusal *refusals);

/** People were changed in the store. Says so to the line; should that not be
 *  there, it reads them when it starts. */
void bridge_people_changed(struct bridge *b);

/** Tell all pages soon that the board, and what is owed, has changed. */
void bridge_changed(struct bridge *b);

#endif
