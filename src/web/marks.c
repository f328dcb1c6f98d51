/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * marks.c  Makes marks, looks at them again, removes them. Must not learn whose
 * number it is, nor let one be for ever.
 */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/day.h"
#include "seal/seal.h"
#include "store/mark.h"

#include "bridge.h"
#include "marks.h"
#include "sealed.h"
#include "web.h"

_Static_assert((int)STORE_NUMBER == (int)WIRE_NUMBER, "one size");

enum { ID_BITS = 48 }; /* a number of JavaScript holds 53 */

static const struct bridge_refusal refusals[] = {
	{ENOENT, 404, "over", "that is over, or somebody else's"},
	{EPROTO, 409, "not_now", "that cannot be done just now"},
	{ENODATA, 409, "withheld",
	 "the caller does not show a number: there is nothing to mark"},
	{ENOKEY, 409, "no_key",
	 "there is no recovery key yet: without one no number is kept, not "
	 "even sealed"},
	{EEXIST, 409, "marked",
	 "this caller is marked like that already, and it is not yet time to "
	 "look at it again"},
	{ENOSPC, 409, "too_many",
	 "there are as many marks as there can be; remove some"},
	{0, 0, NULL, NULL},
};


static void invalid(struct request *req, const char *why)
{
	request_error(req, 400, "invalid", why);
}


/* what is written, and what is to be told then */
static void done(struct request *req, const struct wire_msg *msg, void *arg)
{
	const struct store_mark *mark = arg;
	(void)msg;

	if (mark)
		request_reply(req, 200, json_pack("{s:I}", "mark",
						  (json_int_t)mark->id));
	else
		request_done(req);
}


/* the line takes it as it is on record from now on; then the answer */
static void tell_line(struct request *req, struct store_mark *made)
{
	const struct wire_none none = {0};
	const struct bridge_ask ask = {
		.type = WIRE_MARKS_CHANGED,
		.payload = &none,
		.answer = WIRE_DONE,
		.replyh = done,
		.arg = made,
	};

	bridge_ask(req, &ask);
}


static int audit(struct request *req, const char *what,
		 const struct store_mark *mark, const char *detail)
{
	struct store_audit row = web_audit(req, what, 0);

	row.call = mark->call;
	str_ncpy(row.detail, detail, sizeof(row.detail));

	return store_audit_along(req->web->store, &row);
}


/* ---- making ---- */

static bool made_take(struct store_mark *mark, const struct config *cfg,
		      const struct wire_msg *msg)
{
	const struct wire_marked *made = msg->payload;

	if (made->mark != mark->id || made->line >= cfg->n_lines ||
	    msg->n_blob != sizeof(mark->sealed))
		return false;
	str_ncpy(mark->line, cfg->lines[made->line].name, sizeof(mark->line));
	mark->call = made->call;
	mark->epoch = made->epoch;
	memcpy(mark->sealed, msg->blob, sizeof(mark->sealed));

	return true;
}


static void on_made(struct request *req, const struct wire_msg *msg,
		    void *arg)
{
	struct store_mark *mark = arg;
	int err = EBADMSG;

	if (made_take(mark, req->web->config, msg))
		err = audit(req, "mark_made", mark,
			    store_mark_reason_name(mark->reason));
	if (!err)
		err = store_mark_add(req->web->store, mark);
	if (err == ESTALE)
		request_error(req, 409, "epoch_over",
			      "somebody came or left just now: once more, "
			      "please");
	else if (err)
		request_errno(req, err);
	else
		tell_line(req, mark);
}


static uint64_t id_make(void)
{
	uint64_t id;

	randombytes_buf(&id, sizeof(id));
	id &= (UINT64_C(1) << ID_BITS) - 1;

	return id ? id : 1;
}


/* @return false: the answer was given */
static bool mark_fill(struct request *req, struct store_mark *mark)
{
	const char *kind, *reason;
	json_int_t days;

	if (!request_unpack(req, "{s:s, s:s, s:I}", "kind", &kind, "reason",
			    &reason, "review_days", &days))
		return false;
	if (store_mark_decode(&mark->kind, &mark->reason, kind, reason)) {
		invalid(req, "there is no such kind of mark, or no such "
			     "reason for it");
		return false;
	}
	if (days < 1 || days > store_mark_days(mark->kind)) {
		invalid(req, "a block is looked at again after 90 days, a "
			     "care plan after 365, at the latest");
		return false;
	}
	mark->id = id_make();
	mark->person = req->session.person;
	mark->made_day = day_today();
	mark->review_day = mark->made_day + (uint32_t)days;

	return true;
}


