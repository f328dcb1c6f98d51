/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * board.c  The board: asks the line for its rows, some at a time, and puts
 * names to them. Whoever asks sees calls and people of their own lines alone.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include "accounts_parts.h"
#include "core/core.h"
#include "board.h"
#include "counsellor.h"
#include "rows.h"
#include "web.h"


enum { ID_TEXT = 12 };

/* a board being put together */
struct board {
	json_t *calls;
	json_t *people;
	json_t *names; /* by person's id */
	struct rows rows;
};


static void destructor(void *data)
{
	struct board *b = data;

	json_decref(b->calls);
	json_decref(b->people);
	json_decref(b->names);
}


static const char *id_text(char text[ID_TEXT], uint32_t id)
{
	(void)snprintf(text, ID_TEXT, "%" PRIu32, id);
	return text;
}


static bool name_add(const struct store_person *p, void *arg)
{
	char id[ID_TEXT];

	(void)json_object_set_new(arg, id_text(id, p->id),
				  json_string(p->name));
	return false;
}


static int call_add(struct request *req, const void *row)
{
	const struct board *b = req->state;
	struct wire_board_call c;

	memcpy(&c, row, sizeof(c));
	if (!session_may(&req->session, c.line, SESSION_ANY))
		return 0;

	return json_array_append_new(b->calls,
				     board_call_json(&c, req->web->config));
}


/* whoever sees to all lines sees also who is left of a line that is gone */
static bool is_shown(const struct request *req, uint32_t person)
{
	return req->session.all & SESSION_ANY ||
	       roles_share_line(&req->session, req->web, person, SESSION_ANY);
}


/* who was removed meanwhile has no name, and no place here */
static int person_add(struct request *req, const void *row)
{
	const struct board *b = req->state;
	struct wire_board_person p;
	json_t *name;
	char id[ID_TEXT];

	memcpy(&p, row, sizeof(p));
	name = json_object_get(b->names, id_text(id, p.person));
	if (!name || p.state >= PERSON_STATES || !is_shown(req, p.person))
		return 0;

	return json_array_append_new(
		b->people,
		json_pack("{s:I, s:O, s:s, s:b}",
			  "person", (json_int_t)p.person,
			  "name", name,
			  "state",
			  person_state_name((enum person_state)p.state),
			  "browser", p.browser != 0));
}


static int64_t now_ms(void)
{
	struct timeval tv;

	(void)gettimeofday(&tv, NULL);
	return (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000;
}


static void reply(struct request *req)
{
	const struct board *b = req->state;

	request_reply(req, 200,
		      json_pack("{s:O, s:O, s:I}", "calls", b->calls,
				"people", b->people, "now",
				(json_int_t)now_ms()));
}


static void on_calls(struct request *req)
{
	struct board *b = req->state;

	rows_walk(req, &b->rows, ROWS_PEOPLE, person_add, reply);
}


static void on_board(struct request *req)
{
	struct board *b = mem_zalloc(sizeof(*b), destructor);
	int err;

	if (!b) {
		request_errno(req, ENOMEM);
		return;
	}
	req->state = b;
	b->calls = json_array();
	b->people = json_array();
	b->names = json_object();
	err = store_person_each(req->web->store, name_add, b->names);
	if (err)
		request_errno(req, err);
	else
		rows_walk(req, &b->rows, ROWS_CALLS, call_add, on_calls);
}


static const struct route routes[] = {
	{ROUTE_GET, "/api/v1/board", on_board, 0, SESSION_ANY},
};

const struct route_table board_routes = {routes, ARRAY_SIZE(routes)};
