/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * person.c  `ringback person`: who answers. Must not repeat the telephone that
 * belongs to them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/step.h"
#include "able.h"
#include "audited.h"
#include "command.h"
#include "data.h"
#include "enrol.h"
#include "entry.h"
#include "exit.h"
#include "invite.h"
#include "keys.h"
#include "name.h"
#include "opts.h"
#include "person_list.h"
#include "person_phone.h"
#include "telephone.h"


enum {
	WRAP_UP_MAX = 3600, /* as wrap_up_seconds in the configuration */
};

struct settings {
	const char *data;
	const char *name;
	const char *phone;
	int accept;
	struct able able;
	uint32_t wrap_up_s;
	bool on;
};

static const struct entry entry = {"person", WIRE_PEOPLE_CHANGED};

static const struct settings defaults = {
	.accept = PERSON_PHONE_UNSET,
	.wrap_up_s = UINT32_MAX,
};

static const char *const accepts[] = {"answer", "key", NULL};

#define ROW_NAME                                                              \
	{OPT_PLACE, "NAME", NULL, offsetof(struct settings, name),            \
	 "the person's name", 0, 0, NULL}
#define ROW_PHONE                                                             \
	{OPT_TEXT, "--phone", "WHERE",                                        \
	 offsetof(struct settings, phone),                                    \
	 "sip:USER@HOST[:PORT], or a number; \"none\": the browser", 0, 0,    \
	 NULL}
#define ROW_ACCEPT                                                            \
	{OPT_WORD, "--accept", "HOW", offsetof(struct settings, accept),      \
	 "answer: picking up takes the call; key: any key does, then", 0, 0,    \
	 accepts}
#define ROW_WRAP_UP                                                           \
	{OPT_NUMBER, "--wrap-up", "SECONDS",                                  \
	 offsetof(struct settings, wrap_up_s), "pause after each talk", 0,    \
	 WRAP_UP_MAX, NULL}

#define ROWS_ABLE                                                             \
	{OPT_TEXT, "--languages", "EN,ES",                                    \
	 offsetof(struct settings, able.languages),                           \
	 "spoken, as the configuration names them", 0, 0, NULL},              \
	{OPT_TEXT, "--skills", "WORDS",                                       \
	 offsetof(struct settings, able.skills),                              \
	 "lines may ask for them, as legal,military", 0, 0, NULL},            \
	{OPT_TEXT, "--organisation", "O",                                     \
	 offsetof(struct settings, able.organisation),                        \
	 "with strategy \"tiers\": its lines ring first", 0, 0, NULL},        \
	{OPT_TEXT, "--region", "R", offsetof(struct settings, able.region),   \
	 "and its region's second", 0, 0, NULL}

static const struct opt add_rows[] = {
	OPT_DATA(settings), ROW_NAME, ROW_PHONE, ROWS_ABLE, ROW_ACCEPT,
	ROW_WRAP_UP,
	{OPT_FLAG, "--on", NULL, offsetof(struct settings, on),
	 "on duty from now", 0, 0, NULL},
};

static const struct opts add_options = {
	"ringback person add NAME [--phone sip:USER@HOST[:PORT]|NUMBER]"
	" [--languages EN,ES] [--skills WORDS] [--organisation O]"
	" [--region R] [--accept answer|key] [--wrap-up SECONDS] [--on]"
	" [--data DIR]",
	"Adds a person who answers calls: on a SIP phone or a telephone of"
	" their own, and in\na browser. A NUMBER is rung through the line's"
	" trunk, and whoever picks up presses a\nkey. Without --phone: the"
	" browser alone, while their page is open. Without --languages:\nthe"
	" first language of the first line.",
	add_rows, STEP_COUNT(add_rows),
};

static const struct opt set_rows[] = {
	OPT_DATA(settings), ROW_NAME, ROW_PHONE, ROWS_ABLE, ROW_ACCEPT,
	ROW_WRAP_UP,
};

