/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * leg.c  Tests of legs: the machine, callers and counsellors' phones that do
 * whatever a SIP peer may do, and a media process that answers in one line.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <sodium.h>
#include <re.h>

#include "line/leg_parts.h"
#include "line/message.h"
#include "line/terms.h"
#include "wire/conn.h"
#include "clock.h"
#include "machine.h"
#include "oom.h"
#include "sip_peer.h"


enum { SESSION_S = 600, FAST = 500 };

#define THEIRS "v=0\r\ns=theirs\r\n"
#define CHALLENGE "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n"

/* ---- a media process ---------------------------------------------------- */

struct media {
	struct wire_server *server;
	struct wire_conn *conn;
	struct wire_msg held; /* a question that waits for media_release() */
	uint64_t held_leg;
	char dir[64];
	char path[80];
	unsigned n[WIRE_TYPES]; /* what was asked, by type */
	unsigned n_sdp;
	int err;              /* refuse with this          */
	bool hold;
};


static void media_say(struct media *m, const struct wire_msg *msg,
		      uint64_t leg)
{
	const struct wire_leg_sdp payload = {leg};
	char sdp[64];
	int n;

	if (m->err) {
		(void)wire_reply_refused(m->conn, msg, m->err, "as told");
		return;
	}

	n = re_snprintf(sdp, sizeof(sdp), "v=0\r\ns=ours%u\r\n", ++m->n_sdp);
	assert_int_equal(wire_reply(m->conn, msg, WIRE_LEG_SDP, &payload, sdp,
				    msg->type == WIRE_LEG_ACCEPT ? 0
								 : (size_t)n),
			 0);
}


static void media_asked(struct wire_conn *conn, const struct wire_msg *msg,
			void *arg)
{
	struct media *m = arg;
	uint64_t leg;

	m->conn = conn;
	++m->n[msg->type];
	if (msg->type != WIRE_LEG_OFFER && msg->type != WIRE_LEG_ANSWER &&
	    msg->type != WIRE_LEG_ACCEPT) {
		assert_int_equal(wire_reply_done(conn, msg), 0);
		return;
	}

	memcpy(&leg, msg->payload, sizeof(leg));
	if (m->hold) {
		m->held = *msg;
		m->held_leg = leg;
	}
	else {
		media_say(m, msg, leg);
	}
}


static void media_open(struct media *m)
{
	str_ncpy(m->dir, "/tmp/ringback-leg-XXXXXX", sizeof(m->dir));
	assert_non_null(mkdtemp(m->dir));
	(void)re_snprintf(m->path, sizeof(m->path), "%s/media.sock", m->dir);
	assert_int_equal(wire_listen(&m->server, m->path, WIRE_MEDIA,
				     WIRE_LINE, media_asked, NULL, m), 0);
}


static void media_close(struct media *m)
{
	m->server = mem_deref(m->server);
	(void)unlink(m->path);
	assert_int_equal(rmdir(m->dir), 0);
}


/* ---- the fixture -------------------------------------------------------- */

/* what the owner of a leg was told */
struct party {
	struct leg *leg;
	unsigned n_answered, n_accepted, n_moved, n_over;
	enum core_cause cause;
};

struct fixture {
	struct sip_bench bench;
	struct sip_peer peer;
	struct sip_call call;
	struct media media;
	struct sound *sound;
	struct legs *legs;
	struct party party;
	struct sip_msg *kept;
	unsigned n_asked;     /* for credentials */
	bool keep;
	bool has_credentials;
};


static void news(struct leg *leg, enum leg_news what, enum core_cause cause,
		 void *arg)
{
	struct party *p = arg;

	if (p->leg)
		assert_ptr_equal(p->leg, leg);
	switch (what) {
	case LEG_ANSWERED:
		++p->n_answered;
		break;
	case LEG_ACCEPTED:
		++p->n_accepted;
		break;
	case LEG_MOVED:
		++p->n_moved;
		break;
	case LEG_OVER:
		++p->n_over;
		p->cause = cause;
		break;
	}
}


static int credentials(struct mbuf *mb, const struct sip_msg *msg,
		       const char *method, const char *uri, void *arg)
{
	struct fixture *f = arg;

	(void)uri;
	assert_string_equal(method, "INVITE");
	assert_non_null(sip_msg_hdr(msg, SIP_HDR_WWW_AUTHENTICATE));
	++f->n_asked;
	if (!f->has_credentials)
		return EACCES;

	return mbuf_printf(mb, "Authorization: Digest try=%u\r\n", f->n_asked);
}


static void lost_sound(uint32_t process, void *arg)
{
	(void)process;
	(void)arg;
}


static const struct sound_handlers sound_handlers = {.losth = lost_sound};


/* reception.c in short */
static void request(const struct sip_msg *msg, void *arg)
{
	struct fixture *f = arg;
	struct session_timer timer;
	struct message_fault fault;

	assert_int_equal(message_check(msg, &fault), 0);
	if (pl_isset(&msg->to.tag)) {
		if (!legs_request(f->legs, msg))
			(void)sip_reply(f->bench.sip, msg, 481, "No");
	}
	else if (f->keep) {
		f->kept = mem_ref((void *)msg);
	}
	else if (!pl_strcmp(&msg->met, "INVITE") &&
		 terms_fit(f->bench.sip, msg, SESSION_S, &timer)) {
		assert_null(f->party.leg);
		assert_int_equal(leg_alloc_in(&f->party.leg, f->legs, msg,
					      &timer, news, &f->party), 0);
	}
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
		.session_s = SESSION_S,
		.laddrs = &f->bench.laddr,
		.n_laddrs = 1,
		.display = "The \"Line\"\r\n\\",
		.credentialsh = credentials,
		.arg = f,
	};

	assert_int_equal(legs_alloc(&f->legs, &c), 0);
}


static bool has_media(void *arg)
{
	const struct fixture *f = arg;

	return sound_is_up(f->sound);
}


static int begin(void **state)
{
	struct fixture *f = mem_zalloc(sizeof(*f), NULL);

	assert_non_null(f);
	clock_reset();
	sip_bench_open(&f->bench, request, response, f);
	sip_peer_open(&f->peer, "127.0.0.1", &f->bench.laddr);
	sip_call_begin(&f->call, &f->peer);
	media_open(&f->media);
	assert_int_equal(sound_alloc(&f->sound, f->media.path, &sound_handlers,
				     f), 0);
	sip_loop(has_media, f, "media");
	legs_open(f);
	*state = f;

	return 0;
}


static int end(void **state)
{
	struct fixture *f = *state;

	mem_deref(f->party.leg);
	mem_deref(f->kept);
	mem_deref(f->legs);
	mem_deref(f->sound);
	media_close(&f->media);
	sip_peer_close(&f->peer);
	sip_bench_close(&f->bench);
	mem_deref(f);

	return 0;
}


/* ---- waiting ------------------------------------------------------------ */

static bool has_leg(void *arg)
{
	const struct fixture *f = arg;

	return f->party.leg != NULL;
}


static bool is_over(void *arg)
{
	const struct fixture *f = arg;

	return f->party.n_over > 0;
}


static bool is_up(void *arg)
{
	const struct fixture *f = arg;

	return f->party.leg->state == LEG_UP &&
	       f->party.leg->exchange == EXCHANGE_NONE;
}


static bool is_held(void *arg)
{
	const struct fixture *f = arg;

	return f->media.held.id != 0;
}


static void expect_over(struct fixture *f, enum core_cause cause)
{
	sip_loop(is_over, f, "the leg is over");
	sip_peer_sync(&f->peer);
	assert_int_equal(f->party.n_over, 1);
	assert_int_equal(f->party.cause, cause);
	assert_int_equal(f->party.leg->state, LEG_GONE);
	assert_int_equal(legs_count(f->legs), 0);
	assert_true(f->media.n[WIRE_LEG_CLOSE] > 0);
}


static void hold(struct fixture *f)
{
	f->media.hold = true;
}


static void release(struct fixture *f)
{
	sip_loop(is_held, f, "a question to media");
	f->media.hold = false;
	media_say(&f->media, &f->media.held, f->media.held_leg);
	f->media.held.id = 0;
}


/* the peer answers our BYE, once it is out */
static const struct sip_msg *answer_bye(struct fixture *f)
{
	const struct sip_msg *bye = sip_peer_await(&f->peer, "BYE");

	sip_peer_reply(&f->peer, bye, 200, NULL, NULL, NULL);
	return bye;
}


