/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file pauses.h  Who is not to be rung for a while, from one life of this
 * process to the next
 *
 * Media holds it (checkpoint_pauses()). Pure; read as whatever a stranger might
 * have written.
 */
#ifndef RINGBACK_PAUSES_H
#define RINGBACK_PAUSES_H

#include "core/core.h"

/** Bytes of all there can be. */
enum { PAUSES_BYTES = 1 + LIMIT_PEOPLE * 13 };

/** @param p PAUSES_BYTES  @return how many were written */
size_t pauses_encode(uint8_t *p, const struct core_pause *v, size_t n);

/** @param v LIMIT_PEOPLE  @return 0; EBADMSG: *np is 0 */
int pauses_decode(struct core_pause *v, size_t *np, const uint8_t *p, size_t n);

#endif