static const struct opts set_options = {
	"ringback person set NAME [--phone sip:USER@HOST[:PORT]|NUMBER|none]"
	" [--languages EN,ES] [--skills WORDS|none] [--organisation O|none]"
	" [--region R|none] [--accept answer|key] [--wrap-up SECONDS]"
	" [--data DIR]",
	"Changes what is given; a talk that is up goes on.",
	set_rows, STEP_COUNT(set_rows),
};

static const struct opts on_options = {
	"ringback person on NAME [--data DIR]",
	"Puts a person on duty: calls are offered from now on, whatever the"
	" line thought of the phone.",
	entry_name_rows, ENTRY_NAME_ROWS,
};

static const struct opts off_options = {
	"ringback person off NAME [--data DIR]",
	"Takes a person off duty: an offer is withdrawn, a talk goes on.",
	entry_name_rows, ENTRY_NAME_ROWS,
};

static const struct opts remove_options = {
	"ringback person remove NAME [--data DIR]",
	"Removes a person. Calls on record keep their times, not the name.",
	entry_name_rows, ENTRY_NAME_ROWS,
};

static int phone_check(const struct opts *o, const char *phone)
{
	const char *why = telephone_wrong(phone);

	return why ? opts_wrong(o, "--phone: %s", why) : 0;
}


/* what was given replaces what was there */
static int settings_apply(struct store_person *p, const struct settings *set,
			  const struct config *cfg)
{
	const char *why;

	if (set->wrap_up_s != UINT32_MAX)
		p->wrap_up_s = set->wrap_up_s;
	why = person_phone_take(p, set->phone, set->accept, cfg);
	if (why)
		fprintf(stderr, "ringback: %s.\n", why);

	return why ? EINVAL : 0;
}


/* of the folder that was entered */
static int settings_take(struct store_person *p, const struct settings *set,
			 const struct config *cfg)
{
	int err;

	err = able_take(p, &set->able, cfg);

	return err ? err : settings_apply(p, set, cfg);
}


/* what is not given is as the configuration has it now */
static void defaults_take(struct store_person *p, const struct config *cfg)
{
	p->wrap_up_s = cfg->wrap_up_s;
	(void)snprintf(p->languages, sizeof(p->languages), "%s",
		       cfg->lines[0].languages[0]);
}


/* A number is sealed for whom it belongs to: not before they have an id. */
static int person_new(struct store *store, struct store_person *person)
{
	struct store_person rung = *person;
	int err;

	if (store_telephone_is_number(person))
		secret_wipe(&person->phone);
	err = audited(store, "person_added", 0, "");
	if (!err)
		err = store_person_add(store, person);
	if (!err && store_telephone_is_number(&rung)) {
		rung.id = person->id;
		err = person_phone_store(store, &rung);
		if (err)
			(void)store_person_remove(store, rung.id);
	}
	secret_wipe(&rung.phone);

	return err;
}


static int person_add(const struct settings *set)
{
	struct store_person person = {.on_duty = set->on};
	struct config *cfg;
	struct store *store;
	int err, code = EXIT_USAGE;

	(void)snprintf(person.name, sizeof(person.name), "%s", set->name);

	if (data_enter(set->data) || config_read(&cfg, "."))
		return EXIT_FAILED;
	defaults_take(&person, cfg);
	err = settings_take(&person, set, cfg);
	config_free(cfg);
	if (err)
		goto out;

	code = EXIT_FAILED;
	if (data_store(&store, "."))
		goto out;
	err = person_new(store, &person);
	store_close(store);
	code = entry_stored(&entry, err);

out:
	secret_wipe(&person.phone);
	return code;
}


