/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * leg_restore.c  Tests of dialogs that outlive the process: the stack, the legs
 * and all they knew are freed, and others go on with what media holds.
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
#include "sip_peer.h"
#include "tmpdir.h"


enum { SESSION_S = 600, FAST = 500 };

#define THEIRS "v=0\r\ns=theirs\r\n"

struct fixture {
	struct sip_bench bench;
	struct sip_peer peer;
	struct sip_call call;
	char dir[TMPDIR_SIZE];
	char path[TMPDIR_SIZE + 16];
	struct wire_server *media;
	uint8_t blob[LIMIT_KEPT]; /* the last checkpoint */
	size_t n_blob;
	unsigned n_asked[WIRE_TYPES];
	unsigned n_closed; /* before something happened */
	struct sound *sound;
	struct legs *legs;
	struct leg *leg;
	uint64_t number; /* of the leg that there was before */
	unsigned n_answered, n_accepted, n_over, n_strangers;
	enum core_cause cause;
};


/* ---- its surroundings ---------------------------------------------------- */

static void media_asked(struct wire_conn *conn, const struct wire_msg *msg,
			void *arg)
{
	static const char sdp[] = "v=0\r\ns=ours\r\n";
	struct wire_leg_sdp payload = {0};
	struct fixture *f = arg;

	++f->n_asked[msg->type];
	if (msg->type == WIRE_LEG_KEEP) {
		memcpy(f->blob, msg->blob, msg->n_blob);
		f->n_blob = msg->n_blob;
	}
	if (msg->type == WIRE_LEG_CLOSE)
		f->n_blob = 0;
	if (msg->type == WIRE_LEG_OFFER || msg->type == WIRE_LEG_ANSWER ||
	    msg->type == WIRE_LEG_ACCEPT) {
		memcpy(&payload.leg, msg->payload, sizeof(payload.leg));
		(void)wire_reply(conn, msg, WIRE_LEG_SDP, &payload, sdp,
				 sizeof(sdp) - 1);
	}
	else {
		(void)wire_reply_done(conn, msg);
	}
}


static void news(struct leg *leg, enum leg_news what, enum core_cause cause,
		 void *arg)
{
	struct fixture *f = arg;
	(void)leg;

	f->n_answered += what == LEG_ANSWERED;
	f->n_accepted += what == LEG_ACCEPTED;
	if (what == LEG_OVER) {
		++f->n_over;
		f->cause = cause;
	}
}


static const struct kept_owner owner = {
	.role = KEPT_CALLER, .call = 17, .person = 3,
};


/* reception.c in short */
static void request(const struct sip_msg *msg, void *arg)
{
	struct fixture *f = arg;
	struct session_timer timer;

	if (pl_isset(&msg->to.tag)) {
		if (!legs_request(f->legs, msg)) {
			++f->n_strangers;
			(void)sip_reply(f->bench.sip, msg, 481, "No");
		}
	}
	else if (!pl_strcmp(&msg->met, "INVITE") &&
		 !legs_repeated(f->legs, msg) &&
		 terms_fit(f->bench.sip, msg, SESSION_S, &timer)) {
		assert_null(f->leg);
		assert_int_equal(leg_alloc_in(&f->leg, f->legs, msg, &timer,
					      news, f), 0);
		leg_owner_set(f->leg, &owner);
		leg_answer(f->leg);
	}
}


static void response(const struct sip_msg *msg, void *arg)
{
	struct fixture *f = arg;

	legs_response(f->legs, msg);
}


static bool has_media(void *arg)
{
	const struct fixture *f = arg;

	return sound_is_up(f->sound);
}


static void line_open(struct fixture *f)
{
	struct legs_config c = {
		.session_s = SESSION_S,
		.n_laddrs = 1,
		.display = "Line",
	};

	sip_bench_open(&f->bench, request, response, f);
	f->peer.to = f->bench.laddr;
	c.sip = f->bench.sip;
	c.laddrs = &f->bench.laddr;
	assert_int_equal(sound_alloc(&f->sound, f->path, NULL, NULL), 0);
	c.sound = f->sound;
	sip_loop(has_media, f, "media");
	assert_int_equal(legs_alloc(&f->legs, &c), 0);
}


