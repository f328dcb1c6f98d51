/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file menu_list.h  What a question says, as data: prompts and conditions
 */
#ifndef RINGBACK_CORE_MENU_LIST_H
#define RINGBACK_CORE_MENU_LIST_H

#include "menu.h"

/** What can be so. Bits; a condition is met if all of them are so. */
enum menu_so {
	SO_OPEN = 1 << 0,
	SO_CLOSED = 1 << 1,
	SO_HERE = 1 << 2,         /**< open, and somebody for this language */
	SO_ORDINARY = 1 << 3,     /**< speaks, and understands keys         */
	SO_DETENTION = 1 << 4,    /**< the other kind                       */
	SO_MESSAGE = 1 << 5,      /**< one may be left, and none is yet     */
	SO_NO_MESSAGE = 1 << 6,
	SO_RING_BACK = 1 << 7,    /**< may be asked for here                */
	SO_NO_RING_BACK = 1 << 8,
	SO_KEPT = 1 << 9,         /**< a message is                         */
	SO_NOTICE = 1 << 10,
	SO_CHOICE = 1 << 11,      /**< of languages                         */
	SO_WORDS_PLAIN = 1 << 12,
	SO_WORDS_NAME = 1 << 13,
	SO_SHOW_WITHHELD = 1 << 14, /**< on offer                           */
	SO_SHOW_LINE = 1 << 15,
	SO_SHOW_NEUTRAL = 1 << 16,
	SO_FULL = 1 << 17,        /**< as many wait as may be               */
};

/** What is said; NONE is nothing. */
enum menu_list {
	LIST_NONE = 0,
	LIST_GREETING,
	LIST_HOLD,
	LIST_NEWS,
	LIST_STAY,
	LIST_STAY_OVER,
	LIST_LANGUAGE,
	LIST_NOBODY,
	LIST_LONG,
	LIST_BEFORE_TONE,
	LIST_SPEAK,
	LIST_KEPT,
	LIST_NUMBER,
	LIST_TYPING,
	LIST_WORDS,
	LIST_HOURS,
	LIST_SHOWN,
	LIST_LEAVING,
	LIST_CONFIRM,
	LIST_WORDS_LEFT,
	LIST_BLOCKED,
	LIST_CHECK,
	LIST_UNCHECKED,
	LIST_FULL,
	MENU_LISTS
};

/** What is so now: bits of enum menu_so. */
uint32_t menu_so(const struct menu *menu, const struct menu_facts *facts);

/** Append one prompt in the caller's language. */
void menu_say(struct core_playlist *list, const struct menu *menu,
	      enum prompt prompt);

/** Append what fits now. The hold sound loops. */
void menu_list(struct core_playlist *list, enum menu_list which,
	       const struct menu *menu, const struct menu_facts *facts);

#endif
