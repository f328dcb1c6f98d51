/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file dialler_key.h  Where the keeper has the dialler's key from
 *
 * In this order: a boot credential (systemd: LoadCredentialEncrypted=), so that
 * callers are rung back after a power loss without anybody; the line that
 * already runs; or none of these, and a new one is made. See
 * docs/decisions/0028-dialler-key.md.
 */
#ifndef RINGBACK_CLI_DIALLER_KEY_H
#define RINGBACK_CLI_DIALLER_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "seal/held.h"

/** The credential's name. */
#define DIALLER_KEY_CREDENTIAL "ringback-dialler"

/**
 * Get it, in the current folder, as the one who holds run/keeper.lock
 *
 * @param hp     new, held_free()
 * @param againp A line runs that did not give its own: it is to be asked again,
 *               or keeper and line have different keys as long as it lives
 *
 * @return 0, ENOMEM
 */
int dialler_key_get(struct held **hp, bool *againp);

/**
 * Ask the line once more; waits for a moment at most
 *
 * @param hp The line's key in place of this one, which is freed; as it was on
 *           an error
 *
 * @return 0; ENOENT, ECONNREFUSED, ETIMEDOUT it does not answer; EPERM
 */
int dialler_key_again(struct held **hp);

/** Milliseconds until the next one, when it was asked again n times in vain:
 *  soon at first, then each minute. */
uint64_t dialler_key_pause_ms(unsigned n);

/** Of the credential in this folder (NULL: there is none). @return 0; ENOENT;
 *  EINVAL fewer than SEAL_KEY bytes; EFBIG; EACCES, ... */
int dialler_key_boot(struct held **hp, const char *folder);

#endif
