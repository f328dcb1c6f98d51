/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file change.h  One release in place of another, while people talk
 *
 * Process by process: a new media process takes new legs, the old one ends with
 * its last; the page's process is stopped and started; the line's is killed, as
 * it may be at any moment, and the next one goes on with its calls; last the
 * keeper becomes its successor (execv). One that does not say that it is ready
 * is replaced by its predecessor again, and so are those before it.
 *
 * Releases whose messages differ (wire_hash()) cannot run side by side: all are
 * replaced at once, while nobody is on the line. See
 * docs/decisions/0040-upgrade.md.
 */
#ifndef RINGBACK_CLI_CHANGE_H
#define RINGBACK_CLI_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "release.h"

/** Where the keeper is asked: SOCK_SEQPACKET, and texts, since the program that
 *  asks may be of another release. First CHANGE_ASK or CHANGE_ASK_IDLE and a
 *  folder, or nothing; answered by packets that begin with one of the others. */
#define CHANGE_SOCKET "run/keeper.sock"
enum change_word {
	CHANGE_ASK = 'u',      /**< now                                      */
	CHANGE_ASK_IDLE = 'i', /**< as soon as nobody is on the line         */
	CHANGE_SAYS = '.',     /**< for people                               */
	CHANGE_DONE = '+',     /**< and that is the end                      */
	CHANGE_FAILED = '-',   /**< what was is as it was                    */
};

enum change_state {
	CHANGE_NONE = 0,
	CHANGE_WAITS, /**< until nobody is on the line                       */
	CHANGE_NEXT,  /**< the next process is to be replaced                */
	CHANGE_READY, /**< one was, and is to say that it is ready           */
	CHANGE_ALL,   /**< all were, and are to say so                       */
	CHANGE_STATES
};

struct keeper;

struct change {
	uint8_t state;           /**< enum change_state                      */
	bool back;               /**< to the release that was                */
	bool at_once;            /**< all of them together                   */
	int client;              /**< who asked; -1                          */
	struct release next;
	char lock[LIMIT_NAME];   /**< READY: of which process                */
	uint64_t due;            /**< READY, ALL: too late; WAITS: look then */
};

/** Listen. @return 0; errno, said */
int change_open(struct keeper *k);

/** Somebody connects. */
void change_asked(struct keeper *k);

/** Go on, if there is anything to be done. */
void change_run(struct keeper *k);

/** When to come back; UINT64_MAX: nothing is being done. */
uint64_t change_due(const struct keeper *k);

/** The keeper is told to stop: whatever is under way is not gone on with. */
void change_stop(struct keeper *k);

/** Tell who asked; the connection ends with all but CHANGE_SAYS. */
void change_tell(struct change *ch, enum change_word word, const char *fmt,
		 ...) __attribute__((format(printf, 3, 4)));

#endif
