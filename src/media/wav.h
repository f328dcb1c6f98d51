/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file wav.h  A recording from a WAV file, as it is sent on the telephone
 */
#ifndef RINGBACK_MEDIA_WAV_H
#define RINGBACK_MEDIA_WAV_H

#include <stddef.h>
#include <stdint.h>

enum { WAV_WHY = 256 };

/**
 * Read a file of 8000 Hz, mono, 16 bit, not longer than
 * LIMIT_PROMPT_SECONDS
 *
 * @param pcmp new, the samples
 * @param np   How many, at least 1
 * @param path The file
 * @param why  On failure: what is wrong with it and what would be right, in
 *             plain words
 *
 * @return 0; ENOENT no such file; EBADMSG not what it should be; EACCES, ...
 */
int wav_read(int16_t **pcmp, size_t *np, const char *path, char why[WAV_WHY]);

#endif
