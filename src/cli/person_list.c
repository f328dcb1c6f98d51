/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * person_list.c  `ringback person list`. Shows names and duty, never a
 * telephone, only whether there is one.
 */
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/step.h"
#include "store/telephone.h"
#include "enrol.h"
#include "entry.h"
#include "invite.h"
#include "out.h"
#include "person_list.h"
#include "words.h"


static const char *const accepts[] = {
	[STORE_ACCEPT_ANSWER] = "answer",
	[STORE_ACCEPT_KEY] = "key",
};

static const struct out_column columns[] = {
	{"NAME", "name", OUT_TEXT},
	{"ON DUTY", "on_duty", OUT_YES},
	{"TELEPHONE", "phone", OUT_TEXT},
	{"REGISTERED", "registered", OUT_TEXT},
	{"WHY OFF", "off_reason", OUT_TEXT},
	{"LANGUAGES", "languages", OUT_WORDS},
	{"SKILLS", "skills", OUT_WORDS},
	{"ORGANISATION", "organisation", OUT_TEXT},
	{"REGION", "region", OUT_TEXT},
	{"ACCEPTS BY", "accept", OUT_TEXT},
	{"WRAP-UP (S)", "wrap_up", OUT_NUMBER},
	{"ROLES", "roles", OUT_WORDS},
	{"ACCOUNT", "account", OUT_YES},
};


struct people {
	struct store *store;
	struct out_rows *rows;
	char preset[LIMIT_LANGUAGE]; /* of who is from before languages */
	uint32_t dialler; /* whose key numbers are to be sealed to; 0 none */
};


/* "ready" also for one that only registers: it is rung where it is */
static const char *phone_state(const struct people *l,
			       const struct store_person *p, bool registers)
{
	const char *state = store_telephone_state(p, l->dialler);

	return registers && strcmp(state, "none") == 0 ? "ready" : state;
}


static bool person_handler(const struct store_person *p, void *arg)
{
	const struct people *l = arg;
	const char *registered = enrol_state(l->store, p->id);
	const char *languages = p->languages[0] ? p->languages : l->preset;
	const char *phone = phone_state(l, p, registered[0] != '\0');

	return out_add(l->rows, json_pack("{s:s, s:b, s:b, s:s, s:s, s:s, s:o, s:o, s:o,"
				      " s:o, s:s, s:I, s:o, s:b}",
				      "name", p->name,
				      "on_duty", (int)p->on_duty,
				      "has_phone", strcmp(phone, "none") != 0,
				      "phone", phone,
				      "registered", registered,
				      "off_reason", p->off_reason,
				      "languages", words_json(languages),
				      "skills", words_json(p->skills),
				      "organisation",
				      out_text(p->organisation),
				      "region", out_text(p->region),
				      "accept", accepts[p->accept],
				      "wrap_up", (json_int_t)p->wrap_up_s,
				      "roles", invite_roles(l->store, p->id),
				      "account",
				      (int)invite_account(l->store, p->id)));
}


static int person_each(struct store *store, struct out_rows *rows)
{
	struct people l = {.store = store, .rows = rows};
	struct store_dialler dialler;
	struct config *cfg;

	if (store_dialler_current(store, &dialler) == 0)
		l.dialler = dialler.id;

	if (config_read(&cfg, ".") == 0) {
		(void)snprintf(l.preset, sizeof(l.preset), "%s",
			       cfg->lines[0].languages[0]);
		config_free(cfg);
	}

	return store_person_each(store, person_handler, &l);
}


static const struct entry_listing listing = {
	.options = {
		"ringback person list [--json] [--data DIR]",
		"Lists who answers, who is on duty, and why the line put"
		" somebody off: no_answer,\nbusy, dead, network, silent (their"
		" page was gone), lost (so was their browser, in a\ntalk), waits"
		" (their number does, and they have nothing else). A telephone"
		" that waits\nis not rung until a coordinator of all lines has"
		" opened the page with their passphrase.\nRoles are of all"
		" lines, or as ROLE:LINE.",
		entry_list_rows, ENTRY_LIST_ROWS,
	},
	.eachh = person_each,
	.columns = columns,
	.n_columns = STEP_COUNT(columns),
	.empty = "Nobody yet. See ringback person add --help.",
};


int person_list_main(int argc, char *argv[])
{
	return entry_list(&listing, argc, argv);
}
