/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file message.h  The file of a caller's message, for whoever has to read it
 *
 * messages/NUMBER.wav in the data folder, NUMBER being the call's. Folder 0700
 * and file 0600, both made and written by the media process alone
 * (src/media/message.h); line and command line read and delete.
 *
 * A WAV file of G.711, 8000 Hz, mono, as it came from the telephone. Its head
 * has a fixed length, so that it can be written anew about once a second:
 * sizes, and how much was voice. After a crash the head may fall behind the
 * sound by so much, and any player still plays what the head says. Readers
 * here go by the length of the file instead, which is all that was written.
 *
 * Who speaks again in the same call adds to the same file.
 */
#ifndef RINGBACK_BASE_MESSAGE_H
#define RINGBACK_BASE_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "limits.h"

enum {
	MESSAGE_HEAD = 70, /**< bytes before the sound                    */
	MESSAGE_MS   = 8,  /**< bytes of a millisecond                    */
	MESSAGE_PATH = 40, /**< bytes of a path, incl. NUL                */
	MESSAGE_MOST = LIMIT_MESSAGE_ALL_S * 1000 * MESSAGE_MS, /**< bytes
				of sound                                  */
};

/** As in the head of a WAV file. */
enum message_format {
	MESSAGE_ALAW = 6,
	MESSAGE_ULAW = 7,
};

struct message_info {
	enum message_format format;
	uint32_t ms;        /**< of sound                                  */
	uint32_t voiced_ms; /**< of these not silence; after a crash as of
				 the last second                           */
};

/** The folder, relative to the data folder as all paths here. */
extern const char message_folder[];

/** Path of a call's message. */
void message_path(char path[MESSAGE_PATH], uint64_t call);

/** Write the head for n bytes of sound. */
void message_head_encode(uint8_t head[MESSAGE_HEAD],
			 const struct message_info *info, uint32_t n);

/** @return 0; EBADMSG not a head of ours. info->ms is what the head says */
int message_head_decode(struct message_info *info,
			const uint8_t head[MESSAGE_HEAD]);

/** What is there. @return 0; ENOENT no message; EBADMSG not one; EIO, ... */
int message_look(struct message_info *info, uint64_t call);

/**
 * The whole message as a WAV file, its head repaired if need be
 *
 * @param wavp new (malloc), n bytes
 *
 * @return as message_look(); ENOMEM
 */
int message_read(uint8_t **wavp, size_t *np, uint64_t call);

/** Delete it. Nothing is written over it: what a disk or its journal keeps is
 *  out of reach anyway. @return 0, also if there is none; EACCES, ... */
int message_remove(uint64_t call);

#endif
