/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * record.c  Lays received samples out in time. Must not touch files: wav.c
 * writes them.
 */
#include <errno.h>
#include <string.h>
#include <re.h>

#include "base/limits.h"
#include "record.h"


enum {
	RATE = 8000,
	PER_MS = RATE / 1000,
	GROW = 10 * RATE,     /* samples */
	RUNAWAY = 5 * RATE,   /* farther from the clock than any jitter */
};

struct record {
	int16_t *samples;
	size_t n;    /* used */
	size_t size; /* allocated */
	bool placed;
	uint32_t ssrc;
	uint32_t ts0;  /* this timestamp ... */
	int64_t at0;   /* ... stands here */
};


static void destructor(void *arg)
{
	struct record *rec = arg;

	mem_deref(rec->samples);
}


int record_alloc(struct record **rp)
{
	struct record *rec;

	if (!rp)
		return EINVAL;

	rec = mem_zalloc(sizeof(*rec), destructor);
	if (!rec)
		return ENOMEM;

	*rp = rec;
	return 0;
}


static int grow(struct record *rec, size_t end)
{
	size_t size = (end / GROW + 1) * GROW;
	int16_t *samples;

	if (end <= rec->size)
		return 0;
	if (end > (size_t)LIMIT_SOUND_S * RATE)
		return EFBIG;

	samples = rec->samples
			  ? mem_realloc(rec->samples, size * sizeof(*samples))
			  : mem_alloc(size * sizeof(*samples), NULL);
	if (!samples)
		return ENOMEM;

	memset(samples + rec->size, 0, (size - rec->size) * sizeof(*samples));
	rec->samples = samples;
	rec->size = size;

	return 0;
}


static int64_t place(const struct record *rec, uint32_t ts)
{
	return rec->at0 + (int32_t)(ts - rec->ts0);
}


static bool fits(const struct record *rec, int64_t clock, uint32_t ssrc,
		 uint32_t ts)
{
	int64_t at;

	if (!rec->placed || rec->ssrc != ssrc)
		return false;

	at = place(rec, ts);
	return at > clock - RUNAWAY && at < clock + RUNAWAY;
}


int record_put(struct record *rec, uint64_t now_ms, uint32_t ssrc, uint32_t ts,
	       const int16_t *samples, size_t n)
{
	const int64_t clock = (int64_t)now_ms * PER_MS;
	int64_t at;
	int err;

	if (!rec || (!samples && n))
		return EINVAL;

	if (!fits(rec, clock, ssrc, ts)) {
		rec->placed = true;
		rec->ssrc = ssrc;
		rec->ts0 = ts;
		rec->at0 = clock;
	}

	at = place(rec, ts);
	if (at < 0)
		return 0; /* from before the answer */

	err = grow(rec, (size_t)at + n);
	if (err)
		return err;

	memcpy(rec->samples + at, samples, n * sizeof(*samples));
	if ((size_t)at + n > rec->n)
		rec->n = (size_t)at + n;

	return 0;
}


const int16_t *record_samples(const struct record *rec, size_t *n)
{
	*n = rec->n;
	return rec->samples;
}
