/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * counsellor.c  Tests of counsellors at the console: their page rings, beside
 * their telephone or alone; it accepts, declines, holds, hangs up, and goes.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "clock.h"
#include "house.h"
#include "line/board.h"
#include "line/consoles.h"


#define SDP "v=0\r\ns=browser\r\n"
#define NUMBER "+15550142"
#define KNOWN "P-Asserted-Identity: <sip:" NUMBER "@p.invalid>\r\n"

#define ON_DUTY "SELECT count(*) FROM person WHERE on_duty"
#define SILENT \
	"SELECT count(*) FROM person WHERE NOT on_duty AND " \
	"off_reason = 'silent' AND off_at > 0"
#define LOST \
	"SELECT count(*) FROM person WHERE NOT on_duty AND " \
	"off_reason = 'lost' AND off_at > 0"
#define TALKED "SELECT count(*) FROM call WHERE outcome = 'talked'"

/* Counsellors are numbered as they were added. */
enum { ANA = 1, BEN = 2 };

/* ringback-web, and what it was told */
struct web {
	struct wire_conn *conn;
	struct wire_counsellor c; /* the last one of Ana */
	struct wire_counsellor ben;
	struct wire_sound_quality quality;
	unsigned n[WIRE_TYPES];
	/* the reply that is awaited */
	enum wire_type type;
	int err;
	char blob[LIMIT_WIRE_BLOB + 1];
	size_t n_blob;
};

struct room {
	struct house *h;
	struct web web;
};


static void on_event(struct wire_conn *conn, const struct wire_msg *msg,
		     void *arg)
{
	struct web *w = arg;
	struct wire_counsellor c;
	(void)conn;

	++w->n[msg->type];
	if (msg->type == WIRE_COUNSELLOR) {
		memcpy(&c, msg->payload, sizeof(c));
		if (c.person == ANA)
			w->c = c;
		else
			w->ben = c;
	}
	else if (msg->type == WIRE_SOUND_QUALITY) {
		memcpy(&w->quality, msg->payload, sizeof(w->quality));
	}
}


static void on_reply(const struct wire_msg *msg, void *arg)
{
	struct web *w = arg;

	assert_non_null(msg);
	w->type = msg->type;
	w->err = 0;
	if (msg->type == WIRE_REFUSED)
		w->err = ((const struct wire_refused *)msg->payload)->err;
	memcpy(w->blob, msg->blob ? msg->blob : (const uint8_t *)"",
	       msg->n_blob);
	w->n_blob = msg->n_blob;
	w->blob[w->n_blob] = '\0';
}


static bool is_answered(void *arg)
{
	return ((struct web *)arg)->type != WIRE_TYPES;
}


/* @return 0, or why it was refused */
static int ask(struct web *w, enum wire_type type, const void *payload,
	       const char *blob)
{
	w->type = WIRE_TYPES;
	assert_int_equal(wire_ask(w->conn, type, payload, blob,
				  blob ? strlen(blob) : 0, on_reply, w), 0);
	sip_loop(is_answered, w, "an answer");

	return w->err;
}


static int console(struct web *w, uint32_t person, bool present)
{
	const struct wire_console c = {person, present};

	return ask(w, WIRE_CONSOLE, &c, NULL);
}


static int act_as(struct web *w, const struct wire_counsellor *c,
		  enum wire_verb verb)
{
	const struct wire_do d = {.offer = c->offer, .person = c->person,
				  .verb = verb, .key = 5};

	return ask(w, WIRE_COUNSELLOR_DO, &d, NULL);
}


static int act(struct web *w, enum wire_verb verb)
{
	return act_as(w, &w->c, verb);
}


static int sound_of(struct web *w, const struct wire_counsellor *c)
{
	const struct wire_ring r = {.offer = c->offer, .person = c->person};
	const int err = ask(w, WIRE_RING_SOUND, &r, SDP);

	if (!err) {
		assert_int_equal(w->type, WIRE_RING_SDP);
		assert_non_null(strstr(w->blob, "v=0"));
	}

	return err;
}


static int sound(struct web *w)
{
	return sound_of(w, &w->c);
}


struct state {
	const struct wire_counsellor *c;
	enum person_state state;
};


static bool has_state(void *arg)
{
	const struct state *s = arg;

	return s->c->state == s->state;
}


/* until Ana is said to be in this state */
static void await_state(struct web *w, enum person_state state)
{
	struct state s = {&w->c, state};

	sip_loop(has_state, &s, person_state_name(state));
}


static void await_ben(struct web *w, enum person_state state)
{
	struct state s = {&w->ben, state};

	sip_loop(has_state, &s, person_state_name(state));
}


