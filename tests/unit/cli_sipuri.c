/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_sipuri.c  SIP URIs as people type them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "base/limits.h"
#include "base/step.h"
#include "cli/sipuri.h"


static const char *const good[] = {
	"sip:a@127.0.0.1",
	"sip:a@127.0.0.1:5060",
	"sip:a@[::1]",
	"sip:a@[2001:db8::1]:65535",
	"sip:+4930123@sip.example.org",
	"sip:a.b-c_d%20@example.org:1",
	"sip:a@example.org;transport=tcp",
	"sip:a@example.org:5060;transport=tcp",
};

static const struct {
	const char *text;
	const char *why; /* a part of it */
} bad[] = {
	{"", "begin with sip:"},
	{"a@b", "begin with sip:"},
	{"sips:a@b", "begin with sip:"},
	{"tel:+49123", "begin with sip:"},
	{"sip:", "must read"},
	{"sip:127.0.0.1", "user part"},
	{"sip:@127.0.0.1", "user part"},
	{"sip:a b@127.0.0.1", "blank"},
	{"sip:a@b\n", "blank"},
	{"sip:a@b\xc3\xa4", "blank"},
	{"sip:a:secret@example.org", "password"},
	{"sip:a@example.org:0", "port"},
	{"sip:a@example.org:65536", "port"},
	{"sip:a@example.org:70000", "port"},
	{"sip:a@[::1]:99999999999999", "port"},
	{"sip:a@example.org:", "port"},
	{"sip:a@1.2.3", "host"},
	{"sip:a@1.2.3.256", "host"},
	{"sip:a@exa mple", "blank"},
	{"sip:a@ex_ample", "host"},
	{"sip:a@example.org?Subject=x", "follow"},
};


static void test_good(void **state)
{
	struct uri uri;
	(void)state;

	for (size_t i = 0; i < STEP_COUNT(good); i++) {
		const char *why = sipuri_wrong(&uri, good[i]);

		print_message("%s\n", good[i]);
		if (why)
			print_message("  %s\n", why);
		assert_null(why);
		assert_true(pl_isset(&uri.user));
		assert_true(pl_isset(&uri.host));
	}
}


static void test_bad(void **state)
{
	(void)state;

	for (size_t i = 0; i < STEP_COUNT(bad); i++) {
		const char *why = sipuri_wrong(NULL, bad[i].text);

		print_message("%s: %s\n", bad[i].text, why ? why : "good");
		assert_non_null(why);
		assert_non_null(strstr(why, bad[i].why));
	}
}


static const char *const good_hosts[] = {
	"sip:127.0.0.1",       "sip:127.0.0.1:5060", "sip:[2001:db8::1]",
	"sip:[::1]:65535",     "sip:sip.example.org", "sip:localhost:5070",
	"sip:example.org:5060;transport=tcp",
};

static const struct {
	const char *text;
	const char *why; /* a part of it */
} bad_hosts[] = {
	{"", "begin with sip:"},
	{"127.0.0.1", "begin with sip:"},
	{"sip:", "must read"},
	{"sip:a@127.0.0.1", "user part"},
	{"sip:@127.0.0.1", "user part"},
	{"sip:127.0.0.1:0", "port"},
	{"sip:127.0.0.1:65536", "port"},
	{"sip:1.2.3", "host"},
	{"sip:ex_ample", "host"},
	{"sip:exa mple", "blank"},
	{"sip:example.org?Subject=x", "follow"},
};


static void test_hosts(void **state)
{
	struct uri uri;
	(void)state;

	for (size_t i = 0; i < STEP_COUNT(good_hosts); i++) {
		const char *why = sipuri_host_wrong(&uri, good_hosts[i]);

		print_message("%s: %s\n", good_hosts[i], why ? why : "good");
		assert_null(why);
		assert_false(pl_isset(&uri.user));
	}
	for (size_t i = 0; i < STEP_COUNT(bad_hosts); i++) {
		const char *why = sipuri_host_wrong(NULL, bad_hosts[i].text);

		print_message("%s: %s\n", bad_hosts[i].text,
			      why ? why : "good");
		assert_non_null(why);
		assert_non_null(strstr(why, bad_hosts[i].why));
	}
}


static void host_is(const char *text, const char *wanted)
{
	size_t n;
	const char *host = sipuri_host(text, &n);

	assert_int_equal(n, strlen(wanted));
	assert_memory_equal(host, wanted, n);
}


static void test_host_of(void **state)
{
	(void)state;
	host_is("sip:127.0.0.1", "127.0.0.1");
	host_is("sip:a@example.org:5070", "example.org:5070");
	host_is("sip:a@[::1]:5070;transport=tcp", "[::1]:5070");
}


static void test_long(void **state)
{
	char text[LIMIT_URI + 8] = "sip:a@";
	(void)state;

	memset(text + 6, 'b', LIMIT_URI - 7);
	text[LIMIT_URI - 1] = '\0';
	assert_null(sipuri_wrong(NULL, text));

	memset(text + 6, 'b', LIMIT_URI - 6);
	text[LIMIT_URI] = '\0';
	assert_string_equal(sipuri_wrong(NULL, text), "it is too long");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_host_of),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
