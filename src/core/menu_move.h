/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file menu_move.h  What the tables of menu.c are made of; nobody else's
 */
#ifndef RINGBACK_CORE_MENU_MOVE_H
#define RINGBACK_CORE_MENU_MOVE_H

#include "menu_list.h"

enum { MENU_KEYS = 12 };

/** One menu_step(). */
struct move {
	struct menu *menu;
	const struct menu_facts *facts;
	struct menu_reply *reply;
	uint8_t key;
};

typedef void(move_h)(struct move *m);

struct question {
	const char *name;
	enum menu_list list;
	enum menu_list again; /**< if it is asked again in other words      */
	move_h *key[MENU_KEYS];
	move_h *other;      /**< keys that are not there; NULL: move_wrong  */
	move_h *silent;     /**< asked n_times, and no answer               */
	uint8_t n_times;
	uint32_t quiet_ms;  /**< 0: no end to silence                       */
	uint32_t quiet_if;  /**< bits of enum menu_so: else no end          */
	bool home;          /**< questions that begin here return to it     */
	bool any_line;      /**< its keys count on a detention line too     */
};

extern const struct question menu_questions[MENU_STATES];

bool move_is_so(const struct move *m, uint32_t when);

/* keys in general */
move_h move_again, move_ignore, move_wrong;

/* waiting, and nobody there */
move_h move_lost, move_stay, move_stay_over;
move_h move_hold, move_nobody, move_person, move_wait_or_again,
	move_back, move_too_long, move_news;

/* the beginning */
move_h move_begin, move_check, move_unchecked, move_choose, move_choose_first;

/* the end */
move_h move_leave, move_no_more, move_decline, move_hang_up;

/* a message */
move_h move_before_tone, move_message, move_tone, move_record,
	move_stop, move_stop_for_person, move_stop_for_ring_back,
	move_person_then, move_said_nothing, move_kept;

/* a number */
move_h move_ring_back, move_filed_then_ring_back, move_ask_number,
	move_number, move_type, move_digit, move_wrong_digit, move_typed,
	move_typed_nothing, move_bad_number;

/* a promise to ring back */
move_h move_number_right, move_words, move_ask_hours, move_hours,
	move_ask_shown, move_shown, move_promise, move_promised, move_not_saved;

/* rung back */
move_h move_confirm, move_talk, move_no_key, move_leave_words;

#endif
