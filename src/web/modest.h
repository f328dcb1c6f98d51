/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file modest.h  What may be given to a parser of CBOR
 *
 * libcbor 0.8 makes room for as many members as a list says that it has, and
 * fills it: five bytes can cost gigabytes. So strangers' CBOR is looked through
 * before, by libcbor's decoder that keeps nothing.
 */
#ifndef RINGBACK_WEB_MODEST_H
#define RINGBACK_WEB_MODEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Is it well-formed, no list longer than what is there, and not nested
 *  without end? Any number of pieces, one after the other. */
bool modest_cbor(const uint8_t *p, size_t n);

/** The same of authenticatorData (WebAuthn level 2, 6.1), which ends with
 *  CBOR: a public key behind its id, extensions. */
bool modest_data(const uint8_t *p, size_t n);

#endif
