/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sound.c  Client of the media processes. Must not read SDP: it only carries
 * it.
 */
#include <string.h>

#include "base/config_media.h"
#include "base/limits.h"
#include "sound_parts.h"

#define LOG_MODULE "sound"
#include "base/log.h"


enum { HASH_SIZE = 1024 };

/* one question about SDP */
struct ask {
	struct le le;
	struct sound_media *media; /* borrow: asked */
	struct tmr tmr;
	enum wire_type type;
	struct wire_leg_open open;
	struct wire_leg leg;
	struct mbuf *sdp;
	sound_sdp_h *h;
	void *arg;
	bool sent;
};


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

	for (uint32_t i = 0; i < s->n_slots; i++)
		tmr_cancel(&s->slots[i].tmr);
	for (uint32_t i = 0; i < LIMIT_PLACES; i++) {
		struct sound_media *m = &s->media[i];

		tmr_cancel(&m->tmr_beat);
		mem_deref(m->conn);
		list_flush(&m->waitl);
		list_flush(&m->sentl);
		mem_deref(m->path);
	}
	tmr_cancel(&s->tmr_find);
	list_flush(&s->foundl);
	sound_held_wipe(s);
	mem_deref(s->recordings);
	hash_flush(s->legs);
	mem_deref(s->legs);
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

	if (!msg)
		return; /* asks_lost() tells them, once its legs are moved */
	a->media->stuck = false;
	if (msg->type == WIRE_REFUSED) {
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
static int ask_send(struct sound_media *m, struct ask *a)
{
	const void *payload = a->type == WIRE_LEG_ACCEPT
				      ? (const void *)&a->leg
				      : (const void *)&a->open;

	int err;

	err = wire_ask(m->conn, a->type, payload,
		       a->sdp ? mbuf_buf(a->sdp) : NULL,
		       a->sdp ? mbuf_get_left(a->sdp) : 0, ask_reply, a);
	if (!err) {
		list_append(&m->sentl, &a->le, a);
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
	if (a->sent) {
		a->media->stuck = true;
		ask_tell(a, ENOTCONN, NULL);
	}
	else {
		ask_end(a, ENOTCONN, NULL);
	}
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
	struct sound_media *m = sound_media_of(s, open->leg);
	struct ask *a;
	int err = 0;

	a = mem_zalloc(sizeof(*a), ask_destructor);
	if (!a)
		return ENOMEM;

	a->media = m;
	a->type = type;
	a->leg.leg = open->leg;
	a->open = *open;
	a->open.srtp = (uint8_t)sound_leg_secret(s, open->leg);
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

	if (m->up)
		err = ask_send(m, a);
	else
		list_append(&m->waitl, &a->le, a);
	if (!err)
		tmr_start(&a->tmr, SOUND_PATIENCE, ask_timeout, a);

out:
	if (err)
		mem_deref(a);

	return err;
}


static bool about(struct le *le, void *arg)
{
	const struct ask *a = le->data;

	return a->open.leg == *(const uint64_t *)arg && a->h;
}


void sound_leg_leave(struct sound *s, uint64_t leg)
{
	struct sound_media *m = sound_media_of(s, leg);
	struct le *le;

	sound_leg_forget(s, leg);
	while ((le = list_apply(&m->waitl, true, about, &leg)))
		mem_deref(le->data);
	/* those stay until their reply comes, or cannot come any more */
	while ((le = list_apply(&m->sentl, true, about, &leg)))
		((struct ask *)le->data)->h = NULL;
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


/* what it was asked, and did not answer */
static void asks_lost(struct sound_media *m)
{
	struct le *le;

	while ((le = list_head(&m->sentl)))
		ask_end(le->data, ENOTCONN, NULL);
}


/* Its legs first: who asked about one that goes on elsewhere asks there. */
void sound_lost(struct sound_media *m)
{
	struct sound *s = m->sound;
	const uint32_t process = (uint32_t)(m - s->media);

	mem_ref(s);
	recordings_lost(s->recordings, s, process);
	if (mem_nrefs(s) > 1 && s->h.losth)
		s->h.losth(process, s->arg);
	if (mem_nrefs(s) > 1)
		asks_lost(m);
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


void sound_news(struct wire_conn *conn, const struct wire_msg *msg, void *arg)
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
	struct sound_media *m = arg;
	(void)conn;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].type == msg->type) {
			rows[i].h(m->sound, msg->payload);
			return;
		}
	}
	if (msg->type == WIRE_MEDIA_LEAVES)
		sound_leaves(m);
}


void sound_waiting_flush(struct sound_media *m)
{
	struct le *le;

	while ((le = list_head(&m->waitl))) {
		struct ask *a = le->data;
		int err;

		list_unlink(&a->le);
		err = ask_send(m, a);
		if (err)
			ask_end(a, err, NULL);
	}
}


/* ---- its life ------------------------------------------------------------ */

static int place_init(struct sound_media *m, struct sound_slot *slot,
		      const char *path, uint32_t life)
{
	char buf[LIMIT_NAME];

	config_media_life(buf, path, life);
	m->sound = slot->sound;
	m->slot = slot;

	return str_dup(&m->path, buf);
}


int sound_add(struct sound *s, const char *path)
{
	struct sound_slot *slot;
	int err = 0;

	if (!s || !path || s->last_leg || s->n_slots == LIMIT_MEDIA)
		return EINVAL;

	slot = &s->slots[s->n_slots];
	slot->sound = s;
	slot->i = s->n_slots;
	for (uint32_t i = 0; i < LIMIT_LIVES && !err; i++)
		err = place_init(sound_place(s, slot->i, i), slot, path, i);
	if (err)
		return err;
	++s->n_slots;
	tmr_start(&slot->tmr, 0, sound_look, slot);

	return 0;
}


void sound_handle(struct sound *s, const struct sound_handlers *handlers,
		  void *arg)
{
	s->h = *handlers;
	s->arg = arg;
	recordings_handle(s->recordings, handlers->recordedh, arg);
}


int sound_alloc(struct sound **sp, const char *path,
		const struct sound_handlers *handlers, void *arg)
{
	struct sound *s;
	int err;

	if (!sp || !path)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), sound_destructor);
	if (!s)
		return ENOMEM;
	err = recordings_alloc(&s->recordings, NULL, NULL);
	if (err)
		goto out;
	if (handlers)
		sound_handle(s, handlers, arg);
	err = hash_alloc(&s->legs, HASH_SIZE);
	if (err)
		goto out;
	err = sound_add(s, path);

out:
	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}
