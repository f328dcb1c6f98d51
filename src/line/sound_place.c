/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sound_place.c  The connections to the media processes, and where new legs go.
 * Must not know what is asked of them.
 */
#include "sound_parts.h"

#define LOG_MODULE "sound"
#include "base/log.h"


enum { RECONNECT_MS = 50 };


struct sound_media *sound_place(struct sound *s, uint32_t slot, uint32_t life)
{
	return &s->media[life * LIMIT_MEDIA + slot];
}


const struct sound_media *sound_current(const struct sound *s, uint32_t slot)
{
	return &s->media[s->slots[slot].life * LIMIT_MEDIA + slot];
}


static bool is_open(const struct sound_media *m)
{
	return m->up && !m->leaves;
}


/* " 2" of several, "" of one */
static const char *which(char *buf, size_t size, const struct sound_media *m)
{
	buf[0] = '\0';
	if (m->sound->n_slots > 1)
		(void)re_snprintf(buf, size, " %u", m->slot->i + 1);

	return buf;
}


static void gone_say(const struct sound_media *m)
{
	char buf[16];

	if (m->may_go && !m->n_legs)
		log_note("media process%s that was replaced has ended",
			 which(buf, sizeof(buf), m));
	else
		log_warn("media process%s is gone", which(buf, sizeof(buf), m));
}


void sound_gone(struct sound_media *m)
{
	const bool was_up = m->up;

	tmr_cancel(&m->tmr_beat);
	m->conn = mem_deref(m->conn);
	m->up = m->stuck = false;
	if (m == sound_current(m->sound, m->slot->i))
		tmr_start(&m->slot->tmr, RECONNECT_MS, sound_look, m->slot);
	if (was_up)
		gone_say(m);
	m->leaves = m->may_go = false;
	if (!was_up)
		return;

	m->gone_at = tmr_jiffies();
	sound_lost(m);
}


static void closed(struct wire_conn *conn, void *arg)
{
	(void)conn;

	sound_gone(arg);
}


int sound_connect(struct sound_media *m)
{
	return wire_connect(&m->conn, m->path, WIRE_LINE, WIRE_MEDIA,
			    sound_news, closed, m);
}


/* a socket takes connections also while its process hangs */
void sound_came_up(struct sound_media *m)
{
	char buf[16];

	m->up = true;
	log_note("media process%s answers", which(buf, sizeof(buf), m));
	sound_hold_again(m);
	sound_waiting_flush(m);
	sound_look(m->slot);
}


static void was_reset(const struct wire_msg *msg, void *arg)
{
	if (msg)
		sound_came_up(arg);
}


static void place_connect(struct sound_media *m)
{
	const struct wire_none none = {0};

	if (sound_connect(m))
		return;

	/* what an earlier life of ours left open has no dialog any more */
	if (wire_ask(m->conn, WIRE_MEDIA_RESET, &none, NULL, 0, was_reset, m))
		sound_gone(m);
	else
		sound_beat_start(m);
}


/* from now on nothing new is asked of the others */
static void current_set(struct sound_slot *slot, uint32_t life)
{
	const struct wire_none none = {0};

	slot->life = life;
	for (uint32_t i = 0; i < LIMIT_LIVES; i++) {
		struct sound_media *m = sound_place(slot->sound, slot->i, i);

		if (!m->up || !m->leaves || m->may_go)
			continue;
		m->may_go = wire_ask(m->conn, WIRE_MEDIA_MAY_GO, &none, NULL,
				     0, sound_order_reply,
				     (void *)"end when it is empty") == 0;
	}
}


/* One that just came may say that it leaves, too: then we look again. */
void sound_look(void *arg)
{
	struct sound_slot *slot = arg;
	struct sound *s = slot->sound;
	uint32_t life = LIMIT_LIVES;

	for (uint32_t i = 0; i < LIMIT_LIVES; i++) {
		struct sound_media *m = sound_place(s, slot->i, i);

		if (!m->conn)
			place_connect(m);
		if (is_open(m) && (life == LIMIT_LIVES || i == slot->life))
			life = i;
	}

	if (life < LIMIT_LIVES)
		current_set(slot, life);
	else
		tmr_start(&slot->tmr, RECONNECT_MS, sound_look, slot);
}


void sound_leaves(struct sound_media *m)
{
	m->leaves = true;
	sound_look(m->slot);
}
