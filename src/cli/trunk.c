/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * trunk.c  `ringback trunk`: where calls come from, and go to. Checks what is typed
 * before it is stored, and never shows an account or its password.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "base/step.h"
#include "cidr.h"
#include "command.h"
#include "data.h"
#include "entry.h"
#include "exit.h"
#include "fingerprint.h"
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
	const char *to;
	const char *certificate;
	const char *srtp;
};

static const struct entry entry = {"trunk", WIRE_TRUNKS_CHANGED};

static const struct opt add_rows[] = {
	OPT_DATA(settings),
	{OPT_PLACE, "NAME", NULL, offsetof(struct settings, name),
	 "what to call it", 0, 0, NULL},
	{OPT_TEXT, "--from", "ADDR[/BITS]", offsetof(struct settings, from),
	 "calls from there are let in", 0, 0, NULL},
	{OPT_TEXT, "--to", "sip:HOST[:PORT]", offsetof(struct settings, to),
	 "with --from: callers are rung back by way of there", 0, 0, NULL},
	{OPT_TEXT, "--register", "sip:USER@HOST",
	 offsetof(struct settings, account),
	 "or: register there, as HOST[:PORT] knows us", 0, 0, NULL},
	{OPT_TEXT, "--secret-file", "FILE",
	 offsetof(struct settings, secret_file),
	 "with --register: holds the password", 0, 0, NULL},
	{OPT_TEXT, "--certificate", "FILE",
	 offsetof(struct settings, certificate),
	 "by TLS it must show exactly this one (PEM)", 0, 0, NULL},
	{OPT_TEXT, "--srtp", "off|offer|require",
	 offsetof(struct settings, srtp),
	 "sealed sound, by TLS; else as sip_srtp says", 0, 0, NULL},
};

static const struct opts add_options = {
	"ringback trunk add NAME --from ADDR[/BITS] [--to sip:HOST[:PORT]] |"
	" --register sip:USER@HOST[:PORT] --secret-file FILE"
	" [--certificate FILE] [--srtp off|offer|require] [--data DIR]",
	"Lets calls in: from an address or net, or from a provider that we"
	" register with.\nCallers can be rung back by a trunk that registers"
	" or has --to.\nBy TLS, checked, with ;transport=tls behind the host:"
	" docs/tls.md.",
	add_rows, STEP_COUNT(add_rows),
};

static const struct opts remove_options = {
	"ringback trunk remove NAME [--data DIR]",
	"Lets no more calls in from there; calls that are up go on.",
	entry_name_rows, ENTRY_NAME_ROWS,
};

static const struct out_column columns[] = {
	{"NAME", "name", OUT_TEXT},
	{"KIND", "kind", OUT_TEXT},
	{"FROM", "from", OUT_TEXT},
	{"TO", "to", OUT_TEXT},
	{"DIALS OUT", "dials_out", OUT_YES},
	{"PASSWORD IN", "secret_file", OUT_TEXT},
	{"SRTP", "srtp", OUT_TEXT},
};

static const char *const kinds[] = {
	[STORE_TRUNK_STATIC] = "static",
	[STORE_TRUNK_REGISTER] = "register",
};

