/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * conn.c  Moves checked messages over unix sockets. Must not know what any
 * message means, except HELLO and which replies belong to which requests.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <re.h>

#include "conn.h"

#define LOG_MODULE "wire"
#include "base/log.h"


enum {
	BACKLOG     = 16,
	SOCKET_BUF  = 1 << 20,
	READ_BURST  = 64, /* packets taken before others get their turn */
	ONCE_ID     = 1,
};

struct wire_server {
	struct list connl;
	char *path;
	wire_msg_h *msgh;
	wire_close_h *closeh;
	wire_who_h *whoh;
	void *arg;
	enum wire_role self;
	unsigned from;
	int fd;
};

struct wire_conn {
	struct le le;
	struct list askedl;
	struct mbuf *rx;
	wire_msg_h *msgh;
	wire_close_h *closeh;
	wire_who_h *whoh; /* NULL: whoever says so is */
	void *arg;
	uint64_t last_id;
	enum wire_role self;
	unsigned expected;
	unsigned peer; /* 0 until HELLO */
	int fd;
};

struct asked {
	struct le le;
	uint64_t id;
	wire_reply_h *replyh;
	void *arg;
};


static void asked_destructor(void *data)
{
	struct asked *a = data;

	list_unlink(&a->le);
}


static void fd_shut(int *fdp)
{
	if (*fdp < 0)
		return;

	fd_close(*fdp);
	(void)close(*fdp);
	*fdp = -1;
}


static void conn_destructor(void *data)
{
	struct wire_conn *c = data;

	fd_shut(&c->fd);
	list_unlink(&c->le);
	list_flush(&c->askedl);
	mem_deref(c->rx);
}


static void server_destructor(void *data)
{
	struct wire_server *s = data;

	list_flush(&s->connl);
	if (s->fd >= 0 && s->path)
		(void)unlink(s->path);
	fd_shut(&s->fd);
	mem_deref(s->path);
}


static int packet_send(int fd, enum wire_type type, uint64_t id,
		       const void *payload, const void *blob, size_t n_blob)
{
	struct wire_hdr hdr = {(uint32_t)type, (uint32_t)n_blob, id};
	struct iovec iov[3] = {
		{&hdr, sizeof(hdr)},
		{(void *)payload, wire_size(type)},
		{(void *)blob, n_blob},
	};
	struct msghdr mh = {.msg_iov = iov, .msg_iovlen = 3};

	if (n_blob > LIMIT_WIRE_BLOB ||
	    (n_blob && !wire_is(type, WIRE_BLOB)))
		return EMSGSIZE;

	for (;;) {
		if (sendmsg(fd, &mh, MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno != EINTR)
			return errno;
	}
}


static int hello_send(int fd, enum wire_role self)
{
	const struct wire_hello hello = {
		.hash = wire_hash(),
		.role = self,
		.pid  = (uint32_t)getpid(),
	};

	return packet_send(fd, WIRE_HELLO, 0, &hello, NULL, 0);
}


/* root's commands talk to a line that runs as the data folder's owner */
static bool owns_folder(uid_t uid)
{
	struct stat st;

	return stat(".", &st) == 0 && st.st_uid == uid;
}


static bool peer_is_us(int fd)
{
	struct ucred cred;
	socklen_t n = sizeof(cred);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) == 0 &&
	       (cred.uid == geteuid() || cred.uid == 0 ||
		(geteuid() == 0 && owns_folder(cred.uid)));
}


/* @return true if the greeting is one of ours */
static bool hello_fits(const struct wire_msg *msg, unsigned expected,
		       unsigned *rolep)
{
	const struct wire_hello *hello = msg->payload;

	if (msg->type != WIRE_HELLO)
		return false;
	if (hello->hash != wire_hash()) {
		log_error("a process of another version of Ringback is "
			  "running; stop it, then start again");
		return false;
	}
	if (!(hello->role & expected) || (hello->role & (hello->role - 1)))
		return false;

	*rolep = hello->role;
	return true;
}


