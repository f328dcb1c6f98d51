/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file archive.h  Seals a backup to the recovery key, as it is written
 *
 * Format of a backup, and of the keyring beside it; numbers big-endian:
 *
 *     name    16  "Ringback backup", version 1
 *     made_at  8  Unix time, milliseconds
 *     public  32  of the recovery key it is sealed to: whose shares open it
 *     part        one part as in stream.h; its head: kind 'B', detail 0 a
 *                 backup, 1 a keyring, and in place of an epoch which
 *                 installation it is of; subject: made_at; number of the part: 0
 *
 * What is sealed in it, its chunks put together, is a tar file (POSIX ustar): of
 * a backup "store.db" (SQLite), "messages/NUMBER.sealed" of each open message,
 * "ringback.conf"; of a keyring "grants" (src/store/backup.h). It is whole if
 * its last chunk is tagged FINAL and nothing follows. Its length says how much
 * is in it to 80 KiB, as that of a message does.
 */
#ifndef RINGBACK_SEAL_ARCHIVE_H
#define RINGBACK_SEAL_ARCHIVE_H

#include "stream.h"

enum {
	ARCHIVE_NAME = 16,
	ARCHIVE_HEAD = ARCHIVE_NAME + 8 + SEAL_KEY,
	ARCHIVE_LID = ARCHIVE_HEAD + STREAM_LID, /**< before the chunks     */
};

enum archive_kind {
	ARCHIVE_BACKUP = 0, /**< all but what opens it                      */
	ARCHIVE_KEYRING,    /**< keys of epochs, sealed to people           */
};

/** What can be read of it without a key. */
struct archive_about {
	enum archive_kind kind;
	uint64_t house;    /**< of which installation                       */
	int64_t made_at;   /**< Unix time, milliseconds                     */
	uint8_t public[SEAL_KEY]; /**< of the recovery key                  */
};

/**
 * Begin one; the chunks follow by stream_push(), up to the last
 *
 * @param lid The first bytes of the file
 *
 * @return 0; EINVAL no public key, no time
 */
int archive_begin(struct stream *s, uint8_t lid[ARCHIVE_LID],
		  const struct archive_about *about);

/** What the first n bytes of a file say, which may have been changed.
 *  @return 0; EBADMSG it is none; ENOTSUP of a newer Ringback */
int archive_look(struct archive_about *about, const uint8_t *lid, size_t n);

/** Begin to read; the chunks follow by stream_pull().
 *  @return as archive_look(); EKEYREJECTED for another key */
int archive_open(struct stream *s, const uint8_t lid[ARCHIVE_LID],
		 const uint8_t private[SEAL_KEY]);

#endif
