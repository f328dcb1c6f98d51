/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ear.c  Puts packets in their place and takes out frames. Must not allocate:
 * it runs for every packet of who is mixed.
 */
#include <string.h>

#include "ear.h"


enum {
	HOLE   = INT16_MIN,      /* no codec decodes to this              */
	BEHIND = CODEC_RATE / 2, /* older is not late but numbered anew   */
	JUDGE  = 50,             /* frames: the buffer is judged by 1 s   */
	STEP   = 80,             /* so much too much, the faster by one   */
};


static void holes(struct ear *e, uint64_t pos, size_t n)
{
	while (n--)
		e->ring[pos++ % EAR_RING] = HOLE;
}


void ear_init(struct ear *e)
{
	memset(e, 0, sizeof(*e));
	holes(e, 0, EAR_RING);
	e->missing = EAR_FADE;
	e->low = INT32_MAX;
}


int32_t ear_left(const struct ear *e)
{
	return (int32_t)(int64_t)(e->end - e->read);
}


/* a source that is new, or numbers anew, is heard after what there is */
static uint64_t place_new(const struct ear *e)
{
	const uint64_t ahead = e->read + EAR_AHEAD;

	return e->end > ahead ? e->end : ahead;
}


/* @return false if it is too late for this one */
static bool place_find(const struct ear *e, const struct rtp_packet *p,
		       uint64_t *pos)
{
	const int32_t step = (int32_t)(p->ts - e->ts);
	const int64_t at = (int64_t)e->pos + step;
	const int64_t ref = (int64_t)(e->end > e->read ? e->end : e->read);

	if (!e->known || e->ssrc != p->ssrc || step < -BEHIND ||
	    at > ref + EAR_FULL) {
		*pos = place_new(e);
		return true;
	}
	/* nothing newer is there: this is not one that was overtaken, all of
	 * them come later now */
	if (step > 0 && at < (int64_t)e->read) {
		*pos = e->read + EAR_AHEAD;
		return true;
	}
	*pos = (uint64_t)at;

	return at >= (int64_t)e->read;
}


/* too much: a peer that was held up, or sends more than there is time */
static void cut(struct ear *e)
{
	const uint64_t to = e->end - EAR_AHEAD;

	if (ear_left(e) <= EAR_FULL)
		return;
	holes(e, e->read, (size_t)(to - e->read));
	e->read = to;
}


void ear_take(struct ear *e, enum codec c, const struct rtp_packet *p)
{
	uint64_t pos;

	if (!p->n || p->n > EAR_RING - EAR_FULL || !place_find(e, p, &pos))
		return;

	/* a jump may have come close to the ring's end */
	if (pos + p->n > e->read + EAR_RING)
		return;
	if (!e->known || e->ssrc != p->ssrc || pos >= e->pos) {
		e->known = true;
		e->ssrc = p->ssrc;
		e->ts = p->ts;
		e->pos = pos;
	}
	for (size_t i = 0; i < p->n; i++)
		e->ring[(pos + i) % EAR_RING] = codec_decode(c, p->payload[i]);
	if (pos + p->n > e->end)
		e->end = pos + p->n;
	cut(e);
}


/* @return false if all of it was missing */
static bool fill(struct ear *e, int16_t *pcm, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (pcm[i] != HOLE) {
			e->missing = 0;
			any = true;
			continue;
		}
		if (e->missing < EAR_FADE)
			++e->missing;
		pcm[i] = (int16_t)(e->last[i % CODEC_FRAME] *
				   (int32_t)(EAR_FADE - e->missing) /
				   EAR_FADE);
	}

	return any;
}


/* n samples in the time of a frame */
static void stretch(int16_t out[CODEC_FRAME], const int16_t *in, int32_t n)
{
	for (int32_t i = 0; i < CODEC_FRAME; i++) {
		const int32_t k = i * n / CODEC_FRAME;
		const int32_t part = i * n % CODEC_FRAME;
		const int32_t next = in[k + 1 < n ? k + 1 : k];

		out[i] = (int16_t)((in[k] * (CODEC_FRAME - part) +
				    next * part) / CODEC_FRAME);
	}
}


static void judge(struct ear *e)
{
	int32_t more = 0;

	if (++e->n < JUDGE)
		return;
	if (e->low < EAR_LEAST)
		more = -1;
	else if (e->low > EAR_MOST && e->low != INT32_MAX)
		more = 1 + (e->low - EAR_MOST) / STEP;

	e->skew = (int8_t)(more < EAR_SKEW ? more : EAR_SKEW);
	e->low = INT32_MAX;
	e->n = 0;
}


bool ear_frame(struct ear *e, int16_t out[CODEC_FRAME])
{
	int16_t pcm[CODEC_FRAME + EAR_SKEW];
	const int32_t left = ear_left(e);
	/* while nothing is there, time goes on as it does */
	const int32_t n = CODEC_FRAME + (left > 0 ? e->skew : 0);
	const bool heard = e->missing < EAR_FADE;
	bool any;

	for (int32_t i = 0; i < n; i++)
		pcm[i] = e->ring[(e->read + (uint64_t)i) % EAR_RING];
	holes(e, e->read, (size_t)n);
	if (e->known)
		e->read += (uint64_t)n;

	any = fill(e, pcm, (size_t)n);
	stretch(out, pcm, n);
	if (any)
		memcpy(e->last, out, sizeof(e->last));
	if (left > 0 && left - n < e->low)
		e->low = left - n;
	judge(e);

	return any || heard;
}
