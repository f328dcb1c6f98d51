/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_note.c  Notes and drafts, as the store keeps them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "store/audit.h"
#include "store/epoch.h"
#include "store/note.h"

#include "store_fixture.h"


static uint32_t person_new(struct store *s, const char *name)
{
	struct store_person p = a_person(name, "");

	assert_int_equal(store_person_add(s, &p), 0);

	return p.id;
}


static void epoch_new(struct store *s, uint64_t id, const char *line)
{
	struct store_epoch e = {.id = id, .month = 24322, .public = {1}};

	SET(e.line, line);
	assert_int_equal(store_epoch_add(s, &e, NULL, 0), 0);
}


static struct store_note a_note(uint64_t call, uint32_t person,
				uint64_t epoch, const char *sealed)
{
	return (struct store_note){
		.call = call, .person = person, .epoch = epoch, .day = 20778,
		.sealed = (const uint8_t *)sealed, .n_sealed = strlen(sealed),
	};
}


struct all {
	char text[4][16];
	struct store_note v[4];
	size_t n;
};


static bool keep(const struct store_note *note, void *arg)
{
	struct all *all = arg;

	(void)snprintf(all->text[all->n], sizeof(all->text[0]), "%.*s",
		       (int)note->n_sealed, (const char *)note->sealed);
	all->v[all->n++] = *note;

	return all->n == 4;
}


static struct all all_of(struct store *s, uint64_t call)
{
	struct all all = {.n = 0};

	assert_int_equal(store_note_each(s, call, keep, &all), 0);

	return all;
}


static void draft_keep(const uint8_t *sealed, size_t n, void *arg)
{
	(void)snprintf(arg, 16, "%.*s", (int)n, (const char *)sealed);
}


static void draft_is(struct store *s, uint64_t call, uint32_t person,
		     const char *text)
{
	char got[16] = "";

	assert_int_equal(store_draft_get(s, call, person, draft_keep, got),
			 text ? 0 : ENOENT);
	assert_string_equal(got, text ? text : "");
}


static int draft(struct store *s, uint64_t call, uint32_t person,
		 const char *text)
{
	return store_draft_put(s, call, person, 20778, (const uint8_t *)text,
			       strlen(text));
}


/* two calls of line "main", which is sealed to 2 */
static struct store *store_ready(void **state)
{
	struct store *s = store_make(*state);
	struct store_call call = a_call(5);

	SET(call.line, "main");
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	call.id = 6;
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	epoch_new(s, 1, "main");
	epoch_new(s, 2, "main");
	epoch_new(s, 3, "youth");

	return s;
}


static void test_notes(void **state)
{
	struct store *s = store_ready(state);
	const uint32_t bo = person_new(s, "Bo"), cy = person_new(s, "Cy");
	struct store_note a = a_note(5, bo, 2, "one");
	struct store_note b = a_note(5, cy, 2, "two");
	struct all all;

	assert_int_equal(store_note_add(s, &a), 0);
	assert_int_equal(store_note_add(s, &b), 0);
	assert_true(a.id && b.id > a.id);
	assert_int_equal(store_person_remove(s, cy), 0);
	all = all_of(s, 5);
	assert_int_equal(all.n, 2);
	assert_int_equal(all.v[0].id, a.id);
	assert_int_equal(all.v[0].call, 5);
	assert_int_equal(all.v[0].person, bo);
	assert_string_equal(all.v[0].name, "Bo");
	assert_int_equal(all.v[0].day, 20778);
	assert_int_equal(all.v[0].epoch, 2);
	assert_string_equal(all.text[0], "one");
	assert_int_equal(all.v[1].person, cy);
	assert_string_equal(all.v[1].name, "");
	assert_string_equal(all.text[1], "two");
	assert_int_equal(all_of(s, 6).n, 0);
	store_close(s);
}


/* an older epoch, another line's, none, no such call; nothing, too much */
static void test_refused(void **state)
{
	struct store *s = store_ready(state);
	const uint32_t bo = person_new(s, "Bo");
	const uint64_t epochs[] = {1, 3, 4};
	uint8_t much[STORE_NOTE + 1] = {1};
	struct store_note n;

	for (size_t i = 0; i < sizeof(epochs) / sizeof(epochs[0]); i++) {
		n = a_note(5, bo, epochs[i], "one");
		assert_int_equal(store_note_add(s, &n), ESTALE);
	}
	n = a_note(7, bo, 2, "one");
	assert_int_equal(store_note_add(s, &n), ESTALE);
	n = a_note(5, bo, 2, "");
	assert_int_equal(store_note_add(s, &n), EINVAL);
	n.sealed = much;
	n.n_sealed = sizeof(much);
	assert_int_equal(store_note_add(s, &n), EINVAL);
	assert_int_equal(all_of(s, 5).n, 0);
	n.n_sealed = STORE_NOTE;
	assert_int_equal(store_note_add(s, &n), 0);
	assert_int_equal(all_of(s, 5).v[0].n_sealed, STORE_NOTE);
	store_close(s);
}


