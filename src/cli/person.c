/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * person.c  `ringback person`: who answers. Shows names and duty, never the
 * telephone that belongs to them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/step.h"
#include "command.h"
#include "data.h"
#include "exit.h"
#include "name.h"
#include "opts.h"
#include "out.h"
#include "sipuri.h"
#include "tell.h"


enum {
	UNSET = -1,
	WRAP_UP_MAX = 24 * 3600,
};

struct settings {
	const char *data;
	const char *name;
	const char *phone;
	int accept;
	uint32_t wrap_up_s;
	bool on;
	bool json;
};

static const struct settings defaults = {
	.accept = UNSET,
	.wrap_up_s = UINT32_MAX,
};

static const char *const accepts[] = {"answer", "key", NULL};

#define ROW_NAME                                                              \
	{OPT_PLACE, "NAME", NULL, offsetof(struct settings, name),            \
	 "the person's name", 0, 0, NULL}
#define ROW_PHONE                                                             \
	{OPT_TEXT, "--phone", "sip:USER@HOST",                                \
	 offsetof(struct settings, phone), "what to ring, also with :PORT",   \
	 0, 0, NULL}
#define ROW_ACCEPT                                                            \
	{OPT_WORD, "--accept", "HOW", offsetof(struct settings, accept),      \
	 "answer: picking up accepts the call (key: not built yet)", 0, 0,    \
	 accepts}
#define ROW_WRAP_UP                                                           \
	{OPT_NUMBER, "--wrap-up", "SECONDS",                                  \
	 offsetof(struct settings, wrap_up_s), "pause after each talk", 0,    \
	 WRAP_UP_MAX, NULL}

static const struct opt add_rows[] = {
	OPT_DATA(settings), ROW_NAME, ROW_PHONE, ROW_ACCEPT, ROW_WRAP_UP,
	{OPT_FLAG, "--on", NULL, offsetof(struct settings, on),
	 "on duty from now", 0, 0, NULL},
};

static const struct opts add_options = {
	"ringback person add NAME --phone sip:USER@HOST[:PORT]"
	" [--accept answer|key] [--wrap-up SECONDS] [--on] [--data DIR]",
	"Adds a person who answers calls on a SIP phone.",
	add_rows, STEP_COUNT(add_rows),
};

static const struct opt set_rows[] = {
	OPT_DATA(settings), ROW_NAME, ROW_PHONE, ROW_ACCEPT, ROW_WRAP_UP,
};

static const struct opts set_options = {
	"ringback person set NAME [--phone sip:USER@HOST[:PORT]]"
	" [--accept answer|key] [--wrap-up SECONDS] [--data DIR]",
	"Changes what is given; a talk that is up goes on.",
	set_rows, STEP_COUNT(set_rows),
};

static const struct opt name_rows[] = {OPT_DATA(settings), ROW_NAME};

static const struct opts on_options = {
	"ringback person on NAME [--data DIR]",
	"Puts a person on duty: calls are offered from now on, whatever the"
	" line thought of the phone.",
	name_rows, STEP_COUNT(name_rows),
};

static const struct opts off_options = {
	"ringback person off NAME [--data DIR]",
	"Takes a person off duty: an offer is withdrawn, a talk goes on.",
	name_rows, STEP_COUNT(name_rows),
};

static const struct opts remove_options = {
	"ringback person remove NAME [--data DIR]",
	"Removes a person. Calls on record keep their times, not the name.",
	name_rows, STEP_COUNT(name_rows),
};

static const struct opt list_rows[] = {
	OPT_DATA(settings),
	OPT_JSON(settings),
};

static const struct opts list_options = {
	"ringback person list [--json] [--data DIR]",
	"Lists who answers, who is on duty, and why the line put somebody off:"
	" no_answer, busy, dead, network.",
	list_rows, STEP_COUNT(list_rows),
};

static const struct out_column columns[] = {
	{"NAME", "name", OUT_TEXT},
	{"ON DUTY", "on_duty", OUT_YES},
	{"WHY OFF", "off_reason", OUT_TEXT},
	{"ACCEPTS BY", "accept", OUT_TEXT},
	{"WRAP-UP (S)", "wrap_up", OUT_NUMBER},
};


static int key_not_built(void)
{
	fprintf(stderr,
		"ringback: accepting a call with a key is not built yet."
		" Until it is, picking up accepts: --accept answer\n");
	return EXIT_FAILED;
}


static int stored(int err)
{
	if (err == EEXIST)
		fprintf(stderr,
			"ringback: there is already a person of that name\n");
	else if (err == ENOENT)
		fprintf(stderr, "ringback: there is no person of that name;"
				" ringback person list shows them\n");
	else if (err)
		fprintf(stderr, "ringback: it could not be stored: %s\n",
			strerror(err));

	return err ? EXIT_FAILED : tell_line(WIRE_PEOPLE_CHANGED);
}


static int phone_check(const struct opts *o, const char *phone)
{
	const char *why = sipuri_wrong(NULL, phone);

	return why ? opts_wrong(o, "--phone: %s", why) : 0;
}


