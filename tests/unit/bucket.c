/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * bucket.c  Tests of the limits on answers to strangers.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <re.h>

#include "line/bucket.h"


enum { T0 = 1000000, SALT = 4711 };

static struct buckets buckets;


static struct sa addr(const char *ip)
{
	struct sa sa;

	assert_int_equal(sa_set_str(&sa, ip, 5060), 0);
	return sa;
}


/* v4 address number n */
static struct sa host(uint32_t n)
{
	struct sa sa;

	sa_set_in(&sa, 0x0a000000 + n, 5060);
	return sa;
}


static unsigned take_all(const struct sa *sa, uint64_t now)
{
	unsigned n = 0;

	while (n < 1000 && buckets_take(&buckets, sa, now))
		++n;

	return n;
}


static int begin(void **state)
{
	(void)state;
	buckets_init(&buckets, T0, SALT);
	return 0;
}


static void a_burst_then_silence(void **state)
{
	const struct sa sa = addr("192.0.2.1");

	(void)state;
	assert_int_equal(take_all(&sa, T0), BUCKET_BURST);
	assert_false(buckets_take(&buckets, &sa, T0));
}


static void it_fills_at_its_rate_and_no_higher_than_the_burst(void **state)
{
	const struct sa sa = addr("192.0.2.1");
	const uint64_t one_ms = 1000 / BUCKET_RATE;

	(void)state;
	(void)take_all(&sa, T0);
	assert_int_equal(take_all(&sa, T0 + one_ms - 1), 0);
	assert_int_equal(take_all(&sa, T0 + one_ms), 1);
	assert_int_equal(take_all(&sa, T0 + 4 * one_ms), 3);
	assert_int_equal(take_all(&sa, T0 + 3600000), BUCKET_BURST);
}


/* knocking all the time neither helps nor hurts */
static void refusals_cost_nothing(void **state)
{
	const struct sa sa = addr("192.0.2.1");
	unsigned n = 0;

	(void)state;
	(void)take_all(&sa, T0);
	for (uint64_t ms = 1; ms <= 10000; ms++)
		n += buckets_take(&buckets, &sa, T0 + ms);
	assert_int_equal(n, 10 * BUCKET_RATE);
}


static void one_flood_does_not_silence_another_address(void **state)
{
	const struct sa sa = addr("192.0.2.1"), other = addr("192.0.2.2");

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		(void)buckets_take(&buckets, &sa, T0);
	assert_int_equal(take_all(&other, T0), BUCKET_BURST);
}


static void all_strangers_together_have_a_limit(void **state)
{
	unsigned n = 0;

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		const struct sa sa = host(i);

		n += buckets_take(&buckets, &sa, T0);
	}
	assert_int_equal(n, BUCKET_ALL_BURST);

	n = 0;
	for (uint32_t i = 0; i < 5000; i++) {
		const struct sa sa = host(i);

		n += buckets_take(&buckets, &sa, T0 + 2000);
	}
	assert_int_equal(n, 2 * BUCKET_ALL_RATE);
}


/* who was refused because of others has lost nothing of its own */
static void the_common_limit_takes_no_token_of_ones_own(void **state)
{
	const struct sa sa = addr("192.0.2.1");

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		const struct sa other = host(i);

		(void)buckets_take(&buckets, &other, T0);
	}
	for (unsigned i = 0; i < 1000; i++)
		assert_false(buckets_take(&buckets, &sa, T0));
	buckets.all.milli = BUCKET_ALL_BURST * 1000;
	assert_int_equal(take_all(&sa, T0), BUCKET_BURST);
}


static void ipv6_counts_by_64_bits(void **state)
{
	const struct sa one = addr("2001:db8:0:1::1");
	const struct sa same = addr("2001:db8:0:1:ffff:ffff:ffff:ffff");
	const struct sa next = addr("2001:db8:0:2::1");

	(void)state;
	assert_int_equal(take_all(&one, T0), BUCKET_BURST);
	assert_int_equal(take_all(&same, T0), 0);
	assert_int_equal(take_all(&next, T0), BUCKET_BURST);
}