/* news of the last browser's leg */
static void media_says(struct room *r, enum wire_type type)
{
	const struct wire_leg leg = {r->h->media.web.leg};

	assert_int_equal(wire_event(r->h->media.conn, type, &leg), 0);
	for (int i = 0; i < 3; i++)
		sip_peer_sync(&r->h->caller);
}


static void web_come(struct room *r)
{
	assert_int_equal(wire_connect(&r->web.conn, "run/line.sock", WIRE_WEB,
				      WIRE_LINE, on_event, NULL, &r->web), 0);
}


static void web_go(struct room *r)
{
	r->web.conn = mem_deref(r->web.conn);
	memset(&r->web, 0, sizeof(r->web));
	for (int i = 0; i < 3; i++)
		sip_peer_sync(&r->h->caller);
}


static int room_open(void **state)
{
	struct room *r = test_calloc(1, sizeof(*r));
	int err = house_open(state);

	r->h = *state;
	*state = r;

	return err;
}


static int room_close(void **state)
{
	struct room *r = *state;
	void *house = r->h;

	mem_deref(r->web.conn);
	test_free(r);

	return house_close(&house);
}


/* Whoever answers by the browser alone, on duty. */
static void add(struct room *r, const char *name)
{
	struct store_person p = {.on_duty = true, .wrap_up_s = 60};

	str_ncpy(p.name, name, sizeof(p.name));
	assert_int_equal(store_person_add(r->h->tool, &p), 0);
}


/* Ana's page is open; with a telephone too? */
static void begin(struct room *r, bool phone)
{
	if (phone)
		house_on_duty(r->h);
	else
		add(r, "Ana");
	assert_int_equal(house_start(r->h), 0);
	house_control(r->h);
	web_come(r);
	assert_int_equal(console(&r->web, ANA, true), 0);
	await_state(&r->web, PERSON_FREE);
}


/* Somebody calls, Ana accepts at her page. */
static void talk(struct room *r, struct sip_call *call)
{
	house_call(r->h, call, NULL);
	await_state(&r->web, PERSON_RINGING);
	assert_int_equal(sound(&r->web), 0);
	media_says(r, WIRE_LEG_UP);
	assert_int_equal(act(&r->web, WIRE_VERB_ACCEPT), 0);
	await_state(&r->web, PERSON_TALKING);
}


/* ---- the page alone ------------------------------------------------------ */

static void they_talk(void **state)
{
	struct room *r = *state;
	struct web *w = &r->web;
	struct sip_call call;

	begin(r, false);
	house_call(r->h, &call, KNOWN);
	await_state(w, PERSON_RINGING);
	assert_true(w->c.offer);
	assert_int_equal(w->c.call, 1);
	assert_int_equal(w->c.call_state, CALL_OFFERED);
	assert_int_equal(w->c.kind, WIRE_RING_CALLER);
	assert_string_equal(w->c.language, "en");
	assert_true(w->c.since > 1700000000000);
	assert_true(w->c.until > w->c.since);
	assert_false(w->c.browser);
	assert_true(w->c.on_duty);

	assert_int_equal(sound(w), 0);
	assert_int_equal(r->h->media.web.like, r->h->media.in);
	media_says(r, WIRE_LEG_UP);
	assert_int_equal(act(w, WIRE_VERB_ACCEPT), 0);
	assert_int_equal(w->type, WIRE_DONE);
	await_state(w, PERSON_TALKING);
	assert_true(w->c.browser);
	assert_int_equal(w->c.call_state, CALL_TALKING);
	assert_int_equal(r->h->media.n[WIRE_LEG_BRIDGE], 1);

	assert_int_equal(act(w, WIRE_VERB_HANG_UP), 0);
	house_bye(&r->h->caller);
	await_state(w, PERSON_WRAP_UP);
	assert_false(w->c.offer);
	assert_true(w->c.until);
	house_await(r->h, TALKED);
	assert_int_equal(act(w, WIRE_VERB_HANG_UP), ENOENT);
}


static void the_caller_hangs_up(void **state)
{
	struct room *r = *state;
	struct sip_call call;
	unsigned n_closed;

	begin(r, false);
	talk(r, &call);
	n_closed = r->h->media.n[WIRE_LEG_CLOSE];
	sip_call_request(&call, "BYE", NULL, NULL);
	(void)sip_call_await(&call, "200 BYE");
	await_state(&r->web, PERSON_WRAP_UP);
	house_asked(r->h, WIRE_LEG_CLOSE, n_closed + 2);
}


