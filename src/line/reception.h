/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file reception.h  Every SIP message from outside comes in here
 *
 * In this order: is it well-formed (message.h), does it belong to a dialog
 * (leg.h), is it a telephone that registers (registrar.h), may it come in
 * (door.h), what does it want. Nothing leaves without
 * being handled: libre's own fallback would write the dialled number to the
 * log.
 */
#ifndef RINGBACK_RECEPTION_H
#define RINGBACK_RECEPTION_H

#include "door.h"
#include "switchboard.h"

struct reception;

/** @param rp new; the others are borrowed */
int reception_alloc(struct reception **rp, struct sip *sip, struct door *door,
		    struct registrar *registrar,
		    struct switchboard *switchboard);

/** From now on no new callers: INVITEs get 503. */
void reception_close(struct reception *r);

#endif
