/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * control.c  Answers the command line, and ringback-web. Must not change the store: the command
 * line has done that before it asks.
 */
#include <sodium.h>

#include "base/daemon.h"
#include "seal/held.h"
#include "control.h"
#include "web.h"
#include "wire/conn.h"
#include "wire/who.h"

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


static int on_marks(struct control *c, struct wire_conn *conn,
		    const struct wire_msg *msg)
{
	return reloaded(conn, msg,
			switchboard_marks_changed(c->switchboard));
}


static int on_trunk_secret(struct control *c, struct wire_conn *conn,
			   const struct wire_msg *msg)
{
	const struct wire_trunk_secret *told = msg->payload;
	struct secret_text secret;
	char file[LIMIT_PATH];
	int err;

	err = secret_set(&secret, told->secret,
			 strnlen(told->secret, sizeof(told->secret)));
	if (!err && memchr(told->file, '\0', sizeof(told->file)) == NULL)
		err = EINVAL;
	if (!err) {
		str_ncpy(file, told->file, sizeof(file));
		err = trunks_secret_told(c->trunks, file, &secret);
	}
	secret_wipe(&secret);

	return err ? wire_reply_refused(conn, msg, err,
					"there are too many of them")
		   : wire_reply_done(conn, msg);
}


static int on_trunks(struct control *c, struct wire_conn *conn,
		     const struct wire_msg *msg)
{
	int err = trunks_load(c->trunks, c->store);

	if (!err)
		err = switchboard_trunks_changed(c->switchboard);

	return reloaded(conn, msg, err);
}


/* a command that waits for something to be on disk */
struct asking {
	struct wire_conn *conn;
	struct wire_msg msg; /* its id alone */
};


static void asking_destructor(void *data)
{
	struct asking *a = data;

	mem_deref(a->conn);
}


static struct asking *asking_new(struct wire_conn *conn,
				 const struct wire_msg *msg)
{
	struct asking *a = mem_zalloc(sizeof(*a), asking_destructor);

	if (!a)
		return NULL;
	a->conn = mem_ref(conn);
	a->msg.type = msg->type;
	a->msg.id = msg->id;

	return a;
}


static void promise_done(void *arg)
{
	const struct asking *a = arg;

	/* it may have gone away meanwhile: its wish is on record all the same */
	(void)wire_reply_done(a->conn, &a->msg);
}


static const char *promise_refusal(int err)
{
	static const struct {
		int err;
		const char *words;
	} words[] = {
		{ENOENT, "there is no open promise of this call"},
		{ERANGE, "put off too often or too far"},
		{EPERM, "there is no number to ring"},
		{ENOKEY, "its number waits for a coordinator to sign in"},
		{EBUSY, "they are on the line just now"},
		{EINVAL, "no such thing can be done about a promise"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (words[i].err == err)
			return words[i].words;
	}

	return strerror(err);
}


static int on_promise(struct control *c, struct wire_conn *conn,
		      const struct wire_msg *msg)
{
	struct asking *a = asking_new(conn, msg);
	int err;

	if (!a)
		return wire_reply_refused(conn, msg, ENOMEM, "no memory");
	err = switchboard_promise(c->switchboard, msg->payload, promise_done,
				  a);
	mem_deref(a);
	if (!err)
		switchboard_promise_audit(c->switchboard, msg->payload,
					  wire_conn_role(conn) == WIRE_TOOL);

	return err ? wire_reply_refused(conn, msg, err, promise_refusal(err))
		   : 0;
}


static const char *forget_refusal(int err)
{
	if (err == EBUSY)
		return "they are on the line just now";

	return err == ENOENT ? "there is nothing of this call"
			     : strerror(err);
}


static void forget_done(int err, void *arg)
{
	const struct asking *a = arg;

	if (err)
		(void)wire_reply_refused(a->conn, &a->msg, err,
					 forget_refusal(err));
	else
		(void)wire_reply_done(a->conn, &a->msg);
}


static int on_forget(struct control *c, struct wire_conn *conn,
		     const struct wire_msg *msg)
{
	struct wire_forget ask = *(const struct wire_forget *)msg->payload;
	struct asking *a = asking_new(conn, msg);
	int err = a ? 0 : ENOMEM;

	if (wire_conn_role(conn) == WIRE_TOOL)
		ask.person = 0;
	if (!err)
		err = switchboard_forget(c->switchboard, &ask, forget_done,
					 a);
	mem_deref(a);

	return err ? wire_reply_refused(conn, msg, err, forget_refusal(err))
		   : 0;
}


/* only the keeper: it starts the next line with it */
static int on_key_take(struct control *c, struct wire_conn *conn,
		       const struct wire_msg *msg)
{
	struct daemon_info keeper;
	struct wire_key key;
	int err;

	if (!daemon_running("keeper", &keeper) ||
	    keeper.pid != wire_conn_pid(conn)) {
		log_warn("process %d asked for the key to numbers, and is not "
			 "the keeper", (int)wire_conn_pid(conn));
		return wire_reply_refused(conn, msg, EPERM,
					  "you are not the keeper");
	}

	memcpy(key.private, held_private(switchboard_held(c->switchboard)),
	       sizeof(key.private));
	err = wire_reply(conn, msg, WIRE_KEY_IS, &key, NULL, 0);
	sodium_memzero(&key, sizeof(key));

	return err;
}


static int on_number_back(struct control *c, struct wire_conn *conn,
			  const struct wire_msg *msg)
{
	const struct wire_number_back *back = msg->payload;
	struct wire_number_taken taken = {.n = 0};
	struct wire_number_row row;

	for (size_t at = 0; at + sizeof(row) <= msg->n_blob;
	     at += sizeof(row)) {
		int err;

		memcpy(&row, msg->blob + at, sizeof(row));
		err = switchboard_number_back(c->switchboard, back, &row);
		if (err == ESTALE)
			return wire_reply_refused(conn, msg, err,
						  "that is not our key");
		taken.n += !err;
	}

	return wire_reply(conn, msg, WIRE_NUMBER_TAKEN, &taken, NULL, 0);
}


static const struct {
	enum wire_type type;
	asked_h *h;
} rows[] = {
	{WIRE_KEY_TAKE, on_key_take},
	{WIRE_NUMBER_BACK, on_number_back},
	{WIRE_STATUS, on_status},
	{WIRE_PEOPLE_CHANGED, on_people},
	{WIRE_TRUNK_SECRET, on_trunk_secret},
	{WIRE_TRUNKS_CHANGED, on_trunks},
	{WIRE_MARKS_CHANGED, on_marks},
	{WIRE_PROMISE, on_promise},
	{WIRE_FORGET, on_forget},
};


static void asked(struct wire_conn *conn, const struct wire_msg *msg,
		  void *arg)
{
	const struct control *c = arg;
	int web_err;

	if (web_asked(&web_err, c->switchboard, conn, msg)) {
		if (web_err)
			log_warn("the web process got no answer: %s",
				 strerror(web_err));
		return;
	}
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


static void gone(struct wire_conn *conn, void *arg)
{
	const struct control *c = arg;

	web_gone(c->switchboard, conn);
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
	err = wire_listen(&c->server, path, WIRE_LINE, WIRE_CLIENT, asked, gone,
			  c);

	if (err)
		mem_deref(c);
	else
		*cp = c;

	return err;
}


void control_guard(struct control *c)
{
	wire_guard(c->server, who_is);
}
