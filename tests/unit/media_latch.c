/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_latch.c  Whose packets are heard, and where ours go.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>
#include <re.h>

#include "media/addr.h"
#include "media/latch.h"


static const struct wire_addr net4 = {
	.ip = {192, 0, 2, 0}, .family = 4, .bits = 24,
};
static const struct wire_addr net6 = {
	.ip = {0x20, 0x01, 0x0d, 0xb8}, .family = 6, .bits = 32,
};


/* not sa_set_str(): it takes IPv4 in IPv6 dress for IPv4 */
static struct sa at(const char *host, uint16_t port)
{
	uint8_t ip[16];
	struct sa sa;

	if (inet_pton(AF_INET6, host, ip) == 1)
		sa_set_in6(&sa, ip, port);
	else
		assert_int_equal(sa_set_str(&sa, host, port), 0);
	return sa;
}


static enum latch_verdict from(const struct latch *l, const char *host,
			       uint16_t port)
{
	const struct sa sa = at(host, port);

	return latch_check(l, &sa);
}


static void aim(struct latch *l, const char *host, uint16_t port)
{
	const struct sa sa = at(host, port);

	(void)latch_aim(l, &sa);
}


/* how many packets in a row it takes to become the peer; 0: never */
static unsigned fix(struct latch *l, const char *host, uint16_t port)
{
	const struct sa sa = at(host, port);

	for (unsigned i = 1; i < 100; i++) {
		if (latch_check(l, &sa) != LATCH_CANDIDATE)
			return 0;
		if (latch_try(l, &sa, i, 7, (uint16_t)(65530 + i)))
			return i;
	}

	return 0;
}


static void assert_target(const struct latch *l, const char *host,
			  uint16_t port)
{
	const struct sa sa = at(host, port);

	assert_non_null(latch_target(l));
	assert_true(sa_cmp(latch_target(l), &sa, SA_ALL));
}


static void test_nobody_before_the_sdp(void **state)
{
	struct latch l;
	(void)state;

	latch_init(&l);
	assert_null(latch_target(&l));
	assert_int_equal(from(&l, "192.0.2.7", 5004), LATCH_STRANGER);

	latch_policy(&l, &net4, 1);
	assert_null(latch_target(&l));
	assert_int_equal(from(&l, "192.0.2.7", 5004), LATCH_STRANGER);
}


static void test_only_the_named_host(void **state)
{
	struct latch l;
	(void)state;

	latch_init(&l);
	aim(&l, "192.0.2.7", 5004);
	assert_target(&l, "192.0.2.7", 5004);
	assert_int_equal(from(&l, "192.0.2.7", 5004), LATCH_CANDIDATE);
	assert_int_equal(from(&l, "192.0.2.7", 9999), LATCH_CANDIDATE);
	assert_int_equal(from(&l, "192.0.2.8", 5004), LATCH_STRANGER);
	assert_int_equal(from(&l, "2001:db8::7", 5004), LATCH_STRANGER);
}


static void test_also_in_the_nets(void **state)
{
	const struct wire_addr nets[] = {net4, net6};
	struct latch l;
	(void)state;

	latch_init(&l);
	latch_policy(&l, nets, 2);
	aim(&l, "198.51.100.7", 5004);
	assert_target(&l, "198.51.100.7", 5004);
	assert_int_equal(from(&l, "198.51.100.7", 1234), LATCH_CANDIDATE);
	assert_int_equal(from(&l, "198.51.100.8", 5004), LATCH_STRANGER);
	assert_int_equal(from(&l, "192.0.2.99", 1234), LATCH_CANDIDATE);
	assert_int_equal(from(&l, "2001:db8::9", 1234), LATCH_CANDIDATE);
	assert_int_equal(from(&l, "192.0.3.7", 5004), LATCH_STRANGER);
	assert_int_equal(from(&l, "::ffff:192.0.2.7", 5004), LATCH_STRANGER);
}


static void test_never_again(void **state)
{
	struct latch l;
	(void)state;

	latch_init(&l);
	latch_policy(&l, &net4, 1);
	aim(&l, "192.0.2.7", 5004);
	assert_int_equal(fix(&l, "192.0.2.7", 5004), 1);
	assert_target(&l, "192.0.2.7", 5004);
	assert_int_equal(from(&l, "192.0.2.7", 5004), LATCH_PEER);
	assert_int_equal(from(&l, "192.0.2.7", 5006), LATCH_STRANGER);
	assert_int_equal(from(&l, "192.0.2.99", 1234), LATCH_STRANGER);

	/* the same SDP again, also with a hold in between */
	aim(&l, "192.0.2.7", 5004);
	aim(&l, "0.0.0.0", 5004);
	aim(&l, "192.0.2.7", 5004);
	assert_int_equal(from(&l, "192.0.2.99", 1234), LATCH_STRANGER);
}


