/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * accounts.c  What signing in needs between two requests, and sessions that
 * end without one. Must not answer requests.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "accounts_parts.h"
#include "bridge.h"


enum {
	SWEEP_MS = 5000,
	OLD_MS = 3600000,
	UNUSED_MS = 14 * 86400000,
};

/* a name may be tried again after a minute at the latest: nobody is to be
 * locked out by a stranger who tries theirs. Many people share one address */
static const struct signin_terms name_terms = {
	.n_free = 5, .most_s = 60, .forget_s = 600,
};
static const struct signin_terms peer_terms = {
	.n_free = 30, .most_s = 900, .forget_s = 60,
};


int64_t accounts_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);

	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}


void accounts_changed(struct web *web, uint32_t person)
{
	struct accounts *a = web->accounts;

	keyring_keep(web);
	a->changedh(a->arg);
	events_tell(web->events, person, "me", NULL);
}


/* A browser's sound needs no session, and another page of theirs may be open:
 * which of them listens nobody knows. */
void accounts_signed_out(struct web *web, uint32_t person, uint64_t session)
{
	struct accounts *a = web->accounts;

	events_signed_out(web->events, session);
	bridge_listen_end(web->bridge, person);
	for (size_t i = 0; i < a->n_known; i++) {
		if (a->known[i].id == session)
			a->known[i].told = true;
	}
}


struct sweep {
	struct accounts *a;
	struct accounts_known *v;
	size_t n, room;
	size_t i; /* in what was known */
	int err;
};


static int room_make(struct sweep *s)
{
	struct accounts_known *v;

	if (s->n < s->room)
		return 0;
	v = realloc(s->v, (s->room + 64) * sizeof(*v));
	if (!v)
		return ENOMEM;
	s->v = v;
	s->room += 64;

	return 0;
}


/* known ones before this one are gone */
static void gone_until(struct sweep *s, uint64_t id)
{
	struct accounts *a = s->a;

	for (; s->i < a->n_known && a->known[s->i].id < id; s->i++) {
		const struct accounts_known *k = &a->known[s->i];

		if (!k->told)
			accounts_signed_out(a->web, k->person, k->id);
	}
	if (s->i < a->n_known && a->known[s->i].id == id)
		++s->i;
}


static bool known_handler(const struct store_session *row, void *arg)
{
	struct sweep *s = arg;

	s->err = room_make(s);
	if (s->err)
		return true;
	s->v[s->n++] = (struct accounts_known){
		.id = row->id, .person = row->person,
	};

	return false;
}


/* by id, the oldest first: as the store lists them */
static void compare(struct sweep *s)
{
	for (size_t i = 0; i < s->n; i++)
		gone_until(s, s->v[i].id);
	gone_until(s, UINT64_MAX);
}


/* nobody uses them any more: they are no good, and need not stay on disk */
static int old_remove(struct accounts *a)
{
	a->old_ms = tmr_jiffies();

	return store_session_old(a->web->store, accounts_now() - UNUSED_MS);
}


/* what other programs ended, and time */
static void sweep_handler(void *arg)
{
	struct accounts *a = arg;
	struct sweep s = {.a = a};
	int err;

	tmr_start(&a->tmr, SWEEP_MS, sweep_handler, a);
	if (tmr_jiffies() - a->old_ms >= OLD_MS)
		(void)old_remove(a);
	keyring_look(a->web);
	upkeep_look(a->web);
	err = store_session_each(a->web->store, 0, known_handler, &s);
	if (err || s.err) {
		free(s.v);
		return;
	}
	compare(&s);
	free(a->known);
	a->known = s.v;
	a->n_known = s.n;
}


static void destructor(void *arg)
{
	struct accounts *a = arg;

	tmr_cancel(&a->tmr);
	free(a->names);
	free(a->peers);
	free(a->homes);
	free(a->known);
	explicit_bzero(a->key, sizeof(a->key));
	explicit_bzero(a->pending, sizeof(a->pending));
}


int accounts_alloc(struct accounts **ap, struct web *web,
		   accounts_changed_h *changedh, void *arg)
{
	struct accounts *a;
	int err;

	if (!ap || !web || !changedh)
		return EINVAL;

	a = mem_zalloc(sizeof(*a), destructor);
	if (!a)
		return ENOMEM;
	a->web = web;
	a->changedh = changedh;
	a->arg = arg;
	proof_key(a->key);
	err = store_key(web->store, "salts", a->key);
	if (!err)
		err = signin_limit_alloc(&a->names, &name_terms);
	if (!err)
		err = signin_limit_alloc(&a->peers, &peer_terms);
	if (!err)
		err = signin_limit_alloc(&a->homes, &name_terms);
	if (!err)
		err = old_remove(a);
	if (err) {
		mem_deref(a);
		return err;
	}
	*ap = a; /* the keyring is in it */
	sweep_handler(a);

	return 0;
}
