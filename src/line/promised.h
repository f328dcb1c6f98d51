/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file promised.h  Numbers of callers to whom something is owed: sealed on their
 * way to disk, opened on their way back
 *
 * The key is the dialler's (src/epoch/numbers.h), held by this process and the
 * keeper. What it does not open waits until somebody's page brings it back.
 */
#ifndef RINGBACK_PROMISED_H
#define RINGBACK_PROMISED_H

#include <stdbool.h>
#include <stdint.h>

#include "store/number.h"

struct call;
struct store_promise;
struct switchboard;
struct wire_number_back;
struct wire_number_row;

/** Is our public key on record as the current one? Puts it there if not: at
 *  the start, and each minute should that have failed. */
void promised_key_keep(struct switchboard *sb);

/** The number that a call's promise is to be kept with: call->sealed is made
 *  of call->number. @return 0; ENOKEY our key is not on record, EIO, ... */
int promised_seal(struct call *call);

/** Seals it anew if it is open here, and was sealed to another key than ours, to
 *  no epoch as there was no recovery key, or never. Stays as it was if that
 *  fails. */
void promised_renew(struct call *call);

/** The same of all promises, and writes what has changed: when there may be new
 *  keys. */
void promised_look(struct switchboard *sb);

/** The other way, of what the store holds. @return is there a number? It
 *  waits if call->number is empty then. */
bool promised_open(struct call *call, const struct store_promise *promise);

/** Has it one that waits? */
bool promised_waits(const struct call *call);

/** How many promises wait, and how many have a number that no epoch can bring
 *  back: for the status. */
void promised_count(const struct switchboard *sb, uint32_t *n_waiting,
		uint32_t *n_unbacked);

/**
 * Somebody's page has brought a number back; on record
 *
 * @return 0; ENOENT no number of this call waits (any more); ESTALE it is
 *         sealed to another key than ours; EBADMSG it is not that
 */
int promised_back(struct switchboard *sb, const struct wire_number_back *back,
		  const struct wire_number_row *row);

#endif
