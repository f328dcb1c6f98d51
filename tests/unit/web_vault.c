/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web_vault.c  Keys, grants, shares and notes: the handlers of the API, with
 * real keys where a browser would hold them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "epoch/epochs.h"
#include "epoch/wanting.h"
#include "seal/seal.h"
#include "seal/wrap.h"
#include "store/audit.h"
#include "web/sealed.h"

#include "web_house.h"

#include "catch.h"
#include "clock.h"

enum { CALL = 5, PIECE = 1024, AROUND = 136 };

static const uint8_t wrapping[SEAL_KEY] = {7};

/* somebody, and what their page holds */
struct someone {
	uint32_t id;
	char cookie[HTTP_COOKIE];
	uint8_t public[SEAL_KEY], private[SEAL_KEY];
};


/* ---- at the desks -------------------------------------------------------- */

static void recovery_make(struct house *h)
{
	struct store_recovery r = {.need = 2, .made_at = accounts_now(),
				   .n = 3};
	uint8_t private[SEAL_KEY];

	seal_pair(r.public, private);
	for (uint32_t i = 0; i < r.n; i++)
		memset(r.shares[i].hash, (int)i + 1, STORE_HASH);
	assert_int_equal(store_recovery_put(h->web.store, &r), 0);
	keyring_keep(&h->web);
}


/* the page is theirs */
static void at(struct house *h, const struct someone *p)
{
	memcpy(h->cookie, p->cookie, sizeof(h->cookie));
}


static unsigned key_post(struct house *h, struct someone *p)
{
	uint8_t wrapped[WRAP_SIZE];
	char proof[PROOF_TEXT];

	seal_pair(p->public, p->private);
	wrap_make(wrapped, p->private, wrapping);
	encode(proof, (uint8_t)p->id, PROOF_BYTES);

	return post(h, "/vault", json_pack(
		"{s:o, s:o, s:s}", "public",
		sealed_json(p->public, SEAL_KEY), "wrapped",
		sealed_json(wrapped, sizeof(wrapped)), "proof", proof));
}


/* whoever takes up an invitation, with a key if they want one */
static struct someone joined(struct house *h, uint32_t id, bool key)
{
	struct someone p = {.id = id};

	joins(h, id, (uint8_t)id);
	memcpy(p.cookie, h->cookie, sizeof(p.cookie));
	if (key)
		assert_int_equal(key_post(h, &p), 200);

	return p;
}


static struct someone someone(struct house *h, const char *name,
			      const char *role)
{
	return joined(h, person_new(h, name, "main", role), true);
}


static const json_t *vault(struct house *h, const struct someone *p)
{
	at(h, p);
	assert_int_equal(ask(h, ROUTE_GET, "/vault", 0, NULL), 200);

	return h->answer;
}


static const char *text_of(const json_t *row, const char *member)
{
	return json_string_value(json_object_get(row, member));
}


static uint64_t number_of(const json_t *row, const char *member)
{
	uint64_t v = 0;

	assert_int_equal(sealed_number(&v, text_of(row, member)), 0);

	return v;
}


/* the row of an epoch (0: the current one) of "main" in /vault, or NULL */
static const json_t *epoch_row(struct house *h, const struct someone *p,
			       uint64_t id)
{
	const json_t *list = json_object_get(vault(h, p), "epochs");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *row = json_array_get(list, i);

		if (strcmp(text_of(row, "line"), "main") == 0 &&
		    (id ? number_of(row, "epoch") == id
			: json_is_true(json_object_get(row, "current"))))
			return row;
	}

	return NULL;
}


static uint64_t epoch_now(struct house *h)
{
	struct store_epoch e;

	assert_int_equal(store_epoch_current(h->web.store, "main", &e), 0);

	return e.id;
}


/* the private key of an epoch, from their grant; false: they have none */
static bool epoch_open(struct house *h, const struct someone *p, uint64_t id,
		       uint8_t private[SEAL_KEY])
{
	const struct seal_about about = {.kind = SEAL_GRANT, .epoch = id,
					 .subject = p->id};
	const json_t *row = epoch_row(h, p, id);
	uint8_t sealed[STORE_GRANT], out[STORE_GRANT];
	size_t n;

	if (!row || json_is_null(json_object_get(row, "sealed")))
		return false;
	assert_int_equal(sealed_bytes(sealed, sizeof(sealed),
				      text_of(row, "sealed")), STORE_GRANT);
	assert_int_equal(seal_open(out, &n, &about, p->private, sealed,
				   STORE_GRANT), 0);
	assert_int_equal(n, SEAL_KEY);
	memcpy(private, out, SEAL_KEY);

	return true;
}


