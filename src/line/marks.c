/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * marks.c  Who is blocked or has a care plan, today. Must not keep a number, nor
 * take longer for one caller than for another.
 */
#include <stdio.h>
#include <string.h>
#include <sodium.h>

#include "base/day.h"
#include "epoch/numbers.h"
#include "seal/seal.h"
#include "store/epoch.h"
#include "store/mark.h"
#include "counsellor.h"
#include "marks.h"
#include "number.h"
#include "ration.h"
#include "switchboard_parts.h"

#define LOG_MODULE "marks"
#include "base/log.h"


/* those that are not written yet, or not any more, have room beside */
enum { KNOWN_MOST = 2 * LIMIT_MARKS };

/* Whose number a mark is about, and what the store says of it. */
struct known {
	uint64_t mark;
	uint32_t handle;
	uint32_t review_day;
	uint16_t line;
	uint8_t kind;
	uint8_t live; /* the store has it */
};

/* in locked memory */
struct index {
	struct known v[KNOWN_MOST];
	size_t n;
};

/* a mark of the store, of a line that there is */
struct row {
	uint64_t mark;
	uint32_t review_day;
	uint16_t line;
	uint8_t kind;
};

struct marks {
	struct switchboard *sb; /* borrow */
	struct index *index;
	struct ration *ration;
	struct row rows[LIMIT_MARKS];
	size_t n_rows;
	int64_t day;
};


static void marks_destructor(void *data)
{
	struct marks *m = data;

	sodium_free(m->index);
	mem_deref(m->ration);
}


int marks_alloc(struct marks **mp, struct switchboard *sb)
{
	struct marks *m;
	int err;

	if (!mp || !sb)
		return EINVAL;

	m = mem_zalloc(sizeof(*m), marks_destructor);
	if (!m)
		return ENOMEM;
	m->sb = sb;
	m->index = sodium_malloc(sizeof(*m->index));
	err = m->index ? ration_alloc(&m->ration, MARKS_ANEW) : ENOMEM;
	if (err) {
		mem_deref(m);
		return err;
	}
	memset(m->index, 0, sizeof(*m->index));
	*mp = m;

	return 0;
}


/* ---- what the store says ------------------------------------------------- */

static const struct row *row_find(const struct marks *m, uint64_t mark)
{
	for (size_t i = 0; i < m->n_rows; i++) {
		if (m->rows[i].mark == mark)
			return &m->rows[i];
	}

	return NULL;
}


static void known_join(const struct marks *m, struct known *k)
{
	const struct row *row = row_find(m, k->mark);

	k->live = row != NULL;
	if (!row)
		return;
	k->review_day = row->review_day;
	k->line = row->line;
	k->kind = row->kind;
}


static bool row_add(const struct store_mark *mark, void *arg)
{
	struct marks *m = arg;
	const struct config *config = m->sb->c.config;

	for (uint16_t i = 0; i < config->n_lines; i++) {
		if (strcmp(config->lines[i].name, mark->line) != 0)
			continue;
		m->rows[m->n_rows++] = (struct row){
			mark->id, mark->review_day, i, (uint8_t)mark->kind};
	}

	return m->n_rows == LIMIT_MARKS;
}


/* Of a caller who is here, or is to be rung: that a plan was removed, or has
 * been told, changes what is shown. */
static bool call_look(struct le *le, void *arg)
{
	const struct marks *m = arg;
	struct call *call = le->data;
	struct secret_text canonical;
	struct marks_found found;

	if (call->plan && !row_find(m, call->plan))
		call->plan = 0;
	number_alike(&canonical, &m->sb->c.config->home, &call->number);
	found = marks_look(m, call->line, handle_of(m->sb->handles, call->line,
						    &canonical));
	secret_wipe(&canonical);
	if (found.plan)
		call->plan = found.plan;

	return false;
}


/* pages show what is known, and whose call it is about */
static void say_changed(struct marks *m)
{
	const struct wire_changed changed = {.marks = 1};

	consoles_say(m->sb->consoles, 0, WIRE_BOARD_CHANGED, &changed);
	consoles_changed(m->sb->consoles);
	board_changed(m->sb->board);
}


static void look_around(struct marks *m)
{
	(void)hash_apply(m->sb->calls, call_look, m);
	say_changed(m);
}


