/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_take.c  Messages that are being recorded, and may outlive their legs.
 * Must not know files.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <re.h>

#include "media_parts.h"

#define LOG_MODULE "media"
#include "base/log.h"


struct take {
	struct le le;
	struct media *m; /* borrow */
	struct recording *rec;
};


static void take_destructor(void *data)
{
	struct take *t = data;

	list_unlink(&t->le);
	mem_deref(t->rec);
}


static void take_began(struct recording *rec, int err, void *arg)
{
	const uint64_t leg = recording_leg(rec);
	struct take *t = arg;
	struct media *m = t->m;

	if (err)
		log_error("leg %" PRIu64 ": a message cannot be recorded: %s",
			  leg, strerror(err));
	else
		log_note("leg %" PRIu64 ": a message is being recorded", leg);
	if (err)
		mem_deref(t);
	if (m->h.beganh)
		m->h.beganh(leg, err, m->arg);
}


static void take_over(struct recording *rec, void *arg)
{
	const struct wire_leg_recorded r = *recording_result(rec);
	struct take *t = arg;
	struct media *m = t->m;

	if (r.err)
		log_error("leg %" PRIu64 ": a message ended early, after %u "
			  "ms: %s", r.leg, r.ms, strerror(r.err));
	else
		log_note("leg %" PRIu64 ": a message of %u ms, %u of them "
			 "voice, is on disk", r.leg, r.ms, r.voiced_ms);
	mem_deref(t);
	if (m->h.recordedh)
		m->h.recordedh(&r, m->arg);
}


static const struct recording_handlers take_handlers = {
	.openedh = take_began,
	.overh   = take_over,
};


static int take_alloc(struct media *m, struct take **tp,
		      const struct recording_terms *terms)
{
	struct take *t;
	int err;

	t = mem_zalloc(sizeof(*t), take_destructor);
	if (!t)
		return ENOMEM;
	t->m = m;
	err = recording_alloc(&t->rec, m->disk, terms, &take_handlers, t);
	if (err) {
		mem_deref(t);
		return err;
	}
	list_append(&m->takel, &t->le, t);
	*tp = t;

	return 0;
}


int media_record(struct media *m, const struct wire_leg_record *record)
{
	struct recording_terms terms = {.codec = CODEC_PCMU};
	struct leg *leg;
	struct take *t;
	int err = 0;

	if (!m || !record)
		return EINVAL;
	leg = media_leg(m, record->leg);
	if (!leg)
		return ENOENT;
	if (leg_is_recording(leg))
		return EBUSY;
	if (!m->disk)
		err = message_disk_alloc(&m->disk);
	if (err)
		return err;

	(void)leg_codec(leg, &terms.codec);
	terms.leg = record->leg;
	terms.name = record->name;
	terms.max_ms = record->max_ms;
	terms.seal.epoch = record->epoch;
	memcpy(terms.seal.public, record->public, sizeof(terms.seal.public));
	terms.tick = m->room.tick;
	terms.tables = &m->room.tables;
	err = take_alloc(m, &t, &terms);
	if (!err)
		leg_record(leg, t->rec);

	return err;
}


int media_stop(struct media *m, uint64_t id)
{
	struct leg *leg = media_leg(m, id);

	if (!leg)
		return ENOENT;
	leg_stop(leg);

	return 0;
}


bool media_is_recording(const struct media *m, uint64_t id)
{
	struct le *le;

	LIST_FOREACH(&m->takel, le)
	{
		const struct take *t = le->data;

		if (recording_leg(t->rec) == id)
			return true;
	}

	return false;
}
