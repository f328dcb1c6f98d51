/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ledger.c  Gets the last word on each call to disk. Must not know what the
 * words mean, nor keep a call alive.
 */
#include <inttypes.h>
#include <string.h>

#include "ledger.h"

#define LOG_MODULE "ledger"
#include "base/log.h"


enum { HASH_SIZE = 1024, REWRITE_MS = 1000 };

struct ledger {
	struct list makingl;
	struct hash *behind; /* struct entry, by number of the call */
	size_t n_behind;
	struct store *store;
	ledger_made_h *h;
	void *arg;
};

/* a first record under way */
struct making {
	struct le le;
	struct ledger *l;
	uint64_t call;
};

/* a call whose record is not up to date */
struct entry {
	struct le he;
	struct ledger *l;
	struct store_call row; /* what it is to say               */
	struct tmr tmr;        /* until it is tried again         */
	uint32_t n_writing;
};


static void making_destructor(void *data)
{
	struct making *m = data;

	list_unlink(&m->le);
}


static void entry_destructor(void *data)
{
	struct entry *e = data;

	tmr_cancel(&e->tmr);
	hash_unlink(&e->he);
	--e->l->n_behind;
}


static void ledger_destructor(void *data)
{
	struct ledger *l = data;

	list_flush(&l->makingl);
	hash_flush(l->behind);
	mem_deref(l->behind);
}


int ledger_alloc(struct ledger **lp, struct store *store, ledger_made_h *h,
		 void *arg)
{
	struct ledger *l;
	int err;

	if (!lp || !store || !h)
		return EINVAL;

	l = mem_zalloc(sizeof(*l), ledger_destructor);
	if (!l)
		return ENOMEM;
	l->store = store;
	l->h = h;
	l->arg = arg;
	err = hash_alloc(&l->behind, HASH_SIZE);

	if (err)
		mem_deref(l);
	else
		*lp = l;

	return err;
}


static void made(int err, void *arg)
{
	struct making *m = arg;
	struct ledger *l = m->l;
	const uint64_t call = m->call;

	mem_deref(m);
	if (err)
		log_error("a call could not be put on record and is refused: "
			  "%s", strerror(err));
	l->h(call, err, l->arg);
}


int ledger_make(struct ledger *l, const struct store_call *row)
{
	struct making *m;
	int err;

	m = mem_zalloc(sizeof(*m), making_destructor);
	if (!m)
		return ENOMEM;
	m->l = l;
	m->call = row->id;
	list_append(&l->makingl, &m->le, m);

	err = store_call_put(l->store, row, made, m);
	if (err)
		mem_deref(m);

	return err;
}


static void write_again(void *arg);


/* For as many calls as can be open: a flood of callers, all refused because
 * the disk is full, must not fill the memory as well. */
static void put_off(struct entry *e)
{
	const bool over = e->row.outcome[0] != '\0';

	if (!over || e->l->n_behind <= LIMIT_CALLS) {
		tmr_start(&e->tmr, REWRITE_MS, write_again, e);
		return;
	}

	log_error("call %" PRIu64 ": its record stays as it was: too many "
		  "wait for the store", e->row.id);
	if (!e->n_writing)
		mem_deref(e);
}


static void written(int err, void *arg)
{
	struct entry *e = arg;

	--e->n_writing;
	if (err)
		put_off(e);
	else if (!e->n_writing && !tmr_isrunning(&e->tmr))
		mem_deref(e);
}


static void entry_write(struct entry *e)
{
	++e->n_writing;
	if (store_call_put(e->l->store, &e->row, written, e)) {
		--e->n_writing;
		put_off(e);
	}
}


static void write_again(void *arg)
{
	entry_write(arg);
}


static bool entry_is(struct le *le, void *arg)
{
	return ((struct entry *)le->data)->row.id == *(const uint64_t *)arg;
}


static struct entry *entry_get(struct ledger *l, uint64_t call)
{
	struct entry *e = list_ledata(
		hash_lookup(l->behind, (uint32_t)call, entry_is, &call));

	if (e)
		return e;

	e = mem_zalloc(sizeof(*e), entry_destructor);
	if (!e)
		return NULL;
	e->l = l;
	hash_append(l->behind, (uint32_t)call, &e->he, e);
	++l->n_behind;

	return e;
}


void ledger_update(struct ledger *l, const struct store_call *row)
{
	struct entry *e = entry_get(l, row->id);

	if (!e) {
		log_error("call %" PRIu64 ": its record stays as it was: no "
			  "memory", row->id);
		return;
	}

	e->row = *row;
	entry_write(e);
}


size_t ledger_behind(const struct ledger *l)
{
	return l ? l->n_behind : 0;
}
