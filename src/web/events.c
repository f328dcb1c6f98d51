/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * events.c  Streams of events to open pages, and who is present by them. Must
 * not know what the events mean.
 */
#include <errno.h>
#include <string.h>

#include "events.h"
#include "stream.h"
#include "web.h"


enum {
	PAGES = 24,          /* of one person                               */
	PAGES_OF_SESSION = 6, /* beyond that the oldest goes                */
	COMMENT_MS = 10000,
	BEAT_MS = 20000,     /* without a heartbeat: not present            */
	FORSAKEN_MS = 60000, /* the page of a stream is not there any more  */
	GRACE_MS = 3000,     /* a page that reloads stays present           */
	RETRY_MS = 1000,
	BLOCK = 16384,
};

struct events {
	struct list visitors;
	events_presence_h *presenceh;
	events_open_h *openh;
	void *arg;
	struct tmr comment;
};

/* a person with a page that is open, or was a moment ago */
struct visitor {
	struct le le;
	struct events *events; /* NULL when that is gone */
	struct list streams;
	struct tmr tmr;
	uint64_t beat;         /* last heartbeat: jiffies                   */
	uint64_t closed;       /* last stream ended: jiffies                */
	uint32_t person;
	bool present;
};


/* ---- who is present ---- */

static void visitor_destructor(void *data)
{
	struct visitor *v = data;

	tmr_cancel(&v->tmr);
	list_unlink(&v->le);
}


static struct visitor *visitor_find(const struct events *e, uint32_t person)
{
	for (struct le *le = e->visitors.head; le; le = le->next) {
		struct visitor *v = le->data;

		if (v->person == person)
			return v;
	}

	return NULL;
}


static uint64_t present_until(const struct visitor *v)
{
	const uint64_t beat = v->beat + BEAT_MS;
	const uint64_t stream = v->streams.head ? UINT64_MAX
						: v->closed + GRACE_MS;

	return beat < stream ? beat : stream;
}


/* says it if they have come or gone; who has gone and has no stream either is
 * forgotten */
static void visitor_look(void *arg)
{
	struct visitor *v = arg;
	struct events *e = v->events;
	const uint64_t now = tmr_jiffies(), until = present_until(v);
	const bool present = until > now;

	if (!e)
		return;
	if (present)
		tmr_start(&v->tmr, until - now, visitor_look, v);
	else
		tmr_cancel(&v->tmr);
	if (present != v->present) {
		v->present = present;
		e->presenceh(v->person, present, e->arg);
	}
	if (!present && !v->streams.head)
		mem_deref(v);
}


static struct visitor *visitor_get(struct events *e, uint32_t person)
{
	struct visitor *v = visitor_find(e, person);

	if (v)
		return v;

	v = mem_zalloc(sizeof(*v), visitor_destructor);
	if (!v)
		return NULL;
	v->events = e;
	v->person = person;
	tmr_init(&v->tmr);
	list_append(&e->visitors, &v->le, v);

	return v;
}


/* ---- pages ---- */

/* libmicrohttpd has no more use for it */
static void stream_free(void *cls)
{
	struct stream *s = cls;
	struct visitor *v = s->visitor;

	mem_deref(s);
	v->closed = tmr_jiffies();
	if (v->events)
		visitor_look(v);
	else if (!v->streams.head)
		mem_deref(v);
}


static void stream_open(struct request *req, struct stream *s)
{
	struct events *e = s->visitor->events;
	struct MHD_Response *resp = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, BLOCK, stream_read, s, stream_free);
	char retry[32];

	if (!resp) {
		stream_free(s);
		request_errno(req, ENOMEM);
		return;
	}
	s->peer->until = UINT64_MAX;
	(void)re_snprintf(retry, sizeof(retry), "retry: %d\n\n", RETRY_MS);
	stream_write(s, retry, strlen(retry));

	s->visitor->beat = tmr_jiffies();
	visitor_look(s->visitor);
	e->openh(s, s->visitor->person, e->arg);

	request_header(req, "Content-Type", "text/event-stream");
	request_header(req, "Cache-Control", "no-store");
	/* nginx passes each event on at once */
	request_header(req, "X-Accel-Buffering", "no");
	request_answer(req, 200, resp);
}


/* those that are not about to end */
static unsigned n_open(const struct visitor *v)
{
	unsigned n = 0;

	for (const struct le *le = v->streams.head; le; le = le->next) {
		const struct stream *s = le->data;

		n += !s->over && !s->cut;
	}

	return n;
}


/* One browser's connections that nobody reads any more, or somebody who opens
 * one after the other. The page that loses its stream is told not to come back
 * by itself: it would push out the next one. */
static void make_room(struct visitor *v, uint64_t session)
{
	struct stream *oldest = NULL;
	unsigned n = 0;

	for (struct le *le = v->streams.head; le; le = le->next) {
		struct stream *s = le->data;

		if (s->session != session || s->over || s->cut)
			continue;
		if (!n++)
			oldest = s;
	}
	if (n < PAGES_OF_SESSION)
		return;

	stream_tell(oldest, "superseded", NULL);
	oldest->over = true;
	stream_wake(oldest);
}


