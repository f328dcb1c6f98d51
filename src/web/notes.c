/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * notes.c  Notes of calls, sealed in the browser. Nobody hears that there is a
 * call that is not theirs. Must not open anything, nor say at what hour a note
 * was written.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/day.h"
#include "epoch/epochs.h"
#include "seal/seal.h"
#include "store/note.h"

#include "accounts_parts.h"
#include "sealed.h"
#include "vault.h"


/* the call of the path, if they talked in it or may read what is sealed for
 * its line */
static int call_of(struct request *req, struct store_call *call)
{
	int err;

	err = store_call_get(req->web->store, req->ids[0], call);
	if (err || call->counsellor == req->session.person)
		return err;

	return epochs_entitled(req->web->store, call->line,
			       req->session.person);
}


static json_t *day_json(uint32_t day)
{
	char text[DAY_TEXT];

	return json_string(day_text(text, day));
}


/* notes on their way to somebody */
struct reading {
	json_t *list;
	uint32_t person;
	bool others; /* not theirs alone */
};


static bool note_add(const struct store_note *n, void *arg)
{
	struct reading *reading = arg;

	reading->others |= n->person != reading->person;
	(void)json_array_append_new(reading->list, json_pack(
		"{s:I, s:I, s:s, s:o, s:o, s:o}", "note", (json_int_t)n->id,
		"person", (json_int_t)n->person, "name", n->name, "day",
		day_json(n->day), "epoch", sealed_number_json(n->epoch),
		"sealed", sealed_json(n->sealed, n->n_sealed)));

	return false;
}


/* what a note of this line is to be sealed to; null: nothing can be sealed */
static json_t *seal_to_json(struct store *s, const char *line)
{
	struct store_epoch e;

	if (store_epoch_current(s, line, &e))
		return json_null();

	return json_pack("{s:o, s:o}", "epoch", sealed_number_json(e.id),
			 "public", sealed_json(e.public, STORE_PUBLIC));
}


/* on record before they have them; one's own notes are no matter */
static int notes_read(const struct request *req, uint64_t call,
		      struct reading *reading)
{
	struct store_audit row = web_audit(req, "notes_read", 0);
	int err;

	err = store_note_each(req->web->store, call, note_add, reading);
	if (err || !reading->others)
		return err;
	row.call = call;

	return store_audit_now(req->web->store, &row);
}


static void notes_get(struct request *req)
{
	struct reading reading = {.person = req->session.person};
	struct store_call call;
	int err;

	err = call_of(req, &call);
	if (err) {
		request_errno(req, err);
		return;
	}
	reading.list = json_array();
	err = notes_read(req, call.id, &reading);
	if (err) {
		json_decref(reading.list);
		request_errno(req, err);
		return;
	}
	request_reply(req, 200, json_pack(
		"{s:o, s:o}", "notes", reading.list, "seal_to",
		seal_to_json(req->web->store, call.line)));
}


/* a note, as text, that was sealed to this epoch (0: to its author)
 * @param np Set to how many bytes. @return new, free(); NULL: it is none */
static uint8_t *note_bytes(const char *text, uint64_t epoch, size_t *np)
{
	const size_t around = SEAL_LID + SEAL_TAG;
	struct seal_about about;
	uint8_t *bytes = malloc(STORE_NOTE);
	size_t n;

	if (!bytes)
		return NULL;
	n = sealed_bytes(bytes, STORE_NOTE, text);
	if (n > around && (n - around) % seal_step(SEAL_NOTE) == 0 &&
	    !seal_look(&about, bytes, n) && about.kind == SEAL_NOTE &&
	    about.detail == 0 && about.epoch == epoch) {
		*np = n;
		return bytes;
	}
	free(bytes);

	return NULL;
}


static void not_sealed(struct request *req)
{
	request_error(req, 400, "bad_request",
		      "A note is sealed in the browser, and has 44 KiB at"
		      " most.");
}


static void note_answer(struct request *req, int err, uint64_t id)
{
	if (err == ESTALE)
		request_error(req, 409, "epoch_over",
			      "Somebody came or left meanwhile: it has to be"
			      " sealed anew.");
	else if (err)
		request_errno(req, err);
	else
		request_reply(req, 200,
			      json_pack("{s:I}", "note", (json_int_t)id));
}


static void note_put(struct request *req)
{
	struct store_note note = {.person = req->session.person};
	const char *epoch, *text;
	struct store_call call;
	uint8_t *bytes = NULL;
	int err;

	if (!request_unpack(req, "{s:s, s:s}", "epoch", &epoch, "sealed",
			    &text))
		return;
	err = call_of(req, &call);
	if (err) {
		request_errno(req, err);
		return;
	}
	if (!sealed_number(&note.epoch, epoch))
		bytes = note_bytes(text, note.epoch, &note.n_sealed);
	if (!bytes) {
		not_sealed(req);
		return;
	}
	note.call = call.id;
	note.day = day_today();
	note.sealed = bytes;
	err = store_note_add(req->web->store, &note);
	free(bytes);
	note_answer(req, err, note.id);
}


/* ---- drafts ---- */

static void draft_look(const uint8_t *sealed, size_t n, void *arg)
{
	json_t **jsonp = arg;

	*jsonp = sealed_json(sealed, n);
}


static void draft_get(struct request *req)
{
	struct store_call call;
	json_t *json = NULL;
	int err;

	err = call_of(req, &call);
	if (err) {
		request_errno(req, err);
		return;
	}
	err = store_draft_get(req->web->store, call.id, req->session.person,
			      draft_look, &json);
	if (err && err != ENOENT)
		request_errno(req, err);
	else
		request_reply(req, 200, json_pack("{s:o}", "sealed",
						  json ? json : json_null()));
}


static void draft_put(struct request *req)
{
	struct store_call call;
	uint8_t *bytes = NULL;
	json_t *sealed;
	size_t n = 0;
	int err;

	if (!request_unpack(req, "{s:o}", "sealed", &sealed))
		return;
	err = call_of(req, &call);
	if (err) {
		request_errno(req, err);
		return;
	}
	if (json_is_string(sealed))
		bytes = note_bytes(json_string_value(sealed), 0, &n);
	if (!bytes && !json_is_null(sealed)) {
		not_sealed(req);
		return;
	}
	err = store_draft_put(req->web->store, call.id, req->session.person,
			      day_today(), bytes, n);
	free(bytes);
	if (err)
		request_errno(req, err);
	else
		request_done(req);
}


static const struct route rows[] = {
	{ROUTE_GET, "/api/v1/calls/{call}/notes", notes_get, 0, 0},
	{ROUTE_POST, "/api/v1/calls/{call}/notes", note_put, 0, 0},
	{ROUTE_GET, "/api/v1/calls/{call}/draft", draft_get, 0, 0},
	{ROUTE_POST, "/api/v1/calls/{call}/draft", draft_put, 0, 0},
};

const struct route_table notes_routes = {
	rows, sizeof(rows) / sizeof(rows[0]),
};
