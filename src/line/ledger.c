/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ledger.c  Gets the last word on each call to disk. Must not know what the
 * words mean, nor keep a call alive, nor a number longer than it takes to
 * write it.
 *
 * One write of a call is under way at a time: the store writes in order, but
 * what fails in one batch may succeed in the next, and the words of a call
 * must not overtake each other.
 */
#include <inttypes.h>
#include <string.h>

#include "ledger.h"
#include "ledger_word.h"

#define LOG_MODULE "ledger"
#include "base/log.h"


enum {
	HASH_SIZE = 1024,
	REWRITE_MS = 1000,
	MAKE_MS = 2000, /* a caller waits so long for the first record */
	SLOW_MS = 250,  /* of a store that has just been slower        */
	LATE_MS = 5000, /* whoever runs this should know of it         */
};

struct ledger {
	struct list makingl;
	struct hash *entries; /* struct entry, by number of the call */
	size_t n_behind;
	size_t n_late;
	uint64_t late_since; /* if any are */
	bool slow;           /* the last first record was not quick */
	struct store *store;
	ledger_made_h *madeh;
	ledger_promised_h *promisedh;
	ledger_settled_h *settledh;
	void *arg;
};

/* a first record under way */
struct making {
	struct le le;
	struct ledger *l;
	struct tmr tmr; /* until we go on without it */
	uint64_t begun;
	bool told;
	struct store_call row;
};

/* a call about which something is not on disk */
struct entry {
	struct le he;
	struct ledger *l;
	uint64_t call;
	struct list words; /* last ones, in order               */
	struct word *sent; /* to the store: of them, or an older */
	struct tmr tmr;    /* until they are tried again        */
	bool behind;       /* counted as such                   */
	bool late;         /* counted as such: refused, or slow */
	struct tmr late_tmr;
	bool unmade;       /* there is no record of the call    */

	struct word *promise;   /* being made                      */
	bool promise_after;     /* a word on it was said meanwhile */
	bool promise_failed;    /* the last one, which has been logged */
	struct tmr promise_tmr; /* runs after one failed           */
};


/* ---- the ledger ---- */

static void making_destructor(void *data)
{
	struct making *m = data;

	tmr_cancel(&m->tmr);
	list_unlink(&m->le);
}


static void late_set(struct entry *e, bool late)
{
	struct ledger *l = e->l;

	if (late == e->late)
		return;
	e->late = late;
	if (late && !l->n_late++)
		l->late_since = tmr_jiffies();
	if (!late)
		--l->n_late;
}


static void entry_destructor(void *data)
{
	struct entry *e = data;

	late_set(e, false);
	tmr_cancel(&e->late_tmr);
	tmr_cancel(&e->tmr);
	tmr_cancel(&e->promise_tmr);
	hash_unlink(&e->he);
	list_flush(&e->words);
	mem_deref(e->sent);
	mem_deref(e->promise);
	if (e->behind)
		--e->l->n_behind;
}


/* what was said of an older promise, and is not on disk yet */
static void older_forget(struct entry *e)
{
	struct word *w = list_ledata(list_head(&e->words));

	if (w && w->kind == WORD_PROMISE && !e->promise_after) {
		list_unlink(&w->le);
		mem_deref(w);
	}
}


static void hand_over(struct ledger *l, const struct word *w)
{
	(void)word_put(w, l->store, NULL, NULL);
}


/* The store writes what it was given before it closes: the last chance of
 * what waits here, or is under way and may fail. */
static bool entry_hand_over(struct le *le, void *arg)
{
	struct entry *e = le->data;

	if (e->promise) {
		older_forget(e);
		hand_over(arg, e->promise);
	}
	for (le = list_head(&e->words); le; le = le->next)
		hand_over(arg, le->data);

	return false;
}


static void ledger_destructor(void *data)
{
	struct ledger *l = data;

	list_flush(&l->makingl);
	(void)hash_apply(l->entries, entry_hand_over, l);
	hash_flush(l->entries);
	mem_deref(l->entries);
}


int ledger_alloc(struct ledger **lp, struct store *store, ledger_made_h *madeh,
		 ledger_promised_h *promisedh, void *arg)
{
	struct ledger *l;
	int err;

	if (!lp || !store || !madeh)
		return EINVAL;

	l = mem_zalloc(sizeof(*l), ledger_destructor);
	if (!l)
		return ENOMEM;
	l->store = store;
	l->madeh = madeh;
	l->promisedh = promisedh;
	l->arg = arg;
	err = hash_alloc(&l->entries, HASH_SIZE);

	if (err)
		mem_deref(l);
	else
		*lp = l;

	return err;
}


void ledger_on_settled(struct ledger *l, ledger_settled_h *h)
{
	l->settledh = h;
}


size_t ledger_behind(const struct ledger *l)
{
	return l ? l->n_behind : 0;
}