/* Let go of by its owner while a handler ran: only conn_readable() holds on
 * to it. Nobody is left to tell anything. */
static bool conn_orphan(const struct wire_conn *c)
{
	return mem_nrefs(c) == 1;
}


static void asked_end(struct wire_conn *c)
{
	struct le *le;

	while (!conn_orphan(c) && (le = list_head(&c->askedl))) {
		struct asked *a = le->data;
		wire_reply_h *replyh = a->replyh;
		void *arg = a->arg;

		mem_deref(a);
		if (replyh)
			replyh(NULL, arg);
	}
}


/* only below conn_readable(), whose reference keeps c */
static void conn_end(struct wire_conn *c, const char *why)
{
	if (why)
		log_warn("connection dropped: %s", why);
	fd_shut(&c->fd);

	asked_end(c);
	if (c->closeh && !conn_orphan(c))
		c->closeh(c, c->arg);

	/* a server's connection is owned by its list */
	if (c->le.list) {
		list_unlink(&c->le);
		mem_deref(c);
	}
}


static void reply_dispatch(struct wire_conn *c, const struct wire_msg *msg)
{
	struct le *le;

	LIST_FOREACH(&c->askedl, le)
	{
		struct asked *a = le->data;

		if (a->id == msg->id) {
			wire_reply_h *replyh = a->replyh;
			void *arg = a->arg;

			mem_deref(a);
			if (replyh)
				replyh(msg, arg);
			return;
		}
	}
}


static void hello_take(struct wire_conn *c, const struct wire_msg *msg)
{
	unsigned role;

	if (!hello_fits(msg, c->expected, &role))
		conn_end(c, "no proper HELLO");
	else if (c->whoh && !c->whoh((enum wire_role)role, wire_conn_pid(c)))
		conn_end(c, "its process is not what it says");
	else
		c->peer = role;
}


static void packet_handle(struct wire_conn *c, size_t n)
{
	const enum wire_role from =
		(enum wire_role)(c->peer ? c->peer : WIRE_ANY);
	struct wire_msg msg;

	if (wire_check(&msg, c->rx->buf, n, from, c->self)) {
		conn_end(c, "a message that is not in the table");
		return;
	}

	if (!c->peer) {
		hello_take(c, &msg);
		return;
	}

	if (wire_is(msg.type, WIRE_REPLY))
		reply_dispatch(c, &msg);
	else if (msg.type != WIRE_HELLO && c->msgh)
		c->msgh(c, &msg, c->arg);
}


static void conn_readable(int flags, void *arg)
{
	struct wire_conn *c = arg;
	(void)flags;

	mem_ref(c);
	for (int i = 0; i < READ_BURST && c->fd >= 0 && !conn_orphan(c);
	     i++) {
		ssize_t n = recv(c->fd, c->rx->buf, c->rx->size, MSG_TRUNC);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n <= 0) {
			conn_end(c, NULL);
			break;
		}
		if ((size_t)n > c->rx->size) {
			conn_end(c, "a message that is too long");
			break;
		}
		packet_handle(c, (size_t)n);
		/* it may have been a key, or a number */
		explicit_bzero(c->rx->buf, (size_t)n);
	}
	mem_deref(c);
}


/* takes fd, also on failure */
static int conn_alloc(struct wire_conn **cp, int fd, enum wire_role self,
		      unsigned expected)
{
	const int buf = SOCKET_BUF;
	struct wire_conn *c;
	int err;

	c = mem_zalloc(sizeof(*c), conn_destructor);
	if (!c) {
		(void)close(fd);
		return ENOMEM;
	}
	c->fd = fd;
	c->self = self;
	c->expected = expected;

	c->rx = mbuf_alloc(wire_max());
	if (!c->rx) {
		err = ENOMEM;
		goto out;
	}
	if (!peer_is_us(fd)) {
		log_warn("connection refused: its process belongs to "
			 "another user");
		err = EACCES;
		goto out;
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buf, sizeof(buf));

	err = hello_send(fd, self);
	if (err)
		goto out;
	err = fd_listen(fd, FD_READ, conn_readable, c);

out:
	if (err)
		mem_deref(c);
	else
		*cp = c;

	return err;
}


