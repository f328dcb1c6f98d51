/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * wire.c  The messages between processes: each row of the table through
 * wire_check(), and connections over real sockets in the libre loop, with
 * peers that keep to the protocol and peers that do not.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "wire/conn.h"

#include "catch.h"
#include "child.h"
#include "guard.h"
#include "oom.h"
#include "tmpdir.h"


enum {
	GUARD_MS = 30000, /* a loop that runs longer has lost something */
	NOBODY = 65534,
	ROLES = 3,
	MANY = 100000,
	QUEUE = 256, /* more than may wait for a server */
};

static const enum wire_role roles[ROLES] = {WIRE_TOOL, WIRE_LINE, WIRE_MEDIA};

static const char path[] = "media.sock";

static const struct row {
	unsigned from;
	unsigned to;
	size_t size;
	unsigned flags;
} rows[] = {
#define X(name, from, to, payload, flags)                                     \
	{from, to, sizeof(struct payload), flags},
	WIRE_MESSAGES(X)
#undef X
};


/* ---- the table ---- */

static uint64_t right_id(enum wire_type type)
{
	return rows[type].flags & (WIRE_ASKS | WIRE_REPLY) ? 7 : 0;
}


/* write a packet at p, which has room for wire_max() and more */
static size_t packet_make(uint8_t *p, uint32_t type, uint64_t id, size_t size,
			  size_t n_blob)
{
	const struct wire_hdr hdr = {type, (uint32_t)n_blob, id};

	memcpy(p, &hdr, sizeof(hdr));
	memset(p + sizeof(hdr), 0x5a, size);
	memset(p + sizeof(hdr) + size, 0xb1, n_blob);

	return sizeof(hdr) + size + n_blob;
}


/* some pair of roles that may have this message */
static int check(const uint8_t *p, size_t n, enum wire_type type)
{
	struct wire_msg msg;

	return wire_check(&msg, p, n, (enum wire_role)rows[type].from,
			  (enum wire_role)rows[type].to);
}


static void row_good(uint8_t *p, enum wire_type type, size_t n_blob)
{
	const size_t size = rows[type].size;
	const size_t n = packet_make(p, type, right_id(type), size, n_blob);

	for (unsigned i = 0; i < ROLES * ROLES; i++) {
		const enum wire_role from = roles[i / ROLES];
		const enum wire_role to = roles[i % ROLES];
		struct wire_msg msg;
		int err;

		err = wire_check(&msg, p, n, from, to);
		if (!(rows[type].from & from) || !(rows[type].to & to)) {
			assert_int_equal(err, EPERM);
			continue;
		}
		assert_int_equal(err, 0);
		assert_int_equal(msg.type, type);
		assert_int_equal(msg.id, right_id(type));
		assert_ptr_equal(msg.payload, p + sizeof(struct wire_hdr));
		assert_ptr_equal(msg.blob, p + n - n_blob);
		assert_int_equal(msg.n_blob, n_blob);
	}
}


static void row_bad(uint8_t *p, enum wire_type type)
{
	const size_t size = rows[type].size;
	const uint64_t id = right_id(type);
	const uint64_t wrong_id = id ? 0 : 7;
	const bool blob = rows[type].flags & WIRE_BLOB;
	struct wire_hdr hdr;
	size_t n;

	/* shorter and longer than it says */
	n = packet_make(p, type, id, size, 0);
	assert_int_equal(check(p, n - 1, type), EBADMSG);
	assert_int_equal(check(p, n + 1, type), EBADMSG);
	assert_int_equal(check(p, sizeof(hdr), type), EBADMSG);
	assert_int_equal(check(p, sizeof(hdr) - 1, type), EBADMSG);
	assert_int_equal(check(p, 0, type), EBADMSG);
	n = packet_make(p, type, id, size + 8, 0);
	assert_int_equal(check(p, n, type), EBADMSG);

	n = packet_make(p, type, wrong_id, size, 0);
	assert_int_equal(check(p, n, type), EBADMSG);

	n = packet_make(p, type, id, size, 1);
	assert_int_equal(check(p, n, type), blob ? 0 : EBADMSG);
	n = packet_make(p, type, id, size, LIMIT_WIRE_BLOB + 1);
	assert_int_equal(check(p, n, type), EBADMSG);

	/* a blob that is not there, or is so long that its size wraps */
	n = packet_make(p, type, id, size, 0);
	memcpy(&hdr, p, sizeof(hdr));
	hdr.n_blob = 1;
	memcpy(p, &hdr, sizeof(hdr));
	assert_int_equal(check(p, n, type), EBADMSG);
	hdr.n_blob = UINT32_MAX;
	memcpy(p, &hdr, sizeof(hdr));
	assert_int_equal(check(p, n, type), EBADMSG);
}


/* room for any row with a blob that is too long, also where none is allowed:
 * more than wire_max() */
static uint8_t *packet_room(void)
{
	size_t most = 0;

	for (unsigned i = 0; i < WIRE_TYPES; i++) {
		const size_t n = wire_size((enum wire_type)i);

		most = n > most ? n : most;
	}

	return test_malloc(sizeof(struct wire_hdr) + most + LIMIT_WIRE_BLOB +
			   64);
}


static void test_rows(void **state)
{
	uint8_t *p = packet_room();
	(void)state;

	assert_int_equal(sizeof(rows) / sizeof(rows[0]), WIRE_TYPES);
	for (unsigned i = 0; i < WIRE_TYPES; i++) {
		row_good(p, (enum wire_type)i, 0);
		if (rows[i].flags & WIRE_BLOB) {
			row_good(p, (enum wire_type)i, 1);
			row_good(p, (enum wire_type)i, LIMIT_WIRE_BLOB);
		}
		row_bad(p, (enum wire_type)i);
	}
	test_free(p);
}


