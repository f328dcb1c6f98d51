/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_pulse.c  Tests of asking a process whether it is there: one that answers,
 * one that hangs, and none.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "cli/pulse.h"
#include "tmpdir.h"
#include "wire/conn.h"


enum { LIMIT_MS = 20000, MANY = 40 };

struct fixture {
	char dir[TMPDIR_SIZE];
	char before[512];
	struct wire_server *server;
	struct pulse pulse;
	struct tmr tmr, limit;
	unsigned n_beats;
};


static void asked(struct wire_conn *conn, const struct wire_msg *msg,
		  void *arg)
{
	struct fixture *f = arg;

	assert_int_equal(msg->type, WIRE_BEAT);
	++f->n_beats;
	assert_int_equal(wire_reply_done(conn, msg), 0);
}


static int setup(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));

	if (libre_init() || !getcwd(f->before, sizeof(f->before)))
		return -1;
	tmpdir_make(f->dir, "pulse");
	if (chdir(f->dir))
		return -1;
	pulse_init(&f->pulse, "media.sock");
	*state = f;

	return wire_listen(&f->server, "media.sock", WIRE_MEDIA,
			   WIRE_LINE | WIRE_TOOL, asked, NULL, f);
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	pulse_end(&f->pulse);
	mem_deref(f->server);
	if (chdir(f->before))
		return -1;
	tmpdir_remove(f->dir);
	test_free(f);
	libre_close();

	return 0;
}


static void look(void *arg)
{
	struct fixture *f = arg;
	struct pollfd fd = {f->pulse.fd, POLLIN, 0};

	if (poll(&fd, 1, 0) == 1)
		pulse_read(&f->pulse);
	if (f->pulse.fd < 0)
		re_cancel();
	else
		tmr_start(&f->tmr, 1, look, f);
}


static void too_late(void *arg)
{
	(void)arg;
	fail_msg("no answer");
}


static void run(struct fixture *f)
{
	tmr_start(&f->limit, LIMIT_MS, too_late, f);
	tmr_start(&f->tmr, 0, look, f);
	assert_int_equal(re_main(NULL), 0);
	tmr_cancel(&f->limit);
}


static void one_that_answers(void **state)
{
	struct fixture *f = *state;

	assert_true(f->pulse.due_ms == UINT64_MAX);
	pulse_begin(&f->pulse, 1000);
	assert_int_equal(f->pulse.due_ms, 1000 + PULSE_MS);
	for (unsigned i = 1; i <= 2 * PULSE_UNHEARD; i++) {
		assert_false(pulse_look(&f->pulse, 2000));
		assert_int_equal(f->pulse.due_ms, 2000 + PULSE_MS);
		run(f);
		assert_int_equal(f->pulse.n_unheard, 0);
		assert_int_equal(f->n_beats, i);
	}
}


/* its socket takes the connection, and nobody reads */
static void one_that_hangs(void **state)
{
	struct fixture *f = *state;

	pulse_begin(&f->pulse, 0);
	for (unsigned i = 0; i < PULSE_UNHEARD; i++) {
		assert_false(pulse_look(&f->pulse, 0));
		assert_true(f->pulse.fd >= 0);
	}
	assert_true(pulse_look(&f->pulse, 0));

	/* another one has come */
	pulse_begin(&f->pulse, 0);
	assert_int_equal(f->pulse.fd, -1);
	assert_false(pulse_look(&f->pulse, 0));
}


/* so many have connected that there is no room: it hangs all the more */
static void one_with_a_crowd_before_it(void **state)
{
	struct fixture *f = *state;
	struct pulse crowd[MANY];

	for (unsigned i = 0; i < MANY; i++) {
		pulse_init(&crowd[i], "media.sock");
		assert_false(pulse_look(&crowd[i], 0));
	}
	for (unsigned i = 0; i <= PULSE_UNHEARD; i++) {
		assert_int_equal(f->pulse.n_unheard, i);
		assert_int_equal(pulse_look(&f->pulse, 0), i == PULSE_UNHEARD);
	}
	assert_int_equal(f->pulse.fd, -1);
	for (unsigned i = 0; i < MANY; i++)
		pulse_end(&crowd[i]);
}


static void none(void **state)
{
	struct fixture *f = *state;
	struct pulse nobody;

	f->server = mem_deref(f->server);
	for (unsigned i = 0; i < 3 * PULSE_UNHEARD; i++) {
		assert_false(pulse_look(&f->pulse, 0));
		assert_int_equal(f->pulse.fd, -1);
	}
	pulse_init(&nobody, NULL);
	pulse_begin(&nobody, 0);
	assert_true(nobody.due_ms == UINT64_MAX);
}


/* asked, and gone before it has answered: its end is for others to see */
static void one_that_dies(void **state)
{
	struct fixture *f = *state;

	pulse_begin(&f->pulse, 0);
	assert_false(pulse_look(&f->pulse, 0));
	f->server = mem_deref(f->server);
	run(f);
	assert_int_equal(f->pulse.fd, -1);
	assert_false(pulse_look(&f->pulse, 0));
}


#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(one_that_answers),
		WITH(one_that_hangs),
		WITH(one_with_a_crowd_before_it),
		WITH(none),
		WITH(one_that_dies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
