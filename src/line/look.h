/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file look.h  Looking at a caller's number: the exception, and on record
 *
 * Only whoever talks with a caller can, in that very talk, on a line whose
 * configuration says show_numbers, a few times an hour. The number leaves this
 * process when the row of the audit log is on disk, not before.
 */
#ifndef RINGBACK_LOOK_H
#define RINGBACK_LOOK_H

#include <re.h>

#include "base/secret.h"
#include "wire/wire.h"

struct switchboard;
struct looks;

enum {
	LOOKS_MOST = 10,           /**< of one person ...      */
	LOOKS_WITHIN_MS = 3600000, /**< ... within this time   */
};

/**
 * The number, or why not. Never from within looks_ask().
 *
 * @param err    0; ENOENT the talk was over before it was on record; or why it
 *               could not be put on record
 * @param number As it is dialled (borrow); NULL with an error
 */
typedef void(look_h)(int err, const struct secret_text *number, void *arg);

/** @param lp new */
int looks_alloc(struct looks **lp, struct switchboard *sb);

/**
 * Look at the number of a talk
 *
 * @param arg A mem object, referenced until h was called
 *
 * @return 0: h is called once, unless looks are freed before; else why not:
 *         ENOENT not their talk, EPROTO not talking now, EINVAL no such
 *         reason, EPERM the line does not show numbers, ENODATA it is
 *         withheld, EDQUOT LOOKS_MOST, or an error of store_audit_add()
 */
int looks_ask(struct looks *l, const struct wire_look *look, look_h *h,
	      void *arg);

#endif
