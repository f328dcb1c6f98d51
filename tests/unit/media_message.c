/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_message.c  Whoever speaks is written down in order, part after part,
 * and nobody waits for ever for a disk that hangs.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "base/message.h"
#include "clock.h"
#include "media/message.h"
#include "oom.h"
#include "opened.h"
#include "tmpdir.h"


enum {
	CALL = 77,
	SECOND = 1000 * MESSAGE_MS,
	LIMIT_MS = 20000,
	FAST = 100,  /* a tenth of a second instead of ten                 */
};

struct fixture {
	char dir[TMPDIR_SIZE];
	char before[512];
	struct message_disk *disk;
	struct message *message; /* borrow */
	struct tmr limit;
	unsigned n_opened, n_closed, wanted;
	int opened_err;
	struct message_result result;
	bool too_late;
};

/* a disk that hangs as long as it is told to */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_opens = PTHREAD_COND_INITIALIZER;
static bool hung;

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_syncfs(int fd);
int __wrap_syncfs(int fd);


static void hang(bool on)
{
	pthread_mutex_lock(&gate);
	hung = on;
	pthread_cond_broadcast(&gate_opens);
	pthread_mutex_unlock(&gate);
}


static void disk_wait(void)
{
	pthread_mutex_lock(&gate);
	while (hung)
		pthread_cond_wait(&gate_opens, &gate);
	pthread_mutex_unlock(&gate);
}


int __wrap_fdatasync(int fd)
{
	disk_wait();
	return __real_fdatasync(fd);
}


int __wrap_fsync(int fd)
{
	disk_wait();
	return __real_fsync(fd);
}


int __wrap_syncfs(int fd)
{
	disk_wait();
	return __real_syncfs(fd);
}


static void progress(struct fixture *f)
{
	if (f->n_opened + f->n_closed >= f->wanted)
		re_cancel();
}


static void opened(int err, void *arg)
{
	struct fixture *f = arg;

	++f->n_opened;
	f->opened_err = err;
	progress(f);
}


static void closed(const struct message_result *result, void *arg)
{
	struct fixture *f = arg;

	++f->n_closed;
	f->result = *result;
	progress(f);
}


static const struct message_handlers handlers = {opened, closed};


static void too_late(void *arg)
{
	struct fixture *f = arg;

	f->too_late = true;
	re_cancel();
}


/* until so much was told in all */
static void run_until(struct fixture *f, unsigned n)
{
	f->wanted = n;
	clock_real_start(&f->limit, LIMIT_MS, too_late, f);
	if (f->n_opened + f->n_closed < n)
		assert_int_equal(re_main(NULL), 0);
	tmr_cancel(&f->limit);
	assert_false(f->too_late);
}


static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || libre_init() || !getcwd(f->before, sizeof(f->before)))
		return -1;
	clock_reset();
	hang(false);
	tmpdir_make(f->dir, "message");
	if (chdir(f->dir))
		return -1;
	*state = f;

	return message_disk_alloc(&f->disk);
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	hang(false);
	mem_deref(f->disk);
	if (chdir(f->before))
		return -1;
	tmpdir_remove(f->dir);
	free(f);
	libre_close();

	return 0;
}


static void begin(struct fixture *f, enum codec c)
{
	struct message_seal to = {.epoch = OPENED_EPOCH};

	opened_public(to.public);
	assert_int_equal(message_open(&f->message, f->disk, CALL, c, &to,
				      &handlers, f), 0);
}


/* n bytes of one value, all of them voice */
static void say(struct fixture *f, uint8_t value, unsigned n, uint32_t voiced)
{
	uint8_t *p = malloc(n);

	assert_non_null(p);
	memset(p, value, n);
	message_write(f->message, p, n, voiced);
	free(p);
}


/* a message, or another part of it: a second of this value */
static void part(struct fixture *f, enum codec c, uint8_t value,
		 uint32_t voiced)
{
	const unsigned n = f->n_opened + f->n_closed;

	begin(f, c);
	say(f, value, SECOND, voiced);
	message_close(f->message);
	run_until(f, n + 2);
	assert_int_equal(f->opened_err, 0);
	assert_int_equal(f->result.err, 0);
}


/* there are so many seconds of it, each of one value */
static void assert_seconds(const uint8_t *values, unsigned n)
{
	struct opened o;

	assert_int_equal(opened_read(&o, CALL), 0);
	assert_int_equal(o.n, n * SECOND);
	for (unsigned i = 0; i < n * SECOND; i++)
		assert_int_equal(o.sound[i], values[i / SECOND]);
	free(o.sound);
}


