/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server.c  Turns messages into calls of media.h, and results into replies.
 * Must not know what a leg is made of.
 */
#include <errno.h>
#include <string.h>
#include <re.h>

#include "server.h"
#include "server_kept.h"
#include "media.h"
#include "wire/conn.h"
#include "wire/who.h"

#define LOG_MODULE "media"
#include "base/log.h"


struct server {
	struct wire_server *ws;
	struct wire_conn *line; /* borrow: who asked last, and hears of keys */
	struct media *media;
	struct list laterl;
	server_gone_h *goneh; /* we leave; NULL: we do not */
	void *gone_arg;
	struct tmr tmr;       /* until we look whether we may */
	bool may_go;          /* the line brings no more legs */
};

enum { LEAVE_LOOK_MS = 50 };

/* a request whose reply waits for the disk */
struct later {
	struct le le;
	struct wire_conn *conn; /* borrow */
	struct wire_msg msg;    /* without payload and blob */
	uint64_t leg;
	struct wire_leg_stats stats; /* LEG_CLOSE */
};

typedef void(request_h)(struct server *s, struct wire_conn *c,
			const struct wire_msg *msg);


static void later_destructor(void *data)
{
	struct later *l = data;

	list_unlink(&l->le);
}


static void server_destructor(void *data)
{
	struct server *s = data;

	tmr_cancel(&s->tmr);
	list_flush(&s->laterl);
	mem_deref(s->ws);
	mem_deref(s->media);
}


static const struct {
	int err;
	const char *reason;
} reasons[] = {
	{EPROTO,  "the SDP is broken, or answers nothing"},
	{ENOTSUP, "no codec, address or family in common"},
	{ENOSPC,  "no port or leg left, or the disk is full"},
	{EEXIST,  "what has the message's name is no message"},
	{EFBIG,   "the message is as long as one may be"},
	{EBUSY,   "the leg is busy with another one"},
	{ENOENT,  "no such leg"},
	{EINVAL,  "a request that makes no sense"},
};


/* what only we can do something about is no fault of the peer's SDP: for the
 * caller it is "try later" */
static int reply_err(int err)
{
	switch (err) {
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return ENOSPC;
	default:
		return err;
	}
}


static void refuse(struct wire_conn *c, const struct wire_msg *msg, int err)
{
	const char *reason = strerror(err);

	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (reasons[i].err == err)
			reason = reasons[i].reason;
	}
	log_warn("%s refused: %s", wire_name(msg->type), reason);
	(void)wire_reply_refused(c, msg, reply_err(err), reason);
}


static void reply(struct wire_conn *c, const struct wire_msg *msg, int err)
{
	if (err)
		refuse(c, msg, err);
	else
		(void)wire_reply_done(c, msg);
}


/* takes mb */
static void reply_sdp(struct wire_conn *c, const struct wire_msg *msg,
		      int err, uint64_t id, struct mbuf *mb)
{
	const struct wire_leg_sdp sdp = {.leg = id};

	if (err)
		refuse(c, msg, err);
	else
		(void)wire_reply(c, msg, WIRE_LEG_SDP, &sdp, mb->buf, mb->end);
	if (mb) /* there may be keys in it */
		explicit_bzero(mb->buf, mb->size);
	mem_deref(mb);
}


static void take_beat(struct server *s, struct wire_conn *c,
		      const struct wire_msg *msg)
{
	(void)s;
	reply(c, msg, 0);
}


static void take_reset(struct server *s, struct wire_conn *c,
		       const struct wire_msg *msg)
{
	media_reset(s->media);
	reply(c, msg, 0);
}


static void take_offer(struct server *s, struct wire_conn *c,
		       const struct wire_msg *msg)
{
	const struct wire_leg_open *open = msg->payload;
	struct mbuf *mb = NULL;
	int err;

	err = media_offer(s->media, open, &mb);
	reply_sdp(c, msg, err, open->leg, mb);
}


static void take_answer(struct server *s, struct wire_conn *c,
			const struct wire_msg *msg)
{
	const struct wire_leg_open *open = msg->payload;
	struct mbuf *mb = NULL;
	int err;

	err = media_answer(s->media, open, msg->blob, msg->n_blob, &mb);
	reply_sdp(c, msg, err, open->leg, mb);
}


static void take_accept(struct server *s, struct wire_conn *c,
			const struct wire_msg *msg)
{
	const struct wire_leg *leg = msg->payload;

	reply(c, msg, media_accept(s->media, leg->leg, msg->blob,
				   msg->n_blob));
}


static void take_play(struct server *s, struct wire_conn *c,
		      const struct wire_msg *msg)
{
	reply(c, msg, media_play(s->media, msg->payload));
}


static void take_bridge(struct server *s, struct wire_conn *c,
			const struct wire_msg *msg)
{
	const struct wire_bridge *bridge = msg->payload;

	reply(c, msg, media_bridge(s->media, bridge->a, bridge->b));
}


