/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_wav.c  Recordings, and what is wrong with some.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "media/wav.h"
#include "base/limits.h"
#include "oom.h"
#include "wavfile.h"


static const char path[] = "test-media_wav.wav";

struct row {
	const char *name;
	struct wavfile w;
	int err;
	const char *says;
	size_t n;
};

#define SECONDS_601 (601u * 16000u)

static const struct row rows[] = {
	{"right", {1, 1, 8000, 16, 4000, 4000, {1, 2}}, 0, NULL, 2000},
	{"cut off", {1, 1, 8000, 16, 4000, 1000, {1, 2}}, 0, NULL, 500},
	{"odd end", {1, 1, 8000, 16, 4000, 1001, {1, 2}}, 0, NULL, 500},
	{"44100", {1, 1, 44100, 16, 4000, 4000, {1, 2}}, EBADMSG, "44100 Hz",
	 0},
	{"stereo", {1, 2, 8000, 16, 4000, 4000, {1, 2}}, EBADMSG,
	 "2 channel(s)", 0},
	{"24 bit", {1, 1, 8000, 24, 3000, 3000, {1, 2}}, EBADMSG, "sox", 0},
	{"8 bit", {1, 1, 8000, 8, 3000, 3000, {1, 2}}, EBADMSG, "sox", 0},
	{"A-law", {6, 1, 8000, 8, 3000, 3000, {1, 2}}, EBADMSG, "sox", 0},
	{"ADPCM", {2, 1, 8000, 4, 3000, 3000, {1, 2}}, EBADMSG, "sox", 0},
	{"empty", {1, 1, 8000, 16, 0, 0, {1, 2}}, EBADMSG, "empty", 0},
	{"one byte", {1, 1, 8000, 16, 1, 1, {1, 2}}, EBADMSG, "empty", 0},
	{"too long", {1, 1, 8000, 16, SECONDS_601, SECONDS_601, {1, 2}},
	 EBADMSG, "ten minutes", 0},
	{"endless", {1, 1, 8000, 16, 0xffffffff, 200, {1, 2}},
	 EBADMSG, "sox", 0},
};


static void test_table(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		int16_t *pcm = NULL;
		char why[WAV_WHY] = "";
		size_t n = 0;
		int err;

		assert_int_equal(wavfile_write(path, &r->w), 0);
		err = wav_read(&pcm, &n, path, why);
		if (err != r->err || n != r->n ||
		    (r->says && !strstr(why, r->says)))
			fail_msg("%s: %d, %zu samples, \"%s\"", r->name, err,
				 n, why);
		if (!err)
			assert_int_equal(pcm[0], 0x0201);
		mem_deref(pcm);
	}
	(void)remove(path);
}


static void test_no_wav(void **state)
{
	static const char *const texts[] = {
		"", "R", "RIFF", "RIFF1234WAVEfmt ", 
		"no sound, but longer than a header of a sound file is",
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		FILE *f = fopen(path, "wb");
		int16_t *pcm = NULL;
		char why[WAV_WHY] = "";
		size_t n;

		assert_non_null(f);
		(void)fputs(texts[i], f);
		(void)fclose(f);
		assert_int_equal(wav_read(&pcm, &n, path, why), EBADMSG);
		assert_non_null(strstr(why, "sox"));
	}
	(void)remove(path);
}


static void test_no_file(void **state)
{
	int16_t *pcm;
	char why[WAV_WHY] = "";
	size_t n;
	(void)state;

	assert_int_equal(wav_read(&pcm, &n, "there/is/none.wav", why), ENOENT);
	assert_string_equal(why, strerror(ENOENT));
	assert_int_equal(wav_read(&pcm, &n, ".", why), EBADMSG);
	assert_int_equal(wav_read(&pcm, &n, "/dev/zero", why), EBADMSG);
}


static int read_one(void *arg)
{
	char why[WAV_WHY];
	int16_t *pcm;
	size_t n;
	int err;
	(void)arg;

	err = wav_read(&pcm, &n, path, why);
	if (!err)
		mem_deref(pcm);

	return err;
}


static void test_oom(void **state)
{
	(void)state;

	assert_int_equal(wavfile_flat(path, 1000, 20000), 0);
	assert_true(oom_loop(read_one, NULL) >= 2);
	(void)remove(path);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_no_wav),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_oom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
