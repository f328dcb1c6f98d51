/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file message.h  The file of a caller's message, for whoever has to find it
 *
 * messages/NUMBER.sealed in the data folder, NUMBER being the call's. Folder
 * 0700 and file 0600, both made and written by the media process alone
 * (src/media/message.h); line, web and command line read and delete.
 *
 * It is sealed while it is spoken (src/seal/stream.h): parts, one for each time
 * the caller spoke, and in each of them chunks of half a second. How long it
 * is, and whether there is one, shows in its heads and its length; what is in
 * it does not, and how much of it is voice neither.
 */
#ifndef RINGBACK_BASE_MESSAGE_H
#define RINGBACK_BASE_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "limits.h"

enum {
	MESSAGE_MS     = 8,    /**< bytes of a millisecond of sound        */
	MESSAGE_PATH   = 40,   /**< bytes of a path, incl. NUL             */
	MESSAGE_HEAD   = 16,   /**< SEAL_HEAD of src/seal/seal.h           */
	MESSAGE_LID    = 120,  /**< STREAM_LID of src/seal/stream.h        */
	MESSAGE_CHUNK  = 4095, /**< STREAM_CHUNK                           */
	MESSAGE_SEALED = 4113, /**< STREAM_SEALED                          */
	MESSAGE_STEP   = 20,   /**< STREAM_STEP                            */
	/** Chunks that a message may have before it is full; what fills up its
	 *  last part may follow. */
	MESSAGE_CHUNKS = 1760,
};

_Static_assert(MESSAGE_CHUNKS * MESSAGE_CHUNK >=
	       LIMIT_MESSAGE_ALL_S * 1000 * MESSAGE_MS, "all that may be said");

struct message_info {
	uint32_t n_parts;
	uint32_t n_chunks;
	uint32_t ms;     /**< of sound at most: the end of a part is filled up */
	uint64_t epoch;  /**< to which its last part is sealed             */
	uint32_t n;      /**< bytes up to the end of its last whole chunk  */
};

/** The folder, relative to the data folder as all paths here. */
extern const char message_folder[];

/** What the name of each file ends with. */
extern const char message_ending[];

/** Path of a call's message. */
void message_path(char path[MESSAGE_PATH], uint64_t call);

/** What is in this file. @return 0; ENOENT nothing yet; EBADMSG it is no
 *  message; EIO, ... */
int message_scan(struct message_info *info, int fd);

/** What is there. @return 0; ENOENT no message, or nothing in it yet; EBADMSG
 *  not one; EIO, ... */
int message_look(struct message_info *info, uint64_t call);

/**
 * The whole message as it is, sealed, up to its last whole chunk
 *
 * @param sealedp new (malloc), n bytes
 *
 * @return as message_look(); ENOMEM
 */
int message_read(uint8_t **sealedp, size_t *np, uint64_t call);

/** There is no message of this call any more; gone_wipe() deletes it (gone.h).
 *  @return 0, also if there was none; EACCES, ... */
int message_retire(uint64_t call);

/** The same, and waits until it is written over and deleted. */
int message_remove(uint64_t call);

#endif