static bool has(struct house *h, const struct someone *p, uint64_t id)
{
	uint8_t private[SEAL_KEY];

	return epoch_open(h, p, id, private);
}


/* what who asks seals to the first who wants it */
static json_t *gift(struct house *h, const struct someone *from)
{
	uint8_t private[SEAL_KEY], public[SEAL_KEY], sealed[STORE_GRANT];
	struct seal_about about = {.kind = SEAL_GRANT};
	const json_t *row;
	json_t *body;

	at(h, from);
	assert_int_equal(ask(h, ROUTE_GET, "/vault/wanting", 0, NULL), 200);
	row = json_array_get(json_object_get(h->answer, "grants"), 0);
	assert_non_null(row);
	about.epoch = number_of(row, "epoch");
	about.subject = (uint64_t)json_integer_value(
		json_object_get(row, "person"));
	assert_int_equal(sealed_bytes(public, SEAL_KEY,
				      text_of(row, "public")), SEAL_KEY);
	assert_true(epoch_open(h, from, about.epoch, private));
	assert_int_equal(seal_make(sealed, &about, public, private, SEAL_KEY),
			 0);
	body = json_pack("{s:o, s:I, s:o, s:o}", "epoch",
			 sealed_number_json(about.epoch), "person",
			 (json_int_t)about.subject, "public",
			 sealed_json(public, SEAL_KEY), "sealed",
			 sealed_json(sealed, sizeof(sealed)));
	assert_non_null(body);

	return body;
}


static size_t n_wanting(struct house *h, const struct someone *p)
{
	at(h, p);
	assert_int_equal(ask(h, ROUTE_GET, "/vault/wanting", 0, NULL), 200);

	return json_array_size(json_object_get(h->answer, "grants"));
}


/* ---- keys ---------------------------------------------------------------- */

static void test_key(void **state)
{
	struct house *h = *state;
	struct someone bo = joined(h, person_new(h, "Bo", NULL, NULL), false);
	struct someone thief;
	char public[64];

	assert_true(json_is_null(json_object_get(vault(h, &bo), "public")));
	assert_true(json_is_false(json_object_get(h->answer, "recovery")));
	assert_int_equal(key_post(h, &bo), 200);
	(void)snprintf(public, sizeof(public), "%s",
		       text_of(vault(h, &bo), "public"));
	assert_non_null(text_of(h->answer, "wrapped"));

	/* once: not from another browser, nor by a thief of the session */
	thief = bo;
	assert_int_equal(key_post(h, &thief), 409);
	assert_string_equal(word(h, "error"), "key_there");
	assert_string_equal(text_of(vault(h, &bo), "public"), public);

	/* without a recovery key there is nothing to seal to; with it, at once */
	assert_int_equal(json_array_size(json_object_get(h->answer,
							 "epochs")), 0);
	recovery_make(h);
	assert_non_null(strstr(h->told, "vault 0; "));
	assert_non_null(epoch_row(h, &bo, 0));
	assert_true(json_is_true(json_object_get(h->answer, "recovery")));
	assert_int_equal(json_array_size(json_object_get(h->answer,
							 "epochs")), 2);
	assert_true(has(h, &bo, epoch_now(h)));
}


static unsigned key_try(struct house *h, const uint8_t *public,
			const uint8_t *wrapped, size_t n)
{
	return post(h, "/vault", json_pack(
		"{s:o, s:o, s:s}", "public", sealed_json(public, SEAL_KEY),
		"wrapped", sealed_json(wrapped, n), "proof", ""));
}


