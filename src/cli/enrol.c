/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * enrol.c  `ringback person phone`: what a telephone needs to register with the
 * line. The secret is printed, and kept nowhere.
 */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/step.h"
#include "audited.h"
#include "data.h"
#include "enrol.h"
#include "entry.h"
#include "exit.h"
#include "opts.h"
#include "when.h"


struct settings {
	const char *data;
	const char *name;
	bool makes;
	bool forgets;
	bool md5;
};

static const struct entry entry = {"person", WIRE_PEOPLE_CHANGED};

static const struct opt rows[] = {
	OPT_DATA(settings),
	{OPT_PLACE, "NAME", NULL, offsetof(struct settings, name),
	 "the person's name", 0, 0, NULL},
	{OPT_FLAG, "--register", NULL, offsetof(struct settings, makes),
	 "make a name and a secret for their telephone", 0, 0, NULL},
	{OPT_FLAG, "--md5", NULL, offsetof(struct settings, md5),
	 "for one that cannot prove itself by SHA-256", 0, 0, NULL},
	{OPT_FLAG, "--forget", NULL, offsetof(struct settings, forgets),
	 "their telephone does not register any more", 0, 0, NULL},
};

static const struct opts options = {
	"ringback person phone NAME --register [--md5] | --forget [--data DIR]",
	"Prints what a SIP phone or softphone of this person needs to register"
	" with the line:\na name and a secret, shown once. What there was"
	" before is no good any more. While it\nis registered, it is rung there"
	" (at two places at most), and not by --phone.",
	rows, STEP_COUNT(rows),
};


static void addresses_print(const char *what, const char *how,
			    const struct config_addr *v, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const bool v6 = strchr(v[i].host, ':') != NULL;

		printf("%-8s%s%s%s:%u (%s)\n", i ? "" : what, v6 ? "[" : "",
		       v[i].host, v6 ? "]" : "", v[i].port, how);
	}
}


static void account_print(const struct store_phone *phone, const char *secret,
			  const struct config *cfg, bool md5)
{
	printf("user    %s\nsecret  %s\n", phone->user, secret);
	addresses_print("server", "UDP, TCP", cfg->sip, cfg->n_sip);
	addresses_print("or", "TLS", cfg->sip_tls, cfg->n_sip_tls);
	printf("It proves itself by digest with %s. The secret is shown this"
	       " once.\n", md5 ? "MD5" : "SHA-256 (RFC 8760)");
}


static int account_make(struct store *store, uint32_t person,
			const struct config *cfg, bool md5)
{
	struct store_phone phone = {.person = person, .made_at = when_now()};
	char secret[ENROL_SECRET];
	int err;

	err = enrol_make(&phone, secret, md5);
	if (!err)
		err = audited(store, "person_phone", person, "registers");
	if (!err)
		err = store_phone_put(store, &phone);
	if (!err)
		account_print(&phone, secret, cfg, md5);
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(&phone, sizeof(phone));

	return err;
}


static int enrol(struct store *store, const struct settings *set,
		 const struct config *cfg)
{
	struct store_person p;
	int err;

	err = store_person_get(store, set->name, &p);
	if (err)
		return err;
	secret_wipe(&p.phone);
	if (set->makes)
		return account_make(store, p.id, cfg, set->md5);

	/* there is none already: as they wish */
	err = audited(store, "person_phone", p.id, "forgotten");
	if (!err)
		err = store_phone_remove(store, p.id);

	return err == ENOENT ? 0 : err;
}


int enrol_main(int argc, char *argv[])
{
	struct settings set = {.data = NULL};
	struct config *cfg;
	struct store *store;
	int err;

	err = opts_read(&options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (set.makes == set.forgets || (set.md5 && set.forgets)) {
		(void)opts_wrong(&options, "give one of --register, --forget");
		return EXIT_USAGE;
	}
	if (sodium_init() < 0 || data_enter(set.data) ||
	    config_read(&cfg, "."))
		return EXIT_FAILED;
	if (data_store(&store, ".")) {
		config_free(cfg);
		return EXIT_FAILED;
	}
	err = enrol(store, &set, cfg);
	store_close(store);
	config_free(cfg);

	return entry_stored(&entry, err);
}


struct looked {
	uint32_t person;
	bool found;
};


static bool is_phone(const struct store_phone *phone, void *arg)
{
	struct looked *l = arg;

	l->found = phone->person == l->person;

	return l->found;
}


static bool is_binding(const struct store_binding *binding, void *arg)
{
	struct looked *l = arg;

	l->found = binding->person == l->person &&
		   binding->ends_at > when_now();

	return l->found;
}


const char *enrol_state(struct store *store, uint32_t person)
{
	struct looked phone = {.person = person}, binding = phone;

	if (store_phone_each(store, is_phone, &phone) || !phone.found)
		return "";
	if (store_binding_each(store, is_binding, &binding))
		return "";

	return binding.found ? "yes" : "no";
}
