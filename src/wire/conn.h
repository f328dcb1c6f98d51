/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file conn.h  Connections between Ringback's processes, in libre's loop
 *
 * A server listens on DIR/run/NAME.sock. Both ends say HELLO first; a peer
 * of another user, another build or an unexpected role is dropped with one
 * log line. After that each checked message reaches the owner's handler.
 */
#ifndef RINGBACK_CONN_H
#define RINGBACK_CONN_H

#include "wire.h"

struct wire_server;
struct wire_conn;

/** A message arrived (a request on the server's side, an event on the
 *  client's). msg is borrowed and gone when the handler returns. */
typedef void(wire_msg_h)(struct wire_conn *conn, const struct wire_msg *msg,
			 void *arg);

/** The reply to a request; msg NULL: the connection ended before it came. */
typedef void(wire_reply_h)(const struct wire_msg *msg, void *arg);

/** The connection is over, after all reply handlers were told. The owner
 *  may mem_deref() it here. Not called for a deref by the owner. */
typedef void(wire_close_h)(struct wire_conn *conn, void *arg);

/**
 * Listen on a unix socket; replaces a socket file that nobody serves
 *
 * Accepted connections live until their peer goes or the server is freed.
 *
 * @param sp    new, mem_deref() closes it and all its connections
 * @param path  Socket file, mode 0600
 * @param self  Role of this end
 * @param from  Roles that may connect (bits)
 * @param msgh  Told of each request
 * @param closeh Told when a connection ends (optional)
 *
 * @return 0, EADDRINUSE if a living process serves it, ENAMETOOLONG, ...
 */
int wire_listen(struct wire_server **sp, const char *path, enum wire_role self,
		unsigned from, wire_msg_h *msgh, wire_close_h *closeh,
		void *arg);

/** May this process say that it is this? */
typedef bool(wire_who_h)(enum wire_role role, int32_t pid);

/** Ask so of each that connects from now on; else one is what it says. */
void wire_guard(struct wire_server *s, wire_who_h *whoh);

/**
 * Connect to a server; messages may be sent at once
 *
 * @param cp   new, mem_deref() closes it
 * @param peer Role expected at the other end
 *
 * @return 0, ENOENT or ECONNREFUSED if nobody serves it, ...
 */
int wire_connect(struct wire_conn **cp, const char *path, enum wire_role self,
		 enum wire_role peer, wire_msg_h *msgh, wire_close_h *closeh,
		 void *arg);

/**
 * Ask. The reply handler is called exactly once, never from within, unless
 * the owner frees the connection before: then not at all.
 *
 * @param payload As the row says (borrow)
 * @param blob    Trailing bytes (borrow, optional)
 *
 * @return 0; ENOTCONN, EMSGSIZE, ENOMEM: then no reply follows
 */
int wire_ask(struct wire_conn *c, enum wire_type type, const void *payload,
	     const void *blob, size_t n_blob, wire_reply_h *replyh, void *arg);

/** Answer a request. @return 0, ENOTCONN, EMSGSIZE, EINVAL. A peer that does
 *  not read what it is sent is dropped: ENOTCONN, here and elsewhere. */
int wire_reply(struct wire_conn *c, const struct wire_msg *request,
	       enum wire_type type, const void *payload, const void *blob,
	       size_t n_blob);

/** Answer DONE, or REFUSED with an error and a few plain words. */
int wire_reply_done(struct wire_conn *c, const struct wire_msg *request);
int wire_reply_refused(struct wire_conn *c, const struct wire_msg *request,
		       int err, const char *reason);

/** Tell the client something. @return 0, ENOTCONN, EMSGSIZE */
int wire_event(struct wire_conn *c, enum wire_type type, const void *payload);

/** Role of the other end, 0 before its HELLO. */
unsigned wire_conn_role(const struct wire_conn *c);

/** The process at the other end, as the kernel says it; 0 unknown. */
int32_t wire_conn_pid(const struct wire_conn *c);

/**
 * Ask once, without a loop and without waiting: for the keeper
 *
 * @param fdp     Set to what becomes readable; the caller closes it
 * @param payload As the row says (borrow)
 *
 * @return 0; ENOENT, ECONNREFUSED nobody serves it; EAGAIN too many wait for
 *         it already
 */
int wire_knock(int *fdp, const char *path, enum wire_role self,
	       enum wire_type type, const void *payload);

/** Read what has come. @return 0 any reply; EAGAIN not yet; ECONNRESET,
 *  EPROTO, ...: nothing will */
int wire_knock_heard(int fd, enum wire_role self, enum wire_role peer);

/**
 * Ask once and wait, without a loop: for the command line
 *
 * @param reply   Set to the reply's type
 * @param payload Where the reply's payload goes, n_payload bytes
 * @param blob    new (malloc), the reply's blob (optional), *n_blob its bytes
 *
 * @return 0; ENOENT, ECONNREFUSED nobody serves it; ETIMEDOUT; EPROTO
 */
int wire_ask_once(const char *path, enum wire_role self, enum wire_role peer,
		  enum wire_type type, const void *request, unsigned timeout_ms,
		  enum wire_type *reply, void *payload, size_t n_payload,
		  uint8_t **blob, size_t *n_blob);

#endif
