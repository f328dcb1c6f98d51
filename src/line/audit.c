/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * audit.c  Gets rows of the audit log to disk, in order. Must not know what
 * they are about.
 */
#include "audit.h"
#include "wall.h"

#define LOG_MODULE "audit"
#include "base/log.h"


enum { AGAIN_MS = 1000 };

struct audit {
	struct store *store;
	struct list notel;
	struct tmr tmr;
	bool sent;   /* the first one, to the store */
	bool failed; /* the last one, which has been logged */
};

struct note {
	struct le le;
	struct store_audit row;
};


static void audit_write(struct audit *a);


static void note_destructor(void *data)
{
	struct note *n = data;

	list_unlink(&n->le);
}


/* the store writes what it was given before it closes: the last chance of
 * what waits here; one that was sent has had it */
static void audit_destructor(void *data)
{
	struct audit *a = data;
	struct le *le = list_head(&a->notel);

	tmr_cancel(&a->tmr);
	if (a->sent)
		le = le->next;
	for (; le; le = le->next)
		(void)store_audit_add(a->store,
				      &((struct note *)le->data)->row, NULL,
				      NULL);
	list_flush(&a->notel);
}


int audit_alloc(struct audit **ap, struct store *store)
{
	struct audit *a;

	if (!ap || !store)
		return EINVAL;

	a = mem_zalloc(sizeof(*a), audit_destructor);
	if (!a)
		return ENOMEM;
	a->store = store;
	*ap = a;

	return 0;
}


size_t audit_behind(const struct audit *a)
{
	return list_count(&a->notel);
}


static void write_again(void *arg)
{
	audit_write(arg);
}


static void put_off(struct audit *a, int err)
{
	if (!a->failed)
		log_error("the audit log cannot be written: %s; what is to be"
			  " on record there is kept until it can",
			  strerror(err));
	a->failed = true;
	tmr_start(&a->tmr, AGAIN_MS, write_again, a);
}


static void written(int err, void *arg)
{
	struct audit *a = arg;

	a->sent = false;
	if (err) {
		put_off(a, err);
		return;
	}

	a->failed = false;
	mem_deref(list_ledata(list_head(&a->notel)));
	audit_write(a);
}


/* the first one, unless it is under way */
static void audit_write(struct audit *a)
{
	const struct note *n = list_ledata(list_head(&a->notel));
	int err;

	if (!n || a->sent || tmr_isrunning(&a->tmr))
		return;

	a->sent = true;
	err = store_audit_add(a->store, &n->row, written, a);
	if (err) {
		a->sent = false;
		put_off(a, err);
	}
}


void audit_note(struct audit *a, const struct store_audit *row)
{
	struct note *n = mem_zalloc(sizeof(*n), note_destructor);

	if (!n) {
		log_error("the audit log lacks a row (%s, person %u, call"
			  " %llu): no memory", row->what, row->person,
			  (unsigned long long)row->call);
		return;
	}

	n->row = *row;
	if (!n->row.at)
		n->row.at = wall_now();
	list_append(&a->notel, &n->le, n);
	audit_write(a);
}