static void on_events(struct request *req)
{
	struct visitor *v = visitor_get(req->web->events, req->session.person);
	struct stream *s;
	int err;

	if (!v) {
		request_errno(req, ENOMEM);
		return;
	}
	make_room(v, req->session.id);
	if (n_open(v) >= PAGES) {
		request_error(req, 429, "too_many_pages",
			      "this account has too many pages open; close "
			      "some of them");
		return;
	}

	err = stream_alloc(&s, &v->streams, req);
	if (err) {
		visitor_look(v);
		request_errno(req, err);
		return;
	}
	s->visitor = v;
	stream_open(req, s);
}


static void on_heartbeat(struct request *req)
{
	struct visitor *v = visitor_find(req->web->events,
					 req->session.person);
	int visible;

	if (!request_unpack(req, "{s:b}", "visible", &visible))
		return;

	if (v) {
		v->beat = tmr_jiffies();
		for (struct le *le = v->streams.head; le; le = le->next) {
			struct stream *s = le->data;

			if (s->session == req->session.id)
				s->beat = v->beat;
		}
		visitor_look(v);
	}
	request_done(req);
}


static const struct route routes[] = {
	{ROUTE_GET, "/api/v1/events", on_events, 0, 0},
	{ROUTE_POST, "/api/v1/me/heartbeat", on_heartbeat, 0, 0},
};

const struct route_table events_routes = {routes, ARRAY_SIZE(routes)};


/* ---- what is told ---- */

static void visitor_tell(const struct visitor *v, const char *text)
{
	struct le *le = v->streams.head;

	while (le) {
		struct stream *s = le->data;

		le = le->next;
		stream_write(s, text, strlen(text));
	}
}


/* new (mem_deref) */
static char *event_text(const char *name, json_t *json)
{
	char *data = json ? json_dumps(json, JSON_COMPACT) : NULL;
	char *text = NULL;

	if (data || !json)
		(void)re_sdprintf(&text, "event: %s\ndata: %s\n\n", name,
				  data ? data : "{}");
	free(data);
	json_decref(json);

	return text;
}


void stream_tell(struct stream *s, const char *name, json_t *json)
{
	char *text = event_text(name, json);

	if (text)
		stream_write(s, text, strlen(text));
	mem_deref(text);
}


void events_tell(struct events *e, uint32_t person, const char *name,
		 json_t *json)
{
	const struct visitor *v = visitor_find(e, person);
	char *text = event_text(name, json);

	if (text && v)
		visitor_tell(v, text);
	mem_deref(text);
}


void events_tell_all(struct events *e, const char *name, json_t *json)
{
	char *text = event_text(name, json);

	for (struct le *le = e->visitors.head; text && le; le = le->next)
		visitor_tell(le->data, text);
	mem_deref(text);
}


static void stream_out(struct stream *s)
{
	stream_tell(s, "signed_out", NULL);
	s->over = true;
	stream_wake(s);
}


/* session 0: all of them */
static void visitor_out(struct visitor *v, uint64_t session)
{
	for (struct le *le = v->streams.head; le; le = le->next) {
		struct stream *s = le->data;

		if (!session || s->session == session)
			stream_out(s);
	}
}


void events_signed_out(struct events *e, uint64_t session)
{
	for (struct le *le = e->visitors.head; le; le = le->next)
		visitor_out(le->data, session);
}


void events_person_out(struct events *e, uint32_t person)
{
	struct visitor *v = visitor_find(e, person);

	if (v)
		visitor_out(v, 0);
}


bool events_present(const struct events *e, uint32_t person)
{
	const struct visitor *v = visitor_find(e, person);

	return v && v->present;
}


void events_each(const struct events *e,
		 void (*h)(uint32_t person, void *arg), void *arg)
{
	for (struct le *le = e->visitors.head; le; le = le->next) {
		const struct visitor *v = le->data;

		if (v->present)
			h(v->person, arg);
	}
}


/* ---- all of it ---- */

/* a page that is gone without a word is found out by writing to it */
static void comment(void *arg)
{
	static const char text[] = ":\n\n";
	struct events *e = arg;
	const uint64_t now = tmr_jiffies();

	for (struct le *le = e->visitors.head; le; le = le->next) {
		struct visitor *v = le->data;

		for (struct le *k = v->streams.head; k; k = k->next) {
			struct stream *s = k->data;

			if (s->beat + FORSAKEN_MS < now)
				stream_cut(s);
			else
				stream_write(s, text, sizeof(text) - 1);
		}
	}
	tmr_start(&e->comment, COMMENT_MS, comment, e);
}


static void destructor(void *data)
{
	struct events *e = data;
	struct le *le = e->visitors.head;

	tmr_cancel(&e->comment);
	while (le) {
		struct visitor *v = le->data;

		le = le->next;
		v->events = NULL;
		tmr_cancel(&v->tmr);
		list_unlink(&v->le);
		if (!v->streams.head) {
			mem_deref(v);
			continue;
		}
		for (struct le *k = v->streams.head; k; k = k->next)
			stream_cut(k->data);
	}
}


int events_alloc(struct events **ep, events_presence_h *presenceh,
		 events_open_h *openh, void *arg)
{
	struct events *e;

	if (!ep || !presenceh || !openh)
		return EINVAL;

	e = mem_zalloc(sizeof(*e), destructor);
	if (!e)
		return ENOMEM;
	e->presenceh = presenceh;
	e->openh = openh;
	e->arg = arg;
	tmr_init(&e->comment);
	tmr_start(&e->comment, COMMENT_MS, comment, e);
	*ep = e;

	return 0;
}
