/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_source.c  Of several streams from one address, which one is heard.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "media/source.h"


enum { PEER = 1, OTHER = 2 };


/* n packets, one a tick; @return how many of them were heard */
static unsigned send(struct source *s, uint64_t *tick, uint32_t ssrc,
		     uint16_t seq, unsigned n)
{
	unsigned heard = 0;

	for (unsigned i = 0; i < n; i++)
		heard += source_takes(s, ++*tick, ssrc, (uint16_t)(seq + i));

	return heard;
}


static void test_one_stream(void **state)
{
	struct source s = {0};
	uint64_t tick = 0;
	(void)state;

	assert_int_equal(send(&s, &tick, PEER, 65500, 200), 200);
	/* late ones, the same again, and after a loss */
	assert_int_equal(send(&s, &tick, PEER, 159, 5), 5);
	assert_int_equal(send(&s, &tick, PEER, 1964, 5), 5);
}


/* whoever forges the address is not heard as long as the peer speaks, also
 * not in the small pauses, nor many at once */
static void test_another_beside_it(void **state)
{
	static const struct {
		uint32_t ssrc;
		uint16_t seq;
	} rows[] = {{OTHER, 100}, {OTHER, 40000}, {PEER, 40000}};
	(void)state;

	for (unsigned i = 0; i < 3; i++) {
		struct source s = {0};
		uint64_t tick = 0;

		for (uint16_t k = 0; k < 100; k++) {
			uint64_t now = ++tick;

			assert_true(source_takes(&s, now, PEER,
						 (uint16_t)(100 + k)));
			--now;
			assert_int_equal(send(&s, &now, rows[i].ssrc,
					      (uint16_t)(rows[i].seq + k), 1),
					 0);
			for (uint16_t n = 0; n < 20; n++)
				assert_false(source_takes(
					&s, now + SOURCE_SILENT - 1,
					rows[i].ssrc, (uint16_t)(50000 + n)));
		}
	}
}


/* the trunk goes over to another machine, or counts anew */
static void test_a_change(void **state)
{
	struct source s = {0};
	uint64_t tick = 0;
	(void)state;

	assert_int_equal(send(&s, &tick, PEER, 100, 50), 50);
	assert_int_equal(send(&s, &tick, OTHER, 7, 50),
			 50 - SOURCE_TRIAL + 1);
	assert_int_equal(send(&s, &tick, OTHER, 30000, 50),
			 50 - SOURCE_TRIAL + 1);
	/* single ones never */
	for (uint16_t i = 0; i < 20; i++)
		assert_int_equal(send(&s, &tick, 100 + i, i, 1), 0);
}


/* whoever spoke in the peer's pause is not heard when it goes on */
static void test_the_first_comes_back(void **state)
{
	struct source s = {0};
	uint64_t tick = 0;
	(void)state;

	assert_int_equal(send(&s, &tick, PEER, 100, 50), 50);
	assert_true(send(&s, &tick, OTHER, 7, 50) > 40);
	for (uint16_t i = 0; i < 50; i++) {
		assert_int_equal(send(&s, &tick, PEER, 150 + i, 1), 1);
		assert_int_equal(send(&s, &tick, OTHER, 57 + i, 1), 0);
	}

	/* but not for ever */
	assert_true(send(&s, &tick, OTHER, 120, SOURCE_HOME + 10) >
		    SOURCE_HOME);
	assert_int_equal(send(&s, &tick, PEER, 200, SOURCE_TRIAL - 1), 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_stream),
		cmocka_unit_test(test_another_beside_it),
		cmocka_unit_test(test_a_change),
		cmocka_unit_test(test_the_first_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