int marks_load(struct marks *m)
{
	int err;

	m->n_rows = 0;
	err = store_mark_each(m->sb->c.store, row_add, m);
	if (err)
		return err;
	for (size_t i = 0; i < m->index->n; i++)
		known_join(m, &m->index->v[i]);
	look_around(m);

	return 0;
}


/* ---- today --------------------------------------------------------------- */

void marks_day(struct marks *m, int64_t day)
{
	if (m->day == day)
		return;

	m->day = day;
	sodium_memzero(m->index, sizeof(*m->index));
	say_changed(m);
}


struct marks_found marks_look(const struct marks *m, uint16_t line,
			      uint32_t handle)
{
	const uint32_t today = day_of(wall_now());
	struct marks_found found = {false, 0};

	/* no way out, and no branch: as long for everybody */
	for (size_t i = 0; i < m->index->n; i++) {
		const struct known *k = &m->index->v[i];
		const unsigned is = (k->handle == handle) & (k->line == line) &
				    (handle != 0) & (k->live != 0) &
				    (today < k->review_day);
		const unsigned plan = is & (k->kind == STORE_MARK_PLAN);

		found.blocked |= is & (k->kind == STORE_MARK_BLOCK);
		found.plan |= k->mark & (0 - (uint64_t)plan);
	}

	return found;
}


static struct known *known_find(const struct marks *m, uint64_t mark)
{
	for (size_t i = 0; i < m->index->n; i++) {
		if (m->index->v[i].mark == mark)
			return &m->index->v[i];
	}

	return NULL;
}


/* one that was never written, or is gone, makes room */
static struct known *known_new(struct marks *m)
{
	struct index *index = m->index;

	if (index->n < KNOWN_MOST)
		return &index->v[index->n++];
	for (size_t i = 0; i < index->n; i++) {
		if (!index->v[i].live)
			return &index->v[i];
	}

	return NULL;
}


static int known_set(struct marks *m, uint64_t mark, uint32_t handle)
{
	struct known *k = known_find(m, mark);

	if (!k)
		k = known_new(m);
	if (!k)
		return ENOSPC;
	*k = (struct known){.mark = mark, .handle = handle};
	known_join(m, k);

	return 0;
}


/* ---- making -------------------------------------------------------------- */

/* @param callp borrow */
static int call_of(struct call **callp, struct marks *m,
		   const struct wire_mark *what)
{
	if (what->offer)
		return counsellor_talk(callp, m->sb, what->offer,
				       what->person);
	*callp = calls_find(m->sb, what->call);

	return *callp && !(*callp)->ended ? 0 : ENOENT;
}


static int seal(uint8_t sealed[STORE_NUMBER], uint64_t mark,
		const struct store_epoch *epoch,
		const struct secret_text *canonical)
{
	const struct seal_about about = {.kind = SEAL_NUMBER,
					 .epoch = epoch->id,
					 .subject = number_of_mark(mark)};
	const char *text = secret_reveal(canonical);
	const size_t n = strlen(text);

	if (n > NUMBERS_MOST)
		return ENODATA;

	return seal_make(sealed, &about, epoch->public, (const uint8_t *)text,
			 n);
}


/* one is enough: nobody takes all the room there is with one caller */
static bool is_marked(const struct marks *m, uint16_t line, uint32_t handle,
		      uint32_t kind)
{
	const struct marks_found found = marks_look(m, line, handle);

	return kind == STORE_MARK_PLAN ? found.plan != 0 : found.blocked;
}


static int make(struct marks *m, const struct call *call,
		const struct wire_mark *what, const struct store_epoch *epoch,
		uint8_t sealed[STORE_NUMBER])
{
	struct secret_text canonical;
	uint32_t handle;
	int err = ENODATA;

	number_alike(&canonical, &m->sb->c.config->home, &call->number);
	handle = handle_of(m->sb->handles, call->line, &canonical);
	if (handle && is_marked(m, call->line, handle, what->kind))
		err = EEXIST;
	else if (handle)
		err = seal(sealed, what->mark, epoch, &canonical);
	secret_wipe(&canonical);

	return err ? err : known_set(m, what->mark, handle);
}


int marks_make(struct marks *m, const struct wire_mark *what,
	       struct wire_marked *made, uint8_t sealed[STORE_NUMBER])
{
	struct store_epoch epoch;
	struct call *call;
	int err;

