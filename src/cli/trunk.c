/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * trunk.c  `ringback trunk`: where calls come from. Checks what is typed
 * before it is stored, and never shows an account or its password.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/step.h"
#include "cidr.h"
#include "command.h"
#include "data.h"
#include "exit.h"
#include "name.h"
#include "opts.h"
#include "out.h"
#include "sipuri.h"
#include "tell.h"


struct settings {
	const char *data;
	const char *name;
	const char *from;
	const char *account;
	const char *secret_file;
	bool json;
};

static const struct opt add_rows[] = {
	OPT_DATA(settings),
	{OPT_PLACE, "NAME", NULL, offsetof(struct settings, name),
	 "what to call it", 0, 0, NULL},
	{OPT_TEXT, "--from", "ADDR[/BITS]", offsetof(struct settings, from),
	 "calls from there are let in", 0, 0, NULL},
	{OPT_TEXT, "--register", "sip:USER@HOST",
	 offsetof(struct settings, account),
	 "or: register there, as HOST[:PORT] knows us", 0, 0, NULL},
	{OPT_TEXT, "--secret-file", "FILE",
	 offsetof(struct settings, secret_file),
	 "with --register: holds the password", 0, 0, NULL},
};

static const struct opts add_options = {
	"ringback trunk add NAME --from ADDR[/BITS] | --register"
	" sip:USER@HOST[:PORT] --secret-file FILE [--data DIR]",
	"Lets calls in: from an address or net, or from a provider that we"
	" register with.",
	add_rows, STEP_COUNT(add_rows),
};

static const struct opt remove_rows[] = {
	OPT_DATA(settings),
	{OPT_PLACE, "NAME", NULL, offsetof(struct settings, name),
	 "its name", 0, 0, NULL},
};

static const struct opts remove_options = {
	"ringback trunk remove NAME [--data DIR]",
	"Lets no more calls in from there; calls that are up go on.",
	remove_rows, STEP_COUNT(remove_rows),
};

static const struct opt list_rows[] = {
	OPT_DATA(settings),
	OPT_JSON(settings),
};

static const struct opts list_options = {
	"ringback trunk list [--json] [--data DIR]",
	"Lists where calls come from.",
	list_rows, STEP_COUNT(list_rows),
};

static const struct out_column columns[] = {
	{"NAME", "name", OUT_TEXT},
	{"KIND", "kind", OUT_TEXT},
	{"FROM", "from", OUT_TEXT},
	{"PASSWORD IN", "secret_file", OUT_TEXT},
};

static const char *const kinds[] = {
	[STORE_TRUNK_STATIC] = "static",
	[STORE_TRUNK_REGISTER] = "register",
};


static int net_take(struct store_trunk *trunk, const char *from)
{
	int err = cidr_decode(trunk->from, sizeof(trunk->from), from);

	if (err == ERANGE)
		return opts_wrong(&add_options, "--from: a net wider than /8"
						" would let in too much");
	if (err)
		return opts_wrong(&add_options,
				  "--from takes an IP address, or a net as"
				  " 192.0.2.0/24 or 2001:db8::/32");

	trunk->kind = STORE_TRUNK_STATIC;
	return 0;
}


static int secret_file_take(struct store_trunk *trunk, const char *file)
{
	struct stat st;

	if (data_path(trunk->secret_file, sizeof(trunk->secret_file), file))
		return EINVAL;
	if (stat(trunk->secret_file, &st) < 0) {
		int err = errno;

		fprintf(stderr, "ringback: --secret-file: %s\n",
			strerror(err));
		return err;
	}
	if (!S_ISREG(st.st_mode) || st.st_size == 0) {
		fprintf(stderr, "ringback: --secret-file: it must be a file"
				" with the password in its first line\n");
		return EINVAL;
	}
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		fprintf(stderr,
			"ringback: warning: others may read the file with"
			" the password; close it with:\n  chmod 600 %s\n",
			trunk->secret_file);

	return 0;
}


