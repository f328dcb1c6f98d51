/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_prompts.c  Where prompts are found, and what is said if not.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "media/prompts.h"
#include "oom.h"
#include "wavfile.h"


enum { OWN = 8000, BUILTIN = -8000, LOG_BYTES = 8192 };

struct fixture {
	char dir[64];
	char own[80];
	char builtin[80];
	char log[LOG_BYTES];
	int saved;   /* standard error */
	FILE *to;
};


static void wav(const char *dir, const char *name, int16_t value)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(wavfile_flat(path, value, 1000), 0);
}


static void text(const char *dir, const char *name)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	(void)fputs("this is no sound", f);
	(void)fclose(f);
}


static void folder(char *path, size_t size, const char *dir, const char *name)
{
	(void)snprintf(path, size, "%s/%s", dir, name);
	assert_int_equal(mkdir(path, 0700), 0);
}


static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char sub[128];

	if (!f)
		return -1;
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/ringback-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	folder(f->own, sizeof(f->own), f->dir, "own");
	folder(f->builtin, sizeof(f->builtin), f->dir, "builtin");
	folder(sub, sizeof(sub), f->own, "en");
	folder(sub, sizeof(sub), f->builtin, "en");
	wav(f->builtin, "en/greeting.wav", BUILTIN);
	wav(f->builtin, "en/hold.wav", BUILTIN);

	f->to = tmpfile();
	f->saved = dup(STDERR_FILENO);
	if (!f->to || dup2(fileno(f->to), STDERR_FILENO) < 0)
		return -1;
	*state = f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;
	char cmd[128];

	(void)dup2(f->saved, STDERR_FILENO);
	(void)close(f->saved);
	(void)fclose(f->to);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", f->dir);
	if (system(cmd))
		return -1;
	free(f);

	return 0;
}


/* what was logged since the last look */
static const char *logged(struct fixture *f)
{
	size_t n;

	rewind(f->to);
	n = fread(f->log, 1, sizeof(f->log) - 1, f->to);
	f->log[n] = '\0';
	rewind(f->to);
	assert_int_equal(ftruncate(fileno(f->to), 0), 0);
	(void)lseek(STDERR_FILENO, 0, SEEK_SET);

	return f->log;
}


static unsigned lines(const char *s)
{
	unsigned n = 0;

	for (; *s; s++)
		n += *s == '\n';

	return n;
}


static struct prompts *open_both(struct fixture *f, bool must)
{
	const struct prompts_place places[] = {
		{f->own, must}, {f->builtin, false},
	};
	struct prompts *p;

	assert_int_equal(prompts_alloc(&p, places, 2), 0);
	return p;
}


static int value(struct prompts *p, const char *language, const char *name)
{
	struct sound *s;

	assert_int_equal(prompts_get(p, &s, language, name), 0);
	assert_int_equal(s->n, 1000);

	return codec_decode(CODEC_PCMU, s->bytes[CODEC_PCMU][500]) > 0
		? OWN : BUILTIN;
}


static void test_own_goes_first(void **state)
{
	struct fixture *f = *state;
	struct prompts *p;

	wav(f->own, "en/greeting.wav", OWN);
	p = open_both(f, false);
	assert_int_equal(value(p, "en", "greeting"), OWN);
	assert_int_equal(value(p, "en", "hold"), BUILTIN);
	assert_string_equal(logged(f), "");
	mem_deref(p);
}


static void test_read_once(void **state)
{
	struct fixture *f = *state;
	struct prompts *p = open_both(f, false);
	struct sound *a, *b;

	assert_int_equal(prompts_get(p, &a, "en", "hold"), 0);
	assert_int_equal(prompts_get(p, &b, "en", "hold"), 0);
	assert_ptr_equal(a, b);
	mem_deref(p);
}


