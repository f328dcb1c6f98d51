/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * menu.c  The dialogue with a caller: docs/caller.md as two tables. Questions:
 * what is said, what each key means, what silence means. Rules: what else can
 * happen. Must not know of queue, offers, numbers or time.
 * What a key or event then does is menu_move.c, what is said menu_list.c.
 */
#include <errno.h>
#include <string.h>

#include "menu_move.h"


enum {
	KEY_HASH = 11,
	ASKED = 2,          /* so often, then silence is an answer           */
	TRIED = 3,          /* the same, for a number                        */
	STAY_MS = 15000,    /* detention: silence is taken for a fault       */
	CONFIRM_MS = 12000, /* with the sentence itself 20 s                 */
};

struct rule {
	uint8_t state;
	uint8_t event;
	uint32_t when; /* bits of enum menu_so */
	move_h *move;
};

#define QUIET(ms, n, h) .quiet_ms = (ms), .n_times = (n), .silent = (h)
#define OFFERS [0] = move_person, [1] = move_ring_back, [9] = move_decline
#define DIGITS(h)                                                             \
	[0] = (h), [1] = (h), [2] = (h), [3] = (h), [4] = (h), [5] = (h),     \
	[6] = (h), [7] = (h), [8] = (h), [9] = (h)

const struct question menu_questions[MENU_STATES] = {
	[MENU_NONE] = {
		.name = "none",
		.other = move_ignore,
	},
	[MENU_LANGUAGE] = {
		.name = "language", .list = LIST_LANGUAGE,
		.key = {[0] = move_choose_first, [1] = move_choose,
			[2] = move_choose, [3] = move_choose,
			[4] = move_choose, [5] = move_choose,
			[6] = move_choose, [7] = move_choose,
			[8] = move_choose},
		QUIET(CORE_ANSWER_MS, ASKED, move_choose_first),
	},
	[MENU_HOLD] = {
		.name = "hold", .list = LIST_HOLD, .again = LIST_NEWS,
		.key = {OFFERS, [2] = move_before_tone},
		QUIET(STAY_MS, 1, move_again), .quiet_if = SO_DETENTION,
		.home = true,
	},
	[MENU_NOBODY] = {
		.name = "nobody", .list = LIST_NOBODY,
		.key = {OFFERS, [2] = move_before_tone},
		QUIET(CORE_ANSWER_MS, ASKED, move_wait_or_again),
		.quiet_if = SO_NO_MESSAGE,
		.home = true,
	},
	[MENU_LONG] = {
		.name = "long", .list = LIST_LONG,
		.key = {OFFERS, [2] = move_before_tone},
		QUIET(CORE_ANSWER_MS, ASKED, move_person),
		.quiet_if = SO_NO_MESSAGE,
		.home = true,
	},
	[MENU_BEFORE_TONE] = {
		.name = "before_tone", .list = LIST_BEFORE_TONE,
		.key = {OFFERS},
	},
	[MENU_SAVING] = {
		.name = "saving",
		.key = {[0] = move_person_then}, .other = move_ignore,
	},
	[MENU_SPEAK] = {
		.name = "speak", .list = LIST_SPEAK,
		.key = {OFFERS},
	},
	[MENU_SPEAKING] = {
		.name = "speaking",
		.key = {[0] = move_stop_for_person,
			[1] = move_stop_for_ring_back, [KEY_HASH] = move_stop},
		.other = move_ignore,
	},
	[MENU_TO_PERSON] = {
		.name = "to_person",
		.other = move_ignore,
	},
	[MENU_TO_RING_BACK] = {
		.name = "to_ring_back",
		.key = {[0] = move_person_then}, .other = move_ignore,
	},
	[MENU_KEPT] = {
		.name = "kept", .list = LIST_KEPT,
		.key = {[0] = move_person, [1] = move_ring_back},
		.other = move_leave,
		QUIET(CORE_ANSWER_MS, ASKED, move_leave),
		.home = true,
	},
	[MENU_NUMBER] = {
		.name = "number", .list = LIST_NUMBER,
		.key = {[0] = move_person, [1] = move_number_right,
			[2] = move_type},
		QUIET(CORE_ANSWER_MS, TRIED, move_back),
	},
	[MENU_TYPING] = {
		.name = "typing", .list = LIST_TYPING,
		.key = {DIGITS(move_digit), [KEY_HASH] = move_typed},
		.other = move_wrong_digit,
		QUIET(CORE_ANSWER_MS, 1, move_typed_nothing),
	},
	[MENU_ZERO] = {
		.name = "zero",
		.key = {DIGITS(move_digit), [KEY_HASH] = move_person},
		.other = move_wrong_digit,
		QUIET(CORE_ANSWER_MS, 1, move_person),
	},
	[MENU_CHECKING] = {
		.name = "checking",
		.key = {[0] = move_person}, .other = move_ignore,
	},
	[MENU_WORDS] = {
		.name = "words", .list = LIST_WORDS,
		.key = {[0] = move_person, [1] = move_words,
			[2] = move_words, [3] = move_words},
		QUIET(CORE_ANSWER_MS, ASKED, move_ask_hours),
	},
	[MENU_HOURS] = {
		.name = "hours", .list = LIST_HOURS,
		.key = {[0] = move_person, [1] = move_hours,
			[2] = move_hours, [3] = move_hours},
		QUIET(CORE_ANSWER_MS, ASKED, move_ask_shown),
	},
	[MENU_SHOWN] = {
		.name = "shown", .list = LIST_SHOWN,
		.key = {[0] = move_person, [1] = move_shown,
			[2] = move_shown, [3] = move_shown},
		QUIET(CORE_ANSWER_MS, ASKED, move_promise),
	},
	[MENU_SAVING_RING_BACK] = {
		.name = "saving_ring_back",
		.key = {[0] = move_person_then}, .other = move_ignore,
	},
	[MENU_STAY] = {
		.name = "stay", .list = LIST_STAY,
		.other = move_ignore,
	},
	[MENU_STAY_OVER] = {
		.name = "stay_over", .list = LIST_STAY_OVER,
		.other = move_ignore,
	},
	[MENU_BLOCKED] = {
		.name = "blocked", .list = LIST_BLOCKED,
		.other = move_ignore,
	},
	[MENU_CHECK] = {
		.name = "check", .list = LIST_CHECK,
		.key = {DIGITS(move_check)}, .other = move_check,
		QUIET(CORE_ANSWER_MS, ASKED, move_unchecked),
	},
	[MENU_UNCHECKED] = {
		.name = "unchecked", .list = LIST_UNCHECKED,
		.other = move_ignore,
	},
	[MENU_FULL] = {
		.name = "full", .list = LIST_FULL,
		.key = {OFFERS, [2] = move_before_tone},
		QUIET(CORE_ANSWER_MS, ASKED, move_person),
		.quiet_if = SO_NO_MESSAGE,
		.home = true,
	},
	[MENU_LEAVING] = {
		.name = "leaving", .list = LIST_LEAVING,
		.key = {[0] = move_person},
	},
	[MENU_CONFIRM] = {
		.name = "confirm", .list = LIST_CONFIRM,
		.key = {[0] = move_talk, [1] = move_talk, [9] = move_no_more},
		QUIET(CONFIRM_MS, ASKED, move_no_key),
		.any_line = true,
	},
	[MENU_WORDS_LEFT] = {
		.name = "words_left", .list = LIST_WORDS_LEFT,
		.other = move_ignore,
	},
};

