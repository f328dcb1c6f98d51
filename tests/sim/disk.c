/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * disk.c  The store: slow, at times full, and what it has not committed is
 * gone when our processes die.
 *
 * Commits take what is queued when they begin, in order. Of a commit that
 * fails, what somebody waits for is refused; the rest stays and goes with the
 * next one.
 */
#include <stdlib.h>
#include <string.h>

#include "sim.h"


const struct core_record *disk_row(const struct world *w, uint64_t call)
{
	const struct disk *d = &w->disk;

	if (call < FIRST_CALL || call - FIRST_CALL >= d->n_rows ||
	    !d->rows[call - FIRST_CALL].call)
		return NULL;

	return &d->rows[call - FIRST_CALL];
}


uint64_t disk_last(const struct world *w)
{
	size_t i = w->disk.n_rows;

	while (i && !w->disk.rows[i - 1].call)
		--i;

	return i ? FIRST_CALL + i - 1 : FIRST_CALL - 1;
}


static void put_row(struct disk *d, const struct core_record *r)
{
	const size_t i = r->call - FIRST_CALL;

	if (i >= d->n_rows) {
		const size_t n = 2 * i + 64;

		d->rows = realloc(d->rows, n * sizeof(d->rows[0]));
		if (!d->rows)
			abort();
		memset(&d->rows[d->n_rows], 0,
		       (n - d->n_rows) * sizeof(d->rows[0]));
		d->n_rows = n;
	}
	d->rows[i] = *r;
}


/* After a failure the store takes a breath. */
static void begin_commit(struct world *w, uint64_t after_ms)
{
	struct disk *d = &w->disk;
	uint64_t ms = after_ms;

	if (d->committing || !d->n_queued)
		return;

	d->committing = true;
	if (w->plan->commit_ms)
		ms += rng_below(&w->rng, w->plan->commit_ms);
	if (w->plan->delay_ms && rng_chance(&w->rng, 20))
		ms += rng_below(&w->rng, 8000);
	LATER(w, ms, .what = SIM_COMMIT, .n = d->n_queued);
}


void do_write(struct world *w, const struct core_action *a)
{
	struct disk *d = &w->disk;

	if (d->n_queued == d->n_size) {
		d->n_size = 2 * d->n_size + 64;
		d->queue = realloc(d->queue, d->n_size * sizeof(d->queue[0]));
		if (!d->queue)
			abort();
	}
	d->queue[d->n_queued].type = a->type;
	d->queue[d->n_queued].record = a->record;
	++d->n_queued;
	begin_commit(w, 0);
}


/* The answers of one commit come in its order, at one time. */
static void committed(struct world *w, const struct write *wr, bool fine)
{
	const uint64_t call = wr->record.call;

	if (fine) {
		put_row(&w->disk, &wr->record);
		check_committed(w->check, &wr->record);
	}
	if (wr->type == CORE_RECORD)
		NEWS(w, 0, .type = fine ? CORE_RECORDED : CORE_NOT_RECORDED,
		     .call = call);
	if (wr->type == CORE_PROMISE)
		NEWS(w, 0,
		     .type = fine ? CORE_PROMISE_MADE : CORE_PROMISE_NOT_MADE,
		     .call = call);
	if (wr->type == CORE_PROMISE && fine)
		++w->report->n_promises;
}


void commit(struct world *w, const struct agenda_item *item)
{
	struct disk *d = &w->disk;
	const bool fine = !d->full && (w->calm || !rng_chance(&w->rng,
						w->plan->store_fails));
	size_t left = 0;

	d->committing = false;
	w->report->n_failed_commits += !fine;
	for (size_t i = 0; i < item->n; i++) {
		const struct write *wr = &d->queue[i];

		if (!fine && wr->type == CORE_UPDATE)
			d->queue[left++] = *wr;
		else
			committed(w, wr, fine);
	}
	for (size_t i = item->n; i < d->n_queued; i++)
		d->queue[left++] = d->queue[i];
	d->n_queued = left;
	begin_commit(w, fine ? 0 : 1000);
}


void disk_turns(struct world *w, const struct agenda_item *item)
{
	(void)item;
	w->disk.full = !w->disk.full && !w->calm;
	if (!w->calm)
		LATER(w, rng_exponential(&w->rng, w->plan->full_ms),
		      .what = SIM_DISK_TURNS);
}


void disk_lose(struct world *w)
{
	w->disk.n_queued = 0;
	w->disk.committing = false;
}


void disk_lock_numbers(struct world *w)
{
	for (size_t i = 0; i < w->disk.n_rows; i++) {
		struct core_promise *p = &w->disk.rows[i].promise;

		p->number_waits = p->has_number;
	}
}


void disk_free(struct world *w)
{
	free(w->disk.rows);
	free(w->disk.queue);
}
