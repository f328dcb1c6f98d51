/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * invite.c  `ringback person invite`: the link by which a person gets in at
 * the counsellors' page. The link is printed, and kept nowhere.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/step.h"
#include "seal/proof.h"
#include "audited.h"
#include "data.h"
#include "entry.h"
#include "exit.h"
#include "invite.h"
#include "keys.h"
#include "opts.h"
#include "when.h"


enum {
	UNSET = -1,
	ROLES_MOST = LIMIT_LINES + 1,
};

struct settings {
	const char *data;
	const char *name;
	const char *line;
	int role;
};

static const struct entry entry = {"person", WIRE_PEOPLE_CHANGED};

static const char *const roles[] = {"counsellor", "trainee", "coordinator",
				    "operator", NULL};

static const struct opt rows[] = {
	OPT_DATA(settings),
	{OPT_PLACE, "NAME", NULL, offsetof(struct settings, name),
	 "the person's name", 0, 0, NULL},
	{OPT_WORD, "--role", "ROLE", offsetof(struct settings, role),
	 "counsellor, trainee, coordinator, operator", 0, 0, roles},
	{OPT_TEXT, "--line", "LINE", offsetof(struct settings, line),
	 "the role is for this line only", 0, 0, NULL},
};

static const struct opts options = {
	"ringback person invite NAME [--role ROLE] [--line LINE]"
	" [--data DIR]",
	"Prints a link by which this person chooses a passphrase and gets in,"
	" once,\nwithin seven days. Hand it on in a way that others do not"
	" read. What let them in\nbefore is no good any more. Whoever was"
	" given no role is a counsellor of all lines.",
	rows, STEP_COUNT(rows),
};


static int no_line(const struct config *cfg)
{
	fprintf(stderr, "ringback: ringback.conf has no such line. It has:");
	for (uint32_t i = 0; i < cfg->n_lines; i++)
		fprintf(stderr, "%s %s", i ? "," : "", cfg->lines[i].name);
	fputs("\n", stderr);

	return EINVAL;
}


static int line_check(const struct config *cfg, const char *name)
{
	for (uint32_t i = 0; i < cfg->n_lines; i++) {
		if (strcmp(cfg->lines[i].name, name) == 0)
			return 0;
	}

	return no_line(cfg);
}


struct held {
	struct store_role v[ROLES_MOST];
	size_t n;
	const char *line; /* this one is replaced */
};


static bool held_handler(const struct store_role *role, void *arg)
{
	struct held *h = arg;

	if (strcmp(role->line, h->line) != 0 && h->n < ROLES_MOST - 1)
		h->v[h->n++] = *role;

	return false;
}


/* beside the roles of other lines */
static int role_give(struct store *store, uint32_t person,
		     const struct settings *set)
{
	const struct store_audit row = audited_row("role_changed", person);
	struct held h = {.line = set->line ? set->line : ""};
	struct store_role *role;
	int err;

	err = store_role_each(store, person, held_handler, &h);
	if (err)
		return err;
	role = &h.v[h.n++];
	(void)snprintf(role->line, sizeof(role->line), "%s", h.line);
	(void)snprintf(role->role, sizeof(role->role), "%s",
		       roles[set->role == UNSET ? 0 : set->role]);

	return store_audit_roles(store, &row, h.v, h.n);
}


static int invitation_make(struct store *store, uint32_t person,
			   const char *origin)
{
	struct store_invitation invitation = {.person = person};
	char token[PROOF_TEXT], until[WHEN_TEXT];
	int err;

	token_make(token, invitation.hash);
	invitation.ends_at = when_now() + PROOF_INVITATION_S * 1000ll;
	err = audited(store, "person_invited", person, "");
	if (!err)
		err = store_invitation_put(store, &invitation);
	if (!err)
		printf("%s/#invite=%s\nIt lets them in once, until %s.\n",
		       origin, token, when_text(until, invitation.ends_at));
	sodium_memzero(token, sizeof(token));

	return err;
}


static int invite(struct store *store, const struct settings *set,
		  const char *origin)
{
	struct store_person p;
	int err;

	err = store_person_get(store, set->name, &p);
	if (err)
		return err;
	secret_wipe(&p.phone);
	if (set->role != UNSET || set->line)
		err = role_give(store, p.id, set);
	if (!err)
		keys_keep(store);

	return err ? err : invitation_make(store, p.id, origin);
}


int invite_main(int argc, char *argv[])
{
	struct settings set = {.role = UNSET};
	char origin[LIMIT_URI];
	struct config *cfg;
	struct store *store;
	int err;

	err = opts_read(&options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (sodium_init() < 0 || data_enter(set.data) ||
	    config_read(&cfg, "."))
		return EXIT_FAILED;
	config_origin(origin, cfg);
	err = set.line ? line_check(cfg, set.line) : 0;
	config_free(cfg);
	if (err)
		return EXIT_USAGE;

	if (data_store(&store, "."))
		return EXIT_FAILED;
	err = invite(store, &set, origin);
	store_close(store);

	return entry_stored(&entry, err);
}


static bool roles_handler(const struct store_role *role, void *arg)
{
	(void)json_array_append_new(arg, json_sprintf("%s%s%s", role->role,
						      role->line[0] ? ":" : "",
						      role->line));

	return false;
}


json_t *invite_roles(struct store *store, uint32_t person)
{
	json_t *list = json_array();

	if (!list || store_role_each(store, person, roles_handler, list)) {
		json_decref(list);
		return NULL;
	}
	if (!json_array_size(list))
		(void)json_array_append_new(list, json_string(roles[0]));

	return list;
}


bool invite_account(struct store *store, uint32_t person)
{
	struct store_account account;
	int err;

	err = store_account_get(store, person, &account);
	secret_wipe(&account.totp);

	return !err;
}
