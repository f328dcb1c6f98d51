/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * recording.c  Joins timeline, voice and message. Must not know legs, nor
 * what is done with a message.
 */
#include <errno.h>
#include <stdbool.h>
#include <re.h>

#include "recording.h"
#include "timeline.h"
#include "voice.h"


struct recording {
	struct timeline timeline;
	struct voice voice;
	struct message *message; /* borrow; NULL: it is gone               */
	const struct codec_tables *tables;
	struct wire_leg_recorded result;
	struct recording_handlers h;
	void *arg;
	uint64_t begin_tick;
	uint64_t max;            /* samples                                */
	uint64_t n;              /* samples written                        */
	enum codec codec;
	bool open;               /* takes in sound                         */
};


static void opened(int err, void *arg)
{
	struct recording *r = arg;

	if (err) {
		r->open = false;
		r->message = NULL;
	}
	r->h.openedh(r, err, r->arg);
}


static void closed(const struct message_result *result, void *arg)
{
	struct recording *r = arg;

	r->open = false;
	r->message = NULL;
	r->result.ms = result->ms;
	r->result.voiced_ms = result->voiced_ms;
	r->result.err = result->err;
	r->h.overh(r, r->arg);
}


static const struct message_handlers message_handlers = {
	.openedh = opened,
	.closedh = closed,
};


static void sound_out(const uint8_t *p, size_t n, void *arg)
{
	struct recording *r = arg;

	if (n > r->max - r->n)
		n = (size_t)(r->max - r->n);
	if (!n || !r->message)
		return;

	voice_frame(&r->voice, r->codec, p, n);
	message_write(r->message, p, n, voice_ms(&r->voice));
	r->n += n;
}


int recording_alloc(struct recording **rp, struct message_disk *d,
		    const struct recording_terms *terms,
		    const struct recording_handlers *h, void *arg)
{
	const uint32_t most = LIMIT_MESSAGE_S * 1000;
	uint32_t max_ms;
	struct recording *r;
	int err;

	if (!rp || !terms || !h || !h->openedh || !h->overh)
		return EINVAL;

	r = mem_zalloc(sizeof(*r), NULL);
	if (!r)
		return ENOMEM;
	max_ms = terms->max_ms && terms->max_ms < most ? terms->max_ms : most;
	r->max = (uint64_t)max_ms * (CODEC_RATE / 1000);
	r->begin_tick = terms->tick;
	r->tables = terms->tables;
	r->codec = terms->codec;
	r->result.leg = terms->leg;
	r->result.name = terms->name;
	r->h = *h;
	r->arg = arg;
	timeline_init(&r->timeline, r->codec, sound_out, r);

	err = message_open(&r->message, d, terms->name, r->codec,
			   &terms->seal, &message_handlers, r);
	r->open = !err;

	if (err)
		mem_deref(r);
	else
		*rp = r;

	return err;
}


void recording_hear(struct recording *r, uint64_t tick, enum codec c,
		    const struct rtp_packet *p)
{
	if (!r->open)
		return;

	codec_convert(r->tables, c, r->codec, p->payload, p->n);
	timeline_put(&r->timeline, tick, p->ssrc, p->ts, p->payload, p->n);
	if (r->n >= r->max)
		recording_end(r);
}


void recording_tick(struct recording *r, uint64_t tick)
{
	if ((tick - r->begin_tick) * CODEC_FRAME >= r->max)
		recording_end(r);
}


void recording_end(struct recording *r)
{
	if (!r->open)
		return;

	timeline_flush(&r->timeline);
	voice_finish(&r->voice);
	message_write(r->message, NULL, 0, voice_ms(&r->voice));
	message_close(r->message);
	r->open = false;
}


bool recording_is_open(const struct recording *r)
{
	return r && r->open;
}


uint64_t recording_leg(const struct recording *r)
{
	return r->result.leg;
}


const struct wire_leg_recorded *recording_result(const struct recording *r)
{
	return &r->result;
}