/* ---- entries ---- */

static bool entry_is(struct le *le, void *arg)
{
	return ((struct entry *)le->data)->call == *(const uint64_t *)arg;
}


static struct entry *entry_find(const struct ledger *l, uint64_t call)
{
	return list_ledata(
		hash_lookup(l->entries, (uint32_t)call, entry_is, &call));
}


bool ledger_is_behind(const struct ledger *l, uint64_t call)
{
	const struct entry *e = entry_find(l, call);

	return e && e->behind;
}


static struct entry *entry_get(struct ledger *l, uint64_t call)
{
	struct entry *e = entry_find(l, call);

	if (e)
		return e;

	e = mem_zalloc(sizeof(*e), entry_destructor);
	if (!e)
		return NULL;
	e->l = l;
	e->call = call;
	hash_append(l->entries, (uint32_t)call, &e->he, e);

	return e;
}


static void entry_late(void *arg)
{
	late_set(arg, true);
}


/* counts it as behind or not; it goes when it is of no use any more */
static void entry_settle(struct entry *e)
{
	const bool behind = e->sent || e->promise || e->words.head;
	const bool settled = e->behind && !behind;
	struct ledger *l = e->l;
	const uint64_t call = e->call;

	if (behind && !e->behind) {
		++l->n_behind;
		tmr_start(&e->late_tmr, LATE_MS, entry_late, e);
	}
	if (settled) {
		--l->n_behind;
		tmr_cancel(&e->late_tmr);
		late_set(e, false);
	}
	e->behind = behind;

	if (!behind && !tmr_isrunning(&e->promise_tmr))
		mem_deref(e);
	if (settled && l->settledh)
		l->settledh(call, l->arg);
}


/* ---- the last words ---- */

static void entry_write(struct entry *e);


static void write_again(void *arg)
{
	entry_write(arg);
}


/* an ended call, refused perhaps, of which nothing else is to be said */
static bool is_last_of_many(const struct entry *e)
{
	const struct word *w = list_ledata(list_head(&e->words));

	return w && w->kind == WORD_CALL && !e->promise &&
	       ((const struct store_call *)(const void *)w->row)->outcome[0] &&
	       e->l->n_behind > LIMIT_CALLS;
}


/* For as many calls as can be open: a flood of callers, all refused because
 * the disk is full, must not fill the memory as well. */
static void put_off(struct entry *e)
{
	late_set(e, true);
	if (!is_last_of_many(e)) {
		tmr_start(&e->tmr, REWRITE_MS, write_again, e);
		return;
	}

	log_error("call %" PRIu64 ": its record stays as it was: too many "
		  "wait for the store", e->call);
	list_flush(&e->words);
}


static void written(int err, void *arg)
{
	struct entry *e = arg;
	struct word *w = e->sent;
	const enum word_kind kind = w->kind;

	/* what the schema refuses today it refuses tomorrow */
	if (err == EINVAL)
		log_error("call %" PRIu64 ": %s stays as it was: the store "
			  "takes no such row. This is a mistake in Ringback, "
			  "please report it", e->call, word_what(w->kind));

	e->sent = NULL;
	if (w->le.list && (!err || err == EINVAL))
		mem_deref(w); /* by the list */
	mem_deref(w);

	if (err && err != EINVAL)
		put_off(e);
	else if (kind == WORD_CALL)
		e->unmade = false;
	entry_write(e);
}


/* the next word, unless it has to wait */
static void entry_write(struct entry *e)
{
	struct word *w = list_ledata(list_head(&e->words));

	if (w && !e->sent && !tmr_isrunning(&e->tmr) &&
	    !(w->kind == WORD_PROMISE && e->promise)) {
		e->sent = mem_ref(w);
		if (word_put(w, e->l->store, written, e)) {
			e->sent = mem_deref(w);
			put_off(e);
		}
	}

	entry_settle(e);
}


/* in place of an older one that says the same, in order */
static void word_file(struct entry *e, struct word *w)
{
	struct le *le = list_tail(&e->words);

	while (le && word_after(le->data, w))
		le = le->prev;

	if (le && !word_after(w, le->data)) {
		struct word *old = le->data;

		word_inherit(w, old);
		list_insert_after(&e->words, le, &w->le, w);
		list_unlink(&old->le);
		mem_deref(old);
	}
	else if (le) {
		list_insert_after(&e->words, le, &w->le, w);
	}
	else {
		list_prepend(&e->words, &w->le, w);
	}
}


static void say(struct ledger *l, uint64_t call, enum word_kind kind, uint32_t n,
		const void *row)
{
	struct entry *e = entry_get(l, call);
	struct word *w = e ? word_new(kind, n, row) : NULL;

	if (!w) {
		log_error("call %" PRIu64 ": %s stays as it was: no memory",
			  call, word_what(kind));
		if (e)
			entry_settle(e);
		return;
	}

	e->promise_after |= kind == WORD_PROMISE;
	word_file(e, w);
	entry_write(e);
}


