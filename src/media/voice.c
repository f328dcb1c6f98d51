/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * voice.c  Tells speech from what lines sound like by themselves. Must not
 * allocate: it runs for every packet of a message.
 */
#include <math.h>
#include <string.h>

#include "voice.h"


enum {
	MIN_FRAMES  = 25, /* half a second, one of VOICE_MINS               */
	QUIET_MAX   = 3,  /* frames of a pause within a spell               */
	SPELL_MIN   = 5,  /* what is shorter is a click                     */
	SPELL_LONG  = 12, /* frames are judged by fives: two tones together
			     beat, up to 40 times a second                  */
	WIDE        = 5,
	FRAME_MS    = 1000 * CODEC_FRAME / CODEC_RATE,
};

/* powers, of the loudest square wave: */
static const float least = 1e-5f;     /* -50 dB: nothing below is voice     */
static const float floor_max = 3e-4f; /* -35 dB: no floor is above          */
static const float above_floor = 4;   /* 6 dB                               */

static const float pole = 0.85f;      /* high-pass at 200 Hz, against hum   */
static const float steady_db = 1;     /* a tone's loudness varies less      */


static float power(struct voice *v, enum codec c, const uint8_t *p, size_t n)
{
	float sum = 0;

	for (size_t i = 0; i < n; i++) {
		const float in = codec_decode(c, p[i]) / 32768.0f;

		v->out = in - v->in + pole * v->out;
		v->in = in;
		sum += v->out * v->out;
	}

	return sum / (float)n;
}


/* @return the floor, this frame included */
static float floor_get(struct voice *v, float e)
{
	const uint32_t half = v->n / MIN_FRAMES;
	float *now = &v->mins[half % VOICE_MINS];
	float least_of = floor_max;

	/* of three frames, so that one gap in the sound is no floor */
	e = (e + v->last[0] + v->last[1]) / 3;
	if (v->n % MIN_FRAMES == 0 || v->n == 2 || e < *now)
		*now = e;
	for (uint32_t i = 0; i < VOICE_MINS && i <= half; i++) {
		if (v->mins[i] < least_of)
			least_of = v->mins[i];
	}

	return least_of;
}


/* how much the loudness varies, in dB: the standard deviation of the means
 * of so many frames each */
static float variation(const float *e, unsigned n, unsigned wide)
{
	const unsigned n_means = n - wide + 1;
	float sum = 0, squares = 0, mean;

	for (unsigned i = 0; i < n_means; i++) {
		float m = 0;

		for (unsigned k = 0; k < wide; k++)
			m += e[i + k];
		m = 10 * log10f(m / (float)wide);
		sum += m;
		squares += m * m;
	}
	mean = sum / (float)n_means;
	squares = squares / (float)n_means - mean * mean;

	return squares > 0 ? sqrtf(squares) : 0;
}


/* a tone's first and last frame are not full of it */
static void spell_judge(struct voice *v)
{
	const unsigned n = v->n_spell;

	if (n >= SPELL_MIN &&
	    variation(v->spell + 1, n - 2, n >= SPELL_LONG ? WIDE : 1) >
		    steady_db)
		v->n_voiced += n;
	v->n_spell = 0;
}


void voice_frame(struct voice *v, enum codec c, const uint8_t *p, size_t n)
{
	float e, floor;

	if (!n)
		return;

	e = power(v, c, p, n);
	floor = v->n < 2 ? floor_max : floor_get(v, e);
	v->last[v->n & 1] = e;
	++v->n;

	v->active = e > least && e > floor * above_floor;
	if (v->active) {
		v->spell[v->n_spell++] = e;
		v->n_quiet = 0;
	}
	else if (++v->n_quiet >= QUIET_MAX) {
		v->n_quiet = QUIET_MAX;
		spell_judge(v);
	}
	if (v->n_spell == VOICE_SPELL)
		spell_judge(v);
}


void voice_finish(struct voice *v)
{
	spell_judge(v);
}


uint32_t voice_ms(const struct voice *v)
{
	return v->n_voiced * FRAME_MS;
}
