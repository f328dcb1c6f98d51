/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * colleagues.c  Who is on duty besides the one who asks, for any line of
 * theirs. Whether one of them can be asked just now, the line knows.
 */
#include <errno.h>
#include <string.h>

#include "accounts_parts.h"
#include "core/core.h"
#include "colleagues.h"
#include "rows.h"


/* a list being put together */
struct colleagues {
	json_t *people;
	struct rows rows;
};


static void destructor(void *data)
{
	struct colleagues *c = data;

	json_decref(c->people);
}


static bool is_off(unsigned state)
{
	return state == PERSON_NONE || state == PERSON_OFF ||
	       state >= PERSON_STATES;
}


static int person_add(struct request *req, const void *row)
{
	struct colleagues *c = req->state;
	struct wire_board_person p;
	struct store_person person;
	int err;

	memcpy(&p, row, sizeof(p));
	if (is_off(p.state) || p.person == req->session.person ||
	    !roles_share_line(&req->session, req->web, p.person,
			      SESSION_COUNSELLOR | SESSION_COORDINATOR))
		return 0;

	err = store_person_find(req->web->store, p.person, &person);
	if (err)
		return err == ENOENT ? 0 : err; /* removed meanwhile */
	secret_wipe(&person.phone);

	return json_array_append_new(
		c->people,
		json_pack("{s:I, s:s, s:s}", "person", (json_int_t)p.person,
			  "name", person.name, "state",
			  person_state_name((enum person_state)p.state)));
}


static void reply(struct request *req)
{
	const struct colleagues *c = req->state;

	request_reply(req, 200, json_pack("{s:O}", "people", c->people));
}


static void on_colleagues(struct request *req)
{
	struct colleagues *c = mem_zalloc(sizeof(*c), destructor);

	if (!c) {
		request_errno(req, ENOMEM);
		return;
	}
	req->state = c;
	c->people = json_array();
	rows_walk(req, &c->rows, ROWS_PEOPLE, person_add, reply);
}


static const struct route routes[] = {
	{ROUTE_GET, "/api/v1/colleagues", on_colleagues, 0, SESSION_ANY},
};

const struct route_table colleagues_routes = {routes, ARRAY_SIZE(routes)};
