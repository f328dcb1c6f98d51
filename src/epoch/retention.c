/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * retention.c  What is kept, for how long, and what is to go now. Must not
 * drop a key that an open promise may need.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/message.h"
#include "store/keep.h"
#include "epochs.h"
#include "retention.h"


enum { MONTHS = 12, TM_YEAR = 1900, DAY_S = 86400 };

static const int64_t day_ms = (int64_t)DAY_S * 1000;

struct gather {
	const struct config *cfg;
	int64_t now;
	bool doubted;
	int64_t looked;
	struct retention *v;
	size_t n;
	int err;
};


/* ---- months -------------------------------------------------------------- */

static int64_t month_begins(uint32_t month)
{
	struct tm tm = {
		.tm_year = (int)(month / MONTHS) - TM_YEAR,
		.tm_mon = (int)(month % MONTHS),
		.tm_mday = 1,
	};

	return (int64_t)timegm(&tm) * 1000;
}


/* the first month that is still kept */
static uint32_t kept_from(int64_t now, uint32_t months)
{
	const uint32_t month = epochs_month(now);

	return month > months ? month - months : 0;
}


/* 0 is none */
static int64_t earlier(int64_t a, int64_t b)
{
	if (!a || !b)
		return a ? a : b;

	return a < b ? a : b;
}


/* keys of this month and later ones an open promise may need; a new month's
 * epoch may begin a little late */
static uint32_t held_from(const struct retention *r)
{
	return r->promise ? r->promise - 1 : UINT32_MAX;
}


/* ---- the clock ----------------------------------------------------------- */

static uint32_t day_of(int64_t now)
{
	const int64_t day = now / day_ms;

	return day > 0 && day < UINT32_MAX ? (uint32_t)day : 0;
}


/* one that was never looked at is in doubt, too */
static int clock_look(struct gather *g, struct store *s)
{
	uint32_t looked = 0;
	int64_t ahead;
	int err;

	err = store_looked_get(s, &looked);
	if (err && err != ENOENT)
		return err;
	ahead = (int64_t)day_of(g->now) - looked;
	g->looked = looked * day_ms;
	g->doubted = ahead > RETENTION_TRUST || ahead < -RETENTION_TRUST;

	return 0;
}


static int clock_trust(struct store *s, int64_t now)
{
	uint32_t looked;

	if (store_looked_get(s, &looked) == 0 && looked == day_of(now))
		return 0;

	return store_looked_set(s, day_of(now));
}


/* ---- what is there ------------------------------------------------------- */

static struct retention *line_add(struct gather *g, const char *line)
{
	struct retention *v;

	v = realloc(g->v, (g->n + 1) * sizeof(*v));
	if (!v) {
		g->err = ENOMEM;
		return NULL;
	}
	g->v = v;
	v = &g->v[g->n++];
	*v = (struct retention){
		.keep_notes = RETENTION_NOTES,
		.keep_calls = RETENTION_CALLS,
		.keep_messages = RETENTION_MESSAGES,
	};
	memcpy(v->line, line, strnlen(line, sizeof(v->line) - 1));

	return v;
}


/* NULL: no memory */
static struct retention *line_of(struct gather *g, const char *line)
{
	for (size_t i = 0; i < g->n; i++) {
		if (!strcmp(g->v[i].line, line))
			return &g->v[i];
	}

	return line_add(g, line);
}


static int lines_of_config(struct gather *g)
{
	for (uint32_t i = 0; i < g->cfg->n_lines; i++) {
		const struct config_line *l = &g->cfg->lines[i];
		struct retention *r = line_add(g, l->name);

		if (!r)
			return g->err;
		r->configured = true;
		r->keep_notes = l->keep_notes;
		r->keep_calls = l->keep_calls;
		r->keep_messages = l->keep_messages;
	}

	return 0;
}


static bool epoch_look(const struct store_epoch *e, void *arg)
{
	struct gather *g = arg;
	struct retention *r;

	if (e->dropped || !strcmp(e->line, EPOCHS_HOUSE))
		return false;
	r = line_of(g, e->line);
	if (r && (!r->epoch || e->month < r->epoch))
		r->epoch = e->month;

	return !r;
}


static bool kept_look(const struct store_kept *kept, void *arg)
{
	struct retention *r = line_of(arg, kept->line);

	if (r)
		r->call = kept->oldest;

	return !r;
}


static bool promise_look(const struct store_promise *p, void *arg)
{
	const uint32_t month = epochs_month(p->made_at);
	struct message_info info;
	struct gather *g = arg;
	struct retention *r;

	if (!p->line[0]) /* its call is not on record */
		return false;
	r = line_of(g, p->line);
	if (!r)
		return true;
	if (!r->promise || month < r->promise)
		r->promise = month;
	r->n_held += month <= kept_from(g->now, r->keep_notes);
	if (p->made_at < g->now - r->keep_messages * day_ms &&
	    message_look(&info, p->call) == 0)
		++r->n_messages;

	return false;
}


static void times_set(struct retention *r, const struct gather *g)
{
	r->doubted = g->doubted;
	r->looked = g->looked;
	if (r->epoch) {
		r->oldest = month_begins(r->epoch);
		r->due = month_begins(r->epoch + r->keep_notes + 1);
	}
	if (r->call) {
		r->oldest = earlier(r->oldest, r->call);
		r->due = earlier(r->due,
				 month_begins(epochs_month(r->call) +
					      r->keep_calls + 1));
	}
	r->overdue = !r->doubted && r->due && g->now > r->due + day_ms;
}