static void test_no_row(void **state)
{
	static const uint32_t types[] = {WIRE_TYPES, WIRE_TYPES + 1,
					 0x80000000u, UINT32_MAX};
	uint8_t *p = test_malloc(wire_max() + 64);
	struct wire_msg msg;
	(void)state;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		const size_t n = packet_make(p, types[i], 7, 8, 0);

		assert_int_equal(wire_check(&msg, p, n, WIRE_ANY, WIRE_ANY),
				 EBADMSG);
	}
	assert_int_equal(wire_check(&msg, NULL, 64, WIRE_ANY, WIRE_ANY),
			 EBADMSG);
	assert_int_equal(wire_check(NULL, p, 64, WIRE_ANY, WIRE_ANY), EBADMSG);
	test_free(p);

	assert_string_equal(wire_name(WIRE_TYPES), "?");
	assert_int_equal(wire_size(WIRE_TYPES), 0);
	assert_false(wire_is(WIRE_TYPES, WIRE_ASKS));
}


/* what the table itself must keep to */
static void test_table(void **state)
{
	(void)state;

	for (unsigned i = 0; i < WIRE_TYPES; i++) {
		const enum wire_type type = (enum wire_type)i;
		const unsigned kind =
			rows[i].flags & (WIRE_ASKS | WIRE_REPLY | WIRE_EVENT);

		/* one kind each, and HELLO none */
		assert_int_equal(kind & (kind - 1), 0);
		assert_int_equal(kind == 0, type == WIRE_HELLO);
		assert_true(rows[i].from && rows[i].to);
		assert_int_equal(wire_size(type), rows[i].size);
		assert_int_equal(rows[i].size % 4, 0);
		assert_true(sizeof(struct wire_hdr) + rows[i].size <=
			    wire_max());
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(wire_name(type),
						wire_name((enum wire_type)k));
	}
	assert_string_equal(wire_name(WIRE_HELLO), "HELLO");
	assert_true(wire_hash() != 0 && wire_hash() == wire_hash());
}


/* ---- a folder, a loop, and what is said ---- */

struct fixture {
	char dir[TMPDIR_SIZE];
	struct catch said;
};


static int setup(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));

	tmpdir_make(f->dir, "wire");
	assert_int_equal(chdir(f->dir), 0);
	*state = f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(chdir("/"), 0);
	tmpdir_remove(f->dir);
	test_free(f);

	return 0;
}


/* ---- both ends in one loop ---- */

enum { KEPT = 8 };

/* what a server or client of a test has seen */
struct end {
	struct wire_server *server;
	struct wire_conn *conn; /* of the client; the last of a server  */
	wire_msg_h *msgh;       /* what to do with a message            */
	unsigned n_msgs;
	unsigned n_replies; /* handlers called, ...                 */
	unsigned n_lost;    /* of these without a reply             */
	unsigned n_closed;
	unsigned n_expected; /* of replies or messages: end the loop */
	bool free_in_handler;
	uint64_t id[KEPT]; /* of requests to be answered later     */
	uint64_t last;     /* leg that the last reply was about    */
};


static void server_msg(struct wire_conn *conn, const struct wire_msg *msg,
		       void *arg)
{
	struct end *e = arg;

	e->conn = conn;
	++e->n_msgs;
	e->msgh(conn, msg, e);
}


static void end_closed(struct wire_conn *conn, void *arg)
{
	struct end *e = arg;

	assert_int_equal(e->n_closed, 0);
	++e->n_closed;
	if (e->conn == conn && !e->server)
		e->conn = mem_deref(conn);
	re_cancel();
}


static void serve(struct end *e, wire_msg_h *msgh)
{
	memset(e, 0, sizeof(*e));
	e->msgh = msgh;
	assert_int_equal(wire_listen(&e->server, path, WIRE_MEDIA, WIRE_LINE,
				     server_msg, end_closed, e),
			 0);
}


static void client_msg(struct wire_conn *conn, const struct wire_msg *msg,
		       void *arg)
{
	const struct wire_leg_digit *digit = msg->payload;
	struct end *e = arg;

	assert_ptr_equal(conn, e->conn);
	assert_int_equal(msg->type, WIRE_LEG_DIGIT);
	assert_int_equal(msg->id, 0);
	assert_int_equal(digit->code, 11);
	++e->n_msgs;
	if (e->free_in_handler)
		e->conn = mem_deref(e->conn);
	if (e->n_msgs == e->n_expected)
		re_cancel();
}


static void attach(struct end *e)
{
	memset(e, 0, sizeof(*e));
	assert_int_equal(wire_connect(&e->conn, path, WIRE_LINE, WIRE_MEDIA,
				      client_msg, end_closed, e),
			 0);
}


static void detach(struct end *client, struct end *server)
{
	client->conn = mem_deref(client->conn);
	server->server = mem_deref(server->server);
}


static void reply_count(const struct wire_msg *msg, void *arg)
{
	struct end *e = arg;

	++e->n_replies;
	if (!msg)
		++e->n_lost;
	if (msg && msg->type == WIRE_LEG_STATS) {
		const struct wire_leg_stats *stats = msg->payload;

		e->last = stats->leg;
	}
	if (e->free_in_handler)
		e->conn = mem_deref(e->conn);
	if (e->n_replies == e->n_expected)
		re_cancel();
}


