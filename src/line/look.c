/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * look.c  Shows a caller's number to whoever talks with them. Must not show
 * one that the log does not know of.
 */
#include <string.h>

#include "store/audit.h"
#include "counsellor.h"
#include "look.h"
#include "switchboard_parts.h"


struct looks {
	struct switchboard *sb; /* borrow */
	struct list lookl;      /* struct look: being put on record    */
	struct list lookerl;    /* struct looker: of the last hour     */
};

struct look {
	struct le le;
	struct looks *l;
	struct wire_look what;
	look_h *h;
	void *arg;
};

/* a person, and when they looked */
struct looker {
	struct le le;
	uint32_t person;
	uint64_t at[LOOKS_MOST]; /* 0 not yet */
};

/* as the audit log has them */
static const char *const whys[WIRE_LOOKS] = {
	[WIRE_LOOK_EMERGENCY] = "emergency",
	[WIRE_LOOK_CUT_OFF] = "cut_off",
	[WIRE_LOOK_ABUSE] = "abuse",
	[WIRE_LOOK_AGREED] = "agreed",
};


static void look_destructor(void *data)
{
	struct look *k = data;

	list_unlink(&k->le);
	mem_deref(k->arg);
}


static void looker_destructor(void *data)
{
	struct looker *k = data;

	list_unlink(&k->le);
}


static void looks_destructor(void *data)
{
	struct looks *l = data;

	list_flush(&l->lookl);
	list_flush(&l->lookerl);
}


int looks_alloc(struct looks **lp, struct switchboard *sb)
{
	struct looks *l;

	if (!lp || !sb)
		return EINVAL;

	l = mem_zalloc(sizeof(*l), looks_destructor);
	if (!l)
		return ENOMEM;
	l->sb = sb;
	*lp = l;

	return 0;
}


/* ---- how often ----------------------------------------------------------- */

static bool is_old(uint64_t at, uint64_t now)
{
	return !at || now - at >= LOOKS_WITHIN_MS;
}


static bool is_idle(const struct looker *k, uint64_t now)
{
	for (size_t i = 0; i < ARRAY_SIZE(k->at); i++) {
		if (!is_old(k->at[i], now))
			return false;
	}

	return true;
}


/* whoever has not looked for an hour is forgotten */
static struct looker *looker_find(struct looks *l, uint32_t person,
				  uint64_t now)
{
	struct looker *found = NULL;
	struct le *le = list_head(&l->lookerl);

	while (le) {
		struct looker *k = le->data;

		le = le->next;
		if (k->person == person)
			found = k;
		else if (is_idle(k, now))
			mem_deref(k);
	}

	return found;
}


static struct looker *looker_get(struct looks *l, uint32_t person,
				 uint64_t now)
{
	struct looker *k = looker_find(l, person, now);

	if (k)
		return k;

	k = mem_zalloc(sizeof(*k), looker_destructor);
	if (!k)
		return NULL;
	k->person = person;
	list_append(&l->lookerl, &k->le, k);

	return k;
}


/* one more look of theirs */
static int count(struct looks *l, uint32_t person)
{
	const uint64_t now = tmr_jiffies();
	struct looker *k = looker_get(l, person, now);

	if (!k)
		return ENOMEM;

	for (size_t i = 0; i < ARRAY_SIZE(k->at); i++) {
		if (is_old(k->at[i], now)) {
			k->at[i] = now;
			return 0;
		}
	}

	return EDQUOT;
}


/* ---- looking ------------------------------------------------------------- */

/* @param callp borrow */
static int may_look(struct call **callp, struct switchboard *sb,
		    const struct wire_look *what)
{
	int err;

	if (what->why >= WIRE_LOOKS)
		return EINVAL;
	err = counsellor_talk(callp, sb, what->offer, what->person);
	if (err)
		return err;
	if (!sb->c.config->lines[(*callp)->line].show_numbers)
		return EPERM;

	return secret_reveal(&(*callp)->number)[0] ? 0 : ENODATA;
}


/* it may have ended, and the number be wiped, while the disk was slow */
static void on_record(int err, void *arg)
{
	struct look *k = arg;
	struct call *call = NULL;

	list_unlink(&k->le);
	if (!err)
		err = may_look(&call, k->l->sb, &k->what) ? ENOENT : 0;
	k->h(err, call ? &call->number : NULL, k->arg);
	mem_deref(k);
}


static int put_on_record(struct look *k, uint64_t call)
{
	struct store_audit row = {
		.at = wall_now(),
		.person = k->what.person,
		.call = call,
	};

	str_ncpy(row.what, "number_looked", sizeof(row.what));
	str_ncpy(row.detail, whys[k->what.why], sizeof(row.detail));

	return store_audit_add(k->l->sb->c.store, &row, on_record, k);
}


int looks_ask(struct looks *l, const struct wire_look *what, look_h *h,
	      void *arg)
{
	struct call *call;
	struct look *k;
	int err;

	err = may_look(&call, l->sb, what);
	if (!err)
		err = count(l, what->person);
	if (err)
		return err;

	k = mem_zalloc(sizeof(*k), look_destructor);
	if (!k)
		return ENOMEM;
	k->l = l;
	k->what = *what;
	k->h = h;
	k->arg = mem_ref(arg);
	list_append(&l->lookl, &k->le, k);
	err = put_on_record(k, call->id);
	if (err)
		mem_deref(k);

	return err;
}