static void line_end(struct fixture *f)
{
	f->leg = mem_deref(f->leg);
	f->legs = mem_deref(f->legs);
	f->sound = mem_deref(f->sound);
	sip_bench_close(&f->bench);
}


static int begin(void **state)
{
	struct fixture *f = mem_zalloc(sizeof(*f), NULL);

	assert_non_null(f);
	clock_reset();
	tmpdir_make(f->dir, "leg-restore");
	(void)re_snprintf(f->path, sizeof(f->path), "%s/media.sock", f->dir);
	assert_int_equal(wire_listen(&f->media, f->path, WIRE_MEDIA, WIRE_LINE,
				     media_asked, NULL, f), 0);
	line_open(f);
	sip_peer_open(&f->peer, "127.0.0.1", &f->bench.laddr);
	sip_call_begin(&f->call, &f->peer);
	*state = f;

	return 0;
}


static int end(void **state)
{
	struct fixture *f = *state;

	line_end(f);
	mem_deref(f->media);
	sip_peer_close(&f->peer);
	tmpdir_remove(f->dir);
	mem_deref(f);
	clock_reset();

	return 0;
}


/* ---- what happens -------------------------------------------------------- */

static bool is_up(void *arg)
{
	const struct fixture *f = arg;

	return f->leg && f->leg->state == LEG_UP &&
	       f->leg->exchange == EXCHANGE_NONE;
}


static bool is_over(void *arg)
{
	const struct fixture *f = arg;

	return f->n_over > 0;
}


static bool nothing_left(void *arg)
{
	const struct fixture *f = arg;

	return legs_count(f->legs) == 0;
}


static bool is_kept(void *arg)
{
	const struct fixture *f = arg;

	return f->n_blob > 0;
}


static bool is_closed(void *arg)
{
	const struct fixture *f = arg;

	return f->n_asked[WIRE_LEG_CLOSE] > f->n_closed;
}


/* whatever was said to media has come */
static void media_sync(struct fixture *f)
{
	for (unsigned i = 0; i < 3; i++)
		sip_peer_sync(&f->peer);
}


/* Nothing is left of this life but what media holds. */
static struct kept dies(struct fixture *f, enum kept_stage stage)
{
	struct kept k;

	media_sync(f);
	sip_loop(is_kept, f, "a checkpoint");
	f->number = leg_sound(f->leg);
	line_end(f);
	f->n_answered = f->n_accepted = 0;
	assert_int_equal(kept_decode(&k, f->blob, f->n_blob), 0);
	assert_int_equal(k.dialog.stage, stage);
	line_open(f);

	return k;
}


static void dies_and_goes_on(struct fixture *f, enum kept_stage stage)
{
	const struct kept k = dies(f, stage);

	assert_int_equal(k.owner.role, KEPT_CALLER);
	assert_int_equal(k.owner.call, 17);
	assert_int_equal(k.owner.person, 3);
	assert_int_equal(leg_restore(&f->leg, f->legs, f->number, &k,
				     news, f), 0);
	assert_int_equal(legs_count(f->legs), 1);
}


static void caller_talks(struct fixture *f, const char *headers)
{
	sip_call_request(&f->call, "INVITE", headers, THEIRS);
	(void)sip_call_await(&f->call, "200 INVITE");
	sip_call_request(&f->call, "ACK", NULL, NULL);
	sip_loop(is_up, f, "the talk");
}


static void rings(struct fixture *f, bool pinned)
{
	struct secret_text uri = {""};
	const struct leg_ring ring = {.uri = &uri, .pinned = pinned};

	(void)re_snprintf(uri.hidden, sizeof(uri.hidden), "sip:ana@%J",
			  &f->peer.laddr);
	assert_int_equal(leg_alloc_out(&f->leg, f->legs, &ring, news, f), 0);
	leg_owner_set(f->leg, &owner);
}