static void the_port_does_not_count(void **state)
{
	struct sa sa = addr("192.0.2.1");

	(void)state;
	(void)take_all(&sa, T0);
	sa_set_port(&sa, 1);
	assert_int_equal(take_all(&sa, T0), 0);
}


static void a_clock_that_jumps_gives_a_burst_at_most(void **state)
{
	static const uint64_t times[] = {0, 1, T0 - 1, T0 + 1, UINT64_MAX,
					 UINT64_MAX / 2, INT64_MAX, T0};
	const struct sa sa = addr("192.0.2.1");

	(void)state;
	(void)take_all(&sa, T0);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		assert_true(take_all(&sa, times[i]) <= BUCKET_BURST);

	/* and it goes on from there */
	(void)take_all(&sa, T0);
	assert_int_equal(take_all(&sa, T0 + 1000), BUCKET_RATE);
}


/* @return a host that shares the bucket of host 0 */
static uint32_t sharer(void)
{
	const struct sa one = host(0);

	for (uint32_t i = 1; i < 200 * BUCKETS; i++) {
		const struct sa sa = host(i);

		buckets_init(&buckets, T0, SALT);
		(void)take_all(&one, T0);
		if (!buckets_take(&buckets, &sa, T0))
			return i;
	}

	fail_msg("no two addresses share a bucket");
	return 0;
}


/* who shares is chosen by the salt, so that nobody can aim */
static void another_salt_parts_those_who_share(void **state)
{
	const struct sa one = host(0), other = host(sharer());

	(void)state;
	buckets_init(&buckets, T0, SALT);
	assert_int_equal(take_all(&other, T0), BUCKET_BURST);
	assert_int_equal(take_all(&one, T0), 0);

	buckets_init(&buckets, T0, SALT + 1);
	assert_int_equal(take_all(&other, T0), BUCKET_BURST);
	assert_int_equal(take_all(&one, T0), BUCKET_BURST);
}


/* a thousand strangers have emptied every bucket that may be shared */
static void nobody_shares_the_bucket_of_one_who_is_known(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 100 * BUCKETS; i++) {
		const struct sa sa = host(i);

		buckets.all.milli = BUCKET_ALL_BURST * 1000;
		(void)take_all(&sa, T0);
	}
	for (uint32_t i = 0; i < BUCKETS_OWN; i++) {
		const struct sa sa = host(i);
		unsigned n = 0;

		while (n < 1000 && buckets_take_own(&buckets, &sa, T0))
			++n;
		assert_int_equal(n, BUCKET_BURST);
	}
}


/* one more than there is room for; who asks most keeps an empty one */
static void a_known_one_always_finds_a_bucket(void **state)
{
	const struct sa busy = host(0);
	unsigned n = 0;

	(void)state;
	while (buckets_take_own(&buckets, &busy, T0))
		++n;
	assert_int_equal(n, BUCKET_BURST);
	for (uint32_t i = 1; i < 10 * BUCKETS_OWN; i++) {
		const struct sa sa = host(i);

		assert_true(buckets_take_own(&buckets, &sa, T0));
		assert_false(buckets_take_own(&buckets, &busy, T0));
	}
	assert_true(buckets_take_own(&buckets, &busy, T0 + 1000));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_burst_then_silence, begin),
		cmocka_unit_test_setup(
			it_fills_at_its_rate_and_no_higher_than_the_burst,
			begin),
		cmocka_unit_test_setup(refusals_cost_nothing, begin),
		cmocka_unit_test_setup(
			one_flood_does_not_silence_another_address, begin),
		cmocka_unit_test_setup(all_strangers_together_have_a_limit,
				       begin),
		cmocka_unit_test_setup(
			the_common_limit_takes_no_token_of_ones_own, begin),
		cmocka_unit_test_setup(ipv6_counts_by_64_bits, begin),
		cmocka_unit_test_setup(the_port_does_not_count, begin),
		cmocka_unit_test_setup(
			a_clock_that_jumps_gives_a_burst_at_most, begin),
		cmocka_unit_test(another_salt_parts_those_who_share),
		cmocka_unit_test_setup(
			nobody_shares_the_bucket_of_one_who_is_known, begin),
		cmocka_unit_test_setup(a_known_one_always_finds_a_bucket,
				       begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
