/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file people.h  The counsellors as the line knows them: id, phone, page
 *
 * The store says who exists and who is on duty; changes become core events.
 * Who is on duty in the store, but has neither a phone nor a page open, is off
 * duty for the core at once, and after a while on record as well ("silent").
 */
#ifndef RINGBACK_PEOPLE_H
#define RINGBACK_PEOPLE_H

#include <re.h>

#include "core/core.h"
#include "plan/plan.h"
#include "store/dialler.h"

struct people;

/** A change for the core. */
typedef void(people_event_h)(const struct core_event *ev, void *arg);

/** A question about a person. */
typedef bool(people_ask_h)(uint32_t id, void *arg);

struct people_handlers {
	people_event_h *eventh;
	people_ask_h *presenth; /**< has a page open, or a telephone that is
				     registered (NULL: nobody has)           */
	people_ask_h *talkingh; /**< talks: is not put off duty on record
				     meanwhile (NULL: nobody does)           */
	people_ask_h *registersh; /**< has a telephone that registers, now or
				     soon (NULL: nobody has)                 */
};

enum {
	PEOPLE_SILENT_MS = 15000, /**< who has closed their page            */
	PEOPLE_LOST_MS = 30000,   /**< where the web process itself is gone,
				       or has not said yet who is there     */
	PEOPLE_PHONE_MS = 150000, /**< whose telephone may register again   */
};

/** @param pp new; words: borrow; handlers: copied */
int people_alloc(struct people **pp, const struct plan_words *words,
		 const struct people_handlers *handlers, void *arg);

/** Numbers are sealed to this key from the next people_load() on, and opened
 *  with it: said before the first. @param private Borrow */
void people_key(struct people *p, const struct store_dialler *dialler,
		const uint8_t *private);

/** Now and then: what was sealed to an epoch of the house that is over is
 *  sealed to the next one. */
void people_look(struct people *p);

/** Read the store, tell the changes since the last time. */
int people_load(struct people *p, struct store *store);

/**
 * The core has put somebody off duty: on record with the reason
 *
 * The store is read again when the record is made (or cannot be made: then
 * they are on duty as the store says).
 *
 * @param reason Why, as core_cause_name() says
 */
void people_off(struct people *p, struct store *store, uint32_t id,
		const char *reason);

/**
 * Their browser vanished in a talk: whoever has no telephone is off duty, and
 * on record ("lost"). They are rung again when they say that they are back.
 */
void people_lost(struct people *p, uint32_t id);

/** presenth says something else of a person now. @param lost The web process
 *  is gone, and with it their page */
void people_presence(struct people *p, uint32_t id, bool lost);

/** Does the store say that they are on duty? */
bool people_is_on_duty(const struct people *p, uint32_t id);

/** What to ring for a person: "sip:..." or STORE_PHONE_NUMBER and a number.
 *  @param phone Wipe it after use. @return 0; ENOENT nobody, or nothing that
 *  can be rung */
int people_phone(struct secret_text *phone, const struct people *p,
		 uint32_t id);

/** Is their telephone a number, ready or not? */
bool people_has_number(const struct people *p, uint32_t id);

/** Is a key asked for when their telephone is picked up? */
bool people_asks(const struct people *p, uint32_t id);

/** How many are on duty, and can be rung. */
size_t people_count_on_duty(const struct people *p);

#endif
