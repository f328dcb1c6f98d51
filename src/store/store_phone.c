/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_phone.c  Telephones that register, in the store. Must not know SQL.
 */
#include <errno.h>

#include "store_parts.h"


static int put_write(const struct store_backend *be, struct store_db *db,
		     void *data)
{
	return be->phone_put(db, data);
}


int store_phone_put(struct store *s, const struct store_phone *phone)
{
	struct store_phone copy;
	int err;

	if (!s || !phone)
		return EINVAL;

	copy = *phone;
	err = store_now(s, put_write, &copy, &copy.person, SCRUB_NOW);
	explicit_bzero(&copy, sizeof(copy));

	return err;
}


static int remove_write(const struct store_backend *be, struct store_db *db,
			void *data)
{
	return be->phone_remove(db, *(const uint32_t *)data);
}


int store_phone_remove(struct store *s, uint32_t person)
{
	if (!s)
		return EINVAL;

	return store_now(s, remove_write, &person, &person, SCRUB_NOW);
}


int store_phone_each(struct store *s, store_phone_h *h, void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->phone_each(s->reader, h, arg);
}


static int binding_put_write(const struct store_backend *be,
			     struct store_db *db, void *data)
{
	return be->binding_put(db, data);
}


int store_binding_put(struct store *s, const struct store_binding *binding,
		      store_done_h *doneh, void *arg)
{
	if (!s || !binding || binding->place >= STORE_PLACES)
		return EINVAL;

	return writer_later(s->writer, binding_put_write, binding,
			    sizeof(*binding), SCRUB_NOTHING, doneh, arg);
}


struct place {
	uint32_t person;
	uint32_t place;
};


static int binding_remove_write(const struct store_backend *be,
				struct store_db *db, void *data)
{
	const struct place *p = data;

	return be->binding_remove(db, p->person, p->place);
}


int store_binding_remove(struct store *s, uint32_t person, uint32_t place,
			 store_done_h *doneh, void *arg)
{
	const struct place p = {person, place};

	if (!s)
		return EINVAL;

	return writer_later(s->writer, binding_remove_write, &p, sizeof(p),
			    SCRUB_SOON, doneh, arg);
}


int store_binding_each(struct store *s, store_binding_h *h, void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->binding_each(s->reader, h, arg);
}
