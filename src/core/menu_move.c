/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * menu_move.c  What the caller hears and wishes after each key and event.
 * Must not know which key or event that is: the tables of menu.c do.
 *
 * A move that asks something calls enter(), or ask() where the same question
 * comes again; what it says before that is heard first.
 */
#include <string.h>

#include "menu_move.h"
#include "plant.h"


enum {
	NUMBER_MIN = 3, /* digits: shorter ones nobody has                   */
	SPOKEN = 3,     /* tries to say something, or to give a number       */
	OFFERED = 5,    /* rounds, where nobody will come and none can speak */
};


bool move_is_so(const struct move *m, uint32_t when)
{
	return !(when & ~menu_so(m->menu, m->facts));
}


static void wish(struct move *m, unsigned wishes)
{
	m->reply->wishes |= wishes;
}


static void say(struct move *m, enum prompt prompt)
{
	menu_say(&m->reply->list, m->menu, prompt);
	m->reply->play = true;
}


/* comfort noise from now on */
static void hush(struct move *m)
{
	memset(&m->reply->list, 0, sizeof(m->reply->list));
	m->reply->play = true;
}


static void ask(struct move *m, enum menu_state state)
{
	const struct question *q = &menu_questions[state];

	m->menu->state = (uint8_t)state;
	menu_list(&m->reply->list, q->list, m->menu, m->facts);
	m->reply->play = true;
}


static void enter(struct move *m, enum menu_state state)
{
	m->menu->n_asked = 0;
	ask(m, state);
}


/* the question where we are, once more */
void move_again(struct move *m)
{
	const struct question *q = &menu_questions[m->menu->state];

	menu_list(&m->reply->list, q->again ? q->again : q->list, m->menu,
		  m->facts);
	m->reply->play = true;
}


void move_ignore(struct move *m)
{
	m->reply->ignored = true;
}


void move_wrong(struct move *m)
{
	m->menu->n_asked = 0;
	say(m, PROMPT_WRONG_KEY);
	move_again(m);
}


/* the way back from questions that begin here */
static void remember(struct move *m)
{
	if (menu_questions[m->menu->state].home)
		m->menu->from = m->menu->state;
}


/* --- waiting, and nobody ------------------------------------------------ */

void move_hold(struct move *m)
{
	wish(m, MENU_WISH_WAIT);
	enter(m, MENU_HOLD);
}


/* Into the queue at last. Who has to be told that it is too long has a place
 * in it meanwhile. */
static void move_queue(struct move *m)
{
	if (move_is_so(m, SO_ORDINARY | SO_FULL)) {
		wish(m, MENU_WISH_WAIT);
		enter(m, MENU_FULL);
	}
	else
		move_hold(m);
}


void move_lost(struct move *m)
{
	if (!move_is_so(m, SO_HERE)) {
		move_nobody(m);
		return;
	}
	if (move_is_so(m, SO_ORDINARY))
		say(m, PROMPT_STAY);
	move_hold(m);
}


void move_stay(struct move *m)
{
	enter(m, move_is_so(m, SO_HERE) ? MENU_STAY : MENU_STAY_OVER);
}


void move_stay_over(struct move *m)
{
	enter(m, MENU_STAY_OVER);
}


/* a message is kept: more is not needed, more is offered */
void move_kept(struct move *m)
{
	m->menu->from = MENU_KEPT;
	say(m, PROMPT_KEPT_MESSAGE);
	enter(m, move_is_so(m, SO_RING_BACK) ? MENU_KEPT : MENU_LEAVING);
}


void move_nobody(struct move *m)
{
	const bool open = move_is_so(m, SO_OPEN);

	if (move_is_so(m, SO_KEPT)) {
		say(m, open ? PROMPT_NOBODY : PROMPT_CLOSED);
		move_kept(m);
	}
	else if (!open && move_is_so(m, SO_NO_MESSAGE | SO_NO_RING_BACK)) {
		say(m, PROMPT_CLOSED);
		enter(m, MENU_LEAVING);
	}
	else
		enter(m, MENU_NOBODY);
}


/* pressed 0: also if nobody is there, but not if nobody will be */
void move_person(struct move *m)
{
	if (move_is_so(m, SO_OPEN))
		move_hold(m);
	else
		move_nobody(m);
}


void move_wait_or_again(struct move *m)
{
	if (move_is_so(m, SO_OPEN))
		move_hold(m);
	else if (++m->menu->n_asked < OFFERED)
		move_again(m);
	else
		move_leave(m);
}


/* to where the questions began, as it is there now */
void move_back(struct move *m)
{
	if (m->menu->from == MENU_KEPT)
		move_kept(m);
	else if (move_is_so(m, SO_HERE))
		move_hold(m);
	else
		move_nobody(m);
}


void move_too_long(struct move *m)
{
	enter(m, MENU_LONG);
}


