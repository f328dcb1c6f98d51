/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_able.c  What a person can, held against two lines.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "base/step.h"
#include "cli/able.h"
#include "catch.h"


struct fixture {
	struct config cfg;
	struct store_person p;
	char said[1024];
};


static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.cfg.n_lines = 2;
	strcpy(f.cfg.lines[0].languages[0], "en");
	strcpy(f.cfg.lines[0].languages[1], "es-mx");
	f.cfg.lines[0].n_languages = 2;
	strcpy(f.cfg.lines[0].skills[0], "legal");
	f.cfg.lines[0].n_skills = 1;
	strcpy(f.cfg.lines[0].organisation, "North");
	strcpy(f.cfg.lines[1].languages[0], "en");
	strcpy(f.cfg.lines[1].languages[1], "uk");
	f.cfg.lines[1].n_languages = 2;
	strcpy(f.cfg.lines[1].region, "East");

	strcpy(f.p.languages, "en");
	strcpy(f.p.region, "West");
	*state = &f;

	return 0;
}


static int take(struct fixture *f, const struct able *able)
{
	struct catch c;
	int err;

	catch_begin(&c);
	err = able_take(&f->p, able, &f->cfg);
	catch_end(&c, f->said, sizeof(f->said));

	return err;
}


static void test_all_known(void **state)
{
	const struct able able = {
		.languages = "uk, en", .skills = "legal",
		.organisation = "North", .region = "East",
	};
	struct fixture *f = *state;

	assert_int_equal(take(f, &able), 0);
	assert_string_equal(f->said, "");
	assert_string_equal(f->p.languages, "uk,en");
	assert_string_equal(f->p.skills, "legal");
	assert_string_equal(f->p.organisation, "North");
	assert_string_equal(f->p.region, "East");
}


static void test_what_is_not_given_stays(void **state)
{
	const struct able able = {.skills = "legal"};
	struct fixture *f = *state;

	assert_int_equal(take(f, &able), 0);
	assert_string_equal(f->p.languages, "en");
	assert_string_equal(f->p.region, "West");
}


static void test_none_takes_away(void **state)
{
	const struct able able = {
		.skills = "none", .organisation = "none", .region = "none",
	};
	struct fixture *f = *state;

	strcpy(f->p.skills, "legal");
	strcpy(f->p.organisation, "North");
	assert_int_equal(take(f, &able), 0);
	assert_string_equal(f->said, "");
	assert_string_equal(f->p.skills, "");
	assert_string_equal(f->p.organisation, "");
	assert_string_equal(f->p.region, "");
}


static void test_not_spoken(void **state)
{
	static const struct {
		const char *languages;
		const char *said[2];
	} cases[] = {
		{"fr", {"no line speaks \"fr\"",
			"The lines speak: en, es-mx, uk."}},
		{"en,es-mn", {"no line speaks \"es-mn\"",
			      "did you mean \"es-mx\"?"}},
		{"EN", {"no line speaks \"EN\"", "en, es-mx, uk"}},
		{"none", {"at least one", ""}},
		{"en,", {"--languages takes words", ""}},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < STEP_COUNT(cases); i++) {
		const struct able able = {.languages = cases[i].languages};

		assert_int_equal(take(f, &able), EINVAL);
		print_message("%s", f->said);
		assert_non_null(strstr(f->said, cases[i].said[0]));
		assert_non_null(strstr(f->said, cases[i].said[1]));
	}
}


static void test_nobody_asks_for_it(void **state)
{
	const struct able able = {
		.skills = "legal,knitting", .organisation = "Nroth",
		.region = "Easst",
	};
	struct fixture *f = *state;

	assert_int_equal(take(f, &able), 0);
	assert_string_equal(f->p.skills, "legal,knitting");
	assert_string_equal(f->p.organisation, "Nroth");
	assert_non_null(strstr(f->said, "skill \"knitting\""));
	assert_non_null(strstr(f->said, "organisation \"Nroth\""));
	assert_non_null(strstr(f->said, "region \"Easst\""));
	assert_null(strstr(f->said, "\"legal\""));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_all_known, setup),
		cmocka_unit_test_setup(test_what_is_not_given_stays, setup),
		cmocka_unit_test_setup(test_none_takes_away, setup),
		cmocka_unit_test_setup(test_not_spoken, setup),
		cmocka_unit_test_setup(test_nobody_asks_for_it, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
