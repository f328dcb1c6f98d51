/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file trial.h  One call for help, tried out in a core of its own
 *
 * What becomes of a call is decided in src/core and nowhere else. So whoever
 * wants to know in advance (`ringback route`, `ringback coverage`) lets the
 * core decide: a core with the same settings and people as the line's, one
 * caller, counsellors who all decline, and a clock that needs no time. The
 * same trial goes the same way each time.
 */
#ifndef RINGBACK_TRIAL_H
#define RINGBACK_TRIAL_H

#include <stddef.h>
#include <stdint.h>

#include "core/core.h"

/** What the caller does. */
enum trial_caller {
	TRIAL_SILENT = 0, /**< picks the language if asked, then presses no
			       key, and speaks after the tone              */
	TRIAL_ASKS,       /**< the same, but asks to be rung back as soon
			       as that is offered                          */
	TRIAL_CALLERS
};

struct trial {
	const struct core_settings *settings; /**< borrow; plan_settings() */
	const struct core_event *people; /**< borrow; CORE_PERSON of each who
					      is on duty                   */
	size_t n_people;
	uint16_t line;
	uint8_t language; /**< index; one that the line speaks         */
	int64_t unix_ms;  /**< when the call arrives                   */
	enum trial_caller caller;
	bool first_ring; /**< it is enough to know that somebody is
			      rung                                    */
};

enum trial_step_type {
	TRIAL_HEARS = 0, /**< .play: what the caller hears from now on     */
	TRIAL_PRESSES,   /**< .key                                         */
	TRIAL_RINGS,     /**< .person                                      */
	TRIAL_PROMISED,  /**< .record.promise is what we owe from now on   */
	TRIAL_REFUSED,   /**< the call was not taken                       */
	TRIAL_STEPS
};

/** One thing that happened, so many milliseconds after the arrival. What is
 *  heard takes a guess of two seconds for each prompt. */
struct trial_step {
	enum trial_step_type type;
	uint64_t ms;
	uint32_t person;
	uint8_t key;
	const struct core_playlist *play; /**< borrow                      */
	const struct core_record *record; /**< borrow; the call as it is   */
};

typedef void(trial_step_h)(const struct trial_step *step, void *arg);

/** How it went. */
struct trial_end {
	bool rung;       /**< somebody's phone rang                     */
	bool promised;   /**< something is owed                         */
	bool asked_long; /**< was told that it takes very long          */
	struct core_record record;
};

/**
 * A core as the line's would be at that time: settings, clock, people on duty
 *
 * @param corep new, core_free() it
 *
 * @return 0, ENOMEM, EINVAL
 */
int trial_core(struct core **corep, const struct trial *t);

/**
 * Try it out, until a promise is made, the core hangs up, or the caller has
 * waited for as long as the line lets them and ten minutes more
 *
 * @param end  How it went
 * @param h    Told of each step; optional
 *
 * @return 0, ENOMEM, EINVAL
 */
int trial_run(const struct trial *t, struct trial_end *end, trial_step_h *h,
	      void *arg);

/** Where such a call ends, whatever the caller does. */
enum trial_fate {
	FATE_HOLE = 0, /**< nobody is rung and nothing can be promised     */
	FATE_PROMISE,  /**< nobody is rung; a message or a ring-back is kept */
	FATE_PERSON,   /**< somebody is rung                               */
	FATES
};

/** Of a trial, for each kind of caller. 0, ENOMEM, EINVAL */
int trial_fate(enum trial_fate *fatep, const struct trial *t);

/** "hole", "promise", "person". */
const char *trial_fate_name(enum trial_fate fate);

#endif
