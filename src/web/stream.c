/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * stream.c  One stream of events: what is to be sent, the socket, its end. Must
 * not know whose it is.
 */
#include <errno.h>
#include <unistd.h>

#include "stream.h"

#define LOG_MODULE "events"
#include "base/log.h"


enum { QUEUE = 65536 }; /* bytes that a page may be behind */


void stream_wake(struct stream *s)
{
	if (!s->suspended)
		return;
	s->suspended = false;
	http_resume(s->peer->http, s->conn);
}


void stream_cut(struct stream *s)
{
	s->cut = true;
	s->peer->until = 0;
	stream_wake(s);
}


void stream_write(struct stream *s, const char *text, size_t n)
{
	const size_t pos = s->mb->pos;

	if (s->over || s->cut)
		return;
	if (s->mb->end - pos + n > QUEUE) {
		log_note("a page does not read what it is told: cut off");
		stream_cut(s);
		return;
	}

	mbuf_skip_to_end(s->mb);
	if (mbuf_write_mem(s->mb, (const uint8_t *)text, n)) {
		stream_cut(s);
		return;
	}
	s->mb->pos = pos;
	stream_wake(s);
}


ssize_t stream_read(void *cls, uint64_t at, char *buf, size_t max)
{
	struct stream *s = cls;
	struct mbuf *mb = s->mb;
	size_t n = mbuf_get_left(mb);

	(void)at;
	if (s->cut)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (!n && s->over)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (!n) {
		s->suspended = true;
		MHD_suspend_connection(s->conn);
		return 0;
	}

	if (n > max)
		n = max;
	(void)mbuf_read_mem(mb, (uint8_t *)buf, n);
	if (!mbuf_get_left(mb))
		mbuf_reset(mb);

	return (ssize_t)n;
}


static void stream_unwatch(struct stream *s)
{
	if (s->fd < 0)
		return;
	fd_close(s->fd);
	(void)close(s->fd);
	s->fd = -1;
}


/* a page has nothing to say on this connection: it has closed it */
static void stream_readable(int flags, void *arg)
{
	struct stream *s = arg;

	(void)flags;
	stream_unwatch(s);
	stream_cut(s);
}


static void stream_destructor(void *data)
{
	struct stream *s = data;

	stream_unwatch(s);
	list_unlink(&s->le);
	mem_deref(s->mb);
}


/* libmicrohttpd does not look at a connection that is suspended */
static int stream_watch(struct stream *s)
{
	int err;

	s->fd = dup(s->peer->fd);
	if (s->fd < 0)
		return errno;
	err = fd_listen(s->fd, FD_READ, stream_readable, s);
	if (err) {
		(void)close(s->fd);
		s->fd = -1;
	}

	return err;
}


int stream_alloc(struct stream **sp, struct list *streams,
		 struct request *req)
{
	struct stream *s = mem_zalloc(sizeof(*s), stream_destructor);
	int err;

	if (!s)
		return ENOMEM;
	s->fd = -1;
	s->conn = req->parts->conn;
	s->peer = req->parts->peer;
	s->session = req->session.id;
	s->beat = tmr_jiffies();
	s->mb = mbuf_alloc(512);
	err = s->mb ? stream_watch(s) : ENOMEM;
	if (err) {
		mem_deref(s);
		return err;
	}
	list_append(streams, &s->le, s);
	*sp = s;

	return 0;
}
