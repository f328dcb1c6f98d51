/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * session.c  Tests of the session timer negotiation, RFC 4028.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <re.h>

#include "line/session.h"
#include "sip_text.h"


enum { WANTED = 600 };

#define KNOWS "Supported: timer\r\n"


static struct sip_msg *message(const char *start, const char *headers)
{
	struct sip_msg *msg;
	char text[1024];
	int n;

	n = re_snprintf(text, sizeof(text),
			"%s\r\n"
			"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\n"
			"From: <sip:a@b.invalid>;tag=1\r\n"
			"To: <sip:c@d.invalid>\r\n"
			"Call-ID: c\r\n"
			"CSeq: 1 INVITE\r\n"
			"%s\r\n", start, headers);
	assert_true(n > 0);
	assert_int_equal(sip_text_decode(&msg, text, (size_t)n), 0);

	return msg;
}


static int answer(struct session_timer *t, const char *headers)
{
	struct sip_msg *msg = message("INVITE sip:c@d.invalid SIP/2.0",
				      headers);
	const int err = session_answer(t, msg, WANTED);

	mem_deref(msg);
	return err;
}


static int agreed(struct session_timer *t, const char *headers)
{
	struct sip_msg *msg = message("SIP/2.0 200 OK", headers);
	const int err = session_agreed(t, msg, WANTED);

	mem_deref(msg);
	return err;
}


static const struct {
	const char *headers;
	int err;
	uint32_t interval;
	bool we_refresh;
	bool peer_knows;
} answers[] = {
	/* RFC 4028, table 2: does the UAC support timers, whom does it
	 * want as the refresher */
	{"", 0, 600, true, false},
	{"Session-Expires: 600\r\n", 0, 600, true, false},
	{"Session-Expires: 600;refresher=uas\r\n", 0, 600, true, false},
	{KNOWS, 0, 600, false, true},
	{KNOWS "Session-Expires: 600\r\n", 0, 600, false, true},
	{KNOWS "Session-Expires: 600;refresher=uac\r\n", 0, 600, false, true},
	{KNOWS "Session-Expires: 600;refresher=uas\r\n", 0, 600, true, true},
	{"Require: timer\r\nSession-Expires: 600;refresher=uas\r\n", 0, 600,
	 true, true},
	{"k: 100rel, timer\r\nx: 600;refresher=UAC\r\n", 0, 600, false, true},

	/* lower, never higher than asked */
	{KNOWS "Session-Expires: 1800\r\n", 0, 600, false, true},
	{KNOWS "Session-Expires: 300\r\n", 0, 300, false, true},
	{KNOWS "Session-Expires: 90\r\n", 0, 90, false, true},
	{KNOWS "Session-Expires: 1800\r\nMin-SE: 900\r\n", 0, 900, false,
	 true},
	{KNOWS "Session-Expires: 1800\r\nMin-SE: 300\r\n", 0, 600, false,
	 true},
	{KNOWS "Min-SE: 1800\r\n", 0, 1800, false, true},
	{KNOWS "Session-Expires: 4294967295\r\n", 0, 600, false, true},
	{KNOWS "Session-Expires: 4294967295\r\nMin-SE: 4294967295\r\n", 0,
	 600, false, true},

	/* too small */
	{KNOWS "Session-Expires: 89\r\n", ERANGE, 0, false, false},
	{KNOWS "Session-Expires: 0\r\n", ERANGE, 0, false, false},
	{KNOWS "Session-Expires: 30\r\nMin-SE: 30\r\n", ERANGE, 0, false,
	 false},
	/* a 422 would help nobody who knows no timers */
	{"Session-Expires: 30\r\n", 0, 600, true, false},

	/* malformed */
	{KNOWS "Session-Expires: abc\r\n", EBADMSG, 0, false, false},
	{KNOWS "Session-Expires: -90\r\n", EBADMSG, 0, false, false},
	{KNOWS "Session-Expires: +90\r\n", EBADMSG, 0, false, false},
	{KNOWS "Session-Expires:\r\n", EBADMSG, 0, false, false},
	{KNOWS "Session-Expires: ;refresher=uac\r\n", EBADMSG, 0, false,
	 false},
	{KNOWS "Session-Expires: 4294967296\r\n", EBADMSG, 0, false, false},
	{KNOWS "Session-Expires: 99999999999999999999\r\n", EBADMSG, 0, false,
	 false},
	{KNOWS "Session-Expires: 600;refresher=me\r\n", EBADMSG, 0, false,
	 false},
	{KNOWS "Session-Expires: 600;refresher=\r\n", 0, 600, false, true},
	{KNOWS "Session-Expires: 600s\r\n", EBADMSG, 0, false, false},
	{KNOWS "Session-Expires: 600 1800\r\n", EBADMSG, 0, false, false},
	{"Session-Expires: abc\r\n", EBADMSG, 0, false, false},
	{KNOWS "Session-Expires: 600;more=1;refresher=uas\r\n", 0, 600, true,
	 true},
	{KNOWS "Session-Expires: 600 ; refresher=uas\r\n", 0, 600, true,
	 true},
};


