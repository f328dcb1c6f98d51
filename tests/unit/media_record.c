/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_record.c  Messages: what a caller said is on disk, whatever happens,
 * and nobody else's sound waits for that disk.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "base/message.h"
#include "clock.h"
#include "media/message.h"
#include "media_bench.h"
#include "opened.h"


enum {
	CALL  = 4711,
	FRAMES = 100,
	MANY_LEGS = 30,
	SLOW_MS = 400,
	HUNG_MS = 60000,
	CALLER_MS = 20,
	QUIET = 0xff,
};

/* a disk that takes so long */
static _Atomic unsigned disk_ms;

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_syncfs(int fd);
int __wrap_syncfs(int fd);


static void disk_wait(void)
{
	const struct timespec step = {.tv_nsec = 5000000};

	/* a disk that hangs can be let go */
	for (unsigned ms = 0; ms < disk_ms; ms += 5)
		(void)nanosleep(&step, NULL);
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


static int record(struct fixture *f, uint64_t leg, uint64_t call,
		  uint32_t max_ms)
{
	struct wire_leg_record msg = {
		.leg = leg, .name = call, .max_ms = max_ms,
		.epoch = OPENED_EPOCH,
	};

	opened_public(msg.public);

	return ask(f, WIRE_LEG_RECORD, &msg, NULL);
}


/* nobody could open it: it is not begun */
static int record_unsealed(struct fixture *f, uint64_t leg, uint64_t call)
{
	const struct wire_leg_record msg = {.leg = leg, .name = call};

	return ask(f, WIRE_LEG_RECORD, &msg, NULL);
}


static int stop(struct fixture *f, uint64_t leg)
{
	const struct wire_leg msg = {.leg = leg};

	return ask(f, WIRE_LEG_STOP, &msg, NULL);
}


static bool one_recorded(struct fixture *f)
{
	return f->n_recorded >= 1;
}


static bool two_recorded(struct fixture *f)
{
	return f->n_recorded >= 2;
}


/* frame i of what a caller says */
static uint8_t said(unsigned i)
{
	return (uint8_t)(0x20 + i % 64);
}


static void say(struct phone *p, unsigned from, unsigned n)
{
	for (unsigned i = from; i < from + n; i++)
		phone_say(p, said(i));
}


/* the message of this call is what was said, n frames of it */
static void assert_said(uint64_t call, unsigned n)
{
	struct opened o;

	assert_int_equal(opened_read(&o, call), 0);
	assert_int_equal(o.n, n * CODEC_FRAME);
	for (unsigned i = 0; i < n * CODEC_FRAME; i++)
		assert_int_equal(o.sound[i], said(i / CODEC_FRAME));
	free(o.sound);
}


/* the same, so many bytes of it, and it may end within a frame */
static void assert_begins(uint64_t call, size_t n)
{
	struct opened o;

	assert_int_equal(opened_read(&o, call), 0);
	assert_int_equal(o.n, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(o.sound[i], said((unsigned)i / CODEC_FRAME));
	free(o.sound);
}


/* What a voice may sound like: now loud, now less so. Every second sample has
 * the other sign, so that it is no steady pressure. */
static void aloud(uint8_t frame[CODEC_FRAME], unsigned i)
{
	const int16_t loud = (int16_t)(i % 8 < 4 ? 12000 : 2000);

	for (unsigned k = 0; k < CODEC_FRAME; k++)
		frame[k] = codec_encode(CODEC_PCMU,
					k & 1 ? loud : (int16_t)-loud);
}


static void say_aloud(struct phone *p, unsigned from, unsigned n)
{
	uint8_t frame[CODEC_FRAME];

	for (unsigned i = from; i < from + n; i++) {
		aloud(frame, i);
		phone_talk(p, frame);
	}
}


/* the message of this call is what was said aloud, n frames of it */
static void assert_aloud(uint64_t call, unsigned n)
{
	uint8_t frame[CODEC_FRAME];
	struct opened o;

	assert_int_equal(opened_read(&o, call), 0);
	assert_int_equal(o.n, n * CODEC_FRAME);
	for (unsigned i = 0; i < n; i++) {
		aloud(frame, i);
		assert_memory_equal(o.sound + i * CODEC_FRAME, frame,
				    CODEC_FRAME);
	}
	free(o.sound);
}


/* until all that was sent has been taken in */
static void settle(struct phone *p)
{
	listen_more(p, 3);
}


static void test_message(void **state)
{
	struct fixture *f = *state;
	struct message_info info;
	char path[MESSAGE_PATH];
	struct stat st;

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(record(f, LEG_A, CALL, 0), 0);
	say(f->a, 0, FRAMES);
	settle(f->a);
	assert_int_equal(stop(f, LEG_A), 0);
	run_until(f, one_recorded);
	assert_int_equal(f->recorded[0].leg, LEG_A);
	assert_int_equal(f->recorded[0].name, CALL);
	assert_int_equal(f->recorded[0].ms, FRAMES * 20);
	assert_int_equal(f->recorded[0].err, 0);
	assert_said(CALL, FRAMES);
	assert_int_equal(message_look(&info, CALL), 0);
	assert_int_equal(info.epoch, OPENED_EPOCH);
	assert_int_equal(info.n_parts, 1);

	message_path(path, CALL);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(message_folder, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);

	/* once each */
	assert_int_equal(stop(f, LEG_A), 0);
	assert_int_equal(close_leg(f, LEG_A), 0);
	assert_int_equal(f->n_recorded, 1);
	assert_int_equal(message_remove(CALL), 0);
	assert_int_equal(stat(path, &st), -1);
}


static void test_hears_noise_meanwhile(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(answer(f->a, LEG_A, "8 101", ""), 0);
	assert_int_equal(play(f, LEG_A, "hold", NULL, true), 0);
	listen_more(f->a, 3);
	assert_int_equal(record(f, LEG_A, CALL, 0), 0);
	listen_more(f->a, 5);
	assert_true(abs(level(f->a, f->a->n - 1)) < 80);
	assert_unbroken(f->a);
}


/* told before the reply to what ended it */
static void test_close_ends_it(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(record(f, LEG_A, CALL, 0), 0);
	say(f->a, 0, FRAMES);
	settle(f->a);
	disk_ms = SLOW_MS;
	assert_int_equal(close_leg(f, LEG_A), 0);
	assert_int_equal(f->type, WIRE_LEG_STATS);
	assert_int_equal(f->stats.n_received, FRAMES);
	assert_int_equal(f->n_recorded, 1);
	assert_int_equal(f->recorded[0].ms, FRAMES * 20);
	assert_said(CALL, FRAMES);
}


/* a disk that hangs holds back no reply for ever, nor other people's sound */
static void test_close_is_not_held_back(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(record(f, LEG_A, CALL, 0), 0);
	disk_ms = HUNG_MS;
	say(f->a, 0, FRAMES);
	settle(f->a);
	clock_get()->speed = 10;
	assert_int_equal(close_leg(f, LEG_A), 0);
	assert_int_equal(f->type, WIRE_LEG_STATS);
	assert_int_equal(f->stats.n_received, FRAMES);
	assert_int_equal(f->n_recorded, 1);
	assert_int_equal(f->recorded[0].err, EIO);
	assert_true(f->recorded[0].ms < FRAMES * 20);

	assert_int_equal(answer(f->b, LEG_B, "0 101", ""), 0);
	assert_int_equal(record(f, LEG_B, CALL + 1, 0), EIO);
	assert_int_equal(close_leg(f, LEG_B), 0);
	assert_int_equal(f->n_recorded, 1);

	/* what was said is written once the disk answers again */
	clock_reset();
	disk_ms = 0;
	f->server = mem_deref(f->server);
	assert_said(CALL, FRAMES);
	assert_int_equal(message_look(&(struct message_info){0}, CALL + 1),
			 ENOENT);
}


static void test_bridge_ends_it(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(answer(f->b, LEG_B, "0 101", ""), 0);
	assert_int_equal(record(f, LEG_A, CALL, 0), 0);
	say(f->a, 0, FRAMES);
	settle(f->a);
	assert_int_equal(bridge(f, LEG_A, LEG_B), 0);
	say(f->a, FRAMES, 20);
	listen_for(f->b, said(FRAMES + 19));
	run_until(f, one_recorded);
	assert_int_equal(f->recorded[0].ms, FRAMES * 20);
	assert_said(CALL, FRAMES);
}


static void test_five_minutes(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(record(f, LEG_A, CALL, 1000), 0);
	say(f->a, 0, FRAMES);
	run_until(f, one_recorded);
	assert_int_equal(f->recorded[0].ms, 1000);
	assert_said(CALL, 50);

	/* by time, if nothing comes in; and no file is left */
	assert_int_equal(record(f, LEG_A, CALL + 1, 200), 0);
	run_until(f, two_recorded);
	assert_int_equal(f->recorded[1].ms, 0);
	assert_int_equal(f->recorded[1].err, 0);
	assert_int_equal(message_remove(CALL), 0);
	assert_int_equal(rmdir(message_folder), 0);
}


static void test_refused(void **state)
{
	struct fixture *f = *state;
	char path[MESSAGE_PATH];
	FILE *file;

	assert_int_equal(record(f, LEG_A, CALL, 0), ENOENT);
	assert_int_equal(stop(f, LEG_A), ENOENT);
	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(record_unsealed(f, LEG_A, CALL), EINVAL);
	assert_int_equal(record(f, LEG_A, CALL, 0), 0);
	assert_int_equal(record(f, LEG_A, CALL, 0), EBUSY);
	say(f->a, 0, FRAMES);
	settle(f->a);
	assert_int_equal(stop(f, LEG_A), 0);
	run_until(f, one_recorded);
	assert_said(CALL, FRAMES);

	/* what a crash left behind without any sound is no message */
	message_path(path, CALL + 1);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(record(f, LEG_A, CALL + 1, 0), 0);
	say(f->a, 0, 10);
	settle(f->a);
	assert_int_equal(close_leg(f, LEG_A), 0);
	assert_int_equal(f->n_recorded, 2);
	assert_said(CALL + 1, 10);
}


/* whoever speaks again is heard again, after what they said before */
static void test_speaks_again(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	for (unsigned part = 0; part < 2; part++) {
		assert_int_equal(record(f, LEG_A, CALL, 0), 0);
		say_aloud(f->a, part * FRAMES, FRAMES);
		settle(f->a);
		assert_int_equal(stop(f, LEG_A), 0);
		run_until(f, part ? two_recorded : one_recorded);
		assert_int_equal(f->recorded[part].err, 0);
		assert_int_equal(f->recorded[part].ms, FRAMES * 20);
		assert_true(f->recorded[part].voiced_ms > 0);
		assert_true(f->recorded[part].voiced_ms <= FRAMES * 20);
		assert_aloud(CALL, (part + 1) * FRAMES);
	}
}


static void not_told(int err, void *arg)
{
	(void)err;
	(void)arg;
}


static void not_told_of_end(const struct message_result *result, void *arg)
{
	(void)result;
	(void)arg;
}


/* until so much sound is in the file, in whole chunks, while nothing more comes
 * in */
static void wait_for_bytes(uint64_t name, size_t n)
{
	const size_t size = MESSAGE_LID + n / MESSAGE_CHUNK * MESSAGE_SEALED;
	const struct timespec pause = {.tv_nsec = 10 * 1000000L};
	const uint64_t end = tmr_jiffies() + 5000;
	char path[MESSAGE_PATH];
	struct stat st = {0};

	message_path(path, name);
	while (tmr_jiffies() < end) {
		if (stat(path, &st) == 0 && (size_t)st.st_size >= size)
			break;
		(void)nanosleep(&pause, NULL);
	}
	assert_int_equal(st.st_size, size);
}


/* What waits for the disk goes round in a ring. The few bytes before its end
 * must not hold up what follows: that would end a message after 16 s. */
static void test_goes_round(void **state)
{
	static const struct message_handlers h = {not_told, not_told_of_end};
	static uint8_t sound[MESSAGE_RING - 96];
	struct message_seal to = {.epoch = OPENED_EPOCH};
	struct message_disk *d;
	struct message *m;

	(void)state;
	opened_public(to.public);
	memset(sound, said(1), sizeof(sound));
	assert_int_equal(message_disk_alloc(&d), 0);
	assert_int_equal(message_open(&m, d, CALL, CODEC_PCMU, &to, &h,
				      NULL), 0);
	for (unsigned round = 1; round <= 3; round++) {
		message_write(m, sound, sizeof(sound), 1000);
		wait_for_bytes(CALL, round * sizeof(sound));
	}
	mem_deref(d);
}


/* a later part of which nothing was said is no part */
static void test_silent_again(void **state)
{
	struct fixture *f = *state;
	struct message_info before, after;

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(record(f, LEG_A, CALL, 0), 0);
	say_aloud(f->a, 0, FRAMES);
	settle(f->a);
	assert_int_equal(stop(f, LEG_A), 0);
	run_until(f, one_recorded);
	assert_int_equal(message_look(&before, CALL), 0);

	assert_int_equal(record(f, LEG_A, CALL, 0), 0);
	for (unsigned i = 0; i < FRAMES; i++)
		phone_say(f->a, QUIET);
	settle(f->a);
	assert_int_equal(stop(f, LEG_A), 0);
	run_until(f, two_recorded);
	assert_int_equal(f->recorded[1].err, 0);
	assert_int_equal(f->recorded[1].ms, 0);
	assert_int_equal(f->recorded[1].voiced_ms, 0);
	assert_aloud(CALL, FRAMES);
	assert_int_equal(message_look(&after, CALL), 0);
	assert_int_equal(after.n, before.n);
}


static void test_no_folder(void **state)
{
	struct fixture *f = *state;
	FILE *file;

	file = fopen(message_folder, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(record(f, LEG_A, CALL, 0), ENOTDIR);
	assert_int_equal(close_leg(f, LEG_A), 0);
	assert_int_equal(f->n_recorded, 0);
}


static bool a_digit(struct fixture *f)
{
	return f->n_digits >= 1;
}


static void test_keys_and_strangers(void **state)
{
	struct fixture *f = *state;
	struct phone *c = f->c = phone_new(f, "127.0.0.2");

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	c->to = f->a->to;
	assert_int_equal(record(f, LEG_A, CALL, 0), 0);
	say(f->a, 0, 20);
	phone_key(f->a, f->a->ts, 11, true, 160);
	for (unsigned i = 0; i < 20; i++)
		phone_say(c, 0x7e);
	say(f->a, 20, 20);
	run_until(f, a_digit);
	assert_int_equal(f->digit[0].code, 11);
	settle(f->a);
	assert_int_equal(close_leg(f, LEG_A), 0);
	assert_said(CALL, 40);
}


/* what is on disk stays there, and is told */
static void test_disk_full(void **state)
{
	struct fixture *f = *state;
	const struct rlimit small = {
		MESSAGE_LID + 2 * MESSAGE_SEALED + 50, RLIM_INFINITY,
	};
	struct rlimit old;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(record(f, LEG_A, CALL, 0), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	say(f->a, 0, FRAMES);
	run_until(f, one_recorded);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(f->recorded[0].err, EFBIG);
	assert_int_equal(f->recorded[0].ms, 2 * MESSAGE_CHUNK / MESSAGE_MS);
	assert_begins(CALL, 2 * MESSAGE_CHUNK);

	/* the leg is as good as before */
	assert_int_equal(record(f, LEG_A, CALL + 1, 0), 0);
	say(f->a, 0, 10);
	settle(f->a);
	assert_int_equal(close_leg(f, LEG_A), 0);
	assert_int_equal(f->n_recorded, 2);
	assert_int_equal(f->recorded[1].err, 0);
}


/* the line dies: what was said is a message, and no more is written down */
static bool is_filed(uint64_t call)
{
	struct opened o;
	const bool is = !opened_read(&o, call);

	if (is)
		free(o.sound);

	return is;
}


static void test_line_gone(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(record(f, LEG_A, CALL, 0), 0);
	say(f->a, 0, 20);
	settle(f->a);
	f->conn = mem_deref(f->conn);
	while (!is_filed(CALL))
		settle(f->a);
	say(f->a, 20, 20);
	settle(f->a);
	line_connect(f);
	assert_int_equal(reset(f), 0);
	assert_said(CALL, 20);
}


/* thirty people speak and one pair talks, on a disk that is slow */
struct crowd {
	struct fixture *f;
	struct phone *v[MANY_LEGS];
	struct tmr tmr;
	unsigned n;
};


static void crowd_speaks(void *arg)
{
	struct crowd *c = arg;

	tmr_start(&c->tmr, CALLER_MS, crowd_speaks, c);
	for (unsigned i = 0; i < MANY_LEGS; i++)
		phone_say(c->v[i], said(c->n));
	phone_say(c->f->a, said(c->n));
	++c->n;
}


static bool crowd_recorded(struct fixture *f)
{
	return f->n_recorded >= MANY_LEGS;
}


static void test_nobody_waits_for_the_disk(void **state)
{
	struct fixture *f = *state;
	struct crowd c = {.f = f};
	uint64_t gap = 0;
	unsigned from;

	talk(f, "0 101", "0 101");
	disk_ms = SLOW_MS;
	for (unsigned i = 0; i < MANY_LEGS; i++) {
		c.v[i] = phone_new(f, "127.0.0.1");
		assert_int_equal(answer(c.v[i], 100 + i, "0 101", ""), 0);
	}
	disk_ms = 0;
	for (unsigned i = 0; i < MANY_LEGS; i++)
		assert_int_equal(record(f, 100 + i, 1 + i, 0), 0);
	disk_ms = SLOW_MS;
	from = f->b->n;
	crowd_speaks(&c);
	/* relayed, and our own noise towards one of those who speak */
	listen_more(f->b, 150);
	listen_more(c.v[7], 10);
	for (unsigned i = from + 1; i < f->b->n; i++) {
		if (f->b->v[i].ms - f->b->v[i - 1].ms > gap)
			gap = f->b->v[i].ms - f->b->v[i - 1].ms;
	}
	assert_true(gap < SLOW_MS);
	tmr_cancel(&c.tmr);
	disk_ms = 0;
	for (unsigned i = 0; i < MANY_LEGS; i++)
		assert_int_equal(stop(f, 100 + i), 0);
	run_until(f, crowd_recorded);
	for (unsigned i = 0; i < MANY_LEGS; i++) {
		assert_int_equal(f->recorded[i].err, 0);
		assert_int_equal(f->recorded[i].ms, c.n * CALLER_MS);
		assert_said(1 + i, c.n);
		phone_free(c.v[i]);
	}
}


/* kill -9 in the middle: all but the last second is there, and opens */
static void test_killed(void **state)
{
	struct fixture *f = *state;
	struct message_info info;
	unsigned n = 0;

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(record(f, LEG_A, CALL, 0), 0);
	/* the pace is the server's own: one for each that we hear */
	for (; n < 150; n++) {
		phone_say(f->a, said(n));
		listen_more(f->a, 1);
	}
	bench_kill(f);

	assert_int_equal(message_look(&info, CALL), 0);
	print_message("%u of %u ms are there after kill -9\n", info.ms,
		      n * 20);
	assert_in_range(info.ms, n * 20 - 1300, n * 20);
	assert_begins(CALL, info.n_chunks * MESSAGE_CHUNK);
}


static int begin(void **state)
{
	disk_ms = 0;
	clock_reset();
	return setup(state);
}


static int end(void **state)
{
	disk_ms = 0;
	clock_reset();
	return teardown(state);
}


int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_message),
		T(test_hears_noise_meanwhile),
		T(test_close_ends_it),
		T(test_close_is_not_held_back),
		T(test_bridge_ends_it),
		T(test_five_minutes),
		T(test_refused),
		T(test_goes_round),
		T(test_speaks_again),
		T(test_silent_again),
		T(test_no_folder),
		T(test_keys_and_strangers),
		T(test_disk_full),
		T(test_line_gone),
		T(test_nobody_waits_for_the_disk),
		cmocka_unit_test_setup_teardown(test_killed, setup_child,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