static void ask_close(struct end *e, uint64_t leg)
{
	const struct wire_leg close_it = {leg};

	assert_int_equal(wire_ask(e->conn, WIRE_LEG_CLOSE, &close_it, NULL, 0,
				  reply_count, e),
			 0);
}


static const uint8_t offer[] = "v=0 offer";
static const uint8_t answer[] = "v=0 answer";


static void answer_offer(struct wire_conn *conn, const struct wire_msg *msg,
			 void *arg)
{
	const struct wire_leg_open *open = msg->payload;
	const struct wire_leg_sdp sdp = {open->leg};
	const struct wire_leg_digit digit = {open->leg, 11, {0}};
	(void)arg;

	assert_int_equal(msg->type, WIRE_LEG_ANSWER);
	assert_int_not_equal(msg->id, 0);
	assert_int_equal(open->leg, 42);
	assert_int_equal(open->nets[3].port, 4711);
	assert_int_equal(msg->n_blob, sizeof(offer));
	assert_memory_equal(msg->blob, offer, sizeof(offer));
	assert_int_equal(wire_conn_role(conn), WIRE_LINE);

	assert_int_equal(wire_event(conn, WIRE_LEG_DIGIT, &digit), 0);
	assert_int_equal(wire_reply(conn, msg, WIRE_LEG_SDP, &sdp, answer,
				    sizeof(answer)),
			 0);
}


static void answered(const struct wire_msg *msg, void *arg)
{
	struct end *e = arg;
	const struct wire_leg_sdp *sdp;

	assert_non_null(msg);
	assert_int_equal(msg->type, WIRE_LEG_SDP);
	sdp = msg->payload;
	assert_int_equal(sdp->leg, 42);
	assert_int_equal(msg->n_blob, sizeof(answer));
	assert_memory_equal(msg->blob, answer, sizeof(answer));
	assert_int_equal(e->n_msgs, 1); /* the event came first */
	++e->n_replies;
	re_cancel();
}


static void test_talk(void **state)
{
	const struct wire_leg_open open = {
		.leg = 42,
		.nets = {[3] = {.port = 4711}},
	};
	struct end server, client;
	(void)state;

	serve(&server, answer_offer);
	attach(&client);
	assert_int_equal(wire_conn_role(client.conn), 0);
	assert_int_equal(wire_ask(client.conn, WIRE_LEG_ANSWER, &open, offer,
				  sizeof(offer), answered, &client),
			 0);
	assert_int_equal(client.n_replies, 0); /* never from within */
	guard_loop(GUARD_MS);
	assert_int_equal(client.n_replies, 1);
	assert_int_equal(wire_conn_role(client.conn), WIRE_MEDIA);
	assert_int_equal(client.n_closed, 0);
	detach(&client, &server);
}


static void done_or_refused(struct wire_conn *conn, const struct wire_msg *msg,
			    void *arg)
{
	(void)arg;

	if (msg->type == WIRE_MEDIA_RESET)
		assert_int_equal(wire_reply_done(conn, msg), 0);
	else
		assert_int_equal(wire_reply_refused(conn, msg, ENOSPC,
						    "no port is left"),
				 0);
}


static void done_reply(const struct wire_msg *msg, void *arg)
{
	(void)arg;
	assert_int_equal(msg->type, WIRE_DONE);
}


static void refused_reply(const struct wire_msg *msg, void *arg)
{
	const struct wire_refused *refused = msg->payload;
	(void)arg;

	assert_int_equal(msg->type, WIRE_REFUSED);
	assert_int_equal(refused->err, ENOSPC);
	assert_string_equal(refused->reason, "no port is left");
	re_cancel();
}


static void test_done_and_refused(void **state)
{
	const struct wire_none none = {0};
	const struct wire_bridge bridge = {1, 2};
	struct end server, client;
	(void)state;

	serve(&server, done_or_refused);
	attach(&client);
	assert_int_equal(wire_ask(client.conn, WIRE_MEDIA_RESET, &none, NULL,
				  0, done_reply, NULL),
			 0);
	assert_int_equal(wire_ask(client.conn, WIRE_LEG_BRIDGE, &bridge, NULL,
				  0, refused_reply, NULL),
			 0);
	guard_loop(GUARD_MS);
	assert_int_equal(server.n_msgs, 2);
	detach(&client, &server);
}


/* keeps requests until there are three, then answers the last one first */
static void answer_backwards(struct wire_conn *conn,
			     const struct wire_msg *msg, void *arg)
{
	struct end *e = arg;

	e->id[e->n_msgs - 1] = msg->id;
	if (e->n_msgs < 3)
		return;

	for (unsigned i = 3; i-- > 0;) {
		const struct wire_msg request = {.id = e->id[i]};
		const struct wire_leg_stats stats = {.leg = i + 1};

		assert_int_equal(wire_reply(conn, &request, WIRE_LEG_STATS,
					    &stats, NULL, 0),
				 0);
	}
}


struct expected {
	struct end *client;
	uint64_t leg;
	unsigned nth;
};


static void reply_expected(const struct wire_msg *msg, void *arg)
{
	const struct wire_leg_stats *stats = msg->payload;
	const struct expected *x = arg;

	assert_int_equal(stats->leg, x->leg);
	assert_int_equal(++x->client->n_replies, x->nth);
	if (x->nth == 3)
		re_cancel();
}


