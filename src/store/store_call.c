/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_call.c  Calls for help in the store. Must not know SQL.
 */
#include <errno.h>

#include "coarse.h"
#include "store_parts.h"


static int call_write(const struct store_backend *be, struct store_db *db,
		      void *data)
{
	return be->call_put(db, data);
}


int store_call_put(struct store *s, const struct store_call *call,
		   store_done_h *doneh, void *arg)
{
	struct store_call row;

	if (!s || !call)
		return EINVAL;

	/* the times of one that is over take the place of finer ones */
	row = *call;
	coarse_call(&row);

	return writer_later(s->writer, call_write, &row, sizeof(row),
			    row.outcome[0] ? SCRUB_SOON : SCRUB_NOTHING, doneh,
			    arg);
}


int store_call_each(struct store *s, uint32_t limit, store_call_h *h,
		    void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->call_each(s->reader, limit, h, arg);
}


int store_call_open(struct store *s, store_call_h *h, void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->call_open(s->reader, h, arg);
}


int store_call_get(struct store *s, uint64_t id, struct store_call *call)
{
	if (!s || !call)
		return EINVAL;

	return s->be->call_get(s->reader, id, call);
}


struct result {
	uint64_t id;
	const char *text;
};


static int result_write(const struct store_backend *be, struct store_db *db,
			void *data)
{
	const struct result *r = data;

	return be->call_result(db, r->id, r->text);
}


int store_call_result(struct store *s, uint64_t id, const char *result)
{
	struct result r = {id, result};

	if (!s || !result)
		return EINVAL;

	return writer_now(s->writer, result_write, &r, SCRUB_NOTHING);
}


struct sounded {
	uint64_t id;
	struct store_sound sound;
};


static int sound_write(const struct store_backend *be, struct store_db *db,
		       void *data)
{
	const struct sounded *w = data;

	return be->call_sound(db, w->id, &w->sound);
}


int store_call_sound(struct store *s, uint64_t id,
		     const struct store_sound *sound, store_done_h *doneh,
		     void *arg)
{
	enum { ALL = 1000 };
	struct sounded w = {.id = id};

	if (!s || !sound || !sound->n_reports || sound->loss_mean > ALL ||
	    sound->loss_worst > ALL)
		return EINVAL;

	w.sound = *sound;

	return writer_later(s->writer, sound_write, &w, sizeof(w),
			    SCRUB_NOTHING, doneh, arg);
}


int store_call_last(struct store *s, uint64_t *idp)
{
	if (!s || !idp)
		return EINVAL;

	return s->be->call_last(s->reader, idp);
}
