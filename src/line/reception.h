/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file reception.h  Every SIP message from outside comes in here
 *
 * In this order: does it come from where too much comes (sieve.h), is it
 * well-formed (message.h), does it belong to a dialog
 * (leg.h), is it a telephone that registers (registrar.h), may it come in
 * (door.h), what does it want. Nothing leaves without
 * being handled: libre's own fallback would write the dialled number to the
 * log.
 */
#ifndef RINGBACK_RECEPTION_H
#define RINGBACK_RECEPTION_H

#include "door.h"
#include "ports.h"
#include "sieve.h"
#include "switchboard.h"

struct reception;

/** @param rp new; the others are borrowed */
int reception_alloc(struct reception **rp, struct sip *sip, struct door *door,
		    struct registrar *registrar,
		    struct switchboard *switchboard);

/** Stand before the ports from the first datagram (sieve.h) and the first
 *  connection (lurkers.h) on. */
int reception_open(struct reception *r, const struct ports *ports);

/** What was dropped before it came in here. */
const struct sieve_count *reception_dropped(const struct reception *r);

/** From now on no new callers: INVITEs get 503. */
void reception_close(struct reception *r);

#endif