static void test_replies_find_their_requests(void **state)
{
	struct end server, client;
	struct expected x[3];
	(void)state;

	serve(&server, answer_backwards);
	attach(&client);
	for (unsigned i = 0; i < 3; i++) {
		const struct wire_leg leg = {i + 1};

		x[i] = (struct expected){&client, i + 1, 3 - i};
		assert_int_equal(wire_ask(client.conn, WIRE_LEG_CLOSE, &leg,
					  NULL, 0, reply_expected, &x[i]),
				 0);
	}
	guard_loop(GUARD_MS);
	detach(&client, &server);
}


/* ---- ends ---- */

static void say_nothing(struct wire_conn *conn, const struct wire_msg *msg,
			void *arg)
{
	struct end *e = arg;
	(void)conn;
	(void)msg;

	if (e->n_msgs == 3)
		re_cancel();
}


static void test_server_goes(void **state)
{
	const struct wire_leg leg = {1};
	struct end server, client;
	struct wire_conn *conn;
	(void)state;

	serve(&server, say_nothing);
	attach(&client);
	for (uint64_t i = 1; i <= 3; i++)
		ask_close(&client, i);
	guard_loop(GUARD_MS);
	assert_int_equal(server.n_msgs, 3);

	server.server = mem_deref(server.server);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(client.n_replies, 0); /* not under our feet */
	conn = mem_ref(client.conn);
	guard_loop(GUARD_MS);
	assert_int_equal(client.n_replies, 3);
	assert_int_equal(client.n_lost, 3);
	assert_int_equal(client.n_closed, 1);
	assert_null(client.conn);
	assert_int_equal(wire_ask(conn, WIRE_LEG_CLOSE, &leg, NULL, 0,
				  reply_count, &client),
			 ENOTCONN);
	mem_deref(conn);
}


static void test_client_goes(void **state)
{
	struct end server, client;
	(void)state;

	serve(&server, say_nothing);
	attach(&client);
	for (uint64_t i = 1; i <= 3; i++)
		ask_close(&client, i);
	guard_loop(GUARD_MS);
	client.conn = mem_deref(client.conn);
	guard_loop(GUARD_MS);
	assert_int_equal(server.n_closed, 1);
	assert_int_equal(client.n_replies, 0);
	assert_int_equal(client.n_closed, 0);
	server.server = mem_deref(server.server);
}


/* the first handler to hear of the end lets go: the others hear nothing */
static void test_freed_in_reply_handler(void **state)
{
	struct end server, client;
	(void)state;

	serve(&server, say_nothing);
	attach(&client);
	for (uint64_t i = 1; i <= 3; i++)
		ask_close(&client, i);
	guard_loop(GUARD_MS);
	client.free_in_handler = true;
	client.n_expected = 1;
	server.server = mem_deref(server.server);
	guard_loop(GUARD_MS);
	assert_null(client.conn);
	assert_int_equal(client.n_replies, 1);
	assert_int_equal(client.n_closed, 0);
}


static void send_digits(struct wire_conn *conn, const struct wire_msg *msg,
			void *arg)
{
	const struct wire_leg_digit digit = {1, 11, {0}};
	(void)msg;
	(void)arg;

	for (int i = 0; i < 5; i++)
		assert_int_equal(wire_event(conn, WIRE_LEG_DIGIT, &digit), 0);
}


/* five events wait to be read; the handler of the first one lets go */
static void test_freed_in_message_handler(void **state)
{
	struct end server, client;
	(void)state;

	serve(&server, send_digits);
	attach(&client);
	client.free_in_handler = true;
	ask_close(&client, 1);
	/* ends when the server sees that the client is gone */
	guard_loop(GUARD_MS);
	assert_int_equal(server.n_closed, 1);
	assert_null(client.conn);
	assert_int_equal(client.n_msgs, 1);
	assert_int_equal(client.n_closed, 0);
	server.server = mem_deref(server.server);
}


static void free_server(struct wire_conn *conn, const struct wire_msg *msg,
			void *arg)
{
	struct end *e = arg;
	(void)conn;
	(void)msg;

	e->server = mem_deref(e->server);
}


static void test_server_freed_in_handler(void **state)
{
	struct end server, client;
	(void)state;

	serve(&server, free_server);
	attach(&client);
	for (uint64_t i = 1; i <= 3; i++)
		ask_close(&client, i);
	guard_loop(GUARD_MS);
	assert_int_equal(server.n_msgs, 1);
	assert_int_equal(server.n_closed, 0);
	assert_int_equal(client.n_lost, 3);
	assert_int_equal(client.n_closed, 1);
}


/* ---- wrong use ---- */

