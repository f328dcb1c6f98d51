/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * session.c  Who is signed in: by the token in their cookie, of which only the
 * hash is kept. Must not print or log either.
 */
#include <errno.h>
#include <string.h>

#include "accounts_parts.h"


enum {
	DAY_MS = 86400000,
	UNUSED_DAYS = 14,
	SEEN_MS = 600000, /* COARSE_SIGHT: it stands there no finer */
	AT_ONCE = 16,    /* browsers of one person                 */
};


static bool is_over(const struct store_session *row, int64_t now)
{
	return now - row->seen_at > (int64_t)UNUSED_DAYS * DAY_MS;
}


int accounts_session(struct session *s, struct web *web, const char *cookie)
{
	const int64_t now = accounts_now();
	uint8_t hash[PROOF_BYTES];
	struct store_session row;
	int err;

	if (token_hash(hash, cookie))
		return ENOENT;
	err = store_session_get(web->store, hash, &row);
	if (err)
		return err;
	if (is_over(&row, now))
		return ENOENT;

	/* if it is not written: the next request tries again */
	if (now - row.seen_at > SEEN_MS)
		(void)store_session_seen(web->store, row.id, now, NULL, NULL);

	memset(s, 0, sizeof(*s));
	s->id = row.id;
	s->person = row.person;

	return roles_read(s, web, row.person);
}


struct oldest {
	uint32_t id; /* 0 none */
	unsigned n;
};


static bool oldest_handler(const struct store_session *row, void *arg)
{
	struct oldest *o = arg;

	if (!o->id)
		o->id = row->id;
	++o->n;

	return false;
}


/* the one that was made first makes room */
static int room_make(struct web *web, uint32_t person)
{
	struct oldest o = {0};
	int err;

	err = store_session_each(web->store, person, oldest_handler, &o);
	if (err || o.n < AT_ONCE)
		return err;

	err = store_session_remove(web->store, person, o.id);
	accounts_signed_out(web, person, o.id);

	return err;
}


static int row_add(struct web *web, uint32_t person, char token[PROOF_TEXT],
		   struct session *s)
{
	struct store_session row = {.person = person};
	int err;

	row.made_at = row.seen_at = accounts_now();
	token_make(token, row.hash);
	err = store_session_add(web->store, &row);
	if (err)
		return err;

	memset(s, 0, sizeof(*s));
	s->id = row.id;
	s->person = person;

	return roles_read(s, web, person);
}


void session_start(struct request *req, uint32_t person)
{
	char token[PROOF_TEXT];
	struct session s;
	json_t *me = NULL;
	int err;

	/* a browser has one: what it had before is over */
	if (req->signed_in)
		(void)session_end(req);
	err = room_make(req->web, person);
	if (!err)
		err = row_add(req->web, person, token, &s);
	if (!err)
		err = session_me(&me, req->web, &s);
	if (!err) {
		request_cookie(req, token);
		request_reply(req, 200, me);
	}
	else {
		request_errno(req, err);
	}
	explicit_bzero(token, sizeof(token));
}


int session_end(struct request *req)
{
	int err;

	err = store_session_remove(req->web->store, req->session.person,
				   (uint32_t)req->session.id);
	if (!err)
		accounts_signed_out(req->web, req->session.person,
				    req->session.id);

	return err;
}


static json_t *languages_json(const struct config_line *line)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < line->n_languages; i++)
		(void)json_array_append_new(list,
					    json_string(line->languages[i]));

	return list;
}


/* by name alone: their numbers are the line's affair */
static json_t *third_json(const struct config_line *line)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < line->n_third; i++)
		(void)json_array_append_new(list,
					    json_string(line->third[i].name));

	return list;
}


