/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * outlook.c, way.c  A data folder read for the sake of calls to come, and one
 * such call.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/outlook.h"
#include "cli/way.h"

#include "catch.h"
#include "oom.h"
#include "tmpdir.h"


static const char text[] =
	"strategy = \"longest_idle\"\n"
	"timezone = \"Europe/Berlin\"\n"
	"line \"day\" { languages = {\"en\", \"es\"}\n"
	"\thours = {\"Mon-Fri 09:00-17:00\"} }\n"
	"line \"inside\" { kind = \"detention\" messages = no }\n"
	"line \"own\" { trunk = \"mine\" }\n"
	"line \"mute\" { ring_back = no }\n";

static char dir[TMPDIR_SIZE];


static void person_put(struct store *s, const char *name, const char *speaks,
		       bool on)
{
	struct store_person p = {.wrap_up_s = 30, .on_duty = on};

	(void)snprintf(p.name, sizeof(p.name), "%s", name);
	(void)snprintf(p.languages, sizeof(p.languages), "%s", speaks);
	(void)secret_set(&p.phone, "sip:5550100@192.0.2.1", 21);
	assert_int_equal(store_person_add(s, &p), 0);
}


static void trunk_put(const char *name, const char *uri)
{
	struct store_trunk t = {.kind = STORE_TRUNK_STATIC};
	struct store *s;

	assert_int_equal(store_open(&s, dir, STORE_TOOL), 0);
	(void)snprintf(t.name, sizeof(t.name), "%s", name);
	(void)snprintf(t.from, sizeof(t.from), "192.0.2.1/32");
	(void)secret_set(&t.uri, uri, strlen(uri));
	assert_int_equal(store_trunk_add(s, &t), 0);
	store_close(s);
}


