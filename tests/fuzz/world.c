/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * world.c  Builds the line up and takes it down, hears what it says to whom,
 * and judges it.
 */
#include <sodium.h>

#include "line/digest.h"
#include "line/lurkers.h"
#include "line/nonce.h"
#include "store/phone.h"
#include "loop.h"
#include "world.h"

enum { GOOD_BYE_MS = 120000, STEP_MS = 1000, FORGET_MS = 70000 };


/* ---- what the line says -------------------------------------------------- */

static void reply(struct peer *p, const struct sip_msg *req)
{
	struct mbuf *mb = mbuf_alloc(512);

	HOLDS(mb && !mbuf_printf(mb,
				 "SIP/2.0 200 OK\r\nVia: %r\r\nFrom: %r\r\n"
				 "To: %r\r\nCall-ID: %r\r\nCSeq: %u %r\r\n"
				 "Content-Length: 0\r\n\r\n",
				 &req->via.val, &req->from.val, &req->to.val,
				 &req->callid, req->cseq.num, &req->cseq.met));
	mb->pos = 0;
	(void)udp_send(p->us, &req->src, mb);
	mem_deref(mb);
}


/* nobody is rung because somebody outside says so */
static void rings(const struct peer *p, const struct sip_msg *msg)
{
	const struct world *w = p->w;
	const bool ana = p == &w->peer[PHONE] &&
			 !pl_strcmp(&msg->uri.user, "ana");
	const bool owed = p == &w->peer[HOME] &&
			  house_count(w->h, "SELECT count(*) FROM attempt");

	HOLDS(ana || owed || p->proven);
}


static void talk_begun(struct peer *p, const struct sip_msg *invite)
{
	struct world *w = p->w;
	struct talk *t = &w->talk[w->n_talks++ % WORLD_TALKS];

	memset(t, 0, sizeof(*t));
	t->peer = (unsigned)(p - w->peer);
	t->cseq = 500;
	(void)pl_strcpy(&invite->callid, t->callid, sizeof(t->callid));
	(void)pl_strcpy(&invite->from.tag, t->rtag, sizeof(t->rtag));
	str_ncpy(t->ltag, "phone", sizeof(t->ltag));
}


static bool is_known(const struct world *w, const struct sip_msg *msg)
{
	for (unsigned i = 0; i < WORLD_TALKS; i++) {
		if (!pl_strcmp(&msg->callid, w->talk[i].callid))
			return true;
	}

	return false;
}


static void was_asked(struct peer *p, struct sip_msg *msg)
{
	static const char *const may[] = {"INVITE", "ACK", "BYE", "CANCEL",
					 "UPDATE"};
	struct sip_msg **place = &p->asked[p->n_asked % WORLD_HEARD];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(may); i++) {
		if (!pl_strcmp(&msg->met, may[i]))
			break;
	}
	HOLDS(i < ARRAY_SIZE(may));
	if (!i && !pl_isset(&msg->to.tag)) {
		rings(p, msg);
		if (!is_known(p->w, msg))
			talk_begun(p, msg);
	}
	mem_deref(*place);
	*place = mem_ref(msg);
	++p->n_asked;
	if (p->w->polite && i != 1)
		reply(p, msg);
}


static void was_answered(struct peer *p, struct sip_msg *msg)
{
	struct world *w = p->w;

	/* whose address this is we have no word for but the packet's */
	HOLDS(p != &w->peer[STRANGER] || p->proven || msg->mb->end <= p->most);
	if (msg->scode == 401 || msg->scode == 407) {
		mem_deref(p->challenge);
		p->challenge = mem_ref(msg);
	}
	for (unsigned i = 0; i < WORLD_TALKS; i++) {
		struct talk *t = &w->talk[i];

		if (msg->scode > 100 && pl_isset(&msg->to.tag) &&
		    !pl_strcmp(&msg->callid, t->callid) &&
		    !pl_strcmp(&msg->from.tag, t->ltag))
			(void)pl_strcpy(&msg->to.tag, t->rtag,
					sizeof(t->rtag));
	}
}


static bool is_refusal(const struct mbuf *mb)
{
	static const char *const starts[] = {"SIP/2.0 400 ", "SIP/2.0 505 "};

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		const size_t n = strlen(starts[i]);

		if (mb->end > n && !memcmp(mb->buf, starts[i], n))
			return true;
	}

	/* STUN, of whom we know */
	return mb->end >= 20 && mb->buf[0] == 1;
}