static const struct sip_msg *phone_talks(struct fixture *f,
					 const char *headers, bool pinned)
{
	const struct sip_msg *invite;

	rings(f, pinned);
	invite = sip_peer_await(&f->peer, "INVITE");
	sip_call_of(&f->call, &f->peer, invite, "phone");
	sip_peer_reply(&f->peer, invite, 200, "phone", headers, THEIRS);
	(void)sip_peer_await(&f->peer, "ACK");
	sip_loop(is_up, f, "the talk");

	return invite;
}


static void they_hang_up(struct fixture *f)
{
	sip_call_request(&f->call, "BYE", NULL, NULL);
	(void)sip_call_await(&f->call, "200 BYE");
	sip_loop(is_over, f, "the end");
	assert_int_equal(f->n_over, 1);
	assert_int_equal(f->cause, CAUSE_HUNG_UP);
	assert_int_equal(f->n_answered + f->n_accepted, 0);
	media_sync(f);
	assert_true(f->n_asked[WIRE_LEG_CLOSE] > 0);
}


/* @return our BYE */
static const struct sip_msg *we_hang_up(struct fixture *f)
{
	const struct sip_msg *bye;

	leg_end(f->leg, CAUSE_HUNG_UP);
	bye = sip_peer_await(&f->peer, "BYE");
	sip_peer_reply(&f->peer, bye, 200, NULL, NULL, NULL);
	sip_loop(is_over, f, "the end");
	assert_int_equal(pl_strcmp(&bye->callid, f->call.callid), 0);
	assert_int_equal(pl_strcmp(&bye->from.tag, f->call.rtag), 0);
	assert_int_equal(pl_strcmp(&bye->to.tag, f->call.ltag), 0);

	return bye;
}


/* ---- callers -------------------------------------------------------------- */

static void the_caller_hangs_up(void **state)
{
	struct fixture *f = *state;

	caller_talks(f, NULL);
	dies_and_goes_on(f, KEPT_UP);
	they_hang_up(f);
}


static void we_hang_up_on_the_caller(void **state)
{
	struct fixture *f = *state;

	caller_talks(f, NULL);
	dies_and_goes_on(f, KEPT_UP);
	(void)we_hang_up(f);
}


static void a_wrong_tag_is_nobodys(void **state)
{
	struct fixture *f = *state;

	caller_talks(f, NULL);
	dies_and_goes_on(f, KEPT_UP);
	f->call.rtag[0] = f->call.rtag[0] == '0' ? '1' : '0';
	sip_call_request(&f->call, "BYE", NULL, NULL);
	(void)sip_call_await(&f->call, "481 BYE");
	assert_int_equal(f->n_strangers, 1);
	assert_int_equal(f->leg->state, LEG_UP);
}


/* our 200 was on its way: it goes on being repeated until it is ACKed */
static void the_200_goes_on(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *before, *after;

	sip_call_request(&f->call, "INVITE", NULL, THEIRS);
	before = sip_call_await(&f->call, "200 INVITE");
	clock_get()->speed = FAST;
	dies_and_goes_on(f, KEPT_ANSWERED);
	for (int i = 0; i < 3; i++) {
		after = sip_peer_await(&f->peer, "200 INVITE");
		assert_int_equal(pl_cmp(&after->to.tag, &before->to.tag), 0);
		assert_int_equal(pl_cmp(&after->via.val, &before->via.val),
				 0);
		assert_true(sip_msg_has(after, "\r\n\r\nv=0\r\ns=ours\r\n"));
	}
	clock_get()->speed = 1;
	sip_call_request(&f->call, "ACK", NULL, NULL);
	sip_loop(is_up, f, "the talk");
	they_hang_up(f);
}