/* media has been asked and the answer worked off */
static void media_sync(struct fixture *f)
{
	for (unsigned i = 0; i < 3; i++)
		sip_peer_sync(&f->peer);
}


/* ---- the machine -------------------------------------------------------- */

static void every_pair_moves_or_changes_nothing(void **state)
{
	(void)state;
	machine_walk(&leg_machine);
	assert_int_equal(leg_machine.n_states, LEG_STATES);
	assert_int_equal(leg_machine.n_events, LEG_EVENTS);
}


static void every_state_can_be_reached(void **state)
{
	bool seen[MACHINE_STATES] = {false};

	(void)state;
	seen[LEG_PREPARING] = seen[LEG_INVITED] = true;
	machine_reach(&leg_machine, seen, NULL, 0);
	for (unsigned s = 0; s < LEG_STATES; s++)
		assert_true(seen[s]);
}


/* our wish to end, and a peer that never says a word again, end any leg */
static void every_state_ends_when_we_want(void **state)
{
	static const uint8_t silence[] = {LEG_EV_FAILED, LEG_EV_LOST,
					  LEG_EV_BYE_DONE};

	(void)state;
	for (uint8_t s = 0; s < LEG_STATES; s++) {
		const struct step_rule *r = step_find(&leg_machine, s,
						      LEG_EV_END);
		bool seen[MACHINE_STATES] = {false};

		assert_non_null(r);
		seen[r->next] = true;
		machine_reach(&leg_machine, seen, silence,
			      ARRAY_SIZE(silence));
		if (!seen[LEG_GONE])
			fail_msg("no way out of %s", leg_machine.states[s]);
	}
}


/* a dead peer ends every leg that waits for the peer */
static void every_wait_for_the_peer_ends_without_it(void **state)
{
	static const uint8_t waits[] = {LEG_ANSWERING, LEG_ENDING,
					LEG_INVITING, LEG_CANCELLING, LEG_UP,
					LEG_LEAVING};
	static const uint8_t silence[] = {LEG_EV_FAILED, LEG_EV_LOST,
					  LEG_EV_BYE_DONE};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(waits); i++) {
		bool seen[MACHINE_STATES] = {false};

		seen[waits[i]] = true;
		machine_reach(&leg_machine, seen, silence,
			      ARRAY_SIZE(silence));
		if (!seen[LEG_GONE])
			fail_msg("no way out of %s",
				 leg_machine.states[waits[i]]);
	}
}


static void gone_is_the_end(void **state)
{
	(void)state;
	for (uint8_t e = 0; e < LEG_EVENTS; e++) {
		const struct step_rule *r = step_find(&leg_machine, LEG_GONE,
						      e);

		if (r) {
			assert_int_equal(r->next, LEG_GONE);
			assert_null(r->action);
		}
	}
}


/* ---- callers ------------------------------------------------------------ */

static void ring_in(struct fixture *f, const char *headers, const char *sdp)
{
	sip_call_request(&f->call, "INVITE", headers, sdp);
	sip_loop(has_leg, f, "an incoming leg");
}


/* @return the 200 */
static const struct sip_msg *answer_in(struct fixture *f, const char *headers)
{
	const struct sip_msg *msg;

	ring_in(f, headers, THEIRS);
	leg_answer(f->party.leg);
	msg = sip_call_await(&f->call, "200 INVITE");
	assert_int_equal(f->party.n_answered, 1);

	return msg;
}


static void talk_in(struct fixture *f, const char *headers)
{
	(void)answer_in(f, headers);
	sip_call_request(&f->call, "ACK", NULL, NULL);
	sip_loop(is_up, f, "the talk");
}


static void hang_up(struct fixture *f)
{
	sip_call_request(&f->call, "BYE", NULL, NULL);
	(void)sip_call_await(&f->call, "200 BYE");
	expect_over(f, CAUSE_HUNG_UP);
}


static void a_caller_is_answered_and_hangs_up(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg = answer_in(f, "Supported: timer\r\n");

	assert_true(sip_msg_has(msg, "\r\n\r\nv=0\r\ns=ours1\r\n"));
	assert_true(sip_msg_has(msg, "Session-Expires: 600;refresher=uac"));
	assert_true(sip_msg_has(msg, "Allow: INVITE, ACK, CANCEL, BYE"));
	assert_non_null(sip_msg_hdr(msg, SIP_HDR_CONTACT));
	assert_int_equal(legs_count(f->legs), 1);
	sip_call_request(&f->call, "ACK", NULL, NULL);
	sip_loop(is_up, f, "the talk");
	hang_up(f);
	assert_int_equal(f->media.n[WIRE_LEG_ANSWER], 1);
	assert_int_equal(f->party.n_answered, 1);
	assert_int_equal(f->party.n_accepted, 0);

	/* nobody is there any more */
	sip_call_request(&f->call, "BYE", NULL, NULL);
	(void)sip_call_await(&f->call, "481 BYE");
}


static void nothing_but_100_before_the_answer(void **state)
{
	struct fixture *f = *state;

	ring_in(f, NULL, THEIRS);
	media_sync(f);
	(void)sip_call_await(&f->call, "100 INVITE");
	media_sync(f);
	assert_int_equal(list_count(&f->peer.newl), 0);
	assert_int_equal(f->media.n[WIRE_LEG_ANSWER], 0);
}


static void a_caller_that_cancels_is_let_go(void **state)
{
	struct fixture *f = *state;

	ring_in(f, NULL, THEIRS);
	sip_call_request(&f->call, "CANCEL", NULL, NULL);
	(void)sip_call_await(&f->call, "200 CANCEL");
	(void)sip_call_await(&f->call, "487 INVITE");
	sip_call_request(&f->call, "ACK", NULL, NULL);
	expect_over(f, CAUSE_HUNG_UP);
	leg_answer(f->party.leg);
	leg_end(f->party.leg, CAUSE_BUSY);
	assert_int_equal(sip_peer_count(&f->peer, "200 INVITE"), 0);
}


static void a_caller_may_cancel_while_media_thinks(void **state)
{
	struct fixture *f = *state;

	ring_in(f, NULL, THEIRS);
	hold(f);
	leg_answer(f->party.leg);
	sip_loop(is_held, f, "a question to media");
	sip_call_request(&f->call, "CANCEL", NULL, NULL);
	(void)sip_call_await(&f->call, "487 INVITE");
	release(f);
	media_sync(f);
	assert_int_equal(sip_peer_count(&f->peer, "200 INVITE"), 0);
	assert_int_equal(f->party.n_answered, 0);
	expect_over(f, CAUSE_HUNG_UP);
}


static void causes_have_their_codes(void **state)
{
	static const unsigned codes[CAUSES] = {
		[CAUSE_NONE] = 480,      [CAUSE_DECLINED] = 603,
		[CAUSE_BUSY] = 486,      [CAUSE_NO_ANSWER] = 480,
		[CAUSE_DEAD] = 404,      [CAUSE_NETWORK] = 503,
		[CAUSE_NO_CODEC] = 488,  [CAUSE_HUNG_UP] = 480,
		[CAUSE_BAD_PEER] = 400,  [CAUSE_RESTART] = 503,
		[CAUSE_STORE] = 503,     [CAUSE_HOUSE] = 503,
		[CAUSE_CLOSED] = 480,    [CAUSE_UNSTAFFED] = 480,
		[CAUSE_MARKED] = 480,
		[CAUSE_FLOOD] = 480,
	};
	struct fixture *f = *state;

	for (int cause = 0; cause < CAUSES; cause++) {
		char what[32];

		assert_int_not_equal(codes[cause], 0);
		sip_call_begin(&f->call, &f->peer);
		ring_in(f, NULL, THEIRS);
		leg_end(f->party.leg, (enum core_cause)cause);
		(void)re_snprintf(what, sizeof(what), "%u INVITE",
				  codes[cause]);
		assert_int_equal(sip_msg_has(sip_call_await(&f->call, what),
					     "Retry-After: 10\r\n"),
				 codes[cause] == 503);
		sip_call_request(&f->call, "ACK", NULL, NULL);
		assert_int_equal(f->party.n_over, 1);
		assert_int_equal(f->party.cause, cause);
		mem_deref(f->party.leg);
		memset(&f->party, 0, sizeof(f->party));
	}
}


