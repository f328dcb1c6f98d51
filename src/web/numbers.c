/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * numbers.c  Numbers that wait since the dialler's key is another one: to the
 * pages of who may open them, and back. Must not open one.
 */
#include <errno.h>
#include <string.h>

#include "epoch/numbers.h"
#include "seal/proof.h"
#include "store/dialler.h"
#include "wire/wire.h"

#include "numbers.h"
#include "numbers_phone.h"
#include "numbers_promise.h"
#include "sealed.h"
#include "session.h"


enum { MOST = 64 }; /* brought back at once */

_Static_assert(MOST * sizeof(struct wire_number_row) <= LIMIT_WIRE_BLOB,
	       "they fit into one message");
_Static_assert(sizeof(((struct wire_number_row *)0)->sealed) == STORE_NUMBER,
	       "one size");

/* what may wait */
static const struct kind {
	const char *name;
	int (*listh)(json_t *list, struct request *req, uint32_t dialler);
	int (*mayh)(struct request *req, uint64_t id);
	/* NULL: the line takes them, all together */
	int (*backh)(struct request *req, uint64_t id, uint32_t dialler,
		     const uint8_t *sealed);
} kinds[] = {
	{NUMBERS_PHONE, numbers_phone_list, NULL, numbers_phone_back},
	{NUMBERS_PROMISE, numbers_promise_list, numbers_promise_may, NULL},
};

struct back {
	const struct kind *kind;
	uint64_t id;
	uint8_t sealed[STORE_NUMBER];
};


/* ---- what waits ---- */

static json_t *dialler_json(const struct store_dialler *d)
{
	return json_pack("{s:I, s:o}", "id", (json_int_t)d->id, "public",
			 sealed_json(d->public, sizeof(d->public)));
}


static int list_all(json_t *list, struct request *req, uint32_t dialler)
{
	int err = list ? 0 : ENOMEM;

	for (size_t i = 0; !err && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		err = kinds[i].listh(list, req, dialler);

	return err;
}


static void numbers_get(struct request *req)
{
	struct store_dialler dialler = {.id = 0};
	json_t *list = json_array();
	int err;

	err = store_dialler_current(req->web->store, &dialler);
	if (!err)
		err = list_all(list, req, dialler.id);
	if (err && err != ENOENT) {
		json_decref(list);
		request_errno(req, err);
		return;
	}
	request_reply(req, 200, json_pack(
		"{s:o, s:o}", "dialler",
		dialler.id ? dialler_json(&dialler) : json_null(), "numbers",
		list));
}


/* ---- and back ---- */

static const struct kind *kind_of(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	}

	return NULL;
}


/* @return 0, EBADMSG, or ESTALE to another key */
static int back_read(struct back *b, json_t *row, uint32_t dialler)
{
	const char *kind, *sealed;
	json_int_t id;

	if (json_unpack_ex(row, NULL, JSON_STRICT, "{s:s, s:I, s:s}", "kind",
			   &kind, "id", &id, "sealed", &sealed) || id < 1)
		return EBADMSG;
	b->kind = kind_of(kind);
	b->id = (uint64_t)id;
	if (!b->kind || proof_decode(b->sealed, STORE_NUMBER, sealed))
		return EBADMSG;

	return number_check(b->sealed, STORE_NUMBER, dialler);
}


static int all_read(struct back v[MOST], const json_t *rows, uint32_t dialler)
{
	int err = json_is_array(rows) && json_array_size(rows) <= MOST
			  ? 0 : EBADMSG;

	for (size_t i = 0; !err && i < json_array_size(rows); i++)
		err = back_read(&v[i], json_array_get(rows, i), dialler);

	return err;
}


/* before anything is taken: not half of it */
static int all_may(struct request *req, const struct back v[MOST], size_t n)
{
	int err = 0;

	for (size_t i = 0; !err && i < n; i++) {
		if (v[i].kind->mayh)
			err = v[i].kind->mayh(req, v[i].id);
	}

	return err;
}


/* what does not wait any more somebody else's page has brought back */
static int all_take(struct request *req, const struct back v[MOST], size_t n,
		    uint32_t dialler, uint32_t *takenp)
{
	for (size_t i = 0; i < n; i++) {
		int err;

		if (!v[i].kind->backh)
			continue;
		err = v[i].kind->backh(req, v[i].id, dialler, v[i].sealed);
		if (err && err != ENOENT)
			return err;
		*takenp += !err;
	}

	return 0;
}


static size_t for_line(struct wire_number_row rows[MOST],
		       const struct back v[MOST], size_t n)
{
	size_t n_rows = 0;

	for (size_t i = 0; i < n; i++) {
		if (v[i].kind->backh)
			continue;
		rows[n_rows].call = v[i].id;
		memcpy(rows[n_rows++].sealed, v[i].sealed, STORE_NUMBER);
	}

	return n_rows;
}


static void taken(struct request *req, int err, uint32_t n)
{
	switch (err) {

	case 0:
		request_reply(req, 200, json_pack("{s:I}", "taken",
						  (json_int_t)n));
		break;
	case EPERM:
		request_error(req, 403, "not_allowed",
			      "Not all of these are yours to bring back.");
		break;
	case EBADMSG:
		request_error(req, 400, "bad_request",
			      "Numbers are at most 64, of a kind that waits,"
			      " each sealed in 200 bytes.");
		break;
	case ESTALE:
		request_error(req, 409, "dialler_changed",
			      "The line has another key by now: ask again for"
			      " what waits.");
		break;
	default:
		request_errno(req, err);
		break;
	}
}


static void take(struct request *req, const struct back v[MOST], size_t n,
		 uint32_t dialler)
{
	struct wire_number_row rows[MOST];
	const size_t n_rows = for_line(rows, v, n);
	uint32_t n_taken = 0;
	int err;

	err = all_may(req, v, n);
	if (!err)
		err = all_take(req, v, n, dialler, &n_taken);
	if (err || !n_rows)
		taken(req, err, n_taken);
	else
		numbers_promise_back(req, dialler, rows, n_rows, n_taken);
}


static void numbers_post(struct request *req)
{
	struct store_dialler current;
	struct back v[MOST];
	json_int_t dialler;
	json_t *rows;
	int err;

	if (!request_unpack(req, "{s:I, s:o}", "dialler", &dialler, "numbers",
			    &rows))
		return;
	err = store_dialler_current(req->web->store, &current);
	if (err == ENOENT || (!err && dialler != (json_int_t)current.id))
		err = ESTALE;
	if (!err)
		err = all_read(v, rows, current.id);
	if (err)
		taken(req, err, 0);
	else
		take(req, v, json_array_size(rows), current.id);
}


static const struct route routes[] = {
	{ROUTE_GET, "/api/v1/vault/numbers", numbers_get, 0,
	 SESSION_COORDINATOR},
	{ROUTE_POST, "/api/v1/vault/numbers", numbers_post, 0,
	 SESSION_COORDINATOR},
};

const struct route_table numbers_routes = {
	routes, sizeof(routes) / sizeof(routes[0]),
};
