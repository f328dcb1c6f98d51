/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * registration.c  Tests of registrations: the machine, and a registrar that
 * does whatever a registrar may do.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>
#include <re.h>

#include "line/digest.h"
#include "clock.h"
#include "machine.h"
#include "registrar.h"


enum { FAST = 1000 };

#define SHA "WWW-Authenticate: Digest realm=\"r\", nonce=\"ns\", " \
	    "algorithm=SHA-256, qop=\"auth\"\r\n"
#define MD "WWW-Authenticate: Digest realm=\"r\", nonce=\"nm\", " \
	   "algorithm=MD5, qop=\"auth\"\r\n"
#define PROXY "Proxy-Authenticate: Digest realm=\"r\", nonce=\"np\"\r\n"


/* the Contact of a REGISTER with these parameters, as a header */
static const char *contact(const struct sip_msg *msg, const char *params)
{
	static char text[256];
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_CONTACT);

	assert_non_null(hdr);
	(void)re_snprintf(text, sizeof(text), "Contact: %r%s\r\n", &hdr->val,
			  params);
	return text;
}


static bool was_asked_for(uint64_t ms)
{
	const struct clock *clock = clock_get();

	for (size_t i = 0; i < clock->n_starts; i++) {
		if (clock->starts[i] == ms)
			return true;
	}

	return false;
}


/* what a registrar that knows the secret would check */
static void check_credentials(const struct sip_msg *msg, enum digest_alg alg,
			      enum sip_hdrid id, const char *pass)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, id);
	struct digest_in in = {.alg = alg};
	struct httpauth_digest_resp resp;
	char hex[DIGEST_HEX];

	assert_non_null(hdr);
	assert_int_equal(httpauth_digest_response_decode(&resp, &hdr->val), 0);
	assert_int_equal(pl_strcmp(&resp.username, "line"), 0);
	assert_int_equal(pl_cmp(&resp.uri, &msg->ruri), 0);
	in.user = resp.username;
	in.realm = resp.realm;
	in.nonce = resp.nonce;
	in.uri = resp.uri;
	in.nc = resp.nc;
	in.cnonce = resp.cnonce;
	in.qop = resp.qop;
	in.method = msg->met;
	pl_set_str(&in.pass, pass);
	assert_int_equal(digest_response(hex, &in), 0);
	assert_int_equal(pl_strcmp(&resp.response, hex), 0);
}


/* ---- the machine -------------------------------------------------------- */

static void every_pair_moves_or_changes_nothing(void **state)
{
	(void)state;
	machine_walk(&trunk_machine);
}


/* a trunk that leaves ends; every other one that registers gets there */
static void no_state_is_without_a_way_out(void **state)
{
	static const char *const ends[] = {"leaving", "leaving_proving",
					   "gone"};
	const struct step_machine *m = &trunk_machine;
	bool ending[MACHINE_STATES] = {false};
	const uint8_t gone = machine_name(m->states, m->n_states, "gone");
	const uint8_t fixed = machine_name(m->states, m->n_states, "static");
	const uint8_t goal = machine_name(m->states, m->n_states,
					  "registered");
	const uint8_t first = machine_name(m->states, m->n_states, "waiting");
	bool all[MACHINE_STATES] = {false};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		ending[machine_name(m->states, m->n_states, ends[i])] = true;

	for (uint8_t s = 0; s < m->n_states; s++) {
		bool seen[MACHINE_STATES] = {false};

		seen[s] = true;
		machine_reach(m, seen, NULL, 0);
		assert_int_equal(seen[goal], s != fixed && !ending[s]);
		assert_true(seen[gone]);
	}

	all[first] = true;
	machine_reach(m, all, NULL, 0);
	for (uint8_t s = 0; s < m->n_states; s++)
		assert_int_equal(all[s], s != fixed);
}


/* whatever a registrar does wrong, it is tried again */
static void every_failure_is_tried_again(void **state)
{
	static const char *const bad[] = {"failed", "refused"};
	const struct step_machine *m = &trunk_machine;
	const uint8_t try = machine_name(m->events, m->n_events, "try");
	const uint8_t busy[] = {
		machine_name(m->states, m->n_states, "trying"),
		machine_name(m->states, m->n_states, "proving")};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(busy); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(bad); k++) {
			const uint8_t ev = machine_name(m->events,
							m->n_events, bad[k]);
			const struct step_rule *r = step_find(m, busy[i], ev);

			assert_non_null(r);
			assert_non_null(r->action); /* starts the timer */
			assert_non_null(step_find(m, r->next, try));
		}
	}
}


