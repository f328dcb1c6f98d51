/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file coarse.h  Times as they stay on record: no finer than is needed
 *
 * Whoever holds the telephone company's records knows the second of each call,
 * and its length. What is kept here of one that is over must fit as many of
 * them as possible. While something is open it has its exact times: they are
 * needed. See docs/threat-model.md.
 *
 * Moments are rounded down, so that nothing is of tomorrow; spans up, so that
 * "within 20 seconds" stays true or false and a short talk is one. What is less
 * than one step after 1970 stays as it is: 0 is "none".
 */
#ifndef RINGBACK_STORE_COARSE_H
#define RINGBACK_STORE_COARSE_H

#include "audit.h"
#include "credential.h"
#include "store.h"

/** milliseconds */
enum {
	COARSE_SECONDS = 5 * 1000,     /**< how long somebody waited        */
	COARSE_MINUTE = 60 * 1000,     /**< how long they talked; audit     */
	COARSE_SIGHT = 10 * 60 * 1000, /**< when a browser was seen         */
	COARSE_QUARTER = 15 * 60 * 1000, /**< when a call came, or was tried */
	COARSE_HOUR = 60 * 60 * 1000,  /**< when a promise was made, was due */
};

/** A moment (Unix time, milliseconds), not later than it was */
int64_t coarse_moment(int64_t at, int64_t step);

/** A span (milliseconds), not shorter than it was */
uint64_t coarse_span(uint64_t ms, uint64_t step);

/* each as it is to be written; nothing else of it is changed */
void coarse_call(struct store_call *call);
void coarse_promise(struct store_promise *promise);
void coarse_attempt(struct store_attempt *attempt);
void coarse_audit(struct store_audit *row);
void coarse_session(struct store_session *session);
void coarse_credential(struct store_credential *credential);

#endif
