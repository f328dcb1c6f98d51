/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file audit.h  Rows of the audit log on their way to disk
 *
 * For what has been done, and must not be missing in the log because the disk
 * was full just then: a row is tried again until it is there. What must be on
 * record before it is done waits for store_audit_add() itself (look.c).
 */
#ifndef RINGBACK_LINE_AUDIT_H
#define RINGBACK_LINE_AUDIT_H

#include <re.h>

#include "store/audit.h"

struct audit;

/** @param ap new; what is not on disk when it is freed is tried once more.
 *  store: borrow, to be closed after it is freed */
int audit_alloc(struct audit **ap, struct store *store);

/** It was done now: at 0 is filled in. */
void audit_note(struct audit *a, const struct store_audit *row);

/** How many rows are not on disk. */
size_t audit_behind(const struct audit *a);

#endif