/* the first that fits */
static const struct rule rules[] = {
	{MENU_NONE, MENU_EV_BEGIN, 0, move_begin},
	{MENU_NONE, MENU_EV_CONFIRM, 0, move_confirm},
	{MENU_NONE, MENU_EV_LEAVE_WORDS, 0, move_leave_words},
	{MENU_NONE, MENU_EV_LOST, 0, move_lost},
	{MENU_NONE, MENU_EV_LOST_BACK, 0, move_stay},
	{MENU_NONE, MENU_EV_GOODBYE, 0, move_leave},

	{MENU_HOLD, MENU_EV_NEWS, SO_ORDINARY, move_news},
	{MENU_HOLD, MENU_EV_NOBODY, 0, move_nobody},
	{MENU_HOLD, MENU_EV_SOMEBODY, 0, move_hold},
	{MENU_HOLD, MENU_EV_TOO_LONG, 0, move_too_long},

	{MENU_NOBODY, MENU_EV_PLAYED, SO_MESSAGE, move_message},
	{MENU_NOBODY, MENU_EV_SOMEBODY, 0, move_hold},
	{MENU_LONG, MENU_EV_PLAYED, SO_MESSAGE, move_message},
	{MENU_FULL, MENU_EV_PLAYED, SO_MESSAGE, move_message},

	{MENU_BEFORE_TONE, MENU_EV_PLAYED, 0, move_message},
	{MENU_SAVING, MENU_EV_SAVED, 0, move_tone},
	{MENU_SAVING, MENU_EV_NOT_SAVED, 0, move_not_saved},
	{MENU_SPEAK, MENU_EV_PLAYED, 0, move_record},
	{MENU_SPEAKING, MENU_EV_FILED, 0, move_kept},
	{MENU_SPEAKING, MENU_EV_SILENT, 0, move_said_nothing},

	{MENU_TO_PERSON, MENU_EV_FILED, 0, move_person},
	{MENU_TO_PERSON, MENU_EV_SILENT, 0, move_person},
	{MENU_TO_PERSON, MENU_EV_SAVED, 0, move_person},
	{MENU_TO_PERSON, MENU_EV_NOT_SAVED, 0, move_person},
	{MENU_TO_RING_BACK, MENU_EV_FILED, 0, move_filed_then_ring_back},
	{MENU_TO_RING_BACK, MENU_EV_SILENT, 0, move_ask_number},

	{MENU_CHECKING, MENU_EV_NUMBER_GOOD, 0, move_number},
	{MENU_CHECKING, MENU_EV_NUMBER_BAD, 0, move_bad_number},
	{MENU_SAVING_RING_BACK, MENU_EV_SAVED, 0, move_promised},
	{MENU_SAVING_RING_BACK, MENU_EV_NOT_SAVED, 0, move_not_saved},

	{MENU_STAY, MENU_EV_NOBODY, 0, move_stay_over},
	{MENU_STAY, MENU_EV_TOO_LONG, 0, move_stay_over},
	{MENU_STAY_OVER, MENU_EV_SOMEBODY, 0, move_stay},
	{MENU_STAY_OVER, MENU_EV_PLAYED, 0, move_hang_up},

	{MENU_BLOCKED, MENU_EV_PLAYED, 0, move_hang_up},
	{MENU_UNCHECKED, MENU_EV_PLAYED, 0, move_hang_up},
	{MENU_LEAVING, MENU_EV_PLAYED, 0, move_hang_up},
	{MENU_WORDS_LEFT, MENU_EV_PLAYED, 0, move_hang_up},
};