/* g->v is to be freed, whatever comes of it */
static int gather(struct gather *g, struct store *s)
{
	int err;

	err = clock_look(g, s);
	if (!err)
		err = lines_of_config(g);
	if (!err)
		err = store_epoch_each(s, epoch_look, g);
	if (!err && !g->err)
		err = store_kept_each(s, kept_look, g);
	if (!err && !g->err)
		err = store_promise_each(s, false, promise_look, g);
	if (!err)
		err = g->err;
	for (size_t i = 0; !err && i < g->n; i++)
		times_set(&g->v[i], g);

	return err;
}


bool retention_alarm(const struct retention *r)
{
	return r->doubted || r->overdue || r->n_held || r->n_messages;
}


int retention_each(struct store *s, const struct config *cfg, int64_t now,
		   retention_h *h, void *arg)
{
	struct gather g = {.cfg = cfg, .now = now};
	int err;

	if (!s || !cfg || !h)
		return EINVAL;

	err = gather(&g, s);
	for (size_t i = 0; !err && i < g.n; i++) {
		if (h(&g.v[i], arg))
			break;
	}
	free(g.v);

	return err;
}


/* ---- what goes ----------------------------------------------------------- */

/* epochs of which nothing but the key is to stay */
struct held {
	const struct retention *r;
	uint32_t from, before; /* months */
	uint64_t after;
	uint64_t id;
};


static bool held_look(const struct store_epoch *e, void *arg)
{
	struct held *held = arg;

	if (e->id <= held->after || e->dropped || e->current ||
	    e->month < held->from || e->month >= held->before ||
	    strcmp(e->line, held->r->line))
		return false;
	held->id = e->id;

	return true;
}


static int held_clear(struct store *s, const struct retention *r,
		      uint32_t before)
{
	struct held held = {.r = r, .from = held_from(r), .before = before};
	int err;

	do {
		held.id = 0;
		err = store_epoch_each(s, held_look, &held);
		if (!err && held.id)
			err = store_epoch_clear(s, held.id);
		held.after = held.id;
	} while (!err && held.id);

	return err;
}


static int epochs_go(struct store *s, const struct retention *r,
		     int64_t now, struct retention_gone *gone)
{
	const uint32_t before = kept_from(now, r->keep_notes);
	const uint32_t held = held_from(r);
	unsigned n = 0;
	int err = 0;

	if (!r->epoch || r->epoch >= before)
		return 0;

	/* nobody begins a new one for a line that is not there any more */
	if (!r->configured)
		err = store_epoch_close(s, r->line);
	if (!err)
		err = epochs_drop(s, r->line, held < before ? held : before,
				  &n);
	gone->n_epochs += n;

	return err ? err : held_clear(s, r, before);
}


static int calls_go(struct store *s, const struct retention *r, int64_t now,
		    struct retention_gone *gone)
{
	const int64_t before = month_begins(kept_from(now, r->keep_calls));
	unsigned n = 0;
	int err;

	if (!r->call || r->call >= before)
		return 0;

	err = store_calls_drop(s, r->line, before, &n);
	gone->n_calls += n;

	return err;
}


/* keys to people's own telephones: those that no number is sealed to go soon;
 * one that is being sealed just now is not as old */
static int house_go(struct store *s, int64_t now, struct retention_gone *gone)
{
	unsigned n = 0;
	int err;

	err = epochs_drop(s, EPOCHS_HOUSE, kept_from(now, 1), &n);
	gone->n_epochs += n;

	return err;
}


static int drafts_go(struct store *s, int64_t now, struct retention_gone *gone)
{
	const int64_t day = now / day_ms - RETENTION_DRAFTS;

	return day > 0 ? store_drafts_drop(s, (uint32_t)day, &gone->n_drafts)
		       : 0;
}


/* those that nobody can open any more are shown until their day */
static int marks_go(struct store *s, int64_t now, struct retention_gone *gone)
{
	const int64_t day = now / day_ms - 1; /* over everywhere */

	return day > 0 ? store_marks_drop(s, (uint32_t)day, &gone->n_marks)
		       : 0;
}


int retention_run(struct store *s, const struct config *cfg, int64_t now,
		  struct retention_gone *gone)
{
	struct retention_gone none = {0};
	struct gather g = {.cfg = cfg, .now = now};
	int err, first;

	if (!s || !cfg)
		return EINVAL;
	if (!gone)
		gone = &none;
	*gone = none;

	err = clock_trust(s, now);
	if (err)
		return err;
	first = gather(&g, s);
	if (first)
		g.n = 0;
	for (size_t i = 0; i < g.n; i++) {
		err = epochs_go(s, &g.v[i], now, gone);
		first = first ? first : err;
		err = calls_go(s, &g.v[i], now, gone);
		first = first ? first : err;
	}
	free(g.v);
	err = house_go(s, now, gone);
	first = first ? first : err;
	err = drafts_go(s, now, gone);
	first = first ? first : err;
	err = marks_go(s, now, gone);

	return first ? first : err;
}


int retention_upkeep(struct store *s, const struct config *cfg, int64_t now,
		     struct retention_gone *gone)
{
	struct gather g = {.cfg = cfg, .now = now};
	int err;

	if (!s || !cfg)
		return EINVAL;
	if (gone)
		*gone = (struct retention_gone){0};

	err = clock_look(&g, s);
	if (!err && g.doubted)
		err = ESTALE;

	return err ? err : retention_run(s, cfg, now, gone);
}
