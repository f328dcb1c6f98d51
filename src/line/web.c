/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web.c  The requests of ringback-web. Must not decide who may ask what: web
 * knows who is signed in, the counsellor's own code whose a ring is.
 */
#include "board.h"
#include "counsellor.h"
#include "listen.h"
#include "switchboard_parts.h"
#include "web.h"

#define LOG_MODULE "web"
#include "base/log.h"


typedef int(asked_h)(struct switchboard *sb, struct wire_conn *conn,
		     const struct wire_msg *msg);


static int refuse(struct wire_conn *conn, const struct wire_msg *msg, int err)
{
	static const struct {
		int err;
		const char *words;
	} words[] = {
		{ENOENT, "there is no such ring or talk of theirs"},
		{EPROTO, "not now, or broken sound description"},
		{ENOTSUP, "no sound in common"},
		{ENOSPC, "no room for more sound"},
		{ENOTCONN, "the media process does not answer"},
		{ECANCELED, "the ring is over, or was asked about again"},
		{EINVAL, "no such thing can be done"},
		{EBUSY, "not free, or there is somebody already"},
		{ENETUNREACH, "no trunk can dial out"},
		{EHOSTUNREACH, "the counsellor has no page open to see it"},
		{EACCES, "they have no page open themselves"},
		{EIO, "it cannot be put on record"},
		{ENOMEM, "no memory"},
		{EPERM, "the line does not allow it"},
		{ENODATA, "the caller withholds the number"},
		{EDQUOT, "too often within an hour"},
		{ENOKEY, "there is no key to seal it to"},
		{ESTALE, "sealed to another key"},
		{EBADMSG, "it does not open"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (words[i].err == err)
			return wire_reply_refused(conn, msg, err,
						  words[i].words);
	}

	return wire_reply_refused(conn, msg, err, "it failed");
}


static int answer(struct wire_conn *conn, const struct wire_msg *msg, int err)
{
	return err ? refuse(conn, msg, err) : wire_reply_done(conn, msg);
}


static int on_console(struct switchboard *sb, struct wire_conn *conn,
		      const struct wire_msg *msg)
{
	const struct wire_console *c = msg->payload;

	if (!c->person || c->present > 1)
		return refuse(conn, msg, EINVAL);

	return answer(conn, msg, consoles_set(sb->consoles, conn, c->person,
					      c->present));
}


static int on_do(struct switchboard *sb, struct wire_conn *conn,
		 const struct wire_msg *msg)
{
	return answer(conn, msg, counsellor_do(sb, msg->payload));
}


static int on_board(struct switchboard *sb, struct wire_conn *conn,
		    const struct wire_msg *msg)
{
	uint8_t blob[LIMIT_WIRE_BLOB];
	const size_t n = board_rows(sb, msg->payload, blob);

	return wire_reply(conn, msg, WIRE_BOARD_IS, msg->payload, blob, n);
}


/* ---- sound --------------------------------------------------------------- */

/* a page that waits for our side of its sound */
struct asking {
	struct wire_conn *conn;
	struct wire_msg msg; /* its id alone */
	struct wire_ring ring;
};


static void asking_destructor(void *data)
{
	struct asking *a = data;

	mem_deref(a->conn);
}


static void sound_answered(int err, const struct pl *sdp, void *arg)
{
	const struct asking *a = arg;

	/* who asked again waits for that answer */
	if (err == ECANCELED)
		err = ENOENT;
	if (err)
		(void)refuse(a->conn, &a->msg, err);
	else
		(void)wire_reply(a->conn, &a->msg, WIRE_RING_SDP, &a->ring,
				 sdp->p, sdp->l);
}


static int ask_ring(struct switchboard *sb, const struct asking *a,
		    const struct wire_msg *msg, const struct mbuf *sdp)
{
	(void)msg;

	return counsellor_sound(sb, &a->ring, sdp, sound_answered, (void *)a);
}


static int ask_listen(struct switchboard *sb, const struct asking *a,
		      const struct wire_msg *msg, const struct mbuf *sdp)
{
	return listen_begin(sb, msg->payload, sdp, sound_answered, (void *)a);
}


typedef int(ask_h)(struct switchboard *sb, const struct asking *a,
		   const struct wire_msg *msg, const struct mbuf *sdp);


static int sound_ask(struct switchboard *sb, const struct asking *a,
		     const struct wire_msg *msg, ask_h *h)
{
	struct mbuf *sdp = mbuf_alloc(msg->n_blob + 1);
	int err;

	if (!sdp)
		return ENOMEM;

	err = mbuf_write_mem(sdp, msg->blob, msg->n_blob);
	mbuf_set_pos(sdp, 0);
	if (!err)
		err = h(sb, a, msg, sdp);
	mem_deref(sdp);

	return err;
}


static int sound_begin(struct switchboard *sb, struct wire_conn *conn,
		       const struct wire_msg *msg,
		       const struct wire_ring *ring, ask_h *h)
{
	struct asking *a;
	int err;

	if (!msg->n_blob || msg->n_blob > LIMIT_SDP)
		return refuse(conn, msg, EPROTO);

	a = mem_zalloc(sizeof(*a), asking_destructor);
	if (!a)
		return refuse(conn, msg, ENOMEM);
	a->conn = mem_ref(conn);
	a->msg.type = msg->type;
	a->msg.id = msg->id;
	a->ring = *ring;
	err = sound_ask(sb, a, msg, h);
	mem_deref(a);

	return err ? refuse(conn, msg, err) : 0;
}


static int on_sound(struct switchboard *sb, struct wire_conn *conn,
		    const struct wire_msg *msg)
{
	return sound_begin(sb, conn, msg, msg->payload, ask_ring);
}


static int on_listen(struct switchboard *sb, struct wire_conn *conn,
		     const struct wire_msg *msg)
{
	const struct wire_listen *wish = msg->payload;
	const struct wire_ring ring = {.person = wish->person};

	return sound_begin(sb, conn, msg, &ring, ask_listen);
}


/* ---- numbers ------------------------------------------------------------- */

/* a page that waits for a look to be on record */
struct looking {
	struct wire_conn *conn;
	struct wire_msg msg; /* its id alone */
	struct wire_look what;
};


static void looking_destructor(void *data)
{
	struct looking *k = data;

	mem_deref(k->conn);
}


static void number_known(int err, const struct secret_text *number, void *arg)
{
	const struct looking *k = arg;

	if (err)
		(void)refuse(k->conn, &k->msg, err);
	else
		(void)wire_reply(k->conn, &k->msg, WIRE_NUMBER_IS, &k->what,
				 secret_reveal(number),
				 strlen(secret_reveal(number)));
}


static int on_look(struct switchboard *sb, struct wire_conn *conn,
		   const struct wire_msg *msg)
{
	const struct wire_look *what = msg->payload;
	struct looking *k;
	int err;

	k = mem_zalloc(sizeof(*k), looking_destructor);
	if (!k)
		return refuse(conn, msg, ENOMEM);
	k->conn = mem_ref(conn);
	k->msg.type = msg->type;
	k->msg.id = msg->id;
	k->what = *what;
	err = looks_ask(sb->looks, what, number_known, k);
	mem_deref(k);

	return err ? refuse(conn, msg, err) : 0;
}


/* ---- marks --------------------------------------------------------------- */

static int on_mark_make(struct switchboard *sb, struct wire_conn *conn,
			const struct wire_msg *msg)
{
	uint8_t sealed[STORE_NUMBER];
	struct wire_marked made;
	const int err = marks_make(sb->marks, msg->payload, &made, sealed);

	if (err)
		return refuse(conn, msg, err);

	return wire_reply(conn, msg, WIRE_MARK_MADE, &made, sealed,
			  sizeof(sealed));
}


static int on_mark_index(struct switchboard *sb, struct wire_conn *conn,
			 const struct wire_msg *msg)
{
	return answer(conn, msg, marks_index(sb->marks, msg->payload,
					     msg->blob, msg->n_blob));
}


static int on_marks(struct switchboard *sb, struct wire_conn *conn,
		    const struct wire_msg *msg)
{
	uint64_t ids[LIMIT_MARKS];
	struct wire_marks marks;
	const size_t n = marks_known(sb->marks, ids, &marks.day);

	return wire_reply(conn, msg, WIRE_MARKS_IS, &marks, ids,
			  n * sizeof(ids[0]));
}


/* ---- all of them --------------------------------------------------------- */

bool web_asked(int *errp, struct switchboard *sb, struct wire_conn *conn,
	       const struct wire_msg *msg)
{
	static const struct {
		enum wire_type type;
		asked_h *h;
	} rows[] = {
		{WIRE_CONSOLE, on_console},
		{WIRE_RING_SOUND, on_sound},
		{WIRE_COUNSELLOR_DO, on_do},
		{WIRE_NUMBER_LOOK, on_look},
		{WIRE_LISTEN, on_listen},
		{WIRE_BOARD, on_board},
		{WIRE_MARK_MAKE, on_mark_make},
		{WIRE_MARK_INDEX, on_mark_index},
		{WIRE_MARKS, on_marks},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].type != msg->type)
			continue;
		*errp = consoles_meet(sb->consoles, conn);
		if (*errp)
			*errp = refuse(conn, msg, *errp);
		else
			*errp = rows[i].h(sb, conn, msg);
		return true;
	}

	return false;
}


void web_gone(struct switchboard *sb, const struct wire_conn *conn)
{
	consoles_lost(sb->consoles, conn);
}
