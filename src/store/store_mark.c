/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_mark.c  Marks in the store. Must not know SQL, nor whose number is in
 * them.
 */
#include <errno.h>
#include <string.h>

#include "mark.h"
#include "store_parts.h"


static const struct {
	const char *word;
	uint32_t days; /* until a review, at most */
} kinds[STORE_MARK_KINDS] = {
	[STORE_MARK_BLOCK] = {"block", STORE_MARK_BLOCK_DAYS},
	[STORE_MARK_PLAN] = {"plan", STORE_MARK_PLAN_DAYS},
};

static const struct {
	const char *word;
	enum store_mark_kind kind;
} reasons[STORE_MARK_REASONS] = {
#define X(name, word, kind) [STORE_MARK_##name] = {(word), STORE_MARK_##kind},
	STORE_MARK_REASON_ROWS(X)
#undef X
};


const char *store_mark_kind_name(enum store_mark_kind kind)
{
	return (unsigned)kind < STORE_MARK_KINDS ? kinds[kind].word : "";
}


const char *store_mark_reason_name(enum store_mark_reason reason)
{
	return (unsigned)reason < STORE_MARK_REASONS ? reasons[reason].word
						     : "";
}


int store_mark_decode(enum store_mark_kind *kindp,
		      enum store_mark_reason *reasonp, const char *kind,
		      const char *reason)
{
	if (!kindp || !reasonp || !kind || !reason)
		return EINVAL;

	for (unsigned i = 0; i < STORE_MARK_REASONS; i++) {
		if (strcmp(reasons[i].word, reason) != 0 ||
		    strcmp(kinds[reasons[i].kind].word, kind) != 0)
			continue;
		*reasonp = (enum store_mark_reason)i;
		*kindp = reasons[i].kind;
		return 0;
	}

	return EINVAL;
}


uint32_t store_mark_days(enum store_mark_kind kind)
{
	return (unsigned)kind < STORE_MARK_KINDS ? kinds[kind].days : 0;
}


bool store_mark_due(const struct store_mark *mark, uint32_t today)
{
	return today >= mark->review_day;
}


static bool reviewed_in_time(const struct store_mark *mark, uint32_t today)
{
	return mark->review_day > today &&
	       mark->review_day - today <= store_mark_days(mark->kind);
}


static int add_write(const struct store_backend *be, struct store_db *db,
		     void *data)
{
	return be->mark_add(db, data);
}


int store_mark_add(struct store *s, const struct store_mark *mark)
{
	struct store_mark copy;

	if (!s || !mark || !mark->id ||
	    (unsigned)mark->reason >= STORE_MARK_REASONS ||
	    reasons[mark->reason].kind != mark->kind ||
	    !reviewed_in_time(mark, mark->made_day))
		return EINVAL;

	copy = *mark;

	return store_now(s, add_write, &copy, NULL, SCRUB_NOTHING);
}


int store_mark_get(struct store *s, uint64_t id, struct store_mark *mark)
{
	if (!s || !mark)
		return EINVAL;

	return s->be->mark_get(s->reader, id, mark);
}


int store_mark_each(struct store *s, store_mark_h *h, void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->mark_each(s->reader, h, arg);
}


static int review_write(const struct store_backend *be, struct store_db *db,
			void *data)
{
	const struct store_mark *mark = data;
	struct store_mark old;
	int err;

	err = be->mark_get(db, mark->id, &old);
	if (err)
		return err;
	err = be->mark_review(db, mark);

	return err == ENOENT ? ESTALE : err;
}


int store_mark_review(struct store *s, const struct store_mark *mark,
		      uint32_t today)
{
	struct store_mark copy;

	if (!s || !mark || !reviewed_in_time(mark, today))
		return EINVAL;

	copy = *mark;

	return store_now(s, review_write, &copy, NULL, SCRUB_SOON);
}


static int remove_write(const struct store_backend *be, struct store_db *db,
			void *data)
{
	return be->mark_remove(db, *(const uint64_t *)data);
}


int store_mark_remove(struct store *s, uint64_t id)
{
	if (!s)
		return EINVAL;

	return store_now(s, remove_write, &id, NULL, SCRUB_SOON);
}