static void received(const struct sa *src, struct mbuf *mb, void *arg)
{
	struct sip_msg *msg = NULL;
	struct peer *p = arg;

	/* what is garbled is answered with its own words */
	if (sip_msg_decode(&msg, mb)) {
		HOLDS(mb->end <= p->most && p != &p->w->peer[STRANGER]);
		HOLDS(is_refusal(mb));
		return;
	}
	msg->src = *src;
	msg->tp = SIP_TRANSP_UDP;
	if (msg->req)
		was_asked(p, msg);
	else
		was_answered(p, msg);
	mem_deref(msg);
}


void world_send(struct world *w, unsigned peer, const struct mbuf *mb)
{
	struct peer *p = &w->peer[peer % WORLD_PEERS];
	struct mbuf copy = *mb;

	copy.pos = 0;
	if (copy.end > p->most)
		p->most = copy.end;
	(void)udp_send(p->us, &w->h->bench.laddr, &copy);
	loop_run(0);
}


/* ---- made once ------------------------------------------------------------ */

static void peer_open(struct world *w, unsigned i, const char *ip,
		      struct sip_peer *instead)
{
	struct peer *p = &w->peer[i];

	p->w = w;
	HOLDS(!sa_set_str(&p->laddr, ip, 0));
	if (instead) {
		p->laddr = instead->laddr;
		instead->us = mem_deref(instead->us);
	}
	HOLDS(!udp_listen(&p->us, &p->laddr, received, p));
	HOLDS(!udp_local_get(p->us, &p->laddr));
}


static void ben_add(struct house *h)
{
	struct store_person person = {.name = "Ben", .on_duty = true};
	struct store_phone phone = {.person = BEN, .user = "ben", .made_at = 1};
	struct pl user, realm, pass;
	char hex[DIGEST_HEX];

	pl_set_str(&user, phone.user);
	pl_set_str(&realm, NONCE_REALM);
	pl_set_str(&pass, WORLD_SECRET);
	HOLDS(!digest_ha1(hex, DIGEST_SHA256, &user, &realm, &pass));
	HOLDS(!sodium_hex2bin(phone.sha256, sizeof(phone.sha256), hex,
			      2 * sizeof(phone.sha256), NULL, NULL, NULL));
	HOLDS(!store_person_add(h->tool, &person) && person.id == BEN);
	HOLDS(!store_phone_put(h->tool, &phone));
}


static void sql_run(struct house *h, const char *sql)
{
	HOLDS(sqlite3_exec(h->db, sql, NULL, NULL, NULL) == SQLITE_OK);
}


static void config_set(struct config_line *line)
{
	line->transfer = line->listen = line->show_numbers = true;
	line->n_third = 1;
	str_ncpy(line->third[0].name, "Interpreter",
		 sizeof(line->third[0].name));
	str_ncpy(line->third[0].number, "+4930901820",
		 sizeof(line->third[0].number));
}


/* its folder goes, and what was a leak until now is seen */
static void close_(void);


static struct world *make(void)
{
	static struct world w;
	void *state = NULL;

	HOLDS(sodium_init() >= 0 && !libre_init());
	HOLDS(!house_open(&state));
	w.h = state;
	store_close(w.h->store);
	HOLDS(!store_open(&w.h->store, w.h->dir, STORE_TOOL));
	w.h->bench.requests = mem_deref(w.h->bench.requests);
	w.h->bench.responses = mem_deref(w.h->bench.responses);
	peer_open(&w, CALLER, "127.0.0.1", &w.h->caller);
	peer_open(&w, PHONE, "127.0.0.1", &w.h->ana);
	peer_open(&w, HOME, "127.0.0.1", &w.h->home);
	peer_open(&w, STRANGER, "127.0.0.2", NULL);
	config_set(&w.h->config->lines[0]);
	house_on_duty(w.h);
	ben_add(w.h);
	sql_run(w.h, "DROP TRIGGER audit_is_not_removed");
	HOLDS(!chdir(w.h->before) && !atexit(close_));

	return &w;
}


static struct world *the_world(void)
{
	static struct world *w;

	if (!w)
		w = make();

	return w;
}


static void close_(void)
{
	struct world *w = the_world();
	void *state = w->h;

	for (unsigned i = 0; i < WORLD_PEERS; i++)
		mem_deref(w->peer[i].us);
	if (!chdir(w->h->dir))
		(void)house_close(&state);
	libre_close();
}


/* there are no connections here that it could cut, and it would look for them at
 * each descriptor of the process, twice a second */
int __wrap_lurkers_alloc(struct lurkers **lp, const struct sa *laddrs,
			 size_t n, lurkers_known_h *h, void *arg);
int __wrap_lurkers_alloc(struct lurkers **lp, const struct sa *laddrs,
			 size_t n, lurkers_known_h *h, void *arg)
{
	(void)lp;
	(void)laddrs;
	(void)h;
	(void)arg;
	HOLDS(!n);

	return 0;
}


