/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * phone_wav.c  Sound files: there and back, and what is no such file.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>
#include <rem.h>

#include "phone/wav.h"
#include "oom.h"


enum { N = 20000 };

struct fixture {
	char path[64];
	int16_t v[N];
};


static int setup(void **state)
{
	struct fixture *f = mem_zalloc(sizeof(*f), NULL);
	int fd;

	if (!f)
		return -1;
	(void)snprintf(f->path, sizeof(f->path), "/tmp/ringback-wav-XXXXXX");
	fd = mkstemp(f->path);
	(void)close(fd);
	for (int i = 0; i < N; i++)
		f->v[i] = (int16_t)(i * 3 - 30000);
	*state = f;

	return fd < 0 ? -1 : 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	(void)unlink(f->path);
	mem_deref(f);
	return 0;
}


static void test_there_and_back(void **state)
{
	struct fixture *f = *state;
	struct wav *wav;

	assert_int_equal(wav_write(f->path, f->v, N), 0);
	assert_int_equal(wav_read(&wav, f->path), 0);
	assert_int_equal(wav->n, N);
	assert_memory_equal(wav->samples, f->v, sizeof(f->v));
	mem_deref(wav);
}


static void test_empty(void **state)
{
	struct fixture *f = *state;
	struct wav *wav;

	assert_int_equal(wav_write(f->path, NULL, 0), 0);
	assert_int_equal(wav_read(&wav, f->path), 0);
	assert_int_equal(wav->n, 0);
	mem_deref(wav);
}


static void test_other_shape(void **state)
{
	struct aufile_prm prm = {44100, 2, AUFMT_S16LE};
	struct fixture *f = *state;
	struct wav *wav = NULL;
	struct aufile *af;

	assert_int_equal(aufile_open(&af, &prm, f->path, AUFILE_WRITE), 0);
	assert_int_equal(aufile_write(af, (uint8_t *)f->v, sizeof(f->v)), 0);
	mem_deref(af);

	assert_int_equal(wav_read(&wav, f->path), EINVAL);
	assert_null(wav);
}


static void test_no_wav(void **state)
{
	struct fixture *f = *state;
	struct wav *wav = NULL;
	FILE *file;

	assert_int_not_equal(wav_read(&wav, f->path), 0);

	file = fopen(f->path, "w");
	assert_non_null(file);
	assert_true(fputs("a text that is long enough to hold a header of"
			  " some kind, but holds none", file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_not_equal(wav_read(&wav, f->path), 0);

	assert_int_equal(wav_read(&wav, "/nowhere/at/all.wav"), ENOENT);
	assert_null(wav);
	assert_int_not_equal(wav_write("/nowhere/at/all.wav", f->v, N), 0);
}


static int read_once(void *arg)
{
	struct fixture *f = arg;
	struct wav *wav;
	int err = wav_read(&wav, f->path);

	if (!err)
		mem_deref(wav);
	return err;
}


static void test_oom(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(wav_write(f->path, f->v, N), 0);
	assert_true(oom_loop(read_once, f) >= 3);
}


int main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_there_and_back),
		WITH(test_empty),
		WITH(test_other_shape),
		WITH(test_no_wav),
		WITH(test_oom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