static void take_hear(struct server *s, struct wire_conn *c,
		      const struct wire_msg *msg)
{
	reply(c, msg, media_hear(s->media, msg->payload));
}


/* @return NULL if there is no memory to wait with */
static struct later *later_add(struct server *s, struct wire_conn *c,
			       const struct wire_msg *msg, uint64_t leg)
{
	struct later *l;

	l = mem_zalloc(sizeof(*l), later_destructor);
	if (!l)
		return NULL;
	l->conn = c;
	l->msg.type = msg->type;
	l->msg.id = msg->id;
	l->leg = leg;
	list_append(&s->laterl, &l->le, l);

	return l;
}


static void take_record(struct server *s, struct wire_conn *c,
			const struct wire_msg *msg)
{
	const struct wire_leg_record *record = msg->payload;
	struct later *l;
	int err;

	l = later_add(s, c, msg, record->leg);
	if (!l) {
		refuse(c, msg, ENOMEM);
		return;
	}
	err = media_record(s->media, record);
	if (err) {
		refuse(c, msg, err);
		mem_deref(l);
	}
}


/* none to end is what was asked for */
static void take_stop(struct server *s, struct wire_conn *c,
		      const struct wire_msg *msg)
{
	const struct wire_leg *leg = msg->payload;

	reply(c, msg, media_stop(s->media, leg->leg));
}


static void take_send_key(struct server *s, struct wire_conn *c,
			  const struct wire_msg *msg)
{
	reply(c, msg, media_send_key(s->media, msg->payload));
}


static void reply_stats(struct wire_conn *c, const struct wire_msg *msg,
			const struct wire_leg_stats *stats)
{
	(void)wire_reply(c, msg, WIRE_LEG_STATS, stats, NULL, 0);
}


/* A leg that is gone is what was asked for: DONE. What it was still recording
 * is told of first. */
static void take_close(struct server *s, struct wire_conn *c,
		       const struct wire_msg *msg)
{
	const struct wire_leg *leg = msg->payload;
	struct wire_leg_stats stats = {0};
	struct later *l = NULL;

	if (media_close(s->media, leg->leg, &stats)) {
		(void)wire_reply_done(c, msg);
		return;
	}
	if (media_is_recording(s->media, leg->leg))
		l = later_add(s, c, msg, leg->leg);
	if (l)
		l->stats = stats;
	else
		reply_stats(c, msg, &stats);
}


static void take_keep(struct server *s, struct wire_conn *c,
		      const struct wire_msg *msg)
{
	const int err = server_keep(s->media, c, msg);

	if (err)
		refuse(c, msg, err);
}


static void take_next(struct server *s, struct wire_conn *c,
		      const struct wire_msg *msg)
{
	server_next(s->media, c, msg);
}


static void take_line_keep(struct server *s, struct wire_conn *c,
			   const struct wire_msg *msg)
{
	const int err = server_line_keep(s->media, c, msg);

	if (err)
		refuse(c, msg, err);
}


static void take_line_find(struct server *s, struct wire_conn *c,
			   const struct wire_msg *msg)
{
	server_line_find(s->media, c, msg);
}


static void take_may_go(struct server *s, struct wire_conn *c,
			const struct wire_msg *msg)
{
	s->may_go = true;
	reply(c, msg, 0);
}


static request_h *const requests[WIRE_TYPES] = {
	[WIRE_MEDIA_MAY_GO] = take_may_go,
	[WIRE_BEAT]        = take_beat,
	[WIRE_MEDIA_RESET] = take_reset,
	[WIRE_LEG_OFFER]   = take_offer,
	[WIRE_LEG_ANSWER]  = take_answer,
	[WIRE_LEG_ACCEPT]  = take_accept,
	[WIRE_LEG_PLAY]    = take_play,
	[WIRE_LEG_BRIDGE]  = take_bridge,
	[WIRE_LEG_HEAR]    = take_hear,
	[WIRE_LEG_CLOSE]   = take_close,
	[WIRE_LEG_RECORD]  = take_record,
	[WIRE_LEG_STOP]    = take_stop,
	[WIRE_LEG_SEND_KEY] = take_send_key,
	[WIRE_LEG_KEEP]    = take_keep,
	[WIRE_LEG_NEXT]    = take_next,
	[WIRE_LINE_KEEP]   = take_line_keep,
	[WIRE_LINE_FIND]   = take_line_find,
};


static void leaves_tell(struct server *s)
{
	const struct wire_none none = {0};

	if (s->line)
		(void)wire_event(s->line, WIRE_MEDIA_LEAVES, &none);
}


/* A line that is away may come back with what it has for us: nothing, if we
 * have no leg. */
static void leave_look(void *arg)
{
	struct server *s = arg;

	if (media_count(s->media) || !list_isempty(&s->laterl) ||
	    (s->line && !s->may_go))
		tmr_start(&s->tmr, LEAVE_LOOK_MS, leave_look, s);
	else
		s->goneh(s->gone_arg);
}