static void test_parts(void **state)
{
	struct fixture *f = *state;

	part(f, CODEC_PCMU, 0x21, 700);
	assert_int_equal(f->result.ms, 1000);
	assert_int_equal(f->result.voiced_ms, 700);
	assert_seconds((const uint8_t[]){0x21}, 1);

	/* told of by itself */
	part(f, CODEC_PCMU, 0x22, 300);
	assert_int_equal(f->result.ms, 1000);
	assert_int_equal(f->result.voiced_ms, 300);
	assert_seconds((const uint8_t[]){0x21, 0x22}, 2);

	/* the phone speaks another codec now */
	part(f, CODEC_PCMA, 0x23, 100);
	assert_seconds((const uint8_t[]){0x21, 0x22, 0x23}, 3);

	/* nothing was said */
	part(f, CODEC_PCMU, 0x24, 0);
	assert_int_equal(f->result.ms, 0);
	assert_int_equal(f->result.voiced_ms, 0);
	assert_seconds((const uint8_t[]){0x21, 0x22, 0x23}, 3);
	begin(f, CODEC_PCMU);
	message_close(f->message);
	run_until(f, 10);
	assert_int_equal(f->result.ms, 0);
	assert_int_equal(f->result.err, 0);
	assert_seconds((const uint8_t[]){0x21, 0x22, 0x23}, 3);
}


/* the first part is the caller's, be it silent: the core says what to do */
static void test_silent(void **state)
{
	struct fixture *f = *state;

	part(f, CODEC_PCMU, 0xff, 0);
	assert_int_equal(f->result.ms, 1000);
	assert_int_equal(f->result.voiced_ms, 0);
	assert_seconds((const uint8_t[]){0xff}, 1);
}


static void test_hangs_at_the_end(void **state)
{
	struct fixture *f = *state;

	part(f, CODEC_PCMU, 0x21, 1000);
	begin(f, CODEC_PCMU);
	run_until(f, 3);
	clock_get()->speed = FAST;
	hang(true);
	say(f, 0x22, SECOND, 900);
	message_close(f->message);
	run_until(f, 4);
	assert_int_equal(f->n_closed, 2);
	assert_int_equal(f->result.err, EIO);
	assert_int_equal(f->result.ms, 0);
	assert_int_equal(f->result.voiced_ms, 0);

	/* no other message can be begun meanwhile; then nothing was lost, and
	 * nobody is told twice */
	begin(f, CODEC_PCMU);
	say(f, 0x23, SECOND, 1000);
	run_until(f, 5);
	assert_int_equal(f->opened_err, EIO);
	hang(false);
	clock_reset();
	part(f, CODEC_PCMU, 0x24, 500);
	assert_int_equal(f->n_opened + f->n_closed, 7);
	assert_seconds((const uint8_t[]){0x21, 0x22, 0x24}, 3);
}


static void test_hangs_at_the_beginning(void **state)
{
	struct fixture *f = *state;
	struct message_info info;

	clock_get()->speed = FAST;
	hang(true);
	begin(f, CODEC_PCMU);
	say(f, 0x21, SECOND, 1000);
	run_until(f, 1);
	assert_int_equal(f->opened_err, EIO);
	hang(false);
	f->disk = mem_deref(f->disk);
	assert_int_equal(f->n_opened + f->n_closed, 1);
	assert_int_equal(message_look(&info, CALL), ENOENT);
}


/* more is said than fits into memory */
static void test_hangs_meanwhile(void **state)
{
	struct fixture *f = *state;

	begin(f, CODEC_PCMU);
	run_until(f, 1);
	clock_get()->speed = FAST;
	hang(true);
	for (unsigned i = 0; i < 20; i++)
		say(f, 0x21, SECOND, 1000 * i);
	run_until(f, 2);
	assert_int_equal(f->n_closed, 1);
	assert_int_equal(f->result.err, EIO);
	hang(false);
	f->disk = mem_deref(f->disk);
	assert_seconds((const uint8_t[]){0x21, 0x21, 0x21, 0x21, 0x21, 0x21,
					 0x21, 0x21}, 8);
}


static int speak(void *arg)
{
	struct fixture *f = arg;
	struct message_seal to = {.epoch = OPENED_EPOCH};
	struct message_disk *disk = NULL;
	struct message *m;
	uint8_t sound[MESSAGE_MS] = {0};
	int err;

	opened_public(to.public);
	f->n_opened = f->n_closed = 0;
	err = message_disk_alloc(&disk);
	if (!err)
		err = message_open(&m, disk, CALL, CODEC_PCMU, &to,
				   &handlers, f);
	if (!err) {
		message_write(m, sound, sizeof(sound), 0);
		message_close(m);
		run_until(f, 2);
		err = f->result.err;
	}
	mem_deref(disk);
	(void)message_remove(CALL);

	return err;
}


static void test_oom(void **state)
{
	assert_true(oom_loop(speak, *state) >= 2);
}


int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_parts), T(test_silent), T(test_hangs_at_the_end),
		T(test_hangs_at_the_beginning), T(test_hangs_meanwhile),
		T(test_oom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
