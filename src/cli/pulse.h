/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file pulse.h  Does a process still answer?
 *
 * Asks BEAT (wire.h) by a connection of its own, again and again, without ever
 * waiting: the keeper's loop does. Questions that found no answer are counted,
 * no time is measured: a keeper that stood still itself blames nobody.
 */
#ifndef RINGBACK_CLI_PULSE_H
#define RINGBACK_CLI_PULSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/traces.h"

struct pulse {
	char path[LIMIT_NAME]; /**< of its socket; "" nobody is asked      */
	int fd;                /**< readable when it has answered; -1 none */
	unsigned n_unheard;    /**< looks in a row without an answer       */
	uint64_t due_ms;       /**< pulse_look() then; UINT64_MAX never    */
};

enum {
	PULSE_MS = TRACES_SANITIZED ? 1000 : 500, /**< between two looks   */
	PULSE_UNHEARD = 5, /**< so many without an answer: it hangs        */
};

/** @param path Copied; NULL: nobody is asked */
void pulse_init(struct pulse *p, const char *path);

/** Another process is there from now on. */
void pulse_begin(struct pulse *p, uint64_t now_ms);

/** It is not there any more. */
void pulse_end(struct pulse *p);

/** due_ms has come. @return true: it hangs. One that does not listen yet, or
 *  any more, does not */
bool pulse_look(struct pulse *p, uint64_t now_ms);

/** Its descriptor is readable. */
void pulse_read(struct pulse *p);

#endif