static void test_wrong_use(void **state)
{
	static const uint8_t big[LIMIT_WIRE_BLOB + 1];
	const struct wire_none none = {0};
	const struct wire_leg leg = {1};
	const struct wire_msg request = {.id = 1}, event = {.id = 0};
	char long_path[256];
	struct end server, client;
	struct wire_conn *conn = NULL;
	(void)state;

	serve(&server, say_nothing);
	attach(&client);
	assert_int_equal(wire_ask(client.conn, WIRE_DONE, &none, NULL, 0,
				  reply_count, &client),
			 EINVAL);
	assert_int_equal(wire_ask(NULL, WIRE_LEG_CLOSE, &leg, NULL, 0,
				  reply_count, &client),
			 EINVAL);
	assert_int_equal(wire_ask(client.conn, WIRE_LEG_CLOSE, &leg, big, 1,
				  reply_count, &client),
			 EMSGSIZE);
	assert_int_equal(wire_ask(client.conn, WIRE_LEG_ACCEPT, &leg, big,
				  sizeof(big), reply_count, &client),
			 EMSGSIZE);
	assert_int_equal(wire_reply(client.conn, &request, WIRE_LEG_CLOSE,
				    &leg, NULL, 0),
			 EINVAL);
	assert_int_equal(
		wire_reply(client.conn, &event, WIRE_DONE, &none, NULL, 0),
		EINVAL);
	assert_int_equal(
		wire_reply(client.conn, NULL, WIRE_DONE, &none, NULL, 0),
		EINVAL);
	assert_int_equal(wire_event(client.conn, WIRE_DONE, &none), EINVAL);
	assert_int_equal(wire_event(NULL, WIRE_LEG_DIGIT, &leg), EINVAL);
	assert_int_equal(wire_conn_role(NULL), 0);
	detach(&client, &server);

	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(wire_listen(&server.server, long_path, WIRE_MEDIA,
				     WIRE_LINE, server_msg, NULL, NULL),
			 ENAMETOOLONG);
	assert_int_equal(wire_connect(&conn, long_path, WIRE_LINE, WIRE_MEDIA,
				      NULL, NULL, NULL),
			 ENAMETOOLONG);
	assert_int_equal(wire_connect(&conn, "none", WIRE_LINE, WIRE_MEDIA,
				      NULL, NULL, NULL),
			 ENOENT);
	assert_null(conn);
}


/* ---- the socket file ---- */

static void test_socket_file(void **state)
{
	struct end server, second;
	struct wire_conn *conn = NULL;
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fds[QUEUE], fd;
	unsigned n = 0;
	struct stat st;
	(void)state;

	/* a file that nobody serves is replaced */
	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	(void)close(fd);
	assert_int_equal(wire_connect(&conn, path, WIRE_LINE, WIRE_MEDIA, NULL,
				      NULL, NULL),
			 ECONNREFUSED);
	serve(&server, say_nothing);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);

	/* one that somebody serves is not, and stays */
	memset(&second, 0, sizeof(second));
	assert_int_equal(wire_listen(&second.server, path, WIRE_MEDIA,
				     WIRE_LINE, server_msg, NULL, &second),
			 EADDRINUSE);
	assert_null(second.server);
	assert_int_equal(access(path, F_OK), 0);

	/* nor when so many wait that one more would have to */
	for (; n < QUEUE; n++) {
		fds[n] = socket(AF_UNIX,
				SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
				0);
		assert_true(fds[n] >= 0);
		if (connect(fds[n], (struct sockaddr *)&sun, sizeof(sun)) < 0)
			break;
	}
	assert_in_range(n, 1, QUEUE - 1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(wire_listen(&second.server, path, WIRE_MEDIA,
				     WIRE_LINE, server_msg, NULL, &second),
			 EADDRINUSE);
	for (unsigned i = 0; i <= n; i++)
		(void)close(fds[i]);
	server.server = mem_deref(server.server);
	assert_int_not_equal(access(path, F_OK), 0);
}


/* ---- peers that do not keep to the protocol ---- */

/* an end without our code: bare packets */
struct raw {
	int fd;
	unsigned n_packets; /* that it was sent */
	bool ended;
};


static void raw_readable(int flags, void *arg)
{
	struct raw *r = arg;
	uint8_t buf[64];
	ssize_t n;
	(void)flags;

	n = recv(r->fd, buf, sizeof(buf), MSG_DONTWAIT);
	if (n > 0) {
		++r->n_packets;
		return;
	}
	if (n < 0 && errno == EAGAIN)
		return;

	r->ended = true;
	fd_close(r->fd);
	re_cancel();
}


static int raw_connect(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd;

	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0)
		return -1;

	return fd;
}


static int raw_listen(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd;

	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(fd, 4), 0);

	return fd;
}


static bool raw_send(int fd, uint32_t type, uint64_t id, const void *payload,
		     size_t size, size_t n_more)
{
	uint8_t *p = calloc(1, sizeof(struct wire_hdr) + size + n_more);
	const struct wire_hdr hdr = {type, (uint32_t)n_more, id};
	const size_t n = sizeof(hdr) + size + n_more;
	bool sent;

	if (!p)
		return false;
	memcpy(p, &hdr, sizeof(hdr));
	memcpy(p + sizeof(hdr), payload, size);
	sent = send(fd, p, n, MSG_NOSIGNAL) == (ssize_t)n;
	free(p);

	return sent;
}


static bool raw_hello(int fd, uint64_t hash, uint32_t role)
{
	const struct wire_hello hello = {.hash = hash, .role = role};

	return raw_send(fd, WIRE_HELLO, 0, &hello, sizeof(hello), 0);
}


enum hello {
	HELLO_NONE = 0,
	HELLO_RIGHT,
	HELLO_OTHER_BUILD,
	HELLO_OTHER_ROLE,
	HELLO_TWO_ROLES,
	HELLO_NO_ROLE,
};