static void server_readable(int flags, void *arg)
{
	struct wire_server *s = arg;
	struct wire_conn *c;
	int fd;
	(void)flags;

	fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	if (conn_alloc(&c, fd, s->self, s->from))
		return;

	c->msgh = s->msgh;
	c->closeh = s->closeh;
	c->whoh = s->whoh;
	c->arg = s->arg;
	list_append(&s->connl, &c->le, c);
}


static int path_addr(struct sockaddr_un *sun, const char *path)
{
	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(sun->sun_path))
		return ENAMETOOLONG;
	strcpy(sun->sun_path, path);

	return 0;
}


/* @param fdp set to a connected socket. A path too long for sun_path is
 * refused; callers chdir() to the data folder to keep paths short.
 * @param timeout_ms for a blocking one, to connect and to send; 0 for none */
static int path_connect(int *fdp, const char *path, int flags,
			unsigned timeout_ms)
{
	const struct timeval tv = {
		.tv_sec = (time_t)(timeout_ms / 1000),
		.tv_usec = (suseconds_t)(timeout_ms % 1000) * 1000,
	};
	struct sockaddr_un sun;
	int err, fd;

	err = path_addr(&sun, path);
	if (err)
		return err;

	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0);
	if (fd < 0)
		return errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0) {
		err = errno;
		(void)close(fd);
		return err;
	}

	*fdp = fd;
	return 0;
}


static int path_bind(int fd, const char *path)
{
	struct sockaddr_un sun;
	int err, other;

	err = path_addr(&sun, path);
	if (err)
		return err;

	/* EAGAIN: so many wait for it that we would have to */
	err = path_connect(&other, path, SOCK_NONBLOCK, 0);
	if (!err)
		(void)close(other);
	if (!err || err == EAGAIN)
		return EADDRINUSE;
	(void)unlink(path);

	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0)
		return errno;
	if (chmod(path, S_IRUSR | S_IWUSR) < 0)
		return errno;
	if (listen(fd, BACKLOG) < 0)
		return errno;

	return 0;
}


int wire_listen(struct wire_server **sp, const char *path, enum wire_role self,
		unsigned from, wire_msg_h *msgh, wire_close_h *closeh,
		void *arg)
{
	struct wire_server *s;
	int err;

	if (!sp || !path || !msgh)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), server_destructor);
	if (!s)
		return ENOMEM;
	s->self = self;
	s->from = from;
	s->msgh = msgh;
	s->closeh = closeh;
	s->arg = arg;

	s->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       0);
	if (s->fd < 0) {
		err = errno;
		goto out;
	}
	err = path_bind(s->fd, path);
	if (err)
		goto out;
	err = str_dup(&s->path, path);
	if (err)
		goto out;
	err = fd_listen(s->fd, FD_READ, server_readable, s);

out:
	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


void wire_guard(struct wire_server *s, wire_who_h *whoh)
{
	if (s)
		s->whoh = whoh;
}


int wire_connect(struct wire_conn **cp, const char *path, enum wire_role self,
		 enum wire_role peer, wire_msg_h *msgh, wire_close_h *closeh,
		 void *arg)
{
	struct wire_conn *c;
	int err, fd;

	if (!cp || !path)
		return EINVAL;

	err = path_connect(&fd, path, SOCK_NONBLOCK, 0);
	if (err)
		return err;
	err = conn_alloc(&c, fd, self, peer);
	if (err)
		return err;

	c->msgh = msgh;
	c->closeh = closeh;
	c->arg = arg;
	*cp = c;

	return 0;
}