/* lines on which they have anything to do */
static json_t *lines_json(const struct web *web, const struct session *s)
{
	json_t *list = json_array();

	for (uint32_t i = 0; list && i < web->config->n_lines; i++) {
		const struct config_line *line = &web->config->lines[i];

		if (!session_may(s, (int)i, SESSION_ANY))
			continue;
		(void)json_array_append_new(
			list,
			json_pack("{s:s, s:o, s:o, s:b, s:b, s:b}",
				  "name", line->name,
				  "languages", languages_json(line),
				  "third", third_json(line),
				  "transfer", line->transfer,
				  "listen", line->listen,
				  "show_numbers", line->show_numbers));
	}

	return list;
}


static int codes_asked(bool *asked, struct web *web, uint32_t person)
{
	struct store_account account;
	int err;

	err = store_account_get(web->store, person, &account);
	*asked = !err && secret_reveal(&account.totp)[0];
	secret_wipe(&account.totp);

	return err == ENOENT ? 0 : err;
}


/* an installation that has never run has none */
int accounts_dialler(uint32_t *id, struct web *web)
{
	struct store_dialler dialler;
	int err;

	err = store_dialler_current(web->store, &dialler);
	*id = err ? 0 : dialler.id;

	return err == ENOENT ? 0 : err;
}


int session_me(json_t **mep, struct web *web, const struct session *s)
{
	struct store_person p;
	const char *phone;
	uint32_t dialler;
	bool totp;
	json_t *me;
	int err;

	err = accounts_dialler(&dialler, web);
	if (!err)
		err = store_person_find(web->store, s->person, &p);
	if (!err)
		err = codes_asked(&totp, web, s->person);
	if (err)
		return err;

	phone = store_telephone_state(&p, dialler);
	me = json_pack("{s:I, s:s, s:o, s:b, s:s, s:b, s:s, s:b, s:o, s:s}",
		       "person", (json_int_t)p.id, "name", p.name, "roles",
		       roles_json(web->store, p.id), "on_duty", p.on_duty,
		       "off_reason", p.off_reason, "has_phone",
		       strcmp(phone, "none") != 0, "phone", phone, "totp",
		       totp, "lines", lines_json(web, s), "hotline",
		       web->config->name);
	secret_wipe(&p.phone);
	if (!me)
		return ENOMEM;
	*mep = me;

	return 0;
}


/* ---- routes ---- */

struct listing {
	json_t *list;
	uint64_t here;
	int64_t now;
};


static bool list_handler(const struct store_session *row, void *arg)
{
	const struct listing *l = arg;

	if (!is_over(row, l->now))
		(void)json_array_append_new(l->list, json_pack(
			"{s:I, s:I, s:I, s:b}", "id", (json_int_t)row->id,
			"made_at", (json_int_t)row->made_at, "seen_at",
			(json_int_t)row->seen_at, "here",
			row->id == l->here));

	return false;
}


static void sessions_get(struct request *req)
{
	struct listing l = {json_array(), req->session.id, accounts_now()};
	int err;

	err = store_session_each(req->web->store, req->session.person,
				 list_handler, &l);
	if (err) {
		json_decref(l.list);
		request_errno(req, err);
		return;
	}
	request_reply(req, 200, json_pack("{s:o}", "sessions", l.list));
}


static void session_revoke(struct request *req)
{
	const uint64_t id = req->ids[0];
	int err;

	if (!request_unpack(req, "{}"))
		return;
	err = id <= UINT32_MAX
		      ? store_session_remove(req->web->store,
					     req->session.person, (uint32_t)id)
		      : ENOENT;
	if (err) {
		request_errno(req, err);
		return;
	}
	accounts_signed_out(req->web, req->session.person, id);
	if (id == req->session.id)
		request_cookie(req, NULL);
	request_done(req);
}


static const struct route rows[] = {
	{ROUTE_GET, "/api/v1/sessions", sessions_get, 0, 0},
	{ROUTE_POST, "/api/v1/sessions/{id}/revoke", session_revoke, 0, 0},
};

const struct route_table session_routes = {
	rows, sizeof(rows) / sizeof(rows[0]),
};
