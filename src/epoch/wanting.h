/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file wanting.h  Who is entitled to what somebody else could give them
 *
 * Nobody but a person's own page opens a key of an epoch, so nobody else can
 * seal an old one to a newcomer, or to whoever has a new key of their own.
 */
#ifndef RINGBACK_EPOCH_WANTING_H
#define RINGBACK_EPOCH_WANTING_H

#include "store/epoch.h"

/** Somebody who has no grant of it. */
struct wanting {
	uint64_t epoch;
	const struct store_identity *identity; /**< of them; borrow         */
	const char *name;                      /**< borrow                  */
};

/** True stops. */
typedef bool(wanting_h)(const struct wanting *w, void *arg);

/**
 * Of all epochs that somebody holds: who else should
 *
 * @return 0, ENOMEM, EIO, ...
 */
int wanting_each(struct store *s, uint32_t holder, wanting_h *h, void *arg);

/** An epoch, not dropped. ENOENT */
int wanting_epoch(struct store *s, uint64_t id, struct store_epoch *e);

/** Has this person a grant of it? @return 0; ENOENT no; EIO, ... */
int wanting_holds(struct store *s, uint64_t epoch, uint32_t person);

#endif
