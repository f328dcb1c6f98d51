/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config_media.c  Tests of which media process is which, and has which ports.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/config_media.h"


static void one_has_no_number(void **state)
{
	const struct config c = {.media_processes = 1};
	char text[LIMIT_NAME];
	uint32_t i = 7, life = 7;
	(void)state;

	config_media_name(text, &c, 0);
	assert_string_equal(text, "media");
	config_media_path(text, &c, 0);
	assert_string_equal(text, "run/media.sock");
	assert_int_equal(config_media_find(&i, &life, &c, "anything"), 0);
	assert_int_equal(i, 0);
}


static void several_are_numbered_from_one(void **state)
{
	const struct config c = {.media_processes = 3};
	char text[LIMIT_NAME];
	uint32_t i = 7, life = 7;
	(void)state;

	config_media_path(text, &c, 2);
	assert_string_equal(text, "run/media-3.sock");
	assert_int_equal(config_media_find(&i, &life, &c, "ringback-media-3"), 0);
	assert_int_equal(i, 2);
	assert_int_equal(config_media_find(&i, &life, &c, "./a/ringback-media-1"),
			 0);
	assert_int_equal(i, 0);
	assert_int_equal(config_media_find(&i, &life, &c, "ringback-media"), ENOENT);
	assert_int_equal(config_media_find(&i, &life, &c, "ringback-media-0"),
			 ENOENT);
	assert_int_equal(config_media_find(&i, &life, &c, "ringback-media-4"),
			 ENOENT);
}


/* Each life has a name of its own, by which it is found again. */
static void lives_have_letters(void **state)
{
	const struct config one = {.media_processes = 1};
	const struct config c = {.media_processes = 3};
	char name[LIMIT_NAME];
	uint32_t i = 7, life = 7;
	(void)state;

	config_media_life(name, "media", 0);
	assert_string_equal(name, "media");
	config_media_life(name, "media", 1);
	assert_string_equal(name, "media-b");
	assert_int_equal(config_media_find(&i, &life, &one,
					   "ringback-media-b"), 0);
	assert_int_equal(i, 0);
	assert_int_equal(life, 1);
	config_media_life(name, "run.d/media-2", 3);
	assert_string_equal(name, "run.d/media-2-d");
	config_media_life(name, "run/media-2.sock", 3);
	assert_string_equal(name, "run/media-2-d.sock");
	assert_int_equal(config_media_find(&i, &life, &c,
					   "ringback-media-2-d"), 0);
	assert_int_equal(i, 1);
	assert_int_equal(life, 3);
	assert_int_equal(config_media_find(&i, &life, &c,
					   "ringback-media-2-e"), ENOENT);
	assert_int_equal(config_media_find(&i, &life, &c,
					   "ringback-media-2-a"), ENOENT);
}


/* Pairs that begin at an even port, each in one part alone. */
static void parts_meet(void **state)
{
	static const struct config_media ranges[] = {
		{"", 20000, 29999}, {"", 10001, 10100}, {"", 65000, 65535},
		{"", 1024, 1039},
	};
	struct config_media part;
	(void)state;

	for (size_t k = 0; k < sizeof(ranges) / sizeof(ranges[0]); k++) {
		for (uint32_t n = 1; n <= LIMIT_MEDIA; n++) {
			const uint32_t first = (ranges[k].low + 1u) & ~1u;
			uint32_t next = first;

			for (uint32_t i = 0; i < n; i++) {
				assert_int_equal(config_media_part(
					&part, &ranges[k], i, n), 0);
				assert_int_equal(part.low, next);
				assert_true(part.high > part.low);
				next = part.high + 1u;
			}
			assert_true(next >= ranges[k].high &&
				    next <= ranges[k].high + 1u);
		}
	}
}


static void too_few_for_all(void **state)
{
	const struct config_media range = {"", 10001, 10006};
	struct config_media part;
	(void)state;

	assert_int_equal(config_media_part(&part, &range, 0, 3), ENOSPC);
	assert_int_equal(config_media_part(&part, &range, 1, 2), 0);
	assert_int_equal(part.low, 10004);
	assert_int_equal(part.high, 10005);
}


static void each_range_is_shared(void **state)
{
	struct config c = {.media_processes = 2, .n_media = 2};
	(void)state;

	c.media[0] = (struct config_media){"127.0.0.1", 20000, 20999};
	c.media[1] = (struct config_media){"::1", 30000, 30099};
	assert_int_equal(config_media_share(&c, 1), 0);
	assert_int_equal(c.media[0].low, 20500);
	assert_int_equal(c.media[0].high, 20999);
	assert_string_equal(c.media[1].host, "::1");
	assert_int_equal(c.media[1].low, 30050);
	c.media_processes = LIMIT_MEDIA;
	c.media[1].low = 30090;
	assert_int_equal(config_media_share(&c, 0), ENOSPC);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_has_no_number),
		cmocka_unit_test(several_are_numbered_from_one),
		cmocka_unit_test(lives_have_letters),
		cmocka_unit_test(parts_meet),
		cmocka_unit_test(too_few_for_all),
		cmocka_unit_test(each_range_is_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
