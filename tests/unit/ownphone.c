/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ownphone.c  Tests of one ring at a counsellor's telephone: at one place or
 * two, with or without a key.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "clock.h"
#include "line/cause.h"
#include "line/ownphone.h"
#include "machine.h"
#include "oom.h"
#include "sip_peer.h"
#include "tmpdir.h"
#include "wire/conn.h"


#define SDP "v=0\r\ns=x\r\n"

enum { PLACES = OWNPHONE_PLACES, FAST = 200 };

struct fixture {
	char dir[TMPDIR_SIZE];
	char before[512];
	struct wire_server *server;
	struct wire_leg_play play; /* the last question that media was given */
	unsigned n_play, n_closed;
	struct sound *sound;
	struct legs *legs;
	struct sip_bench bench;
	struct sip_peer peer[PLACES];
	struct secret_text uri[PLACES];
	struct ownphone *phone;
	enum core_cause cause, left;
	unsigned n_accepted, n_left, n_over, n_moved;
};


static void media_asked(struct wire_conn *conn, const struct wire_msg *msg,
			void *arg)
{
	const struct wire_leg_stats stats = {.leg = 0};
	struct fixture *f = arg;
	struct wire_leg_sdp sdp;

	memcpy(&sdp.leg, msg->payload, sizeof(sdp.leg));
	if (msg->type == WIRE_LEG_OFFER || msg->type == WIRE_LEG_ACCEPT) {
		(void)wire_reply(conn, msg, WIRE_LEG_SDP, &sdp, SDP,
				 msg->type == WIRE_LEG_ACCEPT ? 0
							      : strlen(SDP));
	}
	else if (msg->type == WIRE_LEG_CLOSE) {
		++f->n_closed;
		(void)wire_reply(conn, msg, WIRE_LEG_STATS, &stats, NULL, 0);
	}
	else {
		(void)wire_reply_done(conn, msg);
	}
	if (msg->type == WIRE_LEG_PLAY) {
		memcpy(&f->play, msg->payload, sizeof(f->play));
		++f->n_play;
	}
}


static void lost(uint32_t process, void *arg)
{
	(void)process;
	(void)arg;
}


static void on_news(enum ownphone_news news, enum core_cause cause, void *arg)
{
	struct fixture *f = arg;

	assert_int_equal(f->n_over, 0);
	switch (news) {
	case OWNPHONE_ACCEPTED:
		++f->n_accepted;
		break;
	case OWNPHONE_MOVED:
		++f->n_moved;
		break;
	case OWNPHONE_LEFT:
		++f->n_left;
		f->left = cause;
		break;
	case OWNPHONE_OVER:
		++f->n_over;
		f->cause = cause;
		f->phone = mem_deref(f->phone);
		break;
	}
}


static void request(const struct sip_msg *msg, void *arg)
{
	struct fixture *f = arg;

	if (!legs_request(f->legs, msg))
		(void)sip_reply(f->bench.sip, msg, 481, "No");
}


static void response(const struct sip_msg *msg, void *arg)
{
	struct fixture *f = arg;

	legs_response(f->legs, msg);
}


static void legs_open(struct fixture *f)
{
	const struct legs_config c = {
		.sip = f->bench.sip,
		.sound = f->sound,
		.session_s = 600,
		.laddrs = &f->bench.laddr,
		.n_laddrs = 1,
		.display = "The Line",
	};

	assert_int_equal(legs_alloc(&f->legs, &c), 0);
}


static int begin(void **state)
{
	static const struct sound_handlers handlers = {.losth = lost};
	struct fixture *f = test_calloc(1, sizeof(*f));

	*state = f;
	clock_reset();
	assert_non_null(getcwd(f->before, sizeof(f->before)));
	tmpdir_make(f->dir, "ownphone");
	assert_int_equal(chdir(f->dir), 0);
	assert_int_equal(wire_listen(&f->server, "media.sock", WIRE_MEDIA,
				     WIRE_LINE, media_asked, NULL, f), 0);
	assert_int_equal(sound_alloc(&f->sound, "media.sock", &handlers, f),
			 0);
	sip_bench_open(&f->bench, request, response, f);
	for (size_t i = 0; i < PLACES; i++) {
		sip_peer_open(&f->peer[i], "127.0.0.1", &f->bench.laddr);
		(void)re_snprintf(f->uri[i].hidden, sizeof(f->uri[i].hidden),
				  "sip:ana@%J", &f->peer[i].laddr);
	}
	legs_open(f);

	return 0;
}


