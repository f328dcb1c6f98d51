/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file held.h  A private key in locked memory: never swapped, with guard
 * pages around it, wiped when it is let go
 *
 * The dialler's key (src/epoch/numbers.h) is held by the keeper, and by the
 * line that the keeper starts: the one hands it to the other by a pipe. Of
 * either, as long as one lives, the other gets it back.
 */
#ifndef RINGBACK_SEAL_HELD_H
#define RINGBACK_SEAL_HELD_H

#include "seal.h"

struct held;

/** At random. @param hp new, held_free(); sodium_init() comes first. ENOMEM */
int held_random(struct held **hp);

/** Of a secret that is there at each boot (keyed BLAKE2b): always the same.
 *  @param n At least SEAL_KEY bytes. EINVAL, ENOMEM */
int held_derive(struct held **hp, const uint8_t *secret, size_t n);

/** What somebody else held. ENOMEM, EINVAL all zeros */
int held_copy(struct held **hp, const uint8_t private[SEAL_KEY]);

/** takes; NULL is fine */
void held_free(struct held *h);

/** borrow */
const uint8_t *held_private(const struct held *h);
const uint8_t *held_public(const struct held *h);

/** Into a pipe, which holds it until it is read: does not wait. @return 0, or
 *  why it cannot be written */
int held_write(const struct held *h, int fd);

/** A pipe that nobody else has, with the key in it. @param fdp Where it is read,
 *  close(); set on success. @return 0; EMFILE, ... */
int held_pipe(const struct held *h, int *fdp);

/** From a pipe, to its end. @return 0; EINVAL no key came; ENOMEM, EIO */
int held_read(struct held **hp, int fd);

#endif
