/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sound.c  Tests of several media processes: which leg is where, and what the
 * end of one of them does.
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
#include <re.h>

#include "line/sound.h"
#include "clock.h"
#include "oom.h"
#include "tmpdir.h"
#include "wire/conn.h"


enum { PROCESSES = 2, LIVES = 3, LIMIT_MS = 20000, CALL = 99 };

/* a media process that agrees to all, and remembers of which leg it was */
struct media {
	struct wire_server *server;
	char path[32];
	unsigned n[WIRE_TYPES];
	uint64_t leg;
	bool stuck; /* with questions about SDP */
	bool hangs;
	uint64_t kept[3]; /* legs of an earlier line; 0: no more */
	uint8_t held[8]; /* of no leg */
	size_t n_held;
	uint64_t held_at;
	uint64_t closed[3];
	unsigned n_closed;
	struct wire_conn *conn;
	struct wire_msg unanswered; /* its id alone */
};

struct fixture {
	char dir[TMPDIR_SIZE];
	char before[512];
	struct media media[PROCESSES];
	struct media lives[LIVES]; /* others of the second one */
	struct sound *sound;
	unsigned n_lost, n_sdp, n_recorded;
	uint32_t lost; /* the last one */
	int err;       /* of the last SDP */
	uint64_t recorded;
	uint64_t leaves;
	struct tmr tmr, limit;
	bool (*done)(struct fixture *f);
	bool late;
};


/* ---- its surroundings ---------------------------------------------------- */

static void look(void *arg)
{
	struct fixture *f = arg;

	if (f->done(f))
		re_cancel();
	else
		tmr_start(&f->tmr, 1, look, f);
}


static void too_late(void *arg)
{
	struct fixture *f = arg;

	f->late = true;
	re_cancel();
}


static void run_until(struct fixture *f, bool (*done)(struct fixture *f))
{
	f->done = done;
	clock_real_start(&f->limit, LIMIT_MS, too_late, f);
	tmr_start(&f->tmr, 0, look, f);
	assert_int_equal(re_main(NULL), 0);
	tmr_cancel(&f->tmr);
	tmr_cancel(&f->limit);
	assert_false(f->late);
}


static void next_reply(const struct media *m, struct wire_conn *conn,
		       const struct wire_msg *msg)
{
	const struct wire_leg *after = msg->payload;
	struct wire_leg_kept kept = {.leg = 0};

	if (m->stuck)
		return;
	for (unsigned i = 0; i < 3 && !kept.leg; i++) {
		if (m->kept[i] > after->leg)
			kept.leg = m->kept[i];
	}
	if (kept.leg)
		(void)wire_reply(conn, msg, WIRE_LEG_KEPT, &kept, &kept.leg,
				 sizeof(kept.leg));
	else
		(void)wire_reply_refused(conn, msg, ENOENT, "no more");
}


static bool held_asked(struct media *m, struct wire_conn *conn,
		       const struct wire_msg *msg)
{
	struct wire_line_kept kept = {m->held_at};

	if (msg->type == WIRE_LINE_FIND) {
		(void)wire_reply(conn, msg, WIRE_LINE_KEPT, &kept, m->held,
				 m->n_held);
		return true;
	}
	if (msg->type != WIRE_LINE_KEEP)
		return false;
	memcpy(&kept, msg->payload, sizeof(kept));
	m->held_at = kept.at;
	m->n_held = msg->n_blob;
	memcpy(m->held, msg->blob, msg->n_blob);
	(void)wire_reply_done(conn, msg);

	return true;
}


