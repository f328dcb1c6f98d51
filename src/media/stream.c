/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * stream.c  Numbers for one outgoing stream. Must not see a payload, a
 * socket or a clock.
 */
#include <errno.h>
#include <string.h>
#include <re.h>

#include "stream.h"
#include "codec.h"


enum {
	JUMP_SEQ = 100,            /* more is a new source               */
	JUMP_TS  = 5 * CODEC_RATE,
	SLACK    = CODEC_RATE,     /* how far a silent source's clock may
				      be ahead of ours when it returns   */
};


void stream_init(struct stream *s)
{
	memset(s, 0, sizeof(*s));
	s->ssrc = rand_u32();
	s->end_ts = rand_u32();
	s->seq = rand_u16();
}


void stream_restart(struct stream *s)
{
	s->source = STREAM_NONE;
}


static void begin(struct stream *s, uint64_t tick)
{
	if (s->begun)
		return;
	s->begun = true;
	s->begin_tick = tick;
	s->begin_ts = s->end_ts;
}


/* where time has got to since the beginning, or the stream, if it is ahead:
 * a burst of packets held up on their way can put it there */
static uint32_t ts_now(const struct stream *s, uint64_t tick)
{
	const uint32_t ts = s->begin_ts +
			    (uint32_t)(tick - s->begin_tick) * CODEC_FRAME;

	return (int32_t)(ts - s->end_ts) > 0 ? ts : s->end_ts;
}


static void reached(struct stream *s, uint32_t ts)
{
	if ((int32_t)(ts - s->end_ts) > 0)
		s->end_ts = ts;
}


void stream_own(struct stream *s, uint64_t tick, struct stream_stamp *stamp)
{
	begin(s, tick);
	stamp->marker = s->source != STREAM_OWN;
	stamp->seq = ++s->seq;
	stamp->ts = ts_now(s, tick);

	s->source = STREAM_OWN;
	reached(s, stamp->ts + CODEC_FRAME);
}


void stream_key(struct stream *s, uint64_t tick, uint32_t span, bool first,
		struct stream_stamp *stamp)
{
	begin(s, tick);
	if (first)
		s->key_ts = ts_now(s, tick);
	stamp->marker = first;
	stamp->seq = ++s->seq;
	stamp->ts = s->key_ts;

	/* the sound that follows begins anew */
	s->source = STREAM_NONE;
	reached(s, s->key_ts + span);
}


/* the same key again: its timestamp is what makes it the same */
static bool event_goes_on(const struct stream *s, const struct stream_in *in)
{
	return in->event && s->event.known && s->event.ssrc == in->ssrc &&
	       s->event.in_ts == in->ts;
}


static bool mapping_fits(const struct stream *s, const struct stream_in *in)
{
	const int dseq = (int16_t)(in->seq - s->in.max);
	const int32_t dts = (int32_t)(in->ts + s->in.ts_off - s->end_ts);

	if (s->source != STREAM_RELAY || s->in.ssrc != in->ssrc)
		return false;
	if (dseq > JUMP_SEQ || dseq < -JUMP_SEQ)
		return false;

	return event_goes_on(s, in) || (dts <= JUMP_TS && dts >= -JUMP_TS);
}


/*
 * A source that was silent for a while and kept its clock going (silence
 * suppression, loss) goes back to its first mapping; one that stopped its
 * clock, or began a new one, simply follows what was sent last. A key that is
 * being held stands for the time at its end, not at its beginning.
 */
static void mapping_make(struct stream *s, uint64_t tick,
			 const struct stream_in *in)
{
	const uint32_t ref = event_goes_on(s, in) ? in->ts + in->span : in->ts;
	const uint32_t now = ts_now(s, tick);
	const uint32_t kept = ref + s->in.first_off;
	const bool same = s->in.known && s->in.ssrc == in->ssrc;
	const int32_t late = (int32_t)(s->end_ts - kept);
	uint32_t ts = now;

	if (same && late <= 0 && (int32_t)(kept - now) <= SLACK)
		ts = kept;
	s->in.ts_off = ts - ref;
	if (!same || late > SLACK || (int32_t)(kept - now) > SLACK)
		s->in.first_off = s->in.ts_off;

	s->in.seq_off = (uint16_t)(s->seq + 1 - in->seq);
	s->in.max = s->in.base = in->seq;
	s->in.ssrc = in->ssrc;
	s->in.known = true;
}


static void seq_reached(struct stream *s, uint16_t seq)
{
	if ((int16_t)(seq - s->in.max) <= 0)
		return;

	s->in.max = seq;
	if ((uint16_t)(seq - s->in.base) > JUMP_SEQ)
		s->in.base = (uint16_t)(seq - JUMP_SEQ);
}


static uint32_t event_ts(struct stream *s, const struct stream_in *in)
{
	if (!event_goes_on(s, in)) {
		s->event.known = true;
		s->event.ssrc = in->ssrc;
		s->event.in_ts = in->ts;
		s->event.out_ts = in->ts + s->in.ts_off;
	}

	return s->event.out_ts;
}


int stream_relay(struct stream *s, uint64_t tick, const struct stream_in *in,
		 struct stream_stamp *stamp)
{
	begin(s, tick);
	stamp->marker = in->marker;

	if (!mapping_fits(s, in)) {
		stamp->marker = !event_goes_on(s, in);
		mapping_make(s, tick, in);
		s->source = STREAM_RELAY;
	}
	else if ((int16_t)(in->seq - s->in.base) < 0) {
		return ESTALE;
	}

	seq_reached(s, in->seq);
	stamp->seq = (uint16_t)(in->seq + s->in.seq_off);
	if ((int16_t)(stamp->seq - s->seq) > 0)
		s->seq = stamp->seq;

	stamp->ts = in->event ? event_ts(s, in) : in->ts + s->in.ts_off;
	reached(s, stamp->ts + in->span);

	return 0;
}
