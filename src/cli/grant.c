/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * grant.c  `ringback recovery grant`: what the recovery key opens, sealed to a
 * person. Must not give anything to whoever is not entitled to it.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/step.h"
#include "epoch/recover.h"
#include "store/backup.h"
#include "audited.h"
#include "data.h"
#include "exit.h"
#include "grant.h"
#include "keys.h"
#include "opts.h"
#include "ring.h"
#include "tell.h"


struct settings {
	const char *data;
	const char *name;
	const char *keyring;
};

struct grant {
	struct store *store;
	struct ring_key *key;
	uint32_t person;
	char ring_path[LIMIT_PATH];
};

static const struct opt rows[] = {
	OPT_DATA(settings),
	{OPT_PLACE, "NAME", NULL, offsetof(struct settings, name),
	 "the person's name", 0, 0, NULL},
	{OPT_TEXT, "--keyring", "FILE", offsetof(struct settings, keyring),
	 "take keys from this one first, that a restore was without", 0, 0,
	 NULL},
};

static const struct opts options = {
	"ringback recovery grant NAME [--keyring FILE] [--data DIR]",
	"Opens the keys that the recovery key has, and seals them to a person:"
	" when all others\nhave lost their passphrases. The person signs in"
	" first, so that they have a key, and\ngets what they are entitled"
	" to. Reads the words of shares from standard input, an\nempty line"
	" after each.",
	rows, STEP_COUNT(rows),
};


static int stored(int err)
{
	fprintf(stderr, "ringback: the store did not take it: %s.\n",
		strerror(err));

	return err;
}


/* ---- a keyring that was missing ------------------------------------------ */

/* of this installation? */
static int ring_check(struct grant *g, const struct ring *ring)
{
	uint64_t house;
	int err;

	err = ring_house(&house, g->store);
	if (err)
		return stored(err);
	if (house == ring->about.house)
		return 0;
	fprintf(stderr, "ringback: %s is the keyring of another"
		" installation\n", g->ring_path);

	return EINVAL;
}


static int ring_back(struct grant *g)
{
	struct ring ring;
	size_t n = 0;
	int err;

	err = ring_open(&ring, g->ring_path);
	if (err == ENOENT)
		fprintf(stderr, "ringback: %s: there is no such file\n",
			g->ring_path);
	if (!err)
		err = ring_check(g, &ring);
	if (!err)
		err = ring_read(&ring, g->ring_path, g->key);
	if (!err && (err = store_grants_back(g->store, ring.v, ring.n, &n)))
		(void)stored(err);
	if (!err)
		printf("%zu keys of the keyring are back.\n", n);
	ring_close(&ring);

	return err;
}


/* ---- giving -------------------------------------------------------------- */

static int key_typed(uint8_t private[SEAL_KEY],
		     const uint8_t public[SEAL_KEY], void *arg)
{
	struct grant *g = arg;
	const bool first = !g->key->has;
	int err;

	err = ring_key_get(g->key, public);
	memcpy(private, g->key->private, SEAL_KEY);

	/* without those of the first one there is nothing to be done */
	return err == ENODATA && first ? EINVAL : err;
}


static int give(struct grant *g, const char *name)
{
	const struct store_audit row =
		audited_row("keys_recovered", g->person);
	struct recovered r;
	size_t n = 0;
	int err;

	err = recover_for(&r, g->store, g->person, key_typed, g);
	if (err == ENOENT)
		fprintf(stderr, "ringback: %s has no key yet: they sign in at"
			" the page first, and are entitled from then\non. Then"
			" do this again.\n", name);
	if (err)
		return err;
	if (r.n)
		err = store_audit_along(g->store, &row);
	if (!err && r.n)
		err = store_grants_back(g->store, r.v, r.n, &n);
	if (err)
		(void)stored(err);
	else if (n)
		printf("%s can open %zu more %s now, from the next sign-in"
		       " on.\n", name, n, n == 1 ? "key" : "keys");
	else
		printf("There is no more that %s may open.\n", name);
	if (!err && r.n_closed)
		printf("%zu stay closed: they were sealed to an earlier"
		       " recovery key, whose shares are needed.\n",
		       r.n_closed);
	recover_free(&r);

	return err;
}


static int grant(struct grant *g, const struct settings *set)
{
	struct store_person person;
	int err;

	err = store_person_get(g->store, set->name, &person);
	if (err == ENOENT) {
		fputs("ringback: there is nobody of that name; ringback person"
		      " list shows who there is.\n", stderr);
		return err;
	}
	if (err)
		return stored(err);
	g->person = person.id;
	secret_wipe(&person.phone);

	if (set->keyring)
		err = ring_back(g);

	return err ? err : give(g, set->name);
}


int grant_main(int argc, char *argv[])
{
	struct settings set = {0};
	struct grant g = {0};
	int err;

	err = opts_read(&options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (set.keyring &&
	    data_path(g.ring_path, sizeof(g.ring_path), set.keyring))
		return EXIT_USAGE;
	if (sodium_init() < 0 || data_store(&g.store, set.data))
		return EXIT_FAILED;
	g.key = ring_key_alloc();
	err = g.key ? grant(&g, &set) : ENOMEM;
	sodium_free(g.key);
	if (!err)
		keys_keep(g.store);
	store_close(g.store);

	return err ? EXIT_FAILED : tell_line(WIRE_PEOPLE_CHANGED);
}
