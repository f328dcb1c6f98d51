/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * chain.c  Links of a chain: what the header promises, and that no two rows
 * are the same bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "seal/chain.h"


static const uint8_t first[CHAIN_LINK];


/* as Python's hashlib says of the bytes that the header describes */
static void test_link(void **state)
{
	static const char expected[] = "f675e060a661ea5a9c18e62d660dfd27"
				       "09320ee1f76339c52fb21f5185e49f77";
	char hex[2 * CHAIN_LINK + 1];
	uint8_t link[CHAIN_LINK];
	struct chain c;
	(void)state;

	chain_begin(&c, first);
	chain_number(&c, 1);
	chain_number(&c, (uint64_t)-2);
	chain_text(&c, "person_added");
	chain_text(&c, "");
	chain_end(&c, link);
	sodium_bin2hex(hex, sizeof(hex), link, sizeof(link));
	assert_string_equal(hex, expected);
}


static void two_texts(uint8_t *link, const uint8_t *previous, const char *a,
		      const char *b)
{
	struct chain c;

	chain_begin(&c, previous);
	chain_text(&c, a);
	chain_text(&c, b);
	chain_end(&c, link);
}


static void test_differs(void **state)
{
	uint8_t a[CHAIN_LINK], b[CHAIN_LINK];
	(void)state;

	two_texts(a, first, "ab", "c");
	two_texts(b, first, "a", "bc");
	assert_memory_not_equal(a, b, sizeof(a));
	two_texts(b, a, "ab", "c");
	assert_memory_not_equal(a, b, sizeof(a));

	/* where the previous one was */
	two_texts(a, a, "ab", "c");
	assert_memory_equal(a, b, sizeof(a));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_differs),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