/* ---- registering -------------------------------------------------------- */

static void a_register_is_complete(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg;
	char uri[64];

	registrar_add(f);
	msg = registrar_next(f);
	(void)re_snprintf(uri, sizeof(uri), "sip:%J", &f->registrar.laddr);
	assert_int_equal(pl_strcmp(&msg->ruri, uri), 0);
	assert_int_equal(pl_strcmp(&msg->from.uri.user, "line"), 0);
	assert_int_equal(pl_strcmp(&msg->to.uri.user, "line"), 0);
	assert_true(pl_isset(&msg->from.tag));
	assert_false(pl_isset(&msg->to.tag));
	assert_int_equal(pl_strcmp(&msg->expires, "300"), 0);
	assert_null(sip_msg_hdr(msg, SIP_HDR_AUTHORIZATION));
	/* neither the account nor a fixed name in the Contact */
	assert_false(sip_msg_has(msg, "Contact: <sip:line@"));
	assert_false(trunks_has(f->trunks.trunks, &f->registrar.laddr));
	registrar_await(f, WIRE_TRUNK_TRYING);

	registrar_reply(f, msg, 200, NULL);
	registrar_await(f, WIRE_TRUNK_REGISTERED);
	assert_true(trunks_has(f->trunks.trunks, &f->registrar.laddr));
}


static const struct {
	unsigned scode;
	const char *headers;
	enum digest_alg alg;
	enum sip_hdrid id;
} challenges[] = {
	{401, SHA, DIGEST_SHA256, SIP_HDR_AUTHORIZATION},
	{401, MD, DIGEST_MD5, SIP_HDR_AUTHORIZATION},
	{401, MD SHA, DIGEST_SHA256, SIP_HDR_AUTHORIZATION},
	{407, PROXY, DIGEST_MD5, SIP_HDR_PROXY_AUTHORIZATION},
};


static bool is_idle(void *arg)
{
	const struct fixture *f = arg;

	return trunks_are_idle(f->trunks.trunks);
}


static void await_idle(struct fixture *f)
{
	sip_loop(is_idle, f, "every provider to be told");
}


/* REGISTER with Expires 0, challenged like the first one */
static void is_taken_back(struct fixture *f, unsigned scode,
			  const char *headers, enum digest_alg alg,
			  enum sip_hdrid id)
{
	const struct sip_msg *msg = registrar_next(f);

	assert_int_equal(pl_strcmp(&msg->expires, "0"), 0);
	registrar_reply(f, msg, scode, headers);
	msg = registrar_next(f);
	assert_int_equal(pl_strcmp(&msg->expires, "0"), 0);
	check_credentials(msg, alg, id, "open sesame");
	registrar_reply(f, msg, 200, NULL);
	await_idle(f);
}


static void challenges_are_answered(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(challenges); i++) {
		const struct sip_msg *first, *second;

		registrar_add(f);
		first = registrar_next(f);
		registrar_reply(f, first, challenges[i].scode, challenges[i].headers);
		second = registrar_next(f);
		assert_int_equal(pl_cmp(&second->callid, &first->callid), 0);
		assert_int_equal(second->cseq.num, first->cseq.num + 1);
		check_credentials(second, challenges[i].alg, challenges[i].id,
				  "open sesame");
		registrar_reply(f, second, 200, NULL);
		registrar_await(f, WIRE_TRUNK_REGISTERED);
		assert_int_equal(store_trunk_remove(f->trunks.store,
						    "provider"), 0);
		assert_int_equal(trunks_load(f->trunks.trunks,
					     f->trunks.store), 0);
		assert_int_equal(sip_trunks_state(&f->trunks, "provider"),
				 -1);
		assert_false(trunks_has(f->trunks.trunks,
					&f->registrar.laddr));
		is_taken_back(f, challenges[i].scode, challenges[i].headers,
			      challenges[i].alg, challenges[i].id);
	}
}


