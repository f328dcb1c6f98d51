/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file someone.h  People with real keys, and what they can open
 *
 * To be included after cmocka.h.
 */
#ifndef RINGBACK_TEST_SOMEONE_H
#define RINGBACK_TEST_SOMEONE_H

#include <stdio.h>
#include <string.h>

#include "epoch/epochs.h"
#include "seal/seal.h"
#include "store/epoch.h"

#include "store_fixture.h"

struct someone {
	uint32_t id;
	uint8_t public[SEAL_KEY], private[SEAL_KEY];
};


/* ---- people with keys ---------------------------------------------------- */

static inline void key_new(struct store *s, struct someone *p)
{
	struct store_identity identity = {.person = p->id};

	seal_pair(p->public, p->private);
	memcpy(identity.public, p->public, SEAL_KEY);
	assert_int_equal(store_identity_put(s, &identity), 0);
}


static inline void role(struct store *s, const struct someone *p, const char *line,
		 const char *what)
{
	struct store_role r = {.person = p->id};

	(void)snprintf(r.line, sizeof(r.line), "%s", line);
	(void)snprintf(r.role, sizeof(r.role), "%s", what);
	assert_int_equal(store_roles_set(s, p->id, &r, 1), 0);
}


static inline struct someone someone(struct store *s, const char *name,
			      const char *line, const char *what)
{
	struct store_person p = a_person(name, "");
	struct someone who;

	assert_int_equal(store_person_add(s, &p), 0);
	who.id = p.id;
	if (what)
		role(s, &who, line, what);
	key_new(s, &who);

	return who;
}


static inline struct someone recovery(struct store *s)
{
	struct store_recovery r = {.need = 2, .made_at = 1, .n = 3};
	struct someone who = {.id = 0};

	seal_pair(who.public, who.private);
	memcpy(r.public, who.public, SEAL_KEY);
	for (uint32_t i = 0; i < r.n; i++)
		memset(r.shares[i].hash, (int)i + 1, STORE_HASH);
	assert_int_equal(store_recovery_put(s, &r), 0);

	return who;
}


static inline struct store_epoch keep(struct store *s, const char *line, int64_t now)
{
	struct store_epoch e;

	assert_int_equal(epochs_keep(s, line, now, &e), 0);
	assert_string_equal(e.line, line);
	assert_true(e.current);
	assert_false(e.dropped);

	return e;
}


/* ---- who opens what ------------------------------------------------------ */

struct opening {
	const struct someone *who;
	uint64_t epoch;
	uint8_t private[SEAL_KEY];
	unsigned n;  /* that they have, of this epoch */
	bool opened;
};


static inline bool grant_try(const struct store_grant *grant, void *arg)
{
	struct opening *o = arg;
	const struct seal_about about = {.kind = SEAL_GRANT,
					 .epoch = o->epoch,
					 .subject = o->who->id};
	uint8_t out[STORE_GRANT];
	size_t n;

	if (grant->epoch != o->epoch)
		return false;
	++o->n;
	if (seal_open(out, &n, &about, o->who->private, grant->sealed,
		      STORE_GRANT) == 0 && n == SEAL_KEY) {
		memcpy(o->private, out, SEAL_KEY);
		o->opened = true;
	}

	return false;
}


/* all the way: a note, sealed to the epoch, opened with what they have */
static inline bool opens(struct store *s, const struct store_epoch *e,
		  const struct someone *who)
{
	const struct seal_about note = {.kind = SEAL_NOTE, .epoch = e->id,
					.subject = 5};
	struct opening o = {.who = who, .epoch = e->id};
	uint8_t sealed[2048], out[2048];
	size_t n;

	assert_int_equal(store_grant_of_person(s, who->id, grant_try, &o), 0);
	assert_true(o.n <= 1);
	if (!o.opened)
		return false;
	assert_int_equal(seal_make(sealed, &note, e->public,
				   (const uint8_t *)"note", 4), 0);
	assert_int_equal(seal_open(out, &n, &note, o.private, sealed,
				   seal_size(SEAL_NOTE, 4)), 0);
	assert_int_equal(n, 4);

	return true;
}

#endif