static void mark_make(struct request *req, struct wire_mark what)
{
	struct store_mark *mark = mem_zalloc(sizeof(*mark), NULL);
	const struct bridge_ask ask = {
		.type = WIRE_MARK_MAKE,
		.payload = &what,
		.answer = WIRE_MARK_MADE,
		.replyh = on_made,
		.arg = mark,
		.refusals = refusals,
	};

	if (!mark) {
		request_errno(req, ENOMEM);
		return;
	}
	req->state = mark;
	if (!mark_fill(req, mark))
		return;
	what.mark = mark->id;
	what.kind = (uint32_t)mark->kind;
	what.person = mark->person;
	bridge_ask(req, &ask);
}


static void on_talk(struct request *req)
{
	mark_make(req, (struct wire_mark){.offer = req->ids[0]});
}


/* nobody hears that there is a call that is not of their line */
static void on_call(struct request *req)
{
	struct store_call call;
	int err;

	err = store_call_get(req->web->store, req->ids[0], &call);
	if (!err && !web_may(req->web, &req->session, call.line,
			     SESSION_COORDINATOR))
		err = ENOENT;
	if (err)
		request_errno(req, err);
	else
		mark_make(req, (struct wire_mark){.call = call.id});
}


/* ---- looking at them again ---- */

/* the mark of the path, if they coordinate its line */
static int mark_of(struct request *req, struct store_mark *mark)
{
	int err;

	err = store_mark_get(req->web->store, req->ids[0], mark);
	if (!err && !web_may(req->web, &req->session, mark->line,
			     SESSION_COORDINATOR))
		err = ENOENT;

	return err;
}


/* the number anew, sealed to this epoch */
static bool seal_take(struct store_mark *mark, const char *epoch,
		      const char *sealed)
{
	struct seal_about about;

	return !sealed_number(&mark->epoch, epoch) &&
	       sealed_bytes(mark->sealed, sizeof(mark->sealed), sealed) ==
		       sizeof(mark->sealed) &&
	       !seal_look(&about, mark->sealed, sizeof(mark->sealed)) &&
	       about.kind == SEAL_NUMBER && about.detail == 0 &&
	       about.epoch == mark->epoch;
}


static void review_store(struct request *req, struct store_mark *mark,
			 bool anew)
{
	const uint32_t today = day_today();
	int err;

	err = audit(req, "mark_reviewed", mark, anew ? "sealed_anew" : "");
	if (!err)
		err = store_mark_review(req->web->store, mark, today);
	if (err == ESTALE)
		request_error(req, 409, "epoch_over",
			      "somebody came or left meanwhile: it has to be "
			      "sealed anew");
	else if (err)
		request_errno(req, err);
	else
		tell_line(req, NULL);
}


static void on_review(struct request *req)
{
	const char *epoch = NULL, *sealed = NULL;
	struct store_mark mark;
	json_int_t days;
	int err;

	if (!request_unpack(req, "{s:I, s?s, s?s}", "review_days", &days,
			    "epoch", &epoch, "sealed", &sealed))
		return;
	err = mark_of(req, &mark);
	if (err) {
		request_errno(req, err);
	}
	else if (days < 1 || days > store_mark_days(mark.kind)) {
		invalid(req, "a block is looked at again after 90 days, a "
			     "care plan after 365, at the latest");
	}
	else if (!epoch != !sealed ||
		 (sealed && !seal_take(&mark, epoch, sealed))) {
		invalid(req, "a number is sealed in the browser, to the epoch "
			     "that is said with it");
	}
	else {
		mark.review_day = day_today() + (uint32_t)days;
		review_store(req, &mark, sealed != NULL);
	}
}


static void on_remove(struct request *req)
{
	struct store_mark mark;
	int err;

	if (!request_unpack(req, "{}"))
		return;
	err = mark_of(req, &mark);
	if (!err)
		err = audit(req, "mark_removed", &mark,
			    store_mark_reason_name(mark.reason));
	if (!err)
		err = store_mark_remove(req->web->store, mark.id);
	if (err)
		request_errno(req, err);
	else
		tell_line(req, NULL);
}


static const struct route routes[] = {
	{ROUTE_POST, "/api/v1/talk/{offer}/mark", on_talk, 0, 0},
	{ROUTE_POST, "/api/v1/calls/{call}/mark", on_call, 0,
	 SESSION_COORDINATOR},
	{ROUTE_POST, "/api/v1/marks/{id}/review", on_review, 0,
	 SESSION_COORDINATOR},
	{ROUTE_POST, "/api/v1/marks/{id}/remove", on_remove, 0,
	 SESSION_COORDINATOR},
};

const struct route_table marks_routes = {routes, ARRAY_SIZE(routes)};
