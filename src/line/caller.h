/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file caller.h  Who calls: the number in an INVITE that was let in
 *
 * RFC 3325 and 3323. The number is what the peer asserts (P-Asserted-
 * Identity), else what From says. Any sign that the caller withholds it is
 * heeded, also when the number stands beside it. Names are never looked at
 * but for that.
 */
#ifndef RINGBACK_CALLER_H
#define RINGBACK_CALLER_H

#include <re.h>

#include "base/secret.h"

/**
 * Find the caller's number
 *
 * @param number Set, as it is dialled (number.h); empty if it is withheld, if
 *               there is none, or if the peer asserts two that differ
 *
 * @return true if there is one
 */
bool caller_number(struct secret_text *number, const struct sip_msg *msg);

#endif
