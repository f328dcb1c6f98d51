/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sound.c  Client of ringback-media. Must not read SDP: it only carries it.
 */
#include <string.h>

#include "base/limits.h"
#include "sound_parts.h"

#define LOG_MODULE "sound"
#include "base/log.h"


enum { RECONNECT_MS = 50 };

/* one question about SDP */
struct ask {
	struct le le;
	struct tmr tmr;
	enum wire_type type;
	struct wire_leg_open open;
	struct wire_leg leg;
	struct mbuf *sdp;
	sound_sdp_h *h;
	void *arg;
	bool sent;
};


static void connect_later(struct sound *s, uint64_t ms);


static void ask_destructor(void *data)
{
	struct ask *a = data;

	tmr_cancel(&a->tmr);
	list_unlink(&a->le);
	mem_deref(a->sdp);
	mem_deref(a->arg);
}


static void sound_destructor(void *data)
{
	struct sound *s = data;

	tmr_cancel(&s->tmr);
	mem_deref(s->conn);
	mem_deref(s->recordings);
	list_flush(&s->waitl);
	list_flush(&s->sentl);
	mem_deref(s->path);
}


/* tell who asked, once */
static void ask_tell(struct ask *a, int err, const struct pl *sdp)
{
	sound_sdp_h *h = a->h;

	a->h = NULL;
	if (h)
		h(err, sdp ? sdp : &pl_null, a->arg);
}


/* takes the ask */
static void ask_end(struct ask *a, int err, const struct pl *sdp)
{
	ask_tell(a, err, sdp);
	mem_deref(a);
}


static void ask_reply(const struct wire_msg *msg, void *arg)
{
	struct ask *a = arg;
	struct pl sdp;

	if (!msg) {
		ask_end(a, ENOTCONN, NULL);
	}
	else if (msg->type == WIRE_REFUSED) {
		const struct wire_refused *r = msg->payload;

		log_note("media says no: %s", r->reason);
		ask_end(a, r->err ? r->err : EPROTO, NULL);
	}
	else {
		sdp.p = (const char *)msg->blob;
		sdp.l = msg->n_blob;
		ask_end(a, 0, &sdp);
	}
}


/* takes the ask unless it returns an error */
static int ask_send(struct sound *s, struct ask *a)
{
	const void *payload = a->type == WIRE_LEG_ACCEPT
				      ? (const void *)&a->leg
				      : (const void *)&a->open;

	int err;

	err = wire_ask(s->conn, a->type, payload,
		       a->sdp ? mbuf_buf(a->sdp) : NULL,
		       a->sdp ? mbuf_get_left(a->sdp) : 0, ask_reply, a);
	if (!err) {
		list_append(&s->sentl, &a->le, a);
		a->sent = true;
	}

	return err;
}


/* Media is away, or stuck. A question that was sent has to stay until its
 * reply comes; a leg that media opened meanwhile is closed by its owner. */
static void ask_timeout(void *arg)
{
	struct ask *a = arg;

	log_warn("media did not answer in time");
	if (a->sent)
		ask_tell(a, ENOTCONN, NULL);
	else
		ask_end(a, ENOTCONN, NULL);
}


/* exactly this address, as it travels */
static void net_put(struct wire_leg_open *open, const struct sa *peer)
{
	struct wire_addr *net = &open->nets[0];

	if (!peer || !sa_isset(peer, SA_ADDR))
		return;

	net->family = sa_af(peer) == AF_INET6 ? 6 : 4;
	net->bits = net->family == 6 ? 128 : 32;
	if (net->family == 6)
		memcpy(net->ip, peer->u.in6.sin6_addr.s6_addr, 16);
	else
		memcpy(net->ip, &peer->u.in.sin_addr, 4);
	open->n_nets = 1;
}


static int ask(struct sound *s, enum wire_type type,
	       const struct wire_leg_open *open, const struct mbuf *sdp,
	       sound_sdp_h *h, void *arg)
{
	struct ask *a;
	int err = 0;

	a = mem_zalloc(sizeof(*a), ask_destructor);
	if (!a)
		return ENOMEM;

	a->type = type;
	a->leg.leg = open->leg;
	a->open = *open;
	a->h = h;
	a->arg = mem_ref(arg);
	if (sdp) {
		a->sdp = mbuf_alloc(mbuf_get_left(sdp) + 1);
		if (!a->sdp) {
			err = ENOMEM;
			goto out;
		}
		(void)mbuf_write_mem(a->sdp, mbuf_buf(sdp),
				     mbuf_get_left(sdp));
		mbuf_set_pos(a->sdp, 0);
	}

	if (s->conn)
		err = ask_send(s, a);
	else
		list_append(&s->waitl, &a->le, a);
	if (!err)
		tmr_start(&a->tmr, SOUND_PATIENCE, ask_timeout, a);

out:
	if (err)
		mem_deref(a);

	return err;
}


int sound_offer(struct sound *s, uint64_t leg, uint64_t like, int family,
		const struct sa *peer, sound_sdp_h *h, void *arg)
{
	struct wire_leg_open open = {
		.leg = leg,
		.like = like,
		.family = family == AF_INET6 ? 6 : 4,
	};

	net_put(&open, peer);

	return ask(s, WIRE_LEG_OFFER, &open, NULL, h, arg);
}


