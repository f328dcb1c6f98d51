/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * net.c  Tests of networks: which addresses belong to a trunk.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "line/net.h"


static struct sa addr(const char *ip)
{
	struct sa sa;

	assert_int_equal(sa_set_str(&sa, ip, 5060), 0);
	return sa;
}


static bool has(const char *text, const char *ip)
{
	const struct sa sa = addr(ip);
	struct net n;

	assert_int_equal(net_decode(&n, text), 0);
	return net_has(&n, &sa);
}


static const struct {
	const char *net, *ip;
	bool has;
} pairs[] = {
	{"192.0.2.7", "192.0.2.7", true},
	{"192.0.2.7", "192.0.2.6", false},
	{"192.0.2.7/32", "192.0.2.6", false},
	{"192.0.2.0/24", "192.0.2.255", true},
	{"192.0.2.9/24", "192.0.2.255", true},
	{"192.0.2.0/24", "192.0.3.0", false},
	{"192.0.2.128/25", "192.0.2.127", false},
	{"192.0.2.128/25", "192.0.2.128", true},
	{"10.0.0.0/7", "11.255.255.255", true},
	{"10.0.0.0/7", "12.0.0.0", false},
	{"0.0.0.0/0", "203.0.113.1", true},
	{"0.0.0.0/0", "::ffff:203.0.113.1", true},
	{"0.0.0.0/0", "2001:db8::1", false},
	{"::/0", "2001:db8::1", true},
	{"::/0", "203.0.113.1", false},
	{"::/0", "::ffff:203.0.113.1", false},
	{"192.0.2.0/24", "::ffff:192.0.2.9", true},
	{"::ffff:192.0.2.0/24", "192.0.2.9", true},
	{"::ffff:192.0.2.9", "::ffff:192.0.2.9", true},
	{"::ffff:192.0.2.9", "192.0.2.8", false},
	{"2001:db8::1", "2001:db8::1", true},
	{"2001:DB8::1", "2001:db8::2", false},
	{"2001:db8::/32", "2001:db8:ffff::", true},
	{"2001:db8::/32", "2001:db9::", false},
	{"2001:db8:0:8000::/49", "2001:db8:0:ffff::1", true},
	{"2001:db8:0:8000::/49", "2001:db8:0:7fff::1", false},
	{"2001:db8::1/127", "2001:db8::", true},
	{"2001:db8::1/128", "2001:db8::", false},
};


static void an_address_belongs_or_not(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		if (has(pairs[i].net, pairs[i].ip) != pairs[i].has)
			fail_msg("%s, %s", pairs[i].net, pairs[i].ip);
	}
}


/* two addresses differ only in bit b, from the left: the nets of 0 to b bits
 * hold both, the others do not */
static void check_bit(const struct sa *one, const struct sa *other, unsigned b,
		      unsigned max)
{
	struct net n;

	net_of(&n, one);
	assert_int_equal(n.bits, max);
	for (n.bits = 0; n.bits <= max; n.bits++)
		assert_int_equal(net_has(&n, other), n.bits <= b);
}


static void every_number_of_bits_counts_exactly_those(void **state)
{
	const struct sa v4 = addr("192.0.2.85");
	const struct sa v6 = addr("2001:db8:55aa::1");

	(void)state;
	for (unsigned b = 0; b < 32; b++) {
		struct sa other = v4;
		uint8_t *ip = (uint8_t *)&other.u.in.sin_addr;

		ip[b / 8] ^= (uint8_t)(0x80 >> b % 8);
		check_bit(&v4, &other, b, 32);
	}
	for (unsigned b = 0; b < 128; b++) {
		struct sa other = v6;
		uint8_t *ip = other.u.in6.sin6_addr.s6_addr;

		ip[b / 8] ^= (uint8_t)(0x80 >> b % 8);
		check_bit(&v6, &other, b, 128);
	}
}


static void all_numbers_of_bits_are_read(void **state)
{
	char text[64];
	struct net n;

	(void)state;
	for (unsigned b = 0; b <= 128; b++) {
		(void)snprintf(text, sizeof(text), "192.0.2.0/%u", b);
		assert_int_equal(net_decode(&n, text), b <= 32 ? 0 : EINVAL);
		if (b <= 32)
			assert_int_equal(n.bits, b);

		(void)snprintf(text, sizeof(text), "2001:db8::/%u", b);
		assert_int_equal(net_decode(&n, text), 0);
		assert_int_equal(n.bits, b);
	}
}


static void the_port_does_not_count(void **state)
{
	struct sa one = addr("192.0.2.1"), other = addr("192.0.2.1");
	struct net n;

	(void)state;
	sa_set_port(&other, 1);
	net_of(&n, &one);
	assert_true(net_has(&n, &other));
}


static void no_address_belongs_nowhere(void **state)
{
	const struct net none = {.bits = 0};
	struct net any;
	struct sa sa = addr("192.0.2.1"), unset;

	(void)state;
	memset(&unset, 0, sizeof(unset));
	assert_false(net_has(&none, &sa));
	assert_int_equal(net_decode(&any, "0.0.0.0/0"), 0);
	assert_false(net_has(&any, &unset));
	assert_false(net_has(&none, &unset));
}


static void bad_texts_are_refused(void **state)
{
	static const char *const bad[] = {
		"", " ", "/", "/24", "x", "example.org", "192.0.2",
		"192.0.2.256", "192.0.2.1.1", " 192.0.2.1", "192.0.2.1 ",
		"192.0.2.1/33", "192.0.2.1/-1", "192.0.2.1/+1",
		"192.0.2.0/24x", "192.0.2.0/24/8", "192.0.2.0//24",
		"192.0.2.0/", "192.0.2.0/ 24", "192.0.2.0/4294967304",
		"192.0.2.0/99999999999999999999", "192.0.2.1,192.0.2.2",
		"192.0.2.1:5060:", "2001:db8::/129", "2001:db8:::1", "::g",
		"[::1]", "::ffff:192.0.2.0/120",
	};
	const struct sa was = addr("198.51.100.1");
	struct net n;

	(void)state;
	net_of(&n, &was);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (net_decode(&n, bad[i]) != EINVAL)
			fail_msg("accepted: \"%s\"", bad[i]);
		assert_true(net_has(&n, &was));
	}
	assert_int_equal(net_decode(&n, NULL), EINVAL);
	assert_int_equal(net_decode(NULL, "192.0.2.1"), EINVAL);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_belongs_or_not),
		cmocka_unit_test(every_number_of_bits_counts_exactly_those),
		cmocka_unit_test(all_numbers_of_bits_are_read),
		cmocka_unit_test(the_port_does_not_count),
		cmocka_unit_test(no_address_belongs_nowhere),
		cmocka_unit_test(bad_texts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