static void asked(struct wire_conn *conn, const struct wire_msg *msg,
		  void *arg)
{
	static const char sdp[] = "v=0\r\n";
	struct media *m = arg;
	struct wire_leg_sdp reply;

	if (m->hangs)
		return;
	++m->n[msg->type];
	m->conn = conn;
	if (held_asked(m, conn, msg))
		return;
	if (msg->type == WIRE_LEG_NEXT) {
		next_reply(m, conn, msg);
		return;
	}
	if (wire_size(msg->type) >= sizeof(struct wire_leg))
		m->leg = ((const struct wire_leg *)msg->payload)->leg;
	if (msg->type == WIRE_LEG_CLOSE && m->n_closed < 3)
		m->closed[m->n_closed++] = m->leg;
	if (msg->type != WIRE_LEG_OFFER) {
		(void)wire_reply_done(conn, msg);
		return;
	}
	if (m->stuck) {
		m->unanswered.type = msg->type;
		m->unanswered.id = msg->id;
		return;
	}
	reply.leg = m->leg;
	(void)wire_reply(conn, msg, WIRE_LEG_SDP, &reply, sdp, sizeof(sdp) - 1);
}


static void media_begin(struct media *m)
{
	assert_int_equal(wire_listen(&m->server, m->path, WIRE_MEDIA,
				     WIRE_LINE, asked, NULL, m), 0);
}


static void lost(uint32_t process, void *arg)
{
	struct fixture *f = arg;

	++f->n_lost;
	f->lost = process;
}


static void recorded(const struct sound_recorded *r, void *arg)
{
	struct fixture *f = arg;

	++f->n_recorded;
	f->recorded = r->leg;
}


static void on_sdp(int err, const struct pl *sdp, void *arg)
{
	struct fixture *f = *(struct fixture **)arg;
	(void)sdp;

	++f->n_sdp;
	f->err = err;
}


static bool both_up(struct fixture *f)
{
	return sound_count_up(f->sound) == PROCESSES;
}


static bool one_up(struct fixture *f)
{
	return sound_count_up(f->sound) == 1;
}


static bool sdp_came(struct fixture *f)
{
	return f->n_sdp;
}


static int fixture_open(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));

	if (libre_init() || !getcwd(f->before, sizeof(f->before)))
		return -1;
	tmpdir_make(f->dir, "sound");
	if (chdir(f->dir))
		return -1;
	for (unsigned i = 0; i < PROCESSES; i++) {
		(void)snprintf(f->media[i].path, sizeof(f->media[i].path),
			       "media-%u.sock", i + 1);
		media_begin(&f->media[i]);
	}
	*state = f;

	return 0;
}


static int setup(void **state)
{
	static const struct sound_handlers h = {.losth = lost,
						.recordedh = recorded};
	struct fixture *f;

	if (fixture_open(state))
		return -1;
	f = *state;
	assert_int_equal(sound_alloc(&f->sound, f->media[0].path, &h, f), 0);
	assert_int_equal(sound_add(f->sound, f->media[1].path), 0);
	run_until(f, both_up);

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	mem_deref(f->sound);
	for (unsigned i = 0; i < PROCESSES; i++)
		mem_deref(f->media[i].server);
	for (unsigned i = 0; i < LIVES; i++)
		mem_deref(f->lives[i].server);
	if (chdir(f->before))
		return -1;
	tmpdir_remove(f->dir);
	test_free(f);
	clock_reset();
	libre_close();

	return 0;
}


static void media_end(struct fixture *f, uint32_t i)
{
	f->media[i].server = mem_deref(f->media[i].server);
	run_until(f, one_up);
}


static void ask(struct fixture *f, uint64_t leg)
{
	struct fixture **fp = mem_alloc(sizeof(*fp), NULL);

	*fp = f;
	f->n_sdp = 0;
	assert_int_equal(sound_offer(f->sound, leg, 0, AF_INET, NULL, on_sdp,
				     fp), 0);
	mem_deref(fp);
	run_until(f, sdp_came);
}


/* ---- cases --------------------------------------------------------------- */

