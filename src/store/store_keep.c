/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_keep.c  What leaves the store. Must not know SQL, nor when it is time.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "store_parts.h"


enum { CALLS_AT_ONCE = 200 }; /* others want to write meanwhile */


/* ---- one call ------------------------------------------------------------ */

static int forget_write(const struct store_backend *be, struct store_db *db,
			void *data)
{
	struct store_audit row = *(const struct store_audit *)data;
	struct store_gone gone;
	uint32_t n_marks;
	int err;

	/* a mark outlives the record of its call, but not a wish like this */
	err = be->marks_forget(db, row.call, &n_marks);
	if (err)
		return err;
	err = be->call_forget(db, row.call, &gone);
	if (err == ENOENT && n_marks)
		err = 0;
	if (err)
		return err;
	(void)snprintf(row.detail, sizeof(row.detail),
		       "%" PRIu32 " notes, %" PRIu32 " drafts, %" PRIu32
		       " attempts, %" PRIu32 " promises, %" PRIu32 " marks",
		       gone.n_notes, gone.n_drafts, gone.n_attempts,
		       gone.n_promises, n_marks);

	return audit_put(be, db, &row);
}


int store_call_forget(struct store *s, const struct store_audit *row,
		      store_done_h *doneh, void *arg)
{
	if (!audit_is_good(s, row) || !row->call)
		return EINVAL;

	return writer_later(s->writer, forget_write, row, sizeof(*row),
			    SCRUB_NOW, doneh, arg);
}


/* ---- what has become old ------------------------------------------------- */

struct old {
	const char *line;
	int64_t before;
	size_t n;
};


static int old_write(const struct store_backend *be, struct store_db *db,
		     void *data)
{
	uint64_t ids[CALLS_AT_ONCE];
	struct old *old = data;
	struct store_gone gone;
	int err;

	old->n = CALLS_AT_ONCE;
	err = be->calls_old(db, old->line, old->before, ids, &old->n);
	for (size_t i = 0; !err && i < old->n; i++)
		err = be->call_forget(db, ids[i], &gone);

	return err;
}


int store_calls_drop(struct store *s, const char *line, int64_t before,
		     unsigned *np)
{
	struct old old = {line, before, 0};
	unsigned n = 0;
	int err;

	if (!s || !line)
		return EINVAL;

	do {
		err = writer_now(s->writer, old_write, &old, SCRUB_NOW);
		n += err ? 0 : (unsigned)old.n;
	} while (!err && old.n == CALLS_AT_ONCE);
	if (np)
		*np = n;

	return err;
}


static int clear_write(const struct store_backend *be, struct store_db *db,
		       void *data)
{
	return be->epoch_clear(db, *(const uint64_t *)data);
}


int store_epoch_clear(struct store *s, uint64_t id)
{
	if (!s)
		return EINVAL;

	return writer_now(s->writer, clear_write, &id, SCRUB_NOW);
}


static int close_write(const struct store_backend *be, struct store_db *db,
		       void *data)
{
	const struct old *old = data;

	return be->epoch_close(db, old->line);
}


int store_epoch_close(struct store *s, const char *line)
{
	struct old old = {.line = line};

	if (!s || !line)
		return EINVAL;

	return writer_now(s->writer, close_write, &old, SCRUB_NOTHING);
}


struct drop {
	uint32_t day;
	unsigned n;
};


static int drafts_write(const struct store_backend *be, struct store_db *db,
			void *data)
{
	struct drop *d = data;

	return be->drafts_drop(db, d->day, &d->n);
}


static int marks_write(const struct store_backend *be, struct store_db *db,
		       void *data)
{
	struct drop *d = data;

	return be->marks_drop(db, d->day, &d->n);
}


static int drop(struct store *s, write_h *writeh, uint32_t day, unsigned *np)
{
	struct drop d = {day, 0};
	int err;

	if (!s)
		return EINVAL;

	err = writer_now(s->writer, writeh, &d, SCRUB_NOW);
	if (np)
		*np = d.n;

	return err;
}


int store_drafts_drop(struct store *s, uint32_t day, unsigned *np)
{
	return drop(s, drafts_write, day, np);
}


int store_marks_drop(struct store *s, uint32_t day, unsigned *np)
{
	return drop(s, marks_write, day, np);
}


static int looked_write(const struct store_backend *be, struct store_db *db,
			void *data)
{
	return be->looked_set(db, *(const uint32_t *)data);
}


int store_looked_set(struct store *s, uint32_t day)
{
	if (!s)
		return EINVAL;

	return writer_now(s->writer, looked_write, &day, SCRUB_NOTHING);
}


int store_looked_get(struct store *s, uint32_t *dayp)
{
	if (!s || !dayp)
		return EINVAL;

	return s->be->looked_get(s->reader, dayp);
}


int store_kept_each(struct store *s, store_kept_h *h, void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->kept_each(s->reader, h, arg);
}
