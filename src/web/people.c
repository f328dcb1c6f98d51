/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * people.c  The people whom a coordinator looks after. Never answers with a
 * telephone, only whether there is one.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "accounts_parts.h"


enum {
	ROLES_MOST = LIMIT_LINES + 1, /* one for each line, one for all */
	LINK = LIMIT_URI + 16 + PROOF_TEXT,
};

#define WHO (SESSION_COORDINATOR | SESSION_OPERATOR)


static void not_allowed(struct request *req)
{
	request_error(req, 403, "not_allowed",
		      "Your role does not allow this: it would need one that"
		      " is as high, on the same lines.");
}


static void wrong(struct request *req, const char *why)
{
	request_error(req, 400, "bad_request", why);
}


/* @return the answer was given */
static bool failed(struct request *req, int err)
{
	if (err == EPERM)
		not_allowed(req);
	else if (err == EEXIST)
		request_error(req, 409, "name_taken",
			      "There is already somebody of that name.");
	else if (err)
		request_errno(req, err);

	return err != 0;
}


/* the person of the path, if they may be looked after by who asks
 * @return the answer was given */
static bool person_of(struct request *req, struct store_person *p)
{
	int err = ENOENT;

	if (req->ids[0] <= UINT32_MAX)
		err = store_person_find(req->web->store,
					(uint32_t)req->ids[0], p);
	if (!err)
		err = roles_may_manage(&req->session, req->web, p->id);

	return failed(req, err);
}


/* ---- the list ---- */

static json_t *words_json(const char *words)
{
	json_t *list = json_array();

	while (list && *words) {
		const size_t n = strcspn(words, ",");

		(void)json_array_append_new(list, json_stringn(words, n));
		words += n + (words[n] == ',');
	}

	return list;
}


/* @param dialler Id of its current key */
static json_t *person_json(const struct store_person *p,
			   const struct store_account *account,
			   struct web *web, uint32_t dialler)
{
	const char *phone = store_telephone_state(p, dialler);
	const char *languages = p->languages[0]
					? p->languages
					: web->config->lines[0].languages[0];

	return json_pack("{s:I, s:s, s:b, s:s, s:I, s:b, s:s, s:o, s:o, s:s,"
			 " s:s, s:o, s:b, s:b}",
			 "person", (json_int_t)p->id, "name", p->name,
			 "on_duty", p->on_duty, "off_reason", p->off_reason,
			 "off_at", (json_int_t)p->off_at, "has_phone",
			 strcmp(phone, "none") != 0, "phone", phone,
			 "languages", words_json(languages), "skills",
			 words_json(p->skills), "organisation",
			 p->organisation, "region", p->region, "roles",
			 roles_json(web->store, p->id), "has_account",
			 account->person != 0, "totp",
			 secret_reveal(&account->totp)[0] != '\0');
}


struct listing {
	struct request *req;
	json_t *list;
	uint32_t dialler;
	int err;
};


static bool list_handler(const struct store_person *p, void *arg)
{
	struct store_account account;
	struct listing *l = arg;
	struct web *web = l->req->web;

	l->err = roles_may_manage(&l->req->session, web, p->id);
	if (l->err == EPERM) {
		l->err = 0;
		return false;
	}
	if (!l->err)
		l->err = store_account_get(web->store, p->id, &account);
	if (l->err && l->err != ENOENT)
		return true;

	l->err = json_array_append_new(l->list, person_json(p, &account, web,
							    l->dialler))
			 ? ENOMEM : 0;
	secret_wipe(&account.totp);

	return l->err != 0;
}


static void people_get(struct request *req)
{
	struct listing l = {.req = req, .list = json_array()};
	int err;

	err = accounts_dialler(&l.dialler, req->web);
	if (!err)
		err = store_person_each(req->web->store, list_handler, &l);
	if (failed(req, err ? err : l.err))
		json_decref(l.list);
	else
		request_reply(req, 200,
			      json_pack("{s:o}", "people", l.list));
}


