/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * alarms.c  Looks whether something is wrong, and since when. Must not do
 * anything about it.
 */
#include "alarms.h"
#include "consoles.h"
#include "ledger.h"
#include "sound.h"
#include "surge.h"
#include "switchboard_parts.h"


enum {
	LOOK_MS = 1000,
	COUNT_MS = 5000, /* between two news of numbers alone */
	MEDIA_MS = 5000, /* the keeper has put another one there long before */
};

/* what pages were told last */
struct said {
	bool behind, flood, media;
	size_t n_behind;
	uint32_t n_away;
	uint32_t n_up;
};

struct alarms {
	const struct switchboard *sb; /* borrow */
	struct tmr tmr;
	struct said said;
	uint64_t said_at;
	uint64_t media_since; /* not all have answered since then; 0 all do */
};


static bool media_is_lost(const struct alarms *a, uint64_t now)
{
	return a->media_since && now - a->media_since >= MEDIA_MS;
}


static void media_look(struct alarms *a, uint64_t now)
{
	const bool all = sound_count_up(a->sb->sound) >=
			 a->sb->c.config->media_processes;

	if (all)
		a->media_since = 0;
	else if (!a->media_since)
		a->media_since = now;
}


static void is_now(const struct alarms *a, struct said *s, uint64_t now)
{
	const struct switchboard *sb = a->sb;

	*s = (struct said){.behind = ledger_unwritable(sb->ledger),
			   .flood = surge_is_on(sb->surge, now),
			   .media = media_is_lost(a, now)};
	if (s->behind)
		s->n_behind = ledger_behind(sb->ledger);
	if (s->flood)
		s->n_away = surge_turned_away(sb->surge);
	if (s->media)
		s->n_up = sound_count_up(sb->sound);
}


static bool is_other(const struct said *a, const struct said *b)
{
	return a->behind != b->behind || a->flood != b->flood ||
	       a->media != b->media;
}


static bool counts_differ(const struct said *a, const struct said *b)
{
	return a->n_behind != b->n_behind || a->n_away != b->n_away ||
	       a->n_up != b->n_up;
}


static void look(void *arg)
{
	const struct wire_changed changed = {.alarms = 1};
	const uint64_t now = tmr_jiffies();
	struct alarms *a = arg;
	struct said s;

	tmr_start(&a->tmr, LOOK_MS, look, a);
	media_look(a, now);
	is_now(a, &s, now);
	if (!is_other(&s, &a->said) &&
	    !(counts_differ(&s, &a->said) && now - a->said_at >= COUNT_MS))
		return;

	a->said = s;
	a->said_at = now;
	consoles_say(a->sb->consoles, 0, WIRE_BOARD_CHANGED, &changed);
}


static void alarms_destructor(void *data)
{
	struct alarms *a = data;

	tmr_cancel(&a->tmr);
}


int alarms_alloc(struct alarms **ap, const struct switchboard *sb)
{
	struct alarms *a;

	if (!ap || !sb)
		return EINVAL;

	a = mem_zalloc(sizeof(*a), alarms_destructor);
	if (!a)
		return ENOMEM;
	a->sb = sb;
	tmr_start(&a->tmr, LOOK_MS, look, a);
	*ap = a;

	return 0;
}


/* 0 is for what is not the case */
static uint32_t seconds(uint64_t since, uint64_t now)
{
	return since ? 1 + (uint32_t)((now - since) / 1000) : 0;
}


void alarms_status(const struct alarms *a, struct wire_status *status)
{
	const struct switchboard *sb = a->sb;
	const uint64_t now = tmr_jiffies();

	status->n_behind = (uint32_t)ledger_behind(sb->ledger);
	status->behind_s = seconds(ledger_unwritable_since(sb->ledger), now);
	status->flood_s = surge_is_on(sb->surge, now)
				  ? seconds(surge_since(sb->surge), now)
				  : 0;
	status->media_s = media_is_lost(a, now)
				  ? seconds(a->media_since, now)
				  : 0;
}
