/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sipuri.h  SIP URIs as people type them (RFC 3261, 19.1)
 */
#ifndef RINGBACK_CLI_SIPURI_H
#define RINGBACK_CLI_SIPURI_H

#include <stddef.h>

struct uri; /* of libre, whose headers do not go with jansson's */

/**
 * Check "sip:USER@HOST[:PORT]"
 *
 * @param uri  Parts, pointing into text (borrow); optional
 * @param text What was typed
 *
 * @return NULL if it is one, else what is wrong with it, without repeating it
 */
const char *sipuri_wrong(struct uri *uri, const char *text);

/** The same for "sip:HOST[:PORT]": no user part. */
const char *sipuri_host_wrong(struct uri *uri, const char *text);

/** HOST[:PORT] of a URI that is right (borrow), *n bytes of it. */
const char *sipuri_host(const char *text, size_t *n);

#endif
