/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sound_held.c  What media holds for the next life of this process and that
 * belongs to no leg. Must not know what it is.
 */
#include <string.h>

#include "sound_parts.h"


static void blob_wipe(struct sound_blob *b)
{
	if (b->p)
		explicit_bzero(b->p, b->n);
	b->p = mem_deref(b->p);
	b->n = 0;
	b->at = 0;
}


static int blob_set(struct sound_blob *b, uint64_t at, const uint8_t *p,
		    size_t n)
{
	uint8_t *copy = mem_alloc(n + 1, NULL);

	if (!copy)
		return ENOMEM;
	memcpy(copy, p, n);
	blob_wipe(b);
	*b = (struct sound_blob){.p = copy, .n = n, .at = at};

	return 0;
}


void sound_held_wipe(struct sound *s)
{
	blob_wipe(&s->said);
	blob_wipe(&s->left);
}


void sound_hold_again(const struct sound_media *m)
{
	const struct sound_blob *said = &m->sound->said;
	const struct wire_line_kept kept = {said->at};

	if (said->at && m->conn)
		(void)wire_ask(m->conn, WIRE_LINE_KEEP, &kept, said->p,
			       said->n, sound_order_reply,
			       (void *)"hold what the next line needs");
}


int sound_hold(struct sound *s, const uint8_t *blob, size_t n)
{
	int err;

	err = blob_set(&s->said, tmr_jiffies(), blob, n);
	if (err)
		return err;
	for (uint32_t i = 0; i < LIMIT_PLACES; i++) {
		if (s->media[i].up)
			sound_hold_again(&s->media[i]);
	}

	return 0;
}


/* of several processes one may have been away when it was said last */
static void left_is(const struct wire_msg *msg, void *arg)
{
	struct sound_media *m = arg;
	const struct wire_line_kept *kept;

	if (!msg || msg->type != WIRE_LINE_KEPT)
		return;
	kept = msg->payload;
	if (kept->at > m->sound->left.at)
		(void)blob_set(&m->sound->left, kept->at, msg->blob,
			       msg->n_blob);
}


void sound_held_ask(struct sound_media *m)
{
	const struct wire_none none = {0};

	(void)wire_ask(m->conn, WIRE_LINE_FIND, &none, NULL, 0, left_is, m);
}


const uint8_t *sound_held(const struct sound *s, size_t *n)
{
	*n = s->left.n;

	return s->left.p;
}
