/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * bridge.c  The connection to the line. Keeps what the line last said of each
 * counsellor who is present, for pages that are opened later. Must not decide
 * who may ask what.
 */
#include <errno.h>
#include <string.h>

#include "wire/conn.h"
#include "bridge.h"
#include "counsellor.h"
#include "web.h"

#define LOG_MODULE "bridge"
#include "base/log.h"


enum {
	RETRY_FIRST_MS = 50,
	RETRY_MOST_MS = 1000,
	CHANGED_MS = 250, /* news of the board are told no closer than this */
};

struct bridge {
	struct web *web;
	struct wire_conn *conn;
	char path[LIMIT_PATH];
	struct list known;   /* of struct known */
	struct list asking;  /* of struct asking */
	struct tmr retry;
	struct tmr changed;
	uint64_t delay;
	struct wire_changed news; /* that pages are still to be told */
	bool up;             /* it has answered */
};

/* what the line last said of somebody */
struct known {
	struct le le;
	struct wire_counsellor c;
};

struct asking {
	struct le le;
	struct request *req;
	struct bridge_ask ask; /* but for what was borrowed */
};


static void known_destructor(void *data)
{
	struct known *k = data;

	list_unlink(&k->le);
}


static struct known *known_find(const struct bridge *b, uint32_t person)
{
	for (struct le *le = b->known.head; le; le = le->next) {
		struct known *k = le->data;

		if (k->c.person == person)
			return k;
	}

	return NULL;
}


uint64_t bridge_listening(const struct bridge *b, uint32_t person)
{
	const struct known *k = known_find(b, person);

	return k ? k->c.listening : 0;
}


/* counsellor_name_h */
static json_t *name_of(uint32_t person, void *arg)
{
	const struct web *web = arg;
	struct store_person p;
	json_t *name;

	if (store_person_find(web->store, person, &p))
		return json_string(""); /* removed meanwhile */
	name = json_string(p.name);
	secret_wipe(&p.phone);

	return name;
}


static json_t *state_json(const struct bridge *b,
			  const struct wire_counsellor *c)
{
	return counsellor_json(c, b->web->config, name_of, b->web);
}


/* ---- to the line ---- */

static void done(const struct wire_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
}


static void presence_say(struct bridge *b, uint32_t person, bool present)
{
	const struct wire_console console = {person, present};

	if (!b->conn)
		return;
	if (wire_ask(b->conn, WIRE_CONSOLE, &console, NULL, 0, done, b))
		log_warn("the line could not be told of a console");
}


void bridge_presence(struct bridge *b, uint32_t person, bool present)
{
	if (!present)
		mem_deref(known_find(b, person));
	presence_say(b, person, present);
}


void bridge_listen_end(struct bridge *b, uint32_t person)
{
	const struct wire_do todo = {.person = person,
				     .verb = WIRE_VERB_LISTEN_END};

	if (b->conn)
		(void)wire_ask(b->conn, WIRE_COUNSELLOR_DO, &todo, NULL, 0,
			       done, b);
}


static void present_again(uint32_t person, void *arg)
{
	presence_say(arg, person, true);
}


void bridge_people_changed(struct bridge *b)
{
	const struct wire_none none = {0};

	if (b->conn)
		(void)wire_ask(b->conn, WIRE_PEOPLE_CHANGED, &none, NULL, 0,
			       done, b);
}


/* ---- questions of pages ---- */

static void asking_destructor(void *data)
{
	struct asking *a = data;

	list_unlink(&a->le);
	mem_deref(a->req);
}


static void refuse(struct request *req, const struct bridge_refusal *r,
		   const struct wire_refused *refused)
{
	for (; r && r->err; r++) {
		if (r->err == refused->err) {
			request_error(req, r->status, r->word, r->message);
			return;
		}
	}
	request_errno(req, refused->err);
}


static void answered(const struct wire_msg *msg, void *arg)
{
	struct asking *a = arg;

	if (!msg)
		request_errno(a->req, ENOTCONN);
	else if (msg->type == WIRE_REFUSED)
		refuse(a->req, a->ask.refusals, msg->payload);
	else if (msg->type != a->ask.answer)
		request_errno(a->req, EPIPE);
	else if (a->ask.replyh)
		a->ask.replyh(a->req, msg, a->ask.arg);
	else
		request_done(a->req);
	mem_deref(a);
}


void bridge_ask(struct request *req, const struct bridge_ask *ask)
{
	struct bridge *b = req->web->bridge;
	struct asking *a;
	int err;

	if (!b->conn || !b->up) {
		request_errno(req, ENOTCONN);
		return;
	}
	a = mem_zalloc(sizeof(*a), asking_destructor);
	if (!a) {
		request_errno(req, ENOMEM);
		return;
	}

	a->req = mem_ref(req);
	a->ask = *ask;
	a->ask.payload = a->ask.blob = NULL;
	err = wire_ask(b->conn, ask->type, ask->payload, ask->blob,
		       ask->n_blob, answered, a);
	if (!err) {
		list_append(&b->asking, &a->le, a);
		request_later(req);
		return;
	}
	mem_deref(a);
	request_errno(req, err);
}


void bridge_do(struct request *req, struct wire_do todo,
	       const struct bridge_refusal *refusals)
{
	const struct bridge_ask ask = {
		.type = WIRE_COUNSELLOR_DO,
		.payload = &todo,
		.answer = WIRE_DONE,
		.refusals = refusals,
	};

	todo.person = req->session.person;
	bridge_ask(req, &ask);
}