static void it_asks_again_and_is_told_again(void **state)
{
	struct fixture *f = *state;
	unsigned n;

	f->call.cseq = 200;
	sip_call_request(&f->call, "INVITE", NULL, THEIRS);
	(void)sip_call_await(&f->call, "200 INVITE");
	dies_and_goes_on(f, KEPT_ANSWERED);
	(void)sip_call_await(&f->call, "200 INVITE");
	n = sip_peer_count(&f->peer, "200 INVITE");

	/* the same request once more */
	f->call.cseq--;
	str_ncpy(f->call.rtag, "", sizeof(f->call.rtag));
	sip_call_request(&f->call, "INVITE", NULL, THEIRS);
	(void)sip_call_await(&f->call, "200 INVITE");
	sip_call_request(&f->call, "ACK", NULL, NULL);
	sip_loop(is_up, f, "the talk");
	assert_int_equal(n, 0);

	/* and again when all is said: nothing, and no other call */
	f->call.cseq--;
	str_ncpy(f->call.rtag, "", sizeof(f->call.rtag));
	sip_call_request(&f->call, "INVITE", NULL, THEIRS);
	assert_int_equal(sip_peer_count(&f->peer, "200 INVITE"), 0);
	assert_int_equal(legs_count(f->legs), 1);
}


static void they_change_what_was_agreed(void **state)
{
	struct fixture *f = *state;

	caller_talks(f, NULL);
	dies_and_goes_on(f, KEPT_UP);
	sip_call_request(&f->call, "INVITE", NULL, THEIRS);
	(void)sip_call_await(&f->call, "200 INVITE");
	sip_call_request(&f->call, "ACK", NULL, NULL);
	sip_loop(is_up, f, "the exchange is over");

	/* that number is known, and no number is known twice */
	dies_and_goes_on(f, KEPT_UP);
	f->call.cseq -= 5;
	sip_call_request(&f->call, "UPDATE", NULL, NULL);
	(void)sip_call_await(&f->call, "500 UPDATE");
}


static void they_are_elsewhere_now(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *bye;
	char contact[96];

	caller_talks(f, NULL);
	(void)re_snprintf(contact, sizeof(contact),
			  "Contact: <sip:moved@%J>\r\n", &f->peer.laddr);
	sip_call_request(&f->call, "UPDATE", contact, NULL);
	(void)sip_call_await(&f->call, "200 UPDATE");
	dies_and_goes_on(f, KEPT_UP);
	bye = we_hang_up(f);
	assert_int_equal(pl_strcmp(&bye->uri.user, "moved"), 0);
}


/* half of the time is over already, and stays so */
static void the_session_timer_goes_on(void **state)
{
	struct fixture *f = *state;

	caller_talks(f, NULL);
	assert_true(f->leg->timer.we_refresh);
	media_sync(f);
	dies_and_goes_on(f, KEPT_UP);
	assert_in_range(tmr_get_expire(&f->leg->tmr_session),
			SESSION_S * 500 - 20000, SESSION_S * 500);
	assert_true(f->leg->timer.we_refresh);

	clock_get()->ahead_ms = SESSION_S * 1000;
	dies_and_goes_on(f, KEPT_UP);
	(void)sip_peer_await(&f->peer, "INVITE"); /* overdue */
}


/* ---- telephones ----------------------------------------------------------- */

static void the_phone_hangs_up(void **state)
{
	struct fixture *f = *state;

	(void)phone_talks(f, NULL, false);
	dies_and_goes_on(f, KEPT_UP);
	they_hang_up(f);
}


static void we_hang_up_on_the_phone(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *invite = phone_talks(f, NULL, false);
	const uint32_t cseq = invite->cseq.num;

	dies_and_goes_on(f, KEPT_UP);
	assert_true(we_hang_up(f)->cseq.num > cseq);
}