static void test_bad_key(void **state)
{
	struct house *h = *state;
	struct someone bo = joined(h, person_new(h, "Bo", NULL, NULL), false);
	uint8_t wrapped[WRAP_SIZE], zeros[SEAL_KEY] = {0};
	struct someone thief;

	seal_pair(bo.public, bo.private);
	wrap_make(wrapped, bo.private, wrapping);
	/* nothing can be sealed to this one */
	assert_int_equal(key_try(h, zeros, wrapped, sizeof(wrapped)), 400);
	assert_int_equal(key_try(h, bo.public, wrapped, sizeof(wrapped) - 1),
			 400);
	wrapped[0] ^= 1;
	assert_int_equal(key_try(h, bo.public, wrapped, sizeof(wrapped)), 400);

	/* who has the session and not the passphrase */
	thief = bo;
	++thief.id;
	assert_int_equal(key_post(h, &thief), 401);
	assert_string_equal(word(h, "error"), "proof_wrong");
	assert_true(json_is_null(json_object_get(vault(h, &bo), "public")));
}


/* a newcomer opens what comes, and what was when somebody gave it to them */
static void test_grant(void **state)
{
	struct house *h = *state;
	struct someone bo, cy, di;
	uint64_t old;
	json_t *body;

	recovery_make(h);
	bo = someone(h, "Bo", "counsellor");
	old = epoch_now(h);
	assert_int_equal(n_wanting(h, &bo), 0);
	cy = someone(h, "Cy", "counsellor");
	assert_int_not_equal(epoch_now(h), old);
	assert_true(has(h, &cy, epoch_now(h)));
	assert_false(has(h, &cy, old));
	assert_int_equal(n_wanting(h, &bo), 1);
	assert_int_equal(n_wanting(h, &cy), 0);

	/* who has it not cannot give it; nor to somebody of another line */
	body = gift(h, &bo);
	at(h, &cy);
	assert_int_equal(post(h, "/vault/grants", json_deep_copy(body)), 403);
	di = joined(h, person_new(h, "Di", "youth", "counsellor"), true);
	(void)json_object_set_new(body, "person", json_integer(di.id));
	at(h, &bo);
	assert_int_equal(post(h, "/vault/grants", body), 404);

	h->told[0] = '\0';
	assert_int_equal(post(h, "/vault/grants", gift(h, &bo)), 200);
	(void)snprintf(h->told + 400, 32, "vault %u; ", cy.id);
	assert_string_equal(h->told, h->told + 400);
	assert_true(has(h, &cy, old));
	assert_int_equal(n_wanting(h, &bo), 0);
}


static bool row_keep(const struct store_audit *row, void *arg)
{
	*(struct store_audit *)arg = *row;

	return false;
}


static unsigned refuse(struct house *h, const struct someone *p, uint64_t id)
{
	at(h, p);

	return ask(h, ROUTE_POST, "/vault/grants/{epoch}/refuse", id,
		   json_object());
}


/* what does not open is taken back, and given anew by whoever has it */
static void test_refused(void **state)
{
	struct house *h = *state;
	struct store_audit row = {.id = 0};
	struct someone bo, cy;
	uint64_t old, now;

	recovery_make(h);
	bo = someone(h, "Bo", "counsellor");
	old = epoch_now(h);
	cy = someone(h, "Cy", "counsellor");
	now = epoch_now(h);

	/* nobody else could give it: it stays */
	assert_int_equal(refuse(h, &bo, old), 409);
	assert_string_equal(word(h, "error"), "only_you");
	assert_true(has(h, &bo, old));
	assert_int_equal(refuse(h, &cy, old), 404);
	assert_int_equal(refuse(h, &cy, now + 9), 404);

	assert_int_equal(refuse(h, &cy, now), 200);
	assert_non_null(strstr(h->told, "vault 0; "));
	assert_int_equal(store_audit_each(h->web.store, 0, row_keep, &row),
			 0);
	assert_string_equal(row.what, "grant_refused");
	assert_int_equal(row.whom, cy.id);
	assert_false(has(h, &cy, now));
	assert_true(has(h, &bo, now));
	assert_int_equal(n_wanting(h, &bo), 2);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(post(h, "/vault/grants", gift(h, &bo)), 200);
	assert_true(has(h, &cy, now));

	/* not for ever */
	for (unsigned i = 0; i < 20 && refuse(h, &cy, now + 9) != 429; i++)
		;
	assert_int_equal(refuse(h, &cy, now), 429);
	assert_true(has(h, &cy, now));
}


