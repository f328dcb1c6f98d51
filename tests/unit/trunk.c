/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * trunk.c  Tests of the list of trunks: who comes in by them, the way out, and
 * who gets their credentials.
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

#include "oom.h"
#include "registrar.h"
#include "sip_text.h"


#define SHA "WWW-Authenticate: Digest realm=\"r\", nonce=\"ns\", " \
	    "algorithm=SHA-256, qop=\"auth\"\r\n"
#define MD "WWW-Authenticate: Digest realm=\"r\", nonce=\"nm\", " \
	   "algorithm=MD5, qop=\"auth\"\r\n"

/* ---- the list ----------------------------------------------------------- */

static void a_trunk_that_stays_keeps_its_registration(void **state)
{
	struct fixture *f = *state;

	registrar_add(f);
	registrar_reply(f, registrar_next(f), 200, NULL);
	registrar_await(f, WIRE_TRUNK_REGISTERED);
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
	registrar_add(f); /* "provider" */
	registrar_reply(f, registrar_next(f), 403, NULL);
	registrar_await(f, WIRE_TRUNK_REFUSED);
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

	registrar_add(f);
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


/* those of files that the sandbox keeps us from (e2e/test_trunk adds such) */
static void told_secrets_are_few_and_no_others(void **state)
{
	struct fixture *f = *state;
	struct trunks *trunks = f->trunks.trunks;
	struct secret_text secret;
	char file[32];

	registrar_add(f);
	assert_int_equal(secret_set(&secret, "told", 4), 0);
	assert_int_equal(trunks_secret_told(trunks, NULL, &secret), EINVAL);
	for (int i = 0; i < LIMIT_TRUNK_SECRETS; i++) {
		(void)re_snprintf(file, sizeof(file), "/secret/%d", i);
		assert_int_equal(trunks_secret_told(trunks, file, &secret), 0);
		assert_int_equal(trunks_secret_told(trunks, file, &secret), 0);
	}
	assert_int_equal(trunks_secret_told(trunks, "/one/more", &secret),
			 ENOSPC);
	/* a file that can be read is asked, one that is gone is gone */
	assert_int_equal(secret_of(f, "line", "open sesame"), 0);
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

	registrar_add(f);
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


#define CASE(f) cmocka_unit_test_setup_teardown(f, registrar_begin,     \
					       registrar_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_trunk_that_stays_keeps_its_registration),
		CASE(static_trunks_are_networks),
		CASE(the_way_out_is_a_trunk_that_can_dial),
		CASE(secrets_are_read_from_their_files),
		CASE(told_secrets_are_few_and_no_others),
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
