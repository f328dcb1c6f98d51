/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file stream.h  Seals what a caller says, while they say it, and backups
 *
 * Format of one part of a message; a file holds one or more of them:
 *
 *     head, box   96  as in seal.h, kind 'M'; detail: the codec (0 PCMU, 8
 *                     PCMA, as in RFC 3551)
 *     header      24  of crypto_secretstream_xchacha20poly1305
 *     chunks          of STREAM_CHUNK bytes of sound, padded (ISO/IEC 7816-4)
 *                     to STREAM_PADDED, and 17 more; head, subject and number
 *                     of the part (64 bits) are associated data of each
 *
 * The last chunk is tagged FINAL; before it come chunks without sound until
 * there are STREAM_STEP of them, so that the length tells little. A part
 * without it was broken off by a crash: what is there is as it was said.
 * The key is in memory as long as the part grows, and nowhere else. A backup is
 * one such part, kind 'B': see archive.h.
 */
#ifndef RINGBACK_SEAL_STREAM_H
#define RINGBACK_SEAL_STREAM_H

#include <sodium.h>
#include <stdbool.h>

#include "seal.h"

enum {
	STREAM_PADDED = 4096,
	STREAM_CHUNK = STREAM_PADDED - 1, /**< of sound at most: half a second */
	STREAM_SEALED = STREAM_PADDED +
			crypto_secretstream_xchacha20poly1305_ABYTES,
	STREAM_LID = SEAL_HEAD + SEAL_BOX +
		     crypto_secretstream_xchacha20poly1305_HEADERBYTES,
	STREAM_STEP = 20, /**< chunks of a part are a multiple of this      */
};

/** Holds a key: stream_wipe() in the end. */
struct stream {
	crypto_secretstream_xchacha20poly1305_state state;
	uint8_t bound[SEAL_BOUND + 8];
	uint32_t n_chunks; /**< so far                                      */
	bool over;         /**< the last one was FINAL                      */
};

/**
 * Begin a part
 *
 * @param lid    The first bytes of it
 * @param about  kind is SEAL_MESSAGE or SEAL_BACKUP
 * @param part   0 for the first of its file
 *
 * @return 0; EINVAL no public key, another kind
 */
int stream_begin(struct stream *s, uint8_t lid[STREAM_LID],
		 const struct seal_about *about, uint64_t part,
		 const uint8_t public[SEAL_KEY]);

/** Seal the next chunk. @return 0; EINVAL longer than STREAM_CHUNK, or over */
int stream_push(struct stream *s, uint8_t out[STREAM_SEALED],
		const uint8_t *in, size_t n, bool last);

/** How many chunks without sound go before the last one now. */
uint32_t stream_missing(const struct stream *s);

/** Begin to read a part. @return as seal_open() */
int stream_open(struct stream *s, const uint8_t lid[STREAM_LID],
		const struct seal_about *about, uint64_t part,
		const uint8_t private[SEAL_KEY]);

/** Open the next chunk; s->over after the last.
 *  @param out STREAM_PADDED bytes
 *  @return 0; EBADMSG changed, missing, in another order, or after the end */
int stream_pull(struct stream *s, uint8_t *out, size_t *np,
		const uint8_t in[STREAM_SEALED]);

void stream_wipe(struct stream *s);

#endif