static int end(void **state)
{
	struct fixture *f = *state;

	mem_deref(f->phone);
	mem_deref(f->legs);
	for (size_t i = 0; i < PLACES; i++)
		sip_peer_close(&f->peer[i]);
	sip_bench_close(&f->bench);
	mem_deref(f->sound);
	mem_deref(f->server);
	assert_int_equal(chdir(f->before), 0);
	tmpdir_remove(f->dir);
	test_free(f);

	return 0;
}


/* ---- what happens -------------------------------------------------------- */

static int rings_at(struct ownphone **op, struct fixture *f, size_t n,
		    bool asks)
{
	struct ownphone_ring ring = {
		.legs = f->legs,
		.sound = f->sound,
		.n_places = n,
		.asks = asks,
		.language = "es",
		.id = 5,
	};

	for (size_t i = 0; i < n; i++)
		ring.place[i].uri = &f->uri[i];

	return ownphone_alloc(op, &ring, on_news, f);
}


static const struct sip_msg *rung(struct fixture *f, size_t i)
{
	const struct sip_msg *invite = sip_peer_await(&f->peer[i], "INVITE");

	sip_peer_reply(&f->peer[i], invite, 180, "phone", NULL, NULL);

	return invite;
}


static void picks_up(struct fixture *f, size_t i, const struct sip_msg *invite)
{
	sip_peer_reply(&f->peer[i], invite, 200, "phone", NULL, SDP);
	(void)sip_peer_await(&f->peer[i], "ACK");
}


static void stops(struct fixture *f, size_t i, const struct sip_msg *invite)
{
	sip_peer_reply(&f->peer[i], sip_peer_await(&f->peer[i], "CANCEL"), 200,
		       NULL, NULL, NULL);
	sip_peer_reply(&f->peer[i], invite, 487, "phone", NULL, NULL);
	(void)sip_peer_await(&f->peer[i], "ACK");
}


static void is_hung_up_on(struct fixture *f, size_t i)
{
	sip_peer_reply(&f->peer[i], sip_peer_await(&f->peer[i], "BYE"), 200,
		       NULL, NULL, NULL);
}


static void hangs_up(struct fixture *f, size_t i, const struct sip_msg *invite)
{
	struct sip_call call;

	sip_call_of(&call, &f->peer[i], invite, "phone");
	sip_call_request(&call, "BYE", NULL, NULL);
	(void)sip_peer_await(&f->peer[i], "200 BYE");
}


struct wanted {
	const unsigned *np;
	unsigned n;
};


static bool is_so(void *arg)
{
	const struct wanted *w = arg;

	return *w->np >= w->n;
}


static void await(const unsigned *np, unsigned n)
{
	struct wanted w = {np, n};

	sip_loop(is_so, &w, "what is awaited");
	assert_int_equal(*np, n);
}


static void is_over(struct fixture *f, enum core_cause cause)
{
	await(&f->n_over, 1);
	assert_null(f->phone);
	assert_int_equal(f->cause, cause);
	assert_int_equal(legs_count(f->legs), 0);
}


/* ---- tests --------------------------------------------------------------- */

static void every_pair(void **state)
{
	(void)state;

	machine_walk(&ownphone_machine);
}


static void causes_are_ranked(void **state)
{
	(void)state;

	assert_int_equal(cause_better(CAUSE_NONE, CAUSE_RESTART),
			 CAUSE_RESTART);
	assert_int_equal(cause_better(CAUSE_DEAD, CAUSE_BUSY), CAUSE_BUSY);
	assert_int_equal(cause_better(CAUSE_DECLINED, CAUSE_BUSY),
			 CAUSE_DECLINED);
	assert_int_equal(cause_better(CAUSE_BUSY, CAUSE_NONE), CAUSE_BUSY);
}