static int add_main(int argc, char *argv[])
{
	struct settings set = defaults;
	int err;

	err = opts_read(&add_options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (name_check(set.name))
		return EXIT_USAGE;
	if (set.phone && phone_check(&add_options, set.phone))
		return EXIT_USAGE;

	return person_add(&set);
}


static int person_put(struct store *store, struct store_person *person,
		      bool rung_elsewhere)
{
	int err;

	err = audited(store, "person_changed", person->id, "");
	if (!err)
		err = store_person_set(store, person);
	if (!err && rung_elsewhere)
		err = person_phone_store(store, person);

	return err;
}


static int person_set(const struct settings *set)
{
	struct store_person person;
	struct config *cfg;
	struct store *store;
	int err, code = EXIT_FAILED;

	if (data_store(&store, set->data))
		return EXIT_FAILED;
	err = config_read(&cfg, ".");
	if (err)
		goto out;

	err = store_person_get(store, set->name, &person);
	if (!err && settings_take(&person, set, cfg))
		code = EXIT_USAGE;
	else
		code = entry_stored(
			&entry, err ? err : person_put(store, &person,
						       set->phone != NULL));
	config_free(cfg);
	secret_wipe(&person.phone);

out:
	store_close(store);
	return code;
}


static bool nothing_given(const struct settings *set)
{
	return !set->phone && set->accept == PERSON_PHONE_UNSET &&
	       set->wrap_up_s == UINT32_MAX && !set->able.languages &&
	       !set->able.skills && !set->able.organisation &&
	       !set->able.region;
}


static int set_main(int argc, char *argv[])
{
	struct settings set = defaults;
	int err;

	err = opts_read(&set_options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (nothing_given(&set)) {
		(void)opts_wrong(&set_options, "nothing to change is given");
		return EXIT_USAGE;
	}
	if (set.phone && phone_check(&set_options, set.phone))
		return EXIT_USAGE;

	return person_set(&set);
}


static int duty_change(struct store *store, const char *name, bool on)
{
	struct store_person person;
	int err;

	err = store_person_get(store, name, &person);
	if (err)
		return err;

	person.on_duty = on;
	person.off_reason[0] = '\0';
	person.off_at = 0;
	err = audited(store, "person_duty", person.id, on ? "on" : "off");
	if (!err)
		err = store_person_set(store, &person);
	secret_wipe(&person.phone);

	return err;
}


static int do_on(struct store *store, const char *name)
{
	return duty_change(store, name, true);
}


static int do_off(struct store *store, const char *name)
{
	return duty_change(store, name, false);
}


static int do_remove(struct store *store, const char *name)
{
	struct store_person person;
	int err;

	err = store_person_get(store, name, &person);
	if (err)
		return err;
	secret_wipe(&person.phone);
	err = audited(store, "person_removed", person.id, "");
	if (!err)
		err = store_person_remove(store, person.id);
	if (!err)
		keys_keep(store);

	return err;
}


static int on_main(int argc, char *argv[])
{
	return entry_do(&entry, &on_options, do_on, argc, argv);
}


static int off_main(int argc, char *argv[])
{
	return entry_do(&entry, &off_options, do_off, argc, argv);
}


static int remove_main(int argc, char *argv[])
{
	return entry_do(&entry, &remove_options, do_remove, argc, argv);
}


static const struct command verbs[] = {
	{"add", "add a person who answers", add_main},
	{"set", "change a person's phone, languages, skills, ...", set_main},
	{"on", "put a person on duty", on_main},
	{"off", "take a person off duty", off_main},
	{"invite", "the link by which a person gets in at the page",
	 invite_main},
	{"phone", "what their telephone needs to register with the line",
	 enrol_main},
	{"list", "who answers, and who is on duty", person_list_main},
	{"remove", "remove a person", remove_main},
};

static const struct commands person = {
	.noun = "ringback person",
	.about = "A person answers calls. Works on a stopped and on a running"
		 " line.",
	.rows = verbs,
	.n = STEP_COUNT(verbs),
};


int person_main(int argc, char *argv[])
{
	return command_run(&person, argc, argv);
}
