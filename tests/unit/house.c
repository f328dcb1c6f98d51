/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * house.c  Puts a switchboard into a folder and gives it somebody to talk to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <sodium.h>

#include "clock.h"
#include "house_kept.h"
#include "store/epoch.h"


#define SDP "v=0\r\ns=x\r\n"

/* ---- sound -------------------------------------------------------------- */

static struct house_ear *ear_find(struct house_media *m, uint64_t leg)
{
	for (size_t i = 0; i < HOUSE_EARS; i++) {
		if (m->ears[i].leg == leg)
			return &m->ears[i];
	}

	return NULL;
}


const struct house_ear *house_ear(const struct house *h, uint64_t leg)
{
	return ear_find((struct house_media *)&h->media, leg);
}


unsigned house_legs(const struct house *h)
{
	unsigned n = 0;

	for (size_t i = 0; i < HOUSE_EARS; i++)
		n += h->media.ears[i].leg != 0;

	return n;
}


static void ear_open(struct house_media *m, uint64_t leg)
{
	struct house_ear *ear = ear_find(m, leg);

	if (ear)
		return;
	ear = ear_find(m, 0);
	assert_non_null(ear);
	ear->leg = leg;
}


static void ear_set(struct house_media *m, uint64_t leg, const uint64_t *from,
		    uint32_t n, bool plays)
{
	struct house_ear *ear = ear_find(m, leg);

	if (!ear) {
		++m->n_strays;
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		m->n_strays += !ear_find(m, from[i]);
	memset(ear, 0, sizeof(*ear));
	ear->leg = leg;
	ear->n = n;
	ear->plays = plays;
	if (n)
		memcpy(ear->from, from, n * sizeof(from[0]));
}


/* who is gone is heard by nobody */
static void ear_close(struct house_media *m, uint64_t leg)
{
	struct house_ear *ear = ear_find(m, leg);

	if (ear)
		memset(ear, 0, sizeof(*ear));
	for (size_t i = 0; i < HOUSE_EARS; i++) {
		uint32_t n = 0;

		ear = &m->ears[i];
		for (uint32_t k = 0; k < ear->n; k++) {
			if (ear->from[k] != leg)
				ear->from[n++] = ear->from[k];
		}
		ear->n = n;
	}
}


static void hear(struct house_media *m, const struct wire_msg *msg)
{
	struct wire_bridge bridge;
	struct wire_leg_hear hears;
	struct wire_leg_play play;
	uint64_t leg;

	if (msg->type == WIRE_LEG_BRIDGE) {
		memcpy(&bridge, msg->payload, sizeof(bridge));
		ear_set(m, bridge.a, &bridge.b, 1, false);
		ear_set(m, bridge.b, &bridge.a, 1, false);
	}
	else if (msg->type == WIRE_LEG_HEAR) {
		memcpy(&hears, msg->payload, sizeof(hears));
		ear_set(m, hears.leg, hears.from, hears.n, false);
	}
	else if (msg->type == WIRE_LEG_PLAY) {
		memcpy(&play, msg->payload, sizeof(play));
		ear_set(m, play.leg, NULL, 0, play.n_prompts != 0);
	}
	else if (msg->type == WIRE_LEG_CLOSE) {
		memcpy(&leg, msg->payload, sizeof(leg));
		ear_close(m, leg);
		house_kept_forget(m, leg);
	}
}


static void legs_sdp(struct house_media *m, const struct wire_msg *msg)
{
	struct wire_leg_open open = {.leg = 0};
	struct wire_leg_sdp sdp;

	memcpy(&sdp.leg, msg->payload, sizeof(sdp.leg));
	if (msg->type == WIRE_LEG_ANSWER)
		memcpy(&open, msg->payload, sizeof(open));
	if (open.web)
		m->web = open;
	else if (msg->type == WIRE_LEG_ANSWER)
		m->in = sdp.leg;
	if (!open.web || !m->web_err)
		ear_open(m, sdp.leg);
	if (open.web && m->web_err) {
		(void)wire_reply_refused(m->conn, msg, m->web_err, "no");
		return;
	}
	if (msg->type == WIRE_LEG_OFFER)
		m->out = sdp.leg;
	assert_int_equal(wire_reply(m->conn, msg, WIRE_LEG_SDP, &sdp, SDP,
				    msg->type == WIRE_LEG_ACCEPT
					    ? 0 : strlen(SDP)), 0);
}


static void recorded(struct house_media *m)
{
	const struct wire_leg_recorded r = {
		.leg = m->record.leg, .name = m->record.name, .ms = 9000,
		.voiced_ms = 5000};

	if (m->record.leg)
		assert_int_equal(wire_event(m->conn, WIRE_LEG_RECORDED, &r),
				 0);
	m->record.leg = 0;
}


/* whoever is asked something takes time to answer */
static bool is_held(const struct house_media *m,
		    const struct wire_leg_play *play)
{
	for (uint8_t i = 0; m->held && i < play->n_prompts; i++) {
		if (!strcmp(play->prompt[i], m->held))
			return true;
	}

	return false;
}


static void follow(struct house_media *m, const struct wire_msg *msg)
{
	struct wire_leg_play play;
	struct wire_leg_played played = {.leg = 0};

	if (msg->type == WIRE_LEG_PLAY) {
		memcpy(&play, msg->payload, sizeof(play));
		m->play = play;
		played.leg = play.leg;
		played.serial = play.serial;
		if (is_held(m, &play))
			m->holds = true;
		else if (play.serial)
			(void)wire_event(m->conn, WIRE_LEG_PLAYED, &played);
	}
	else if (msg->type == WIRE_LEG_RECORD) {
		recorded(m); /* one at a time: the other one ends */
		memcpy(&m->record, msg->payload, sizeof(m->record));
	}
	else if (msg->type == WIRE_LEG_STOP || msg->type == WIRE_LEG_CLOSE) {
		uint64_t leg;

		memcpy(&leg, msg->payload, sizeof(leg));
		if (leg == m->record.leg)
			recorded(m);
	}
}


static void asked(struct wire_conn *conn, const struct wire_msg *msg,
		  void *arg)
{
	struct house_media *m = arg;
	const struct wire_leg_stats stats = {.leg = 0};

	m->conn = conn;
	++m->n[msg->type];
	if (house_kept_asked(m, msg))
		return;
	hear(m, msg);
	if (msg->type == WIRE_LEG_OFFER || msg->type == WIRE_LEG_ANSWER ||
	    msg->type == WIRE_LEG_ACCEPT)
		legs_sdp(m, msg);
	else if (msg->type == WIRE_LEG_CLOSE)
		(void)wire_reply(conn, msg, WIRE_LEG_STATS, &stats, NULL, 0);
	else
		(void)wire_reply_done(conn, msg);
	follow(m, msg);
}


/* ---- the house ---------------------------------------------------------- */

static void request(const struct sip_msg *msg, void *arg)
{
	struct house *h = arg;

	if (!h->sb)
		return;
	if (!pl_isset(&msg->to.tag))
		switchboard_invite(h->sb, msg);
	else if (!legs_request(switchboard_legs(h->sb), msg))
		(void)sip_reply(h->bench.sip, msg, 481, "No");
}


static void response(const struct sip_msg *msg, void *arg)
{
	struct house *h = arg;

	if (h->sb)
		legs_response(switchboard_legs(h->sb), msg);
}


static struct config *config_make(void)
{
	struct config *c = test_calloc(1, sizeof(*c));
	struct config_line *line = &c->lines[0];

	str_ncpy(c->name, "The Line", sizeof(c->name));
	c->n_lines = 1;
	c->strategy = CONFIG_STRATEGY_ALL;
	c->ring_s = 20;
	c->rest_s = 30;
	c->ring_backs_at_once = 2;
	c->session_s = 600;
	str_ncpy(line->name, "main", sizeof(line->name));
	str_ncpy(line->numbers[0], "line", sizeof(line->numbers[0]));
	line->n_numbers = 1;
	str_ncpy(line->languages[0], "en", sizeof(line->languages[0]));
	line->n_languages = 1;
	line->messages = line->ring_back = true;
	line->max_wait_s = 600;
	line->promise_minutes = 60;
	line->climb_minutes = 30;
	line->attempts = 3;
	line->attempt_minutes = 5;

	return c;
}


static void trunk_add(struct house *h)
{
	const struct step_trace trace = {NULL, NULL};
	struct store_trunk row = {.kind = STORE_TRUNK_STATIC,
				  .name = "provider", .from = "127.0.0.1"};
	char uri[64];
	int n;

	n = re_snprintf(uri, sizeof(uri), "sip:%J", &h->home.laddr);
	assert_int_equal(secret_set(&row.uri, uri, (size_t)n), 0);
	assert_int_equal(store_trunk_add(h->tool, &row), 0);
	assert_int_equal(trunks_alloc(&h->trunks, h->bench.sip, &trace), 0);
	assert_int_equal(trunks_load(h->trunks, h->tool), 0);
}


void house_key(struct house *h)
{
	static const uint8_t key[STORE_PUBLIC] = {9};
	struct store_epoch epoch = {.id = 1, .month = 12 * 2026};
	struct store_grant grant = {.epoch = 1};

	str_ncpy(epoch.line, "main", sizeof(epoch.line));
	memcpy(epoch.public, key, sizeof(key));
	memcpy(grant.public, key, sizeof(key));
	assert_int_equal(store_epoch_add(h->tool, &epoch, &grant, 1), 0);
}


int house_open(void **state)
{
	struct house *h = test_calloc(1, sizeof(*h));

	*state = h;
	clock_reset();
	assert_non_null(getcwd(h->before, sizeof(h->before)));
	tmpdir_make(h->dir, "house");
	assert_int_equal(chdir(h->dir), 0);
	assert_int_equal(mkdir("run", 0700) | mkdir("messages", 0700), 0);
	assert_int_equal(store_open(&h->tool, h->dir, STORE_CREATE), 0);
	assert_int_equal(store_open(&h->store, h->dir, STORE_DAEMON), 0);
	assert_int_equal(sqlite3_open("store.db", &h->db), SQLITE_OK);
	(void)sqlite3_busy_timeout(h->db, 5000);
	h->config = config_make();
	sip_bench_open(&h->bench, request, response, h);
	sip_peer_open(&h->caller, "127.0.0.1", &h->bench.laddr);
	sip_peer_open(&h->ana, "127.0.0.1", &h->bench.laddr);
	sip_peer_open(&h->home, "127.0.0.1", &h->bench.laddr);
	trunk_add(h);
	house_key(h);

	return wire_listen(&h->media.server, "run/media.sock", WIRE_MEDIA,
			   WIRE_LINE, asked, NULL, &h->media);
}


int house_close(void **state)
{
	struct house *h = *state;

	house_stop(h);
	mem_deref(h->trunks);
	h->media.server = mem_deref(h->media.server);
	sip_peer_close(&h->home);
	sip_peer_close(&h->ana);
	sip_peer_close(&h->caller);
	sip_bench_close(&h->bench);
	store_close(h->store);
	store_close(h->tool);
	(void)sqlite3_close(h->db);
	test_free(h->config);
	assert_int_equal(chdir(h->before), 0);
	tmpdir_remove(h->dir);
	test_free(h);

	return 0;
}


int house_start(struct house *h)
{
	const struct switchboard_config c = {
		.config = h->config,
		.sip = h->bench.sip,
		.store = h->store,
		.held = h->held,
		.sound = h->sound,
		.trunks = h->trunks,
		.laddrs = &h->bench.laddr,
		.n_laddrs = 1,
		.credentialsh = trunks_credentials,
		.credentials_arg = h->trunks,
	};

	return switchboard_alloc(&h->sb, &c);
}


void house_control(struct house *h)
{
	assert_int_equal(control_alloc(&h->control, "run/line.sock", h->sb,
				       h->trunks, h->store), 0);
}


void house_stop(struct house *h)
{
	h->control = mem_deref(h->control);
	h->sb = mem_deref(h->sb);

	/* what it wrote last must not come back to it */
	store_close(h->store);
	h->store = NULL;
	if (store_open(&h->store, h->dir, STORE_DAEMON)) /* out of memory? */
		assert_int_equal(store_open(&h->store, h->dir, STORE_DAEMON),
				 0);
}


void house_on_duty(struct house *h)
{
	struct store_person p = {.name = "Ana", .on_duty = true};
	char uri[64];
	int n;

	n = re_snprintf(uri, sizeof(uri), "sip:ana@%J", &h->ana.laddr);
	assert_int_equal(secret_set(&p.phone, uri, (size_t)n), 0);
	assert_int_equal(store_person_add(h->tool, &p), 0);
	if (h->sb)
		assert_int_equal(switchboard_people_changed(h->sb), 0);
}


int house_count(struct house *h, const char *sql)
{
	sqlite3_stmt *st;
	int n = 0;

	assert_int_equal(sqlite3_prepare_v2(h->db, sql, -1, &st, NULL),
			 SQLITE_OK);
	if (sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int(st, 0);
	(void)sqlite3_finalize(st);

	return n;
}


static bool is_so(void *arg)
{
	struct house *h = arg;

	return house_count(h, h->sql) != 0;
}


void house_await(struct house *h, const char *sql)
{
	h->sql = sql;
	sip_loop(is_so, h, sql);
}


void house_call(struct house *h, struct sip_call *c, const char *headers)
{
	sip_call_begin(c, &h->caller);
	sip_call_request(c, "INVITE", headers, SDP);
	(void)sip_call_await(c, "200 INVITE");
	sip_call_request(c, "ACK", NULL, NULL);
	sip_peer_sync(&h->caller);
}


static bool is_asked(void *arg)
{
	return ((const struct house *)arg)->media.holds;
}


void house_answer(struct house *h, const struct house_answer *answers,
		  size_t n)
{
	for (size_t i = 0; i < n; i++) {
		sip_loop(is_asked, h, answers[i].prompt);
		h->media.holds = false;
		h->media.held = i + 1 < n ? answers[i + 1].prompt : NULL;
		if (answers[i].keys)
			house_keys(h, h->media.in, answers[i].keys);
	}
}


void house_talk(struct house *h, struct sip_call *c, const char *headers,
		const struct house_answer *answers, size_t n)
{
	h->media.held = answers[0].prompt;
	house_call(h, c, headers);
	house_answer(h, answers, n);
}


/* one after the other, each when the last one was heard and thought about */
void house_keys(struct house *h, uint64_t leg, const char *keys)
{
	for (; *keys; keys++) {
		struct wire_leg_digit digit = {.leg = leg};

		digit.code = *keys == '#' ? 11 : (uint8_t)(*keys - '0');
		assert_int_equal(wire_event(h->media.conn, WIRE_LEG_DIGIT,
					    &digit), 0);
		for (int i = 0; i < 3; i++)
			sip_peer_sync(&h->caller);
	}
}


struct wanted {
	const struct house *h;
	enum wire_type type;
	unsigned n;
};


static bool was_asked(void *arg)
{
	const struct wanted *w = arg;

	return w->h->media.n[w->type] >= w->n;
}


void house_asked(struct house *h, enum wire_type type, unsigned n)
{
	struct wanted w = {h, type, n};

	sip_loop(was_asked, &w, wire_name(type));
}


const struct sip_msg *house_picks_up(struct sip_peer *p)
{
	const struct sip_msg *invite = sip_peer_await(p, "INVITE");

	sip_peer_reply(p, invite, 180, "phone", NULL, NULL);
	sip_peer_reply(p, invite, 200, "phone", NULL, SDP);
	(void)sip_peer_await(p, "ACK");

	return invite;
}


void house_bye(struct sip_peer *p)
{
	sip_peer_reply(p, sip_peer_await(p, "BYE"), 200, NULL, NULL, NULL);
}
