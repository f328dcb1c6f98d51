/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * epochs.c  Keys of lines, and who has them. Must not keep a private one.
 */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "seal/seal.h"
#include "seal/wrap.h"
#include "store/audit.h"
#include "store/keep.h"

#include "epochs.h"

_Static_assert((int)STORE_WRAPPED == (int)WRAP_SIZE, "wrapped key");
_Static_assert((int)STORE_PUBLIC == (int)SEAL_KEY, "public key");


static const int64_t day_ms = 86400000;


/* Whoever is to have it: people, then the recovery key as person 0. */
struct holder {
	uint32_t person;
	uint8_t public[STORE_PUBLIC];
};

struct holders {
	struct store *s;
	const char *line;
	struct holder *v;
	size_t n;
	int err;
};


uint32_t epochs_month(int64_t now)
{
	const time_t t = (time_t)(now / 1000);
	struct tm tm;

	if (now < 0 || !gmtime_r(&t, &tm))
		return 1;

	return (uint32_t)(12 * (tm.tm_year + 1900) + tm.tm_mon);
}


/* ---- who is entitled ----------------------------------------------------- */

struct right {
	const char *line;
	bool any;   /* they have a role, of whatever line */
	bool found;
};


static bool role_gives(const struct store_role *role, void *arg)
{
	struct right *r = arg;
	const bool coordinates = !strcmp(role->role, "coordinator");
	const bool answers = !strcmp(role->role, "counsellor");

	r->any = true;
	if (!*r->line)
		r->found = coordinates && !*role->line;
	else
		r->found = (coordinates || answers) &&
			   (!*role->line || !strcmp(role->line, r->line));

	return r->found;
}


int epochs_entitled(struct store *s, const char *line, uint32_t person)
{
	struct right r = {.line = line};
	int err;

	if (!s || !line || !person)
		return EINVAL;
	err = store_role_each(s, person, role_gives, &r);
	if (err)
		return err;

	/* whoever has no role is a counsellor of all lines */
	return r.found || (!r.any && *line) ? 0 : ENOENT;
}


static int holder_add(struct holders *h, uint32_t person,
		      const uint8_t *public)
{
	struct holder *v;

	v = realloc(h->v, (h->n + 1) * sizeof(*v));
	if (!v)
		return ENOMEM;
	h->v = v;
	v[h->n].person = person;
	memcpy(v[h->n].public, public, STORE_PUBLIC);
	++h->n;

	return 0;
}


static bool person_holds(const struct store_person *person, void *arg)
{
	struct holders *h = arg;
	struct store_identity identity;
	int err;

	err = epochs_entitled(h->s, h->line, person->id);
	if (!err)
		err = store_identity_get(h->s, person->id, &identity);
	if (!err)
		err = holder_add(h, person->id, identity.public);
	h->err = err == ENOENT ? 0 : err;

	return h->err != 0;
}


static int holders_find(struct holders *h)
{
	struct store_recovery recovery;
	int err;

	err = store_recovery_get(h->s, &recovery);
	if (err)
		return err == ENOENT ? ENOKEY : err;
	err = holder_add(h, 0, recovery.public);
	if (!err)
		err = store_person_each(h->s, person_holds, h);

	return err ? err : h->err;
}


static const struct holder *holder_of(const struct holders *h,
				      uint32_t person)
{
	for (size_t i = 0; i < h->n; i++) {
		if (h->v[i].person == person)
			return &h->v[i];
	}

	return NULL;
}


/* ---- who has it ---------------------------------------------------------- */

struct grants {
	const struct holders *h;
	size_t n;       /* that are as they should be */
	uint32_t wrong; /* a person who has one that they should not */
	bool any_wrong;
};


static bool grant_look(const struct store_grant *grant, void *arg)
{
	struct grants *g = arg;
	const struct holder *holder = holder_of(g->h, grant->person);

	if (holder && !memcmp(holder->public, grant->public, STORE_PUBLIC)) {
		++g->n;
		return false;
	}
	g->any_wrong = true;
	g->wrong = grant->person;

	return true;
}


struct walk {
	const char *line;
	uint64_t after;
	uint64_t next; /* the first one after that, with grants */
};


static bool epoch_next(const struct store_epoch *epoch, void *arg)
{
	struct walk *w = arg;

	if (epoch->id <= w->after || epoch->dropped ||
	    strcmp(epoch->line, w->line))
		return false;
	w->next = epoch->id;

	return true;
}


static int next_of_line(struct store *s, struct walk *w)
{
	int err;

	w->next = 0;
	err = store_epoch_each(s, epoch_next, w);
	w->after = w->next;

	return err;
}


/* what somebody has who should not (any more), of all epochs of the line; the
 * recovery key keeps what was sealed to an older one */
static int take_back(struct store *s, const struct holders *h)
{
	struct walk w = {.line = h->line};
	int err;

	for (;;) {
		struct grants g = {.h = h};

		err = next_of_line(s, &w);
		if (err || !w.next)
			return err;
		err = store_grant_of_epoch(s, w.next, grant_look, &g);
		while (!err && g.any_wrong && g.wrong) {
			err = store_grant_remove(s, g.wrong, h->line);
			g = (struct grants){.h = h};
			if (!err)
				err = store_grant_of_epoch(s, w.next,
							   grant_look, &g);
		}
		if (err)
			return err;
	}
}


