/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file stream.h  One stream of events, to one page
 *
 * Only events.c includes this. A page that is behind by more than 64 KiB is
 * cut off. While there is nothing to send the connection is suspended, and
 * its socket watched here, since libmicrohttpd does not look at it then.
 */
#ifndef RINGBACK_WEB_STREAM_H
#define RINGBACK_WEB_STREAM_H

#include "http_parts.h"

struct visitor;

struct stream {
	struct le le;
	struct visitor *visitor; /* borrow; set by the owner               */
	struct MHD_Connection *conn;
	struct peer *peer;
	struct mbuf *mb;       /* from pos to end: to be sent               */
	uint64_t session;
	uint64_t beat;
	int fd;                /* a second name of its socket; -1           */
	bool suspended;
	bool over;             /* ends when all is sent                     */
	bool cut;              /* ends at once                              */
};

/** new, at the end of a list. mem_deref() takes it off. ENOMEM, EMFILE */
int stream_alloc(struct stream **sp, struct list *streams,
		 struct request *req);

/** Add text to what is to be sent. */
void stream_write(struct stream *s, const char *text, size_t n);

/** End it at once. */
void stream_cut(struct stream *s);

/** There is something to send, or to end. */
void stream_wake(struct stream *s);

/** MHD_ContentReaderCallback */
ssize_t stream_read(void *cls, uint64_t at, char *buf, size_t max);

#endif
