/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * menu_list.c  Makes playlists out of rows of prompts and conditions. Must not
 * know what a key means.
 */
#include "menu_list.h"


/* beyond the prompts: what is made up on the spot */
enum {
	ITEM_LANGUAGES = PROMPTS, /* each with its key                       */
	ITEM_TELLS,               /* position or expected wait               */
	ITEM_BLOCKED,             /* in each language: nobody has asked which */
	ITEM_CHECK,               /* the same, with the key                  */
	ITEM_UNCHECKED,           /* the same                                */
};

struct item {
	uint8_t what;  /* enum prompt, or one of these */
	uint32_t when; /* bits of enum menu_so; 0 always */
};

static const struct item greeting[] = {
	{PROMPT_GREETING, SO_ORDINARY},
	{PROMPT_NOTICE, SO_ORDINARY | SO_NOTICE},
};

static const struct item hold[] = {
	{PROMPT_RINGING_FOR_YOU, SO_ORDINARY | SO_HERE},
	{ITEM_TELLS, SO_ORDINARY},
	{PROMPT_HOLD, SO_ORDINARY},
	{PROMPT_STAY, SO_DETENTION},
};

static const struct item stay[] = {
	{PROMPT_STAY, 0},
	{PROMPT_RINGING_FOR_YOU, SO_ORDINARY},
	{PROMPT_HOLD, SO_ORDINARY},
};

static const struct item stay_over[] = {
	{PROMPT_NOBODY, SO_OPEN},
	{PROMPT_CLOSED, SO_CLOSED},
	{PROMPT_GOODBYE, 0},
};

static const struct item news[] = {
	{ITEM_TELLS, SO_ORDINARY},
	{PROMPT_OFFER_RING_BACK, SO_RING_BACK},
	{PROMPT_OFFER_MESSAGE, SO_ORDINARY | SO_NO_RING_BACK | SO_MESSAGE},
	{PROMPT_HOLD, SO_ORDINARY},
	{PROMPT_STAY, SO_DETENTION},
};

static const struct item choice[] = {{ITEM_LANGUAGES, 0}};

static const struct item nobody[] = {
	{PROMPT_NOBODY, SO_OPEN},
	{PROMPT_CLOSED, SO_CLOSED},
	{PROMPT_OFFER_RING_BACK, SO_RING_BACK},
	{PROMPT_OFFER_STAY, SO_ORDINARY | SO_OPEN | SO_NO_MESSAGE},
	{PROMPT_OFFER_DECLINE, SO_ORDINARY},
	{PROMPT_SPEAK, SO_MESSAGE},
};

static const struct item too_long[] = {
	{PROMPT_LONG_WAIT, SO_ORDINARY},
	{PROMPT_NOBODY, SO_DETENTION},
	{PROMPT_OFFER_RING_BACK, SO_RING_BACK},
	{PROMPT_OFFER_STAY, SO_ORDINARY},
	{PROMPT_OFFER_DECLINE, SO_ORDINARY},
	{PROMPT_SPEAK, SO_MESSAGE},
};

static const struct item full[] = {
	{PROMPT_QUEUE_FULL, 0},
	{PROMPT_OFFER_RING_BACK, SO_RING_BACK},
	{PROMPT_OFFER_STAY, 0},
	{PROMPT_OFFER_DECLINE, 0},
	{PROMPT_SPEAK, SO_MESSAGE},
};

static const struct item before_tone[] = {{PROMPT_SPEAK, 0}};
static const struct item speak[] = {{PROMPT_TONE, 0}};
static const struct item kept[] = {{PROMPT_ASK_RING_BACK, 0}};
static const struct item number[] = {
	{PROMPT_NUMBER_IS, 0},
	{PROMPT_NUMBER, 0},
	{PROMPT_NUMBER_RIGHT, 0},
};
static const struct item typing[] = {{PROMPT_TYPE_NUMBER, 0}};
static const struct item words[] = {{PROMPT_ASK_WORDS, 0}};
static const struct item hours[] = {{PROMPT_ASK_HOURS, 0}};
static const struct item shown[] = {
	{PROMPT_ASK_SHOWN, 0},
	{PROMPT_SHOW_WITHHELD, SO_SHOW_WITHHELD},
	{PROMPT_SHOW_LINE, SO_SHOW_LINE},
	{PROMPT_SHOW_NEUTRAL, SO_SHOW_NEUTRAL},
};
static const struct item leaving[] = {{PROMPT_GOODBYE, 0}};
static const struct item confirm[] = {{PROMPT_CONFIRM, 0}};
static const struct item words_left[] = {
	{PROMPT_WORDS_PLAIN, SO_WORDS_PLAIN},
	{PROMPT_WORDS_NAME, SO_WORDS_NAME},
};
static const struct item blocked[] = {{ITEM_BLOCKED, 0}};
static const struct item check[] = {{ITEM_CHECK, 0}};
static const struct item unchecked[] = {{ITEM_UNCHECKED, 0}};

