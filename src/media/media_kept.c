/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_kept.c  What the line leaves with a leg for its next life, and legs that
 * have no line. Must not know what is held.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <re.h>

#include "media_parts.h"

#define LOG_MODULE "media"
#include "base/log.h"


enum {
	TICKS_S = 50, /* beats in a second; also between two looks */
	SILENT_TICKS = LIMIT_ORPHAN_S * TICKS_S,
	MOST_TICKS = LIMIT_ORPHAN_MOST_S * TICKS_S,
};


void media_kept_wipe(struct entry *e)
{
	if (e->kept)
		explicit_bzero(e->kept, e->n_kept);
	e->kept = mem_deref(e->kept);
	e->n_kept = 0;
}


void media_kept_line_wipe(struct media *m)
{
	if (m->kept)
		explicit_bzero(m->kept, m->n_kept);
	m->kept = mem_deref(m->kept);
	m->n_kept = 0;
	m->kept_at = 0;
}


/* @param keptp new; NULL of nothing */
static int copy(uint8_t **keptp, const uint8_t *blob, size_t n)
{
	*keptp = NULL;
	if (!n)
		return 0;
	*keptp = mem_alloc(n, NULL);
	if (!*keptp)
		return ENOMEM;
	memcpy(*keptp, blob, n);

	return 0;
}


int media_keep(struct media *m, uint64_t id, const uint8_t *blob, size_t n)
{
	struct entry *e = media_entry(m, id);
	uint8_t *kept;
	int err;

	if (!e)
		return ENOENT;
	if (n > LIMIT_KEPT)
		return EFBIG;
	err = copy(&kept, blob, n);
	if (err)
		return err;
	media_kept_wipe(e);
	e->kept = kept;
	e->n_kept = n;

	return 0;
}


int media_line_keep(struct media *m, uint64_t at, const uint8_t *blob,
		    size_t n)
{
	uint8_t *kept;
	int err;

	err = copy(&kept, blob, n);
	if (err)
		return err;
	media_kept_line_wipe(m);
	m->kept = kept;
	m->n_kept = n;
	m->kept_at = at;

	return 0;
}


uint64_t media_line_kept(const struct media *m, const uint8_t **blob,
			 size_t *n)
{
	*blob = m->kept;
	*n = m->n_kept;

	return m->kept_at;
}


static const struct entry *entry_after(const struct media *m, uint64_t after)
{
	const struct entry *e = media_entry(m, after);
	struct le *le = e ? e->le.next : list_head(&m->entryl);

	for (; le; le = le->next) {
		e = le->data;
		if (leg_id(e->leg) > after)
			return e;
	}

	return NULL;
}


int media_next(const struct media *m, uint64_t after,
	       struct wire_leg_kept *kept, const uint8_t **blob, size_t *n)
{
	const struct entry *e = entry_after(m, after);

	if (!e)
		return ENOENT;
	*kept = (struct wire_leg_kept){
		.leg = leg_id(e->leg),
		.flags = leg_web_flags(e->leg),
	};
	*blob = e->kept;
	*n = e->n_kept;

	return 0;
}


static uint64_t received(const struct entry *e)
{
	struct wire_leg_stats stats = {0};

	leg_stats(e->leg, &stats);

	return stats.n_received;
}


void media_orphan(struct media *m, bool orphan)
{
	struct le *le;

	m->orphan_tick = orphan ? m->room.tick : 0;
	LIST_FOREACH(&m->entryl, le)
	{
		struct entry *e = le->data;

		e->n_received = received(e);
		e->heard_tick = m->room.tick;
		/* nobody would end it, nor file it */
		if (orphan)
			leg_stop(e->leg);
	}
}


static bool is_over(const struct media *m, struct entry *e)
{
	const uint64_t n = received(e);

	if (n != e->n_received) {
		e->n_received = n;
		e->heard_tick = m->room.tick;
	}

	return m->room.tick - e->heard_tick > SILENT_TICKS ||
	       m->room.tick - m->orphan_tick > MOST_TICKS;
}


void media_orphan_tick(struct media *m)
{
	struct le *le = list_head(&m->entryl);

	if (!m->orphan_tick || m->room.tick % TICKS_S)
		return;

	while (le) {
		struct entry *e = le->data;

		le = le->next;
		if (!is_over(m, e))
			continue;
		log_note("leg %" PRIu64 ": closed: it has no line, and "
			 "nobody is there", leg_id(e->leg));
		mem_deref(e);
	}
}
