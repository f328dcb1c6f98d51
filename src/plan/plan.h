/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file plan.h  From the configuration and the store to what the core knows
 *
 * The one place where names become the core's bits and indices, and opening
 * hours its calendar. The line process uses it to work, `ringback route` and
 * `ringback coverage` to say how the line would work: so both mean the same.
 * Pure: no libre, no SQL, nothing is opened; local time is that of the process
 * (hours_zone()).
 */
#ifndef RINGBACK_PLAN_H
#define RINGBACK_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "core/core.h"
#include "store/store.h"

/** Names of the whole installation: the place in a list is the core's index,
 *  or bit. Only what a line asks for is in them: nobody else's language or
 *  skill is ever called for. */
struct plan_words {
	char languages[LIMIT_TONGUES][LIMIT_LANGUAGE]; /**< the first is the
						first line's default       */
	uint32_t n_languages;
	char skills[LIMIT_SKILLS][LIMIT_NAME];
	uint32_t n_skills;
	char organisations[LIMIT_LINES + 1][LIMIT_NAME]; /**< [0] ""       */
	uint32_t n_organisations;
	char regions[LIMIT_LINES + 1][LIMIT_NAME]; /**< [0] ""       */
	uint32_t n_regions;
	char lines[LIMIT_LINES][LIMIT_NAME]; /**< as configured            */
	uint32_t n_lines;
};

/** Make the lists. The same configuration makes the same ones. E2BIG: more
 *  languages or skills than the limits; config_read() refuses that. */
int plan_words_make(struct plan_words *w, const struct config *c);

/** The line's index; -1 if there is none of this name. */
int plan_line(const struct plan_words *w, const char *line);

/** The language's index; -1 if no line speaks it. */
int plan_language(const struct plan_words *w, const char *language);

/**
 * Fill in what the core must know, but first_call and trace
 *
 * No line may ring back until plan_trunk() has met a trunk that it can use.
 * Core and calendar borrow the configuration.
 *
 * @return 0, E2BIG as above
 */
int plan_settings(struct core_settings *s, const struct config *c);

/** Can calls be made by it? Those that we register with, and those by address
 *  that have one to dial. */
bool plan_dials(const struct store_trunk *trunk);

/** This trunk is there: the lines that may ring back by it do from now on, if
 *  plan_dials(). Its place among others does not matter. */
void plan_trunk(struct core_settings *s, const struct config *c,
		const struct store_trunk *trunk);

/** May this line ring back by this trunk? The first of store_trunk_each()
 *  that may is the one to use. */
bool plan_trunk_fits(const struct config_line *line,
		     const struct store_trunk *trunk);

/**
 * A counsellor, as CORE_PERSON
 *
 * Who names no language speaks the first one of the first line. What no line
 * asks for is left out. Rung for all lines, until plan_person_roles() says
 * something else. On duty or not is another event.
 *
 * @return 0, EINVAL
 */
int plan_person(struct core_event *ev, const struct plan_words *w,
		const struct store_person *p);

/** What the roles of one person say: words is to be set, the rest zeroed. */
struct plan_roles {
	const struct plan_words *words; /**< borrow                         */
	uint16_t lines; /**< bits: rung for these                          */
	bool any;       /**< they have a role                              */
	bool learns;    /**< somewhere as a trainee                        */
};

/** One of them: a store_role_h for store_role_each(), whose order it needs: a
 *  role of one line counts there in place of one for all. arg is struct
 *  plan_roles. Counsellors and coordinators are rung, trainees and operators
 *  are not. */
bool plan_role(const struct store_role *role, void *arg);

/** After plan_person(): for which lines they are rung. Who has no role is for
 *  all lines; a trainee who is rung for none learns. */
void plan_person_roles(struct core_event *ev, const struct plan_roles *roles);

/** The calendar's own questions, for those who have no core. */
bool plan_open(const struct config_line *line, int64_t unix_ms);
int64_t plan_opens(const struct config_line *line, int64_t unix_ms);
bool plan_safe(enum promise_hours hours, int64_t unix_ms);

#endif
