/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_note.c  Notes and drafts in the store. Must not know SQL, nor what is
 * in them.
 */
#include <errno.h>

#include "store_parts.h"


static int note_write(const struct store_backend *be, struct store_db *db,
		      void *data)
{
	struct store_note *note = data;
	int err;

	err = be->note_add(db, note);

	return err ? err : be->draft_remove(db, note->call, note->person);
}


int store_note_add(struct store *s, struct store_note *note)
{
	if (!s || !note || !note->sealed || !note->n_sealed ||
	    note->n_sealed > STORE_NOTE)
		return EINVAL;

	return writer_now(s->writer, note_write, note, SCRUB_SOON);
}


int store_note_each(struct store *s, uint64_t call, store_note_h *h,
		    void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->note_each(s->reader, call, h, arg);
}


struct draft {
	uint64_t call;
	uint32_t person;
	uint32_t day;
	const uint8_t *sealed;
	size_t n;
};


static int draft_write(const struct store_backend *be, struct store_db *db,
		       void *data)
{
	const struct draft *d = data;

	return d->n ? be->draft_put(db, d->call, d->person, d->day,
				    d->sealed, d->n)
		    : be->draft_remove(db, d->call, d->person);
}


int store_draft_put(struct store *s, uint64_t call, uint32_t person,
		    uint32_t day, const uint8_t *sealed, size_t n)
{
	struct draft d = {call, person, day, sealed, n};

	if (!s || (n && !sealed) || n > STORE_NOTE)
		return EINVAL;

	/* somebody types: their next draft need not wait for the disk */
	return writer_now(s->writer, draft_write, &d,
			  n ? SCRUB_NOTHING : SCRUB_SOON);
}


int store_draft_get(struct store *s, uint64_t call, uint32_t person,
		    store_draft_h *h, void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->draft_get(s->reader, call, person, h, arg);
}
