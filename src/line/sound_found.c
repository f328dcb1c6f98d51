/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sound_found.c  Legs that an earlier life of this process left with media.
 * Must not know what is held with them.
 */
#include <string.h>

#include "sound_parts.h"

#define LOG_MODULE "sound"
#include "base/log.h"


struct found {
	struct le le;
	struct sound_media *media; /* borrow: has it */
	uint64_t leg;
	uint32_t flags;
	uint8_t *blob;
	size_t n_blob;
	bool taken;
};


static void found_destructor(void *data)
{
	struct found *f = data;

	list_unlink(&f->le);
	if (f->blob)
		explicit_bzero(f->blob, f->n_blob);
	mem_deref(f->blob);
}


static int found_add(struct sound_media *m, const struct wire_leg_kept *kept,
		     const uint8_t *blob, size_t n)
{
	struct sound *s = m->sound;
	struct found *f;

	f = mem_zalloc(sizeof(*f), found_destructor);
	if (!f)
		return ENOMEM;
	f->blob = mem_alloc(n + 1, NULL);
	if (!f->blob) {
		mem_deref(f);
		return ENOMEM;
	}
	memcpy(f->blob, blob, n);
	f->n_blob = n;
	f->media = m;
	f->leg = kept->leg;
	f->flags = kept->flags;
	list_append(&s->foundl, &f->le, f);

	/* no leg of ours is to have the number of one that is being closed */
	if (kept->leg / LIMIT_PLACES > s->last_leg)
		s->last_leg = kept->leg / LIMIT_PLACES;

	return 0;
}


/* ---- asking -------------------------------------------------------------- */

static void finding_over(struct sound_media *m)
{
	const struct sound *s = m->sound;

	m->finding = false;
	for (uint32_t i = 0; i < LIMIT_PLACES; i++) {
		if (s->media[i].finding)
			return;
	}
	re_cancel();
}


/* What is not known whole is closed as a whole: it begins afresh when it is
 * back. */
static void give_up(struct sound_media *m)
{
	struct le *le = list_head(&m->sound->foundl);

	while (le) {
		struct found *f = le->data;

		le = le->next;
		if (f->media == m)
			mem_deref(f);
	}
	sound_gone(m);
	finding_over(m);
}


static void too_late(void *arg)
{
	struct sound *s = arg;

	for (uint32_t i = 0; i < LIMIT_PLACES; i++) {
		if (!s->media[i].finding)
			continue;
		log_warn("a media process does not tell which legs it has: "
			 "their calls are cut off");
		give_up(&s->media[i]);
	}
}


static void next_is(const struct wire_msg *msg, void *arg);

static int ask_next(struct sound_media *m, uint64_t after)
{
	const struct wire_leg leg = {after};

	return wire_ask(m->conn, WIRE_LEG_NEXT, &leg, NULL, 0, next_is, m);
}


static void next_is(const struct wire_msg *msg, void *arg)
{
	struct sound_media *m = arg;
	const struct wire_leg_kept *kept;

	if (!m->finding)
		return;
	if (!msg) {
		give_up(m);
		return;
	}
	if (msg->type == WIRE_REFUSED) {
		sound_came_up(m);
		sound_beat_start(m);
		finding_over(m);
		return;
	}
	kept = msg->payload;
	if (msg->type != WIRE_LEG_KEPT ||
	    found_add(m, kept, msg->blob, msg->n_blob) ||
	    ask_next(m, kept->leg))
		give_up(m);
}


void sound_find(struct sound *s, uint32_t patience_ms)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->n_slots; i++)
		tmr_cancel(&s->slots[i].tmr);
	for (uint32_t i = 0; i < LIMIT_PLACES; i++) {
		struct sound_media *m = &s->media[i];

		if (!m->slot)
			continue;
		m->finding = !sound_connect(m) && !ask_next(m, 0);
		if (m->finding) {
			sound_held_ask(m);
			++n;
			continue;
		}
		sound_gone(m);
	}
	if (!n)
		return;

	tmr_start(&s->tmr_find, patience_ms, too_late, s);
	(void)re_main(NULL);
	tmr_cancel(&s->tmr_find);
}


/* ---- what was found ------------------------------------------------------ */

size_t sound_found_count(const struct sound *s)
{
	struct le *le;
	size_t n = 0;

	LIST_FOREACH(&s->foundl, le)
	{
		n += !((const struct found *)le->data)->taken;
	}

	return n;
}


void sound_found_each(struct sound *s, sound_found_h *h, void *arg)
{
	struct le *le;

	LIST_FOREACH(&s->foundl, le)
	{
		const struct found *f = le->data;
		const struct sound_found found = {f->leg, f->flags, f->blob,
						  f->n_blob};

		if (!f->taken)
			h(&found, arg);
	}
}


static struct found *find(const struct sound *s, uint64_t leg)
{
	struct le *le;

	LIST_FOREACH(&s->foundl, le)
	{
		struct found *f = le->data;

		if (f->leg == leg && !f->taken)
			return f;
	}

	return NULL;
}


int sound_found_take(struct sound *s, uint64_t leg)
{
	struct found *f = find(s, leg);
	int err;

	/* another number of processes may be configured by now */
	if (!f || f->media != sound_media_of(s, leg))
		return ENOENT;
	err = sound_leg_know(s, leg);
	if (!err)
		f->taken = true;

	return err;
}


void sound_found_end(struct sound *s)
{
	struct le *le;

	LIST_FOREACH(&s->foundl, le)
	{
		const struct found *f = le->data;
		const struct wire_leg leg = {f->leg};

		if (!f->taken && f->media->conn)
			(void)wire_ask(f->media->conn, WIRE_LEG_CLOSE, &leg,
				       NULL, 0, sound_order_reply,
				       (void *)"close a leg");
	}
	list_flush(&s->foundl);
}
