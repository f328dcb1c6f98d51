/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * numbers_phone.c  People's own numbers on their way to a page and back. Must
 * not open one.
 */
#include <errno.h>
#include <string.h>

#include "epoch/epochs.h"
#include "accounts_parts.h"
#include "numbers_phone.h"
#include "sealed.h"


struct listing {
	json_t *list;
	uint32_t dialler;
	bool failed;
};


/* one that is sealed to no epoch nobody can bring back: it is given anew */
static bool is_for_pages(const struct store_number *number, uint32_t dialler)
{
	return number->dialler && number->dialler != dialler && number->epoch;
}


static bool phone_add(const struct store_person *p, void *arg)
{
	struct listing *l = arg;

	if (!is_for_pages(&p->number, l->dialler))
		return false;
	l->failed = json_array_append_new(l->list, json_pack(
		"{s:s, s:I, s:o, s:o}", "kind", NUMBERS_PHONE, "id",
		(json_int_t)p->id, "epoch",
		sealed_number_json(p->number.epoch), "sealed",
		sealed_json(p->number.for_epoch, STORE_NUMBER)));

	return l->failed;
}


int numbers_phone_list(json_t *list, struct request *req, uint32_t dialler)
{
	struct listing l = {.list = list, .dialler = dialler};
	int err;

	err = epochs_entitled(req->web->store, EPOCHS_HOUSE,
			      req->session.person);
	if (err)
		return err == ENOENT ? 0 : err;
	err = store_person_each(req->web->store, phone_add, &l);

	return l.failed ? ENOMEM : err;
}


static int phone_store(struct request *req, uint32_t person,
		       uint32_t dialler, const uint8_t *sealed)
{
	const struct store_audit row = web_audit(req, "number_resealed",
						 person);
	int err;

	err = store_audit_along(req->web->store, &row);

	return err ? err : store_telephone_back(req->web->store, person,
						dialler, sealed);
}


int numbers_phone_back(struct request *req, uint64_t person, uint32_t dialler,
		       const uint8_t *sealed)
{
	int err;

	err = epochs_entitled(req->web->store, EPOCHS_HOUSE,
			      req->session.person);
	if (err)
		return err == ENOENT ? EPERM : err;
	if (person > UINT32_MAX)
		return ENOENT;

	err = phone_store(req, (uint32_t)person, dialler, sealed);
	if (!err)
		accounts_changed(req->web, (uint32_t)person);

	return err;
}