static void as_the_asked_side(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct session_timer t = {4711, false, false};
		const int err = answer(&t, answers[i].headers);

		if (err != answers[i].err)
			fail_msg("%s: %d", answers[i].headers, err);
		if (err) {
			assert_int_equal(t.interval, 4711);
			continue;
		}
		if (t.interval != answers[i].interval)
			fail_msg("%s: %u s", answers[i].headers, t.interval);
		if (t.we_refresh != answers[i].we_refresh ||
		    t.peer_knows != answers[i].peer_knows)
			fail_msg("%s: refresher", answers[i].headers);
	}
}


static const struct {
	const char *headers;
	int err;
	uint32_t interval;
	bool we_refresh;
	bool peer_knows;
} agreements[] = {
	{"", 0, WANTED, true, false},
	{"Supported: timer\r\n", 0, WANTED, true, false},
	{"Session-Expires: 600;refresher=uac\r\n", 0, 600, true, true},
	{"Session-Expires: 600;refresher=uas\r\n", 0, 600, false, true},
	{"Session-Expires: 600\r\n", 0, 600, true, true},
	{"Session-Expires: 300;refresher=uas\r\n", 0, 300, false, true},
	{"Session-Expires: 10;refresher=uas\r\n", 0, 90, false, true},
	{"Session-Expires: 0;refresher=uac\r\n", 0, 90, true, true},
	/* a peer may lower what we asked for, not raise it */
	{"Session-Expires: 4294967295;refresher=uac\r\n", 0, WANTED, true,
	 true},
	{"Session-Expires: soon\r\n", EBADMSG, 0, false, false},
	{"Session-Expires: 600;refresher=you\r\n", EBADMSG, 0, false, false},
};


static void as_the_asking_side(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(agreements); i++) {
		struct session_timer t = {4711, false, false};
		const int err = agreed(&t, agreements[i].headers);

		if (err != agreements[i].err)
			fail_msg("%s: %d", agreements[i].headers, err);
		if (err) {
			assert_int_equal(t.interval, 4711);
			continue;
		}
		if (t.interval != agreements[i].interval)
			fail_msg("%s: %u s", agreements[i].headers,
				 t.interval);
		if (t.we_refresh != agreements[i].we_refresh ||
		    t.peer_knows != agreements[i].peer_knows)
			fail_msg("%s: refresher", agreements[i].headers);
	}
}


static void min_se_of_a_422(void **state)
{
	static const struct {
		const char *headers;
		uint32_t min;
	} rows[] = {
		{"Min-SE: 1800\r\n", 1800},
		{"min-se: 90;any=thing\r\n", 90},
		{"Min-SE: 86400\r\n", 86400},
		{"Min-SE: 86401\r\n", 0},
		{"Min-SE: 99999999999999999999\r\n", 0},
		{"Min-SE: -90\r\n", 0},
		{"Min-SE: x90\r\n", 0},
		{"Min-SE: 90s\r\n", 0},
		{"Min-SE:\r\n", 0},
		{"", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sip_msg *msg = message("SIP/2.0 422 Too Small",
					      rows[i].headers);

		if (session_min(msg) != rows[i].min)
			fail_msg("%s: %u", rows[i].headers, session_min(msg));
		mem_deref(msg);
	}
}


/* who refreshes does so at half time; who watches waits till shortly before
 * the end, RFC 4028, 10 */
static void waiting_times(void **state)
{
	static const struct {
		struct session_timer t;
		uint64_t ms;
	} rows[] = {
		{{90, true, true}, 45000},
		{{91, true, true}, 45500},
		{{1800, true, true}, 900000},
		{{86400, true, true}, 43200000},
		{{90, false, true}, 60000},
		{{95, false, true}, 64000},
		{{96, false, true}, 64000},
		{{99, false, true}, 67000},
		{{1800, false, true}, 1768000},
		{{86400, false, true}, 86368000},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(session_wait(&rows[i].t), rows[i].ms);
}


/* whoever refreshes is done before the one who watches gives up */
static void refreshing_comes_before_giving_up(void **state)
{
	(void)state;

	for (uint32_t s = SESSION_MIN; s <= 86400; s++) {
		const struct session_timer we = {s, true, true};
		const struct session_timer they = {s, false, true};

		assert_true(session_wait(&we) < session_wait(&they));
		assert_true(session_wait(&they) < (uint64_t)s * 1000);
	}
}


static void printed_headers(void **state)
{
	static const struct {
		struct session_timer t;
		const char *text;
	} rows[] = {
		{{600, false, true}, "Require: timer\r\n"
				     "Session-Expires: 600;refresher=uac\r\n"},
		{{90, true, true}, "Session-Expires: 90;refresher=uas\r\n"},
		{{90, true, false}, "Session-Expires: 90;refresher=uas\r\n"},
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_true(re_snprintf(text, sizeof(text), "%H",
					session_print_answer,
					&rows[i].t) > 0);
		assert_string_equal(text, rows[i].text);
	}
	assert_int_equal(re_snprintf(text, sizeof(text), "%H",
				     session_print_answer, NULL), 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_asked_side),
		cmocka_unit_test(as_the_asking_side),
		cmocka_unit_test(min_se_of_a_422),
		cmocka_unit_test(waiting_times),
		cmocka_unit_test(refreshing_comes_before_giving_up),
		cmocka_unit_test(printed_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
