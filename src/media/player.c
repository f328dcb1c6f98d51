/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * player.c  Copies 20 ms at a time. Must not allocate: it runs for every
 * waiting caller fifty times a second.
 */
#include <string.h>
#include <re.h>

#include "player.h"


void player_init(struct player *p, struct sound *noise)
{
	memset(p, 0, sizeof(*p));
	p->noise = mem_ref(noise);
	p->noise_pos = rand_u32() % noise->n;
}


static void list_drop(struct player *p)
{
	for (unsigned i = 0; i < p->n; i++)
		p->list[i] = mem_deref(p->list[i]);
	p->n = p->i = 0;
	p->pos = 0;
}


void player_reset(struct player *p)
{
	list_drop(p);
	p->noise = mem_deref(p->noise);
}


void player_set(struct player *p, struct sound *const *list, uint8_t n,
		bool loop)
{
	list_drop(p);

	p->n = n < LIMIT_PLAYLIST ? n : LIMIT_PLAYLIST;
	for (unsigned i = 0; i < p->n; i++)
		p->list[i] = mem_ref(list[i]);
	p->loop = loop;
	p->running = true;
}


/* @return bytes copied; 0 if the sound is at its end */
static size_t copy(const struct sound *s, size_t *pos, enum codec c,
		   uint8_t *out, size_t n)
{
	if (n > s->n - *pos)
		n = s->n - *pos;
	memcpy(out, s->bytes[c] + *pos, n);
	*pos += n;

	return n;
}


/* the last sound is at its last sample, and nothing follows */
static bool is_over(const struct player *p)
{
	return !p->loop && p->i + 1 == p->n && p->pos == p->list[p->i]->n;
}


static void noise_copy(struct player *p, enum codec c, uint8_t *out, size_t n)
{
	while (n) {
		const size_t k = copy(p->noise, &p->noise_pos, c, out, n);

		if (!k)
			p->noise_pos = 0;
		out += k;
		n -= k;
	}
}


bool player_frame(struct player *p, enum codec c, uint8_t out[CODEC_FRAME])
{
	const bool was_running = p->running;
	size_t n = CODEC_FRAME;

	while (n && p->i < p->n) {
		const size_t k = copy(p->list[p->i], &p->pos, c, out, n);

		out += k;
		n -= k;
		if (k)
			continue;
		p->pos = 0;
		if (p->i + 1 < p->n || !p->loop)
			++p->i;
	}

	noise_copy(p, c, out, n);
	p->running = p->running && p->i < p->n && !is_over(p);

	return was_running && !p->running;
}


void player_noise(struct player *p, enum codec c, uint8_t out[CODEC_FRAME])
{
	noise_copy(p, c, out, CODEC_FRAME);
}