static void sound_comes_after_the_click(void **state)
{
	struct room *r = *state;
	struct web *w = &r->web;
	struct sip_call call;

	begin(r, false);
	house_call(r->h, &call, NULL);
	await_state(w, PERSON_RINGING);
	assert_int_equal(act(w, WIRE_VERB_ACCEPT), EPROTO);
	assert_int_equal(sound(w), 0);
	assert_int_equal(act(w, WIRE_VERB_ACCEPT), 0);
	assert_int_equal(act(w, WIRE_VERB_HOLD), EPROTO);
	assert_int_equal(r->h->media.n[WIRE_LEG_BRIDGE], 0);
	media_says(r, WIRE_LEG_UP);
	await_state(w, PERSON_TALKING);
	assert_int_equal(act(w, WIRE_VERB_ACCEPT), EPROTO);
	house_asked(r->h, WIRE_LEG_BRIDGE, 1);
}


static void sound_does_not_come(void **state)
{
	struct room *r = *state;
	struct sip_call call;

	begin(r, false);
	house_call(r->h, &call, NULL);
	await_state(&r->web, PERSON_RINGING);
	assert_int_equal(sound(&r->web), 0);
	assert_int_equal(act(&r->web, WIRE_VERB_ACCEPT), 0);
	media_says(r, WIRE_LEG_DEAD);
	await_state(&r->web, PERSON_RESTING);
	assert_int_equal(r->h->media.n[WIRE_LEG_BRIDGE], 0);
}


/* The page may try once more, as long as it rings. */
static void sound_is_refused(void **state)
{
	struct room *r = *state;
	struct sip_call call;

	begin(r, false);
	house_call(r->h, &call, NULL);
	await_state(&r->web, PERSON_RINGING);
	r->h->media.web_err = ENOTSUP;
	assert_int_equal(sound(&r->web), ENOTSUP);
	r->h->media.web_err = 0;
	assert_int_equal(act(&r->web, WIRE_VERB_ACCEPT), EPROTO);
	assert_int_equal(sound(&r->web), 0);
	media_says(r, WIRE_LEG_DEAD);
	assert_int_equal(act(&r->web, WIRE_VERB_ACCEPT), EPROTO);
	assert_int_equal(sound(&r->web), 0);
	media_says(r, WIRE_LEG_UP);
	assert_int_equal(act(&r->web, WIRE_VERB_ACCEPT), 0);
	await_state(&r->web, PERSON_TALKING);
}


static void skipped(void **state)
{
	struct room *r = *state;
	struct sip_call call;

	begin(r, false);
	house_call(r->h, &call, NULL);
	await_state(&r->web, PERSON_RINGING);
	assert_int_equal(act(&r->web, WIRE_VERB_DECLINE), 0);
	await_state(&r->web, PERSON_RESTING);
	assert_int_equal(sound(&r->web), ENOENT);
	/* back before the rest is over: rung again */
	assert_int_equal(act(&r->web, WIRE_VERB_READY), 0);
	await_state(&r->web, PERSON_RINGING);
}


static void nobody_acts_for_another(void **state)
{
	struct room *r = *state;
	struct web *w = &r->web;
	struct sip_call call;
	struct wire_do d = {.person = BEN};
	struct wire_ring ring = {.person = BEN};

	begin(r, false);
	house_call(r->h, &call, NULL);
	await_state(w, PERSON_RINGING);
	d.offer = ring.offer = w->c.offer;
	for (d.verb = WIRE_VERB_ACCEPT; d.verb < WIRE_VERBS; d.verb++)
		assert_int_equal(ask(w, WIRE_COUNSELLOR_DO, &d, NULL), ENOENT);
	assert_int_equal(ask(w, WIRE_COUNSELLOR_DO, &d, NULL), EINVAL);
	assert_int_equal(ask(w, WIRE_RING_SOUND, &ring, SDP), ENOENT);
	assert_int_equal(ask(w, WIRE_RING_SOUND, &ring, NULL), EPROTO);
	assert_int_equal(console(w, 0, true), EINVAL);
	assert_int_equal(console(w, ANA, 2), 0);
	assert_int_equal(w->c.state, PERSON_RINGING);
}


/* ---- page and telephone -------------------------------------------------- */

static const struct sip_msg *both_ring(struct room *r, struct sip_call *call)
{
	begin(r, true);
	house_call(r->h, call, NULL);
	await_state(&r->web, PERSON_RINGING);
	assert_int_equal(sound(&r->web), 0);
	media_says(r, WIRE_LEG_UP);

	return sip_peer_await(&r->h->ana, "INVITE");
}