static void what_media_cannot_answer_is_refused(void **state)
{
	static const struct {
		int err;
		const char *what;
		enum core_cause cause;
	} rows[] = {
		{EPROTO, "400 INVITE", CAUSE_BAD_PEER},
		{ENOTSUP, "488 INVITE", CAUSE_NO_CODEC},
		{ENOSPC, "503 INVITE", CAUSE_NETWORK},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		sip_call_begin(&f->call, &f->peer);
		ring_in(f, NULL, THEIRS);
		f->media.err = rows[i].err;
		leg_answer(f->party.leg);
		(void)sip_call_await(&f->call, rows[i].what);
		sip_call_request(&f->call, "ACK", NULL, NULL);
		assert_int_equal(f->party.n_answered, 0);
		expect_over(f, rows[i].cause);
		mem_deref(f->party.leg);
		memset(&f->party, 0, sizeof(f->party));
	}
}


static void begin_offerless(struct fixture *f)
{
	const struct sip_msg *msg;

	ring_in(f, NULL, NULL);
	leg_answer(f->party.leg);
	msg = sip_call_await(&f->call, "200 INVITE");
	assert_true(sip_msg_has(msg, "\r\n\r\nv=0\r\ns=ours1\r\n"));
	assert_int_equal(f->media.n[WIRE_LEG_OFFER], 1);
	assert_int_equal(f->media.n[WIRE_LEG_ANSWER], 0);
}


static void an_offerless_call_is_offered_sound(void **state)
{
	struct fixture *f = *state;

	begin_offerless(f);
	sip_call_request(&f->call, "ACK", NULL, THEIRS);
	sip_loop(is_up, f, "the talk");
	media_sync(f);
	assert_int_equal(f->media.n[WIRE_LEG_ACCEPT], 1);
	hang_up(f);
}


static void an_ack_that_owes_an_answer_ends_the_call(void **state)
{
	struct fixture *f = *state;

	begin_offerless(f);
	sip_call_request(&f->call, "ACK", NULL, NULL);
	(void)answer_bye(f);
	expect_over(f, CAUSE_BAD_PEER);
}


static void an_answer_that_media_refuses_ends_the_call(void **state)
{
	struct fixture *f = *state;

	begin_offerless(f);
	f->media.err = ENOTSUP;
	sip_call_request(&f->call, "ACK", NULL, THEIRS);
	(void)answer_bye(f);
	expect_over(f, CAUSE_NO_CODEC);
}


static void a_bye_may_come_before_the_ack(void **state)
{
	struct fixture *f = *state;

	(void)answer_in(f, NULL);
	hang_up(f);
	sip_call_request(&f->call, "ACK", NULL, NULL);
	sip_peer_sync(&f->peer);
	assert_int_equal(f->party.n_over, 1);
}


/* RFC 3261, 15 */
static void our_bye_waits_for_the_ack(void **state)
{
	struct fixture *f = *state;

	(void)answer_in(f, NULL);
	leg_end(f->party.leg, CAUSE_RESTART);
	leg_end(f->party.leg, CAUSE_BUSY);
	assert_int_equal(sip_peer_count(&f->peer, "BYE"), 0);
	sip_call_request(&f->call, "ACK", NULL, NULL);
	(void)answer_bye(f);
	expect_over(f, CAUSE_RESTART);
}


static void a_caller_that_never_acks_is_lost(void **state)
{
	struct fixture *f = *state;

	clock_get()->speed = FAST;
	(void)answer_in(f, NULL);
	(void)sip_peer_await(&f->peer, "BYE");
	expect_over(f, CAUSE_NETWORK);
}


static void so_is_one_that_we_wanted_to_leave(void **state)
{
	struct fixture *f = *state;

	clock_get()->speed = FAST;
	(void)answer_in(f, NULL);
	leg_end(f->party.leg, CAUSE_RESTART);
	(void)sip_peer_await(&f->peer, "BYE");
	expect_over(f, CAUSE_RESTART);
}


static void our_bye_is_over_with_any_answer(void **state)
{
	static const unsigned codes[] = {200, 481, 500, 401};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		const struct sip_msg *bye;

		sip_call_begin(&f->call, &f->peer);
		talk_in(f, NULL);
		leg_end(f->party.leg, CAUSE_HUNG_UP);
		bye = sip_peer_await(&f->peer, "BYE");
		assert_int_equal(pl_strcmp(&bye->to.tag, f->call.ltag), 0);
		assert_int_equal(pl_strcmp(&bye->from.tag, f->call.rtag), 0);
		sip_peer_reply(&f->peer, bye, 100, NULL, NULL, NULL);
		sip_peer_sync(&f->peer);
		assert_int_equal(f->party.n_over, 0);
		sip_peer_reply(&f->peer, bye, codes[i], NULL, NULL, NULL);
		expect_over(f, CAUSE_HUNG_UP);
		mem_deref(f->party.leg);
		memset(&f->party, 0, sizeof(f->party));
	}
}


static void byes_may_cross(void **state)
{
	struct fixture *f = *state;

	talk_in(f, NULL);
	leg_end(f->party.leg, CAUSE_HUNG_UP);
	sip_call_request(&f->call, "BYE", NULL, NULL);
	(void)sip_call_await(&f->call, "200 BYE");
	(void)answer_bye(f);
	expect_over(f, CAUSE_HUNG_UP);
}


/* ---- inside the dialog -------------------------------------------------- */

static void a_reinvite_is_answered(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg;

	talk_in(f, NULL);
	sip_call_request(&f->call, "INVITE", NULL, THEIRS);
	msg = sip_call_await(&f->call, "200 INVITE");
	assert_true(sip_msg_has(msg, "s=ours2\r\n"));
	sip_call_request(&f->call, "ACK", NULL, NULL);
	sip_loop(is_up, f, "the talk");

	/* offerless: to change the address, or for a transfer */
	sip_call_request(&f->call, "INVITE", NULL, NULL);
	msg = sip_call_await(&f->call, "200 INVITE");
	assert_true(sip_msg_has(msg, "s=ours3\r\n"));
	assert_int_equal(f->media.n[WIRE_LEG_OFFER], 1);
	sip_call_request(&f->call, "ACK", NULL, THEIRS);
	sip_loop(is_up, f, "the talk");
	media_sync(f);
	assert_int_equal(f->media.n[WIRE_LEG_ACCEPT], 1);
	assert_int_equal(f->party.n_answered, 1);
	hang_up(f);
}


static void a_new_address_of_the_peer_is_used(void **state)
{
	struct fixture *f = *state;
	struct sip_peer moved;

	talk_in(f, NULL);
	sip_peer_open(&moved, "127.0.0.1", &f->bench.laddr);
	f->call.peer = &moved;
	moved.n_sent = 1000;
	sip_call_request(&f->call, "INVITE", NULL, THEIRS);
	(void)sip_call_await(&f->call, "200 INVITE");
	sip_call_request(&f->call, "ACK", NULL, NULL);
	sip_loop(is_up, f, "the talk");
	leg_end(f->party.leg, CAUSE_HUNG_UP);
	(void)sip_peer_await(&moved, "BYE");
	sip_peer_close(&moved);
}


static void a_reinvite_that_cannot_be_met_changes_nothing(void **state)
{
	static const struct {
		int err;
		const char *what;
	} rows[] = {
		{EPROTO, "400 INVITE"},
		{ENOTSUP, "488 INVITE"},
		{ENOSPC, "488 INVITE"},
	};
	struct fixture *f = *state;

	talk_in(f, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		f->media.err = rows[i].err;
		sip_call_request(&f->call, "INVITE", NULL, THEIRS);
		(void)sip_call_await(&f->call, rows[i].what);
		sip_call_request(&f->call, "ACK", NULL, NULL);
		sip_peer_sync(&f->peer);
		assert_true(is_up(f));
	}
	sip_call_request(&f->call, "INVITE", "Require: 100rel\r\n", THEIRS);
	(void)sip_call_await(&f->call, "420 INVITE");
	sip_call_request(&f->call, "ACK", NULL, NULL);
	f->media.err = 0;
	sip_call_request(&f->call, "UPDATE", NULL, THEIRS);
	(void)sip_call_await(&f->call, "200 UPDATE");
	hang_up(f);
}