static int send_or_drop(struct wire_conn *c, enum wire_type type, uint64_t id,
			const void *payload, const void *blob, size_t n_blob)
{
	int err;

	if (!c)
		return EINVAL;
	if (c->fd < 0)
		return ENOTCONN;

	err = packet_send(c->fd, type, id, payload, blob, n_blob);
	if (err == EAGAIN) {
		/* so far behind that it is stuck. Its end is noticed in the
		 * loop, not under the feet of whoever is sending. */
		log_warn("a process does not read its messages");
		(void)shutdown(c->fd, SHUT_RDWR);
	}
	if (err == EAGAIN || err == EPIPE || err == ECONNRESET)
		return ENOTCONN;

	return err;
}


int wire_ask(struct wire_conn *c, enum wire_type type, const void *payload,
	     const void *blob, size_t n_blob, wire_reply_h *replyh, void *arg)
{
	struct asked *a;
	int err;

	if (!c || !wire_is(type, WIRE_ASKS))
		return EINVAL;
	if (c->fd < 0)
		return ENOTCONN;

	a = mem_zalloc(sizeof(*a), asked_destructor);
	if (!a)
		return ENOMEM;
	a->id = ++c->last_id;
	a->replyh = replyh;
	a->arg = arg;

	err = send_or_drop(c, type, a->id, payload, blob, n_blob);
	if (err)
		mem_deref(a);
	else
		list_append(&c->askedl, &a->le, a);

	return err;
}


int wire_reply(struct wire_conn *c, const struct wire_msg *request,
	       enum wire_type type, const void *payload, const void *blob,
	       size_t n_blob)
{
	if (!request || !request->id || !wire_is(type, WIRE_REPLY))
		return EINVAL;

	return send_or_drop(c, type, request->id, payload, blob, n_blob);
}


int wire_reply_done(struct wire_conn *c, const struct wire_msg *request)
{
	const struct wire_none none = {0};

	return wire_reply(c, request, WIRE_DONE, &none, NULL, 0);
}


int wire_reply_refused(struct wire_conn *c, const struct wire_msg *request,
		       int err, const char *reason)
{
	struct wire_refused refused = {.err = err};

	str_ncpy(refused.reason, reason ? reason : "",
		 sizeof(refused.reason));

	return wire_reply(c, request, WIRE_REFUSED, &refused, NULL, 0);
}


int wire_event(struct wire_conn *c, enum wire_type type, const void *payload)
{
	if (!wire_is(type, WIRE_EVENT))
		return EINVAL;

	return send_or_drop(c, type, 0, payload, NULL, 0);
}


int32_t wire_conn_pid(const struct wire_conn *c)
{
	struct ucred cred;
	socklen_t n = sizeof(cred);

	if (!c || c->fd < 0 ||
	    getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) < 0)
		return 0;

	return cred.pid;
}


unsigned wire_conn_role(const struct wire_conn *c)
{
	return c ? c->peer : 0;
}


/* the rest of the reply to wire_ask_once(); takes nothing */
static int once_result(const struct wire_msg *msg, enum wire_type *reply,
		       void *payload, size_t n_payload, uint8_t **blob,
		       size_t *n_blob)
{
	const size_t size = wire_size(msg->type);

	if (payload)
		memcpy(payload, msg->payload,
		       size < n_payload ? size : n_payload);
	if (blob) {
		*blob = malloc(msg->n_blob + 1);
		if (!*blob)
			return ENOMEM;
		memcpy(*blob, msg->blob, msg->n_blob);
		*n_blob = msg->n_blob;
	}
	*reply = msg->type;

	return 0;
}


