/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * numbers_promise.c  Callers' numbers on their way to a page and back. Must not
 * open one, nor write it: the line does both.
 */
#include <errno.h>
#include <string.h>

#include "epoch/numbers.h"
#include "bridge.h"
#include "numbers_promise.h"
#include "sealed.h"
#include "session.h"


static const struct bridge_refusal refusals[] = {
	{ESTALE, 409, "dialler_changed",
	 "The line has another key by now: ask again for what waits."},
	{0, 0, NULL, NULL},
};

struct listing {
	json_t *list;
	struct request *req;
	uint32_t dialler;
	bool failed;
};


static bool may(struct request *req, const struct store_promise *p)
{
	return web_may(req->web, &req->session, p->line,
		       SESSION_COORDINATOR);
}


/* one that is sealed to no epoch nobody can bring back */
static bool promise_add(const struct store_promise *p, void *arg)
{
	struct listing *l = arg;

	if (!number_is(&p->number) || p->number.dialler == l->dialler ||
	    !p->number.epoch || !may(l->req, p))
		return false;
	l->failed = json_array_append_new(l->list, json_pack(
		"{s:s, s:I, s:o, s:o}", "kind", NUMBERS_PROMISE, "id",
		(json_int_t)p->call, "epoch",
		sealed_number_json(p->number.epoch), "sealed",
		sealed_json(p->number.for_epoch, STORE_NUMBER)));

	return l->failed;
}


int numbers_promise_list(json_t *list, struct request *req, uint32_t dialler)
{
	struct listing l = {list, req, dialler, false};
	const int err = store_promise_each(req->web->store, false,
					   promise_add, &l);

	return l.failed ? ENOMEM : err;
}


int numbers_promise_may(struct request *req, uint64_t call)
{
	struct store_promise p;
	int err;

	err = store_promise_get(req->web->store, call, &p);
	if (err)
		return err == ENOENT || err == EINVAL ? EPERM : err;

	return may(req, &p) ? 0 : EPERM;
}


static void on_taken(struct request *req, const struct wire_msg *msg,
		     void *arg)
{
	const struct wire_number_taken *taken = msg->payload;

	bridge_changed(req->web->bridge);
	request_reply(req, 200, json_pack(
		"{s:I}", "taken",
		(json_int_t)taken->n + (json_int_t)(uintptr_t)arg));
}


void numbers_promise_back(struct request *req, uint32_t dialler,
			  const struct wire_number_row *rows, size_t n,
			  uint32_t n_taken)
{
	const struct wire_number_back back = {
		.dialler = dialler,
		.person = req->session.person,
	};
	const struct bridge_ask ask = {
		.type = WIRE_NUMBER_BACK,
		.payload = &back,
		.blob = rows,
		.n_blob = n * sizeof(*rows),
		.answer = WIRE_NUMBER_TAKEN,
		.replyh = on_taken,
		.arg = (void *)(uintptr_t)n_taken,
		.refusals = refusals,
	};

	bridge_ask(req, &ask);
}
