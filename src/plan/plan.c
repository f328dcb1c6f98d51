/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * plan.c  Names to indices, opening hours to a calendar, trunks to lines that
 * ring back. Must not decide what becomes of a call: that is the core's.
 */
#include <errno.h>
#include <string.h>

#include "plan.h"


enum {
	MINUTE_MS = 60 * 1000,
	OFFER_MS = 45 * 1000, /* so often a waiting caller hears "press 1" */
};


/* ---- words ---- */

/* a list of fixed-size names, as in struct plan_words */
struct list {
	char *names;
	size_t size; /* of one */
	uint32_t max;
	uint32_t *np;
};

#define LIST(w, f)                                                            \
	{                                                                     \
		(w)->f[0], sizeof((w)->f[0]),                                 \
			sizeof((w)->f) / sizeof((w)->f[0]), &(w)->n_##f       \
	}


static int find(const char *names, size_t size, uint32_t n, const char *name)
{
	for (uint32_t i = 0; i < n; i++) {
		if (strcmp(names + i * size, name) == 0)
			return (int)i;
	}

	return -1;
}


#define FIND(w, f, name) find((w)->f[0], sizeof((w)->f[0]), (w)->n_##f, name)


/* name is no longer than the list's; the configuration has the same sizes */
static int add(const struct list *l, const char *name)
{
	if (find(l->names, l->size, *l->np, name) >= 0)
		return 0;
	if (*l->np >= l->max)
		return E2BIG;

	strcpy(l->names + *l->np * l->size, name);
	++*l->np;

	return 0;
}


static int add_all(const struct list *l, const char *names, uint32_t n)
{
	int err = 0;

	for (uint32_t i = 0; i < n && !err; i++)
		err = add(l, names + i * l->size);

	return err;
}


static int line_words(struct plan_words *w, const struct config_line *line)
{
	const struct list languages = LIST(w, languages);
	const struct list skills = LIST(w, skills);
	const struct list organisations = LIST(w, organisations);
	const struct list regions = LIST(w, regions);
	const struct list lines = LIST(w, lines);
	int err;

	err = add_all(&languages, line->languages[0], line->n_languages);
	if (!err)
		err = add_all(&skills, line->skills[0], line->n_skills);
	if (!err)
		err = add(&organisations, line->organisation);
	if (!err)
		err = add(&regions, line->region);
	if (!err)
		err = add(&lines, line->name);

	return err;
}


int plan_words_make(struct plan_words *w, const struct config *c)
{
	struct plan_words words = {.n_organisations = 1, .n_regions = 1};
	int err = 0;

	if (!w || !c)
		return EINVAL;

	for (uint32_t i = 0; i < c->n_lines && !err; i++)
		err = line_words(&words, &c->lines[i]);
	if (!err)
		*w = words;

	return err;
}


int plan_line(const struct plan_words *w, const char *line)
{
	return FIND(w, lines, line);
}


int plan_language(const struct plan_words *w, const char *language)
{
	return FIND(w, languages, language);
}


/* ---- lines ---- */

static const enum line_kind kinds[CONFIG_KINDS] = {
	[CONFIG_KIND_ORDINARY] = LINE_ORDINARY,
	[CONFIG_KIND_DETENTION] = LINE_DETENTION,
	[CONFIG_KIND_AFTER_HOURS] = LINE_AFTER_HOURS,
};

static const enum line_tells tells[CONFIG_TELLS] = {
	[CONFIG_TELLS_NOTHING] = TELLS_NOTHING,
	[CONFIG_TELLS_POSITION] = TELLS_POSITION,
	[CONFIG_TELLS_WAIT] = TELLS_WAIT,
};