/* life after life: the numbers only grow */
static void cseq_is_never_lower(void **state)
{
	struct fixture *f = *state;
	uint32_t last = phone_talks(f, NULL, false)->cseq.num;

	for (int i = 0; i < 8; i++) {
		dies_and_goes_on(f, KEPT_UP);
		assert_true(sip_dialog_lseq(f->leg->dlg) > last);
		last = sip_dialog_lseq(f->leg->dlg) - 1;
	}
	assert_true(we_hang_up(f)->cseq.num > last);
}


static void the_way_is_the_same(void **state)
{
	struct fixture *f = *state;
	const struct sip_hdr *first;
	const struct sip_msg *bye;
	char routes[256], *p = routes;
	char want[64];

	/* back by the way it came: the last one stands next to us */
	(void)re_snprintf(routes, sizeof(routes),
			  "Record-Route: <sip:far.invalid;lr>\r\n"
			  "Record-Route: <sip:%J;lr>\r\n", &f->peer.laddr);
	(void)re_snprintf(want, sizeof(want), "<sip:%J;lr>", &f->peer.laddr);
	(void)phone_talks(f, p, false);
	dies_and_goes_on(f, KEPT_UP);
	bye = we_hang_up(f);
	assert_int_equal(sip_msg_hdr_count(bye, SIP_HDR_ROUTE), 2);
	first = sip_msg_hdr(bye, SIP_HDR_ROUTE);
	assert_int_equal(pl_strcmp(&first->val, want), 0);
}


static void who_is_pinned_stays_so(void **state)
{
	struct fixture *f = *state;
	char contact[96];

	(void)phone_talks(f, "Contact: <sip:ana@192.0.2.1>\r\n", true);
	dies_and_goes_on(f, KEPT_UP);
	(void)re_snprintf(contact, sizeof(contact),
			  "Contact: <sip:ana@192.0.2.2>\r\n");
	sip_call_request(&f->call, "UPDATE", contact, NULL);
	(void)sip_call_await(&f->call, "200 UPDATE");
	assert_int_equal(pl_strcmp(&we_hang_up(f)->uri.user, "ana"), 0);
}


/* ---- what only rang ------------------------------------------------------- */

static void same_transaction(const struct sip_msg *a, const struct sip_msg *b)
{
	assert_int_equal(pl_cmp(&a->via.val, &b->via.val), 0);
	assert_int_equal(pl_cmp(&a->ruri, &b->ruri), 0);
	assert_int_equal(pl_cmp(&a->callid, &b->callid), 0);
	assert_int_equal(pl_cmp(&a->from.val, &b->from.val), 0);
	assert_int_equal(a->cseq.num, b->cseq.num);
}


static const struct sip_msg *dies_while_it_rings(struct fixture *f)
{
	const struct sip_msg *invite;
	struct kept k;

	rings(f, false);
	invite = sip_peer_await(&f->peer, "INVITE");
	k = dies(f, KEPT_RINGING);
	assert_false(kept_is_talk(&k.dialog));
	assert_int_equal(leg_restore(&f->leg, f->legs, f->number, &k,
				     news, f),
			 EBADMSG);
	leg_dismiss(f->legs, f->number, &k);

	return invite;
}


static void a_ring_is_taken_back(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *invite = dies_while_it_rings(f);
	const struct sip_msg *cancel, *ack;

	cancel = sip_peer_await(&f->peer, "CANCEL");
	same_transaction(cancel, invite);
	/* should we die again: it has heard of nothing yet */
	media_sync(f);
	f->n_closed = f->n_asked[WIRE_LEG_CLOSE];
	assert_int_equal(pl_cmp(&cancel->to.val, &invite->to.val), 0);
	sip_peer_reply(&f->peer, cancel, 200, "phone", NULL, NULL);
	sip_peer_reply(&f->peer, invite, 487, "phone", NULL, NULL);
	ack = sip_peer_await(&f->peer, "ACK");
	same_transaction(ack, invite);
	assert_int_equal(pl_strcmp(&ack->to.tag, "phone"), 0);
	sip_loop(is_closed, f, "that nobody needs it any more");

	/* it did not hear that */
	sip_peer_reply(&f->peer, invite, 487, "phone", NULL, NULL);
	(void)sip_peer_await(&f->peer, "ACK");
	assert_int_equal(sip_peer_count(&f->peer, "BYE"), 0);
	assert_int_equal(sip_peer_count(&f->peer, "INVITE"), 0);
}