static void picking_up_accepts(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *invite;

	assert_int_equal(rings_at(&f->phone, f, 1, false), 0);
	invite = rung(f, 0);
	assert_int_equal(ownphone_leg(f->phone), 0);
	picks_up(f, 0, invite);
	await(&f->n_accepted, 1);
	assert_int_not_equal(ownphone_leg(f->phone), 0);
	hangs_up(f, 0, invite);
	is_over(f, CAUSE_HUNG_UP);
	assert_int_equal(f->n_play, 0);
	assert_int_equal(f->n_left, 0);
}


static void a_key_accepts(void **state)
{
	struct fixture *f = *state;
	uint64_t leg;

	assert_int_equal(rings_at(&f->phone, f, 1, true), 0);
	picks_up(f, 0, rung(f, 0));
	await(&f->n_play, 1);
	assert_string_equal(f->play.prompt[0], "own_phone");
	assert_string_equal(f->play.language, "es");
	assert_true(f->play.loop);
	leg = ownphone_leg(f->phone);
	assert_int_equal(f->play.leg, leg);
	assert_int_equal(f->n_accepted, 0);

	/* of somebody else, and on no telephone that people have */
	assert_false(ownphone_key(f->phone, leg + 1, 1));
	assert_false(ownphone_key(f->phone, 0, 1));
	assert_true(ownphone_key(f->phone, leg, 12));
	assert_int_equal(f->n_accepted, 0);

	assert_true(ownphone_key(f->phone, leg, 11));
	assert_int_equal(f->n_accepted, 1);
	assert_true(ownphone_key(f->phone, leg, 1));
	assert_int_equal(f->n_accepted, 1);

	ownphone_end(f->phone, CAUSE_HUNG_UP);
	assert_int_equal(f->n_left, 1);
	is_hung_up_on(f, 0);
	is_over(f, CAUSE_HUNG_UP);
}


/* as a mailbox does */
static void no_key(void **state)
{
	struct fixture *f = *state;

	clock_get()->speed = FAST;
	assert_int_equal(rings_at(&f->phone, f, 1, true), 0);
	picks_up(f, 0, rung(f, 0));
	is_hung_up_on(f, 0);
	is_over(f, CAUSE_NO_ANSWER);
	assert_int_equal(f->left, CAUSE_NO_ANSWER);
	assert_int_equal(f->n_accepted, 0);
}


static void hung_up_on_the_question(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *invite;

	assert_int_equal(rings_at(&f->phone, f, 1, true), 0);
	invite = rung(f, 0);
	picks_up(f, 0, invite);
	await(&f->n_play, 1);
	hangs_up(f, 0, invite);
	is_over(f, CAUSE_DECLINED);
	assert_int_equal(f->n_accepted, 0);
}


static void given_up_while_it_rings(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *invite;

	assert_int_equal(rings_at(&f->phone, f, 1, true), 0);
	invite = rung(f, 0);
	sip_peer_sync(&f->peer[0]);
	ownphone_end(f->phone, CAUSE_HUNG_UP);
	ownphone_end(f->phone, CAUSE_HUNG_UP);
	assert_int_equal(f->n_left, 1);
	stops(f, 0, invite);
	is_over(f, CAUSE_HUNG_UP);
}


static void the_first_of_two(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *one, *two;

	assert_int_equal(rings_at(&f->phone, f, 2, false), 0);
	one = rung(f, 0);
	two = rung(f, 1);
	picks_up(f, 1, two);
	await(&f->n_accepted, 1);
	stops(f, 0, one);
	sip_peer_sync(&f->peer[0]);
	assert_int_equal(f->n_over, 0);
	hangs_up(f, 1, two);
	is_over(f, CAUSE_HUNG_UP);
	assert_true(f->n_closed >= 2); /* closing twice is fine */
}


/* one place is deaf: whoever talked at the other one is not waited for */
static void the_other_does_not_stop(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *one, *two;

	assert_int_equal(rings_at(&f->phone, f, 2, false), 0);
	one = rung(f, 0);
	two = rung(f, 1);
	picks_up(f, 1, two);
	await(&f->n_accepted, 1);
	hangs_up(f, 1, two);
	assert_int_equal(f->n_left, 1);
	assert_int_equal(f->left, CAUSE_HUNG_UP);
	assert_int_equal(f->n_over, 0);
	stops(f, 0, one);
	is_over(f, CAUSE_HUNG_UP);
	assert_int_equal(f->n_left, 1);
}


