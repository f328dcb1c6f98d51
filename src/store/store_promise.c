/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_promise.c  What is owed to callers, in the store. Must not know SQL,
 * nor keep a number longer than its write takes.
 */
#include <errno.h>
#include <string.h>

#include "coarse.h"
#include "store_parts.h"


static int promise_write(const struct store_backend *be, struct store_db *db,
			 void *data)
{
	return be->promise_put(db, data);
}


int store_promise_put(struct store *s, const struct store_promise *promise,
		      store_done_h *doneh, void *arg)
{
	struct store_promise row;
	int err;

	if (!s || !promise)
		return EINVAL;

	/* each may take the place of another number, or of one too many */
	row = *promise;
	coarse_promise(&row);
	err = writer_later(s->writer, promise_write, &row, sizeof(row),
			   SCRUB_SOON, doneh, arg);
	explicit_bzero(&row, sizeof(row));

	return err;
}


int store_promise_get(struct store *s, uint64_t call,
		      struct store_promise *promise)
{
	if (!s || !promise)
		return EINVAL;

	return s->be->promise_get(s->reader, call, promise);
}


int store_promise_clear(struct store *s, uint64_t call,
			struct secret_text *number)
{
	if (!s || !number)
		return EINVAL;

	return s->be->promise_clear(s->reader, call, number);
}


int store_promise_each(struct store *s, bool all, store_promise_h *h,
		       void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->promise_each(s->reader, all, h, arg);
}


static int attempt_write(const struct store_backend *be, struct store_db *db,
			 void *data)
{
	return be->attempt_put(db, data);
}


int store_attempt_put(struct store *s, const struct store_attempt *attempt,
		      store_done_h *doneh, void *arg)
{
	struct store_attempt row;

	if (!s || !attempt)
		return EINVAL;

	row = *attempt;
	coarse_attempt(&row);

	return writer_later(s->writer, attempt_write, &row, sizeof(row),
			    SCRUB_NOTHING, doneh, arg);
}


int store_attempt_each(struct store *s, uint64_t call, store_attempt_h *h,
		       void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->attempt_each(s->reader, call, h, arg);
}


int store_attempt_since(struct store *s, int64_t at, store_attempt_h *h,
			void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->attempt_since(s->reader, at, h, arg);
}
