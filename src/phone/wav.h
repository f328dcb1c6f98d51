/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file wav.h  Sound files as telephones need them: 8000 Hz, mono, 16 bit
 */
#ifndef RINGBACK_PHONE_WAV_H
#define RINGBACK_PHONE_WAV_H

#include <stddef.h>
#include <stdint.h>

/** A sound in memory. */
struct wav {
	int16_t *samples;
	size_t n; /**< samples, 8000 a second */
};

/**
 * Read a WAV file
 *
 * @param wavp new
 * @param path The file
 *
 * @return 0; ENOENT, EINVAL not such a WAV file, EFBIG longer than
 *         LIMIT_SOUND_S: said on standard error; ENOMEM
 */
int wav_read(struct wav **wavp, const char *path);

/** Write a WAV file. @return 0, ENOSPC, EACCES, ... */
int wav_write(const char *path, const int16_t *samples, size_t n);

#endif