static void cancel_is_repeated(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *cancel;
	unsigned n;

	clock_get()->speed = FAST;
	(void)dies_while_it_rings(f);
	for (int i = 0; i < 4; i++)
		cancel = sip_peer_await(&f->peer, "CANCEL");
	sip_peer_reply(&f->peer, cancel, 200, "phone", NULL, NULL);
	media_sync(f);
	n = sip_peer_count(&f->peer, "CANCEL");
	for (int i = 0; i < 10; i++)
		media_sync(f);
	assert_int_equal(sip_peer_count(&f->peer, "CANCEL"), n);
}


/* we had given it up already, and were not heard: it rings on until we are */
static void a_cancel_goes_on(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *invite;
	struct kept k;

	rings(f, false);
	invite = sip_peer_await(&f->peer, "INVITE");
	media_sync(f);
	leg_end(f->leg, CAUSE_NO_ANSWER);
	assert_int_equal(f->leg->state, LEG_CANCELLING);
	k = dies(f, KEPT_RINGING);
	leg_dismiss(f->legs, f->number, &k);
	same_transaction(sip_peer_await(&f->peer, "CANCEL"), invite);
}


static void it_was_picked_up_in_the_same_moment(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *invite = dies_while_it_rings(f), *msg;
	const uint32_t cseq = invite->cseq.num;

	(void)sip_peer_await(&f->peer, "CANCEL");
	sip_peer_reply(&f->peer, invite, 200, "phone", NULL, THEIRS);
	msg = sip_peer_await(&f->peer, "ACK");
	assert_int_equal(msg->cseq.num, cseq);
	assert_int_equal(pl_strcmp(&msg->to.tag, "phone"), 0);
	msg = sip_peer_await(&f->peer, "BYE");
	assert_true(msg->cseq.num > cseq);
	assert_int_equal(pl_strcmp(&msg->to.tag, "phone"), 0);
	assert_int_equal(pl_cmp(&msg->from.tag, &invite->from.tag), 0);
	sip_peer_reply(&f->peer, msg, 200, NULL, NULL, NULL);

	/* it did not hear that: ACK again, and nothing else */
	sip_peer_reply(&f->peer, invite, 200, "phone", NULL, THEIRS);
	(void)sip_peer_await(&f->peer, "ACK");
	assert_int_equal(sip_peer_count(&f->peer, "BYE"), 0);

	/* another telephone of theirs did so, too */
	sip_peer_reply(&f->peer, invite, 200, "other", NULL, THEIRS);
	(void)sip_peer_await(&f->peer, "ACK");
	msg = sip_peer_await(&f->peer, "BYE");
	assert_int_equal(pl_strcmp(&msg->to.tag, "other"), 0);
	sip_peer_reply(&f->peer, msg, 200, NULL, NULL, NULL);
}


static void nobody_goes_on_with_it(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *bye;
	struct kept k;

	caller_talks(f, NULL);
	k = dies(f, KEPT_UP);
	leg_dismiss(f->legs, f->number, &k);
	bye = sip_peer_await(&f->peer, "BYE");
	assert_int_equal(pl_strcmp(&bye->to.tag, f->call.ltag), 0);
	sip_peer_reply(&f->peer, bye, 200, NULL, NULL, NULL);
	sip_loop(nothing_left, f, "the end");
	assert_int_equal(f->n_over, 0);
}


