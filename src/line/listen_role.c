/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * listen_role.c  Reads roles again while somebody listens: ringback-web looked
 * at them before that alone. Must not allow anything that web does not.
 */
#include <stddef.h>
#include <string.h>

#include "store/store.h"
#include "listen_role.h"


struct reading {
	struct listen_role *role;
	const char *line;
};

static const struct {
	const char *name;
	struct listen_role role;
} roles[] = {
	{"trainee", {.listens = true}},
	{"coordinator", {.listens = true, .whispers = true}},
	{"operator", {.listens = true, .whispers = true}},
};


static bool row_read(const struct store_role *row, void *arg)
{
	struct reading *r = arg;

	if (row->line[0] && strcmp(row->line, r->line) != 0)
		return false;
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (strcmp(row->role, roles[i].name) != 0)
			continue;
		r->role->listens |= roles[i].role.listens;
		r->role->whispers |= roles[i].role.whispers;
	}

	return false;
}


int listen_role(struct listen_role *role, struct store *store,
		uint32_t person, const char *line)
{
	struct reading r = {role, line};
	int err;

	*role = (struct listen_role){.listens = false};
	err = store_role_each(store, person, row_read, &r);
	if (err)
		*role = (struct listen_role){.listens = false};

	return err;
}
