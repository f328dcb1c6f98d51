/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * source.c  Tells streams apart. Must not know addresses nor sound.
 */
#include <string.h>

#include "source.h"


enum {
	MAX_DROPOUT  = 3000, /* RFC 3550, A.1 */
	MAX_MISORDER = 100,
};


static void begin(struct source_stream *s, uint64_t tick, uint32_t ssrc,
		  uint16_t seq)
{
	s->tick = tick;
	s->ssrc = ssrc;
	s->seq = seq;
	s->known = true;
}


/* @return true if the packet is of this stream */
static bool follows(struct source_stream *s, uint64_t tick, uint32_t ssrc,
		    uint16_t seq)
{
	const int d = (int16_t)(seq - s->seq);

	if (!s->known || s->ssrc != ssrc || d > MAX_DROPOUT ||
	    d < -MAX_MISORDER)
		return false;

	s->tick = tick;
	if (d > 0)
		s->seq = seq;

	return true;
}


static void home_move(struct source *s, uint64_t tick)
{
	if (!s->home.known || tick - s->home.tick >= SOURCE_HOME)
		s->home = s->now;
}


/* another one wants to be heard */
static bool tried(struct source *s, uint64_t tick, uint32_t ssrc, uint16_t seq)
{
	if (follows(&s->trial, tick, ssrc, seq)) {
		if (s->n_trial < SOURCE_TRIAL)
			++s->n_trial;
	}
	else {
		begin(&s->trial, tick, ssrc, seq);
		s->n_trial = 1;
	}

	return s->n_trial >= SOURCE_TRIAL &&
	       tick - s->now.tick >= SOURCE_SILENT;
}


bool source_takes(struct source *s, uint64_t tick, uint32_t ssrc, uint16_t seq)
{
	if (!s->now.known) {
		begin(&s->now, tick, ssrc, seq);
	}
	else if (follows(&s->home, tick, ssrc, seq)) {
		s->now = s->home;
	}
	else if (!follows(&s->now, tick, ssrc, seq)) {
		if (!tried(s, tick, ssrc, seq))
			return false;
		s->now = s->trial;
	}
	s->n_trial = 0;
	s->trial.known = false;
	home_move(s, tick);

	return true;
}