/* whoever is there first has to wait for the one that the SDP names */
static void test_the_named_one_goes_first(void **state)
{
	const struct sa other = at("192.0.2.99", 1234);
	struct latch l;
	(void)state;

	latch_init(&l);
	latch_policy(&l, &net4, 1);
	aim(&l, "192.0.2.7", 5004);
	for (uint16_t i = 1; i < LATCH_TRIAL; i++)
		assert_false(latch_try(&l, &other, i, 7, i));
	assert_int_equal(fix(&l, "192.0.2.7", 5004), 1);
	assert_target(&l, "192.0.2.7", 5004);
	assert_int_equal(from(&l, "192.0.2.99", 1234), LATCH_STRANGER);

	/* the same with a public address that its SIP does not come from */
	aim(&l, "198.51.100.7", 5004);
	assert_int_equal(fix(&l, "192.0.2.99", 1234), LATCH_TRIAL);

	/* other numbers, another SSRC, or another one: from the beginning */
	aim(&l, "192.0.2.7", 5006);
	for (uint16_t i = 1; i < LATCH_TRIAL; i++)
		assert_false(latch_try(&l, &other, i, 7, i));
	assert_false(latch_try(&l, &other, 99, 8, LATCH_TRIAL));
	for (uint16_t i = 1; i < LATCH_TRIAL - 1; i++)
		assert_false(latch_try(&l, &other, 99u + i, 8,
				       (uint16_t)(LATCH_TRIAL + i)));
	assert_false(latch_try(&l, &other, 200, 8, 3));
	assert_int_equal(fix(&l, "192.0.2.98", 1234), LATCH_TRIAL);

	/* nor does it help to send all of them at once */
	aim(&l, "192.0.2.7", 5008);
	for (uint16_t i = 1; i < 1000; i++)
		assert_false(latch_try(&l, &other, 7 + i % LATCH_TRIAL / 2, 7,
				       i));
	assert_true(latch_try(&l, &other, 8 + LATCH_TRIAL, 7, 1000));
}


/* it may speak late, and is heard for good then */
static void test_the_named_one_comes_back(void **state)
{
	struct latch l;
	(void)state;

	latch_init(&l);
	latch_policy(&l, &net4, 1);
	aim(&l, "192.0.2.7", 5004);
	assert_int_equal(fix(&l, "192.0.2.99", 1234), LATCH_TRIAL);
	assert_target(&l, "192.0.2.99", 1234);
	assert_int_equal(from(&l, "192.0.2.98", 1234), LATCH_STRANGER);
	assert_int_equal(from(&l, "192.0.2.7", 5006), LATCH_STRANGER);
	assert_int_equal(fix(&l, "192.0.2.7", 5004), LATCH_RETURN);
	assert_target(&l, "192.0.2.7", 5004);
	assert_int_equal(from(&l, "192.0.2.99", 1234), LATCH_STRANGER);
}


/* behind address translation nothing can come from where its SDP says: whoever
 * pretends to is a forger */
static void test_a_peer_that_does_not_know_itself(void **state)
{
	struct latch l;
	(void)state;

	latch_init(&l);
	latch_policy(&l, &net4, 1);
	aim(&l, "10.0.0.7", 5004);
	assert_int_equal(fix(&l, "192.0.2.99", 1234), 1);
	assert_int_equal(from(&l, "10.0.0.7", 5004), LATCH_STRANGER);
	assert_int_equal(from(&l, "192.0.2.99", 1235), LATCH_STRANGER);
}


static void test_again_after_a_new_address(void **state)
{
	struct latch l;
	(void)state;

	latch_init(&l);
	latch_policy(&l, &net4, 1);
	aim(&l, "192.0.2.7", 5004);
	assert_int_equal(fix(&l, "192.0.2.7", 5004), 1);

	aim(&l, "192.0.2.7", 6004);
	assert_target(&l, "192.0.2.7", 6004);
	assert_int_equal(from(&l, "192.0.2.7", 5004), LATCH_CANDIDATE);
	assert_int_equal(fix(&l, "192.0.2.7", 6004), 1);
	assert_int_equal(from(&l, "192.0.2.7", 5004), LATCH_STRANGER);

	aim(&l, "192.0.2.8", 6004);
	assert_target(&l, "192.0.2.8", 6004);
}


