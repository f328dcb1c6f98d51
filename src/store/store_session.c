/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_session.c  Who is signed in, in the store. Must not know SQL.
 */
#include <errno.h>

#include "coarse.h"
#include "store_parts.h"


static int add_write(const struct store_backend *be, struct store_db *db,
		     void *data)
{
	return be->session_add(db, data);
}


int store_session_add(struct store *s, struct store_session *session)
{
	if (!s || !session)
		return EINVAL;

	coarse_session(session);

	return writer_now(s->writer, add_write, session, SCRUB_NOTHING);
}


int store_session_get(struct store *s, const uint8_t *hash,
		      struct store_session *session)
{
	if (!s || !hash || !session)
		return EINVAL;

	return s->be->session_get(s->reader, hash, session);
}


/* what a session is told by */
struct which {
	uint32_t person;
	uint32_t id;
	int64_t at;
};


static int seen_write(const struct store_backend *be, struct store_db *db,
		      void *data)
{
	const struct which *w = data;

	return be->session_seen(db, w->id, w->at);
}


int store_session_seen(struct store *s, uint32_t id, int64_t at,
		       store_done_h *doneh, void *arg)
{
	const struct which w = {.id = id,
				.at = coarse_moment(at, COARSE_SIGHT)};

	if (!s)
		return EINVAL;

	return writer_later(s->writer, seen_write, &w, sizeof(w),
			    SCRUB_NOTHING, doneh, arg);
}


static int remove_write(const struct store_backend *be, struct store_db *db,
			void *data)
{
	const struct which *w = data;

	return be->session_remove(db, w->person, w->id);
}


int store_session_remove(struct store *s, uint32_t person, uint32_t id)
{
	struct which w = {.person = person, .id = id};

	if (!s)
		return EINVAL;

	return writer_now(s->writer, remove_write, &w, SCRUB_NOTHING);
}


static int old_write(const struct store_backend *be, struct store_db *db,
		     void *data)
{
	const struct which *w = data;

	return be->session_old(db, w->at);
}


int store_session_old(struct store *s, int64_t before)
{
	struct which w = {.at = before};

	if (!s)
		return EINVAL;

	return writer_now(s->writer, old_write, &w, SCRUB_NOTHING);
}


int store_session_each(struct store *s, uint32_t person, store_session_h *h,
		       void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->session_each(s->reader, person, h, arg);
}
