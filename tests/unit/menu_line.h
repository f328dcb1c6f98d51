/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file menu_line.h  A line and a caller, for tests of the menu
 *
 * To be included after cmocka.h.
 */
#ifndef RINGBACK_TEST_MENU_LINE_H
#define RINGBACK_TEST_MENU_LINE_H

#include "core/menu.h"

enum { EN = 3, ES = 1, STAR = 10, HASH = 11 };

struct fixture {
	struct core_line line;
	struct menu_facts facts;
	struct menu menu;
	struct menu_reply reply;
};


/* open, staffed, everything on offer */
static inline void set(struct fixture *f)
{
	*f = (struct fixture){
		.line = {
			.kind = LINE_ORDINARY,
			.n_languages = 1,
			.languages = {EN, ES},
			.notice = true,
			.messages = true,
			.ring_back = true,
			.shown = 7,
		},
		.facts = {
			.staffed = 1,
			.here = true,
			.open = true,
			.number_known = true,
			.position = 1,
			.wait_ms = UINT64_MAX,
		},
		.menu = {.language = EN},
	};
	f->facts.line = &f->line;
}


static inline void then(struct fixture *f, enum menu_event ev)
{
	assert_int_equal(menu_step(&f->menu, ev, 0, &f->facts, &f->reply), 0);
}


static inline void key(struct fixture *f, uint8_t k)
{
	assert_int_equal(menu_step(&f->menu, MENU_EV_KEY, k, &f->facts,
				   &f->reply), 0);
}

#endif