static const enum core_strategy strategies[CONFIG_STRATEGIES] = {
	[CONFIG_STRATEGY_ALL] = STRATEGY_ALL,
	[CONFIG_STRATEGY_LONGEST_IDLE] = STRATEGY_LONGEST_IDLE,
	[CONFIG_STRATEGY_ROUND_ROBIN] = STRATEGY_ROUND_ROBIN,
	[CONFIG_STRATEGY_TIERS] = STRATEGY_TIERS,
};


static uint8_t key_of(char key)
{
	static const char keys[] = "0123456789*#";
	const char *p = key ? strchr(keys, key) : NULL;

	return p ? (uint8_t)(p - keys) : CORE_NO_KEY;
}


static uint8_t shown_of(const struct config_line *line)
{
	unsigned bits = 1u << SHOWN_WITHHELD;

	if (*line->shows)
		bits |= 1u << SHOWN_LINE;
	if (*line->neutral)
		bits |= 1u << SHOWN_NEUTRAL;

	return (uint8_t)bits;
}


static void line_fill(struct core_line *to, const struct config_line *line,
		      const struct plan_words *w)
{
	*to = (struct core_line){
		.kind = kinds[line->kind],
		.n_languages = (uint8_t)line->n_languages,
		.organisation =
			(uint16_t)FIND(w, organisations, line->organisation),
		.region = (uint16_t)FIND(w, regions, line->region),
		.tells = tells[line->tells],
		.notice = line->notice,
		.messages = line->messages,
		.accept_key = key_of(line->accept_key),
		.shown = shown_of(line),
		.max_wait_ms = line->max_wait_s * 1000,
		.offer_ms = OFFER_MS,
		.promise_ms = line->promise_minutes * MINUTE_MS,
		.climb_ms = line->climb_minutes * MINUTE_MS,
		.attempts = line->attempts,
		.attempt_ms = line->attempt_minutes * MINUTE_MS,
	};

	for (uint32_t i = 0; i < line->n_languages; i++)
		to->languages[i] =
			(uint8_t)plan_language(w, line->languages[i]);
	for (uint32_t i = 0; i < line->n_skills; i++)
		to->skills |= 1u << FIND(w, skills, line->skills[i]);
}


/* ---- the calendar ---- */

bool plan_open(const struct config_line *line, int64_t unix_ms)
{
	return hours_open(line->hours, line->n_hours, unix_ms);
}


int64_t plan_opens(const struct config_line *line, int64_t unix_ms)
{
	return hours_opens(line->hours, line->n_hours, unix_ms);
}


bool plan_safe(enum promise_hours hours, int64_t unix_ms)
{
	static const struct hours safe[PROMISE_HOURS] = {
		[HOURS_ANY] = {0x7f, 0, HOURS_DAY_MINUTES},
		[HOURS_DAY] = {0x7f, 8 * 60, 20 * 60},
		[HOURS_EVENING] = {0x7f, 17 * 60, 22 * 60},
	};

	return hours_open(&safe[hours], 1, unix_ms);
}


static bool calendar_open(uint16_t line, int64_t unix_ms, void *arg)
{
	const struct config *c = arg;

	return plan_open(&c->lines[line], unix_ms);
}


static int64_t calendar_opens(uint16_t line, int64_t unix_ms, void *arg)
{
	const struct config *c = arg;

	return plan_opens(&c->lines[line], unix_ms);
}


static bool calendar_safe(enum promise_hours hours, int64_t unix_ms, void *arg)
{
	(void)arg;

	return plan_safe(hours, unix_ms);
}


/* ---- the whole ---- */

int plan_settings(struct core_settings *s, const struct config *c)
{
	struct plan_words words;
	int err;

	if (!s || !c)
		return EINVAL;
	err = plan_words_make(&words, c);
	if (err)
		return err;

	*s = (struct core_settings){
		.strategy = strategies[c->strategy],
		.ring_at_once = c->ring_at_once,
		.most_waiting = c->most_waiting,
		.ring_ms = c->ring_s * 1000,
		.rest_ms = c->rest_s * 1000,
		.short_ms = c->short_call_s * 1000,
		.tier_ms = c->tier_s * 1000,
		.dials_at_once = c->ring_backs_at_once,
		.n_lines = c->n_lines,
		.calendar =
			{
				.open = calendar_open,
				.opens = calendar_opens,
				.safe = calendar_safe,
				.arg = (void *)(uintptr_t)c,
			},
	};
	for (uint32_t i = 0; i < c->n_lines; i++)
		line_fill(&s->lines[i], &c->lines[i], &words);

	return 0;
}