void server_leave(struct server *s, server_gone_h *goneh, void *arg)
{
	if (s->goneh || !goneh)
		return;

	log_note("another process takes new calls; this one ends with the "
		 "last of its %u legs", media_count(s->media));
	s->goneh = goneh;
	s->gone_arg = arg;
	leaves_tell(s);
	tmr_start(&s->tmr, LEAVE_LOOK_MS, leave_look, s);
}


/* The one before may be gone without our having seen it. */
static void line_is(struct server *s, struct wire_conn *conn)
{
	if (s->line || !conn)
		media_orphan(s->media, true);
	if (conn)
		media_orphan(s->media, false);
	s->line = conn;
	s->may_go = false;
	if (s->goneh)
		leaves_tell(s);
}


static void server_message(struct wire_conn *conn, const struct wire_msg *msg,
			   void *arg)
{
	struct server *s = arg;
	request_h *h = requests[msg->type];

	/* the keeper looks in, and hears of no keys */
	if (s->line != conn && wire_conn_role(conn) == WIRE_LINE)
		line_is(s, conn);
	if (h)
		h(s, conn, msg);
}


static void server_closed(struct wire_conn *conn, void *arg)
{
	struct server *s = arg;
	struct le *le = list_head(&s->laterl);

	while (le) {
		struct later *l = le->data;

		le = le->next;
		if (l->conn == conn)
			mem_deref(l);
	}
	if (conn != s->line)
		return;
	line_is(s, NULL);
	log_note("the line is gone; %u legs stay as they are",
		 media_count(s->media));
}


static void server_digit(uint64_t id, uint8_t code, void *arg)
{
	struct server *s = arg;
	const struct wire_leg_digit digit = {.leg = id, .code = code};

	if (s->line)
		(void)wire_event(s->line, WIRE_LEG_DIGIT, &digit);
}


static void server_played(uint64_t id, uint32_t serial, void *arg)
{
	struct server *s = arg;
	const struct wire_leg_played played = {.leg = id, .serial = serial};

	if (s->line)
		(void)wire_event(s->line, WIRE_LEG_PLAYED, &played);
}


static void leg_event(struct server *s, enum wire_type type, uint64_t id)
{
	const struct wire_leg leg = {.leg = id};

	if (s->line)
		(void)wire_event(s->line, type, &leg);
}


static void server_up(uint64_t id, void *arg)
{
	leg_event(arg, WIRE_LEG_UP, id);
}


static void server_dead(uint64_t id, void *arg)
{
	leg_event(arg, WIRE_LEG_DEAD, id);
}


static void server_quality(const struct wire_leg_quality *q, void *arg)
{
	struct server *s = arg;

	if (s->line)
		(void)wire_event(s->line, WIRE_LEG_QUALITY, q);
}


static struct later *later_find(const struct server *s, enum wire_type type,
				uint64_t leg)
{
	struct le *le;

	LIST_FOREACH(&s->laterl, le)
	{
		struct later *l = le->data;

		if (l->msg.type == type && l->leg == leg)
			return l;
	}

	return NULL;
}


/* was its closing waiting for this, and for nothing else? */
static void server_leg_done(struct server *s, uint64_t leg)
{
	struct later *l = later_find(s, WIRE_LEG_CLOSE, leg);

	if (!l || media_is_recording(s->media, leg))
		return;
	reply_stats(l->conn, &l->msg, &l->stats);
	mem_deref(l);
}


static void server_began(uint64_t leg, int err, void *arg)
{
	struct server *s = arg;
	struct later *l = later_find(s, WIRE_LEG_RECORD, leg);

	if (l)
		reply(l->conn, &l->msg, err);
	mem_deref(l);
	if (err)
		server_leg_done(s, leg);
}


static void server_recorded(const struct wire_leg_recorded *r, void *arg)
{
	struct server *s = arg;

	if (s->line)
		(void)wire_event(s->line, WIRE_LEG_RECORDED, r);
	server_leg_done(s, r->leg);
}


static const struct media_handlers media_handlers = {
	.leg = {
		.digith  = server_digit,
		.playedh = server_played,
		.uph     = server_up,
		.deadh   = server_dead,
		.qualityh = server_quality,
	},
	.beganh    = server_began,
	.recordedh = server_recorded,
};


int server_alloc(struct server **sp, const char *path,
		 const struct config *cfg, struct prompts *prompts)
{
	struct server *s;
	int err;

	if (!sp || !path || !cfg || !prompts)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), server_destructor);
	if (!s)
		return ENOMEM;

	err = media_alloc(&s->media, cfg, prompts, &media_handlers, s);
	if (err)
		goto out;
	err = wire_listen(&s->ws, path, WIRE_MEDIA, WIRE_LINE | WIRE_TOOL,
			  server_message, server_closed, s);
	if (err)
		log_error("cannot listen on %s: %s", path, strerror(err));

out:
	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


void server_guard(struct server *s)
{
	wire_guard(s->ws, who_is);
}
