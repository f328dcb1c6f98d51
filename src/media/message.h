/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file message.h  Writing callers' messages: the one door to the disk
 *
 * Sound goes in here, in order, and is sealed before it leaves memory; who
 * writes it has no key that opens it. The file is described in base/message.h.
 *
 * All that waits for the disk is done by one thread, so that no leg waits for
 * it. Every half second of sound is sealed and handed to the system: that much
 * a killed process may lose. Twice a second the system is made to put it on
 * disk: a machine that loses its power loses little more than a second.
 *
 * A disk that does not answer is not waited for: MESSAGE_WAIT_MS after the
 * message was to be opened or closed, its owner is told EIO and what is known
 * to be safe. Whatever has come in is written all the same, once the disk
 * does answer.
 *
 * Handlers are called in libre's loop.
 */
#ifndef RINGBACK_MEDIA_MESSAGE_H
#define RINGBACK_MEDIA_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "codec.h"

enum {
	MESSAGE_DRAIN_MS = 100,
	MESSAGE_SYNC_MS  = 500,
	MESSAGE_WAIT_MS  = 10000,
	/** Bytes that may wait for a disk that hangs: eight seconds */
	MESSAGE_RING     = 65536,
	MESSAGE_KEY      = 32,
};

/** To whom it is sealed. */
struct message_seal {
	uint64_t epoch;               /**< stands in the file              */
	uint8_t public[MESSAGE_KEY];
};

struct message;
struct message_disk;

/** How a message ended, or this part of one; so much of it is on disk. */
struct message_result {
	uint32_t ms;       /**< 0 also if it was taken back               */
	uint32_t voiced_ms;
	int err; /**< 0; ENOSPC, EFBIG, EIO (also: disk too slow), ...     */
};

struct message_handlers {
	/** It is open; or, with an error, it is not, and gone: EEXIST what is
	 *  there is no message, EFBIG it is full, EINVAL no key to seal to,
	 *  ENOSPC, EIO, ... */
	void (*openedh)(int err, void *arg);
	/** It is over, by message_close() or by an error, and gone. A message
	 *  without any sound has left no file; a later part of one without any
	 *  voice has left it as it was. */
	void (*closedh)(const struct message_result *result, void *arg);
};

/**
 * @param dp new; mem_deref() waits until all messages are on disk, tells
 *           nobody of them, and frees them
 *
 * @return 0; ENOMEM, EAGAIN no thread
 */
int message_disk_alloc(struct message_disk **dp);

/**
 * Begin a message, in messages/ of the current folder, or go on with one
 *
 * @param mp Set to the message (borrow: until it is gone)
 * @param c  Of the sound
 * @param to Whose public key it is sealed to
 *
 * @return 0: openedh follows, then closedh if it was opened; ENOMEM
 */
int message_open(struct message **mp, struct message_disk *d, uint64_t name,
		 enum codec c, const struct message_seal *to,
		 const struct message_handlers *h, void *arg);

/** Add n bytes; voiced_ms of all so far are voice. Never waits. */
void message_write(struct message *m, const uint8_t *p, size_t n,
		   uint32_t voiced_ms);

/** That was all. */
void message_close(struct message *m);

#endif