static void calls_are_spread(void **state)
{
	struct fixture *f = *state;
	struct sound *s = f->sound;
	uint64_t leg[4], near;

	for (unsigned i = 0; i < 4; i++) {
		leg[i] = sound_leg_new(s, 0);
		assert_int_equal(sound_process(s, leg[i]), i % 2);
	}

	/* all of one call together, whatever is emptier */
	near = sound_leg_new(s, leg[1]);
	assert_int_equal(sound_process(s, near), 1);
	assert_int_equal(sound_process(s, sound_leg_new(s, near)), 1);
	assert_int_equal(sound_process(s, sound_leg_new(s, 0)), 0);
	assert_int_equal(sound_process(s, sound_leg_new(s, 0)), 0);

	/* closing twice takes one away, not two */
	sound_close(s, leg[0]);
	sound_close(s, leg[0]);
	assert_int_equal(sound_process(s, sound_leg_new(s, 0)), 0);
	sound_leg_forget(s, near);
	sound_leg_forget(s, near);
	assert_int_equal(sound_process(s, sound_leg_new(s, 0)), 1);
}


static void each_is_told_of_its_own(void **state)
{
	struct fixture *f = *state;
	const uint64_t a = sound_leg_new(f->sound, 0);
	const uint64_t b = sound_leg_new(f->sound, 0);

	ask(f, b);
	assert_int_equal(f->err, 0);
	assert_int_equal(f->media[1].leg, b);
	assert_int_equal(f->media[0].n[WIRE_LEG_OFFER], 0);
	ask(f, a);
	assert_int_equal(f->media[0].leg, a);
	sound_bridge(f->sound, b, sound_leg_new(f->sound, b));
	ask(f, b); /* what was ordered before has come by then */
	assert_int_equal(f->media[1].n[WIRE_LEG_BRIDGE], 1);
	assert_int_equal(f->media[0].n[WIRE_LEG_BRIDGE], 0);
	assert_true(sound_is_in(f->sound, b, 1));
	assert_false(sound_is_in(f->sound, b, 0));
	assert_false(sound_is_in(f->sound, 0, 0));
}


static const struct sound_seal to = {.epoch = 1, .public = {1}};


static void one_dies(void **state)
{
	struct fixture *f = *state;
	const uint64_t a = sound_leg_new(f->sound, 0);
	const uint64_t b = sound_leg_new(f->sound, 0);
	uint64_t c;

	assert_int_equal(sound_record(f->sound, a, CALL, 0, &to), 0);
	assert_int_equal(sound_record(f->sound, b, CALL + 1, 0, &to), 0);
	ask(f, a);
	ask(f, b);
	media_end(f, 1);
	assert_int_equal(f->n_lost, 1);
	assert_int_equal(f->lost, 1);
	assert_int_equal(f->n_recorded, 1);
	assert_int_equal(f->recorded, b);
	assert_true(sound_is_up(f->sound));
	ask(f, a);
	assert_int_equal(f->err, 0);

	/* new calls go on where there is sound, however many there are */
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(
			sound_process(f->sound, sound_leg_new(f->sound, 0)),
			0);

	/* it is back, and empty: what it had has been closed */
	sound_close(f->sound, b);
	media_begin(&f->media[1]);
	run_until(f, both_up);
	c = sound_leg_new(f->sound, 0);
	assert_int_equal(sound_process(f->sound, c), 1);
	ask(f, c);
	assert_int_equal(f->media[1].n[WIRE_MEDIA_RESET], 2);
	assert_int_equal(f->media[0].n[WIRE_MEDIA_RESET], 1);
}


/* It is there, and says nothing: the calls that it keeps waiting end, and no
 * others come to it, until it answers again. */
static void one_is_stuck(void **state)
{
	struct fixture *f = *state;
	struct media *m = &f->media[0];
	const uint64_t a = sound_leg_new(f->sound, 0);

	clock_get()->speed = 50;
	m->stuck = true;
	ask(f, a);
	clock_get()->speed = 1;
	assert_int_equal(f->err, ENOTCONN);
	sound_close(f->sound, a);
	for (unsigned i = 0; i < 4; i++) {
		const uint64_t leg = sound_leg_new(f->sound, 0);

		assert_int_equal(sound_process(f->sound, leg), 1);
		ask(f, leg);
		assert_int_equal(f->err, 0);
	}
	assert_true(sound_is_up(f->sound));

	/* late, but it answers */
	(void)wire_reply_done(m->conn, &m->unanswered);
	m->stuck = false;
	ask(f, sound_leg_new(f->sound, a)); /* it has been read by then */
	assert_int_equal(f->err, 0);
	assert_int_equal(sound_process(f->sound, sound_leg_new(f->sound, 0)),
			 0);
}