int sound_answer(struct sound *s, uint64_t leg, const struct mbuf *sdp,
		 const struct sa *peer, sound_sdp_h *h, void *arg)
{
	struct wire_leg_open open = {.leg = leg};

	net_put(&open, peer);

	return ask(s, WIRE_LEG_ANSWER, &open, sdp, h, arg);
}


int sound_answer_browser(struct sound *s, uint64_t leg, uint64_t like,
			 const struct mbuf *sdp, sound_sdp_h *h, void *arg)
{
	const struct wire_leg_open open = {.leg = leg, .like = like, .web = 1};

	return ask(s, WIRE_LEG_ANSWER, &open, sdp, h, arg);
}


int sound_accept(struct sound *s, uint64_t leg, const struct mbuf *sdp,
		 sound_sdp_h *h, void *arg)
{
	const struct wire_leg_open open = {.leg = leg};

	return ask(s, WIRE_LEG_ACCEPT, &open, sdp, h, arg);
}


uint64_t sound_leg_new(struct sound *s)
{
	return ++s->last_leg;
}


bool sound_is_up(const struct sound *s)
{
	return s && s->conn;
}


static void closed(struct wire_conn *conn, void *arg)
{
	struct sound *s = arg;
	(void)conn;

	log_warn("the media process is gone");
	s->conn = mem_deref(s->conn);
	connect_later(s, RECONNECT_MS);

	mem_ref(s);
	recordings_lost(s->recordings);
	if (mem_nrefs(s) > 1)
		s->h.losth(s->arg);
	mem_deref(s);
}


/* ---- news ---------------------------------------------------------------- */

static void on_digit(struct sound *s, const void *payload)
{
	const struct wire_leg_digit *digit = payload;

	if (s->h.digith)
		s->h.digith(digit->leg, digit->code, s->arg);
}


static void on_played(struct sound *s, const void *payload)
{
	const struct wire_leg_played *played = payload;

	if (s->h.playedh)
		s->h.playedh(played->leg, played->serial, s->arg);
}


static void on_recorded(struct sound *s, const void *payload)
{
	recordings_over(s->recordings, payload);
}


static void on_up(struct sound *s, const void *payload)
{
	const struct wire_leg *leg = payload;

	if (s->h.uph)
		s->h.uph(leg->leg, s->arg);
}


static void on_dead(struct sound *s, const void *payload)
{
	const struct wire_leg *leg = payload;

	if (s->h.deadh)
		s->h.deadh(leg->leg, s->arg);
}


static void on_quality(struct sound *s, const void *payload)
{
	if (s->h.qualityh)
		s->h.qualityh(payload, s->arg);
}


static void event(struct wire_conn *conn, const struct wire_msg *msg,
		  void *arg)
{
	static const struct {
		enum wire_type type;
		void (*h)(struct sound *s, const void *payload);
	} rows[] = {
		{WIRE_LEG_DIGIT, on_digit},
		{WIRE_LEG_PLAYED, on_played},
		{WIRE_LEG_RECORDED, on_recorded},
		{WIRE_LEG_UP, on_up},
		{WIRE_LEG_DEAD, on_dead},
		{WIRE_LEG_QUALITY, on_quality},
	};
	(void)conn;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].type == msg->type) {
			rows[i].h(arg, msg->payload);
			return;
		}
	}
}


/* ---- the connection ------------------------------------------------------ */

static void waiting_flush(struct sound *s)
{
	struct le *le;

	while ((le = list_head(&s->waitl))) {
		struct ask *a = le->data;
		int err;

		list_unlink(&a->le);
		err = ask_send(s, a);
		if (err)
			ask_end(a, err, NULL);
	}
}


static void connect_now(void *arg)
{
	const struct wire_none none = {0};
	struct sound *s = arg;

	if (wire_connect(&s->conn, s->path, WIRE_LINE, WIRE_MEDIA, event,
			 closed, s)) {
		connect_later(s, RECONNECT_MS);
		return;
	}

	log_note("the media process answers");
	/* what an earlier life of ours left open has no dialog any more */
	(void)wire_ask(s->conn, WIRE_MEDIA_RESET, &none, NULL, 0, sound_order_reply,
		       (void *)"start afresh");
	waiting_flush(s);
}


static void connect_later(struct sound *s, uint64_t ms)
{
	tmr_start(&s->tmr, ms, connect_now, s);
}


int sound_alloc(struct sound **sp, const char *path,
		const struct sound_handlers *handlers, void *arg)
{
	struct sound *s;
	int err;

	if (!sp || !path || !handlers || !handlers->losth)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), sound_destructor);
	if (!s)
		return ENOMEM;
	s->h = *handlers;
	s->arg = arg;
	err = recordings_alloc(&s->recordings, handlers->recordedh, arg);
	if (err)
		goto out;
	err = str_dup(&s->path, path);
	if (err)
		goto out;
	connect_now(s);

out:
	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}
