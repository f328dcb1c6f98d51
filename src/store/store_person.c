/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_person.c  Counsellors in the store. Must not know SQL.
 */
#include <errno.h>
#include <string.h>

#include "coarse.h"
#include "store_parts.h"


static int person_add_write(const struct store_backend *be,
			    struct store_db *db, void *data)
{
	return be->person_add(db, data);
}


int store_person_add(struct store *s, struct store_person *person)
{
	if (!s || !person)
		return EINVAL;

	return store_now(s, person_add_write, person, &person->id,
			 SCRUB_NOTHING);
}


static int person_set_write(const struct store_backend *be,
			    struct store_db *db, void *data)
{
	return be->person_set(db, data);
}


int store_person_set(struct store *s, const struct store_person *person)
{
	struct store_person copy;
	int err;

	if (!s || !person)
		return EINVAL;

	copy = *person;
	err = store_now(s, person_set_write, &copy, NULL, SCRUB_NOW);
	secret_wipe(&copy.phone);

	return err;
}


/* somebody to be put off duty */
struct off {
	uint32_t id;
	char reason[LIMIT_REASON];
	int64_t at;
};


static int person_off_write(const struct store_backend *be,
			    struct store_db *db, void *data)
{
	const struct off *off = data;

	return be->person_off(db, off->id, off->reason, off->at);
}


int store_person_off(struct store *s, uint32_t id, const char *reason,
		     int64_t at, store_done_h *doneh, void *arg)
{
	struct off off = {.id = id, .at = coarse_moment(at, COARSE_QUARTER)};

	if (!s || !reason || strlen(reason) >= sizeof(off.reason))
		return EINVAL;

	memcpy(off.reason, reason, strlen(reason));
	return writer_later(s->writer, person_off_write, &off, sizeof(off),
			    SCRUB_NOTHING, doneh, arg);
}


static int person_remove_write(const struct store_backend *be,
			       struct store_db *db, void *data)
{
	return be->person_remove(db, *(uint32_t *)data);
}


int store_person_remove(struct store *s, uint32_t id)
{
	if (!s)
		return EINVAL;

	return store_now(s, person_remove_write, &id, NULL, SCRUB_NOW);
}


int store_person_get(struct store *s, const char *name,
		     struct store_person *person)
{
	if (!s || !name || !person)
		return EINVAL;

	return s->be->person_get(s->reader, name, person);
}


int store_person_find(struct store *s, uint32_t id,
		      struct store_person *person)
{
	if (!s || !person)
		return EINVAL;

	return s->be->person_find(s->reader, id, person);
}


int store_person_each(struct store *s, store_person_h *h, void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->person_each(s->reader, h, arg);
}