/* --- the stepper -------------------------------------------------------- */

static int press(struct move *m)
{
	const struct question *q = &menu_questions[m->menu->state];
	move_h *h = m->key < MENU_KEYS ? q->key[m->key] : NULL;

	if (!h)
		h = q->other ? q->other : move_wrong;
	if (m->key && move_is_so(m, SO_DETENTION) && !q->any_line)
		h = move_ignore;

	h(m);

	return 0;
}


static uint32_t quiet_ms(const struct move *m)
{
	const struct question *q = &menu_questions[m->menu->state];

	return move_is_so(m, q->quiet_if) ? q->quiet_ms : 0;
}


static int silence(struct move *m)
{
	const struct question *q = &menu_questions[m->menu->state];

	if (!quiet_ms(m))
		return EPROTO;

	if (m->menu->n_asked + 1 < q->n_times) {
		++m->menu->n_asked;
		move_again(m);
	}
	else
		q->silent(m);

	return 0;
}


static int over(struct move *m)
{
	m->menu->state = MENU_NONE;

	return 0;
}


static int happen(struct move *m, enum menu_event ev)
{
	for (size_t i = 0; i < STEP_COUNT(rules); i++) {
		const struct rule *r = &rules[i];

		if (r->state == m->menu->state && r->event == (uint8_t)ev &&
		    move_is_so(m, r->when)) {
			r->move(m);
			return 0;
		}
	}

	return ev == MENU_EV_PLAYED ? 0 : EPROTO;
}


int menu_step(struct menu *menu, enum menu_event ev, uint8_t key,
	      const struct menu_facts *facts, struct menu_reply *reply)
{
	static int (*const special[MENU_EVENTS])(struct move *) = {
		[MENU_EV_KEY] = press,
		[MENU_EV_SILENCE] = silence,
		[MENU_EV_OVER] = over,
	};
	struct move m = {menu, facts, reply, key};
	int err;

	if (!menu || !facts || !facts->line || !reply ||
	    (unsigned)ev >= MENU_EVENTS || menu->state >= MENU_STATES)
		return EINVAL;

	memset(reply, 0, sizeof(*reply));

	err = special[ev] ? special[ev](&m) : happen(&m, ev);
	reply->quiet_ms = quiet_ms(&m);

	return err;
}


const char *menu_state_name(enum menu_state state)
{
	return (unsigned)state < MENU_STATES ? menu_questions[state].name
					     : "unknown";
}