static bool none_up(struct fixture *f)
{
	return !sound_is_up(f->sound);
}


/* Whoever asks meanwhile waits for the process that the leg is of. */
static void all_die(void **state)
{
	struct fixture *f = *state;
	struct fixture **fp = mem_alloc(sizeof(*fp), NULL);
	uint64_t a, b;

	*fp = f;
	media_end(f, 0);
	f->media[1].server = mem_deref(f->media[1].server);
	run_until(f, none_up);
	assert_int_equal(f->n_lost, 2);
	a = sound_leg_new(f->sound, 0);
	b = sound_leg_new(f->sound, 0);
	assert_int_equal(sound_process(f->sound, a), 0);
	assert_int_equal(sound_process(f->sound, b), 1);
	assert_int_equal(sound_offer(f->sound, b, 0, AF_INET, NULL, on_sdp,
				     fp), 0);
	mem_deref(fp);
	media_begin(&f->media[0]);
	run_until(f, one_up);
	assert_int_equal(f->n_sdp, 0);
	media_begin(&f->media[1]);
	run_until(f, sdp_came);
	assert_int_equal(f->err, 0);
	assert_int_equal(f->media[1].leg, b);
}


/* It keeps its connection, and answers nothing: that is an end, too. While it
 * hangs it is not there, however often it is connected to. */
static void one_hangs(void **state)
{
	struct fixture *f = *state;
	struct fixture **fp = mem_alloc(sizeof(*fp), NULL);
	const uint64_t a = sound_leg_new(f->sound, 0);

	*fp = f;
	f->media[0].hangs = true;
	assert_int_equal(sound_offer(f->sound, a, 0, AF_INET, NULL, on_sdp,
				     fp), 0);
	mem_deref(fp);
	clock_get()->speed = 20;
	run_until(f, one_up);
	clock_get()->speed = 1;
	assert_int_equal(f->n_lost, 1);
	assert_int_equal(f->lost, 0);
	assert_int_equal(f->n_sdp, 1);
	assert_int_equal(f->err, ENOTCONN);
	assert_int_equal(sound_process(f->sound, sound_leg_new(f->sound, 0)),
			 1);

	f->media[0].hangs = false;
	run_until(f, both_up);
	assert_int_equal(f->n_lost, 1);
	assert_true(f->media[0].n[WIRE_BEAT] > 0);
	assert_true(f->media[1].n[WIRE_BEAT] > 0);
}


static void leave_it(uint32_t process, void *arg)
{
	struct fixture *f = arg;

	lost(process, arg);
	sound_leg_leave(f->sound, f->leaves);
}


/* Who goes on by another leg is not told that the old one's question has
 * failed; nor if it still waits. */
static void who_leaves_is_told_nothing(void **state)
{
	static const struct sound_handlers h = {.losth = leave_it};
	struct fixture *f = *state;
	struct fixture **fp = mem_alloc(sizeof(*fp), NULL);
	uint64_t waits;

	*fp = f;
	f->sound = mem_deref(f->sound);
	assert_int_equal(sound_alloc(&f->sound, f->media[0].path, &h, f), 0);
	run_until(f, one_up);
	f->media[0].stuck = true;
	f->leaves = sound_leg_new(f->sound, 0);
	assert_int_equal(sound_offer(f->sound, f->leaves, 0, AF_INET, NULL,
				     on_sdp, fp), 0);
	f->media[0].server = mem_deref(f->media[0].server);
	run_until(f, none_up);
	assert_int_equal(f->n_lost, 1);
	assert_int_equal(f->n_sdp, 0);
	assert_int_equal(mem_nrefs(fp), 1);

	waits = sound_leg_new(f->sound, 0);
	assert_int_equal(sound_offer(f->sound, waits, 0, AF_INET, NULL,
				     on_sdp, fp), 0);
	sound_leg_leave(f->sound, waits);
	assert_int_equal(mem_nrefs(fp), 1);
	mem_deref(fp);
}


