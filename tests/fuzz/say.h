/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file say.h  What somebody outside may say, made of few bytes
 *
 * A little grammar: which message, in which dialog, with which of a list of
 * headers; then any part of it replaced by any bytes. So what libFuzzer makes
 * up gets past tags, branches and proofs, which it would never guess.
 */
#ifndef RINGBACK_FUZZ_SAY_H
#define RINGBACK_FUZZ_SAY_H

#include "world.h"

/** Uses up some bytes, and does what they mean. */
typedef void(say_h)(struct world *w, struct food *f);

say_h say_request;  /**< in a dialog, in none, in somebody else's */
say_h say_answer;   /**< to a request of the line                 */
say_h say_register; /**< of Ben's telephone, with proof or without */
say_h say_raw;      /**< any bytes                                */
say_h say_again;    /**< nobody speaks, and time passes           */
say_h say_key;      /**< media: somebody pressed a key            */

/** Go on as long as there is something to do: what the first byte says. */
void say_all(struct world *w, struct food *f, say_h *const *v, size_t n);

#endif