/* ---- adding and changing ---- */

static bool form_read(struct request *req, struct people_form *f)
{
	*f = (struct people_form){0};

	return request_unpack(req, "{s?s, s?o, s?o, s?s, s?s, s?o}", "name",
			      &f->name, "languages", &f->languages, "skills",
			      &f->skills, "organisation", &f->organisation,
			      "region", &f->region, "roles", &f->roles);
}


struct wanted {
	struct store_role v[ROLES_MOST];
	size_t n;
};


/* @return the answer was given */
static bool roles_wanted(struct request *req, struct wanted *w,
			 const json_t *roles)
{
	const char *why;
	int err = 0;

	w->n = ROLES_MOST;
	why = people_form_roles(w->v, &w->n, roles);
	if (why) {
		wrong(req, why);
		return true;
	}
	for (size_t i = 0; !err && i < w->n; i++)
		err = roles_may_give(&req->session, req->web, &w->v[i]);
	if (err == ENOENT) {
		wrong(req, "There is no such role, or no such line.");
		return true;
	}

	return failed(req, err);
}


/* nobody of a name, with the rest as the configuration has it
 * @return what is wrong */
static const char *person_fill(struct store_person *p,
			       const struct people_form *f,
			       const struct config *cfg)
{
	memset(p, 0, sizeof(*p));
	p->wrap_up_s = cfg->wrap_up_s;
	(void)snprintf(p->languages, sizeof(p->languages), "%s",
		       cfg->lines[0].languages[0]);
	if (!f->name)
		return "A person needs a name.";

	return people_form_take(p, f, cfg);
}


static int roles_store(struct request *req, uint32_t person,
		       const struct wanted *w)
{
	const struct store_audit row = web_audit(req, "role_changed",
						 person);

	return store_audit_roles(req->web->store, &row, w->v, w->n);
}


static int person_drop(struct request *req, uint32_t person)
{
	const struct store_audit row = web_audit(req, "person_removed",
						 person);
	int err;

	err = store_audit_along(req->web->store, &row);

	return err ? err : store_person_remove(req->web->store, person);
}


/* whoever was added without their role would be a counsellor of all lines */
static int person_store(struct request *req, struct store_person *p,
			const struct wanted *w)
{
	const struct store_audit row = web_audit(req, "person_added", 0);
	int err;

	err = store_audit_along(req->web->store, &row);
	if (!err)
		err = store_person_add(req->web->store, p);
	if (err)
		return err;
	err = roles_store(req, p->id, w);
	if (err)
		(void)person_drop(req, p->id);

	return err;
}


static int person_update(struct request *req, const struct store_person *p)
{
	const struct store_audit row = web_audit(req, "person_changed",
						 p->id);
	int err;

	err = store_audit_along(req->web->store, &row);

	return err ? err : store_person_set(req->web->store, p);
}


static void person_add(struct request *req)
{
	const struct store_role preset = {.line = "", .role = "counsellor"};
	struct wanted w = {.n = 0};
	struct people_form form;
	struct store_person p;
	const char *why;

	if (!form_read(req, &form))
		return;
	why = person_fill(&p, &form, req->web->config);
	if (why) {
		wrong(req, why);
		return;
	}
	if (form.roles ? roles_wanted(req, &w, form.roles)
		       : failed(req, roles_may_give(&req->session, req->web,
						    &preset)))
		return;
	if (failed(req, person_store(req, &p, &w)))
		return;

	accounts_changed(req->web, p.id);
	request_reply(req, 200,
		      json_pack("{s:I}", "person", (json_int_t)p.id));
}


