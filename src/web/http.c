/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * http.c  Runs libmicrohttpd in libre's loop: its epoll descriptor is one of
 * the loop's, its time-outs are a timer. Cuts off peers that are slow or too
 * many. Must not know what is asked for.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "framing.h"
#include "http_parts.h"

#define LOG_MODULE "http"
#include "base/log.h"


enum {
	CONNECTIONS = 4096,      /* fewer if there are not that many files  */
	CONNECTIONS_SPARE = 32,  /* of whoever was cut and is not gone yet  */
	OTHER_FILES = 64,        /* the store, the log, the line, ...       */
	CONNECTIONS_OF_ONE = 64, /* address; not of a proxy on this machine */
	CONNECTION_BYTES = 24576,
	IDLE_S = 20,
	SWEEP_MS = 1000,
	QUIET_MS = 60000,
	SWALLOW = 4 * HTTP_BODY, /* of a body that is too long */
	FILE_MOST = 262144,
};


/* ---- libmicrohttpd in the loop ---- */

static void due(void *arg)
{
	http_kick(arg);
}


void http_kick(struct http *h)
{
	MHD_UNSIGNED_LONG_LONG ms;

	h->woken = false;
	(void)MHD_run(h->daemon);
	if (h->woken)
		tmr_start(&h->tmr, 0, due, h);
	else if (MHD_get_timeout(h->daemon, &ms) == MHD_YES)
		tmr_start(&h->tmr, ms, due, h);
	else
		tmr_cancel(&h->tmr);
}


void http_resume(struct http *h, struct MHD_Connection *conn)
{
	MHD_resume_connection(conn);
	h->woken = true;
	tmr_start(&h->tmr, 0, due, h);
}


static void readable(int flags, void *arg)
{
	(void)flags;
	http_kick(arg);
}


/* ---- peers ---- */

static void peer_destructor(void *data)
{
	struct peer *p = data;

	list_unlink(&p->le);
	if (!p->cut)
		--p->http->n_open;
}


/* libmicrohttpd sees the end of it, and cleans up */
static void peer_cut(struct peer *p)
{
	(void)shutdown(p->fd, SHUT_RDWR);
	if (p->cut)
		return;
	p->cut = true;
	--p->http->n_open;
}


static bool goes_before(const struct peer *p, const struct peer *than)
{
	return p->said != than->said ? p->said < than->said
				     : p->until < than->until;
}


/* All places are taken: whoever has said least goes, of these who waits the
 * longest. Who is signed in stays. @return false: all are */
static bool make_room(struct http *h)
{
	struct peer *first = NULL;

	for (struct le *le = h->peers.head; le; le = le->next) {
		struct peer *p = le->data;

		if (p->cut || p->said == PEER_SIGNED_IN)
			continue;
		if (!first || goes_before(p, first))
			first = p;
	}
	if (!first)
		return false;

	peer_cut(first);
	++h->n_pushed;
	return true;
}


static void peer_come(struct http *h, struct MHD_Connection *conn,
		      void **context)
{
	const union MHD_ConnectionInfo *fd, *addr;
	struct peer *p = mem_zalloc(sizeof(*p), peer_destructor);
	bool room = true;

	*context = p;
	if (!p)
		return;

	if (h->n_open >= h->most)
		room = make_room(h);
	++h->n_open;
	fd = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD);
	addr = MHD_get_connection_info(conn,
				       MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	p->http = h;
	p->fd = fd ? fd->connect_fd : -1;
	p->until = tmr_jiffies() + PEER_REQUEST_MS;
	if (addr)
		(void)sa_set_sa(&p->addr, addr->client_addr);
	list_append(&h->peers, &p->le, p);
	if (!room)
		peer_cut(p);
}


static void on_connection(void *cls, struct MHD_Connection *conn,
			  void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		peer_come(cls, conn, context);
	else
		*context = mem_deref(*context);
}


static enum MHD_Result on_accept(void *cls, const struct sockaddr *addr,
				 socklen_t len)
{
	const struct http *h = cls;
	unsigned n = 0;
	struct sa sa;

	(void)len;
	if (sa_set_sa(&sa, addr) || sa_is_loopback(&sa))
		return MHD_YES;

	for (const struct le *le = h->peers.head; le; le = le->next) {
		const struct peer *p = le->data;

		n += sa_cmp(&p->addr, &sa, SA_ADDR);
	}

	return n < CONNECTIONS_OF_ONE ? MHD_YES : MHD_NO;
}