/* whose keys a page is to remember: those of its lines */
static void test_people(void **state)
{
	struct house *h = *state;
	struct someone bo, cy;
	const json_t *people;
	char public[64];

	bo = someone(h, "Bo", "counsellor");
	cy = someone(h, "Cy", "counsellor");
	(void)joined(h, person_new(h, "Di", "youth", "counsellor"), true);
	(void)joined(h, person_new(h, "Ed", "main", "counsellor"), false);
	(void)snprintf(public, sizeof(public), "%s",
		       text_of(vault(h, &cy), "public"));
	people = json_object_get(vault(h, &bo), "people");
	assert_int_equal(json_array_size(people), 1);
	assert_string_equal(text_of(json_array_get(people, 0), "name"), "Cy");
	assert_string_equal(text_of(json_array_get(people, 0), "public"),
			    public);
}


static void test_bad_grant(void **state)
{
	struct house *h = *state;
	uint8_t public[SEAL_KEY], private[SEAL_KEY];
	struct store_audit row = {.id = 0};
	struct someone bo, cy;
	json_t *body, *bad;

	recovery_make(h);
	bo = someone(h, "Bo", "counsellor");
	cy = someone(h, "Cy", "counsellor");
	body = gift(h, &bo);
	at(h, &bo);

	/* of another epoch than it says; no number; sealed to an older key */
	bad = json_deep_copy(body);
	(void)json_object_set_new(bad, "epoch",
				  sealed_number_json(epoch_now(h)));
	assert_int_equal(post(h, "/vault/grants", bad), 400);
	bad = json_deep_copy(body);
	(void)json_object_set_new(bad, "epoch", json_string("01"));
	assert_int_equal(post(h, "/vault/grants", bad), 400);
	bad = json_deep_copy(body);
	(void)json_object_set_new(bad, "sealed", json_string("UkJT"));
	assert_int_equal(post(h, "/vault/grants", bad), 400);
	seal_pair(public, private);
	bad = json_deep_copy(body);
	(void)json_object_set_new(bad, "public",
				  sealed_json(public, SEAL_KEY));
	assert_int_equal(post(h, "/vault/grants", bad), 409);
	assert_string_equal(word(h, "error"), "key_old");
	assert_int_equal(store_audit_each(h->web.store, 0, row_keep, &row),
			 0);
	assert_int_equal(row.id, 0);

	assert_int_equal(post(h, "/vault/grants", json_deep_copy(body)), 200);
	assert_int_equal(post(h, "/vault/grants", body), 409);
	assert_string_equal(word(h, "error"), "key_there");
	assert_int_equal(store_audit_each(h->web.store, 0, row_keep, &row),
			 0);
	assert_int_equal(row.id, 1);
	assert_string_equal(row.what, "key_granted");
	assert_int_equal(row.person, bo.id);
	assert_int_equal(row.whom, cy.id);
}


/* with their passphrase goes what it opened, until somebody gives it again */
static void test_invited_anew(void **state)
{
	struct house *h = *state;
	struct someone bo, cy;
	uint64_t old;

	recovery_make(h);
	bo = someone(h, "Bo", "counsellor");
	cy = someone(h, "Cy", "counsellor");
	old = epoch_now(h);
	assert_true(has(h, &bo, old));
	bo = joined(h, bo.id, false);
	assert_true(json_is_null(json_object_get(vault(h, &bo), "wrapped")));
	assert_int_equal(key_post(h, &bo), 200);
	assert_int_not_equal(epoch_now(h), old);
	assert_false(has(h, &bo, old));
	while (n_wanting(h, &cy))
		assert_int_equal(post(h, "/vault/grants", gift(h, &cy)), 200);
	assert_true(has(h, &bo, old));
}


static void test_removed(void **state)
{
	struct house *h = *state;
	struct someone bo, cy, chief;
	uint64_t old;

	recovery_make(h);
	chief = someone(h, "Chief", "coordinator");
	bo = someone(h, "Bo", "counsellor");
	cy = someone(h, "Cy", "counsellor");
	old = epoch_now(h);
	at(h, &chief);
	assert_int_equal(ask(h, ROUTE_POST, "/people/{id}/remove", bo.id,
			     json_object()), 200);
	assert_int_not_equal(epoch_now(h), old);
	assert_int_equal(wanting_holds(h->web.store, old, bo.id), ENOENT);
	assert_int_equal(wanting_holds(h->web.store, epoch_now(h), bo.id),
			 ENOENT);
	assert_true(has(h, &cy, old));
	assert_true(has(h, &cy, epoch_now(h)));
}


