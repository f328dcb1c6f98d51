/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * board.c  Walks over all there is, and notices when it changes. Must not be
 * walked for each step of the core: a few times a second at most.
 */
#include <string.h>
#include <sodium.h>

#include "board.h"
#include "consoles.h"
#include "switchboard_parts.h"


enum { CALLS = 0, PEOPLE = 1 };

enum { DIGEST = crypto_generichash_BYTES_MIN };

struct board {
	const struct switchboard *sb; /* borrow */
	struct tmr tmr;
	uint64_t looked_at; /* when, monotonic; 0 never */
	uint8_t digest[DIGEST];   /* of its rows     */
	uint8_t promises[DIGEST]; /* of all promises */
};

/* what pages show of a promise */
struct promise_row {
	uint64_t call;
	int64_t due_at;
	uint32_t owner;
	uint32_t n_attempts;
	uint32_t kind;
	uint32_t level;
	uint32_t state; /* of the call */
	uint32_t has_number;
	uint32_t number_waits;
	uint32_t spare;
};

/* told each row, in order */
typedef void(row_h)(const void *row, size_t n, void *arg);

struct walk {
	const struct switchboard *sb;
	row_h *h;
	void *arg;
};


/* ---- rows ---------------------------------------------------------------- */

static void call_row(const struct core_call_view *view, void *arg)
{
	const struct walk *walk = arg;
	const struct switchboard *sb = walk->sb;
	struct wire_board_call row;
	const struct call *call;
	struct core_record rec;

	if (view->state == CALL_PROMISED ||
	    !core_get_record(sb->core, view->call, &rec))
		return;

	memset(&row, 0, sizeof(row));
	row.call = view->call;
	row.since = rec.arrived_at;
	row.person = view->state == CALL_TALKING ? view->person : 0;
	row.state = (uint8_t)view->state;
	row.line = (uint8_t)rec.line;
	call = calls_find(sb, view->call);
	row.plan = call && call->plan;
	if (rec.language < sb->words.n_languages)
		str_ncpy(row.language, sb->words.languages[rec.language],
			 sizeof(row.language));
	walk->h(&row, sizeof(row), walk->arg);
}


static void promise_row(const struct core_call_view *view, void *arg)
{
	const struct walk *walk = arg;
	struct promise_row row;
	struct core_record rec;

	if (!core_get_record(walk->sb->core, view->call, &rec) ||
	    rec.promise.kind == PROMISE_NONE)
		return;

	memset(&row, 0, sizeof(row));
	row.call = view->call;
	row.due_at = rec.promise.due_at;
	row.owner = rec.promise.owner;
	row.n_attempts = rec.promise.n_attempts;
	row.kind = rec.promise.kind;
	row.level = rec.promise.level;
	row.state = view->state;
	row.has_number = rec.promise.has_number;
	row.number_waits = rec.promise.number_waits;
	walk->h(&row, sizeof(row), walk->arg);
}


static void person_row(const struct core_person_view *view, void *arg)
{
	const struct walk *walk = arg;
	struct wire_board_person row;

	memset(&row, 0, sizeof(row));
	row.call = view->call;
	row.person = view->person;
	row.state = (uint8_t)view->state;
	row.browser = consoles_present(walk->sb->consoles, view->person);
	walk->h(&row, sizeof(row), walk->arg);
}


struct filling {
	uint8_t *blob;
	size_t n;
	uint32_t skip;
};


static void fill(const void *row, size_t n, void *arg)
{
	struct filling *f = arg;

	if (f->skip) {
		--f->skip;
		return;
	}
	if (f->n + n > LIMIT_WIRE_BLOB)
		return;
	memcpy(f->blob + f->n, row, n);
	f->n += n;
}


size_t board_rows(const struct switchboard *sb, const struct wire_board *ask,
		  uint8_t *blob)
{
	struct filling f = {.blob = blob, .skip = ask->first};
	struct walk walk = {sb, fill, &f};

	if (ask->what == CALLS)
		core_each_call(sb->core, call_row, &walk);
	else if (ask->what == PEOPLE)
		core_each_person(sb->core, person_row, &walk);

	return f.n;
}


/* ---- changes ------------------------------------------------------------- */

static void add(const void *row, size_t n, void *arg)
{
	(void)crypto_generichash_update(arg, row, n);
}


static void board_walk(struct walk *walk)
{
	core_each_call(walk->sb->core, call_row, walk);
	core_each_person(walk->sb->core, person_row, walk);
}


static void promises_walk(struct walk *walk)
{
	core_each_call(walk->sb->core, promise_row, walk);
}


/* is what is walked over another than when digest was made? */
static bool differs(uint8_t digest[DIGEST], const struct switchboard *sb,
		    void (*walkh)(struct walk *walk))
{
	crypto_generichash_state state;
	struct walk walk = {sb, add, &state};
	uint8_t now[DIGEST];
	bool other;

	(void)crypto_generichash_init(&state, NULL, 0, sizeof(now));
	walkh(&walk);
	(void)crypto_generichash_final(&state, now, sizeof(now));
	other = memcmp(digest, now, sizeof(now)) != 0;
	memcpy(digest, now, sizeof(now));

	return other;
}


static void look(void *arg)
{
	struct wire_changed changed = {.marks = 0};
	struct board *b = arg;

	b->looked_at = tmr_jiffies();
	if (!consoles_any(b->sb->consoles))
		return;

	changed.board = differs(b->digest, b->sb, board_walk);
	changed.promises = differs(b->promises, b->sb, promises_walk);
	if (changed.board || changed.promises)
		consoles_say(b->sb->consoles, 0, WIRE_BOARD_CHANGED,
			     &changed);
}


void board_changed(struct board *b)
{
	const uint64_t now = tmr_jiffies();
	const uint64_t next = b && b->looked_at
				      ? b->looked_at + BOARD_PAUSE_MS
				      : 0;

	if (b && consoles_any(b->sb->consoles) && !tmr_isrunning(&b->tmr))
		tmr_start(&b->tmr, next > now ? next - now : 0, look, b);
}


static void board_destructor(void *data)
{
	struct board *b = data;

	tmr_cancel(&b->tmr);
}


int board_alloc(struct board **bp, const struct switchboard *sb)
{
	struct board *b;

	if (!bp || !sb)
		return EINVAL;

	b = mem_zalloc(sizeof(*b), board_destructor);
	if (!b)
		return ENOMEM;
	b->sb = sb;
	*bp = b;

	return 0;
}