static void test_bad_own_file(void **state)
{
	struct fixture *f = *state;
	struct prompts *p;
	const char *log;

	text(f->own, "en/greeting.wav");
	p = open_both(f, false);
	assert_int_equal(value(p, "en", "greeting"), BUILTIN);
	log = logged(f);
	assert_int_equal(lines(log), 1);
	assert_non_null(strstr(log, "error"));
	assert_non_null(strstr(log, "own/en/greeting.wav"));
	assert_non_null(strstr(log, "sox"));

	assert_int_equal(value(p, "en", "greeting"), BUILTIN);
	assert_string_equal(logged(f), "");
	mem_deref(p);
}


static void test_missing_where_it_must_be(void **state)
{
	struct fixture *f = *state;
	struct prompts *p = open_both(f, true);
	const char *log;

	assert_int_equal(value(p, "en", "greeting"), BUILTIN);
	log = logged(f);
	assert_int_equal(lines(log), 1);
	assert_non_null(strstr(log, "own/en/greeting.wav is missing"));
	mem_deref(p);
}


static void test_nowhere(void **state)
{
	struct fixture *f = *state;
	struct prompts *p = open_both(f, false);
	struct sound *s;

	assert_int_equal(prompts_get(p, &s, "en", "song"), ENOENT);
	assert_non_null(strstr(logged(f), "\"song\""));
	assert_int_equal(prompts_get(p, &s, "en", "song"), ENOENT);
	assert_string_equal(logged(f), "");
	mem_deref(p);
}


static void test_preload_says_all(void **state)
{
	struct fixture *f = *state;
	struct prompts *p = open_both(f, false);

	prompts_preload(p, "en");
	assert_string_equal(logged(f), "");
	prompts_preload(p, "fr");
	assert_int_equal(lines(logged(f)), 2);
	mem_deref(p);
}


static void test_language_of_a_country(void **state)
{
	struct fixture *f = *state;
	struct prompts *p = open_both(f, false);
	struct sound *s;

	assert_int_equal(value(p, "en-gb", "greeting"), BUILTIN);
	assert_string_equal(logged(f), "");
	assert_int_equal(prompts_get(p, &s, "eng-b", "greeting"), ENOENT);
	assert_int_equal(prompts_get(p, &s, "-en", "greeting"), ENOENT);
	mem_deref(p);
}


/* names come over the wire, and must not lead out of the folder */
static void test_names(void **state)
{
	static const char *const bad[][2] = {
		{"..", "greeting"}, {"en", "../en/greeting"}, {"", "hold"},
		{"en", ""}, {"en/", "hold"}, {"EN", "hold"}, {"en", "ho ld"},
		{"en", "a-name-much-longer-than-any"}, {"english-", "hold"},
	};
	struct fixture *f = *state;
	struct prompts *p = open_both(f, false);
	struct sound *s;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char language[8] = "", name[24] = "";

		/* as on the wire: not always ended */
		memcpy(language, bad[i][0],
		       strnlen(bad[i][0], sizeof(language)));
		memcpy(name, bad[i][1], strnlen(bad[i][1], sizeof(name)));
		if (prompts_get(p, &s, language, name) != EINVAL)
			fail_msg("%s %s", bad[i][0], bad[i][1]);
	}
	mem_deref(p);
}


static int open_and_get(void *arg)
{
	struct fixture *f = arg;
	const struct prompts_place place = {f->builtin, false};
	struct prompts *p;
	struct sound *s;
	int err;

	err = prompts_alloc(&p, &place, 1);
	if (err)
		return err;
	err = prompts_get(p, &s, "en", "greeting");
	mem_deref(p);

	return err;
}


static void test_oom(void **state)
{
	assert_true(oom_loop(open_and_get, *state) >= 8);
}


int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_own_goes_first),
		T(test_read_once),
		T(test_bad_own_file),
		T(test_missing_where_it_must_be),
		T(test_nowhere),
		T(test_preload_says_all),
		T(test_language_of_a_country),
		T(test_names),
		T(test_oom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