static void the_page_is_quicker(void **state)
{
	struct room *r = *state;
	struct sip_call call;
	const struct sip_msg *invite = both_ring(r, &call);

	sip_peer_reply(&r->h->ana, invite, 180, "phone", NULL, NULL);
	assert_int_equal(act(&r->web, WIRE_VERB_ACCEPT), 0);
	await_state(&r->web, PERSON_TALKING);
	assert_true(r->web.c.browser);
	sip_peer_reply(&r->h->ana, sip_peer_await(&r->h->ana, "CANCEL"), 200,
		       "phone", NULL, NULL);
	/* it was picked up in the same moment: hung up on, and nobody else */
	sip_peer_reply(&r->h->ana, invite, 200, "phone", NULL, SDP);
	(void)sip_peer_await(&r->h->ana, "ACK");
	house_bye(&r->h->ana);
	assert_int_equal(r->web.c.state, PERSON_TALKING);
	assert_int_equal(r->h->media.n[WIRE_LEG_BRIDGE], 1);
}


static void the_telephone_is_quicker(void **state)
{
	struct room *r = *state;
	struct web *w = &r->web;
	struct sip_call call;
	const struct sip_msg *invite = both_ring(r, &call);
	const unsigned n_closed = r->h->media.n[WIRE_LEG_CLOSE];

	sip_peer_reply(&r->h->ana, invite, 200, "phone", NULL, SDP);
	(void)sip_peer_await(&r->h->ana, "ACK");
	await_state(w, PERSON_TALKING);
	assert_false(w->c.browser);
	house_asked(r->h, WIRE_LEG_CLOSE, n_closed + 1);
	assert_int_equal(act(w, WIRE_VERB_ACCEPT), EPROTO);
	assert_int_equal(act(w, WIRE_VERB_DECLINE), EPROTO);
	/* the console does what it can for a talk by telephone, too */
	assert_int_equal(act(w, WIRE_VERB_HOLD), 0);
	assert_int_equal(act(w, WIRE_VERB_HANG_UP), 0);
	house_bye(&r->h->ana);
	house_bye(&r->h->caller);
	house_await(r->h, TALKED);
}


/* The caller goes to the next counsellor at once, even if the telephone does
 * not answer our CANCEL. */
static void skipped_at_the_page(void **state)
{
	struct room *r = *state;
	struct sip_call call;
	const struct sip_msg *invite = both_ring(r, &call);

	sip_peer_reply(&r->h->ana, invite, 180, "phone", NULL, NULL);
	assert_int_equal(act(&r->web, WIRE_VERB_DECLINE), 0);
	(void)sip_peer_await(&r->h->ana, "CANCEL");
	await_state(&r->web, PERSON_RESTING);
	sip_peer_reply(&r->h->ana, invite, 200, "phone", NULL, SDP);
	(void)sip_peer_await(&r->h->ana, "ACK");
	house_bye(&r->h->ana);
	assert_int_equal(r->web.c.state, PERSON_RESTING);
	assert_int_equal(r->h->media.n[WIRE_LEG_BRIDGE], 0);
}


static void declined_by_telephone(void **state)
{
	struct room *r = *state;
	struct sip_call call;
	const struct sip_msg *invite = both_ring(r, &call);

	sip_peer_reply(&r->h->ana, invite, 603, "phone", NULL, NULL);
	await_state(&r->web, PERSON_RESTING);
	assert_int_equal(act(&r->web, WIRE_VERB_ACCEPT), ENOENT);
}


/* An arm that fails is no decline. */
static void the_telephone_fails(void **state)
{
	static const unsigned scodes[] = {486, 404, 503, 480, 488};
	struct room *r = *state;
	struct sip_call call;
	const struct sip_msg *invite;

	begin(r, true);
	for (size_t i = 0; i < ARRAY_SIZE(scodes); i++) {
		house_call(r->h, &call, NULL);
		await_state(&r->web, PERSON_RINGING);
		assert_int_equal(sound(&r->web), 0);
		media_says(r, WIRE_LEG_UP);
		invite = sip_peer_await(&r->h->ana, "INVITE");
		sip_peer_reply(&r->h->ana, invite, scodes[i], "phone", NULL,
			       NULL);
		(void)sip_peer_await(&r->h->ana, "ACK");
		assert_int_equal(r->web.c.state, PERSON_RINGING);
		assert_int_equal(act(&r->web, WIRE_VERB_ACCEPT), 0);
		await_state(&r->web, PERSON_TALKING);
		sip_call_request(&call, "BYE", NULL, NULL);
		(void)sip_call_await(&call, "200 BYE");
		/* no wrap-up is set for her */
		await_state(&r->web, PERSON_FREE);
	}
}


static void both_fail(void **state)
{
	struct room *r = *state;
	struct sip_call call;
	const struct sip_msg *invite = both_ring(r, &call);

	assert_int_equal(console(&r->web, ANA, false), 0);
	assert_int_equal(sip_peer_count(&r->h->ana, "CANCEL"), 0);
	assert_int_equal(console(&r->web, ANA, true), 0); /* and rings again */
	assert_int_equal(sound(&r->web), 0);
	assert_int_equal(act(&r->web, WIRE_VERB_ACCEPT), 0);
	media_says(r, WIRE_LEG_DEAD);
	assert_int_equal(console(&r->web, ANA, true), 0);
	assert_int_equal(r->web.c.state, PERSON_RINGING);
	sip_peer_reply(&r->h->ana, invite, 486, "phone", NULL, NULL);
	await_state(&r->web, PERSON_RESTING);
}