static int account_take(struct store_trunk *trunk, const struct settings *set)
{
	const char *why = sipuri_wrong(NULL, set->account);

	if (why)
		return opts_wrong(&add_options, "--register: %s", why);
	if (!set->secret_file)
		return opts_wrong(&add_options,
				  "--register needs --secret-file");

	trunk->kind = STORE_TRUNK_REGISTER;
	return secret_set(&trunk->uri, set->account, strlen(set->account));
}


static int trunk_take(struct store_trunk *trunk, const struct settings *set)
{
	if (!set->from == !set->account)
		return opts_wrong(&add_options,
				  "give either --from or --register");
	if (set->from && set->secret_file)
		return opts_wrong(&add_options,
				  "--secret-file goes with --register");
	if (name_check(set->name))
		return EINVAL;

	(void)snprintf(trunk->name, sizeof(trunk->name), "%s", set->name);

	return set->from ? net_take(trunk, set->from)
			 : account_take(trunk, set);
}


static int stored(int err)
{
	if (err == EEXIST)
		fprintf(stderr,
			"ringback: there is already a trunk of that name\n");
	else if (err == ENOENT)
		fprintf(stderr, "ringback: there is no trunk of that name;"
				" ringback trunk list shows them\n");
	else if (err)
		fprintf(stderr, "ringback: it could not be stored: %s\n",
			strerror(err));

	return err ? EXIT_FAILED : EXIT_DONE;
}


static int add_main(int argc, char *argv[])
{
	struct store_trunk trunk = {0};
	struct settings set = {0};
	struct store *store;
	int err;

	err = opts_read(&add_options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (trunk_take(&trunk, &set))
		return EXIT_USAGE;
	if (set.secret_file && secret_file_take(&trunk, set.secret_file))
		return EXIT_FAILED;

	if (data_store(&store, set.data))
		return EXIT_FAILED;
	err = store_trunk_add(store, &trunk);
	store_close(store);
	secret_wipe(&trunk.uri);

	return stored(err) == EXIT_DONE ? tell_line(WIRE_TRUNKS_CHANGED)
					: EXIT_FAILED;
}


static int remove_main(int argc, char *argv[])
{
	struct settings set = {0};
	struct store *store;
	int err;

	err = opts_read(&remove_options, argc, argv, &set);
	if (err)
		return opts_exit(err);

	if (data_store(&store, set.data))
		return EXIT_FAILED;
	err = store_trunk_remove(store, set.name);
	store_close(store);

	return stored(err) == EXIT_DONE ? tell_line(WIRE_TRUNKS_CHANGED)
					: EXIT_FAILED;
}


static json_t *text_or_null(const char *text)
{
	return *text ? json_string(text) : json_null();
}


static bool trunk_handler(const struct store_trunk *trunk, void *arg)
{
	return out_add(arg,
		       json_pack("{s:s, s:s, s:o, s:o}",
				 "name", trunk->name,
				 "kind", kinds[trunk->kind],
				 "from", text_or_null(trunk->from),
				 "secret_file",
				 text_or_null(trunk->secret_file)));
}


static int list_main(int argc, char *argv[])
{
	struct settings set = {0};
	struct out_rows list = {0};
	struct store *store;
	int err;

	err = opts_read(&list_options, argc, argv, &set);
	if (err)
		return opts_exit(err);

	if (data_store(&store, set.data))
		return EXIT_FAILED;
	err = store_trunk_each(store, trunk_handler, &list);
	store_close(store);
	if (err) {
		out_drop(&list);
		fprintf(stderr, "ringback: the store could not be read\n");
		return EXIT_FAILED;
	}

	return out_list(&list, set.json, columns, STEP_COUNT(columns),
			"No trunk yet: nobody's calls are let in. See"
			" ringback trunk add --help.");
}


static const struct command verbs[] = {
	{"add", "let calls in from an address, a net or a provider",
	 add_main},
	{"list", "where calls come from", list_main},
	{"remove", "let no more calls in from there", remove_main},
};

static const struct commands trunk = {
	.noun = "ringback trunk",
	.about = "A trunk is where calls come from: a provider, or a"
		 " telephone system next door.",
	.rows = verbs,
	.n = STEP_COUNT(verbs),
};


int trunk_main(int argc, char *argv[])
{
	return command_run(&trunk, argc, argv);
}