#define LIST(l) {(l), STEP_COUNT(l)}

static const struct {
	const struct item *items;
	size_t n;
} lists[MENU_LISTS] = {
	[LIST_GREETING] = LIST(greeting),
	[LIST_HOLD] = LIST(hold),
	[LIST_NEWS] = LIST(news),
	[LIST_STAY] = LIST(stay),
	[LIST_STAY_OVER] = LIST(stay_over),
	[LIST_LANGUAGE] = LIST(choice),
	[LIST_NOBODY] = LIST(nobody),
	[LIST_LONG] = LIST(too_long),
	[LIST_BEFORE_TONE] = LIST(before_tone),
	[LIST_SPEAK] = LIST(speak),
	[LIST_KEPT] = LIST(kept),
	[LIST_NUMBER] = LIST(number),
	[LIST_TYPING] = LIST(typing),
	[LIST_WORDS] = LIST(words),
	[LIST_HOURS] = LIST(hours),
	[LIST_SHOWN] = LIST(shown),
	[LIST_LEAVING] = LIST(leaving),
	[LIST_CONFIRM] = LIST(confirm),
	[LIST_WORDS_LEFT] = LIST(words_left),
	[LIST_BLOCKED] = LIST(blocked),
	[LIST_CHECK] = LIST(check),
	[LIST_UNCHECKED] = LIST(unchecked),
	[LIST_FULL] = LIST(full),
};

/* one row each: a bit, whether it is so */
struct so {
	uint32_t bit;
	bool is;
};


static uint32_t bits(const struct so *rows, size_t n)
{
	uint32_t so = 0;

	for (size_t i = 0; i < n; i++)
		so |= rows[i].is ? rows[i].bit : 0;

	return so;
}


uint32_t menu_so(const struct menu *menu, const struct menu_facts *facts)
{
	const struct core_line *line = facts->line;
	const bool detention = line->kind == LINE_DETENTION;
	const bool open = facts->open && line->kind != LINE_AFTER_HOURS;
	const bool message = line->messages && !facts->has_message;
	const bool ring_back = line->ring_back && !detention;
	const struct so rows[] = {
		{SO_OPEN, open},
		{SO_CLOSED, !open},
		{SO_HERE, open && facts->here},
		{SO_ORDINARY, !detention},
		{SO_DETENTION, detention},
		{SO_FULL, facts->full},
		{SO_MESSAGE, message},
		{SO_NO_MESSAGE, !message},
		{SO_RING_BACK, ring_back},
		{SO_NO_RING_BACK, !ring_back},
		{SO_KEPT, facts->has_message},
		{SO_NOTICE, line->notice},
		{SO_CHOICE, open && !detention && facts->staffed &&
				    line->n_languages > 1},
		{SO_WORDS_PLAIN, menu->words == WORDS_PLAIN},
		{SO_WORDS_NAME, menu->words == WORDS_NAME},
		{SO_SHOW_WITHHELD, line->shown & 1u << SHOWN_WITHHELD},
		{SO_SHOW_LINE, line->shown & 1u << SHOWN_LINE},
		{SO_SHOW_NEUTRAL, line->shown & 1u << SHOWN_NEUTRAL},
	};

	return bits(rows, STEP_COUNT(rows));
}


static void add(struct core_playlist *list, unsigned prompt, uint8_t language)
{
	if (list->n == LIMIT_PLAYLIST)
		return;

	list->v[list->n].prompt = (uint8_t)prompt;
	list->v[list->n].language = language;
	++list->n;
	list->loop = prompt == PROMPT_HOLD;
}