/* what a peer says, and what the log says of it */
static const struct rude {
	enum hello hello;
	uint32_t type; /* of what follows, WIRE_TYPES: nothing       */
	uint64_t id;
	size_t size;
	size_t n_more;
	const char *logged;
} rudes[] = {
	{HELLO_OTHER_BUILD, WIRE_TYPES, 0, 0, 0, "another version"},
	{HELLO_OTHER_ROLE, WIRE_TYPES, 0, 0, 0, "no proper HELLO"},
	{HELLO_TWO_ROLES, WIRE_TYPES, 0, 0, 0, "no proper HELLO"},
	{HELLO_NO_ROLE, WIRE_TYPES, 0, 0, 0, "no proper HELLO"},
	{HELLO_NONE, WIRE_LEG_CLOSE, 1, 8, 0, "no proper HELLO"},
	{HELLO_RIGHT, WIRE_LEG_CLOSE, 1, 4, 0, "not in the table"},
	{HELLO_RIGHT, WIRE_LEG_CLOSE, 0, 8, 0, "not in the table"},
	{HELLO_RIGHT, WIRE_LEG_CLOSE, 1, 8, 1, "not in the table"},
	{HELLO_RIGHT, WIRE_STATUS, 1, 4, 0, "not in the table"},
	{HELLO_RIGHT, WIRE_TYPES + 9, 1, 8, 0, "not in the table"},
	{HELLO_RIGHT, WIRE_LEG_ACCEPT, 1, 8, 65536, "too long"},
};


static bool rude_speak(int fd, const struct rude *rude)
{
	static const uint8_t zero[64];
	static const uint32_t role[] = {
		[HELLO_RIGHT] = WIRE_LINE,
		[HELLO_OTHER_BUILD] = WIRE_LINE,
		[HELLO_OTHER_ROLE] = WIRE_TOOL,
		[HELLO_TWO_ROLES] = WIRE_LINE | WIRE_TOOL,
		[HELLO_NO_ROLE] = 0,
	};
	const uint64_t hash = wire_hash() + (rude->hello == HELLO_OTHER_BUILD);

	if (rude->hello != HELLO_NONE &&
	    !raw_hello(fd, hash, role[rude->hello]))
		return false;

	return rude->type == WIRE_TYPES ||
	       raw_send(fd, rude->type, rude->id, zero, rude->size,
			rude->n_more);
}


static void rude_drop(struct fixture *f, const struct rude *rude)
{
	struct end server;
	struct raw raw = {.fd = -1};
	char text[1024];
	bool spoken;

	serve(&server, say_nothing);
	raw.fd = raw_connect();
	assert_true(raw.fd >= 0);

	catch_begin(&f->said);
	spoken = rude_speak(raw.fd, rude);
	assert_int_equal(fd_listen(raw.fd, FD_READ, raw_readable, &raw), 0);
	guard_loop(GUARD_MS);
	if (!raw.ended) /* the server's end was first to be told */
		guard_loop(GUARD_MS);
	catch_end(&f->said, text, sizeof(text));

	assert_true(spoken);
	assert_int_equal(raw.n_packets, 1); /* our HELLO */
	assert_int_equal(server.n_msgs, 0);
	assert_int_equal(server.n_closed, 1);
	assert_non_null(strstr(text, rude->logged));
	(void)close(raw.fd);
	server.server = mem_deref(server.server);
}


static void test_rude_peers(void **state)
{
	for (size_t i = 0; i < sizeof(rudes) / sizeof(rudes[0]); i++)
		rude_drop(*state, &rudes[i]);
}


/* the server goes on with others after one was dropped */
static void test_after_a_rude_peer(void **state)
{
	struct fixture *f = *state;
	struct end server, client;
	struct raw raw = {.fd = -1};
	char text[1024];

	serve(&server, done_or_refused);
	attach(&client);
	raw.fd = raw_connect();
	assert_true(raw.fd >= 0);
	catch_begin(&f->said);
	(void)rude_speak(raw.fd, &rudes[0]);
	guard_loop(GUARD_MS);
	assert_int_equal(server.n_closed, 1);
	client.n_expected = 1;
	ask_close(&client, 1);
	guard_loop(GUARD_MS);
	catch_end(&f->said, text, sizeof(text));
	assert_int_equal(client.n_replies, 1);
	assert_int_equal(client.n_lost, 0);
	(void)close(raw.fd);
	detach(&client, &server);
}


/* a server of another build: the client learns it, and its asks end */
static void test_rude_server(void **state)
{
	struct fixture *f = *state;
	const int listener = raw_listen();
	struct end client;
	char text[1024];
	int fd;

	attach(&client);
	ask_close(&client, 1);
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(raw_hello(fd, wire_hash() ^ 1, WIRE_MEDIA));
	catch_begin(&f->said);
	guard_loop(GUARD_MS);
	catch_end(&f->said, text, sizeof(text));
	assert_int_equal(client.n_lost, 1);
	assert_int_equal(client.n_closed, 1);
	assert_non_null(strstr(text, "another version"));
	(void)close(fd);
	(void)close(listener);
}


/* ---- peers that do not read ---- */

static void test_stuck_client(void **state)
{
	const struct wire_leg_digit digit = {1, 11, {0}};
	struct fixture *f = *state;
	struct end server;
	char text[1024];
	int err = 0, fd, n;

	serve(&server, say_nothing);
	fd = raw_connect();
	assert_true(fd >= 0);
	assert_true(raw_hello(fd, wire_hash(), WIRE_LINE));
	for (uint64_t i = 1; i <= 3; i++) {
		const struct wire_leg leg = {i};

		assert_true(
			raw_send(fd, WIRE_LEG_CLOSE, i, &leg, sizeof(leg), 0));
	}
	guard_loop(GUARD_MS);
	assert_non_null(server.conn);

	catch_begin(&f->said);
	for (n = 0; n < MANY && !err; n++)
		err = wire_event(server.conn, WIRE_LEG_DIGIT, &digit);
	assert_int_equal(server.n_closed, 0); /* not under our feet */
	if (wire_event(server.conn, WIRE_LEG_DIGIT, &digit) != ENOTCONN)
		err = 0;
	guard_loop(GUARD_MS);
	catch_end(&f->said, text, sizeof(text));
	assert_int_equal(err, ENOTCONN);
	assert_int_equal(server.n_closed, 1);
	assert_non_null(strstr(text, "does not read"));
	(void)close(fd);
	server.server = mem_deref(server.server);
}


