/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * dialogue.c  Runs the menu of each caller: gathers what is so, plays what it
 * says, and makes events of the call out of what the caller wishes.
 *
 * The menu never holds up the queue: it only wishes. Must not know what is
 * asked (menu.c).
 */
#include <errno.h>
#include <string.h>

#include "dialogue.h"
#include "plant.h"
#include "promise.h"
#include "staff.h"
#include "twin.h"


static uint32_t staffed(const struct core *core, const struct call *c)
{
	const struct core_line *line = line_of(core, c);
	uint32_t bits = 0;

	for (uint8_t i = 0; i < line->n_languages; i++)
		bits |= (uint32_t)core_staffed(core, c->record.line,
					       line->languages[i]) << i;

	return staff_open(core, c->record.line) ? bits : 0;
}


/* what is said to those who ask how long it will take */
static uint64_t expected_wait(const struct core *core, const struct call *c,
			      uint32_t position)
{
	const uint32_t n = staff_count(core, c->record.line,
				       c->record.language);

	return n && core->talk_ms ? core->talk_ms * position / n : UINT64_MAX;
}


static void gather(struct menu_facts *facts, const struct core *core,
		   const struct call *c)
{
	facts->line = line_of(core, c);
	facts->staffed = staffed(core, c);
	facts->here = staff_here(core, c);
	facts->open = staff_open(core, c->record.line);
	facts->number_known = c->number_known;
	facts->blocked = c->blocked && !PLANTED_BUG(PLANT_BLOCK_IGNORED);
	facts->has_message = c->voiced;
	facts->full = core->settings.most_waiting &&
		      core->n_calls[CALL_WAITING] +
				      core->n_calls[CALL_OFFERED] >=
			      core->settings.most_waiting;
	facts->position = alloc_position(core, c);
	facts->wait_ms = expected_wait(core, c, facts->position);
}


/* never 0: that means none */
static uint32_t next_serial(struct core *core)
{
	if (!++core->n_played)
		++core->n_played;

	return core->n_played;
}


static bool says(const struct core_playlist *list, enum prompt prompt)
{
	for (uint8_t i = 0; i < list->n; i++) {
		if (list->v[i].prompt == prompt)
			return true;
	}

	return false;
}


/* Told that nobody can come, on a line that has nothing else to offer: that
 * is a refusal, until somebody is there. */
static void note_refusal(struct call *c, const struct turn *t,
			 const struct core_playlist *list)
{
	const struct core_line *line = line_of(t->core, c);
	const bool offers = line->messages ||
			    (line->ring_back && line->kind != LINE_DETENTION);

	if (c->blocked)
		c->refused = CAUSE_MARKED;
	else if (c->menu.check)
		c->refused = CAUSE_FLOOD;
	else if (offers || staff_here(t->core, c))
		c->refused = CAUSE_NONE;
	else if (says(list, PROMPT_CLOSED))
		c->refused = CAUSE_CLOSED;
	else if (says(list, PROMPT_NOBODY))
		c->refused = CAUSE_UNSTAFFED;
	else if (c->refused == CAUSE_FLOOD)
		c->refused = CAUSE_NONE;
}


static void play(struct call *c, struct turn *t,
		 const struct core_playlist *list)
{
	struct core_action *a = call_ask(t, c, CORE_PLAY);

	note_refusal(c, t, list);
	a->play = *list;
	/* who hears nothing, or something without end, hears no end */
	c->serial = list->n && !list->loop ? next_serial(t->core) : 0;
	a->play.serial = c->serial;
}


static void set(struct turn *t, struct deadline *d, uint64_t ms)
{
	deadline_set(&t->core->deadlines, d, t->now + ms);
}


static void clear(struct turn *t, struct deadline *d)
{
	deadline_clear(&t->core->deadlines, d);
}


static void arm_silence(struct call *c, struct turn *t)
{
	clear(t, &c->quiet);
	if (c->quiet_ms && !c->serial)
		set(t, &c->quiet, c->quiet_ms);
}


/* News for who hears hold sound; and nobody waits too long unasked. */
static void arm_waiting(struct call *c, struct turn *t)
{
	const struct core_line *line = line_of(t->core, c);
	const bool waits = c->state == CALL_WAITING || c->state == CALL_OFFERED;

	if (!waits || c->menu.state != MENU_HOLD || !line->offer_ms)
		clear(t, &c->news);
	else if (!c->news.pos)
		set(t, &c->news, line->offer_ms);

	if (!waits || c->menu.state == MENU_LONG ||
	    c->menu.state == MENU_FULL ||
	    c->menu.state == MENU_STAY_OVER || !line->max_wait_ms)
		clear(t, &c->wait);
	else if (!c->wait.pos)
		set(t, &c->wait, line->max_wait_ms);
}


