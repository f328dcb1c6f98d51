/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file people.h  The counsellors as the line knows them: id and phone
 *
 * The store says who exists and who is on duty; changes become core events.
 */
#ifndef RINGBACK_PEOPLE_H
#define RINGBACK_PEOPLE_H

#include <re.h>

#include "core/core.h"
#include "plan/plan.h"
#include "store/store.h"

struct people;

/** A change for the core. */
typedef void(people_event_h)(const struct core_event *ev, void *arg);

/** @param pp new; words: borrow */
int people_alloc(struct people **pp, const struct plan_words *words,
		 people_event_h *h, void *arg);

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

/** Whom to ring for a person (borrow); NULL if unknown by now. */
const struct secret_text *people_phone(const struct people *p, uint32_t id);

/** How many are on duty. */
size_t people_count_on_duty(const struct people *p);

#endif