static void test_stuck_server(void **state)
{
	const struct wire_leg leg = {1};
	struct fixture *f = *state;
	const int listener = raw_listen();
	unsigned n_asked = 0;
	struct end client;
	char text[1024];
	int err = 0;

	attach(&client);
	catch_begin(&f->said);
	while (!err && n_asked < MANY) {
		err = wire_ask(client.conn, WIRE_LEG_CLOSE, &leg, NULL, 0,
			       reply_count, &client);
		n_asked += !err;
	}
	assert_int_equal(client.n_replies, 0);
	guard_loop(GUARD_MS);
	catch_end(&f->said, text, sizeof(text));
	assert_int_equal(err, ENOTCONN);
	assert_true(n_asked > 0);
	assert_int_equal(client.n_lost, n_asked);
	assert_int_equal(client.n_closed, 1);
	assert_non_null(strstr(text, "does not read"));
	(void)close(listener);
}


/* ---- another user ---- */

static void foreign_child(void)
{
	uint8_t buf[64];
	int fd;

	if (setresuid(NOBODY, NOBODY, NOBODY) < 0)
		_exit(1);
	fd = raw_connect();
	if (fd < 0)
		_exit(2);
	/* not even a HELLO comes before the end */
	_exit(recv(fd, buf, sizeof(buf), 0) == 0 ? 0 : 3);
}


static void child_ended(int flags, void *arg)
{
	(void)flags;
	fd_close(*(int *)arg);
	re_cancel();
}


/* run fn in a process of its own while ours runs the loop. @return its
 * exit code */
static int loop_with_child(void (*fn)(void))
{
	pid_t pid;
	int fd;

	pid = child_fork_pipe(&fd);
	if (!pid) {
		fn();
		_exit(99);
	}
	assert_int_equal(fd_listen(fd, FD_READ, child_ended, &fd), 0);
	guard_loop(GUARD_MS);
	(void)close(fd);

	return child_exit_code(pid);
}


static void test_another_user(void **state)
{
	struct fixture *f = *state;
	struct end server;
	char text[1024];
	int code;

	if (geteuid() != 0)
		skip();

	serve(&server, say_nothing);
	assert_int_equal(chmod(f->dir, 0755), 0);
	assert_int_equal(chmod(path, 0666), 0);
	catch_begin(&f->said);
	code = loop_with_child(foreign_child);
	catch_end(&f->said, text, sizeof(text));
	assert_int_equal(code, 0);
	assert_int_equal(server.n_closed, 0); /* it never was a connection */
	assert_non_null(strstr(text, "another user"));
	server.server = mem_deref(server.server);
}


/* ---- asking once ---- */

static const struct wire_trunk trunks[2] = {
	{.name = "one", .state = WIRE_TRUNK_STATIC},
	{.name = "two", .state = WIRE_TRUNK_REFUSED},
};


static void tell_status(struct wire_conn *conn, const struct wire_msg *msg,
			void *arg)
{
	const struct wire_status status = {.n_waiting = 3, .n_media_up = 1};
	(void)arg;

	assert_int_equal(msg->type, WIRE_STATUS);
	assert_int_equal(wire_reply(conn, msg, WIRE_STATUS_IS, &status,
				    (const uint8_t *)trunks, sizeof(trunks)),
			 0);
}


static int ask_status(unsigned timeout_ms, struct wire_status *status,
		      uint8_t **blob, size_t *n_blob)
{
	const struct wire_none none = {0};
	enum wire_type reply = WIRE_TYPES;
	int err;

	err = wire_ask_once(path, WIRE_TOOL, WIRE_LINE, WIRE_STATUS, &none,
			    timeout_ms, &reply, status, sizeof(*status), blob,
			    n_blob);
	if (!err && reply != WIRE_STATUS_IS)
		return EDOM;

	return err;
}


static void once_child(void)
{
	struct wire_status status = {0};
	uint8_t *blob = NULL;
	size_t n_blob = 0;

	if (ask_status(GUARD_MS, &status, &blob, &n_blob))
		_exit(1);
	if (status.n_waiting != 3 || status.n_media_up != 1)
		_exit(2);
	if (n_blob != sizeof(trunks) || memcmp(blob, trunks, n_blob) != 0)
		_exit(3);
	free(blob);
	if (ask_status(GUARD_MS, &status, NULL, NULL))
		_exit(4);
	_exit(0);
}


static void server_closed(struct wire_conn *conn, void *arg)
{
	struct end *e = arg;
	(void)conn;

	++e->n_closed;
}


static void test_once(void **state)
{
	struct end server = {.msgh = tell_status};
	(void)state;

	assert_int_equal(wire_listen(&server.server, path, WIRE_LINE,
				     WIRE_TOOL, server_msg, server_closed,
				     &server),
			 0);
	assert_int_equal(loop_with_child(once_child), 0);
	assert_int_equal(server.n_msgs, 2);
	server.server = mem_deref(server.server);
}