static void mention(struct http *h, uint64_t now)
{
	if (h->n_pushed == h->n_told ||
	    (h->told_at && now - h->told_at < QUIET_MS))
		return;

	log_warn("all %u connections are taken: %llu that had said least were "
		 "cut since last told; who is signed in stays", h->most,
		 (unsigned long long)(h->n_pushed - h->n_told));
	h->told_at = now;
	h->n_told = h->n_pushed;
}


static void sweep(void *arg)
{
	struct http *h = arg;
	const uint64_t now = tmr_jiffies();

	for (struct le *le = h->peers.head; le; le = le->next) {
		struct peer *p = le->data;

		if (p->until <= now)
			peer_cut(p);
	}
	mention(h, now);
	tmr_start(&h->sweep, SWEEP_MS, sweep, h);
}


/* ---- requests ---- */

static struct peer *peer_of(struct MHD_Connection *conn)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}


static bool announces_too_much(const struct request *req)
{
	const char *n = request_value(req, "Content-Length");

	return n && strtoull(n, NULL, 10) > HTTP_BODY;
}


static enum MHD_Result queue(struct request *req)
{
	struct request_parts *p = req->parts;

	if (p->queued)
		return MHD_NO;
	p->queued = true;

	return MHD_queue_response(p->conn, p->status, p->resp);
}


static enum MHD_Result begin(struct http *h, struct MHD_Connection *conn,
			     void **context)
{
	struct request *req;
	struct peer *peer = peer_of(conn);

	/* not answered: what stands behind it may be no request of theirs */
	if (!peer || !framing_is_clear(conn) || request_alloc(&req, h, conn))
		return MHD_NO;
	*context = req;
	req->parts->peer = peer;
	req->peer = peer->addr;
	if (!announces_too_much(req))
		return MHD_YES;

	request_error(req, 413, "too_long",
		      "this is more than the server takes at once");
	return req->parts->resp ? queue(req) : MHD_NO;
}


static enum MHD_Result body_add(struct request *req, const char *data,
				size_t *np)
{
	struct request_parts *p = req->parts;
	const size_t n = *np;

	*np = 0;
	if (p->mb->end + n > HTTP_BODY)
		p->too_long = true;
	if (p->mb->end + n > SWALLOW)
		return MHD_NO;
	if (!p->too_long)
		return mbuf_write_mem(p->mb, (const uint8_t *)data, n)
			       ? MHD_NO
			       : MHD_YES;

	p->mb->pos = p->mb->end = p->mb->end + n; /* counted, not kept */
	return MHD_YES;
}


static enum MHD_Result complete(struct request *req, const char *method,
				const char *path)
{
	struct request_parts *p = req->parts;

	if (!p->resp) {
		if (p->http->closing)
			return MHD_NO;
		p->peer->until = tmr_jiffies() + PEER_ANSWER_MS;
		if (p->peer->said == PEER_NOTHING)
			p->peer->said = PEER_REQUEST;
		request_run(req, method, path);
	}
	if (p->resp)
		return queue(req);
	if (!p->later)
		return MHD_NO;

	p->suspended = true;
	list_append(&p->http->later, &p->le, req);
	MHD_suspend_connection(p->conn);
	return MHD_YES;
}


static enum MHD_Result on_request(void *cls, struct MHD_Connection *conn,
				  const char *url, const char *method,
				  const char *version, const char *data,
				  size_t *np, void **context)
{
	struct request *req = *context;

	(void)version;
	if (!req)
		return begin(cls, conn, context);
	if (*np)
		return body_add(req, data, np);

	return complete(req, method, url);
}


static void on_completed(void *cls, struct MHD_Connection *conn,
			 void **context, enum MHD_RequestTerminationCode toe)
{
	struct request *req = *context;

	(void)cls;
	(void)conn;
	(void)toe;
	if (!req)
		return;

	req->parts->peer->until = tmr_jiffies() + PEER_REQUEST_MS;
	req->parts->conn = NULL;
	req->parts->peer = NULL;
	tmr_cancel(&req->parts->tmr);
	list_unlink(&req->parts->le);
	*context = mem_deref(req);
}


/* ---- the server ---- */

const char *http_cookie_name(const struct http *h)
{
	return h->secure ? "__Host-ringback" : "ringback";
}


