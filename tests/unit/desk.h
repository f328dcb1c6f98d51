/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file desk.h  A core with a clock and the answers of its last step
 *
 * For the tests of the core (core_*.c). What the core asked for is compared
 * as words: "play update offer". To be included after cmocka.h.
 */
#ifndef RINGBACK_TEST_DESK_H
#define RINGBACK_TEST_DESK_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "core/priv.h"

enum {
	ANNA = 7001, /* ids of the database: any number */
	BELA = 12,
	CEM = 8000,
	RING_MS = 20000,
	REST_MS = 30000,
	SHORT_MS = 5000,
	WRAP_UP_MS = 60000,
	FIRST_CALL = 4711,
	LINE = 3,
	OTHER_LINE = 4,
	EN = 0, /* languages */
	ES = 1,
	OFFER_MS = 45000,
	MAX_WAIT_MS = 600000,
	PROMISE_MS = 3600000,
	CLIMB_MS = 1800000,
	ATTEMPT_MS = 300000,
	ATTEMPTS_MAX = 3,
	HANDLE = 0xabcde,
	STEPS = 2 * LIMIT_RING_AT_ONCE + 40,
};

/** Wall time when the clock of a desk is told. */
#define MORNING ((int64_t)1760000000000)

struct traced {
	const struct step_machine *machine;
	uint64_t id;
	uint8_t from, event, next;
	bool unexpected;
};

struct desk {
	struct core *core;
	struct core_actions did;
	uint64_t now;
	bool closed, unsafe; /* what the calendar says of any time */
	size_t n_traced;     /* of the last step */
	struct traced traced[STEPS];
};

/** A line that does all it can, and a desk that rings one at a time. */
struct core_settings desk_settings(struct desk *d);
int desk_open_as(struct desk *d, const struct core_settings *settings);

/** Lines that can do nothing but ring. */
int desk_open_with(struct desk *d, enum core_strategy strategy,
		   uint32_t ring_at_once, uint32_t rest_ms,
		   uint32_t short_ms);
int desk_open(struct desk *d, uint32_t rest_ms, uint32_t short_ms);

/** cmocka's: one at a time; all at once; one that does all it can. */
int desk_setup(void **state);
int desk_setup_all(void **state);
int desk_setup_whole(void **state);
int desk_teardown(void **state);

#define DESK(test)                                                            \
	cmocka_unit_test_setup_teardown(test, desk_setup, desk_teardown)
#define DESK_ALL(test)                                                        \
	cmocka_unit_test_setup_teardown(test, desk_setup_all, desk_teardown)
#define DESK_WHOLE(test)                                                      \
	cmocka_unit_test_setup_teardown(test, desk_setup_whole, desk_teardown)

int tell(struct desk *d, struct core_event ev);

#define TELL(d, ...) tell((d), (struct core_event){__VA_ARGS__})
#define OK(d, ...)   assert_int_equal(TELL((d), __VA_ARGS__), 0)

/** What the last step asked for, in words. */
const char *did(const struct desk *d, char *buf, size_t size);

#define DID(d, words)                                                         \
	do {                                                                  \
		char buf_[512];                                               \
		assert_string_equal(did((d), buf_, sizeof(buf_)), (words));   \
	} while (0)

/** The first action of a type in the last step; that it was asked for. */
const struct core_action *the(const struct desk *d,
			      enum core_action_type type);
bool asked(const struct desk *d, enum core_action_type type);

/** The record of the last update in the last step. */
const struct core_record *told(const struct desk *d);

enum person_state at(const struct desk *d, uint32_t person);
uint64_t offer_of(const struct desk *d, uint32_t person);
enum call_state where(const struct desk *d, uint64_t call);
uint32_t rings(const struct desk *d, uint64_t call);
struct core_record record_of(const struct desk *d, uint64_t call);

void on_duty_as(struct desk *d, uint32_t person, uint32_t languages,
		uint32_t skills);
void on_duty(struct desk *d, uint32_t person);
void off_duty(struct desk *d, uint32_t person);
uint64_t arriving_as(struct desk *d, uint16_t line, uint32_t handle);
uint64_t arriving(struct desk *d);
uint64_t answering(struct desk *d);
uint64_t waiting(struct desk *d);
uint64_t waiting_as(struct desk *d, uint16_t line, uint32_t handle);
uint64_t accepted(struct desk *d, uint32_t person);
void not_accepted(struct desk *d, uint32_t person, enum core_cause cause);
void caller_gone(struct desk *d, uint64_t call);

/** Until the next deadline, and what is due then. */
void ring_time_over(struct desk *d);

/** It is so late now: all that is due by then. */
void until(struct desk *d, uint64_t when);

/** What is due now, such as a walk over all calls. */
void settle(struct desk *d);

/** The clock is told; what follows is done. */
void clock_says(struct desk *d, int64_t unix_ms);

/* the dialogue */
void key(struct desk *d, uint64_t call, uint8_t k);
void played(struct desk *d, uint64_t call);
void silence(struct desk *d, uint64_t call);

/** Leaves a message up to the tone; speaks; hangs up: it stays open. */
void speaks(struct desk *d, uint64_t call);
uint64_t message_left(struct desk *d);

/** Asks to be rung back, with these words allowed (1 to 3); hears thanks. */
void asks_ring_back(struct desk *d, uint64_t call, uint8_t words);

/** The same, and hangs up: it is due at once. */
uint64_t promised(struct desk *d, uint32_t handle);

/** One who is due, ANNA accepts, and it rings there. */
uint64_t dialling(struct desk *d);

const struct traced *traced(const struct desk *d,
			    const struct step_machine *m, uint8_t event);

#endif