static void an_update_is_answered(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg;

	talk_in(f, NULL);
	sip_call_request(&f->call, "UPDATE", NULL, THEIRS);
	msg = sip_call_await(&f->call, "200 UPDATE");
	assert_true(sip_msg_has(msg, "s=ours2\r\n"));
	assert_true(is_up(f));

	/* a refresh alone */
	sip_call_request(&f->call, "UPDATE", "Supported: timer\r\n"
			 "Session-Expires: 90;refresher=uac\r\n", NULL);
	msg = sip_call_await(&f->call, "200 UPDATE");
	assert_true(sip_msg_has(msg, "Session-Expires: 90;refresher=uac\r\n"));
	assert_true(sip_msg_has(msg, "\r\nContent-Length: 0\r\n\r\n"));
	assert_int_equal(f->party.leg->timer.interval, 90);

	f->media.err = ENOTSUP;
	sip_call_request(&f->call, "UPDATE", NULL, THEIRS);
	(void)sip_call_await(&f->call, "488 UPDATE");
	assert_true(is_up(f));
	hang_up(f);
}


static void one_offer_at_a_time(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg;

	/* before the ACK of the first */
	(void)answer_in(f, NULL);
	sip_call_request(&f->call, "UPDATE", NULL, THEIRS);
	msg = sip_call_await(&f->call, "500 UPDATE");
	assert_non_null(sip_msg_hdr(msg, SIP_HDR_RETRY_AFTER));
	sip_call_request(&f->call, "ACK", NULL, NULL);
	sip_loop(is_up, f, "the talk");

	/* while media works on one */
	hold(f);
	sip_call_request(&f->call, "UPDATE", NULL, THEIRS);
	sip_loop(is_held, f, "a question to media");
	sip_call_request(&f->call, "UPDATE", NULL, THEIRS);
	(void)sip_call_await(&f->call, "500 UPDATE");
	sip_call_request(&f->call, "UPDATE", NULL, NULL);
	(void)sip_call_await(&f->call, "500 UPDATE");
	sip_call_request(&f->call, "INVITE", NULL, THEIRS);
	(void)sip_call_await(&f->call, "500 INVITE");
	sip_call_request(&f->call, "ACK", NULL, NULL);
	release(f);
	(void)sip_call_await(&f->call, "200 UPDATE");
	hang_up(f);
}


static void a_reinvite_may_be_cancelled(void **state)
{
	struct fixture *f = *state;

	talk_in(f, NULL);
	hold(f);
	sip_call_request(&f->call, "INVITE", NULL, THEIRS);
	sip_loop(is_held, f, "a question to media");
	sip_call_request(&f->call, "CANCEL", NULL, NULL);
	(void)sip_call_await(&f->call, "487 INVITE");
	sip_call_request(&f->call, "ACK", NULL, NULL);
	release(f);
	sip_loop(is_up, f, "the talk goes on");
	assert_int_equal(sip_peer_count(&f->peer, "200 INVITE"), 0);
	hang_up(f);
}


static void a_bye_ends_what_media_works_on(void **state)
{
	struct fixture *f = *state;

	talk_in(f, NULL);
	hold(f);
	sip_call_request(&f->call, "INVITE", NULL, THEIRS);
	sip_loop(is_held, f, "a question to media");
	sip_call_request(&f->call, "BYE", NULL, NULL);
	(void)sip_call_await(&f->call, "200 BYE");
	(void)sip_call_await(&f->call, "487 INVITE");
	release(f);
	media_sync(f);
	assert_int_equal(sip_peer_count(&f->peer, "200 INVITE"), 0);
	expect_over(f, CAUSE_HUNG_UP);
}


static void other_requests_get_their_answers(void **state)
{
	static const struct {
		const char *method, *what;
	} rows[] = {
		{"OPTIONS", "200 OPTIONS"}, {"INFO", "405 INFO"},
		{"REFER", "405 REFER"},     {"PRACK", "405 PRACK"},
		{"MESSAGE", "405 MESSAGE"}, {"invite", "405 invite"},
	};
	struct fixture *f = *state;
	char tag[64];

	talk_in(f, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		sip_call_request(&f->call, rows[i].method, NULL, NULL);
		assert_true(sip_msg_has(sip_call_await(&f->call, rows[i].what),
					"Allow: INVITE"));
	}

	/* a CSeq of the past */
	f->call.cseq -= 3;
	sip_call_request(&f->call, "BYE", NULL, NULL);
	(void)sip_call_await(&f->call, "500 BYE");
	f->call.cseq += 3;

	/* somebody else's dialog */
	memcpy(tag, f->call.ltag, sizeof(tag));
	str_ncpy(f->call.ltag, "stranger", sizeof(f->call.ltag));
	sip_call_request(&f->call, "BYE", NULL, NULL);
	(void)sip_call_await(&f->call, "481 BYE");
	memcpy(f->call.ltag, tag, sizeof(tag));
	assert_true(is_up(f));
	hang_up(f);
}


/* ---- session timers ----------------------------------------------------- */

static void a_peer_that_stops_refreshing_is_lost(void **state)
{
	struct fixture *f = *state;

	clock_get()->speed = FAST;
	talk_in(f, "Supported: timer\r\nSession-Expires: 90\r\n");
	(void)sip_peer_await(&f->peer, "BYE");
	expect_over(f, CAUSE_NETWORK);
}


/* @return our first refresh */
static const struct sip_msg *await_refresh(struct fixture *f,
					   const char *headers,
					   const char *method)
{
	talk_in(f, headers);
	clock_get()->speed = 10 * FAST;
	leg_session_start(f->party.leg, &f->party.leg->timer);

	return sip_peer_await(&f->peer, method);
}


static void we_refresh_by_update_if_we_may(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg;

	msg = await_refresh(f, "Allow: INVITE, UPDATE\r\n", "UPDATE");
	assert_true(sip_msg_has(msg, "Session-Expires: 600;refresher=uac"));
	assert_true(sip_msg_has(msg, "\r\nContent-Length: 0\r\n\r\n"));
	sip_peer_reply(&f->peer, msg, 200, NULL, "Supported: timer\r\n"
		       "Session-Expires: 120;refresher=uac\r\n", NULL);
	msg = sip_peer_await(&f->peer, "UPDATE");
	assert_true(sip_msg_has(msg, "Session-Expires: 120;refresher=uac"));
	assert_true(is_up(f) || f->party.leg->exchange == EXCHANGE_OURS);
}


static void else_by_reinvite(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg;

	msg = await_refresh(f, NULL, "INVITE");
	assert_true(sip_msg_has(msg, "s=ours2\r\n"));
	clock_get()->speed = 1;
	sip_peer_reply(&f->peer, msg, 200, NULL, NULL, THEIRS);
	(void)sip_peer_await(&f->peer, "ACK");
	media_sync(f);
	assert_int_equal(f->media.n[WIRE_LEG_ACCEPT], 1);
	assert_true(is_up(f));
	hang_up(f);
}


/* RFC 3261, 13.2.2.4: an ACK that was lost is sent again */
static void the_ack_of_our_reinvite_is_repeated(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg = await_refresh(f, NULL, "INVITE"), *ack;

	clock_get()->speed = 1;
	for (unsigned i = 0; i < 3; i++) {
		sip_peer_reply(&f->peer, msg, 200, NULL, NULL, THEIRS);
		ack = sip_peer_await(&f->peer, "ACK");
		assert_int_equal(ack->cseq.num, msg->cseq.num);
		assert_int_equal(pl_strcmp(&ack->to.tag, f->call.ltag), 0);
	}
	sip_peer_sync(&f->peer);
	assert_int_equal(sip_peer_count(&f->peer, "BYE"), 0);
	hang_up(f);
}


static void glare_is_met_with_491_and_patience(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg = await_refresh(f, NULL, "INVITE");

	sip_call_request(&f->call, "INVITE", NULL, THEIRS);
	(void)sip_call_await(&f->call, "491 INVITE");
	sip_call_request(&f->call, "ACK", NULL, NULL);
	sip_call_request(&f->call, "UPDATE", NULL, THEIRS);
	(void)sip_call_await(&f->call, "491 UPDATE");

	/* they refuse ours for the same reason: later, not at once */
	clock_reset();
	clock_get()->speed = FAST;
	sip_peer_reply(&f->peer, msg, 491, NULL, NULL, NULL);
	(void)sip_peer_await(&f->peer, "ACK");
	msg = sip_peer_await(&f->peer, "INVITE");
	assert_in_range(clock_get()->starts[0], 2100, 4000);
	clock_get()->speed = 1;
	sip_peer_reply(&f->peer, msg, 200, NULL, NULL, THEIRS);
	(void)sip_peer_await(&f->peer, "ACK");
	hang_up(f);
}