static int setup(void **state)
{
	char path[TMPDIR_SIZE + 16];
	struct store *s;
	FILE *f;
	(void)state;

	tmpdir_make(dir, "outlook");
	(void)snprintf(path, sizeof(path), "%s/ringback.conf", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(store_open(&s, dir, STORE_CREATE), 0);
	person_put(s, "Ana", "en,es", true);
	person_put(s, "Bob", "", true);
	person_put(s, "Cem", "en", false);
	store_close(s);

	return 0;
}


static int teardown(void **state)
{
	(void)state;
	assert_int_equal(chdir("/"), 0);
	tmpdir_remove(dir);

	return 0;
}


static struct outlook *load(void)
{
	struct outlook *o = NULL;

	assert_int_equal(outlook_load(&o, dir), 0);
	assert_non_null(o);

	return o;
}


static void test_people(void **state)
{
	struct outlook *o = load();
	(void)state;

	assert_int_equal(o->n_people, 2);
	assert_string_equal(outlook_name(o, o->people[0].person), "Ana");
	assert_string_equal(outlook_name(o, o->people[1].person), "Bob");
	assert_string_equal(outlook_name(o, 4711), "");
	assert_int_equal(o->people[0].languages, 3);
	assert_int_equal(o->people[1].languages, 1);
	assert_string_equal(outlook_language(o, 1), "es");
	outlook_free(o);
	outlook_free(NULL);
}


static void roles_put(const char *name, const struct store_role *roles,
		      size_t n)
{
	struct store_person p;
	struct store *s;

	assert_int_equal(store_open(&s, dir, STORE_TOOL), 0);
	assert_int_equal(store_person_get(s, name, &p), 0);
	assert_int_equal(store_roles_set(s, p.id, roles, n), 0);
	store_close(s);
}


/* as the line itself would know them */
static void test_roles(void **state)
{
	const struct store_role roles[] = {
		{.role = "trainee"},
		{.line = "inside", .role = "counsellor"},
	};
	struct outlook *o = load();
	(void)state;

	assert_int_equal(o->people[0].lines, UINT16_MAX);
	outlook_free(o);

	roles_put("Ana", roles, 2);
	o = load();
	assert_int_equal(o->people[0].lines,
			 1 << plan_line(&o->words, "inside"));
	assert_false(o->people[0].learns);
	outlook_free(o);

	roles_put("Ana", roles, 1);
	o = load();
	assert_true(o->people[0].learns);
	outlook_free(o);
	roles_put("Ana", NULL, 0);
}


/* why a line rings nobody back; NULL if it does */
static void reason_check(uint16_t line, const char *words)
{
	struct outlook *o = load();
	const char *why = outlook_no_ring_back(o, line);

	assert_int_equal(!why, !words);
	if (words)
		assert_non_null(strstr(why, words));
	outlook_free(o);
}


static void test_reasons(void **state)
{
	struct outlook *o = load();
	(void)state;

	assert_null(outlook_no_message(o, 0));
	assert_non_null(strstr(outlook_no_message(o, 1), "messages"));
	outlook_free(o);

	reason_check(0, "there is no trunk");
	reason_check(1, "detention");
	reason_check(3, "ring_back is no");
	trunk_put("in", "");
	reason_check(0, "no trunk can dial");
	reason_check(2, "is not there");
	trunk_put("mine", "");
	reason_check(2, "the line's trunk cannot dial");
	trunk_put("out", "sip:192.0.2.1");
	reason_check(0, NULL);
	reason_check(1, "detention");
	reason_check(2, "the line's trunk cannot dial");
}


static void test_way(void **state)
{
	const int64_t monday = (int64_t)1795420800 * 1000; /* 09:00 */
	const int64_t hour = 3600 * 1000;
	struct outlook *o = load();
	struct way *w = test_malloc(sizeof(*w));
	(void)state;

	assert_int_equal(way_find(w, o, 0, 1, monday), 0);
	assert_true(w->open);
	assert_int_equal(w->turns, monday + 8 * hour);
	assert_int_equal(w->staffed, 3);
	assert_int_equal(w->key, 2);
	assert_int_equal(w->n_rings, 1);
	assert_int_equal(w->fate, FATE_PERSON);
	assert_true(w->silent.promised);

	/* one after the other, each once */
	assert_int_equal(way_find(w, o, 0, 0, monday), 0);
	assert_int_equal(w->n_rings, 2);
	assert_int_equal(w->rings[0].after_ms, 0);
	assert_in_range(w->rings[1].after_ms, 19000, 21000);

	assert_int_equal(way_find(w, o, 0, 0, monday - hour), 0);
	assert_false(w->open);
	assert_int_equal(w->turns, monday);
	assert_int_equal(w->n_rings, 0);
	assert_int_equal(w->fate, FATE_PROMISE);
	assert_int_equal(w->silent.record.promise.due_at, monday + 4 * hour);
	test_free(w);
	outlook_free(o);
}


static void test_nothing_there(void **state)
{
	struct outlook *o = NULL;
	struct catch said;
	char words[512];
	int err;
	(void)state;

	catch_begin(&said);
	err = outlook_load(&o, "/nowhere/at/all");
	catch_end(&said, words, sizeof(words));
	assert_int_equal(err, ENOENT);
	assert_non_null(strstr(words, "ringback init"));
	assert_null(o);
}


static int load_work(void *arg)
{
	struct outlook *o = NULL;
	int err = outlook_load(&o, arg);

	if (err)
		assert_null(o);
	outlook_free(o);

	return err;
}


static void test_oom(void **state)
{
	static char words[65536];
	struct catch said;
	unsigned n;
	(void)state;

	catch_begin(&said);
	n = oom_loop(load_work, dir);
	catch_end(&said, words, sizeof(words));
	assert_true(n > 5);
}


#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_people),        CASE(test_reasons), CASE(test_way),
		CASE(test_roles),        CASE(test_reasons), CASE(test_way),
		CASE(test_nothing_there), CASE(test_oom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