/* ---- wishes ------------------------------------------------------------- */

typedef void(wish_h)(struct call *c, struct turn *t);


static void move(struct call *c, enum call_event ev, struct turn *t)
{
	if (call_expects(c, ev))
		call_drive(c, ev, t);
}


/* Whoever is asked to stay, or wants to, begins the longest wait anew. */
static void wish_wait(struct call *c, struct turn *t)
{
	clear(t, &c->wait);
	move(c, CALL_EV_WAIT, t);
}


static void wish_message(struct call *c, struct turn *t)
{
	move(c, CALL_EV_MESSAGE, t);
}


static void wish_record(struct call *c, struct turn *t)
{
	move(c, CALL_EV_RECORD, t);
}


static void wish_stop(struct call *c, struct turn *t)
{
	if (c->state == CALL_RECORDING)
		(void)call_ask(t, c, CORE_STOP_MESSAGE);
}


static void wish_type_anew(struct call *c, struct turn *t)
{
	(void)call_ask(t, c, CORE_TYPE_ANEW);
}


static void wish_typed(struct call *c, struct turn *t)
{
	call_ask(t, c, CORE_TYPED)->key = t->ev->key;
}


static void wish_check(struct call *c, struct turn *t)
{
	(void)call_ask(t, c, CORE_CHECK_NUMBER);
}


static void wish_ring_back(struct call *c, struct turn *t)
{
	move(c, CALL_EV_RING_BACK, t);
}


static void wish_decline(struct call *c, struct turn *t)
{
	if (c->state == CALL_CONFIRMING) {
		call_drive(c, CALL_EV_DECLINED, t);
		return;
	}
	c->declined = true;
	move(c, CALL_EV_LEAVE, t);
}


static void wish_hang_up(struct call *c, struct turn *t)
{
	if (c->state == CALL_SAYING) {
		call_drive(c, CALL_EV_SAID, t);
		return;
	}
	if (call_dialled(c)) {
		move(c, CALL_EV_BREAK_OFF, t);
		return;
	}
	move(c, CALL_EV_LEAVE, t);
	if (c->state == CALL_LEAVING) {
		(void)call_ask(t, c, CORE_HANG_UP);
		t->cause = CAUSE_NONE;
		(void)call_leave(c, t);
	}
}


static void wish_talk(struct call *c, struct turn *t)
{
	move(c, CALL_EV_CONFIRMED, t);
}


static void wish_no_key(struct call *c, struct turn *t)
{
	move(c, twin_words(c) == WORDS_NONE ? CALL_EV_NO_KEY
					    : CALL_EV_NO_KEY_WORDS,
	     t);
}


/* in the order of enum menu_wish */
static wish_h *const wishes[] = {
	wish_wait, wish_message, wish_record, wish_stop, wish_type_anew,
	wish_typed, wish_check, wish_ring_back, wish_decline, wish_hang_up,
	wish_talk, wish_no_key,
};


static void grant(struct call *c, struct turn *t, unsigned bits)
{
	const uint64_t number = c->record.call;

	for (size_t i = 0; i < STEP_COUNT(wishes); i++) {
		if (c->record.call != number)
			return; /* it is over */
		if (bits & 1U << i)
			wishes[i](c, t);
	}
}


/* What brings the call to where it belongs while the menu is there; MENU: it
 * is there. */
static enum call_event place_for(const struct call *c)
{
	static const struct {
		bool choosing, saving, thanked;
	} about[MENU_STATES] = {
		[MENU_LANGUAGE] = {.choosing = true},
		[MENU_CHECK] = {.choosing = true},
		[MENU_SAVING] = {.saving = true},
		[MENU_SPEAK] = {.saving = true},
		[MENU_TO_PERSON] = {.saving = true},
		[MENU_KEPT] = {.thanked = true},
		[MENU_LEAVING] = {.thanked = true},
		[MENU_BLOCKED] = {.thanked = true},
		[MENU_UNCHECKED] = {.thanked = true},
	};
	const enum menu_state at = c->menu.state;

	if (about[at].thanked)
		return CALL_EV_LEAVE;
	if (c->state == CALL_CHOOSING && !about[at].choosing)
		return CALL_EV_WAIT;
	if (c->state == CALL_SAVING_MESSAGE && !about[at].saving)
		return CALL_EV_WAIT;

	return CALL_EV_MENU;
}


/* Who has chosen a language is in the queue, whatever is being asked, until
 * the tone is near; who hears thanks is not. */