static const char *const srtp_words[STORE_SRTPS] = {
	[STORE_SRTP_USUAL] = "",
	[STORE_SRTP_OFF] = "off",
	[STORE_SRTP_OFFER] = "offer",
	[STORE_SRTP_REQUIRE] = "require",
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


static int way_out_take(struct store_trunk *trunk, const char *to)
{
	const char *why = sipuri_host_wrong(NULL, to);

	if (why)
		return opts_wrong(&add_options, "--to: %s", why);

	return secret_set(&trunk->uri, to, strlen(to));
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


static int srtp_take(struct store_trunk *trunk, const char *word)
{
	for (unsigned i = STORE_SRTP_OFF; i < STORE_SRTPS; i++) {
		if (!strcmp(srtp_words[i], word)) {
			trunk->srtp = (enum store_srtp)i;
			return 0;
		}
	}

	return opts_wrong(&add_options, "--srtp takes \"off\", \"offer\" or"
					" \"require\"");
}


/* kept is only what tells it from all others */
static int certificate_take(struct store_trunk *trunk, const char *file)
{
	const int err = fingerprint_file(trunk->certificate,
					 sizeof(trunk->certificate), file);

	if (err)
		fprintf(stderr, "ringback: --certificate: %s\n",
			err == ENOTSUP ? "there is no certificate in it (PEM)"
				       : strerror(err));

	return err;
}


static int trunk_take(struct store_trunk *trunk, const struct settings *set)
{
	if (!set->from == !set->account)
		return opts_wrong(&add_options,
				  "give either --from or --register");
	if (set->from && set->secret_file)
		return opts_wrong(&add_options,
				  "--secret-file goes with --register");
	if (set->account && set->to)
		return opts_wrong(&add_options,
				  "--to goes with --from: a trunk that"
				  " registers dials out by its account");
	if (name_check(set->name))
		return EINVAL;
	if (set->srtp && srtp_take(trunk, set->srtp))
		return EINVAL;

	(void)snprintf(trunk->name, sizeof(trunk->name), "%s", set->name);

	if (set->account)
		return account_take(trunk, set);
	if (set->to && way_out_take(trunk, set->to))
		return EINVAL;

	return net_take(trunk, set->from);
}


/* the line is shut in and may not read a file that it did not know when it
 * started; one that does not run reads it when it does */
static void secret_tell(const struct store_trunk *trunk)
{
	struct wire_trunk_secret told = {.secret = ""};
	struct wire_refused refused = {0};
	FILE *f;
	int err;

	(void)snprintf(told.file, sizeof(told.file), "%s",
		       trunk->secret_file);
	f = fopen(trunk->secret_file, "re");
	if (!f || !fgets(told.secret, sizeof(told.secret), f))
		told.secret[0] = '\0';
	if (f)
		(void)fclose(f);
	told.secret[strcspn(told.secret, "\r\n")] = '\0';
	if (!told.secret[0])
		return;

	err = tell_ask(WIRE_TRUNK_SECRET, &told, &refused);
	explicit_bzero(&told, sizeof(told));
	if (err ? err != ENOENT && err != ECONNREFUSED : refused.err)
		fprintf(stderr, "ringback: warning: the running line could not"
				" be told the password; it reads the file when"
				" it is started again\n");
}


/* In the data folder. One that cannot be reached would only show when somebody
 * is to be rung back. */
static bool lacks_tls(const struct store_trunk *trunk,
		      const struct settings *set)
{
	struct config *cfg;
	bool lacks;

	if (!strcasestr(secret_reveal(&trunk->uri), ";transport=tls"))
		return false;
	if (config_read(&cfg, "."))
		return true; /* it has said why */

	lacks = !cfg->n_sip_tls;
	config_free(cfg);
	if (lacks)
		fprintf(stderr, "ringback: %s: ;transport=tls needs sip_tls in"
				" ringback.conf: the line speaks no TLS"
				" without it.\nSet it, start the line again,"
				" then add the trunk\n",
			set->account ? "--register" : "--to");

	return lacks;
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

	if (set.certificate && certificate_take(&trunk, set.certificate))
		return EXIT_FAILED;
	if (data_store(&store, set.data))
		return EXIT_FAILED;
	if (lacks_tls(&trunk, &set)) {
		store_close(store);
		secret_wipe(&trunk.uri);
		return EXIT_FAILED;
	}
	err = store_trunk_add(store, &trunk);
	store_close(store);
	secret_wipe(&trunk.uri);
	if (!err && set.secret_file)
		secret_tell(&trunk);

	return entry_stored(&entry, err);
}


static int remove_main(int argc, char *argv[])
{
	return entry_do(&entry, &remove_options, store_trunk_remove, argc,
			argv);
}


static bool trunk_handler(const struct store_trunk *trunk, void *arg)
{
	const char *uri = secret_reveal(&trunk->uri);
	size_t n = 0;
	const char *host = *uri ? sipuri_host(uri, &n) : NULL;

	return out_add(arg, json_pack("{s:s, s:s, s:o, s:o, s:b, s:o, s:o,"
				      " s:o}",
				      "name", trunk->name,
				      "kind", kinds[trunk->kind],
				      "from", out_text(trunk->from),
				      "to", host ? json_stringn(host, n)
					 : json_null(),
				      "dials_out", host != NULL,
				      "secret_file",
				      out_text(trunk->secret_file),
				      "srtp", out_text(srtp_words[trunk->srtp]),
				      "certificate",
				      out_text(trunk->certificate)));
}


static int trunk_each(struct store *store, struct out_rows *rows)
{
	return store_trunk_each(store, trunk_handler, rows);
}


static const struct entry_listing listing = {
	.options = {
		"ringback trunk list [--json] [--data DIR]",
		"Lists where calls come from, and where they can go to: of an"
		" account, only its host.",
		entry_list_rows, ENTRY_LIST_ROWS,
	},
	.eachh = trunk_each,
	.columns = columns,
	.n_columns = STEP_COUNT(columns),
	.empty = "No trunk yet: nobody's calls are let in. See"
		 " ringback trunk add --help.",
};


static int list_main(int argc, char *argv[])
{
	return entry_list(&listing, argc, argv);
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