static void test_once_nobody(void **state)
{
	struct wire_status status;
	int listener;
	(void)state;

	assert_int_equal(ask_status(1000, &status, NULL, NULL), ENOENT);
	listener = raw_listen();
	assert_int_equal(ask_status(20, &status, NULL, NULL), ETIMEDOUT);
	/* until nobody else may wait there: connecting takes time as well */
	for (int i = 0; i < 8; i++)
		assert_int_equal(ask_status(20, &status, NULL, NULL),
				 ETIMEDOUT);
	(void)close(listener);
	assert_int_equal(ask_status(1000, &status, NULL, NULL), ECONNREFUSED);
	assert_int_equal(wire_ask_once(NULL, WIRE_TOOL, WIRE_LINE, WIRE_STATUS,
				       &status, 1, NULL, NULL, 0, NULL, NULL),
			 EINVAL);
}


enum wrong_answer {
	WRONG_END = 0, /* none at all      */
	WRONG_BUILD,
	WRONG_ROLE,
	WRONG_ID,
	WRONG_TYPE,
	WRONG_SIZE,
	WRONG_ANSWERS
};


static void wrong_answer(int fd, enum wrong_answer wrong)
{
	const struct wire_status status = {0};
	const uint32_t role = wrong == WRONG_ROLE ? WIRE_MEDIA : WIRE_LINE;
	uint32_t type = WIRE_STATUS_IS;

	if (wrong == WRONG_END)
		return;
	if (!raw_hello(fd, wire_hash() + (wrong == WRONG_BUILD), role))
		_exit(1);
	if (wrong == WRONG_TYPE)
		type = WIRE_LEG_STATS;
	(void)raw_send(fd, type, wrong == WRONG_ID ? 9 : 1, &status,
		       sizeof(status) - (wrong == WRONG_SIZE), 0);
}


static int wrong_serve(int listener, enum wrong_answer wrong)
{
	struct wire_status status;
	pid_t pid;
	int err;

	pid = child_fork();
	if (!pid) {
		const int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		uint8_t buf[64];

		if (fd < 0)
			_exit(1);
		(void)recv(fd, buf, sizeof(buf), 0);
		(void)recv(fd, buf, sizeof(buf), 0);
		wrong_answer(fd, wrong);
		_exit(0);
	}
	err = ask_status(GUARD_MS, &status, NULL, NULL);
	assert_int_equal(child_exit_code(pid), 0);

	return err;
}


static void test_once_wrong(void **state)
{
	struct fixture *f = *state;
	const int listener = raw_listen();
	int errs[WRONG_ANSWERS];
	char text[1024];

	catch_begin(&f->said);
	for (int i = 0; i < WRONG_ANSWERS; i++)
		errs[i] = wrong_serve(listener, (enum wrong_answer)i);
	catch_end(&f->said, text, sizeof(text));
	(void)close(listener);

	assert_int_equal(errs[WRONG_END], ECONNRESET);
	for (int i = WRONG_BUILD; i < WRONG_ANSWERS; i++)
		assert_int_equal(errs[i], EPROTO);
	assert_non_null(strstr(text, "another version"));
}


/* ---- without memory ---- */

/* a whole conversation; whatever cannot be had, it ends */
static int talk_work(void *arg)
{
	const struct wire_leg leg = {1};
	struct end server = {.msgh = done_or_refused};
	struct end client = {.n_expected = 1};
	int err;
	(void)arg;

	err = wire_listen(&server.server, path, WIRE_MEDIA, WIRE_LINE,
			  server_msg, NULL, &server);
	if (err)
		goto out;
	err = wire_connect(&client.conn, path, WIRE_LINE, WIRE_MEDIA,
			   client_msg, end_closed, &client);
	if (err)
		goto out;
	err = wire_ask(client.conn, WIRE_LEG_CLOSE, &leg, NULL, 0, reply_count,
		       &client);
	if (err)
		goto out;
	guard_loop(GUARD_MS);
	if (!client.conn)
		err = ENOMEM; /* the server could not take it */

out:
	detach(&client, &server);

	return err;
}


static int once_work(void *arg)
{
	struct wire_status status;
	int err;
	(void)arg;

	/* an allocation that fails shows before the time is over */
	err = ask_status(1, &status, NULL, NULL);

	return err == ETIMEDOUT ? 0 : err;
}


static void test_oom(void **state)
{
	struct fixture *f = *state;
	char text[1024];
	int listener;

	catch_begin(&f->said);
	assert_true(oom_loop(talk_work, NULL) > 5);
	listener = raw_listen();
	assert_true(oom_loop(once_work, NULL) > 0);
	catch_end(&f->said, text, sizeof(text));
	(void)close(listener);
}


static int group_setup(void **state)
{
	(void)state;

	return libre_init();
}


static int group_teardown(void **state)
{
	(void)state;
	libre_close();

	return 0;
}


#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_no_row),
		cmocka_unit_test(test_table),
		CASE(test_talk),
		CASE(test_done_and_refused),
		CASE(test_replies_find_their_requests),
		CASE(test_server_goes),
		CASE(test_client_goes),
		CASE(test_freed_in_reply_handler),
		CASE(test_freed_in_message_handler),
		CASE(test_server_freed_in_handler),
		CASE(test_wrong_use),
		CASE(test_socket_file),
		CASE(test_rude_peers),
		CASE(test_after_a_rude_peer),
		CASE(test_rude_server),
		CASE(test_stuck_client),
		CASE(test_stuck_server),
		CASE(test_another_user),
		CASE(test_once),
		CASE(test_once_nobody),
		CASE(test_once_wrong),
		CASE(test_oom),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
