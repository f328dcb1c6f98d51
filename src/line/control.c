/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * control.c  Answers the command line. Must not change the store: the command
 * line has done that before it asks.
 */
#include "control.h"
#include "wire/conn.h"

#define LOG_MODULE "control"
#include "base/log.h"


enum { TRUNKS_MAX = LIMIT_WIRE_BLOB / sizeof(struct wire_trunk) };

struct control {
	struct wire_server *server;
	struct switchboard *switchboard;
	struct trunks *trunks;
	struct store *store;
};

typedef int(asked_h)(struct control *c, struct wire_conn *conn,
		     const struct wire_msg *msg);


static void control_destructor(void *data)
{
	struct control *c = data;

	mem_deref(c->server);
}


static int on_status(struct control *c, struct wire_conn *conn,
		     const struct wire_msg *msg)
{
	struct wire_trunk trunks[TRUNKS_MAX];
	struct wire_status status;
	size_t n;

	switchboard_status(c->switchboard, &status);
	n = trunks_state(c->trunks, trunks, TRUNKS_MAX);
	if (n > TRUNKS_MAX)
		n = TRUNKS_MAX;

	return wire_reply(conn, msg, WIRE_STATUS_IS, &status, trunks,
			  n * sizeof(trunks[0]));
}


static int reloaded(struct wire_conn *conn, const struct wire_msg *msg,
		    int err)
{
	if (!err)
		return wire_reply_done(conn, msg);

	return wire_reply_refused(conn, msg, err,
				  "the store could not be read");
}


static int on_people(struct control *c, struct wire_conn *conn,
		     const struct wire_msg *msg)
{
	return reloaded(conn, msg,
			switchboard_people_changed(c->switchboard));
}


static int on_trunks(struct control *c, struct wire_conn *conn,
		     const struct wire_msg *msg)
{
	return reloaded(conn, msg, trunks_load(c->trunks, c->store));
}


static const struct {
	enum wire_type type;
	asked_h *h;
} rows[] = {
	{WIRE_STATUS, on_status},
	{WIRE_PEOPLE_CHANGED, on_people},
	{WIRE_TRUNKS_CHANGED, on_trunks},
};


static void asked(struct wire_conn *conn, const struct wire_msg *msg,
		  void *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].type == msg->type) {
			int err = rows[i].h(arg, conn, msg);

			if (err)
				log_warn("a command got no answer: %s",
					 strerror(err));
			return;
		}
	}
}


int control_alloc(struct control **cp, const char *path,
		  struct switchboard *switchboard, struct trunks *trunks,
		  struct store *store)
{
	struct control *c;
	int err;

	if (!cp || !path || !switchboard || !trunks || !store)
		return EINVAL;

	c = mem_zalloc(sizeof(*c), control_destructor);
	if (!c)
		return ENOMEM;
	c->switchboard = switchboard;
	c->trunks = trunks;
	c->store = store;
	err = wire_listen(&c->server, path, WIRE_LINE, WIRE_TOOL, asked, NULL,
			  c);

	if (err)
		mem_deref(c);
	else
		*cp = c;

	return err;
}
