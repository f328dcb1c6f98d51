/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file fingerprint.h  What tells a certificate from all others
 */
#ifndef RINGBACK_CLI_FINGERPRINT_H
#define RINGBACK_CLI_FINGERPRINT_H

#include <stddef.h>

enum { FINGERPRINT_HEX = 65 };

/**
 * The SHA-256 of the first certificate in a PEM file
 *
 * @param hex  Set on success: 64 digits and a zero
 * @param size Of hex: FINGERPRINT_HEX at least
 *
 * @return 0; ENOENT, EACCES, ...; ENOTSUP there is no certificate in it
 */
int fingerprint_file(char *hex, size_t size, const char *file);

#endif
