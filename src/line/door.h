/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file door.h  Who may bring a caller
 *
 * Requests outside dialogs come from trunks, or from strangers. A stranger
 * with an INVITE is challenged (401, SHA-256 and MD5), let in if it proves a
 * trunk account, refused (403) if it does not; and it gets only so many
 * answers, then silence. Nothing is kept per stranger but a few numbers in a
 * fixed table.
 */
#ifndef RINGBACK_DOOR_H
#define RINGBACK_DOOR_H

#include <re.h>

#include "trunk.h"

struct door;

/** @param dp new; trunks: borrow */
int door_alloc(struct door **dp, struct sip *sip, const struct trunks *trunks);

/**
 * May this request come in?
 *
 * @return true; false if it has been refused, or is to be met with silence
 */
bool door_admit(struct door *d, const struct sip_msg *msg);

/** Is it the address of a trunk? */
bool door_knows(const struct door *d, const struct sa *addr);

/** May an answer go to this address at all? Trunks: always. */
bool door_may_answer(struct door *d, const struct sa *addr);

/** The same for whoever was seen at this address before, or has a connection
 *  from there: a flood from others does not keep them out. */
bool door_may_answer_known(struct door *d, const struct sa *addr);

#endif