static void test_drafts(void **state)
{
	struct store *s = store_ready(state);
	const uint32_t bo = person_new(s, "Bo"), cy = person_new(s, "Cy");
	struct store_note n = a_note(5, bo, 1, "over");

	draft_is(s, 5, bo, NULL);
	assert_int_equal(draft(s, 5, bo, "o"), 0);
	assert_int_equal(draft(s, 5, bo, "on"), 0);
	assert_int_equal(draft(s, 6, bo, "other"), 0);
	assert_int_equal(draft(s, 5, cy, "mine"), 0);
	assert_int_equal(draft(s, 5, 99, "nobody"), ENOENT);
	assert_int_equal(draft(s, 7, bo, "no call"), ENOENT);
	draft_is(s, 5, bo, "on");
	draft_is(s, 5, cy, "mine");

	/* what could not be kept does not cost the draft */
	assert_int_equal(store_note_add(s, &n), ESTALE);
	draft_is(s, 5, bo, "on");
	n.epoch = 2;
	assert_int_equal(store_note_add(s, &n), 0);
	draft_is(s, 5, bo, NULL);
	draft_is(s, 6, bo, "other");
	draft_is(s, 5, cy, "mine");

	assert_int_equal(store_draft_put(s, 6, bo, 1, NULL, 0), 0);
	draft_is(s, 6, bo, NULL);
	assert_int_equal(store_person_remove(s, cy), 0);
	draft_is(s, 5, cy, NULL);
	store_close(s);
}


/* whoever is invited anew has lost the passphrase that opens these */
static void test_invited_anew(void **state)
{
	struct store *s = store_ready(state);
	const uint32_t bo = person_new(s, "Bo"), cy = person_new(s, "Cy");
	struct store_identity identity = {.person = bo};
	struct store_grant g = {.epoch = 1, .person = bo};
	struct store_invitation i = {.person = bo, .ends_at = 2000};
	struct store_account a = {.opslimit = 3, .memlimit = 1};

	assert_int_equal(store_identity_put(s, &identity), 0);
	assert_int_equal(store_grant_add(s, &g), 0);
	g.person = identity.person = cy;
	assert_int_equal(store_identity_put(s, &identity), 0);
	assert_int_equal(store_grant_add(s, &g), 0);
	assert_int_equal(draft(s, 5, bo, "on"), 0);
	assert_int_equal(store_invitation_put(s, &i), 0);
	assert_int_equal(store_identity_get(s, bo, &identity), 0);

	assert_int_equal(store_invitation_accept(s, i.hash, 1000, &a), 0);
	assert_int_equal(store_identity_get(s, bo, &identity), ENOENT);
	draft_is(s, 5, bo, NULL);
	assert_int_equal(store_identity_get(s, cy, &identity), 0);
	assert_int_equal(store_grant_add(s, &g), EEXIST);
	g.person = bo;
	assert_int_equal(store_grant_add(s, &g), 0);
	store_close(s);
}


static bool row_keep(const struct store_audit *row, void *arg)
{
	*(struct store_audit *)arg = *row;

	return false;
}


/* a grant is on record with what says so, or not at all */
static void test_grant_along(void **state)
{
	struct store *s = store_ready(state);
	const uint32_t bo = person_new(s, "Bo");
	struct store_audit row = {.at = 7, .person = 9, .whom = bo};
	struct store_audit last = {.id = 0};
	const struct store_grant g = {.epoch = 1, .person = bo};

	SET(row.what, "key_granted");
	assert_int_equal(store_audit_along(s, &row), 0);
	assert_int_equal(store_grant_add(s, &g), 0);
	assert_int_equal(store_audit_each(s, 0, row_keep, &last), 0);
	assert_int_equal(last.id, 1);
	assert_string_equal(last.what, "key_granted");
	assert_int_equal(last.whom, bo);

	assert_int_equal(store_audit_along(s, &row), 0);
	assert_int_equal(store_grant_add(s, &g), EEXIST);
	assert_int_equal(store_audit_each(s, 0, row_keep, &last), 0);
	assert_int_equal(last.id, 1);
	store_close(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_notes),
		STORE_CASE(test_refused),
		STORE_CASE(test_drafts),
		STORE_CASE(test_invited_anew),
		STORE_CASE(test_grant_along),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