static void a_page_that_opens_while_it_rings(void **state)
{
	struct room *r = *state;
	struct sip_call call;

	house_on_duty(r->h);
	assert_int_equal(house_start(r->h), 0);
	house_control(r->h);
	house_call(r->h, &call, NULL);
	(void)sip_peer_await(&r->h->ana, "INVITE");
	web_come(r);
	assert_int_equal(console(&r->web, ANA, true), 0);
	await_state(&r->web, PERSON_RINGING);
	assert_int_equal(sound(&r->web), 0);
	media_says(r, WIRE_LEG_UP);
	assert_int_equal(act(&r->web, WIRE_VERB_ACCEPT), 0);
	await_state(&r->web, PERSON_TALKING);
}


/* ---- a talk -------------------------------------------------------------- */

static void held_and_resumed(void **state)
{
	struct room *r = *state;
	struct house_media *m = &r->h->media;
	struct web *w = &r->web;
	struct sip_call call;
	unsigned n_plays;

	begin(r, false);
	talk(r, &call);
	n_plays = m->n[WIRE_LEG_PLAY];
	assert_int_equal(act(w, WIRE_VERB_RESUME), 0); /* nothing to do */
	assert_int_equal(act(w, WIRE_VERB_HOLD), 0);
	assert_int_equal(act(w, WIRE_VERB_HOLD), 0);
	house_asked(r->h, WIRE_LEG_PLAY, n_plays + 2);
	assert_int_equal(m->play.leg, m->web.leg);
	assert_int_equal(m->play.n_prompts, 0);
	assert_int_equal(console(w, ANA, true), 0);
	await_state(w, PERSON_TALKING);
	assert_true(w->c.held);
	assert_int_equal(act(w, WIRE_VERB_RESUME), 0);
	house_asked(r->h, WIRE_LEG_BRIDGE, 2);
	assert_int_equal(m->n[WIRE_LEG_PLAY], n_plays + 2);
	assert_int_equal(console(w, ANA, true), 0);
	assert_false(w->c.held);
}


static void a_key_is_pressed_for_the_caller(void **state)
{
	struct room *r = *state;
	struct wire_do d = {.person = ANA, .verb = WIRE_VERB_KEY, .key = 16};
	struct sip_call call;

	begin(r, false);
	talk(r, &call);
	assert_int_equal(act(&r->web, WIRE_VERB_KEY), 0);
	house_asked(r->h, WIRE_LEG_SEND_KEY, 1);
	d.offer = r->web.c.offer;
	assert_int_equal(ask(&r->web, WIRE_COUNSELLOR_DO, &d, NULL), EINVAL);
}


/* Ben, who answers by the browser too, is free from now on. */
static void ben_comes(struct room *r)
{
	add(r, "Ben");
	assert_int_equal(switchboard_people_changed(r->h->sb), 0);
	assert_int_equal(console(&r->web, BEN, true), 0);
	await_ben(&r->web, PERSON_FREE);
}


static void ben_takes_it(struct room *r)
{
	struct web *w = &r->web;

	await_ben(w, PERSON_RINGING);
	assert_int_equal(w->ben.kind, WIRE_RING_CALLER);
	assert_int_equal(w->ben.call_state, CALL_OFFERED);
	assert_int_equal(sound_of(w, &w->ben), 0);
	media_says(r, WIRE_LEG_UP);
	assert_int_equal(act_as(w, &w->ben, WIRE_VERB_ACCEPT), 0);
	await_ben(w, PERSON_TALKING);
}


/* Nobody has hung up: the caller waits again, and talks to the next one. */
static void her_browser_is_lost(void **state)
{
	struct room *r = *state;
	struct house_media *m = &r->h->media;
	struct sip_call call;

	begin(r, false);
	talk(r, &call);
	ben_comes(r);
	media_says(r, WIRE_LEG_DEAD);
	await_state(&r->web, PERSON_OFF);
	assert_false(r->web.c.offer);
	house_await(r->h, LOST);
	assert_int_equal(console(&r->web, ANA, true), 0);
	assert_false(r->web.c.on_duty);
	assert_int_equal(m->play.leg, m->in);
	assert_true(m->play.n_prompts);

	ben_takes_it(r);
	assert_int_equal(m->web.like, m->in);
	assert_int_equal(m->n[WIRE_LEG_BRIDGE], 2);
	assert_int_equal(sip_peer_count(&r->h->caller, "BYE"), 0);
	sip_call_request(&call, "BYE", NULL, NULL);
	(void)sip_call_await(&call, "200 BYE");
	house_await(r->h, TALKED " AND counsellor = 2");
}