static void life_begin(struct fixture *f, unsigned i)
{
	(void)snprintf(f->lives[i].path, sizeof(f->lives[i].path),
		       "media-2-%c.sock", (char)('b' + i));
	media_begin(&f->lives[i]);
}


static void it_leaves(struct media *m)
{
	const struct wire_none none = {0};

	assert_int_equal(wire_event(m->conn, WIRE_MEDIA_LEAVES, &none), 0);
}


static bool first_may_go(struct fixture *f)
{
	return f->media[1].n[WIRE_MEDIA_MAY_GO];
}


static bool second_may_go(struct fixture *f)
{
	return f->lives[0].n[WIRE_MEDIA_MAY_GO];
}


/* What is in the one that is replaced stays there, with all that is to be
 * joined with it; other legs are in the new one. */
static void one_is_replaced(void **state)
{
	struct fixture *f = *state;
	const uint64_t a = sound_leg_new(f->sound, 0);
	const uint64_t b = sound_leg_new(f->sound, 0);
	uint64_t c, near;

	ask(f, a);
	ask(f, b);
	life_begin(f, 0);
	it_leaves(&f->media[1]);
	run_until(f, first_may_go);
	assert_true(both_up(f));

	near = sound_leg_new(f->sound, b);
	ask(f, near);
	assert_int_equal(f->media[1].leg, near);
	c = sound_leg_new(f->sound, 0);
	ask(f, c);
	assert_int_equal(f->lives[0].leg, c);
	assert_int_equal(f->lives[0].n[WIRE_LEG_OFFER], 1);

	/* it ends with its last leg, and nobody looks for it again */
	sound_close(f->sound, b);
	sound_close(f->sound, near);
	f->media[1].server = mem_deref(f->media[1].server);
	ask(f, c);
	assert_int_equal(f->n_lost, 1);
	assert_int_equal(f->lost, 1);
	assert_true(both_up(f));

	/* and again, before that one is empty */
	life_begin(f, 1);
	it_leaves(&f->lives[0]);
	run_until(f, second_may_go);
	ask(f, c);
	assert_int_equal(f->lives[0].leg, c);
	sound_close(f->sound, a);
	ask(f, sound_leg_new(f->sound, 0));
	ask(f, sound_leg_new(f->sound, 0));
	assert_int_equal(f->lives[1].n[WIRE_LEG_OFFER], 1);
	assert_int_equal(f->media[0].n[WIRE_MEDIA_MAY_GO], 0);
}


static bool third_is_up(struct fixture *f)
{
	return f->lives[1].n[WIRE_MEDIA_RESET];
}


/* One that leaves has all new legs as long as there is no other. */
static void none_to_go_to(void **state)
{
	struct fixture *f = *state;
	const uint64_t a = sound_leg_new(f->sound, 0);

	ask(f, sound_leg_new(f->sound, a));
	ask(f, sound_leg_new(f->sound, 0));
	it_leaves(&f->media[1]);
	ask(f, a);
	ask(f, sound_leg_new(f->sound, 0));
	assert_int_equal(f->media[1].n[WIRE_LEG_OFFER], 2);
	assert_int_equal(f->media[1].n[WIRE_MEDIA_MAY_GO], 0);
	life_begin(f, 1);
	run_until(f, third_is_up);
	run_until(f, first_may_go);
	ask(f, sound_leg_new(f->sound, 0));
	assert_int_equal(f->lives[1].n[WIRE_LEG_OFFER], 1);
	assert_int_equal(f->media[1].n[WIRE_LEG_OFFER], 2);
}