/* ---- shares -------------------------------------------------------------- */

static unsigned share_try(struct house *h, uint8_t fill)
{
	char hash[PROOF_TEXT];

	encode(hash, fill, PROOF_BYTES);

	return post(h, "/vault/recovery/try",
		    json_pack("{s:s}", "hash", hash));
}


static const json_t *share_row(struct house *h, size_t i)
{
	assert_int_equal(ask(h, ROUTE_GET, "/vault/recovery", 0, NULL), 200);

	return json_array_get(json_object_get(h->answer, "shares"), i);
}


static void test_shares(void **state)
{
	struct house *h = *state;
	struct someone chief = joined(h, person_new(h, "Chief", "",
						    "coordinator"), false);
	struct someone bo = joined(h, person_new(h, "Bo", NULL, NULL), false);

	assert_int_equal(share_try(h, 1), 403);
	assert_int_equal(ask(h, ROUTE_GET, "/vault/recovery", 0, NULL), 403);
	at(h, &chief);
	assert_null(share_row(h, 0));
	assert_int_equal(share_try(h, 1), 404);
	recovery_make(h);
	assert_true(json_is_null(json_object_get(share_row(h, 1),
						 "tried_at")));
	assert_int_equal(json_integer_value(json_object_get(h->answer,
							    "need")), 2);
	assert_int_equal(share_try(h, 2), 200);
	assert_int_equal(json_integer_value(json_object_get(h->answer,
							    "number")), 2);
	assert_true(json_is_integer(json_object_get(share_row(h, 1),
						    "tried_at")));
	assert_true(json_is_false(json_object_get(share_row(h, 1), "due")));
	assert_true(json_is_null(json_object_get(share_row(h, 0),
						 "tried_at")));

	/* guessing is not what this is for */
	for (int i = 0; i < 6; i++)
		assert_int_equal(share_try(h, 9), 404);
	assert_int_equal(share_try(h, 1), 429);
	at(h, &bo);
	assert_int_equal(share_try(h, 1), 403);
}


static void test_share_due(void **state)
{
	struct house *h = *state;
	struct store_recovery r = {.need = 1, .made_at = 1, .n = 1};

	(void)joined(h, person_new(h, "Chief", "", "coordinator"), false);
	assert_int_equal(store_recovery_put(h->web.store, &r), 0);
	assert_true(json_is_true(json_object_get(share_row(h, 0), "due")));
	assert_int_equal(share_try(h, 0), 200);
	assert_true(json_is_false(json_object_get(share_row(h, 0), "due")));
}


/* ---- notes --------------------------------------------------------------- */

static void call_put(struct house *h, uint32_t counsellor)
{
	struct store_call call = a_call(CALL);

	SET(call.line, "main");
	call.counsellor = counsellor;
	assert_int_equal(store_call_put(h->web.store, &call, NULL, NULL), 0);
}


/* as a page seals it */
static json_t *sealed_note(uint64_t epoch, const uint8_t *public,
			   const char *text)
{
	const struct seal_about about = {.kind = SEAL_NOTE, .epoch = epoch,
					 .subject = CALL};
	uint8_t sealed[PIECE + AROUND];

	assert_int_equal(seal_size(SEAL_NOTE, strlen(text)), sizeof(sealed));
	assert_int_equal(seal_make(sealed, &about, public,
				   (const uint8_t *)text, strlen(text)), 0);

	return sealed_json(sealed, sizeof(sealed));
}


static json_t *note(struct house *h, const char *text)
{
	struct store_epoch e;

	assert_int_equal(store_epoch_current(h->web.store, "main", &e), 0);

	return json_pack("{s:o, s:o}", "epoch", sealed_number_json(e.id),
			 "sealed", sealed_note(e.id, e.public, text));
}


