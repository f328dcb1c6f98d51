/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * house_kept.c  Legs that outlive the line, and what is held with them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "house_kept.h"
#include "line/sound.h"


enum { PATIENCE_MS = 10000 };


static struct house_kept *find(struct house_media *m, uint64_t leg)
{
	for (size_t i = 0; i < HOUSE_EARS; i++) {
		if (m->kept[i].leg == leg)
			return &m->kept[i];
	}

	return NULL;
}


static void keep(struct house_media *m, uint64_t leg, const void *blob,
		 size_t n)
{
	struct house_kept *k = find(m, leg);

	if (!k)
		k = find(m, 0);
	assert_non_null(k);
	assert_true(n <= sizeof(k->blob));
	k->leg = leg;
	k->n = n;
	memcpy(k->blob, blob, n);
}


static void tell_next(struct house_media *m, const struct wire_msg *msg,
		      uint64_t after)
{
	const struct house_kept *next = NULL;
	struct wire_leg_kept kept = {.flags = WIRE_KEPT_UP};

	for (size_t i = 0; i < HOUSE_EARS; i++) {
		const struct house_kept *k = &m->kept[i];

		if (k->leg > after && (!next || k->leg < next->leg))
			next = k;
	}
	if (!next) {
		(void)wire_reply_refused(m->conn, msg, ENOENT, "no more");
		return;
	}
	kept.leg = next->leg;
	assert_int_equal(wire_reply(m->conn, msg, WIRE_LEG_KEPT, &kept,
				    next->blob, next->n), 0);
}


static bool line_asked(struct house_media *m, const struct wire_msg *msg)
{
	struct wire_line_kept kept = {m->held_at};

	if (msg->type == WIRE_LINE_FIND) {
		(void)wire_reply(m->conn, msg, WIRE_LINE_KEPT, &kept,
				 m->held_line, m->n_held_line);
		return true;
	}
	if (msg->type != WIRE_LINE_KEEP)
		return false;
	memcpy(&kept, msg->payload, sizeof(kept));
	memcpy(m->held_line, msg->blob, msg->n_blob);
	m->n_held_line = msg->n_blob;
	m->held_at = kept.at;
	(void)wire_reply_done(m->conn, msg);

	return true;
}


bool house_kept_asked(struct house_media *m, const struct wire_msg *msg)
{
	struct wire_leg leg;

	if (line_asked(m, msg))
		return true;

	if (msg->type != WIRE_LEG_KEEP && msg->type != WIRE_LEG_NEXT)
		return false;

	memcpy(&leg, msg->payload, sizeof(leg));
	if (msg->type == WIRE_LEG_NEXT) {
		tell_next(m, msg, leg.leg);
		return true;
	}
	keep(m, leg.leg, msg->blob, msg->n_blob);
	(void)wire_reply_done(m->conn, msg);

	return true;
}


void house_kept_forget(struct house_media *m, uint64_t leg)
{
	struct house_kept *k = leg ? find(m, leg) : NULL;

	if (k)
		memset(k, 0, sizeof(*k));
}


void house_kept_set(struct house *h, uint64_t leg, const char *blob)
{
	assert_non_null(find(&h->media, leg));
	keep(&h->media, leg, blob, strlen(blob));
}


void house_dies(struct house *h)
{
	house_stop(h);
	assert_int_equal(sound_alloc(&h->sound, "run/media.sock", NULL, NULL),
			 0);
	sound_find(h->sound, PATIENCE_MS);
	assert_int_equal(house_start(h), 0);
	h->sound = mem_deref(h->sound);
}