static void no_more_than_there_may_be(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = PROCESSES; i < LIMIT_MEDIA; i++)
		assert_int_equal(sound_add(f->sound, "no.sock"), 0);
	assert_int_equal(sound_add(f->sound, "no.sock"), EINVAL);
	assert_int_equal(sound_count_up(f->sound), PROCESSES);
}


static void not_once_there_are_legs(void **state)
{
	struct fixture *f = *state;

	assert_int_not_equal(sound_leg_new(f->sound, 0), 0);
	assert_int_equal(sound_add(f->sound, "no.sock"), EINVAL);
	assert_false(sound_is_up(NULL));
}


/* ---- another life -------------------------------------------------------- */

static void found_again(const struct sound_found *found, void *arg)
{
	uint64_t *sum = arg, kept;

	assert_int_equal(found->n_blob, sizeof(kept));
	memcpy(&kept, found->blob, sizeof(kept));
	assert_int_equal(kept, found->leg);
	*sum += found->leg;
}


static uint64_t sum_of(struct fixture *f)
{
	uint64_t sum = 0;

	sound_found_each(f->sound, found_again, &sum);

	return sum;
}


static void sound_again(struct fixture *f)
{
	assert_int_equal(sound_alloc(&f->sound, f->media[0].path, NULL, NULL),
			 0);
	assert_int_equal(sound_add(f->sound, f->media[1].path), 0);
}


static void legs_are_found(void **state)
{
	struct fixture *f = *state;

	f->media[0].kept[0] = 2 * LIMIT_PLACES;
	f->media[0].kept[1] = 10 * LIMIT_PLACES;
	f->media[1].kept[0] = 2 * LIMIT_PLACES + 1;
	f->media[1].kept[1] = 2 * LIMIT_PLACES + 2; /* of another one */
	sound_again(f);
	sound_find(f->sound, LIMIT_MS);
	assert_int_equal(sound_found_count(f->sound), 4);
	assert_int_equal(sum_of(f), 16 * LIMIT_PLACES + 3);

	assert_int_equal(sound_found_take(f->sound, 2 * LIMIT_PLACES), 0);
	assert_int_equal(sound_found_take(f->sound, 2 * LIMIT_PLACES), ENOENT);
	assert_int_equal(sound_found_take(f->sound,
					  2 * LIMIT_PLACES + 2), ENOENT);
	assert_int_equal(sound_found_take(f->sound,
					  2 * LIMIT_PLACES + 3), ENOENT);
	assert_int_equal(sum_of(f), 14 * LIMIT_PLACES + 3);
	sound_found_end(f->sound);
	assert_int_equal(sound_found_count(f->sound), 0);

	/* numbers begin where those ended, and the emptier one is taken */
	assert_int_equal(sound_leg_new(f->sound, 0),
			 11 * LIMIT_PLACES + 1);
	ask(f, 2 * LIMIT_PLACES);
	ask(f, 11 * LIMIT_PLACES + 1);
	assert_int_equal(f->media[0].n_closed, 1);
	assert_int_equal(f->media[0].closed[0], 10 * LIMIT_PLACES);
	assert_int_equal(f->media[1].n_closed, 2);
	assert_int_equal(f->media[0].n[WIRE_MEDIA_RESET], 0);
	assert_int_equal(f->media[1].n[WIRE_MEDIA_RESET], 0);
}


/* What is mute has to begin afresh; what is away, too, when it comes. */
static void those_that_do_not_tell(void **state)
{
	struct fixture *f = *state;

	f->media[0].kept[0] = 2 * LIMIT_PLACES;
	f->media[1].stuck = true;
	f->media[1].kept[0] = 2 * LIMIT_PLACES + 1;
	sound_again(f);
	sound_find(f->sound, 50);
	assert_int_equal(sum_of(f), 2 * LIMIT_PLACES);
	assert_int_equal(sound_found_take(f->sound, 2 * LIMIT_PLACES), 0);
	sound_found_end(f->sound);
	f->media[1].stuck = false;
	run_until(f, both_up);
	ask(f, sound_leg_new(f->sound, 0));
	assert_int_equal(f->media[1].n[WIRE_MEDIA_RESET], 1);
	assert_int_equal(f->media[0].n[WIRE_MEDIA_RESET], 0);
}