void move_news(struct move *m)
{
	move_again(m);
	if (m->reply->list.n == 1) { /* nothing but the hold sound */
		hush(m);
		m->reply->play = false;
	}
}


/* --- the beginning ------------------------------------------------------ */

void move_begin(struct move *m)
{
	const uint8_t language = m->menu->language;

	const uint8_t check = move_is_so(m, SO_ORDINARY) ? m->menu->check : 0;

	*m->menu = (struct menu){.language = language, .check = check};
	if (m->facts->blocked) {
		enter(m, MENU_BLOCKED);
		return;
	}
	if (check) {
		enter(m, MENU_CHECK);
		return;
	}
	menu_list(&m->reply->list, LIST_GREETING, m->menu, m->facts);

	if (move_is_so(m, SO_CHOICE))
		enter(m, MENU_LANGUAGE);
	else if (move_is_so(m, SO_HERE))
		move_queue(m);
	else
		move_nobody(m);
}


/* the right key: somebody who listens; from now on a call like any other */
void move_check(struct move *m)
{
	if (m->key == m->menu->check || PLANTED_BUG(PLANT_ANY_KEY)) {
		m->menu->check = 0;
		move_begin(m);
	}
	else if (++m->menu->n_asked >= SPOKEN) {
		move_unchecked(m);
	}
	else {
		say(m, PROMPT_WRONG_KEY);
		move_again(m);
	}
}


void move_unchecked(struct move *m)
{
	enter(m, MENU_UNCHECKED);
}


void move_choose(struct move *m)
{
	const struct core_line *line = m->facts->line;
	const unsigned i = m->key - 1u;

	if (i >= line->n_languages) {
		move_wrong(m);
		return;
	}

	m->menu->language = line->languages[i];
	if (m->facts->staffed & 1u << i && move_is_so(m, SO_OPEN))
		move_queue(m);
	else
		move_nobody(m);
}


void move_choose_first(struct move *m)
{
	const struct core_line *line = m->facts->line;

	for (uint8_t i = 0; i < line->n_languages; i++) {
		if (m->facts->staffed & 1u << i) {
			m->menu->language = line->languages[i];
			if (move_is_so(m, SO_OPEN))
				move_queue(m);
			else
				move_nobody(m);
			return;
		}
	}

	move_nobody(m);
}


/* --- leaving ------------------------------------------------------------ */

void move_leave(struct move *m)
{
	enter(m, MENU_LEAVING);
}


void move_no_more(struct move *m)
{
	wish(m, MENU_WISH_DECLINE);
	move_leave(m);
}


/* who has left a message has not asked for it to be thrown away */
void move_decline(struct move *m)
{
	m->menu->number_confirmed = false;
	if (move_is_so(m, SO_KEPT)) {
		say(m, PROMPT_KEPT_MESSAGE);
		move_leave(m);
	}
	else
		move_no_more(m);
}


void move_hang_up(struct move *m)
{
	m->menu->state = MENU_NONE;
	wish(m, MENU_WISH_HANG_UP);
}


/* --- a message ---------------------------------------------------------- */

void move_message(struct move *m)
{
	remember(m);
	m->menu->n_asked = 0;
	m->menu->state = MENU_SAVING;
	wish(m, MENU_WISH_MESSAGE);
	hush(m);
}


void move_before_tone(struct move *m)
{
	if (move_is_so(m, SO_KEPT)) {
		say(m, PROMPT_KEPT_MESSAGE);
		move_again(m);
	}
	else if (move_is_so(m, SO_MESSAGE)) {
		remember(m);
		enter(m, MENU_BEFORE_TONE);
	}
	else
		move_wrong(m);
}


void move_tone(struct move *m)
{
	ask(m, MENU_SPEAK);
}


void move_record(struct move *m)
{
	m->menu->state = MENU_SPEAKING;
	wish(m, MENU_WISH_RECORD);
	hush(m);
}


void move_stop(struct move *m)
{
	wish(m, MENU_WISH_STOP);
}


void move_stop_for_person(struct move *m)
{
	m->menu->state = MENU_TO_PERSON;
	move_stop(m);
}


void move_stop_for_ring_back(struct move *m)
{
	if (!move_is_so(m, SO_RING_BACK)) {
		move_ignore(m);
		return;
	}

	m->menu->state = MENU_TO_RING_BACK;
	move_stop(m);
}


/* what is under way ends first; then a person */
void move_person_then(struct move *m)
{
	m->menu->state = MENU_TO_PERSON;
}


void move_said_nothing(struct move *m)
{
	say(m, PROMPT_SILENT);
	if (++m->menu->n_asked < SPOKEN) {
		say(m, PROMPT_SPEAK);
		move_tone(m);
	}
	else
		move_leave(m);
}


/* --- being rung back ---------------------------------------------------- */