/* what was given replaces what was there */
static int settings_apply(struct store_person *p, const struct settings *set)
{
	if (set->wrap_up_s != UINT32_MAX)
		p->wrap_up_s = set->wrap_up_s;
	if (set->accept != UNSET)
		p->accept = (enum store_accept)set->accept;
	if (set->phone)
		return secret_set(&p->phone, set->phone, strlen(set->phone));

	return 0;
}


/* of the folder that was entered */
static int wrap_up_default(uint32_t *wrap_up_s)
{
	struct config *cfg;
	int err = config_read(&cfg, ".");

	if (err)
		return err;
	*wrap_up_s = cfg->wrap_up_s;
	config_free(cfg);

	return 0;
}


static int person_add(const struct settings *set)
{
	struct store_person person = {.on_duty = set->on};
	struct store *store;
	int err;

	(void)snprintf(person.name, sizeof(person.name), "%s", set->name);

	if (data_store(&store, set->data))
		return EXIT_FAILED;
	err = wrap_up_default(&person.wrap_up_s);
	if (err) {
		store_close(store);
		return EXIT_FAILED;
	}

	err = settings_apply(&person, set);
	if (!err)
		err = store_person_add(store, &person);
	store_close(store);
	secret_wipe(&person.phone);

	return stored(err);
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
	if (!set.phone) {
		(void)opts_wrong(&add_options, "--phone is missing");
		return EXIT_USAGE;
	}
	if (phone_check(&add_options, set.phone))
		return EXIT_USAGE;
	if (set.accept == STORE_ACCEPT_KEY)
		return key_not_built();

	return person_add(&set);
}


typedef int(change_h)(struct store *store, struct store_person *person,
		      const struct settings *set);


static int change(const struct settings *set, change_h *h)
{
	struct store_person person;
	struct store *store;
	int err;

	if (data_store(&store, set->data))
		return EXIT_FAILED;

	err = store_person_get(store, set->name, &person);
	if (!err)
		err = h(store, &person, set);
	store_close(store);
	secret_wipe(&person.phone);

	return stored(err);
}


static int change_set(struct store *store, struct store_person *person,
		      const struct settings *set)
{
	int err = settings_apply(person, set);

	return err ? err : store_person_set(store, person);
}


static int change_duty(struct store *store, struct store_person *person,
		       bool on)
{
	person->on_duty = on;
	person->off_reason[0] = '\0';
	person->off_at = 0;

	return store_person_set(store, person);
}


static int change_on(struct store *store, struct store_person *person,
		     const struct settings *set)
{
	(void)set;

	return change_duty(store, person, true);
}


static int change_off(struct store *store, struct store_person *person,
		      const struct settings *set)
{
	(void)set;

	return change_duty(store, person, false);
}


static int change_remove(struct store *store, struct store_person *person,
			 const struct settings *set)
{
	(void)set;

	return store_person_remove(store, person->id);
}


static int set_main(int argc, char *argv[])
{
	struct settings set = defaults;
	int err;

	err = opts_read(&set_options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (!set.phone && set.accept == UNSET && set.wrap_up_s == UINT32_MAX) {
		(void)opts_wrong(&set_options, "nothing to change is given");
		return EXIT_USAGE;
	}
	if (set.phone && phone_check(&set_options, set.phone))
		return EXIT_USAGE;
	if (set.accept == STORE_ACCEPT_KEY)
		return key_not_built();

	return change(&set, change_set);
}


static int by_name(const struct opts *o, change_h *h, int argc, char *argv[])
{
	struct settings set = defaults;
	int err;

	err = opts_read(o, argc, argv, &set);
	if (err)
		return opts_exit(err);

	return change(&set, h);
}


static int on_main(int argc, char *argv[])
{
	return by_name(&on_options, change_on, argc, argv);
}


static int off_main(int argc, char *argv[])
{
	return by_name(&off_options, change_off, argc, argv);
}


static int remove_main(int argc, char *argv[])
{
	return by_name(&remove_options, change_remove, argc, argv);
}


static bool person_handler(const struct store_person *person, void *arg)
{
	return out_add(arg, json_pack("{s:s, s:b, s:s, s:s, s:I}",
				      "name", person->name,
				      "on_duty", (int)person->on_duty,
				      "off_reason", person->off_reason,
				      "accept", accepts[person->accept],
				      "wrap_up",
				      (json_int_t)person->wrap_up_s));
}


static int list_main(int argc, char *argv[])
{
	struct settings set = defaults;
	struct out_rows list = {0};
	struct store *store;
	int err;

	err = opts_read(&list_options, argc, argv, &set);
	if (err)
		return opts_exit(err);

	if (data_store(&store, set.data))
		return EXIT_FAILED;
	err = store_person_each(store, person_handler, &list);
	store_close(store);
	if (err) {
		out_drop(&list);
		fprintf(stderr, "ringback: the store could not be read\n");
		return EXIT_FAILED;
	}

	return out_list(&list, set.json, columns, STEP_COUNT(columns),
			"Nobody yet. See ringback person add --help.");
}


static const struct command verbs[] = {
	{"add", "add a person who answers", add_main},
	{"set", "change a person's phone or wrap-up", set_main},
	{"on", "put a person on duty", on_main},
	{"off", "take a person off duty", off_main},
	{"list", "who answers, and who is on duty", list_main},
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