static int is_current(struct store *s, const struct holders *h, uint32_t month,
		      struct store_epoch *e)
{
	struct grants g = {.h = h};
	int err;

	err = store_epoch_current(s, h->line, e);
	if (err)
		return err;
	if (e->month != month)
		return ESTALE;
	err = store_grant_of_epoch(s, e->id, grant_look, &g);
	if (err)
		return err;

	return g.any_wrong || g.n != h->n ? ESTALE : 0;
}


/* ---- a new one ----------------------------------------------------------- */

static int seal_to(struct store_grant *v, const struct holders *h,
		   uint64_t epoch, const uint8_t *private)
{
	int err = 0;

	for (size_t i = 0; !err && i < h->n; i++) {
		const struct seal_about about = {
			.kind = SEAL_GRANT, .epoch = epoch,
			.subject = h->v[i].person};

		v[i].epoch = epoch;
		v[i].person = h->v[i].person;
		memcpy(v[i].public, h->v[i].public, STORE_PUBLIC);
		err = seal_make(v[i].sealed, &about, h->v[i].public, private,
				SEAL_KEY);
	}

	return err;
}


static int make(struct store *s, const struct holders *h, uint32_t month,
		struct store_epoch *e)
{
	uint8_t *private = sodium_malloc(SEAL_KEY);
	struct store_grant *v = calloc(h->n, sizeof(*v));
	int err = v && private ? 0 : ENOMEM;

	if (err)
		goto out;

	/* another process may make one at the same time: then the next */
	do {
		memset(e, 0, sizeof(*e));
		err = store_epoch_last(s, &e->id);
		if (err)
			break;
		++e->id;
		memcpy(e->line, h->line, strnlen(h->line,
						 sizeof(e->line) - 1));
		e->month = month;
		e->current = true;
		seal_pair(e->public, private);
		err = seal_to(v, h, e->id, private);
		sodium_memzero(private, SEAL_KEY);
		if (!err)
			err = store_epoch_add(s, e, v, h->n);
	} while (err == EEXIST);

out:
	sodium_free(private);
	free(v);

	return err;
}


/* 0: the current one is as it should be; EAGAIN: it was not, look again */
static int keep_once(struct store *s, const char *line, uint32_t month,
		     struct store_epoch *e)
{
	struct holders h = {.s = s, .line = line};
	int err;

	bool good = false;

	err = holders_find(&h);
	if (!err) {
		err = is_current(s, &h, month, e);
		good = !err;
		if (err == ENOENT || err == ESTALE)
			err = 0;
	}
	/* the new one first: then a crash leaves something to be mended */
	if (!err && !good)
		err = make(s, &h, month, e);
	if (!err)
		err = take_back(s, &h);
	if (!err && !good)
		err = EAGAIN;
	free(h.v);

	return err;
}


/* A clock that is behind the day of the last look is wrong; what was sealed to
 * a month so long ago would go as soon as it is right again. */
static int month_keep(struct store *s, int64_t now, uint32_t *monthp)
{
	uint32_t looked = 0;
	int err;

	err = store_looked_get(s, &looked);
	if (err && err != ENOENT)
		return err;
	*monthp = epochs_month(now > looked * day_ms ? now : looked * day_ms);

	return 0;
}


int epochs_keep(struct store *s, const char *line, int64_t now,
		struct store_epoch *current)
{
	struct store_epoch e;
	uint32_t month;
	int err;

	if (!s || !line || strlen(line) >= sizeof(e.line))
		return EINVAL;
	err = month_keep(s, now, &month);
	if (err)
		return err;

	/* somebody may have left while it was made, by another process */
	do
		err = keep_once(s, line, month, &e);
	while (err == EAGAIN);
	if (!err && current)
		*current = e;

	return err;
}


int epochs_keep_all(struct store *s, const struct config *cfg, int64_t now)
{
	int err;

	if (!cfg)
		return EINVAL;

	err = epochs_keep(s, EPOCHS_HOUSE, now, NULL);
	for (uint32_t i = 0; !err && i < cfg->n_lines; i++)
		err = epochs_keep(s, cfg->lines[i].name, now, NULL);

	return err;
}


/* ---- no one any more ----------------------------------------------------- */

struct drop {
	const char *line;
	uint32_t month;
	uint64_t after;
	uint64_t id;
};


static bool epoch_old(const struct store_epoch *epoch, void *arg)
{
	struct drop *d = arg;

	if (epoch->id <= d->after || epoch->dropped || epoch->current ||
	    epoch->month >= d->month || strcmp(epoch->line, d->line))
		return false;
	d->id = epoch->id;

	return true;
}


int epochs_drop(struct store *s, const char *line, uint32_t month,
		unsigned *np)
{
	struct drop d = {line, month, 0, 0};
	unsigned n = 0;
	int err;

	if (!s || !line)
		return EINVAL;

	do {
		d.after = d.id;
		d.id = 0;
		err = store_epoch_each(s, epoch_old, &d);
		if (err || !d.id)
			break;
		err = store_epoch_drop(s, d.id);
		n += !err;
	} while (!err || err == ENOTEMPTY); /* something is sealed to this one */
	if (np)
		*np = n;

	return err;
}