static void person_change(struct request *req)
{
	struct people_form form;
	struct store_person p;
	struct wanted w;
	const char *why;
	int err;

	if (!form_read(req, &form) || person_of(req, &p))
		return;
	why = people_form_take(&p, &form, req->web->config);
	if (why)
		wrong(req, why);
	if (why || (form.roles && roles_wanted(req, &w, form.roles)))
		goto out;

	err = person_update(req, &p);
	if (!err && form.roles)
		err = roles_store(req, p.id, &w);
	if (failed(req, err))
		goto out;
	accounts_changed(req->web, p.id);
	request_done(req);

out:
	secret_wipe(&p.phone);
}


static void person_remove(struct request *req)
{
	struct store_person p;

	if (!request_unpack(req, "{}") || person_of(req, &p))
		return;
	secret_wipe(&p.phone);
	if (failed(req, person_drop(req, p.id)))
		return;

	events_person_out(req->web->events, p.id);
	accounts_changed(req->web, p.id);
	request_done(req);
}


static int invitation_store(struct request *req,
			    const struct store_invitation *invitation)
{
	const struct store_audit row = web_audit(req, "person_invited",
						 invitation->person);
	int err;

	err = store_audit_along(req->web->store, &row);

	return err ? err : store_invitation_put(req->web->store, invitation);
}


static void person_invite(struct request *req)
{
	struct store_invitation invitation = {0};
	char token[PROOF_TEXT], link[LINK];
	struct store_person p;

	if (!request_unpack(req, "{}") || person_of(req, &p))
		return;
	secret_wipe(&p.phone);
	token_make(token, invitation.hash);
	invitation.person = p.id;
	invitation.ends_at = accounts_now() +
			     (int64_t)PROOF_INVITATION_S * 1000;
	if (failed(req, invitation_store(req, &invitation)))
		return;

	events_person_out(req->web->events, p.id);
	(void)snprintf(link, sizeof(link), "%s/#invite=%s", req->web->origin,
		       token);
	request_reply(req, 200, json_pack("{s:s, s:s, s:I}", "token", token,
					  "link", link, "ends_at",
					  (json_int_t)invitation.ends_at));
	explicit_bzero(token, sizeof(token));
	explicit_bzero(link, sizeof(link));
}


/* @param row Of the audit log; NULL: they do it themselves */
static int duty_put(struct web *web, uint32_t person, bool on,
		    const struct store_audit *row)
{
	struct store_person p;
	int err;

	err = store_person_find(web->store, person, &p);
	if (err)
		return err;
	p.on_duty = on;
	memset(p.off_reason, 0, sizeof(p.off_reason));
	p.off_at = 0;
	err = row ? store_audit_along(web->store, row) : 0;
	if (!err)
		err = store_person_set(web->store, &p);
	secret_wipe(&p.phone);
	if (!err)
		accounts_changed(web, person);

	return err;
}


int accounts_duty(struct web *web, uint32_t person, bool on)
{
	return duty_put(web, person, on, NULL);
}


static void person_duty(struct request *req)
{
	struct store_audit row;
	struct store_person p;
	int on;

	if (!request_unpack(req, "{s:b}", "on", &on) || person_of(req, &p))
		return;
	secret_wipe(&p.phone);
	row = web_audit(req, "person_duty", p.id);
	(void)snprintf(row.detail, sizeof(row.detail), on ? "on" : "off");
	if (!failed(req, duty_put(req->web, p.id, on != 0, &row)))
		request_done(req);
}


static const struct route rows[] = {
	{ROUTE_GET, "/api/v1/people", people_get, 0, WHO},
	{ROUTE_POST, "/api/v1/people", person_add, 0, WHO},
	{ROUTE_POST, "/api/v1/people/{id}", person_change, 0, WHO},
	{ROUTE_POST, "/api/v1/people/{id}/remove", person_remove, 0, WHO},
	{ROUTE_POST, "/api/v1/people/{id}/invite", person_invite, 0, WHO},
	{ROUTE_POST, "/api/v1/people/{id}/duty", person_duty, 0, WHO},
};

const struct route_table people_routes = {
	rows, sizeof(rows) / sizeof(rows[0]),
};