static void test_hosts(void **state)
{
	static const struct {
		const char *host;
		bool ok;
	} rows[] = {
		{"192.0.2.1", true}, {"127.0.0.1", true}, {"10.1.2.3", true},
		{"0.0.0.0", false}, {"0.1.2.3", false},
		{"224.0.0.1", false}, {"239.255.255.255", false},
		{"240.0.0.1", false}, {"255.255.255.255", false},
		{"::1", true}, {"2001:db8::1", true}, {"fd00::1", true},
		{"::", false}, {"ff02::1", false}, {"fe80::1", false},
		{"::ffff:192.0.2.1", false}, {"::192.0.2.1", false},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct sa sa = at(rows[i].host, 5004);

		if (addr_is_host(&sa) != rows[i].ok)
			fail_msg("%s", rows[i].host);
	}
}


static void test_nets(void **state)
{
	static const struct {
		struct wire_addr net;
		const char *host;
		bool in;
	} rows[] = {
		{{.ip = {10}, .family = 4, .bits = 8}, "10.9.8.7", true},
		{{.ip = {10}, .family = 4, .bits = 8}, "11.9.8.7", false},
		{{.ip = {10, 64}, .family = 4, .bits = 10}, "10.127.0.1",
		 true},
		{{.ip = {10, 64}, .family = 4, .bits = 10}, "10.128.0.1",
		 false},
		{{.ip = {10, 1, 2, 3}, .family = 4, .bits = 32}, "10.1.2.3",
		 true},
		{{.ip = {10, 1, 2, 3}, .family = 4, .bits = 32}, "10.1.2.4",
		 false},
		{{.family = 4, .bits = 0}, "203.0.113.1", true},
		{{.family = 4, .bits = 0}, "2001:db8::1", false},
		{{.family = 6, .bits = 0}, "2001:db8::1", true},
		{{.family = 6, .bits = 0}, "203.0.113.1", false},
		{{.ip = {0x20, 1, 0xd, 0xb8, 0x80}, .family = 6, .bits = 33},
		 "2001:db8:8000::1", true},
		{{.ip = {0x20, 1, 0xd, 0xb8, 0x80}, .family = 6, .bits = 33},
		 "2001:db8:7fff::1", false},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct sa sa = at(rows[i].host, 1);

		if (addr_in_net(&sa, &rows[i].net) != rows[i].in)
			fail_msg("row %zu: %s", i, rows[i].host);
	}
}


static void test_net_validity(void **state)
{
	const struct wire_addr bad[] = {
		{.family = 4, .bits = 33}, {.family = 6, .bits = 129},
		{.family = 0, .bits = 0}, {.family = 5, .bits = 8},
	};
	(void)state;

	assert_true(addr_net_valid(&net4));
	assert_true(addr_net_valid(&net6));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const struct sa sa = at("0.0.0.1", 1);

		assert_false(addr_net_valid(&bad[i]));
		assert_false(addr_in_net(&sa, &bad[i]));
	}
}


static void test_our_inside_is_not_for_outsiders(void **state)
{
	const struct wire_addr inside = {
		.ip = {127, 0, 0, 1}, .family = 4, .bits = 32,
	};
	struct sa sa = at("127.0.0.1", 5004);
	struct latch l;
	(void)state;

	latch_init(&l);
	assert_true(latch_allows(&l, &sa));
	latch_policy(&l, &net4, 1);
	assert_false(latch_allows(&l, &sa));
	sa = at("::1", 5004);
	assert_false(latch_allows(&l, &sa));
	latch_policy(&l, &inside, 1);
	assert_true(latch_allows(&l, &sa));

	sa = at("198.51.100.7", 5004);
	latch_policy(&l, &net4, 1);
	assert_true(latch_allows(&l, &sa));
	sa = at("224.0.0.7", 5004);
	assert_false(latch_allows(&l, &sa));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_before_the_sdp),
		cmocka_unit_test(test_only_the_named_host),
		cmocka_unit_test(test_also_in_the_nets),
		cmocka_unit_test(test_never_again),
		cmocka_unit_test(test_the_named_one_goes_first),
		cmocka_unit_test(test_the_named_one_comes_back),
		cmocka_unit_test(test_a_peer_that_does_not_know_itself),
		cmocka_unit_test(test_our_inside_is_not_for_outsiders),
		cmocka_unit_test(test_again_after_a_new_address),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_nets),
		cmocka_unit_test(test_net_validity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