static unsigned note_post(struct house *h, json_t *body)
{
	return ask(h, ROUTE_POST, "/calls/{call}/notes", CALL, body);
}


static unsigned notes_get(struct house *h)
{
	return ask(h, ROUTE_GET, "/calls/{call}/notes", CALL, NULL);
}


/* does the first note say so to them? */
static void reads(struct house *h, const struct someone *p, const char *text)
{
	struct seal_about about = {.kind = SEAL_NOTE, .subject = CALL};
	uint8_t private[SEAL_KEY], sealed[2048], out[2048];
	const json_t *row;
	size_t n;

	at(h, p);
	assert_int_equal(notes_get(h), 200);
	row = json_array_get(json_object_get(h->answer, "notes"), 0);
	about.epoch = number_of(row, "epoch");
	assert_int_equal(strlen(text_of(row, "day")), strlen("2026-11-21"));
	n = sealed_bytes(sealed, sizeof(sealed), text_of(row, "sealed"));
	assert_true(epoch_open(h, p, about.epoch, private));
	assert_int_equal(seal_open(out, &n, &about, private, sealed, n), 0);
	assert_int_equal(n, strlen(text));
	assert_memory_equal(out, text, n);
}


static bool read_count(const struct store_audit *row, void *arg)
{
	unsigned *n = arg;

	*n += !strcmp(row->what, "notes_read") && row->call == CALL;

	return false;
}


/* how often notes of others were read, says the audit log */
static unsigned n_read(struct house *h)
{
	unsigned n = 0;

	assert_int_equal(store_audit_each(h->web.store, 0, read_count, &n),
			 0);

	return n;
}


static void test_note(void **state)
{
	struct house *h = *state;
	struct someone bo, cy, di;
	json_t *late;

	recovery_make(h);
	bo = someone(h, "Bo", "counsellor");
	cy = someone(h, "Cy", "counsellor");
	call_put(h, bo.id);
	at(h, &bo);
	assert_int_equal(notes_get(h), 200);
	assert_int_equal(number_of(json_object_get(h->answer, "seal_to"),
				   "epoch"), epoch_now(h));
	assert_int_equal(note_post(h, note(h, "in tears")), 200);
	reads(h, &bo, "in tears");
	assert_int_equal(n_read(h), 0);
	reads(h, &cy, "in tears");
	assert_int_equal(n_read(h), 1);
	assert_false(on_disk(h->f, "in tears"));

	/* somebody came between the look and the note */
	late = note(h, "late");
	di = someone(h, "Di", "counsellor");
	at(h, &bo);
	assert_int_equal(note_post(h, late), 409);
	assert_string_equal(word(h, "error"), "epoch_over");
	assert_int_equal(note_post(h, note(h, "late")), 200);
	at(h, &di);
	assert_int_equal(notes_get(h), 200);
	assert_int_equal(json_array_size(json_object_get(h->answer, "notes")),
			 2);
}


/* whoever talked writes; others need a role that opens it */
static void test_whose_notes(void **state)
{
	struct house *h = *state;
	struct someone learns, other, chief;

	recovery_make(h);
	learns = someone(h, "Learns", "trainee");
	other = joined(h, person_new(h, "Other", "youth", "counsellor"),
		       true);
	chief = someone(h, "Chief", "coordinator");
	call_put(h, 0);
	at(h, &learns);
	assert_int_equal(notes_get(h), 404);
	assert_int_equal(note_post(h, note(h, "no")), 404);
	at(h, &other);
	assert_int_equal(notes_get(h), 404);
	assert_int_equal(note_post(h, note(h, "no")), 404);
	assert_int_equal(ask(h, ROUTE_GET, "/calls/{call}/draft", CALL, NULL),
			 404);
	assert_int_equal(ask(h, ROUTE_GET, "/calls/{call}/notes", CALL + 1,
			     NULL), 404);
	call_put(h, learns.id);
	at(h, &learns);
	assert_int_equal(note_post(h, note(h, "mine")), 200);
	reads(h, &chief, "mine");
}


