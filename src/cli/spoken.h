/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file spoken.h  What a caller said, out of the sealed file of their message
 */
#ifndef RINGBACK_CLI_SPOKEN_H
#define RINGBACK_CLI_SPOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "seal/seal.h"

/** The private key of an epoch. @return 0, or why there is none */
typedef int(spoken_key_h)(uint8_t private[SEAL_KEY], uint64_t epoch,
			  void *arg);

/**
 * Open a message, part by part
 *
 * @param wavp   new (malloc; wipe it): a WAV file, 16 bits, mono, 8000 Hz
 * @param call   Whose message it is
 * @param sealed As message_read() has it
 * @param h      Asked for the key of each part
 *
 * @return 0; EBADMSG it was changed, or is another call's; ENOMEM; what h
 *         returned
 */
int spoken_open(uint8_t **wavp, size_t *np, uint64_t call,
		const uint8_t *sealed, size_t n, spoken_key_h *h, void *arg);

#endif
