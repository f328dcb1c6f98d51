/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * trunk.c  Tests of trunks: the machine, and registrations with a registrar
 * that does whatever a registrar may do.
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
#include "oom.h"
#include "sip_peer.h"
#include "sip_text.h"
#include "sip_trunks.h"


enum { FAST = 1000 };

#define SHA "WWW-Authenticate: Digest realm=\"r\", nonce=\"ns\", " \
	    "algorithm=SHA-256, qop=\"auth\"\r\n"
#define MD "WWW-Authenticate: Digest realm=\"r\", nonce=\"nm\", " \
	   "algorithm=MD5, qop=\"auth\"\r\n"
#define PROXY "Proxy-Authenticate: Digest realm=\"r\", nonce=\"np\"\r\n"

struct fixture {
	struct sip_bench bench;
	struct sip_trunks trunks;
	struct sip_peer registrar;
	int wanted;
};


static void request(const struct sip_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
}


static int begin(void **state)
{
	struct fixture *f = mem_zalloc(sizeof(*f), NULL);

	assert_non_null(f);
	clock_reset();
	sip_bench_open(&f->bench, request, NULL, f);
	sip_peer_open(&f->registrar, "127.0.0.1", &f->bench.laddr);
	sip_trunks_open(&f->trunks, f->bench.sip);
	sip_trunks_secret(&f->trunks, "open sesame\n");
	*state = f;

	return 0;
}


static int end(void **state)
{
	struct fixture *f = *state;

	sip_trunks_close(&f->trunks);
	sip_peer_close(&f->registrar);
	sip_bench_close(&f->bench);
	mem_deref(f);

	return 0;
}


static void add(struct fixture *f)
{
	sip_trunks_register(&f->trunks, "provider", "line",
			    &f->registrar.laddr);
}


static const struct sip_msg *next(struct fixture *f)
{
	return sip_peer_await(&f->registrar, "REGISTER");
}


static bool is_wanted(void *arg)
{
	const struct fixture *f = arg;

	return sip_trunks_state(&f->trunks, "provider") == f->wanted;
}


static void await_state(struct fixture *f, enum wire_trunk_state wanted)
{
	f->wanted = (int)wanted;
	sip_loop(is_wanted, f, "the trunk's state");
}


static void reply(struct fixture *f, const struct sip_msg *msg, unsigned scode,
		  const char *headers)
{
	sip_peer_reply(&f->registrar, msg, scode, "registrar", headers, NULL);
}


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

	add(f);
	msg = next(f);
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
	await_state(f, WIRE_TRUNK_TRYING);

	reply(f, msg, 200, NULL);
	await_state(f, WIRE_TRUNK_REGISTERED);
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
	const struct sip_msg *msg = next(f);

	assert_int_equal(pl_strcmp(&msg->expires, "0"), 0);
	reply(f, msg, scode, headers);
	msg = next(f);
	assert_int_equal(pl_strcmp(&msg->expires, "0"), 0);
	check_credentials(msg, alg, id, "open sesame");
	reply(f, msg, 200, NULL);
	await_idle(f);
}


static void challenges_are_answered(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(challenges); i++) {
		const struct sip_msg *first, *second;

		add(f);
		first = next(f);
		reply(f, first, challenges[i].scode, challenges[i].headers);
		second = next(f);
		assert_int_equal(pl_cmp(&second->callid, &first->callid), 0);
		assert_int_equal(second->cseq.num, first->cseq.num + 1);
		check_credentials(second, challenges[i].alg, challenges[i].id,
				  "open sesame");
		reply(f, second, 200, NULL);
		await_state(f, WIRE_TRUNK_REGISTERED);
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

	add(f);
	reply(f, next(f), 200, NULL);
	await_state(f, WIRE_TRUNK_REGISTERED);
	assert_true(trunks_are_idle(f->trunks.trunks));

	trunks_leave(f->trunks.trunks);
	assert_false(trunks_are_idle(f->trunks.trunks));
	is_taken_back(f, 401, SHA, DIGEST_SHA256, SIP_HDR_AUTHORIZATION);
}


static void stopping_does_not_insist(void **state)
{
	struct fixture *f = *state;

	add(f);
	reply(f, next(f), 200, NULL);
	await_state(f, WIRE_TRUNK_REGISTERED);
	trunks_leave(f->trunks.trunks);
	reply(f, next(f), 500, NULL);
	await_idle(f);
}


