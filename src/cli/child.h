/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file child.h  One process that the keeper keeps running
 *
 * A state table decides (down, up, stopping, killing); the keeper's loop only
 * waits. A child is started, or adopted if one already holds its lock: a
 * keeper that was killed leaves its children running.
 */
#ifndef RINGBACK_CLI_CHILD_H
#define RINGBACK_CLI_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/limits.h"
#include "base/step.h"
#include "seal/held.h"
#include "pulse.h"
#include "release.h"

enum child_state {
	CHILD_DOWN = 0, /**< does not run; started when due               */
	CHILD_UP,
	CHILD_STOPPING, /**< was asked to end                             */
	CHILD_KILLING,  /**< did not: SIGKILL is out                      */
	CHILD_STATES
};

enum child_event {
	CHILD_STARTED = 0,
	CHILD_ENDED, /**< it has ended                                    */
	CHILD_STOP,  /**< it shall end                                    */
	CHILD_LATE,  /**< it was given time and did not                   */
	CHILD_HUNG,  /**< it does not answer any more                     */
	CHILD_EVENTS
};

struct child {
	char name[LIMIT_NAME]; /**< "ringback-media-2": as it is started   */
	char lock[LIMIT_NAME]; /**< "media-2"                              */
	char base[LIMIT_NAME]; /**< lock of its first life: config_media.h */
	enum release_part part;
	const struct program *program; /**< borrow                         */
	const struct held *key; /**< borrow: handed to it by a pipe, with
				    --key-fd; NULL none                    */
	uint8_t state;         /**< enum child_state, moved by step()      */
	bool adopted;          /**< another keeper started it              */
	pid_t pid;
	int pidfd;             /**< readable when it has ended; -1: none   */
	uint64_t started_ms;
	uint64_t due_ms;       /**< DOWN: start it then; STOPPING: kill it */
	uint32_t delay_ms;     /**< before the next start                  */
	uint32_t n_config;     /**< ends in a row that said EX_CONFIG      */
	uint32_t n_killed;     /**< times it would not end by itself       */
	struct pulse pulse;    /**< does it hang?                          */
	uint32_t n_ends;
	uint32_t n_ends_wanted; /**< by child_replace()                    */
	bool replaced;         /**< it has not ended yet                   */
	bool leaves;           /**< not started again: another life of it
				    runs                                   */
};

/** Ends in a row with "the configuration is wrong" that stop the keeper. */
enum { CHILD_CONFIG_ENDS = 5 };

/** @param program borrow; it holds run/LOCK.lock, and is started as
 *                 "ringback-LOCK" */
void child_init(struct child *c, enum release_part part,
		const struct program *program, const char *lock);

/**
 * Start it in the current folder, or adopt the one that holds its lock
 *
 * @param dir Told to it with --data
 *
 * @return 0; an error counts as an end: it is due again after the delay
 */
int child_start(struct child *c, const char *dir, uint64_t now_ms);

/** The pidfd is readable: say why it ended, and when it is due again. */
void child_ended(struct child *c, uint64_t now_ms);

/** Ask it to end (SIGTERM); killed when ten seconds have not been enough. */
void child_stop(struct child *c, uint64_t now_ms);

/** It hangs: killed, and started again as if it had died. */
void child_hung(struct child *c);

/** Another program is to run in its place: it is sent this signal, and started
 *  anew as soon as it has ended. */
void child_replace(struct child *c, const struct program *program, int sig,
		   uint64_t now_ms);

/** Send it a signal, that does not end it. */
void child_signal(const struct child *c, int sig);

/** It ends now. */
void child_kill(struct child *c);

/** due_ms has come while it is stopping. */
void child_late(struct child *c);

/** When to come back: child_start() or child_late(); UINT64_MAX: never. */
uint64_t child_due(const struct child *c);

/** Its configuration is wrong, as often as it was started. */
bool child_hopeless(const struct child *c);

/** For tests: what an end does to the delay. code: exit status, -1 none. */
void child_count_end(struct child *c, int code, uint64_t now_ms);

extern const struct step_machine child_machine;

#endif
