/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file messagefile.h  The file of one message, as it grows
 *
 * Sound goes in, and is sealed (seal/stream.h) before any of it leaves memory.
 * Every function may wait for the disk: not for the loop.
 */
#ifndef RINGBACK_MEDIA_MESSAGEFILE_H
#define RINGBACK_MEDIA_MESSAGEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/message.h"
#include "codec.h"
#include "message.h"
#include "seal/stream.h"

/** In locked memory, from open to close */
struct messagefile_secret {
	struct stream stream; /**< holds a key                            */
	uint8_t plain[STREAM_CHUNK];
};

struct messagefile {
	int fd;            /**< -1 if it is not open                      */
	uint64_t name;
	enum codec codec;  /**< of the sound that comes                   */
	struct message_seal seal;
	uint32_t n_parts;  /**< that are there before this one            */
	uint32_t n_before; /**< chunks of theirs                          */
	off_t begin;       /**< where this part begins                    */
	/* of this part */
	struct messagefile_secret *secret; /**< NULL: it is not open       */
	uint32_t n_chunks; /**< handed to the system                      */
	bool broken;       /**< a chunk could not be: nothing may follow  */
	uint32_t n;        /**< bytes of sound handed to the system       */
	uint32_t n_synced; /**< that are on disk                          */
	uint32_t n_plain;  /**< that wait for the rest of their chunk     */
};

void messagefile_init(struct messagefile *f, enum codec c,
		      const struct message_seal *seal);

/**
 * Make the folder if need be, and the file; or begin another part at the end of
 * what is there whole
 *
 * One without any sound in it, as a crash may leave behind, is replaced.
 *
 * @return 0; EEXIST what is there is no message, EFBIG it is full, EINVAL no
 *         key to seal to, ENOSPC, EACCES, ...: then there is no new file, and
 *         an old one as it was
 */
int messagefile_open(struct messagefile *f, uint64_t name);

/** Add sound; what is no whole chunk waits. @return 0; ENOSPC, EFBIG (also:
 *  MESSAGE_CHUNKS), EIO: some of it may have been added */
int messagefile_write(struct messagefile *f, const uint8_t *p, size_t n);

/** Put on disk what the system has. @return 0; EIO, ... */
int messagefile_sync(struct messagefile *f);

/** Put all messages on disk. @return 0; EIO, ... */
int messagefile_sync_all(void);

/** This part was nothing: go back to the end of the one before; the first part
 *  stays. @return 0; EIO, ... */
int messagefile_back(struct messagefile *f);

/** Seal the rest, end the part, put it on disk, forget its key; without any
 *  sound the part, or the whole file, is removed. The file's times are those
 *  of its day's beginning. @return 0; ENOSPC, EIO,
 *  ...: as far as whole chunks are there */
int messagefile_close(struct messagefile *f);

#endif