bool plan_dials(const struct store_trunk *trunk)
{
	return trunk->kind == STORE_TRUNK_REGISTER ||
	       *secret_reveal(&trunk->uri);
}


bool plan_trunk_fits(const struct config_line *line,
		     const struct store_trunk *trunk)
{
	return line->ring_back && line->kind != CONFIG_KIND_DETENTION &&
	       (!*line->trunk || strcmp(line->trunk, trunk->name) == 0) &&
	       plan_dials(trunk);
}


void plan_trunk(struct core_settings *s, const struct config *c,
		const struct store_trunk *trunk)
{
	for (uint32_t i = 0; i < c->n_lines; i++) {
		if (plan_trunk_fits(&c->lines[i], trunk))
			s->lines[i].ring_back = true;
	}
}


/* ---- people ---- */

/* bits of words with commas between them; those that no line asks for have
 * none */
static uint32_t bits_of(const char *names, size_t size, uint32_t n,
			const char *words)
{
	uint32_t bits = 0;

	while (*words) {
		const size_t len = strcspn(words, ",");
		char word[LIMIT_WORDS] = "";
		int i;

		memcpy(word, words, len);
		i = find(names, size, n, word);
		if (i >= 0)
			bits |= 1u << i;
		words += len + (words[len] == ',');
	}

	return bits;
}


/* [0] is for those who have none, and for those that no line has */
static uint16_t place_of(const char *names, size_t size, uint32_t n,
			 const char *name)
{
	const int i = find(names, size, n, name);

	return i < 0 ? 0 : (uint16_t)i;
}


#define BITS(w, f, words)                                                     \
	bits_of((w)->f[0], sizeof((w)->f[0]), (w)->n_##f, words)
#define PLACE(w, f, name)                                                     \
	place_of((w)->f[0], sizeof((w)->f[0]), (w)->n_##f, name)


int plan_person(struct core_event *ev, const struct plan_words *w,
		const struct store_person *p)
{
	if (!ev || !w || !p)
		return EINVAL;

	*ev = (struct core_event){
		.type = CORE_PERSON,
		.person = p->id,
		.wrap_up_ms = p->wrap_up_s * 1000,
		.languages =
			*p->languages ? BITS(w, languages, p->languages) : 1,
		.skills = BITS(w, skills, p->skills),
		.organisation = PLACE(w, organisations, p->organisation),
		.region = PLACE(w, regions, p->region),
		.lines = UINT16_MAX,
	};

	return 0;
}


static bool is_rung(const char *role)
{
	return strcmp(role, "counsellor") == 0 ||
	       strcmp(role, "coordinator") == 0;
}


bool plan_role(const struct store_role *role, void *arg)
{
	struct plan_roles *r = arg;
	const int line = plan_line(r->words, role->line);
	uint16_t bits = 0;

	if (!*role->line)
		bits = UINT16_MAX;
	else if (line >= 0)
		bits = (uint16_t)(1u << line);

	r->any = true;
	r->learns |= strcmp(role->role, "trainee") == 0;
	r->lines = (uint16_t)(is_rung(role->role) ? r->lines | bits
						  : r->lines & ~bits);

	return false;
}


void plan_person_roles(struct core_event *ev, const struct plan_roles *roles)
{
	if (!roles->any)
		return;

	ev->lines = roles->lines;
	ev->learns = roles->learns && !roles->lines;
}