static void refused_credentials_are_tried_much_later(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *first;

	add(f);
	first = next(f);
	reply(f, first, 401, SHA);
	reply(f, next(f), 401, SHA);
	await_state(f, WIRE_TRUNK_REFUSED);
	assert_true(was_asked_for(120000));
	assert_int_equal(sip_peer_count(&f->registrar, "REGISTER"), 0);
}


static void a_refused_account_is_tried_much_later(void **state)
{
	struct fixture *f = *state;

	clock_get()->speed = FAST;
	add(f);
	reply(f, next(f), 403, NULL);
	await_state(f, WIRE_TRUNK_REFUSED);
	assert_true(was_asked_for(120000));
	reply(f, next(f), 200, NULL);
	await_state(f, WIRE_TRUNK_REGISTERED);
}


static void longer_registrations_are_agreed_to(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg;

	add(f);
	reply(f, next(f), 423, "Min-Expires: 600\r\n");
	msg = next(f);
	assert_int_equal(pl_strcmp(&msg->expires, "600"), 0);
	reply(f, msg, 200, NULL);
	await_state(f, WIRE_TRUNK_REGISTERED);
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
	add(f);
	for (size_t i = 0; i < ARRAY_SIZE(senseless); i++) {
		const struct sip_msg *msg = next(f);

		assert_int_equal(pl_strcmp(&msg->expires, "300"), 0);
		reply(f, msg, 423, senseless[i]);
	}
	(void)next(f);
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
	add(f);
	for (size_t i = 0; i < ARRAY_SIZE(waits); i++)
		reply(f, next(f), i % 2 ? 500 : 503, NULL);
	reply(f, next(f), 200, NULL);
	await_state(f, WIRE_TRUNK_REGISTERED);
	assert_true(clock->n_starts > ARRAY_SIZE(waits));
	for (size_t i = 0; i < ARRAY_SIZE(waits); i++)
		assert_int_equal(clock->starts[i], waits[i]);

	/* success forgets */
	reply(f, next(f), 500, NULL);
	reply(f, next(f), 200, NULL);
	assert_int_equal(clock->starts[ARRAY_SIZE(waits) + 1], 2000);
}