/* Whoever has a telephone can be rung there. */
static void her_telephone_is_left(void **state)
{
	struct room *r = *state;
	struct sip_call call;
	const struct sip_msg *invite = both_ring(r, &call);

	sip_peer_reply(&r->h->ana, invite, 180, "phone", NULL, NULL);
	assert_int_equal(act(&r->web, WIRE_VERB_ACCEPT), 0);
	await_state(&r->web, PERSON_TALKING);
	sip_peer_reply(&r->h->ana, sip_peer_await(&r->h->ana, "CANCEL"), 200,
		       "phone", NULL, NULL);
	sip_peer_reply(&r->h->ana, invite, 487, "phone", NULL, NULL);
	(void)sip_peer_await(&r->h->ana, "ACK");
	media_says(r, WIRE_LEG_DEAD);
	/* no wrap-up is set for her */
	await_state(&r->web, PERSON_RINGING);
	assert_int_equal(sip_peer_count(&r->h->caller, "BYE"), 0);
	assert_int_equal(house_count(r->h, ON_DUTY), 1);
}


/* Hung up on while the way to her browser was breaking off. */
static void lost_when_it_is_over(void **state)
{
	struct room *r = *state;
	struct sip_call call;

	begin(r, false);
	talk(r, &call);
	sip_call_request(&call, "BYE", NULL, NULL);
	(void)sip_call_await(&call, "200 BYE");
	media_says(r, WIRE_LEG_DEAD);
	await_state(&r->web, PERSON_WRAP_UP);
	assert_true(r->web.c.on_duty);
	house_await(r->h, TALKED);
}


static void how_it_sounds(void **state)
{
	struct room *r = *state;
	struct wire_leg_quality q = {.lost_there = 1, .lost_here = 2,
				     .jitter_ms = 3, .rtt_ms = 4};
	struct sip_call call;

	begin(r, false);
	talk(r, &call);
	q.leg = r->h->media.in;
	assert_int_equal(wire_event(r->h->media.conn, WIRE_LEG_QUALITY, &q),
			 0);
	media_says(r, WIRE_LEG_UP);
	assert_int_equal(r->web.n[WIRE_SOUND_QUALITY], 0);
	q.leg = r->h->media.web.leg;
	assert_int_equal(wire_event(r->h->media.conn, WIRE_LEG_QUALITY, &q),
			 0);
	media_says(r, WIRE_LEG_UP);
	assert_int_equal(r->web.n[WIRE_SOUND_QUALITY], 1);
	assert_int_equal(r->web.quality.person, ANA);
	assert_int_equal(r->web.quality.lost_there, 1);
	assert_int_equal(r->web.quality.lost_here, 2);
	assert_int_equal(r->web.quality.jitter_ms, 3);
	assert_int_equal(r->web.quality.rtt_ms, 4);

	/* on record when the talk is over */
	assert_int_equal(act(&r->web, WIRE_VERB_HANG_UP), 0);
	house_await(r->h, "SELECT count(*) FROM call WHERE id = 1 AND "
		    "sound_reports = 1 AND loss_mean = 2 AND loss_worst = 2 "
		    "AND jitter_ms = 3 AND rtt_ms = 4");
}


/* The web process and its pages go in the middle of a talk: it goes on. */
static void a_talk_outlives_the_web_process(void **state)
{
	struct room *r = *state;
	struct sip_call call;
	unsigned n_closed;

	begin(r, false);
	talk(r, &call);
	n_closed = r->h->media.n[WIRE_LEG_CLOSE];
	clock_get()->speed = 1000; /* the wait is over soon: she talks */
	web_go(r);
	sip_peer_sync(&r->h->caller);
	assert_int_equal(house_count(r->h, ON_DUTY), 1);
	clock_reset();
	web_come(r);
	assert_int_equal(console(&r->web, ANA, true), 0);
	await_state(&r->web, PERSON_TALKING);
	assert_true(r->web.c.browser);
	assert_int_equal(r->h->media.n[WIRE_LEG_CLOSE], n_closed);
	assert_int_equal(act(&r->web, WIRE_VERB_HANG_UP), 0);
	await_state(&r->web, PERSON_WRAP_UP);
}