/* of what the line offers, what says least */
static enum promise_shown careful(const struct move *m)
{
	const uint8_t shown = m->facts->line->shown;

	if (!(shown & 1u << SHOWN_WITHHELD) && shown & 1u << SHOWN_NEUTRAL)
		return SHOWN_NEUTRAL;
	if (shown == 1u << SHOWN_LINE)
		return SHOWN_LINE;

	return SHOWN_WITHHELD;
}


static void type_anew(struct move *m)
{
	m->menu->n_digits = 0;
	m->menu->number_confirmed = false;
	wish(m, MENU_WISH_TYPE_ANEW);
	ask(m, MENU_TYPING);
}


void move_type(struct move *m)
{
	m->menu->n_asked = 0;
	type_anew(m);
}


void move_number(struct move *m)
{
	enter(m, MENU_NUMBER);
}


void move_ask_number(struct move *m)
{
	m->menu->words = WORDS_NONE;
	m->menu->hours = HOURS_ANY;
	m->menu->shown = careful(m);
	m->menu->number_confirmed = false;

	if (m->facts->number_known)
		move_number(m);
	else
		move_type(m);
}


void move_ring_back(struct move *m)
{
	if (!move_is_so(m, SO_RING_BACK)) {
		move_wrong(m);
		return;
	}

	remember(m);
	move_ask_number(m);
}


/* pressed 1 while recording, and now it is filed */
void move_filed_then_ring_back(struct move *m)
{
	m->menu->from = MENU_KEPT;
	say(m, PROMPT_KEPT_MESSAGE);
	move_ask_number(m);
}


void move_bad_number(struct move *m)
{
	say(m, PROMPT_NUMBER_BAD);
	type_anew(m);
}


void move_typed(struct move *m)
{
	if (m->menu->n_digits < NUMBER_MIN) {
		move_bad_number(m);
		return;
	}

	m->menu->state = MENU_CHECKING;
	wish(m, MENU_WISH_CHECK);
	hush(m);
}


void move_typed_nothing(struct move *m)
{
	if (m->menu->n_digits)
		move_typed(m);
	else if (++m->menu->n_asked < SPOKEN)
		move_again(m);
	else
		move_back(m);
}


void move_digit(struct move *m)
{
	if (m->menu->n_digits >= LIMIT_DIGITS) {
		move_bad_number(m);
		return;
	}

	if (!m->menu->n_digits)
		hush(m);
	m->menu->state = m->menu->n_digits || m->key ? MENU_TYPING : MENU_ZERO;
	++m->menu->n_digits;
	wish(m, MENU_WISH_TYPED);
}


void move_wrong_digit(struct move *m)
{
	say(m, PROMPT_WRONG_KEY);
	move_type(m);
}


void move_number_right(struct move *m)
{
	m->menu->number_confirmed = true;
	enter(m, MENU_WORDS);
}


void move_promise(struct move *m)
{
	m->menu->state = MENU_SAVING_RING_BACK;
	wish(m, MENU_WISH_RING_BACK);
	hush(m);
}


void move_ask_hours(struct move *m)
{
	enter(m, MENU_HOURS);
}


void move_ask_shown(struct move *m)
{
	const uint8_t shown = m->facts->line->shown;

	if (shown & (shown - 1)) /* more than one */
		enter(m, MENU_SHOWN);
	else
		move_promise(m);
}


void move_words(struct move *m)
{
	m->menu->words = (enum promise_words)(m->key - 1);
	move_ask_hours(m);
}


void move_hours(struct move *m)
{
	m->menu->hours = (enum promise_hours)(m->key - 1);
	move_ask_shown(m);
}


void move_shown(struct move *m)
{
	if (!(m->facts->line->shown & 1u << (m->key - 1))) {
		move_wrong(m);
		return;
	}

	m->menu->shown = (enum promise_shown)(m->key - 1);
	move_promise(m);
}


void move_promised(struct move *m)
{
	say(m, PROMPT_KEPT_RING_BACK);
	move_leave(m);
}


void move_not_saved(struct move *m)
{
	say(m, PROMPT_NOT_KEPT);
	move_back(m);
}


/* --- rung back ---------------------------------------------------------- */

void move_confirm(struct move *m)
{
	enter(m, MENU_CONFIRM);
}


void move_talk(struct move *m)
{
	m->menu->state = MENU_NONE;
	wish(m, MENU_WISH_TALK);
}


void move_no_key(struct move *m)
{
	m->menu->state = MENU_NONE;
	wish(m, MENU_WISH_NO_KEY);
}


void move_leave_words(struct move *m)
{
	if (move_is_so(m, SO_WORDS_PLAIN) || move_is_so(m, SO_WORDS_NAME))
		enter(m, MENU_WORDS_LEFT);
	else
		move_hang_up(m);
}
