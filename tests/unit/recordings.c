/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * recordings.c  Whatever media does, the line hears of each message once.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "base/message.h"
#include "line/recordings.h"
#include "line/sound.h"
#include "oom.h"
#include "tmpdir.h"
#include "wire/conn.h"


enum { LEG = 3 * LIMIT_PLACES, CALL = 99, SAID = 3 * MESSAGE_CHUNK, LIMIT_MS = 20000, TOLD = 8 };

/* a media process that does as it is told here */
struct fixture {
	struct tmr tmr_up;
	char dir[TMPDIR_SIZE];
	char before[512];
	struct wire_server *server;
	struct sound *sound;
	struct tmr limit;
	int refuse;              /* LEG_RECORD                             */
	bool die;                /* when it comes                          */
	struct wire_leg_play play;
	unsigned n_asked, n_lost, n_told, wanted;
	struct sound_recorded told[TOLD];
	unsigned n_played, n_digits;
};


static void progress(struct fixture *f)
{
	if (f->n_told + f->n_lost + f->n_played + f->n_digits >= f->wanted)
		re_cancel();
}


static void too_late(void *arg)
{
	struct fixture *f = arg;

	f->wanted = 0;
	re_cancel();
}


/* until so much was told in all */
static void run_until(struct fixture *f, unsigned n)
{
	f->wanted = n;
	tmr_start(&f->limit, LIMIT_MS, too_late, f);
	if (f->n_told + f->n_lost + f->n_played + f->n_digits < n)
		assert_int_equal(re_main(NULL), 0);
	tmr_cancel(&f->limit);
	assert_int_equal(f->wanted, n);
}


static const struct sound_seal to = {.epoch = 7, .public = {1, 2, 3}};


/* so much more is said in the message */
static void message_more(void)
{
	static const uint8_t lid[MESSAGE_LID] = {'R', 'B', 'S', 1, 'M'};
	char path[MESSAGE_PATH];
	FILE *file;

	message_path(path, CALL);
	(void)mkdir(message_folder, 0700);
	file = fopen(path, "ab");
	assert_non_null(file);
	assert_int_equal(fwrite(lid, sizeof(lid), 1, file), 1);
	for (unsigned i = 0; i < SAID / MESSAGE_CHUNK * MESSAGE_SEALED; i++)
		(void)fputc(0x55, file);
	assert_int_equal(fclose(file), 0);
}


static void asked(struct wire_conn *conn, const struct wire_msg *msg,
		  void *arg)
{
	struct fixture *f = arg;
	const struct wire_leg_digit digit = {.leg = LEG, .code = 7};
	const struct wire_leg_played played = {.leg = LEG, .serial = 5};
	const struct wire_leg_recorded over = {
		.leg = LEG, .name = CALL, .ms = 500, .voiced_ms = 400,
	};

	if (msg->type == WIRE_LEG_RECORD) {
		const struct wire_leg_record *record = msg->payload;

		assert_int_equal(record->epoch, to.epoch);
		assert_memory_equal(record->public, to.public,
				    sizeof(to.public));
		++f->n_asked;
		if (f->refuse) {
			(void)wire_reply_refused(conn, msg, f->refuse, "no");
			return;
		}
		/* one that nobody asked for, and one too early */
		(void)wire_event(conn, WIRE_LEG_RECORDED, &over);
		(void)wire_reply_done(conn, msg);
		if (f->die) {
			message_more();
			f->server = mem_deref(f->server);
		}
		return;
	}
	(void)wire_reply_done(conn, msg);
	if (msg->type == WIRE_LEG_PLAY) {
		memcpy(&f->play, msg->payload, sizeof(f->play));
		(void)wire_event(conn, WIRE_LEG_DIGIT, &digit);
		(void)wire_event(conn, WIRE_LEG_PLAYED, &played);
	}
	if (msg->type == WIRE_LEG_STOP) {
		(void)wire_event(conn, WIRE_LEG_RECORDED, &over);
		(void)wire_event(conn, WIRE_LEG_RECORDED, &over);
	}
}


static void lost(uint32_t process, void *arg)
{
	struct fixture *f = arg;

	assert_int_equal(process, 0);
	++f->n_lost;
	progress(f);
}


static void digit(uint64_t leg, uint8_t key, void *arg)
{
	struct fixture *f = arg;

	assert_int_equal(leg, LEG);
	assert_int_equal(key, 7);
	++f->n_digits;
	progress(f);
}


static void played(uint64_t leg, uint32_t serial, void *arg)
{
	struct fixture *f = arg;

	assert_int_equal(leg, LEG);
	assert_int_equal(serial, 5);
	++f->n_played;
	progress(f);
}


static void recorded(const struct sound_recorded *r, void *arg)
{
	struct fixture *f = arg;

	assert_true(f->n_told < TOLD);
	assert_int_equal(r->leg, LEG);
	assert_int_equal(r->name, CALL);
	f->told[f->n_told++] = *r;
	progress(f);
}


static void look(void *arg)
{
	struct fixture *f = arg;

	if (sound_is_up(f->sound))
		re_cancel();
	else
		tmr_start(&f->tmr_up, 1, look, f);
}