static void both_pick_up(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *one, *two;

	assert_int_equal(rings_at(&f->phone, f, 2, true), 0);
	one = rung(f, 0);
	two = rung(f, 1);
	sip_peer_reply(&f->peer[0], one, 200, "phone", NULL, SDP);
	sip_peer_reply(&f->peer[1], two, 200, "phone", NULL, SDP);
	(void)sip_peer_await(&f->peer[0], "ACK");
	(void)sip_peer_await(&f->peer[1], "ACK");
	await(&f->n_play, 1);
	is_hung_up_on(f, f->play.leg == LIMIT_PLACES ? 1 : 0);
	assert_true(ownphone_key(f->phone, f->play.leg, 0));
	assert_int_equal(f->n_accepted, 1);
	ownphone_end(f->phone, CAUSE_HUNG_UP);
	is_hung_up_on(f, f->play.leg == LIMIT_PLACES ? 0 : 1);
	is_over(f, CAUSE_HUNG_UP);
}


/* who cannot be reached at one place may be at the other */
static void one_fails(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *one, *two;

	assert_int_equal(rings_at(&f->phone, f, 2, false), 0);
	one = rung(f, 0);
	two = rung(f, 1);
	sip_peer_reply(&f->peer[0], one, 486, "phone", NULL, NULL);
	(void)sip_peer_await(&f->peer[0], "ACK");
	assert_int_equal(f->n_over + f->n_left, 0);
	sip_peer_reply(&f->peer[1], two, 404, "phone", NULL, NULL);
	is_over(f, CAUSE_BUSY);
}


/* a no at one place is a no */
static void one_declines(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *one, *two;

	assert_int_equal(rings_at(&f->phone, f, 2, false), 0);
	one = rung(f, 0);
	two = rung(f, 1);
	sip_peer_reply(&f->peer[0], one, 603, "phone", NULL, NULL);
	(void)sip_peer_await(&f->peer[0], "ACK");
	await(&f->n_left, 1);
	assert_int_equal(f->left, CAUSE_DECLINED);
	stops(f, 1, two);
	is_over(f, CAUSE_DECLINED);
}


static void nowhere_to_ring(void **state)
{
	struct fixture *f = *state;
	struct ownphone *o = NULL;

	assert_int_equal(rings_at(&o, f, 0, false), ENOENT);
	assert_int_equal(secret_set(&f->uri[0], "sip:ana@[::1]", 13), 0);
	assert_int_equal(rings_at(&o, f, 1, false), EAFNOSUPPORT);
	assert_null(o);

	/* one of two is enough */
	assert_int_equal(rings_at(&f->phone, f, 2, false), 0);
	picks_up(f, 1, rung(f, 1));
	await(&f->n_accepted, 1);
	ownphone_end(f->phone, CAUSE_HUNG_UP);
	is_hung_up_on(f, 1);
	is_over(f, CAUSE_HUNG_UP);
}


static int allocated(void *arg)
{
	struct fixture *f = arg;
	struct ownphone *o = NULL;
	int err;

	err = rings_at(&o, f, 1, true);
	mem_deref(o);

	return err;
}


static void short_of_memory(void **state)
{
	struct fixture *f = *state;

	assert_true(oom_loop(allocated, f) > 3);
	assert_int_equal(f->n_accepted + f->n_left + f->n_over, 0);
}


#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair),
		cmocka_unit_test(causes_are_ranked),
		CASE(picking_up_accepts),
		CASE(a_key_accepts),
		CASE(no_key),
		CASE(hung_up_on_the_question),
		CASE(given_up_while_it_rings),
		CASE(the_first_of_two),
		CASE(the_other_does_not_stop),
		CASE(both_pick_up),
		CASE(one_fails),
		CASE(one_declines),
		CASE(nowhere_to_ring),
		CASE(short_of_memory),
	};
	int err;

	if (libre_init())
		return 1;
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