static void a_refused_update_is_tried_as_reinvite(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg;

	msg = await_refresh(f, "Allow: UPDATE\r\n", "UPDATE");
	clock_get()->speed = 1;
	sip_peer_reply(&f->peer, msg, 405, NULL, NULL, NULL);
	msg = sip_peer_await(&f->peer, "INVITE");
	sip_peer_reply(&f->peer, msg, 488, NULL, NULL, NULL);
	(void)sip_peer_await(&f->peer, "ACK");
	sip_peer_sync(&f->peer);
	assert_true(is_up(f)); /* it answers, so it lives */
	hang_up(f);
}


static void a_refresh_into_nowhere_ends_the_call(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg;

	msg = await_refresh(f, "Allow: UPDATE\r\n", "UPDATE");
	sip_peer_reply(&f->peer, msg, 481, NULL, NULL, NULL);
	(void)sip_peer_await(&f->peer, "BYE");
	expect_over(f, CAUSE_NETWORK);
}


/* ---- counsellors' phones ------------------------------------------------ */

static void phone_uri(struct secret_text *uri, const struct fixture *f)
{
	char text[64];
	const int n = re_snprintf(text, sizeof(text), "sip:anna@%J",
				  &f->peer.laddr);

	assert_true(n > 0);
	assert_int_equal(secret_set(uri, text, (size_t)n), 0);
}


/* as NULL: as the line */
static void call_out(struct fixture *f, const struct leg_identity *as)
{
	struct secret_text uri;
	const struct leg_ring ring = {.uri = &uri, .as = as};

	phone_uri(&uri, f);
	assert_int_equal(leg_alloc_out(&f->party.leg, f->legs, &ring, news,
				       &f->party), 0);
}


/* @return the INVITE */
static const struct sip_msg *ring_as(struct fixture *f,
				     const struct leg_identity *as)
{
	const struct sip_msg *msg;

	call_out(f, as);
	msg = sip_peer_await(&f->peer, "INVITE");
	sip_call_of(&f->call, &f->peer, msg, "phone");

	return msg;
}


static const struct sip_msg *ring_out(struct fixture *f)
{
	return ring_as(f, NULL);
}


static const struct sip_msg *talk_out(struct fixture *f, const char *headers)
{
	const struct sip_msg *invite = ring_out(f), *ack;

	sip_peer_reply(&f->peer, invite, 180, "phone", NULL, NULL);
	sip_peer_reply(&f->peer, invite, 200, "phone", headers, THEIRS);
	ack = sip_peer_await(&f->peer, "ACK");
	assert_int_equal(ack->cseq.num, invite->cseq.num);
	assert_int_equal(pl_strcmp(&ack->to.tag, "phone"), 0);
	sip_loop(is_up, f, "the talk");
	assert_int_equal(f->party.n_accepted, 1);

	return invite;
}


static void next_phone(struct fixture *f)
{
	mem_deref(f->party.leg);
	memset(&f->party, 0, sizeof(f->party));
}


static void a_phone_is_rung_and_picked_up(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg = talk_out(f, NULL);

	assert_int_equal(pl_strcmp(&msg->uri.user, "anna"), 0);
	assert_true(sip_msg_has(msg, "\r\n\r\nv=0\r\ns=ours1\r\n"));
	assert_true(sip_msg_has(msg, "From: \"The Line\" <sip:ringback@"));
	assert_true(sip_msg_has(msg, "Session-Expires: 600\r\n"));
	assert_non_null(sip_msg_hdr(msg, SIP_HDR_CONTACT));
	assert_int_equal(f->media.n[WIRE_LEG_ACCEPT], 1);
	assert_int_equal(legs_count(f->legs), 1);
	hang_up(f);
	assert_int_equal(f->party.n_answered, 0);
}


static void ringing_is_no_news(void **state)
{
	static const unsigned codes[] = {100, 180, 183, 199};
	struct fixture *f = *state;
	const struct sip_msg *msg = ring_out(f);

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		sip_peer_reply(&f->peer, msg, codes[i], "phone", NULL,
			       codes[i] == 183 ? THEIRS : NULL);
	media_sync(f);
	assert_int_equal(f->party.n_accepted + f->party.n_over, 0);
	assert_int_equal(f->media.n[WIRE_LEG_ACCEPT], 0);
	assert_int_equal(f->party.leg->state, LEG_INVITING);
}


static void refusals_have_their_causes(void **state)
{
	static const struct {
		unsigned scode;
		enum core_cause cause;
	} rows[] = {
		{300, CAUSE_DEAD},      {302, CAUSE_DEAD},
		{380, CAUSE_DEAD},      {400, CAUSE_NETWORK},
		{403, CAUSE_NETWORK},   {404, CAUSE_DEAD},
		{408, CAUSE_NO_ANSWER}, {410, CAUSE_DEAD},
		{415, CAUSE_NO_CODEC},  {422, CAUSE_NETWORK},
		{480, CAUSE_NO_ANSWER}, {484, CAUSE_DEAD},
		{486, CAUSE_BUSY},      {487, CAUSE_NO_ANSWER},
		{488, CAUSE_NO_CODEC},  {491, CAUSE_NETWORK},
		{500, CAUSE_NETWORK},   {503, CAUSE_NETWORK},
		{600, CAUSE_BUSY},      {603, CAUSE_DECLINED},
		{604, CAUSE_DEAD},      {606, CAUSE_NO_CODEC},
		{699, CAUSE_DECLINED},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		sip_peer_reply(&f->peer, ring_out(f), rows[i].scode, "phone",
			       "Contact: <sip:else@127.0.0.66>\r\n", NULL);
		(void)sip_peer_await(&f->peer, "ACK");
		expect_over(f, rows[i].cause);
		assert_int_equal(sip_peer_count(&f->peer, "INVITE"), 0);
		next_phone(f);
	}
}


static void a_ringing_phone_is_cancelled(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *invite = ring_out(f), *cancel;

	sip_peer_reply(&f->peer, invite, 180, "phone", NULL, NULL);
	sip_peer_sync(&f->peer);
	leg_end(f->party.leg, CAUSE_HUNG_UP);
	leg_end(f->party.leg, CAUSE_BUSY);
	cancel = sip_peer_await(&f->peer, "CANCEL");
	assert_int_equal(cancel->cseq.num, invite->cseq.num);
	sip_peer_reply(&f->peer, cancel, 200, "phone", NULL, NULL);
	sip_peer_reply(&f->peer, invite, 487, "phone", NULL, NULL);
	(void)sip_peer_await(&f->peer, "ACK");
	expect_over(f, CAUSE_HUNG_UP);
}


/* RFC 3261, 9.1: no CANCEL before a provisional answer */
static void a_phone_that_said_nothing_is_cancelled_when_it_does(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *invite = ring_out(f);

	leg_end(f->party.leg, CAUSE_HUNG_UP);
	assert_int_equal(sip_peer_count(&f->peer, "CANCEL"), 0);
	sip_peer_reply(&f->peer, invite, 180, "phone", NULL, NULL);
	(void)sip_peer_await(&f->peer, "CANCEL");
	sip_peer_reply(&f->peer, invite, 487, "phone", NULL, NULL);
	(void)sip_peer_await(&f->peer, "ACK");
	expect_over(f, CAUSE_HUNG_UP);
}


static void a_200_that_crosses_our_cancel_gets_a_bye(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *invite = ring_out(f), *bye;

	sip_peer_reply(&f->peer, invite, 180, "phone", NULL, NULL);
	sip_peer_sync(&f->peer);
	leg_end(f->party.leg, CAUSE_HUNG_UP);
	sip_peer_reply(&f->peer, invite, 200, "phone", NULL, THEIRS);
	(void)sip_peer_await(&f->peer, "CANCEL");
	(void)sip_peer_await(&f->peer, "ACK");
	bye = answer_bye(f);
	assert_int_equal(pl_strcmp(&bye->to.tag, "phone"), 0);
	assert_true(bye->cseq.num > invite->cseq.num);
	expect_over(f, CAUSE_HUNG_UP);
	assert_int_equal(f->party.n_accepted, 0);
}


static void a_repeated_200_is_acked_again(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *invite = talk_out(f, NULL), *ack;

	for (unsigned i = 0; i < 3; i++) {
		sip_peer_reply(&f->peer, invite, 200, "phone", NULL, THEIRS);
		ack = sip_peer_await(&f->peer, "ACK");
		assert_int_equal(pl_strcmp(&ack->to.tag, "phone"), 0);
	}
	assert_int_equal(sip_peer_count(&f->peer, "BYE"), 0);
	assert_int_equal(f->party.n_accepted, 1);
	hang_up(f);

	/* even then, for a while */
	sip_peer_reply(&f->peer, invite, 200, "phone", NULL, THEIRS);
	(void)sip_peer_await(&f->peer, "ACK");
}


