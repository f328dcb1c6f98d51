/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * keypress.c  When to press a key, and what that sounds like. Must not send,
 * nor log.
 */
#include <errno.h>
#include <string.h>
#include <re.h>
#include <rem.h>

#include "keypress.h"
#include "dtmf.h"
#include "ticker.h"


enum {
	SPOKEN_FRAMES = 10,  /* so much was no click                       */
	MOST_MS = 10 * 60 * 1000,
	PAUSE_MS = 60,       /* 40 at least (ITU-T Q.24)                   */
	END     = 0x80,
	VOLUME  = 10,        /* -10 dBm0 (RFC 4733, 2.3.3)                 */
	LEVEL   = 25,        /* per cent of full scale, each: -9 dBm0      */
};

/* the keys as they lie on a telephone, and their two tones (ITU-T Q.23) */
static const uint8_t places[] = {1, 2,  3, 12, 4,  5, 6,  13,
				 7, 8,  9, 14, 10, 0, 11, 15};
static const uint16_t rows[] = {697, 770, 852, 941};
static const uint16_t columns[] = {1209, 1336, 1477, 1633};


static uint64_t ticks(uint32_t ms)
{
	return (ms < MOST_MS ? ms : MOST_MS) / TICKER_MS;
}


int keypress_alloc(struct keypress **kp, uint64_t tick, uint8_t code,
		   uint32_t quiet_ms, uint32_t most_ms)
{
	struct keypress *k;

	if (!kp || code > DTMF_MAX)
		return EINVAL;

	k = mem_zalloc(sizeof(*k), NULL);
	if (!k)
		return ENOMEM;
	k->code = code;
	k->quiet = (uint32_t)ticks(quiet_ms);
	k->most_tick = tick + ticks(most_ms);
	k->heard_tick = tick;
	*kp = k;

	return 0;
}


void keypress_hear(struct keypress *k, uint64_t tick, enum codec c,
		   const uint8_t *p, size_t n)
{
	if (k->pressed)
		return;

	voice_frame(&k->voice, c, p, n);
	if (!k->voice.active)
		return;
	++k->n_active;
	k->heard_tick = tick;
}


bool keypress_is_due(const struct keypress *k, uint64_t tick)
{
	if (k->pressed)
		return false;
	if (tick >= k->most_tick)
		return true;

	return k->n_active >= SPOKEN_FRAMES &&
	       tick - k->heard_tick >= k->quiet;
}


static int tone_make(struct keypress *k, enum codec c)
{
	const uint8_t *place = memchr(places, k->code, sizeof(places));
	const size_t at = (size_t)(place - places);
	struct mbuf *mb;
	int err;

	mb = mbuf_alloc(CODEC_RATE * sizeof(int16_t));
	if (!mb)
		return ENOMEM;
	err = autone_sine(mb, CODEC_RATE, rows[at / 4], LEVEL,
			  columns[at % 4], LEVEL);
	mb->pos = 0;
	for (size_t i = 0; i < KEYPRESS_TONE && !err; i++) {
		int16_t sample;

		err = mbuf_read_mem(mb, (uint8_t *)&sample, sizeof(sample));
		k->tone[i] = codec_encode(c, sample);
	}
	mem_deref(mb);

	return err;
}


int keypress_press(struct keypress *k, bool events, enum codec c)
{
	int err = events ? 0 : tone_make(k, c);

	if (err)
		return err;
	k->events = events;
	k->pressed = true;

	return 0;
}


static void event_fill(const struct keypress *k, struct keypress_frame *f)
{
	const bool end = k->step >= KEYPRESS_FRAMES - 1;
	const unsigned n = end ? KEYPRESS_FRAMES : k->step + 1u;

	f->tone = NULL;
	f->first = !k->step;
	f->span = n * CODEC_FRAME;
	f->event[0] = k->code;
	f->event[1] = (uint8_t)(VOLUME | (end ? END : 0));
	f->event[2] = (uint8_t)(f->span >> 8);
	f->event[3] = (uint8_t)f->span;
}


bool keypress_next(struct keypress *k, struct keypress_frame *f)
{
	const unsigned n = k->events ? KEYPRESS_FRAMES + KEYPRESS_ENDS - 1
				     : KEYPRESS_FRAMES;

	if (k->step >= n)
		return false;

	memset(f, 0, sizeof(*f));
	if (k->events)
		event_fill(k, f);
	else
		f->tone = k->tone + k->step * CODEC_FRAME;
	++k->step;

	return true;
}


int keypress_follow(struct keypress *k, uint8_t code)
{
	if (code > DTMF_MAX)
		return EINVAL;
	if (k->n_more >= KEYPRESS_MORE)
		return EBUSY;

	k->more[k->n_more++] = code;

	return 0;
}


bool keypress_again(struct keypress *k, uint64_t tick)
{
	if (!k->n_more)
		return false;

	k->code = k->more[0];
	--k->n_more;
	memmove(k->more, k->more + 1, k->n_more);
	k->most_tick = tick + ticks(PAUSE_MS);
	k->n_active = 0;
	k->step = 0;
	k->pressed = false;

	return true;
}
