/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * kept.c  Tests of checkpoints: they come back as they were, and nothing else is
 * taken for one.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "line/kept.h"


static struct kept some(void)
{
	struct kept k;

	memset(&k, 0, sizeof(k));
	k.owner.role = KEPT_PHONE;
	k.owner.call = 0x123456789abcdef0;
	k.owner.offer = 7;
	k.owner.person = 0xffffffff;
	k.owner.n_attempts = 300;
	k.dialog.stage = KEPT_UP;
	k.dialog.outgoing = 1;
	k.dialog.local_tag = UINT64_MAX;
	k.dialog.local_cseq = 70000;
	k.dialog.invite_cseq = 256;
	k.dialog.session_due = 1000000;
	strcpy(k.dialog.peer, "192.0.2.7:5060");
	strcpy(k.dialog.uri, "sip:ana@192.0.2.7");
	strcpy(k.dialog.invite, "INVITE sip:x SIP/2.0\r\n\r\n");

	return k;
}


static void it_comes_back(void **state)
{
	const struct kept k = some();
	uint8_t blob[LIMIT_KEPT];
	struct kept r;
	size_t n = 0;

	(void)state;
	assert_int_equal(kept_encode(blob, &n, &k), 0);
	assert_true(n < 200);
	assert_int_equal(kept_decode(&r, blob, n), 0);
	assert_int_equal(r.owner.role, KEPT_PHONE);
	assert_true(r.owner.call == k.owner.call);
	assert_true(r.owner.offer == 7);
	assert_true(r.owner.person == 0xffffffff);
	assert_int_equal(r.owner.n_attempts, 300);
	assert_int_equal(r.dialog.stage, KEPT_UP);
	assert_int_equal(r.dialog.outgoing, 1);
	assert_true(r.dialog.local_tag == UINT64_MAX);
	assert_int_equal(r.dialog.local_cseq, 70000);
	assert_int_equal(r.dialog.remote_cseq, 0);
	assert_int_equal(r.dialog.invite_cseq, 256);
	assert_true(r.dialog.session_due == 1000000);
	assert_string_equal(r.dialog.peer, k.dialog.peer);
	assert_string_equal(r.dialog.uri, k.dialog.uri);
	assert_string_equal(r.dialog.invite, k.dialog.invite);
	assert_string_equal(r.dialog.answer, "");
	assert_true(kept_is_talk(&r.dialog));
}


static bool is_all_zero(const struct kept *k)
{
	const uint8_t *p = (const uint8_t *)k;

	for (size_t i = 0; i < sizeof(*k); i++) {
		if (p[i])
			return false;
	}

	return true;
}


/* Cut anywhere, it is either refused or ends between two fields: then what is
 * there is as it was. */
static void cut_anywhere(void **state)
{
	const struct kept k = some();
	uint8_t blob[LIMIT_KEPT];
	unsigned n_whole = 0;
	struct kept r;
	size_t n = 0;

	(void)state;
	assert_int_equal(kept_encode(blob, &n, &k), 0);
	for (size_t i = 0; i < n; i++) {
		const int err = kept_decode(&r, blob, i);

		if (err) {
			assert_int_equal(err, EBADMSG);
			assert_true(is_all_zero(&r));
			continue;
		}
		++n_whole;
		assert_true(!r.owner.call || r.owner.call == k.owner.call);
		assert_true(!r.dialog.uri[0] ||
			    !strcmp(r.dialog.uri, k.dialog.uri));
	}
	assert_int_equal(n_whole, 13 + 1); /* fields before the last, and none */
}


/* any byte may be another one: it is read without harm, texts end */
static void changed_anywhere(void **state)
{
	const struct kept k = some();
	uint8_t blob[LIMIT_KEPT];
	struct kept r;
	size_t n = 0;

	(void)state;
	assert_int_equal(kept_encode(blob, &n, &k), 0);
	for (size_t i = 0; i < n; i++) {
		const uint8_t was = blob[i];

		for (unsigned b = 0; b < 256; b++) {
			blob[i] = (uint8_t)b;
			if (kept_decode(&r, blob, n)) {
				assert_true(is_all_zero(&r));
				continue;
			}
			assert_true(strlen(r.dialog.uri) < LIMIT_URI);
			assert_true(strlen(r.dialog.invite) < KEPT_TEXT);
			assert_true(r.dialog.stage < KEPT_STAGES);
			assert_true(r.owner.role < KEPT_ROLES);
		}
		blob[i] = was;
	}
}


static void what_is_none(void **state)
{
	static const struct {
		size_t n;
		uint8_t v[12];
	} rows[] = {
		{0, {0}},                          /* nothing              */
		{1, {2}},                          /* another version      */
		{5, {1, 2, 0, 1, 0}},              /* a number with zeros  */
		{4, {1, 2, 0, 0}},                 /* a field of nothing   */
		{5, {1, 2, 0, 2, 7}},              /* longer than there is */
		{9, {1, 2, 0, 1, 7, 2, 0, 1, 7}},  /* said twice           */
		{9, {1, 3, 0, 1, 7, 2, 0, 1, 7}},  /* not in order         */
		{6, {1, 1, 0, 2, 1, 1}},           /* too large for it     */
		{5, {1, 1, 0, 1, KEPT_ROLES}},     /* no role              */
		{5, {1, 128, 0, 1, KEPT_STAGES}},  /* no stage             */
		{6, {1, 143, 0, 2, 'a', 0}},       /* a NUL in a text      */
	};
	struct kept r;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (kept_decode(&r, rows[i].v, rows[i].n) != EBADMSG)
			fail_msg("row %zu was taken", i);
		assert_true(is_all_zero(&r));
	}
}


/* what a newer one has written is passed over */
static void unknown_fields(void **state)
{
	static const uint8_t blob[] = {1, 2, 0, 1, 9, 99, 0, 3, 'a', 0, 'b',
				       128, 0, 1, KEPT_RINGING};
	struct kept r;

	(void)state;
	assert_int_equal(kept_decode(&r, blob, sizeof(blob)), 0);
	assert_true(r.owner.call == 9);
	assert_int_equal(r.dialog.stage, KEPT_RINGING);
	assert_false(kept_is_talk(&r.dialog));
}


static void too_long(void **state)
{
	struct kept k = some();
	uint8_t blob[LIMIT_KEPT];
	struct kept r;
	size_t n = 0;

	(void)state;
	memset(k.dialog.invite, 'x', KEPT_TEXT - 1);
	memset(k.dialog.answer, 'y', KEPT_TEXT - 1);
	assert_int_equal(kept_encode(blob, &n, &k), 0);
	assert_true(n <= LIMIT_KEPT);
	assert_int_equal(kept_decode(&r, blob, n), 0);
	assert_string_equal(r.dialog.invite, k.dialog.invite);
	assert_string_equal(r.dialog.answer, k.dialog.answer);
	assert_int_equal(kept_decode(&r, blob, LIMIT_KEPT + 1), EBADMSG);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_comes_back),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(changed_anywhere),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(unknown_fields),
		cmocka_unit_test(too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