/* @return what the caller's telephone got */
static const struct sip_msg *rings_back(struct room *r)
{
	static const struct house_answer answers[] = {
		{"nobody", "1"},    {"number_right", "1"},   {"ask_words", "1"},
		{"ask_hours", "1"}, {"kept_ring_back", NULL},
	};
	const struct sip_msg *invite;
	struct web *w = &r->web;
	struct sip_call call;

	begin(r, false);
	assert_int_equal(console(w, ANA, false), 0);
	house_talk(r->h, &call, KNOWN, answers, ARRAY_SIZE(answers));
	sip_call_request(&call, "BYE", NULL, NULL);
	(void)sip_call_await(&call, "200 BYE");
	house_await(r->h, "SELECT count(*) FROM promise WHERE state IN "
		    "('open', 'due')");
	assert_int_equal(console(w, ANA, true), 0);
	await_state(w, PERSON_RINGING);
	assert_int_equal(w->c.kind, WIRE_RING_BACK);
	assert_int_equal(w->c.call_state, CALL_DUE_OFFERED);
	assert_int_equal(sound(w), 0);
	assert_int_equal(r->h->media.web.like, 0);
	media_says(r, WIRE_LEG_UP);
	assert_int_equal(act(w, WIRE_VERB_ACCEPT), 0);
	await_state(w, PERSON_TALKING);
	invite = house_picks_up(&r->h->home);
	assert_int_equal(act(w, WIRE_VERB_HOLD), EPROTO);
	house_keys(r->h, r->h->media.out, "1");
	house_asked(r->h, WIRE_LEG_BRIDGE, 1);

	return invite;
}


static void rung_back_from_the_page(void **state)
{
	struct room *r = *state;

	(void)rings_back(r);
	assert_int_equal(r->web.c.kind, WIRE_RING_BACK);
	assert_int_equal(act(&r->web, WIRE_VERB_HOLD), 0);
}


/* They wait on the leg that we have dialled, and hang up there. */
static void lost_by_who_was_rung_back(void **state)
{
	struct room *r = *state;
	struct house_media *m = &r->h->media;
	struct sip_call home;

	sip_call_of(&home, &r->h->home, rings_back(r), "phone");
	ben_comes(r);
	media_says(r, WIRE_LEG_DEAD);
	await_state(&r->web, PERSON_OFF);
	assert_int_equal(m->play.leg, m->out);
	assert_true(m->play.n_prompts);

	ben_takes_it(r);
	assert_int_equal(m->web.like, m->out);
	sip_call_request(&home, "BYE", NULL, NULL);
	(void)sip_call_await(&home, "200 BYE");
	await_ben(&r->web, PERSON_WRAP_UP);
	house_await(r->h, "SELECT count(*) FROM call WHERE outcome = "
		    "'promise_kept'");
}


/* ---- who is there -------------------------------------------------------- */

static uint32_t n_on_duty(const struct room *r)
{
	struct wire_status status;

	switchboard_status(r->h->sb, &status);

	return status.n_on_duty;
}


static void a_page_goes_while_it_rings(void **state)
{
	struct room *r = *state;
	struct web *w = &r->web;
	struct sip_call call;

	r->h->config->strategy = CONFIG_STRATEGY_LONGEST_IDLE;
	begin(r, false);
	house_call(r->h, &call, NULL);
	await_state(w, PERSON_RINGING);
	assert_int_equal(sound(w), 0);
	add(r, "Ben");
	assert_int_equal(switchboard_people_changed(r->h->sb), 0);
	assert_int_equal(n_on_duty(r), 1);
	assert_int_equal(console(w, BEN, true), 0);
	await_ben(w, PERSON_FREE);
	clock_get()->speed = 100;
	assert_int_equal(console(w, ANA, false), 0);
	assert_int_equal(n_on_duty(r), 1);
	assert_int_equal(act(w, WIRE_VERB_ACCEPT), ENOENT);
	await_ben(w, PERSON_RINGING);
	house_await(r->h, SILENT);
	assert_int_equal(house_count(r->h, ON_DUTY), 1);
}


static void back_before_it_matters(void **state)
{
	struct room *r = *state;

	begin(r, false);
	assert_int_equal(console(&r->web, ANA, false), 0);
	assert_int_equal(n_on_duty(r), 0);
	assert_int_equal(console(&r->web, ANA, true), 0);
	assert_int_equal(n_on_duty(r), 1);
	web_go(r);
	assert_int_equal(n_on_duty(r), 1);
	web_come(r);
	assert_int_equal(console(&r->web, ANA, true), 0);
	await_state(&r->web, PERSON_FREE);
	assert_int_equal(n_on_duty(r), 1);
	assert_int_equal(house_count(r->h, ON_DUTY), 1);
}