static void expect_ack_and_bye(struct fixture *f, const char *tag)
{
	const struct sip_msg *ack = sip_peer_await(&f->peer, "ACK");
	const struct sip_msg *bye = answer_bye(f);

	assert_int_equal(pl_strcmp(&ack->to.tag, tag), 0);
	assert_int_equal(pl_strcmp(&bye->to.tag, tag), 0);
	assert_int_equal(pl_strcmp(&bye->uri.user, tag), 0);
	assert_true(bye->cseq.num > ack->cseq.num);
}


static void a_forked_200_gets_ack_and_bye(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *invite = talk_out(f, NULL);

	sip_peer_reply(&f->peer, invite, 200, "fork", NULL, THEIRS);
	expect_ack_and_bye(f, "fork");
	sip_peer_sync(&f->peer);
	assert_true(is_up(f));
	assert_int_equal(f->party.n_accepted, 1);
	hang_up(f);

	sip_peer_reply(&f->peer, invite, 200, "late", NULL, THEIRS);
	expect_ack_and_bye(f, "late");
}


/* a proxy passes every 2xx on, even after it has said 487; and libre's
 * transaction may be gone by then (over TCP it is at once) */
static void a_late_200_gets_ack_and_bye(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *invite = ring_out(f);
	struct sip_msg late = *invite;
	char via[128];

	sip_peer_reply(&f->peer, invite, 180, "phone", NULL, NULL);
	sip_peer_sync(&f->peer);
	leg_end(f->party.leg, CAUSE_HUNG_UP);
	(void)sip_peer_await(&f->peer, "CANCEL");
	sip_peer_reply(&f->peer, invite, 487, "proxy", NULL, NULL);
	(void)sip_peer_await(&f->peer, "ACK");
	expect_over(f, CAUSE_HUNG_UP);
	f->party.leg = mem_deref(f->party.leg);

	(void)re_snprintf(via, sizeof(via), "SIP/2.0/UDP %J;branch=z9hG4bKx",
			  &f->bench.laddr);
	pl_set_str(&late.via.val, via);
	sip_peer_reply(&f->peer, &late, 200, "late", NULL, THEIRS);
	expect_ack_and_bye(f, "late");
	assert_int_equal(f->party.n_over, 1);
}


static void stray_responses_are_not_answered(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *invite = talk_out(f, NULL);
	struct sip_msg stray = *invite;

	pl_set_str(&stray.callid, "never-heard-of");
	sip_peer_reply(&f->peer, &stray, 200, "phone", NULL, THEIRS);

	stray = *invite;
	pl_set_str(&stray.from.val, "<sip:ringback@127.0.0.1>;tag=other");
	sip_peer_reply(&f->peer, &stray, 200, "phone", NULL, THEIRS);
	sip_peer_reply(&f->peer, invite, 404, "fork", NULL, NULL);
	sip_peer_reply(&f->peer, invite, 180, "fork", NULL, NULL);
	stray = *invite;
	pl_set_str(&stray.cseq.met, "OPTIONS");
	sip_peer_reply(&f->peer, &stray, 200, "phone", NULL, NULL);
	assert_int_equal(sip_peer_count(&f->peer, "ACK"), 0);
	assert_int_equal(sip_peer_count(&f->peer, "BYE"), 0);
	assert_true(is_up(f));
}


static void a_phone_gets_the_session_it_wants(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg = ring_out(f);

	sip_peer_reply(&f->peer, msg, 422, "phone", "Min-SE: 1800\r\n", NULL);
	(void)sip_peer_await(&f->peer, "ACK");
	msg = sip_peer_await(&f->peer, "INVITE");
	assert_true(sip_msg_has(msg, "Session-Expires: 1800\r\n"));
	assert_true(sip_msg_has(msg, "s=ours1\r\n"));
	sip_peer_reply(&f->peer, msg, 422, "phone", "Min-SE: 1800\r\n", NULL);
	(void)sip_peer_await(&f->peer, "ACK");
	expect_over(f, CAUSE_NETWORK);
	assert_int_equal(f->media.n[WIRE_LEG_OFFER], 1);
}


static void a_challenge_without_credentials_ends_it(void **state)
{
	struct fixture *f = *state;

	sip_peer_reply(&f->peer, ring_out(f), 401, "phone", CHALLENGE, NULL);
	(void)sip_peer_await(&f->peer, "ACK");
	expect_over(f, CAUSE_NETWORK);
	assert_int_equal(f->n_asked, 1);
	assert_int_equal(sip_peer_count(&f->peer, "INVITE"), 0);
}


static void a_challenge_is_answered_a_few_times(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg = ring_out(f), *first = msg;
	char header[64];

	f->has_credentials = true;
	for (unsigned i = 1; i <= 3; i++) {
		sip_peer_reply(&f->peer, msg, 401, "phone", CHALLENGE, NULL);
		(void)sip_peer_await(&f->peer, "ACK");
		msg = sip_peer_await(&f->peer, "INVITE");
		(void)re_snprintf(header, sizeof(header),
				  "Authorization: Digest try=%u\r\n", i);
		assert_true(sip_msg_has(msg, header));
		assert_int_equal(msg->cseq.num, first->cseq.num + i);
		assert_int_equal(pl_cmp(&msg->callid, &first->callid), 0);
		assert_int_equal(sip_msg_hdr_count(msg,
						   SIP_HDR_AUTHORIZATION), 1);
	}
	sip_peer_reply(&f->peer, msg, 401, "phone", CHALLENGE, NULL);
	(void)sip_peer_await(&f->peer, "ACK");
	expect_over(f, CAUSE_NETWORK);
	assert_int_equal(sip_peer_count(&f->peer, "INVITE"), 0);
}


static void a_200_without_sound_gets_a_bye(void **state)
{
	struct fixture *f = *state;

	sip_peer_reply(&f->peer, ring_out(f), 200, "phone", NULL, NULL);
	(void)sip_peer_await(&f->peer, "ACK");
	(void)answer_bye(f);
	expect_over(f, CAUSE_BAD_PEER);
	next_phone(f);

	f->media.err = 0;
	sip_peer_reply(&f->peer, ring_out(f), 200, "phone", NULL, THEIRS);
	f->media.err = ENOTSUP;
	(void)sip_peer_await(&f->peer, "ACK");
	(void)answer_bye(f);
	expect_over(f, CAUSE_NO_CODEC);
	assert_int_equal(f->party.n_accepted, 0);
}


static void a_200_without_contact_is_a_failure(void **state)
{
	struct fixture *f = *state;

	sip_peer_reply(&f->peer, ring_out(f), 200, "phone",
		       "No-Contact: 1\r\n", THEIRS);
	expect_over(f, CAUSE_BAD_PEER);
}


static void a_bye_while_media_looks_at_the_answer(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *invite = ring_out(f);

	hold(f);
	sip_peer_reply(&f->peer, invite, 200, "phone", NULL, THEIRS);
	(void)sip_peer_await(&f->peer, "ACK");
	sip_loop(is_held, f, "a question to media");
	sip_call_request(&f->call, "BYE", NULL, NULL);
	(void)sip_call_await(&f->call, "200 BYE");
	release(f);
	media_sync(f);
	expect_over(f, CAUSE_HUNG_UP);
	assert_int_equal(f->party.n_accepted, 0);
}


static void without_media_no_phone_rings(void **state)
{
	struct fixture *f = *state;

	/* and the phone is not blamed for it */
	f->media.err = ENOSPC;
	call_out(f, NULL);
	expect_over(f, CAUSE_HOUSE);
	assert_int_equal(sip_peer_count(&f->peer, "INVITE"), 0);
	next_phone(f);

	/* nor when we think better of it in time */
	f->media.err = 0;
	hold(f);
	call_out(f, NULL);
	sip_loop(is_held, f, "a question to media");
	leg_end(f->party.leg, CAUSE_HUNG_UP);
	release(f);
	media_sync(f);
	expect_over(f, CAUSE_HUNG_UP);
	assert_int_equal(sip_peer_count(&f->peer, "INVITE"), 0);
}


static bool has_header(const struct sip_msg *msg, const char *name,
		       const char *value)
{
	return sip_msg_xhdr_has_value(msg, name, value);
}