/* ---- from the line ---- */

static void on_counsellor(struct bridge *b, const struct wire_msg *msg)
{
	const struct wire_counsellor *c = msg->payload;
	struct known *k = known_find(b, c->person);
	bool duty = false;

	if (!events_present(b->web->events, c->person))
		return;
	if (k)
		duty = k->c.on_duty != c->on_duty;
	else
		k = mem_zalloc(sizeof(*k), known_destructor);
	if (k) {
		if (!k->le.list)
			list_append(&b->known, &k->le, k);
		k->c = *c;
	}

	events_tell(b->web->events, c->person, "state", state_json(b, c));
	if (duty)
		events_tell(b->web->events, c->person, "me", NULL);
}


static void changed(void *arg)
{
	struct bridge *b = arg;
	const struct wire_changed news = b->news;

	b->news = (struct wire_changed){0};
	if (news.board)
		events_tell_all(b->web->events, "board", NULL);
	if (news.promises)
		events_tell_all(b->web->events, "promises", NULL);
	if (news.marks)
		events_tell_all(b->web->events, "marks", NULL);
	if (news.alarms)
		events_tell_all(b->web->events, "alarms", NULL);
}


static void news_add(struct bridge *b, const struct wire_changed *news)
{
	b->news.board |= news->board;
	b->news.promises |= news->promises;
	b->news.marks |= news->marks;
	b->news.alarms |= news->alarms;
	if (!tmr_isrunning(&b->changed))
		tmr_start(&b->changed, CHANGED_MS, changed, b);
}


void bridge_changed(struct bridge *b)
{
	const struct wire_changed all = {1, 1, 1, 1};

	news_add(b, &all);
}


static void on_board(struct bridge *b, const struct wire_msg *msg)
{
	news_add(b, msg->payload);
}


static void on_quality(struct bridge *b, const struct wire_msg *msg)
{
	const struct wire_sound_quality *q = msg->payload;

	events_tell(b->web->events, q->person, "quality", quality_json(q));
}


static const struct {
	enum wire_type type;
	void (*h)(struct bridge *b, const struct wire_msg *msg);
} rows[] = {
	{WIRE_COUNSELLOR, on_counsellor},
	{WIRE_BOARD_CHANGED, on_board},
	{WIRE_SOUND_QUALITY, on_quality},
};


static void told(struct wire_conn *conn, const struct wire_msg *msg, void *arg)
{
	(void)conn;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].type == msg->type)
			rows[i].h(arg, msg);
	}
}


/* ---- the connection ---- */

static void line_tell(struct bridge *b)
{
	events_tell_all(b->web->events, "line",
			json_pack("{s:b}", "up", b->up));
}


static void connect_try(void *arg);


static void again(struct bridge *b)
{
	b->delay = b->delay ? b->delay * 2 : RETRY_FIRST_MS;
	if (b->delay > RETRY_MOST_MS)
		b->delay = RETRY_MOST_MS;
	tmr_start(&b->retry, b->delay, connect_try, b);
}


static void closed(struct wire_conn *conn, void *arg)
{
	struct bridge *b = arg;

	(void)conn;
	b->conn = mem_deref(b->conn);
	list_flush(&b->known); /* whatever it was, it is not so any more */
	if (b->up) {
		log_note("the line is away");
		b->up = false;
		line_tell(b);
	}
	again(b);
}


/* the first answer: it is a line, and of our build */
static void greeted(const struct wire_msg *msg, void *arg)
{
	struct bridge *b = arg;

	if (!msg)
		return;
	log_note("the line answers");
	b->up = true;
	b->delay = 0;
	line_tell(b);
	bridge_changed(b);
}


static void connect_try(void *arg)
{
	struct bridge *b = arg;
	const struct wire_none none = {0};
	int err;

	err = wire_connect(&b->conn, b->path, WIRE_WEB, WIRE_LINE, told,
			   closed, b);
	if (err) {
		b->conn = NULL;
		again(b);
		return;
	}

	err = wire_ask(b->conn, WIRE_STATUS, &none, NULL, 0, greeted, b);
	if (err) {
		b->conn = mem_deref(b->conn);
		again(b);
		return;
	}
	events_each(b->web->events, present_again, b);
}


void bridge_open(struct bridge *b, struct stream *s, uint32_t person)
{
	const struct known *k = known_find(b, person);

	if (k)
		stream_tell(s, "state", state_json(b, &k->c));
	stream_tell(s, "line", json_pack("{s:b}", "up", b->up));
}


static void destructor(void *data)
{
	struct bridge *b = data;

	tmr_cancel(&b->retry);
	tmr_cancel(&b->changed);
	mem_deref(b->conn);
	list_flush(&b->asking);
	list_flush(&b->known);
}


int bridge_alloc(struct bridge **bp, struct web *web, const char *path)
{
	struct bridge *b;

	if (!bp || !web || !path)
		return EINVAL;

	b = mem_zalloc(sizeof(*b), destructor);
	if (!b)
		return ENOMEM;
	b->web = web;
	str_ncpy(b->path, path, sizeof(b->path));
	tmr_init(&b->retry);
	tmr_init(&b->changed);
	tmr_start(&b->retry, 0, connect_try, b);
	*bp = b;

	return 0;
}
