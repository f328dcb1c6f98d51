/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sealed.h  How keys, sealed things and their numbers stand in JSON:
 * base64url without padding; numbers of epochs as decimal text, since a
 * browser's own numbers end at 2^53
 */
#ifndef RINGBACK_WEB_SEALED_H
#define RINGBACK_WEB_SEALED_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/** new, NULL */
json_t *sealed_json(const uint8_t *bytes, size_t n);

/** @param bytes most of them
 *  @return how many; 0 none, too many, or something else */
size_t sealed_bytes(uint8_t *bytes, size_t most, const char *text);

/** new, NULL */
json_t *sealed_number_json(uint64_t v);

/** From 1, without leading zeros. EINVAL */
int sealed_number(uint64_t *vp, const char *text);

#endif