static void it_is_refreshed_before_it_expires(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *first, *second;

	clock_get()->speed = FAST;
	add(f);
	first = next(f);
	reply(f, first, 200, contact(first, ";expires=100"));
	second = next(f);
	assert_true(was_asked_for(90000));
	assert_int_equal(pl_cmp(&second->callid, &first->callid), 0);
	assert_int_equal(pl_cmp(&second->from.tag, &first->from.tag), 0);
	assert_int_equal(second->cseq.num, first->cseq.num + 1);
	/* while it is refreshed, and when that fails, callers come in */
	assert_true(trunks_has(f->trunks.trunks, &f->registrar.laddr));
	reply(f, second, 500, NULL);
	await_state(f, WIRE_TRUNK_TRYING);
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

	add(f);
	msg = next(f);
	for (size_t i = 0; i < ARRAY_SIZE(grants); i++) {
		char headers[512];

		(void)re_snprintf(headers, sizeof(headers), "%s%s",
				  grants[i].params
					  ? contact(msg, grants[i].params)
					  : "",
				  grants[i].headers);
		clock_reset();
		clock_get()->speed = 100 * FAST;
		reply(f, msg, 200, headers);
		msg = next(f);
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
	add(f);
	reply(f, next(f), 401, SHA);
	(void)next(f);
	assert_true(was_asked_for(2000));

	sip_trunks_secret(&f->trunks, "now there\r\n");
	reply(f, next(f), 401, SHA);
	check_credentials(next(f), DIGEST_SHA256, SIP_HDR_AUTHORIZATION,
			  "now there");
}


/* ---- the list ----------------------------------------------------------- */

static void a_trunk_that_stays_keeps_its_registration(void **state)
{
	struct fixture *f = *state;

	add(f);
	reply(f, next(f), 200, NULL);
	await_state(f, WIRE_TRUNK_REGISTERED);
	sip_trunks_static(&f->trunks, "other", "192.0.2.0/24");
	assert_int_equal(sip_trunks_state(&f->trunks, "provider"),
			 WIRE_TRUNK_REGISTERED);
	assert_int_equal(sip_peer_count(&f->registrar, "REGISTER"), 0);
}


static void static_trunks_are_networks(void **state)
{
	struct fixture *f = *state;
	struct sa sa;

	sip_trunks_static(&f->trunks, "bad", "example.org");
	sip_trunks_static(&f->trunks, "four", "192.0.2.0/24");
	sip_trunks_static(&f->trunks, "six", "2001:db8::/32");
	assert_int_equal(sip_trunks_state(&f->trunks, "four"),
			 WIRE_TRUNK_STATIC);
	assert_int_equal(trunks_state(f->trunks.trunks, NULL, 0), 2);
	assert_int_equal(sa_set_str(&sa, "192.0.2.99", 1), 0);
	assert_true(trunks_has(f->trunks.trunks, &sa));
	assert_int_equal(sa_set_str(&sa, "2001:db8::99", 1), 0);
	assert_true(trunks_has(f->trunks.trunks, &sa));
	assert_int_equal(sa_set_str(&sa, "192.0.3.99", 1), 0);
	assert_false(trunks_has(f->trunks.trunks, &sa));
}


/* the way out of a line; "" there is none */
static void way_is(struct fixture *f, const char *trunk, const char *target,
		   const char *domain, const char *account)
{
	struct config_line line = {.ring_back = true};
	struct trunk_way way;

	str_ncpy(line.trunk, trunk, sizeof(line.trunk));
	if (!target[0]) {
		assert_int_equal(trunks_way(f->trunks.trunks, &line, &way),
				 ENOENT);
		return;
	}
	assert_int_equal(trunks_way(f->trunks.trunks, &line, &way), 0);
	assert_string_equal(way.target, target);
	assert_string_equal(way.domain, domain);
	assert_string_equal(way.account, account);
}


static void add_way(struct fixture *f, const char *name, const char *uri)
{
	struct store_trunk row = {.kind = STORE_TRUNK_STATIC};

	str_ncpy(row.name, name, sizeof(row.name));
	str_ncpy(row.from, "192.0.2.0/24", sizeof(row.from));
	assert_int_equal(secret_set(&row.uri, uri, strlen(uri)), 0);
	assert_int_equal(store_trunk_add(f->trunks.store, &row), 0);
	assert_int_equal(trunks_load(f->trunks.trunks, f->trunks.store), 0);
}


static void the_way_out_is_a_trunk_that_can_dial(void **state)
{
	struct fixture *f = *state;
	char target[64];

	sip_trunks_static(&f->trunks, "a-in-only", "192.0.2.0/24");
	way_is(f, "", "", NULL, NULL);
	add_way(f, "m", "sip:m.invalid:5070;transport=tcp");
	way_is(f, "", "m.invalid:5070;transport=tcp", "m.invalid", "");
	add_way(f, "k", "sip:[2001:db8::1]:5080");
	way_is(f, "", "[2001:db8::1]:5080", "[2001:db8::1]", "");
	way_is(f, "m", "m.invalid:5070;transport=tcp", "m.invalid", "");
	way_is(f, "a-in-only", "", NULL, NULL);

	/* one that registers has an account there, and comes last while it is
	 * refused */
	add(f); /* "provider" */
	reply(f, next(f), 403, NULL);
	await_state(f, WIRE_TRUNK_REFUSED);
	way_is(f, "", "[2001:db8::1]:5080", "[2001:db8::1]", "");
	(void)re_snprintf(target, sizeof(target), "%J", &f->registrar.laddr);
	way_is(f, "provider", target, "127.0.0.1", "sip:line@127.0.0.1");
}


static int secret_of(struct fixture *f, const char *user, const char *want)
{
	struct secret_text secret;
	struct pl pl;
	int err;

	pl_set_str(&pl, user);
	err = trunks_secret(f->trunks.trunks, &pl, &secret);
	if (!err)
		assert_string_equal(secret_reveal(&secret), want);

	return err;
}


static void secrets_are_read_from_their_files(void **state)
{
	struct fixture *f = *state;

	add(f);
	assert_int_equal(secret_of(f, "line", "open sesame"), 0);
	assert_int_equal(secret_of(f, "lin", NULL), ENOENT);
	assert_int_equal(secret_of(f, "LINE", NULL), ENOENT);
	assert_int_equal(secret_of(f, "", NULL), ENOENT);
	sip_trunks_secret(&f->trunks, "with space \r\n\n");
	assert_int_equal(secret_of(f, "line", "with space "), 0);
	sip_trunks_secret(&f->trunks, "\n");
	assert_int_equal(secret_of(f, "line", NULL), EINVAL);
	sip_trunks_secret(&f->trunks, "");
	assert_int_equal(secret_of(f, "line", NULL), EINVAL);
	sip_trunks_secret(&f->trunks, NULL);
	assert_int_equal(secret_of(f, "line", NULL), ENOENT);
}


/* a challenge to an INVITE of ours */
static struct sip_msg *challenged(const char *headers)
{
	struct sip_msg *msg;
	char text[1024];
	int n;

	n = re_snprintf(text, sizeof(text),
			"SIP/2.0 401 No\r\n"
			"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\n"
			"From: <sip:a@b.invalid>;tag=1\r\n"
			"To: <sip:a@b.invalid>;tag=2\r\n"
			"Call-ID: c\r\n"
			"CSeq: 1 INVITE\r\n"
			"%s\r\n", headers);
	assert_true(n > 0);
	assert_int_equal(sip_text_decode(&msg, text, (size_t)n), 0);

	return msg;
}


static int credentials_for(struct fixture *f, const char *headers,
			   const char *fmt, const struct sa *host)
{
	struct sip_msg *msg = challenged(headers);
	struct mbuf *mb = mbuf_alloc(512);
	char uri[128];
	int err;

	(void)re_snprintf(uri, sizeof(uri), fmt, host);
	err = trunks_credentials(mb, msg, "INVITE", uri, f->trunks.trunks);
	assert_int_equal(!err, mb->end > 0);
	mem_deref(mb);
	mem_deref(msg);

	return err;
}


static void credentials_go_to_the_trunks_own_host_alone(void **state)
{
	struct fixture *f = *state;
	struct sa here, port, elsewhere;

	add(f);
	here = port = elsewhere = f->registrar.laddr;
	sa_set_port(&port, (uint16_t)(sa_port(&here) + 1));
	assert_int_equal(sa_set_str(&elsewhere, "127.0.0.2", sa_port(&here)),
			 0);

	assert_int_equal(credentials_for(f, SHA, "sip:anna@%J", &here), 0);
	assert_int_equal(credentials_for(f, MD, "sip:%J", &here), 0);
	assert_int_equal(credentials_for(f, SHA, "sip:line@%J", &port),
			 EACCES);
	assert_int_equal(credentials_for(f, SHA, "sip:line@%J", &elsewhere),
			 EACCES);
	assert_int_equal(credentials_for(f, SHA, "sip:line@%j", &here),
			 EACCES);
	assert_int_equal(credentials_for(f, SHA, "nonsense", &here), EACCES);
	assert_int_equal(credentials_for(f, "", "sip:anna@%J", &here), ENOENT);
	assert_int_equal(credentials_for(f, "WWW-Authenticate: Digest "
					 "realm=\"r\", nonce=\"n\", "
					 "algorithm=SHA-512\r\n",
					 "sip:anna@%J", &here), ENOTSUP);
}


static void a_static_trunk_has_no_credentials(void **state)
{
	struct fixture *f = *state;

	sip_trunks_static(&f->trunks, "static", "127.0.0.1");
	assert_int_equal(credentials_for(f, SHA, "sip:anna@%J",
					 &f->registrar.laddr), EACCES);
	assert_int_equal(secret_of(f, "", NULL), ENOENT);
}


static int alloc_oom(void *arg)
{
	const struct step_trace trace = {NULL, NULL};
	struct fixture *f = arg;
	struct trunks *t = NULL;
	const int err = trunks_alloc(&t, f->bench.sip, &trace);

	assert_int_equal(!err, t != NULL);
	mem_deref(t);

	return err;
}


static void no_memory_is_no_list(void **state)
{
	struct fixture *f = *state;
	struct trunks *t;

	assert_true(oom_loop(alloc_oom, f) > 0);
	assert_int_equal(trunks_alloc(&t, f->bench.sip, NULL), EINVAL);
	assert_int_equal(trunks_alloc(&t, NULL, &(struct step_trace){0}),
			 EINVAL);
}


#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

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
		CASE(a_trunk_that_stays_keeps_its_registration),
		CASE(static_trunks_are_networks),
		CASE(the_way_out_is_a_trunk_that_can_dial),
		CASE(secrets_are_read_from_their_files),
		CASE(credentials_go_to_the_trunks_own_host_alone),
		CASE(a_static_trunk_has_no_credentials),
		CASE(no_memory_is_no_list),
	};
	int err;

	if (sodium_init() < 0 || libre_init())
		return 1;
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