void ledger_update(struct ledger *l, const struct store_call *row)
{
	say(l, row->id, WORD_CALL, 0, row);
}


void ledger_promise_update(struct ledger *l, const struct store_promise *row)
{
	say(l, row->call, WORD_PROMISE, 0, row);
}


void ledger_attempt(struct ledger *l, const struct store_attempt *row)
{
	say(l, row->call, WORD_ATTEMPT, row->n, row);
}


bool ledger_unwritable(const struct ledger *l)
{
	return l->n_late != 0;
}


uint64_t ledger_unwritable_since(const struct ledger *l)
{
	return l->n_late ? l->late_since : 0;
}


/* ---- first records ---- */

/* said once of a slow disk, and of each record that it refuses */
static void unmade_say(const struct making *m, int err)
{
	if (err)
		log_error("call %" PRIu64 " is not on record yet (%s), and "
			  "answered all the same: its record waits in memory. "
			  "Is the disk full, or read-only?",
			  m->row.id, strerror(err));
	else if (!m->l->slow)
		log_error("call %" PRIu64 " is not on record yet, and answered "
			  "all the same, as others will be: the disk is slow, "
			  "or the store is locked", m->row.id);
}


/* it becomes the call's last word, which is tried again and again */
static void unmade(struct making *m, int err)
{
	struct ledger *l = m->l;
	struct entry *e;

	m->told = true;
	unmade_say(m, err);
	l->slow = true;
	e = entry_get(l, m->row.id);
	if (e) {
		e->unmade = true;
		say(l, m->row.id, WORD_CALL, 0, &m->row);
	}
	l->madeh(m->row.id, 0, l->arg);
}


static void made_late(void *arg)
{
	unmade(arg, 0);
}


static void made(int err, void *arg)
{
	struct making *m = arg;
	struct ledger *l = m->l;

	tmr_cancel(&m->tmr);
	if (!err)
		l->slow = tmr_jiffies() - m->begun >= SLOW_MS;
	if (!m->told && err)
		unmade(m, err);
	else if (!m->told)
		l->madeh(m->row.id, 0, l->arg);
	mem_deref(m);
}


int ledger_make(struct ledger *l, const struct store_call *row)
{
	struct making *m;
	int err;

	m = mem_zalloc(sizeof(*m), making_destructor);
	if (!m)
		return ENOMEM;
	m->l = l;
	m->begun = tmr_jiffies();
	m->row = *row;
	list_append(&l->makingl, &m->le, m);

	err = store_call_put(l->store, row, made, m);
	if (err) {
		say(l, row->id, WORD_CALL, 0, row);
		mem_deref(m);
	}
	else
		tmr_start(&m->tmr, l->slow ? SLOW_MS : MAKE_MS, made_late, m);

	return err;
}


/* ---- promises that are made ---- */

static void promise_again(void *arg);


static void promised(int err, void *arg)
{
	struct entry *e = arg;
	struct ledger *l = e->l;
	const uint64_t call = e->call;

	e->promise = mem_deref(e->promise);
	if (err && !e->promise_failed)
		log_error("call %" PRIu64 ": a promise could not be put on "
			  "record: %s", call, strerror(err));
	e->promise_failed = err;

	if (err) {
		tmr_start(&e->promise_tmr, REWRITE_MS, promise_again, e);
	}
	else {
		older_forget(e);
	}

	entry_write(e); /* it may go with that */
	l->promisedh(call, err, l->arg);
}


static int promise_send(struct entry *e)
{
	const struct word *w = list_ledata(list_tail(&e->words));

	/* of what there is no record there cannot be a promise */
	if (e->unmade && w && w->kind == WORD_CALL)
		hand_over(e->l, w);

	return word_put(e->promise, e->l->store, promised, e);
}


/* a second after one failed: is there another by now? Who cannot hand it to
 * the store then tells so. */
static void promise_again(void *arg)
{
	struct entry *e = arg;
	int err;

	err = e->promise ? promise_send(e) : 0;
	if (err)
		promised(err, e);
	else
		entry_settle(e);
}


int ledger_promise(struct ledger *l, const struct store_promise *row)
{
	struct entry *e;
	int err = 0;

	if (!l->promisedh)
		return EINVAL;
	e = entry_get(l, row->call);
	if (!e)
		return ENOMEM;
	if (e->promise)
		return EALREADY;

	e->promise_after = false;
	e->promise = word_new(WORD_PROMISE, 0, row);
	if (!e->promise)
		err = ENOMEM;
	else if (!tmr_isrunning(&e->promise_tmr) && promise_send(e))
		tmr_start(&e->promise_tmr, REWRITE_MS, promise_again, e);
	entry_settle(e);

	return err;
}