static char *file_read(const char *path)
{
	struct stat st;
	char *text = NULL;
	FILE *f = fopen(path, "re");

	if (!f)
		goto out;
	if (fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size > 0 && st.st_size < FILE_MOST)
		text = calloc(1, (size_t)st.st_size + 1);
	else
		errno = EINVAL;
	if (text && fread(text, (size_t)st.st_size, 1, f) != 1) {
		free(text);
		text = NULL;
		errno = EIO;
	}

out:
	if (!text)
		log_error("%s cannot be read: %s", path, strerror(errno));
	if (f)
		(void)fclose(f);

	return text;
}


static int tls_read(struct http *h)
{
	if (!h->cfg.certificate)
		return 0;

	h->certificate = file_read(h->cfg.certificate);
	h->key = file_read(h->cfg.key);

	return h->certificate && h->key ? 0 : EINVAL;
}


static struct MHD_Daemon *daemon_start(struct http *h)
{
	const struct sa *addr = &h->cfg.addr;
	struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, h->certificate},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, h->key},
		{MHD_OPTION_HTTPS_PRIORITIES, 0,
		 (void *)(uintptr_t)"NORMAL:-VERS-ALL:+VERS-TLS1.3:"
				    "+VERS-TLS1.2"},
		{MHD_OPTION_END, 0, NULL},
	};
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;

	if (sa_af(addr) == AF_INET6)
		flags |= MHD_USE_IPv6;
	if (h->certificate)
		flags |= MHD_USE_TLS;

	return MHD_start_daemon(
		flags, 0, on_accept, h, on_request, h,
		MHD_OPTION_SOCK_ADDR, &addr->u.sa,
		MHD_OPTION_CONNECTION_LIMIT, h->most + CONNECTIONS_SPARE,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
		MHD_OPTION_ARRAY,
		h->certificate ? tls : &tls[ARRAY_SIZE(tls) - 1],
		MHD_OPTION_END);
}


/* a suspended request cannot be closed: each gets its answer first */
static void later_end(struct http *h)
{
	while (h->later.head)
		request_error(h->later.head->data, 503, "stopping",
			      "the server is being stopped; try again");
}


static void destructor(void *data)
{
	struct http *h = data;

	tmr_cancel(&h->sweep);
	if (h->fd >= 0)
		fd_close(h->fd);
	h->closing = true;
	if (h->daemon) {
		later_end(h);
		(void)MHD_run(h->daemon);
		MHD_stop_daemon(h->daemon);
	}
	tmr_cancel(&h->tmr);
	if (h->key)
		explicit_bzero(h->key, strlen(h->key));
	free(h->key);
	free(h->certificate);
}


/* each may need two: a stream of events has a second one for its socket */
static unsigned room_for(void)
{
	struct rlimit files;
	rlim_t n;

	if (getrlimit(RLIMIT_NOFILE, &files) ||
	    files.rlim_cur >= 2 * CONNECTIONS + CONNECTIONS_SPARE +
				      OTHER_FILES)
		return CONNECTIONS;

	n = files.rlim_cur > CONNECTIONS_SPARE + OTHER_FILES + 4
		    ? (files.rlim_cur - CONNECTIONS_SPARE - OTHER_FILES) / 2
		    : 2;
	log_warn("this process may open %u files only: %u connections at most",
		 (unsigned)files.rlim_cur, (unsigned)n);

	return (unsigned)n;
}


static int start(struct http *h)
{
	const union MHD_DaemonInfo *info;
	int err;

	err = tls_read(h);
	if (err)
		return err;

	h->most = room_for();
	errno = 0;
	h->daemon = daemon_start(h);
	if (!h->daemon)
		return errno ? errno : EINVAL;
	info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (!info)
		return ENOTSUP;

	h->fd = info->epoll_fd;
	err = fd_listen(h->fd, FD_READ, readable, h);
	if (err) {
		h->fd = -1;
		return err;
	}
	tmr_start(&h->sweep, SWEEP_MS, sweep, h);

	return 0;
}


int http_alloc(struct http **hp, const struct http_config *cfg)
{
	struct http *h;
	int err;

	if (!hp || !cfg || !cfg->tables || !cfg->sessionh || !cfg->origin)
		return EINVAL;

	h = mem_zalloc(sizeof(*h), destructor);
	if (!h)
		return ENOMEM;
	h->cfg = *cfg;
	h->fd = -1;
	h->secure = strncmp(cfg->origin, "https://", 8) == 0;
	h->local = !h->secure && sa_is_loopback(&cfg->addr);
	tmr_init(&h->tmr);
	tmr_init(&h->sweep);

	err = start(h);
	if (err)
		mem_deref(h);
	else
		*hp = h;

	return err;
}