	if (!what->mark || !what->offer == !what->call)
		return EINVAL;
	err = call_of(&call, m, what);
	if (err)
		return err;
	if (!secret_reveal(&call->number)[0])
		return ENODATA;
	if (m->n_rows == LIMIT_MARKS)
		return ENOSPC;
	if (row_find(m, what->mark))
		return EINVAL;
	err = store_epoch_current(m->sb->c.store,
				  m->sb->c.config->lines[call->line].name,
				  &epoch);
	if (err)
		return err == ENOENT ? ENOKEY : err;

	*made = (struct wire_marked){what->mark, call->id, epoch.id,
				     call->line, 0};

	return make(m, call, what, &epoch, sealed);
}


/* ---- whose number it is -------------------------------------------------- */

struct telling {
	struct wire_mark_number v[WIRE_MARKS_MOST];
	uint32_t handles[WIRE_MARKS_MOST]; /* 0: of no mark (any more) */
	size_t n;
};


static bool told_before(const struct marks *m, const struct telling *t,
			size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (t->v[k].mark == t->v[i].mark)
			return true;
	}

	return known_find(m, t->v[i].mark) != NULL;
}


/* whoever tries numbers tells one mark again and again; each is on record */
static int ration(struct marks *m, const struct telling *t, uint32_t person)
{
	uint32_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += told_before(m, t, i);

	return ration_take(m->ration, person, n, tmr_jiffies());
}


static int open_one(const struct marks *m, struct telling *t, size_t i,
		    uint32_t dialler)
{
	const struct row *row = row_find(m, t->v[i].mark);
	struct store_number sealed = {.dialler = dialler};
	struct secret_text number, canonical;
	int err;

	memcpy(sealed.for_dialler, t->v[i].sealed, sizeof(sealed.for_dialler));
	err = number_open(&number, &sealed, number_of_mark(t->v[i].mark),
			  held_private(m->sb->held));
	if (err)
		return EBADMSG;

	number_alike(&canonical, &m->sb->c.config->home, &number);
	t->handles[i] = row ? handle_of(m->sb->handles, row->line, &canonical)
			    : 0;
	secret_wipe(&number);
	secret_wipe(&canonical);

	return 0;
}


/* one of two people did not tell the truth */
static void dispute_record(const struct marks *m, uint64_t mark,
			   uint32_t person)
{
	struct store_audit row = {.person = person, .what = "mark_disputed"};

	(void)snprintf(row.detail, sizeof(row.detail), "%llu",
		       (unsigned long long)mark);
	audit_note(m->sb->audit, &row);
}


/* the first number holds: none is freed, nor one after the other watched */
static int tell_one(struct marks *m, const struct telling *t, size_t i,
		    uint32_t person)
{
	const struct known *k = known_find(m, t->v[i].mark);

	if (!k && t->handles[i])
		return known_set(m, t->v[i].mark, t->handles[i]);
	if (t->handles[i] && k->handle != t->handles[i])
		dispute_record(m, k->mark, person);

	return 0;
}


/* all of them, or none */
static int telling_take(struct marks *m, struct telling *t,
			const struct wire_mark_index *what)
{
	int err = 0;

	for (size_t i = 0; i < t->n && !err; i++)
		err = open_one(m, t, i, what->dialler);
	for (size_t i = 0; i < t->n && !err; i++)
		err = tell_one(m, t, i, what->person);

	return err;
}


int marks_index(struct marks *m, const struct wire_mark_index *what,
		const uint8_t *blob, size_t n_blob)
{
	const struct switchboard *sb = m->sb;
	struct telling t = {.n = n_blob / sizeof(t.v[0])};
	int err;

	if (!what->person || n_blob % sizeof(t.v[0]) ||
	    t.n > WIRE_MARKS_MOST)
		return EINVAL;
	memcpy(t.v, blob, n_blob);
	if (!sb->dialler.id || what->dialler != sb->dialler.id)
		return ESTALE;
	err = ration(m, &t, what->person);
	if (err)
		return err;
	err = telling_take(m, &t, what);
	sodium_memzero(&t, sizeof(t));
	look_around(m);

	return err;
}


size_t marks_known(const struct marks *m, uint64_t *ids, int64_t *dayp)
{
	size_t n = 0;

	for (size_t i = 0; i < m->index->n && n < LIMIT_MARKS; i++) {
		if (m->index->v[i].live)
			ids[n++] = m->index->v[i].mark;
	}
	*dayp = m->day;

	return n;
}