static int once_receive(int fd, uint8_t *buf, size_t size, unsigned timeout_ms,
			enum wire_role from, enum wire_role to,
			struct wire_msg *msg)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	ssize_t n;
	int k;

	do {
		k = poll(&pfd, 1, (int)timeout_ms);
	} while (k < 0 && errno == EINTR);

	if (k < 0)
		return errno;
	if (k == 0)
		return ETIMEDOUT;

	n = recv(fd, buf, size, 0);
	if (n < 0)
		return errno;
	if (n == 0)
		return ECONNRESET;

	return wire_check(msg, buf, (size_t)n, from, to) ? EPROTO : 0;
}


int wire_ask_once(const char *path, enum wire_role self, enum wire_role peer,
		  enum wire_type type, const void *request, unsigned timeout_ms,
		  enum wire_type *reply, void *payload, size_t n_payload,
		  uint8_t **blob, size_t *n_blob)
{
	struct wire_msg msg;
	uint8_t *buf;
	unsigned role;
	int err, fd;

	if (!path || !reply || !wire_is(type, WIRE_ASKS))
		return EINVAL;

	err = path_connect(&fd, path, 0, timeout_ms);
	if (err)
		return err == EAGAIN ? ETIMEDOUT : err;

	buf = malloc(wire_max());
	if (!buf) {
		err = ENOMEM;
		goto out;
	}
	if (!peer_is_us(fd)) {
		err = EACCES;
		goto out;
	}

	err = hello_send(fd, self);
	if (!err)
		err = packet_send(fd, type, ONCE_ID, request, NULL, 0);
	if (!err)
		err = once_receive(fd, buf, wire_max(), timeout_ms, peer, self,
				   &msg);
	if (!err && !hello_fits(&msg, peer, &role))
		err = EPROTO;
	if (!err)
		err = once_receive(fd, buf, wire_max(), timeout_ms, peer, self,
				   &msg);
	if (!err && (!wire_is(msg.type, WIRE_REPLY) || msg.id != ONCE_ID))
		err = EPROTO;
	if (!err)
		err = once_result(&msg, reply, payload, n_payload, blob,
				  n_blob);

out:
	if (buf)
		explicit_bzero(buf, wire_max()); /* it may have been a key */
	free(buf);
	(void)close(fd);

	return err;
}


int wire_knock(int *fdp, const char *path, enum wire_role self,
	       enum wire_type type, const void *payload)
{
	int err, fd;

	if (!fdp || !path || !payload || !wire_is(type, WIRE_ASKS))
		return EINVAL;

	err = path_connect(&fd, path, SOCK_NONBLOCK, 0);
	if (err)
		return err;
	err = peer_is_us(fd) ? hello_send(fd, self) : EACCES;
	if (!err)
		err = packet_send(fd, type, ONCE_ID, payload, NULL, 0);
	if (err)
		(void)close(fd);
	else
		*fdp = fd;

	return err;
}


/* @return as wire_knock_heard(), of one packet; EINPROGRESS: it was a HELLO */
static int knock_packet(int fd, uint8_t *buf, enum wire_role self,
			enum wire_role peer)
{
	struct wire_msg msg;
	unsigned role;
	ssize_t n;

	do {
		n = recv(fd, buf, wire_max(), 0);
	} while (n < 0 && errno == EINTR);

	if (n < 0)
		return errno;
	if (n == 0)
		return ECONNRESET;
	if (wire_check(&msg, buf, (size_t)n, peer, self))
		return EPROTO;
	if (msg.type == WIRE_HELLO)
		return hello_fits(&msg, peer, &role) ? EINPROGRESS : EPROTO;

	return wire_is(msg.type, WIRE_REPLY) ? 0 : EINPROGRESS;
}


int wire_knock_heard(int fd, enum wire_role self, enum wire_role peer)
{
	uint8_t *buf = malloc(wire_max());
	int err;

	if (!buf)
		return ENOMEM;

	do {
		err = knock_packet(fd, buf, self, peer);
	} while (err == EINPROGRESS);
	free(buf);

	return err;
}