void menu_say(struct core_playlist *list, const struct menu *menu,
	      enum prompt prompt)
{
	add(list, prompt, menu->language);
}


/* in its own words, so that who speaks nothing else understands it */
static void add_languages(struct core_playlist *list,
			  const struct menu_facts *facts)
{
	const struct core_line *line = facts->line;

	for (unsigned i = 0; i < line->n_languages; i++) {
		const uint8_t language = line->languages[i];
		const bool staffed = facts->staffed & 1u << i;

		add(list, staffed ? PROMPT_CHOOSE : PROMPT_CHOOSE_LATER,
		    language);
		add(list, PROMPT_PRESS, language);
		add(list, PROMPT_ZERO + i + 1, language);
	}
}


static void add_in_each(struct core_playlist *list, enum prompt prompt,
			const struct menu_facts *facts)
{
	for (unsigned i = 0; i < facts->line->n_languages; i++)
		add(list, prompt, facts->line->languages[i]);
}


static void add_check(struct core_playlist *list, const struct menu *menu,
		      const struct menu_facts *facts)
{
	for (unsigned i = 0; i < facts->line->n_languages; i++) {
		const uint8_t language = facts->line->languages[i];

		add(list, PROMPT_CHECK, language);
		add(list, PROMPT_ZERO + menu->check, language);
	}
}


static void add_position(struct core_playlist *list, const struct menu *menu,
			 const struct menu_facts *facts)
{
	if (!facts->position)
		return;

	if (facts->position > 9) {
		menu_say(list, menu, PROMPT_POSITION_FAR);
		return;
	}

	menu_say(list, menu, PROMPT_POSITION);
	add(list, PROMPT_ZERO + facts->position, menu->language);
}


/* rather told too long than too short */
static void add_wait(struct core_playlist *list, const struct menu *menu,
		     const struct menu_facts *facts)
{
	static const struct {
		uint64_t up_to_ms;
		enum prompt prompt;
	} waits[] = {
		{2 * 60 * 1000, PROMPT_WAIT_2},
		{5 * 60 * 1000, PROMPT_WAIT_5},
		{10 * 60 * 1000, PROMPT_WAIT_10},
		{20 * 60 * 1000, PROMPT_WAIT_20},
		{UINT64_MAX, PROMPT_WAIT_LONG},
	};
	size_t i = 0;

	if (facts->wait_ms == UINT64_MAX)
		return;

	while (facts->wait_ms > waits[i].up_to_ms)
		++i;

	menu_say(list, menu, waits[i].prompt);
}


static void add_tells(struct core_playlist *list, const struct menu *menu,
		      const struct menu_facts *facts)
{
	static void (*const tells[LINE_TELLS])(struct core_playlist *,
					       const struct menu *,
					       const struct menu_facts *) = {
		[TELLS_POSITION] = add_position,
		[TELLS_WAIT] = add_wait,
	};

	if (facts->line->tells < LINE_TELLS && tells[facts->line->tells])
		tells[facts->line->tells](list, menu, facts);
}


static void add_item(struct core_playlist *list, unsigned what,
		     const struct menu *menu, const struct menu_facts *facts)
{
	if (what == ITEM_LANGUAGES)
		add_languages(list, facts);
	else if (what == ITEM_TELLS)
		add_tells(list, menu, facts);
	else if (what == ITEM_BLOCKED)
		add_in_each(list, PROMPT_BLOCKED, facts);
	else if (what == ITEM_UNCHECKED)
		add_in_each(list, PROMPT_UNCHECKED, facts);
	else if (what == ITEM_CHECK)
		add_check(list, menu, facts);
	else
		menu_say(list, menu, (enum prompt)what);
}


void menu_list(struct core_playlist *list, enum menu_list which,
	       const struct menu *menu, const struct menu_facts *facts)
{
	const uint32_t so = menu_so(menu, facts);

	for (size_t i = 0; i < lists[which].n; i++) {
		const struct item *item = &lists[which].items[i];

		if (!(item->when & ~so))
			add_item(list, item->what, menu, facts);
	}
}
