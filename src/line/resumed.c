/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * resumed.c  Finds the legs of a call again. Must not decide what becomes of
 * it: its caller's checkpoint and the core do.
 */
#include <inttypes.h>

#include "checkpoint.h"
#include "dialler.h"
#include "offer.h"
#include "resumed.h"
#include "store/audit.h"
#include "switchboard_parts.h"
#include "third.h"

#define LOG_MODULE "start"
#include "base/log.h"


struct resumed {
	struct switchboard *sb; /* borrow */
	struct list foundl;     /* struct found: not taken */
	uint32_t n_calls;
};

/* a leg that nobody goes on with yet */
struct found {
	struct le le;
	uint64_t leg;
	bool up;
	struct kept kept;
};


static void found_destructor(void *data)
{
	struct found *f = data;

	list_unlink(&f->le);
	kept_wipe(&f->kept);
}


static void resumed_destructor(void *data)
{
	struct resumed *r = data;

	list_flush(&r->foundl);
}


static void on_found(const struct sound_found *what, void *arg)
{
	struct resumed *r = arg;
	struct found *f = mem_zalloc(sizeof(*f), found_destructor);

	if (!f)
		return;
	f->leg = what->leg;
	f->up = what->flags & WIRE_KEPT_UP;
	if (kept_decode(&f->kept, what->blob, what->n_blob))
		mem_deref(f); /* closed with the others */
	else
		list_append(&r->foundl, &f->le, f);
}


int resumed_alloc(struct resumed **rp, struct switchboard *sb)
{
	struct resumed *r = mem_zalloc(sizeof(*r), resumed_destructor);

	if (!r)
		return ENOMEM;
	r->sb = sb;
	sound_found_each(sb->sound, on_found, r);
	*rp = r;

	return 0;
}


/* ---- one leg ------------------------------------------------------------- */

static bool goes_on(const struct found *f)
{
	const bool page = f->kept.owner.role == KEPT_BROWSER;

	return page ? f->up : kept_is_talk(&f->kept.dialog);
}


static int offer_take(struct call *call, const struct found *f)
{
	return offer_restore(call->sb, f->leg, &f->kept);
}


static int third_take(struct call *call, const struct found *f)
{
	return third_restore(call->sb, f->leg, &f->kept);
}


static int caller_take(struct call *call, const struct found *f)
{
	return calls_restore(call, f->leg, &f->kept);
}


static int dialled_take(struct call *call, const struct found *f)
{
	return dialler_restore(call, f->leg, &f->kept);
}


static int (*const takers[KEPT_ROLES])(struct call *, const struct found *) = {
	[KEPT_CALLER] = caller_take,  [KEPT_DIALLED] = dialled_take,
	[KEPT_PHONE] = offer_take,    [KEPT_BROWSER] = offer_take,
	[KEPT_THIRD] = third_take,
};


/* takes f */
static bool take(struct call *call, struct found *f)
{
	struct switchboard *sb = call->sb;
	int err;

	err = sound_found_take(sb->sound, f->leg);
	if (!err) {
		err = takers[f->kept.owner.role](call, f);
		if (err)
			leg_dismiss(sb->legs, f->leg, &f->kept);
	}
	if (err)
		log_warn("call %" PRIu64 ": one of its legs cannot be gone on "
			 "with: %s", call->id, strerror(err));
	mem_deref(f);

	return !err;
}


/* ---- a call -------------------------------------------------------------- */

static struct found *find_caller(const struct resumed *r, uint64_t call)
{
	struct le *le;

	LIST_FOREACH(&r->foundl, le)
	{
		struct found *f = le->data;
		const uint8_t role = f->kept.owner.role;

		if (f->kept.owner.call == call && goes_on(f) &&
		    (role == KEPT_CALLER || role == KEPT_DIALLED))
			return f;
	}

	return NULL;
}


static bool is_in_talk(const struct found *f, const struct core_kept *kept)
{
	const struct kept_owner *o = &f->kept.owner;

	if (!goes_on(f))
		return false;
	if (o->role == KEPT_THIRD)
		return true;

	return (o->role == KEPT_PHONE || o->role == KEPT_BROWSER) &&
	       (o->offer == kept->offer || o->offer == kept->guest);
}


static void take_others(struct resumed *r, struct call *call,
			const struct core_kept *kept)
{
	struct le *le = list_head(&r->foundl);

	while (le) {
		struct found *f = le->data;

		le = le->next;
		if (f->kept.owner.call == call->id && is_in_talk(f, kept))
			(void)take(call, f);
	}
}


bool resumed_begin(struct resumed *r, struct call *call,
		   struct core_kept *kept)
{
	struct found *f = find_caller(r, call->id);
	struct offer *offer;
	bool held;

	if (!f || !checkpoint_read(kept, &f->kept.owner))
		return false;

	held = f->kept.owner.so & KEPT_HELD;
	call->plan = f->kept.owner.plan;
	/* one that is promised to be rung is what is on record */
	if (!call->owed)
		(void)secret_set(&call->number, f->kept.owner.number,
				 strlen(f->kept.owner.number));
	if (!take(call, f))
		return false;

	if (kept->state == CALL_TALKING)
		take_others(r, call, kept);
	offer = offer_find(r->sb, kept->offer);
	if (offer)
		offer->held = held;
	++r->n_calls;

	return true;
}


static void miss(struct switchboard *sb, uint64_t offer)
{
	const struct core_event ev = {.type = CORE_PERSON_LOST,
				      .offer = offer,
				      .cause = CAUSE_NETWORK};

	if (offer && !offer_find(sb, offer))
		switchboard_post(sb, &ev);
}


void resumed_done(struct resumed *r, struct call *call,
		  const struct core_kept *kept, int err)
{
	struct core_call_view view = {.call = 0};
	struct switchboard *sb = r->sb;
	const uint64_t id = call->id;

	if (err) {
		log_error("call %" PRIu64 " cannot be gone on with: %s", id,
			  strerror(err));
		call->hung_up = true;
		if (call->dial)
			dialler_end(call->dial, CAUSE_RESTART);
		else
			leg_end(call->leg, CAUSE_RESTART);
	}
	else {
		(void)core_call(sb->core, id, &view);
	}
	if (view.state != CALL_TALKING)
		view.offer = 0;
	offers_leave(sb, id, view.offer, view.guest);
	if (view.offer) {
		miss(sb, kept->guest);
		miss(sb, kept->offer);
	}
}


/* ---- what is left -------------------------------------------------------- */

/* nobody can say any more who sees that they listen: they do not */
static void listener_end(const struct resumed *r, const struct kept_owner *o)
{
	struct store_audit row = {
		.at = wall_now(),
		.person = o->person,
		.whom = o->shown_to,
		.call = o->call,
	};

	str_ncpy(row.what, "listen_ended", sizeof(row.what));
	if (store_audit_add(r->sb->c.store, &row, NULL, NULL))
		log_error("person %" PRIu32 ": that they do not listen any "
			  "more could not be put on record", o->person);
}


static void dismiss(const struct resumed *r, const struct found *f)
{
	const struct kept_owner *o = &f->kept.owner;

	if (o->role == KEPT_LISTENER)
		listener_end(r, o);
	if (f->kept.dialog.stage != KEPT_NONE)
		leg_dismiss(r->sb->legs, f->leg, &f->kept);
}


void resumed_end(struct resumed *r)
{
	struct found *f;

	if (r->n_calls)
		log_note("%" PRIu32 " callers are still on the line",
			 r->n_calls);
	while ((f = list_ledata(list_head(&r->foundl)))) {
		dismiss(r, f);
		mem_deref(f);
	}
}