/* of a 200 that came, and whose sound was not agreed yet */
static void who_just_picked_up_is_told(void **state)
{
	struct fixture *f = *state;
	const struct sip_msg *bye;
	struct kept k;

	(void)phone_talks(f, NULL, false);
	k = dies(f, KEPT_UP);
	k.dialog.stage = KEPT_PICKED_UP;
	assert_int_equal(leg_restore(&f->leg, f->legs, f->number, &k,
				     news, f),
			 EBADMSG);
	leg_dismiss(f->legs, f->number, &k);
	(void)sip_peer_await(&f->peer, "ACK");
	bye = sip_peer_await(&f->peer, "BYE");
	assert_int_equal(pl_strcmp(&bye->to.tag, "phone"), 0);
	sip_peer_reply(&f->peer, bye, 200, NULL, NULL, NULL);
	sip_loop(nothing_left, f, "the end");
}


/* We end, too, before they have said that they know: what comes of the BYE is
 * for nobody. (MALLOC_PERTURB_ and the sanitizers would tell.) */
static void we_end_before_they_answer(void **state)
{
	struct fixture *f = *state;
	struct kept k;

	(void)phone_talks(f, NULL, false);
	k = dies(f, KEPT_UP);
	leg_dismiss(f->legs, f->number, &k);
	(void)sip_peer_await(&f->peer, "BYE");
	assert_int_equal(legs_count(f->legs), 1);
}


/* ---- what is no checkpoint ------------------------------------------------ */

static void refused(struct fixture *f, struct kept k)
{
	struct leg *leg = NULL;

	assert_int_equal(leg_restore(&leg, f->legs, f->number, &k, news,
				     f), EBADMSG);
	assert_null(leg);
	leg_dismiss(f->legs, f->number, &k);
	assert_int_equal(legs_count(f->legs), 0);
}


static void what_is_broken_is_no_dialog(void **state)
{
	struct fixture *f = *state;
	struct kept good, k;
	char *tag;

	caller_talks(f, NULL);
	good = dies(f, KEPT_UP);

	k = good;
	k.dialog.invite[0] = '\0';
	refused(f, k);
	k = good;
	tag = strstr(k.dialog.invite, "Contact:");
	assert_non_null(tag);
	*tag = 'X';
	refused(f, k);
	k = good;
	tag = strstr(k.dialog.invite, ";tag=");
	assert_non_null(tag);
	tag[1] = 'x';
	refused(f, k);
	k = good;
	k.dialog.local_cseq = UINT32_MAX;
	refused(f, k);
	k = good;
	str_ncpy(k.dialog.peer, "nowhere", sizeof(k.dialog.peer));
	refused(f, k);
	k = good;
	k.dialog.stage = KEPT_ANSWERED; /* without a 200 */
	refused(f, k);
	k = good;
	k.dialog.stage = KEPT_RINGING;
	k.dialog.transport = 77;
	refused(f, k);
	k = good;
	k.dialog.stage = KEPT_RINGING; /* there is no Via in it */
	refused(f, k);
	assert_int_equal(sip_peer_count(&f->peer, "BYE"), 0);
}


#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_caller_hangs_up),
		CASE(we_hang_up_on_the_caller),
		CASE(a_wrong_tag_is_nobodys),
		CASE(the_200_goes_on),
		CASE(it_asks_again_and_is_told_again),
		CASE(they_change_what_was_agreed),
		CASE(they_are_elsewhere_now),
		CASE(the_session_timer_goes_on),
		CASE(the_phone_hangs_up),
		CASE(we_hang_up_on_the_phone),
		CASE(cseq_is_never_lower),
		CASE(the_way_is_the_same),
		CASE(who_is_pinned_stays_so),
		CASE(a_ring_is_taken_back),
		CASE(cancel_is_repeated),
		CASE(a_cancel_goes_on),
		CASE(it_was_picked_up_in_the_same_moment),
		CASE(nobody_goes_on_with_it),
		CASE(who_just_picked_up_is_told),
		CASE(we_end_before_they_answer),
		CASE(what_is_broken_is_no_dialog),
	};
	int err;

	if (sodium_init() < 0 || libre_init())
		return 1;
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
