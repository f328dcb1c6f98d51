/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * people_roles.c  What roles allow: nobody gives a role that is above their
 * own, nor looks after somebody who has one. Must not answer requests.
 */
#include <errno.h>
#include <string.h>

#include "accounts_parts.h"


static const struct role {
	const char *name;
	unsigned bits;   /* an operator may all that a coordinator may */
	unsigned givers; /* who may give it, and look after who has it */
} roles[] = {
	{"trainee", SESSION_TRAINEE, SESSION_COORDINATOR | SESSION_OPERATOR},
	{"counsellor", SESSION_COUNSELLOR,
	 SESSION_COORDINATOR | SESSION_OPERATOR},
	{"coordinator", SESSION_COORDINATOR,
	 SESSION_COORDINATOR | SESSION_OPERATOR},
	{"operator", SESSION_OPERATOR | SESSION_COORDINATOR,
	 SESSION_OPERATOR},
};

/* of whoever has no row */
static const struct store_role preset = {.line = "", .role = "counsellor"};


static const struct role *role_find(const char *name)
{
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (strcmp(roles[i].name, name) == 0)
			return &roles[i];
	}

	return NULL;
}


struct reading {
	struct session *s;
	const struct web *web;
	bool any;
};


static bool role_handler(const struct store_role *row, void *arg)
{
	const struct role *role = role_find(row->role);
	struct reading *r = arg;
	int line;

	r->any = true;
	if (!role)
		return false;
	if (!row->line[0]) {
		r->s->all |= (uint16_t)role->bits;
		return false;
	}
	line = web_line(r->web, row->line);
	if (line >= 0)
		r->s->on[line] |= (uint16_t)role->bits;

	return false;
}


int roles_read(struct session *s, const struct web *web, uint32_t person)
{
	struct reading r = {s, web, false};
	int err;

	s->all = 0;
	memset(s->on, 0, sizeof(s->on));
	err = store_role_each(web->store, person, role_handler, &r);
	if (!err && !r.any)
		s->all = SESSION_COUNSELLOR;

	return err;
}


static bool json_handler(const struct store_role *row, void *arg)
{
	(void)json_array_append_new(arg, json_pack("{s:s, s:s}", "line",
						   row->line, "role",
						   row->role));

	return false;
}


json_t *roles_json(struct store *store, uint32_t person)
{
	json_t *list = json_array();

	if (!list || store_role_each(store, person, json_handler, list)) {
		json_decref(list);
		return NULL;
	}
	if (!json_array_size(list))
		(void)json_handler(&preset, list);

	return list;
}


int roles_may_give(const struct session *s, const struct web *web,
		   const struct store_role *wanted)
{
	const struct role *role = role_find(wanted->role);
	int line;

	if (!role)
		return ENOENT;
	if (!wanted->line[0])
		return s->all & role->givers ? 0 : EPERM;
	line = web_line(web, wanted->line);
	if (line < 0)
		return ENOENT;

	return session_may(s, line, role->givers) ? 0 : EPERM;
}


struct managing {
	const struct session *s;
	const struct web *web;
	bool any;
	int err;
};


static bool manage_handler(const struct store_role *row, void *arg)
{
	struct managing *m = arg;
	int err;

	m->any = true;
	err = roles_may_give(m->s, m->web, row);
	/* a line that is gone: whoever looks after all lines may tidy up */
	if (err == ENOENT)
		err = m->s->all & SESSION_OPERATOR ? 0 : EPERM;
	m->err = err;

	return err != 0;
}


int roles_may_manage(const struct session *s, struct web *web,
		     uint32_t person)
{
	struct managing m = {s, web, false, 0};
	int err;

	err = store_role_each(web->store, person, manage_handler, &m);
	if (!err && !m.any)
		(void)manage_handler(&preset, &m);

	return err ? err : m.err;
}


bool roles_share_line(const struct session *s, const struct web *web,
		      uint32_t person, unsigned any)
{
	struct session theirs;

	memset(&theirs, 0, sizeof(theirs));
	if (roles_read(&theirs, web, person))
		return false;

	for (uint32_t i = 0; i < web->config->n_lines; i++) {
		if (session_may(s, (int)i, SESSION_ANY) &&
		    session_may(&theirs, (int)i, any))
			return true;
	}

	return false;
}