static void test_bad_note(void **state)
{
	struct house *h = *state;
	struct someone bo;
	json_t *body;

	recovery_make(h);
	bo = someone(h, "Bo", "counsellor");
	call_put(h, bo.id);
	body = json_pack("{s:o, s:s}", "epoch",
			 sealed_number_json(epoch_now(h)), "sealed",
			 "not sealed at all");
	assert_int_equal(note_post(h, body), 400);
	body = note(h, "x");
	(void)json_object_set_new(body, "epoch", json_string("77"));
	assert_int_equal(note_post(h, body), 400);
	/* sealed to oneself: nobody else could read it */
	body = json_pack("{s:o, s:o}", "epoch",
			 sealed_number_json(epoch_now(h)), "sealed",
			 sealed_note(0, bo.public, "x"));
	assert_int_equal(note_post(h, body), 400);
	assert_int_equal(notes_get(h), 200);
	assert_int_equal(json_array_size(json_object_get(h->answer, "notes")),
			 0);
}


static bool draft_there(struct house *h)
{
	assert_int_equal(ask(h, ROUTE_GET, "/calls/{call}/draft", CALL, NULL),
			 200);

	return json_is_string(json_object_get(h->answer, "sealed"));
}


static unsigned draft_post(struct house *h, json_t *sealed)
{
	return ask(h, ROUTE_POST, "/calls/{call}/draft", CALL,
		   json_pack("{s:o}", "sealed", sealed));
}


static void test_draft(void **state)
{
	struct house *h = *state;
	struct someone bo, cy;

	recovery_make(h);
	cy = someone(h, "Cy", "counsellor");
	bo = someone(h, "Bo", "counsellor");
	call_put(h, bo.id);
	assert_false(draft_there(h));
	assert_int_equal(draft_post(h, json_string("clear")), 400);
	assert_int_equal(draft_post(h, json_true()), 400);
	assert_false(draft_there(h));
	assert_int_equal(draft_post(h, sealed_note(0, bo.public, "in te")),
			 200);
	assert_true(draft_there(h));
	at(h, &cy);
	assert_false(draft_there(h));

	/* it goes with the note, or when it is thrown away */
	at(h, &bo);
	assert_int_equal(note_post(h, note(h, "in tears")), 200);
	assert_false(draft_there(h));
	assert_int_equal(draft_post(h, sealed_note(0, bo.public, "and")),
			 200);
	assert_int_equal(draft_post(h, json_null()), 200);
	assert_false(draft_there(h));
}


/* ---- now and then -------------------------------------------------------- */

/* another program took somebody away while we served */
static void test_look(void **state)
{
	struct house *h = *state;
	struct someone bo;
	uint64_t old;

	recovery_make(h);
	bo = someone(h, "Bo", "counsellor");
	(void)someone(h, "Cy", "counsellor");
	old = epoch_now(h);
	assert_int_equal(store_person_remove(h->web.store, bo.id), 0);
	keyring_look(&h->web);
	assert_int_equal(epoch_now(h), old);
	h->web.accounts->keyring.due_ms = tmr_jiffies();
	keyring_look(&h->web);
	assert_int_not_equal(epoch_now(h), old);
	assert_int_equal(wanting_holds(h->web.store, old, bo.id), ENOENT);
}


/* without a recovery key the log says so each day, not each time */
static void test_said(void **state)
{
	static const char words[] = "warn keys: nothing can be sealed";
	struct house *h = *state; /* its setup has had it said */
	char text[4096];
	struct catch c;

	catch_begin(&c);
	keyring_keep(&h->web);
	clock_get()->ahead_ms += 86000000;
	keyring_keep(&h->web);
	catch_end(&c, text, sizeof(text));
	assert_null(strstr(text, words));

	catch_begin(&c);
	clock_get()->ahead_ms += 500000;
	keyring_keep(&h->web);
	keyring_keep(&h->web);
	catch_end(&c, text, sizeof(text));
	clock_reset();
	log_has_one(text, words);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_key),
		CASE(test_bad_key),
		CASE(test_grant),
		CASE(test_refused),
		CASE(test_people),
		CASE(test_bad_grant),
		CASE(test_invited_anew),
		CASE(test_removed),
		CASE(test_shares),
		CASE(test_share_due),
		CASE(test_note),
		CASE(test_whose_notes),
		CASE(test_bad_note),
		CASE(test_draft),
		CASE(test_look),
		CASE(test_said),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
