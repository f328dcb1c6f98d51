/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sound_leg.c  The numbers of legs: which media process each is in, and how
 * many each has. Must not talk to any of them.
 */
#include "sound_parts.h"


/* one leg that was numbered and not closed */
struct known {
	struct le he;
	uint64_t leg;
	enum wire_srtp srtp;
};


static void known_destructor(void *data)
{
	struct known *k = data;

	hash_unlink(&k->he);
}


static bool known_is(struct le *le, void *arg)
{
	return ((const struct known *)le->data)->leg == *(const uint64_t *)arg;
}


uint32_t sound_process(const struct sound *s, uint64_t leg)
{
	(void)s;

	return (uint32_t)(leg % LIMIT_PLACES);
}


bool sound_is_in(const struct sound *s, uint64_t leg, uint32_t process)
{
	return leg && sound_process(s, leg) == process;
}


struct sound_media *sound_media_of(struct sound *s, uint64_t leg)
{
	return &s->media[sound_process(s, leg)];
}


static struct known *known_find(const struct sound *s, uint64_t leg)
{
	return list_ledata(
		hash_lookup(s->legs, (uint32_t)leg, known_is, &leg));
}


void sound_secret(struct sound *s, uint64_t leg, enum wire_srtp use)
{
	struct known *k = known_find(s, leg);

	if (k)
		k->srtp = use;
}


enum wire_srtp sound_leg_secret(struct sound *s, uint64_t leg)
{
	const struct known *k = known_find(s, leg);

	return k ? k->srtp : WIRE_SRTP_NEVER;
}


void sound_leg_forget(struct sound *s, uint64_t leg)
{
	struct known *k = known_find(s, leg);

	if (!k)
		return;
	--sound_media_of(s, leg)->n_legs;
	mem_deref(k);
}


/* What is stuck has the fewest legs soon: whoever it keeps waiting gives up. */
static unsigned trouble_of(const struct sound_media *m)
{
	if (m->up)
		return m->stuck;

	/* the keeper starts it again in a moment, or cannot */
	return m->gone_at && tmr_jiffies() - m->gone_at < SOUND_PATIENCE ? 2
									  : 3;
}


static bool is_better(const struct sound_media *a, const struct sound_media *b)
{
	return trouble_of(a) != trouble_of(b) ? trouble_of(a) < trouble_of(b)
					      : a->n_legs < b->n_legs;
}


/* the place: of those that answer the one with the fewest legs, else of all */
static uint32_t emptiest(const struct sound *s)
{
	const struct sound_media *best = sound_current(s, 0);

	for (uint32_t i = 1; i < s->n_slots; i++) {
		const struct sound_media *m = sound_current(s, i);

		if (is_better(m, best))
			best = m;
	}

	return (uint32_t)(best - s->media);
}


int sound_leg_know(struct sound *s, uint64_t leg)
{
	struct known *k = mem_zalloc(sizeof(*k), known_destructor);

	if (!k)
		return ENOMEM;

	k->leg = leg;
	hash_append(s->legs, (uint32_t)leg, &k->he, k);
	++sound_media_of(s, leg)->n_legs;

	return 0;
}


uint64_t sound_leg_new(struct sound *s, uint64_t near)
{
	const uint32_t i = near ? sound_process(s, near) : emptiest(s);
	const uint64_t leg = (s->last_leg + 1) * LIMIT_PLACES + i;

	if (sound_leg_know(s, leg))
		return 0;
	++s->last_leg;

	return leg;
}


uint32_t sound_count_up(const struct sound *s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; s && i < s->n_slots; i++)
		n += sound_current(s, i)->up;

	return n;
}


bool sound_is_up(const struct sound *s)
{
	return sound_count_up(s) > 0;
}