static void follow_menu(struct call *c, struct turn *t)
{
	const enum call_event ev = place_for(c);

	if (ev != CALL_EV_MENU)
		move(c, ev, t);
}


/* A caller of another language waits in another lane. */
static void follow_language(struct call *c, struct turn *t)
{
	if (c->record.language == c->menu.language)
		return;

	c->record.language = c->menu.language;
	c->here = staff_here(t->core, c);
	if (c->state == CALL_WAITING || c->state == CALL_OFFERED) {
		alloc_remove(t, c);
		alloc_place(t, c);
	}
}


static int ask_menu(struct call *c, enum menu_event ev, struct turn *t,
		    struct menu_reply *reply)
{
	struct menu_facts facts;

	memset(reply, 0, sizeof(*reply));
	gather(&facts, t->core, c);
	if (ev == MENU_EV_BEGIN)
		dialogue_note(c, t);

	return menu_step(&c->menu, ev, t->ev->key, &facts, reply);
}


static void carry_out(struct call *c, struct turn *t,
		      const struct menu_reply *reply)
{
	const uint64_t number = c->record.call;

	if (reply->ignored)
		return;

	follow_language(c, t);
	c->quiet_ms = reply->quiet_ms;
	if (reply->play)
		play(c, t, &reply->list);
	arm_silence(c, t);
	grant(c, t, reply->wishes);
	if (c->record.call == number) {
		follow_menu(c, t);
		arm_waiting(c, t);
	}
}


void dialogue_tell(struct call *c, enum menu_event ev, struct turn *t)
{
	struct menu_reply reply;

	if (!ask_menu(c, ev, t, &reply))
		carry_out(c, t, &reply);
}


void dialogue_row(void *obj, void *arg)
{
	struct turn *t = arg;

	carry_out(obj, t, t->reply);
}


/* @return EPROTO if the menu has no use for it now: nothing changed */
static int move_on(struct call *c, enum menu_event ev, struct turn *t)
{
	struct menu_reply reply;
	int err;

	err = ask_menu(c, ev, t, &reply);
	if (err)
		return err;

	t->reply = &reply;
	err = call_step(c, CALL_EV_MENU, t);
	t->reply = NULL;

	return err;
}


int dialogue_event(struct call *c, enum menu_event ev, struct turn *t)
{
	int err;

	if (!call_expects(c, CALL_EV_MENU))
		return call_unexpected(c, CALL_EV_MENU, t);

	if (ev == MENU_EV_PLAYED) {
		if (!c->serial || c->serial != t->ev->serial) {
			(void)call_unexpected(c, CALL_EV_MENU, t);
			return ENOENT;
		}
		c->serial = 0;
	}

	err = move_on(c, ev, t);

	return err ? call_unexpected(c, CALL_EV_MENU, t) : 0;
}


void dialogue_over(struct call *c, struct turn *t)
{
	struct menu_reply reply;

	(void)ask_menu(c, MENU_EV_OVER, t, &reply);
	c->serial = 0;
	c->quiet_ms = 0;
	clear(t, &c->quiet);
	clear(t, &c->news);
	clear(t, &c->wait);
}


void dialogue_note(struct call *c, struct turn *t)
{
	c->here = staff_here(t->core, c);
	c->line_open = staff_open(t->core, c->record.line);
}


void dialogue_look_around(struct call *c, struct turn *t)
{
	const bool here = staff_here(t->core, c);
	const bool open = staff_open(t->core, c->record.line);
	const bool was = c->here;
	/* who waits for somebody to come waits in vain from now on */
	const bool closes = c->line_open && !open;
	const uint64_t wait = c->wait.pos ? c->wait.when : 0;

	c->here = here;
	c->line_open = open;
	if (here != was || closes)
		(void)move_on(c, here ? MENU_EV_SOMEBODY : MENU_EV_NOBODY, t);

	/* they have not waited less because somebody has come */
	if (c->wait.pos && wait && wait < c->wait.when)
		deadline_set(&t->core->deadlines, &c->wait, wait);
}


void dialogue_silence(struct call *c, struct turn *t)
{
	(void)move_on(c, MENU_EV_SILENCE, t);
}


void dialogue_news(struct call *c, struct turn *t)
{
	(void)move_on(c, MENU_EV_NEWS, t);
}


/* Whoever is in the middle of an answer is not interrupted. */
void dialogue_long(struct call *c, struct turn *t)
{
	if (move_on(c, MENU_EV_TOO_LONG, t))
		set(t, &c->wait, CORE_ANSWER_MS);
}
