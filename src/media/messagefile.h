/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file messagefile.h  The file of one message, as it grows
 *
 * Every function may wait for the disk: not for the loop.
 */
#ifndef RINGBACK_MEDIA_MESSAGEFILE_H
#define RINGBACK_MEDIA_MESSAGEFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/message.h"
#include "codec.h"

struct messagefile {
	int fd;            /**< -1 if it is not open                      */
	uint64_t name;
	enum codec codec;  /**< of the sound that comes                   */
	enum message_format format; /**< of the file                      */
	uint32_t n_before; /**< bytes of sound in earlier parts           */
	uint32_t voiced_before_ms;
	/* of this part */
	uint32_t n;        /**< bytes of sound handed to the system       */
	uint32_t n_head;   /**< of which the head speaks                  */
	uint32_t n_synced; /**< that are on disk                          */
};

void messagefile_init(struct messagefile *f, enum codec c);

/**
 * Make the folder if need be, and the file; or go on with the one that is
 * there, to whose end its head is brought up first
 *
 * One without any sound in it, as a crash may leave behind, is replaced.
 *
 * @return 0; EEXIST what is there is no message, EFBIG it is full, ENOSPC,
 *         EACCES, ...: then there is no new file, and an old one as it was
 */
int messagefile_open(struct messagefile *f, uint64_t name);

/** Add sound. @return 0; ENOSPC, EFBIG (also: MESSAGE_MOST), EIO: some of it
 *  may have been added */
int messagefile_write(struct messagefile *f, const uint8_t *p, size_t n);

/** Bring the head up to date. @return 0; EIO, ... */
int messagefile_head(struct messagefile *f, uint32_t voiced_ms);

/** The same, then put it on disk. @return 0; EIO, ... */
int messagefile_sync(struct messagefile *f, uint32_t voiced_ms);

/** Put all messages on disk. @return 0; EIO, ... */
int messagefile_sync_all(void);

/** This part was nothing: go back to the end of the one before; the first part
 *  stays. @return 0; EIO, ... */
int messagefile_back(struct messagefile *f);

/** The same as messagefile_sync(), then close; without any sound the file is
 *  removed. @return as messagefile_sync() */
int messagefile_close(struct messagefile *f, uint32_t voiced_ms);

#endif