/* Web is waited for, but not for ever. */
static void web_does_not_come_back(void **state)
{
	struct room *r = *state;
	const uint64_t since = tmr_jiffies();

	begin(r, false);
	web_go(r);
	while (n_on_duty(r)) {
		assert_true(tmr_jiffies() < since + 4 * CONSOLES_PATIENCE);
		sip_peer_sync(&r->h->caller);
	}
	assert_true(tmr_jiffies() >= since + CONSOLES_PATIENCE - 100);
}


/* Two web processes: one page is enough. */
static void one_page_of_two(void **state)
{
	struct room *r = *state;
	struct wire_conn *second;

	begin(r, false);
	second = r->web.conn;
	web_come(r);
	assert_int_equal(console(&r->web, ANA, true), 0);
	mem_deref(second);
	for (int i = 0; i < 3; i++)
		sip_peer_sync(&r->h->caller);
	assert_int_equal(n_on_duty(r), 1);
}


static void nobody_comes_after_the_start(void **state)
{
	struct room *r = *state;

	add(r, "Ana");
	clock_get()->speed = 1000;
	assert_int_equal(house_start(r->h), 0);
	assert_int_equal(n_on_duty(r), 0);
	house_await(r->h, SILENT);
}


/* ---- the board ----------------------------------------------------------- */

static void the_board(void **state)
{
	struct room *r = *state;
	struct web *w = &r->web;
	struct wire_board ask_for = {.what = 0};
	struct wire_board_call c;
	struct wire_board_person p;
	struct sip_call call;

	begin(r, false);
	assert_int_equal(ask(w, WIRE_BOARD, &ask_for, NULL), 0);
	assert_int_equal(w->type, WIRE_BOARD_IS);
	assert_int_equal(w->n_blob, 0);
	talk(r, &call);
	assert_int_equal(ask(w, WIRE_BOARD, &ask_for, NULL), 0);
	assert_int_equal(w->n_blob, sizeof(c));
	memcpy(&c, w->blob, sizeof(c));
	assert_int_equal(c.call, 1);
	assert_int_equal(c.person, ANA);
	assert_int_equal(c.state, CALL_TALKING);
	assert_string_equal(c.language, "en");
	assert_int_equal(c.since, w->c.since);

	ask_for.what = 1;
	assert_int_equal(ask(w, WIRE_BOARD, &ask_for, NULL), 0);
	assert_int_equal(w->n_blob, sizeof(p));
	memcpy(&p, w->blob, sizeof(p));
	assert_int_equal(p.person, ANA);
	assert_int_equal(p.call, 1);
	assert_int_equal(p.state, PERSON_TALKING);
	assert_true(p.browser);
	ask_for.first = 1;
	assert_int_equal(ask(w, WIRE_BOARD, &ask_for, NULL), 0);
	assert_int_equal(w->n_blob, 0);
}


static bool board_has_changed(void *arg)
{
	return ((struct web *)arg)->n[WIRE_BOARD_CHANGED] != 0;
}


/* Much happens within one call, and is said a few times a second at most. */
static void the_board_changes(void **state)
{
	struct room *r = *state;
	const uint64_t from = tmr_jiffies();
	struct sip_call call;

	begin(r, false);
	sip_loop(board_has_changed, &r->web, "a change");
	talk(r, &call);
	assert_true(r->web.n[WIRE_BOARD_CHANGED] <=
		    1 + (tmr_jiffies() - from) / BOARD_PAUSE_MS);
	r->web.n[WIRE_BOARD_CHANGED] = 0;
	sip_loop(board_has_changed, &r->web, "a change");
}


#define CASE(f) cmocka_unit_test_setup_teardown(f, room_open, room_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(they_talk),
		CASE(the_caller_hangs_up),
		CASE(sound_comes_after_the_click),
		CASE(sound_does_not_come),
		CASE(sound_is_refused),
		CASE(skipped),
		CASE(nobody_acts_for_another),
		CASE(the_page_is_quicker),
		CASE(the_telephone_is_quicker),
		CASE(skipped_at_the_page),
		CASE(declined_by_telephone),
		CASE(the_telephone_fails),
		CASE(both_fail),
		CASE(a_page_that_opens_while_it_rings),
		CASE(held_and_resumed),
		CASE(a_key_is_pressed_for_the_caller),
		CASE(her_browser_is_lost),
		CASE(her_telephone_is_left),
		CASE(lost_when_it_is_over),
		CASE(how_it_sounds),
		CASE(a_talk_outlives_the_web_process),
		CASE(rung_back_from_the_page),
		CASE(lost_by_who_was_rung_back),
		CASE(a_page_goes_while_it_rings),
		CASE(back_before_it_matters),
		CASE(web_does_not_come_back),
		CASE(one_page_of_two),
		CASE(nobody_comes_after_the_start),
		CASE(the_board),
		CASE(the_board_changes),
	};
	int err;

	if (sodium_init() < 0 || libre_init())
		return 1;
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
