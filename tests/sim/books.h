/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file books.h  What the core was told, and what it must answer
 *
 * Private to the checks (books.c writes, check.c compares).
 */
#ifndef RINGBACK_SIM_BOOKS_H
#define RINGBACK_SIM_BOOKS_H

#include <sys/queue.h>

#include "check.h"

struct book_person;

struct book_call {
	uint64_t call; /* 0: empty slot */
	uint64_t arrived;
	uint16_t line;
	uint8_t language;
	bool recorded, answered, connected;
	uint64_t connected_at;
	uint32_t n_rings; /* phones that ring for it */
	struct book_person *person; /* talking, or NULL */
	TAILQ_ENTRY(book_call) open;
};

TAILQ_HEAD(book_calls, book_call);

struct book_person {
	uint32_t id;
	uint32_t wrap_up_ms;
	bool on;
	uint64_t offer; /* until its leg is reported over */
	struct book_call *call;
	uint64_t rung_at;
	bool accepted, withdrawn;
	bool late; /* withdrawn because its time was over */
	bool to_stop; /* must be withdrawn in this very step */
	unsigned n_failed; /* rings in a row */
	bool wrapping_up;
	uint64_t pause_until; /* 0: none */
	uint64_t free_since;  /* step; 0: was not free after the last one */
};

/* What the event of this step asks for. */
struct expect {
	int err;
	unsigned n[CORE_ACTIONS]; /* offers are not counted here */
	uint64_t call, offer;
	uint32_t person;           /* of going off duty */
	enum core_cause cause;     /* of a refusal, of going off duty */
	struct core_record record; /* of an update */
};

struct check {
	const struct core *core;
	struct core_settings settings;
	uint64_t now;
	uint64_t n_steps;
	uint64_t last_call, n_open;
	enum core_event_type event;
	struct expect expect;
	struct book_calls open; /* in the order of arrival */
	struct book_call calls[LIMIT_CALLS];
	struct book_person people[LIMIT_PEOPLE];
	size_t n_people;
	uint32_t last_rung;
	uint64_t outcomes[OUTCOMES];
	bool skip[CHECK_RULE_COUNT];
	enum check_rule broken;
	char text[200];
};

/** NULL if there is none that is open, known, not over. borrow */
struct book_call *book_find_call(struct check *k, uint64_t call);
struct book_person *book_find_person(struct check *k, uint32_t id);
struct book_person *book_find_offer(struct check *k, uint64_t offer);

/** Answered, and not talking. */
bool book_waiting(const struct book_call *c);

/** As many phones may ring for one caller. */
uint32_t book_max_rings(const struct check *k);

/** Neither picked up nor withdrawn. */
bool book_ringing(const struct book_person *p);

/** This step must ask for one more of these. */
void book_want(struct check *k, enum core_action_type type);

/** The phone is to stop; the call it rang for waits again. */
void book_withdraw(struct book_person *p, bool late);

#endif