static void stopping_takes_back_what_was_registered(void **state)
{
	struct fixture *f = *state;

	registrar_add(f);
	registrar_reply(f, registrar_next(f), 200, NULL);
	registrar_await(f, WIRE_TRUNK_REGISTERED);
	assert_true(trunks_are_idle(f->trunks.trunks));

	trunks_leave(f->trunks.trunks);
	assert_false(trunks_are_idle(f->trunks.trunks));
	is_taken_back(f, 401, SHA, DIGEST_SHA256, SIP_HDR_AUTHORIZATION);
}


static void stopping_does_not_insist(void **state)
{
	struct fixture *f = *state;

	registrar_add(f);
	registrar_reply(f, registrar_next(f), 200, NULL);
	registrar_await(f, WIRE_TRUNK_REGISTERED);
	trunks_leave(f->trunks.trunks);
	registrar_reply(f, registrar_next(f), 500, NULL);
	await_idle(f);
}


static void refused_credentials_are_tried_much_later(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *first;

	registrar_add(f);
	first = registrar_next(f);
	registrar_reply(f, first, 401, SHA);
	registrar_reply(f, registrar_next(f), 401, SHA);
	registrar_await(f, WIRE_TRUNK_REFUSED);
	assert_true(was_asked_for(120000));
	assert_int_equal(sip_peer_count(&f->registrar, "REGISTER"), 0);
}


static void a_refused_account_is_tried_much_later(void **state)
{
	struct fixture *f = *state;

	clock_get()->speed = FAST;
	registrar_add(f);
	registrar_reply(f, registrar_next(f), 403, NULL);
	registrar_await(f, WIRE_TRUNK_REFUSED);
	assert_true(was_asked_for(120000));
	registrar_reply(f, registrar_next(f), 200, NULL);
	registrar_await(f, WIRE_TRUNK_REGISTERED);
}


static void longer_registrations_are_agreed_to(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg;

	registrar_add(f);
	registrar_reply(f, registrar_next(f), 423, "Min-Expires: 600\r\n");
	msg = registrar_next(f);
	assert_int_equal(pl_strcmp(&msg->expires, "600"), 0);
	registrar_reply(f, msg, 200, NULL);
	registrar_await(f, WIRE_TRUNK_REGISTERED);
	assert_true(was_asked_for(600 * 900));
}


/* a registrar that says 423 for ever does not get REGISTERs for ever */
static void senseless_423s_are_failures(void **state)
{
	static const char *const senseless[] = {
		NULL, "Min-Expires: 300\r\n", "Min-Expires: 10\r\n",
		"Min-Expires: -600\r\n", "Min-Expires: 99999999999\r\n",
		"Min-Expires: 86401\r\n"};
	struct fixture *f = *state;

	clock_get()->speed = FAST;
	registrar_add(f);
	for (size_t i = 0; i < ARRAY_SIZE(senseless); i++) {
		const struct sip_msg *msg = registrar_next(f);

		assert_int_equal(pl_strcmp(&msg->expires, "300"), 0);
		registrar_reply(f, msg, 423, senseless[i]);
	}
	(void)registrar_next(f);
	assert_false(was_asked_for(1));
	assert_true(was_asked_for(2000));
}


static void failures_are_tried_less_and_less_often(void **state)
{
	static const uint64_t waits[] = {2000, 4000, 8000, 16000, 32000,
					 64000, 120000, 120000};
	struct fixture *f = *state;
	const struct clock *clock = clock_get();

	clock_get()->speed = FAST;
	registrar_add(f);
	for (size_t i = 0; i < ARRAY_SIZE(waits); i++)
		registrar_reply(f, registrar_next(f), i % 2 ? 500 : 503, NULL);
	registrar_reply(f, registrar_next(f), 200, NULL);
	registrar_await(f, WIRE_TRUNK_REGISTERED);
	assert_true(clock->n_starts > ARRAY_SIZE(waits));
	for (size_t i = 0; i < ARRAY_SIZE(waits); i++)
		assert_int_equal(clock->starts[i], waits[i]);

	/* success forgets */
	registrar_reply(f, registrar_next(f), 500, NULL);
	registrar_reply(f, registrar_next(f), 200, NULL);
	assert_int_equal(clock->starts[ARRAY_SIZE(waits) + 1], 2000);
}