/* ---- made for each input -------------------------------------------------- */

static int switchboard_start(struct world *w)
{
	const struct switchboard_config c = {
		.config = w->h->config,
		.sip = w->h->bench.sip,
		.store = w->h->store,
		.trunks = w->h->trunks,
		.registrar = w->registrar,
		.laddrs = &w->h->bench.laddr,
		.n_laddrs = 1,
		.credentialsh = trunks_credentials,
		.credentials_arg = w->h->trunks,
	};

	return switchboard_alloc(&w->h->sb, &c);
}


struct world *world_begin(void)
{
	struct world *w = the_world();
	struct ports ports = {.n_laddrs = 1};
	struct house *h = w->h;

	HOLDS(!chdir(h->dir));
	ports.laddrs[0] = h->bench.laddr;
	HOLDS(!door_alloc(&w->door, h->bench.sip, h->trunks));
	HOLDS(!registrar_alloc(&w->registrar, h->bench.sip, h->store));
	HOLDS(!switchboard_start(w));
	HOLDS(!reception_alloc(&w->reception, h->bench.sip, w->door,
			       w->registrar, h->sb));
	HOLDS(!reception_open(w->reception, &ports));
	loop_run(0);

	return w;
}


static void peer_forget(struct peer *p)
{
	for (unsigned i = 0; i < WORLD_HEARD; i++)
		p->asked[i] = mem_deref(p->asked[i]);
	p->challenge = mem_deref(p->challenge);
	p->proof[0] = '\0';
	p->n_asked = 0;
	p->most = 0;
	p->proven = false;
}


static void forget(struct world *w)
{
	static const char sql[] =
		"BEGIN IMMEDIATE; DELETE FROM attempt; DELETE FROM promise; "
		"DELETE FROM call_number; DELETE FROM call; "
		"DELETE FROM binding; DELETE FROM audit; DELETE FROM mark; "
		"DELETE FROM looked; DELETE FROM dialler; COMMIT";

	for (unsigned i = 0; i < WORLD_PEERS; i++)
		peer_forget(&w->peer[i]);
	memset(w->talk, 0, sizeof(w->talk));
	memset(&w->said, 0, sizeof(w->said));
	w->n_talks = w->n_calls = w->n_sent = w->n_waiting = 0;
	sql_run(w->h, sql);
}


void world_end(struct world *w)
{
	struct house *h = w->h;
	struct wire_status status;

	reception_close(w->reception);
	switchboard_close(h->sb);
	loop_run(0);
	for (unsigned ms = 0;
	     ms < GOOD_BYE_MS && !switchboard_is_idle(h->sb); ms += STEP_MS)
		loop_run(STEP_MS);
	switchboard_status(h->sb, &status);
	HOLDS(switchboard_is_idle(h->sb) && !w->n_waiting);
	HOLDS(!status.n_arriving && !status.n_waiting && !status.n_talking);
	loop_run(0);
	HOLDS(!house_legs(h));

	w->tool = mem_deref(w->tool);
	w->web = mem_deref(w->web);
	h->control = mem_deref(h->control);
	w->reception = mem_deref(w->reception);
	h->sb = mem_deref(h->sb);
	w->registrar = mem_deref(w->registrar);
	w->door = mem_deref(w->door);
	w->polite = false;
	loop_run(FORGET_MS);
	forget(w);
	HOLDS(!chdir(h->before));
}


/* ---- ringback-web, and a command ------------------------------------------ */

static void on_event(struct wire_conn *conn, const struct wire_msg *msg,
		     void *arg)
{
	struct world *w = arg;
	(void)conn;

	if (msg->type == WIRE_COUNSELLOR)
		memcpy(&w->said, msg->payload, sizeof(w->said));
}


static void on_close(struct wire_conn *conn, void *arg)
{
	(void)conn;
	(void)arg;
	HOLDS(!"the line takes what its rows allow");
}


void world_forgotten(const struct wire_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
}


void world_clients(struct world *w)
{
	struct wire_console page = {.person = ANA, .present = 1};

	house_control(w->h);
	HOLDS(!wire_connect(&w->web, "run/line.sock", WIRE_WEB, WIRE_LINE,
			    on_event, on_close, w));
	HOLDS(!wire_connect(&w->tool, "run/line.sock", WIRE_TOOL, WIRE_LINE,
			    on_event, on_close, w));
	HOLDS(!wire_ask(w->web, WIRE_CONSOLE, &page, NULL, 0, world_forgotten,
			w));
	page.person = BEN;
	HOLDS(!wire_ask(w->web, WIRE_CONSOLE, &page, NULL, 0, world_forgotten,
			w));
	loop_run(0);
}