static void nobody_is_there(void **state)
{
	struct fixture *f = *state;

	f->media[0].server = mem_deref(f->media[0].server);
	f->media[1].server = mem_deref(f->media[1].server);
	sound_again(f);
	sound_find(f->sound, LIMIT_MS);
	assert_int_equal(sound_found_count(f->sound), 0);
	media_begin(&f->media[0]);
	run_until(f, one_up);
	ask(f, sound_leg_new(f->sound, 0));
	assert_int_equal(f->media[0].n[WIRE_MEDIA_RESET], 1);
}


/* what is held for another life is held for its leg */
static void it_is_kept(void **state)
{
	struct fixture *f = *state;
	const uint64_t a = sound_leg_new(f->sound, 0);
	const uint8_t blob[] = {1, 2, 3};

	sound_keep(f->sound, a, blob, sizeof(blob));
	ask(f, a);
	assert_int_equal(f->media[0].n[WIRE_LEG_KEEP], 1);
	assert_int_equal(f->media[1].n[WIRE_LEG_KEEP], 0);
}


static bool holds(const struct media *m, const char *text)
{
	return m->n_held == strlen(text) && !memcmp(m->held, text, m->n_held);
}


static bool both_hold(struct fixture *f)
{
	return holds(&f->media[0], "new") && holds(&f->media[1], "new");
}


/* what is of no leg is held by all processes, and by one that comes later */
static void it_is_held(void **state)
{
	struct fixture *f = *state;

	f->media[1].server = mem_deref(f->media[1].server);
	run_until(f, one_up);
	assert_int_equal(sound_hold(f->sound, (const uint8_t *)"old", 3), 0);
	assert_int_equal(sound_hold(f->sound, (const uint8_t *)"new", 3), 0);
	media_begin(&f->media[1]);
	run_until(f, both_hold);
}


/* of what the processes hold the newest counts */
static void what_was_held_last_is_found(void **state)
{
	struct fixture *f = *state;
	size_t n;

	sound_again(f);
	assert_null(sound_held(f->sound, &n));
	memcpy(f->media[0].held, "old", 3);
	memcpy(f->media[1].held, "new", 3);
	f->media[0].n_held = f->media[1].n_held = 3;
	f->media[0].held_at = 11;
	f->media[1].held_at = 12;
	sound_find(f->sound, LIMIT_MS);
	assert_memory_equal(sound_held(f->sound, &n), "new", 3);
	assert_int_equal(n, 3);
}


static int numbers(void *arg)
{
	struct fixture *f = arg;
	const uint64_t leg = sound_leg_new(f->sound, 0);

	if (leg)
		sound_leg_forget(f->sound, leg);

	return leg ? 0 : ENOMEM;
}


static void short_of_memory(void **state)
{
	assert_true(oom_loop(numbers, *state) > 0);
}


#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#define AGAIN(name)                                                           \
	cmocka_unit_test_setup_teardown(name, fixture_open, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(calls_are_spread),
		CASE(each_is_told_of_its_own),
		CASE(one_dies),
		CASE(one_is_stuck),
		CASE(one_hangs),
		CASE(who_leaves_is_told_nothing),
		CASE(all_die),
		CASE(one_is_replaced),
		CASE(none_to_go_to),
		CASE(no_more_than_there_may_be),
		CASE(not_once_there_are_legs),
		CASE(it_is_kept),
		CASE(it_is_held),
		AGAIN(legs_are_found),
		AGAIN(what_was_held_last_is_found),
		AGAIN(those_that_do_not_tell),
		AGAIN(nobody_is_there),
		CASE(short_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