static void an_identity_is_shown_in_every_try(void **state)
{
	const struct leg_identity as = {
		.display = "The \"Line\"\r\nX: y",
		.from = "sip:+49301@p.invalid",
		.asserted = "sip:+49301@p.invalid",
	};
	struct fixture *f = *state;
	const struct sip_msg *msg = ring_as(f, &as);

	for (unsigned i = 0; i < 2; i++) {
		assert_true(sip_msg_has(msg, "From: \"The LineX: y\" "
					     "<sip:+49301@p.invalid>;tag="));
		assert_true(has_header(msg, "P-Asserted-Identity",
				       "<sip:+49301@p.invalid>"));
		assert_int_equal(sip_msg_xhdr_count(msg, "Privacy"), 0);
		assert_false(sip_msg_has(msg, "ringback"));
		if (i)
			break;
		sip_peer_reply(&f->peer, msg, 422, "phone",
			       "Min-SE: 1800\r\n", NULL);
		(void)sip_peer_await(&f->peer, "ACK");
		msg = sip_peer_await(&f->peer, "INVITE");
	}
	sip_peer_reply(&f->peer, msg, 486, "phone", NULL, NULL);
	expect_over(f, CAUSE_BUSY);
}


static void a_withheld_identity_is_for_the_peer_alone(void **state)
{
	const struct leg_identity as = {
		.from = "sip:anonymous@anonymous.invalid",
		.asserted = "sip:account@p.invalid",
		.withheld = true,
	};
	struct fixture *f = *state;
	const struct sip_msg *msg = ring_as(f, &as);

	assert_true(sip_msg_has(msg, "From: <sip:anonymous@anonymous.invalid>"
				     ";tag="));
	assert_true(has_header(msg, "P-Asserted-Identity",
			       "<sip:account@p.invalid>"));
	assert_true(has_header(msg, "Privacy", "id"));
	sip_peer_reply(&f->peer, msg, 486, "phone", NULL, NULL);
	expect_over(f, CAUSE_BUSY);
}


static void an_identity_may_be_nobody(void **state)
{
	const struct leg_identity as = {
		.from = "sip:anonymous@anonymous.invalid", .withheld = true};
	struct fixture *f = *state;
	const struct sip_msg *msg = ring_as(f, &as);

	assert_int_equal(sip_msg_xhdr_count(msg, "P-Asserted-Identity"), 0);
	assert_true(has_header(msg, "Privacy", "id"));
	sip_peer_reply(&f->peer, msg, 486, "phone", NULL, NULL);
	expect_over(f, CAUSE_BUSY);
}


static void phones_out_of_reach_are_errors(void **state)
{
	static const char six[] = "sip:anna@[::1]:5060";
	struct fixture *f = *state;
	struct secret_text uri;
	const struct leg_ring ring = {.uri = &uri};
	struct leg *leg = NULL;

	assert_int_equal(secret_set(&uri, six, strlen(six)), 0);
	assert_int_equal(leg_alloc_out(&leg, f->legs, &ring, news, &f->party),
			 EAFNOSUPPORT);
	assert_int_equal(secret_set(&uri, "nonsense", 8), 0);
	assert_int_not_equal(leg_alloc_out(&leg, f->legs, &ring, news,
					   &f->party), 0);
	assert_null(leg);
	assert_int_equal(legs_count(f->legs), 0);
}


static void a_phone_that_refreshes_is_watched(void **state)
{
	struct fixture *f = *state;

	clock_get()->speed = FAST;
	(void)talk_out(f, "Require: timer\r\n"
			  "Session-Expires: 90;refresher=uas\r\n");
	(void)sip_peer_await(&f->peer, "BYE");
	expect_over(f, CAUSE_NETWORK);
}


/* ---- its media process died ---------------------------------------------- */

static bool has_moved(void *arg)
{
	const struct fixture *f = arg;

	return f->party.n_moved > 0;
}


/* our re-INVITE; the peer takes it */
static void told(struct fixture *f)
{
	const struct sip_msg *msg = sip_peer_await(&f->peer, "INVITE");

	assert_true(sip_msg_has(msg, "s=ours"));
	assert_true(leg_is_moving(f->party.leg));
	sip_peer_reply(&f->peer, msg, 200, NULL, NULL, THEIRS);
	(void)sip_peer_await(&f->peer, "ACK");
}


static void a_talk_is_told_of_its_new_sound(void **state)
{
	struct fixture *f = *state;
	uint64_t before;

	talk_in(f, NULL);
	before = leg_sound(f->party.leg);
	leg_move(f->party.leg, 0);
	assert_int_not_equal(leg_sound(f->party.leg), before);
	assert_int_equal(f->party.n_moved, 0);
	told(f);
	sip_loop(has_moved, f, "the new sound");
	assert_false(leg_is_moving(f->party.leg));
	assert_false(leg_is_moving(NULL));
	assert_int_equal(f->media.n[WIRE_LEG_OFFER], 1);
	assert_int_equal(f->media.n[WIRE_LEG_ACCEPT], 1);
	hang_up(f);
	assert_int_equal(f->party.n_moved, 1);
}


static void a_peer_that_does_not_want_it_is_let_go(void **state)
{
	struct fixture *f = *state;

	talk_in(f, NULL);
	leg_move(f->party.leg, 0);
	sip_peer_reply(&f->peer, sip_peer_await(&f->peer, "INVITE"), 488, NULL,
		       NULL, NULL);
	(void)answer_bye(f);
	expect_over(f, CAUSE_RESTART);
	assert_int_equal(f->party.n_moved, 0);
}


static void so_is_one_that_knows_of_no_talk(void **state)
{
	struct fixture *f = *state;

	talk_in(f, NULL);
	leg_move(f->party.leg, 0);
	sip_peer_reply(&f->peer, sip_peer_await(&f->peer, "INVITE"), 481, NULL,
		       NULL, NULL);
	expect_over(f, CAUSE_RESTART);
}


static void so_is_one_that_says_nothing(void **state)
{
	struct fixture *f = *state;

	talk_in(f, NULL);
	leg_move(f->party.leg, 0);
	clock_get()->speed = 100;
	(void)sip_peer_await(&f->peer, "INVITE");
	(void)answer_bye(f);
	expect_over(f, CAUSE_RESTART);
}


static void so_is_one_that_there_is_no_sound_for(void **state)
{
	struct fixture *f = *state;

	talk_in(f, NULL);
	f->media.err = ENOSPC;
	clock_get()->speed = 100;
	leg_move(f->party.leg, 0);
	(void)answer_bye(f);
	expect_over(f, CAUSE_RESTART);
	assert_true(f->media.n[WIRE_LEG_OFFER] > 5);
}


static void one_that_has_a_question_of_its_own_is_waited_for(void **state)
{
	static const unsigned codes[] = {491, 500};
	struct fixture *f = *state;

	talk_in(f, NULL);
	leg_move(f->party.leg, 0);
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		const struct sip_msg *msg =
			sip_peer_await(&f->peer, "INVITE");

		clock_get()->speed = FAST;
		sip_peer_reply(&f->peer, msg, codes[i], NULL, NULL, NULL);
		(void)sip_peer_await(&f->peer, "ACK");
	}
	clock_get()->speed = 1;
	told(f);
	sip_loop(has_moved, f, "the new sound");
	hang_up(f);
}


/* the answer is to an offer that means nothing any more */
static void moved_again_before_the_answer(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg;

	talk_in(f, NULL);
	leg_move(f->party.leg, 0);
	msg = sip_peer_await(&f->peer, "INVITE");
	leg_move(f->party.leg, 0);
	sip_peer_reply(&f->peer, msg, 200, NULL, NULL, THEIRS);
	(void)sip_peer_await(&f->peer, "ACK");
	told(f);
	sip_loop(has_moved, f, "the new sound");
	assert_int_equal(f->media.n[WIRE_LEG_ACCEPT], 1);
	hang_up(f);
	assert_int_equal(f->party.n_moved, 1);
}


static void nobody_is_asked_before_the_ack(void **state)
{
	struct fixture *f = *state;

	(void)answer_in(f, NULL);
	leg_move(f->party.leg, 0);
	assert_int_equal(sip_peer_count(&f->peer, "INVITE"), 0);
	sip_call_request(&f->call, "ACK", NULL, NULL);
	told(f);
	sip_loop(has_moved, f, "the new sound");
	hang_up(f);
}


