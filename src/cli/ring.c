/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ring.c  Reads the keyring. Must not open what is in it: that is sealed to
 * people.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seal/proof.h"
#include "store/backup.h"
#include "ring.h"
#include "shares.h"


enum { HOUSE = 7 /* bytes */ };

/* each of up to a thousand people, for each of a few thousand epochs */
#define RING_MOST ((uint64_t)1 << 30)


int ring_house(uint64_t *housep, struct store *s)
{
	uint8_t key[PROOF_BYTES], hash[PROOF_BYTES];
	int err;

	proof_key(key);
	err = store_key(s, "backup", key);
	if (err)
		return err;
	proof_hash(hash, key);
	*housep = 0;
	for (int i = 0; i < HOUSE; i++)
		*housep = *housep << 8 | hash[i];

	return 0;
}


int ring_key_get(struct ring_key *key, const uint8_t public[SEAL_KEY])
{
	int err;

	if (key->has && !memcmp(key->public, public, SEAL_KEY))
		return 0;
	if (key->has)
		fputs("ringback: that is sealed to another recovery key, of an"
		      " earlier or later day: its shares\nare needed as"
		      " well.\n", stderr);

	sodium_memzero(key, sizeof(*key));
	err = shares_read(key->private, public,
			  "that is opened with the shares of the recovery key"
			  " alone: type their words, an\nempty line after"
			  " each.");
	key->has = !err;
	memcpy(key->public, public, SEAL_KEY);

	return err;
}


struct ring_key *ring_key_alloc(void)
{
	struct ring_key *key = sodium_malloc(sizeof(*key));

	if (key)
		memset(key, 0, sizeof(*key));
	else
		fprintf(stderr, "ringback: %s\n", parcel_why(ENOMEM));

	return key;
}


static int said(const char *path, int err)
{
	fprintf(stderr, "ringback: %s: %s\n", path, parcel_why(err));

	return err;
}


int ring_open(struct ring *r, const char *path)
{
	int err;

	memset(r, 0, sizeof(*r));
	err = opened_open(&r->file, &r->about, path);
	if (err == ENOENT)
		return err;
	if (!err && r->about.kind != ARCHIVE_KEYRING) {
		ring_close(r);
		err = EBADMSG;
	}
	if (err == EBADMSG) {
		fprintf(stderr, "ringback: %s is no keyring of Ringback\n",
			path);
		return err;
	}

	return err ? said(path, err) : 0;
}


static int grants_read(struct ring *r)
{
	struct tar_file file;
	uint8_t *v;
	size_t n;
	int err;

	err = opened_next(r->file, &file);
	if (err)
		return err == ENOENT ? EBADMSG : err;
	if (strcmp(file.name, "grants") || file.size > RING_MOST)
		return EBADMSG;
	v = malloc((size_t)file.size + 1);
	if (!v)
		return ENOMEM;
	err = opened_read(r->file, v, (size_t)file.size, &n);
	if (!err) {
		err = opened_next(r->file, &file);
		err = err == ENOENT ? 0 : err ? err : EBADMSG;
	}
	if (!err)
		err = store_grants_decode(&r->v, &r->n, v, n);
	free(v);

	return err;
}


int ring_read(struct ring *r, const char *path, struct ring_key *key)
{
	int err;

	err = ring_key_get(key, r->about.public);
	if (err)
		return err;
	err = opened_unlock(r->file, key->private);
	if (!err)
		err = grants_read(r);

	return err ? said(path, err == EKEYREJECTED ? EBADMSG : err) : 0;
}


void ring_close(struct ring *r)
{
	opened_close(r->file);
	free(r->v);
	memset(r, 0, sizeof(*r));
}