static int setup(void **state)
{
	static const struct sound_handlers h = {
		.losth = lost, .digith = digit, .playedh = played,
		.recordedh = recorded};
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || libre_init() || !getcwd(f->before, sizeof(f->before)))
		return -1;
	tmpdir_make(f->dir, "recordings");
	if (chdir(f->dir) ||
	    wire_listen(&f->server, "media.sock", WIRE_MEDIA, WIRE_LINE,
			asked, NULL, f))
		return -1;
	*state = f;
	if (sound_alloc(&f->sound, "media.sock", &h, f))
		return -1;
	tmr_start(&f->tmr_up, 0, look, f);

	return re_main(NULL);
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	mem_deref(f->sound);
	mem_deref(f->server);
	if (chdir(f->before))
		return -1;
	tmpdir_remove(f->dir);
	free(f);
	libre_close();

	return 0;
}


static void once(struct fixture *f)
{
	assert_int_equal(sound_record(f->sound, LEG, CALL, 0, &to), 0);
	assert_int_equal(f->n_told, 0);
}


static void test_over(void **state)
{
	struct fixture *f = *state;

	once(f);
	sound_stop(f->sound, LEG);
	sound_stop(f->sound, LEG);
	run_until(f, 1);
	assert_int_equal(f->told[0].err, 0);
	assert_int_equal(f->told[0].ms, 500);
	assert_int_equal(f->told[0].voiced_ms, 400);

	/* nobody is told of what nobody asked for */
	sound_play(f->sound, LEG, &(struct sound_list){.language = "en"});
	run_until(f, 3);
	assert_int_equal(f->n_told, 1);
}


static void test_refused(void **state)
{
	struct fixture *f = *state;

	message_more();
	f->refuse = EEXIST;
	once(f);
	run_until(f, 1);
	assert_int_equal(f->told[0].err, EEXIST);
	assert_int_equal(f->told[0].ms, 0);
}


/* it dies while the caller speaks: what the disk has counts as voice */
static void test_dies(void **state)
{
	struct fixture *f = *state;

	f->die = true;
	once(f);
	run_until(f, 2);
	assert_int_equal(f->n_told, 1);
	assert_int_equal(f->n_lost, 1);
	assert_int_equal(f->told[0].err, ENOTCONN);
	assert_int_equal(f->told[0].ms, SAID / MESSAGE_MS);
	assert_int_equal(f->told[0].voiced_ms, SAID / MESSAGE_MS);

	/* and is away: told all the same, but not of the old file */
	assert_int_equal(sound_record(f->sound, LEG, CALL, 0, &to), 0);
	run_until(f, 3);
	assert_int_equal(f->n_told, 2);
	assert_int_equal(f->told[1].err, ENOTCONN);
	assert_int_equal(f->told[1].ms, 0);
}


/* what was said in it before is not told again */
static void test_dies_later(void **state)
{
	struct fixture *f = *state;
	struct message_info info;

	message_more();
	message_more();
	f->die = true;
	once(f);
	run_until(f, 2);
	assert_int_equal(f->told[0].ms, SAID / MESSAGE_MS);
	assert_int_equal(f->told[0].voiced_ms, SAID / MESSAGE_MS);
	assert_int_equal(message_look(&info, CALL), 0);
	assert_int_equal(info.ms, 3 * SAID / MESSAGE_MS);
}


static void test_freed(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(sound_record(f->sound, LEG, CALL, 0, &to), 0);
	f->server = mem_deref(f->server);
	f->sound = mem_deref(f->sound);
	assert_int_equal(f->n_told, 0);
}


static void test_list(void **state)
{
	struct fixture *f = *state;
	const struct sound_list list = {
		.language = "en", .n = 3, .serial = 5,
		.v = {{"greeting", NULL}, {"choose", "es-mx"},
		      {"hold", "en"}},
	};

	sound_play(f->sound, LEG, &list);
	run_until(f, 2);
	assert_int_equal(f->n_digits, 1);
	assert_int_equal(f->n_played, 1);
	assert_int_equal(f->play.n_prompts, 3);
	assert_int_equal(f->play.serial, 5);
	assert_string_equal(f->play.language, "en");
	assert_string_equal(f->play.prompt[0], "greeting");
	assert_string_equal(f->play.prompt[1], "es-mx/choose");
	assert_string_equal(f->play.prompt[2], "hold");
}


/* The line's own lack of memory is told at once, and nothing is told later of
 * what was refused. */
static int ask_one(void *arg)
{
	const struct wire_leg_record record = {.leg = LEG, .name = CALL};
	const struct wire_leg_recorded over = {.leg = LEG, .name = CALL};
	struct fixture *f = arg;
	struct recordings *r = NULL;
	int err;

	f->n_told = 0;
	err = recordings_alloc(&r, recorded, f);
	if (!err)
		err = recordings_ask(r, NULL, &record);
	if (!err) {
		recordings_over(r, &over);
		assert_int_equal(f->n_told, 0);
		recordings_lost(r, f->sound, 0);
	}
	assert_int_equal(f->n_told, err ? 0 : 1);
	mem_deref(r);

	return err;
}


static void test_oom(void **state)
{
	assert_int_equal(oom_loop(ask_one, *state), 2);
}


int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_over), T(test_refused), T(test_dies), T(test_freed),
		T(test_dies_later), T(test_list), T(test_oom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