static void it_is_refreshed_before_it_expires(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *first, *second;

	clock_get()->speed = FAST;
	registrar_add(f);
	first = registrar_next(f);
	registrar_reply(f, first, 200, contact(first, ";expires=100"));
	second = registrar_next(f);
	assert_true(was_asked_for(90000));
	assert_int_equal(pl_cmp(&second->callid, &first->callid), 0);
	assert_int_equal(pl_cmp(&second->from.tag, &first->from.tag), 0);
	assert_int_equal(second->cseq.num, first->cseq.num + 1);
	/* while it is refreshed, and when that fails, callers come in */
	assert_true(trunks_has(f->trunks.trunks, &f->registrar.laddr));
	registrar_reply(f, second, 500, NULL);
	registrar_await(f, WIRE_TRUNK_TRYING);
	assert_true(trunks_has(f->trunks.trunks, &f->registrar.laddr));
}


/* RFC 3261, 10.2.4 */
static void the_granted_time_is_found(void **state)
{
	static const struct {
		const char *params;  /* of our Contact; NULL: no Contact */
		const char *headers;
		uint64_t refresh_ms;
	} grants[] = {
		{";expires=200", "Expires: 1000\r\n", 180000},
		{NULL, "Expires: 1000\r\n", 900000},
		{"", "", 270000},
		{NULL, "", 270000},
		{";expires=1", "", 1800},
		{";expires=0", "", 1800},
		{";expires=4294967295", "", 3240000},
		{";expires=abc", "Expires: 400\r\n", 360000},
		{";expires=-5", "Expires: -5\r\n", 270000},
		{NULL, "Contact: <sip:other@192.0.2.1>;expires=20\r\n",
		 270000},
		{";q=1;expires=\"500\"", "", 450000},
	};
	struct fixture *f = *state;
	const struct sip_msg *msg;

	registrar_add(f);
	msg = registrar_next(f);
	for (size_t i = 0; i < ARRAY_SIZE(grants); i++) {
		char headers[512];

		(void)re_snprintf(headers, sizeof(headers), "%s%s",
				  grants[i].params
					  ? contact(msg, grants[i].params)
					  : "",
				  grants[i].headers);
		clock_reset();
		clock_get()->speed = 100 * FAST;
		registrar_reply(f, msg, 200, headers);
		msg = registrar_next(f);
		if (!was_asked_for(grants[i].refresh_ms))
			fail_msg("grant %zu: %llu ms", i,
				 (unsigned long long)clock_get()->starts[0]);
	}
}


static void a_missing_secret_is_a_failure_and_read_again(void **state)
{
	struct fixture *f = *state;

	clock_get()->speed = FAST;
	sip_trunks_secret(&f->trunks, NULL);
	registrar_add(f);
	registrar_reply(f, registrar_next(f), 401, SHA);
	(void)registrar_next(f);
	assert_true(was_asked_for(2000));

	sip_trunks_secret(&f->trunks, "now there\r\n");
	registrar_reply(f, registrar_next(f), 401, SHA);
	check_credentials(registrar_next(f), DIGEST_SHA256, SIP_HDR_AUTHORIZATION,
			  "now there");
}


#define CASE(f) cmocka_unit_test_setup_teardown(f, registrar_begin,     \
					       registrar_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_moves_or_changes_nothing),
		cmocka_unit_test(no_state_is_without_a_way_out),
		cmocka_unit_test(every_failure_is_tried_again),
		CASE(a_register_is_complete),
		CASE(challenges_are_answered),
		CASE(stopping_takes_back_what_was_registered),
		CASE(stopping_does_not_insist),
		CASE(refused_credentials_are_tried_much_later),
		CASE(a_refused_account_is_tried_much_later),
		CASE(longer_registrations_are_agreed_to),
		CASE(senseless_423s_are_failures),
		CASE(failures_are_tried_less_and_less_often),
		CASE(it_is_refreshed_before_it_expires),
		CASE(the_granted_time_is_found),
		CASE(a_missing_secret_is_a_failure_and_read_again),
	};
	int err;

	if (sodium_init() < 0 || libre_init())
		return 1;
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