/* what media was asked before it died is asked of the other one */
static void a_caller_is_answered_by_the_other_one(void **state)
{
	struct fixture *f = *state;

	hold(f);
	ring_in(f, NULL, THEIRS);
	leg_answer(f->party.leg);
	sip_loop(is_held, f, "a question to media");
	f->media.held.id = 0;
	leg_move(f->party.leg, 0);
	release(f);
	assert_int_equal(f->media.held_leg, leg_sound(f->party.leg));
	(void)sip_call_await(&f->call, "200 INVITE");
	sip_call_request(&f->call, "ACK", NULL, NULL);
	sip_loop(is_up, f, "the talk");
	assert_false(leg_is_moving(f->party.leg));
	hang_up(f);
}


static void a_phone_is_rung_with_the_other_one(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *msg;

	hold(f);
	call_out(f, NULL);
	sip_loop(is_held, f, "a question to media");
	f->media.held.id = 0;
	leg_move(f->party.leg, 0);
	release(f);
	assert_int_equal(f->media.held_leg, leg_sound(f->party.leg));
	msg = sip_peer_await(&f->peer, "INVITE");
	sip_call_of(&f->call, &f->peer, msg, "phone");
	sip_peer_reply(&f->peer, msg, 200, "phone", NULL, THEIRS);
	(void)sip_peer_await(&f->peer, "ACK");
	sip_loop(is_up, f, "the talk");
	hang_up(f);
}


static void a_phone_that_rings_is_told_once_it_is_picked_up(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *invite = ring_out(f);

	leg_move(f->party.leg, 0);
	assert_int_equal(sip_peer_count(&f->peer, "INVITE"), 0);
	assert_int_equal(sip_peer_count(&f->peer, "CANCEL"), 0);
	sip_peer_reply(&f->peer, invite, 200, "phone", NULL, THEIRS);
	(void)sip_peer_await(&f->peer, "ACK");
	assert_int_equal(f->party.n_accepted, 0);
	told(f);
	sip_loop(is_up, f, "the talk");
	assert_int_equal(f->party.n_accepted, 1);
	assert_int_equal(f->party.n_moved, 0);
	assert_int_equal(f->media.n[WIRE_LEG_ACCEPT], 1);
	hang_up(f);
}


/* theirs is refused, and ours comes */
static void while_media_works_on_their_offer(void **state)
{
	struct fixture *f = *state;

	talk_in(f, NULL);
	hold(f);
	sip_call_request(&f->call, "INVITE", NULL, THEIRS);
	sip_loop(is_held, f, "a question to media");
	f->media.hold = false;
	f->media.held.id = 0;
	leg_move(f->party.leg, 0);
	(void)sip_call_await(&f->call, "488 INVITE");
	sip_call_request(&f->call, "ACK", NULL, NULL);
	told(f);
	sip_loop(has_moved, f, "the new sound");
	hang_up(f);
}


static void who_hangs_up_meanwhile_is_gone(void **state)
{
	struct fixture *f = *state;

	talk_in(f, NULL);
	leg_move(f->party.leg, 0);
	(void)sip_peer_await(&f->peer, "INVITE");
	hang_up(f);
	leg_move(f->party.leg, 0);
	assert_false(leg_is_moving(f->party.leg));
	assert_int_equal(f->party.n_moved, 0);
}


/* ---- memory ------------------------------------------------------------- */

static int in_oom(void *arg)
{
	const struct session_timer timer = {SESSION_S, true, false};
	struct fixture *f = arg;
	struct leg *leg = NULL;
	const int err = leg_alloc_in(&leg, f->legs, f->kept, &timer, news,
				     &f->party);

	assert_int_equal(!err, leg != NULL);
	mem_deref(leg);

	return err;
}


static int out_oom(void *arg)
{
	struct fixture *f = arg;
	const struct leg_identity as = {.display = "R", .from = "sip:r@h",
					.asserted = "sip:r@h",
					.withheld = true};
	struct secret_text uri;
	const struct leg_ring ring = {.uri = &uri, .as = &as};
	struct leg *leg = NULL;
	int err;

	phone_uri(&uri, f);
	err = leg_alloc_out(&leg, f->legs, &ring, news, &f->party);
	assert_int_equal(!err, leg != NULL);
	leg_end(leg, CAUSE_HUNG_UP);
	mem_deref(leg);

	return err;
}


static void no_memory_is_no_leg(void **state)
{
	struct fixture *f = *state;

	f->keep = true;
	sip_call_request(&f->call, "INVITE", NULL, THEIRS);
	sip_peer_sync(&f->peer);
	assert_non_null(f->kept);
	assert_true(oom_loop(in_oom, f) > 0);
	assert_true(oom_loop(out_oom, f) > 0);
}


#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_moves_or_changes_nothing),
		cmocka_unit_test(every_state_can_be_reached),
		cmocka_unit_test(every_state_ends_when_we_want),
		cmocka_unit_test(every_wait_for_the_peer_ends_without_it),
		cmocka_unit_test(gone_is_the_end),

		CASE(a_caller_is_answered_and_hangs_up),
		CASE(nothing_but_100_before_the_answer),
		CASE(a_caller_that_cancels_is_let_go),
		CASE(a_caller_may_cancel_while_media_thinks),
		CASE(causes_have_their_codes),
		CASE(what_media_cannot_answer_is_refused),
		CASE(an_offerless_call_is_offered_sound),
		CASE(an_ack_that_owes_an_answer_ends_the_call),
		CASE(an_answer_that_media_refuses_ends_the_call),
		CASE(a_bye_may_come_before_the_ack),
		CASE(our_bye_waits_for_the_ack),
		CASE(a_caller_that_never_acks_is_lost),
		CASE(so_is_one_that_we_wanted_to_leave),
		CASE(our_bye_is_over_with_any_answer),
		CASE(byes_may_cross),

		CASE(a_reinvite_is_answered),
		CASE(a_new_address_of_the_peer_is_used),
		CASE(a_reinvite_that_cannot_be_met_changes_nothing),
		CASE(an_update_is_answered),
		CASE(one_offer_at_a_time),
		CASE(a_reinvite_may_be_cancelled),
		CASE(a_bye_ends_what_media_works_on),
		CASE(other_requests_get_their_answers),

		CASE(a_peer_that_stops_refreshing_is_lost),
		CASE(we_refresh_by_update_if_we_may),
		CASE(else_by_reinvite),
		CASE(the_ack_of_our_reinvite_is_repeated),
		CASE(glare_is_met_with_491_and_patience),
		CASE(a_refused_update_is_tried_as_reinvite),
		CASE(a_refresh_into_nowhere_ends_the_call),

		CASE(a_phone_is_rung_and_picked_up),
		CASE(ringing_is_no_news),
		CASE(refusals_have_their_causes),
		CASE(a_ringing_phone_is_cancelled),
		CASE(a_phone_that_said_nothing_is_cancelled_when_it_does),
		CASE(a_200_that_crosses_our_cancel_gets_a_bye),
		CASE(a_repeated_200_is_acked_again),
		CASE(a_forked_200_gets_ack_and_bye),
		CASE(a_late_200_gets_ack_and_bye),
		CASE(stray_responses_are_not_answered),
		CASE(a_phone_gets_the_session_it_wants),
		CASE(a_challenge_without_credentials_ends_it),
		CASE(a_challenge_is_answered_a_few_times),
		CASE(a_200_without_sound_gets_a_bye),
		CASE(a_200_without_contact_is_a_failure),
		CASE(a_bye_while_media_looks_at_the_answer),
		CASE(without_media_no_phone_rings),
		CASE(an_identity_is_shown_in_every_try),
		CASE(a_withheld_identity_is_for_the_peer_alone),
		CASE(an_identity_may_be_nobody),
		CASE(phones_out_of_reach_are_errors),
		CASE(a_phone_that_refreshes_is_watched),
		CASE(a_talk_is_told_of_its_new_sound),
		CASE(a_peer_that_does_not_want_it_is_let_go),
		CASE(so_is_one_that_knows_of_no_talk),
		CASE(so_is_one_that_says_nothing),
		CASE(so_is_one_that_there_is_no_sound_for),
		CASE(one_that_has_a_question_of_its_own_is_waited_for),
		CASE(moved_again_before_the_answer),
		CASE(nobody_is_asked_before_the_ack),
		CASE(a_caller_is_answered_by_the_other_one),
		CASE(a_phone_is_rung_with_the_other_one),
		CASE(a_phone_that_rings_is_told_once_it_is_picked_up),
		CASE(while_media_works_on_their_offer),
		CASE(who_hangs_up_meanwhile_is_gone),

		CASE(no_memory_is_no_leg),
	};
	int err;

	if (sodium_init() < 0 || libre_init())
		return 1;
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
