/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file note.h  What counsellors write of a call, in the store
 *
 * The store sees neither the text nor its length: both are sealed in the
 * browser (src/seal/seal.h, kind 'N').
 */
#ifndef RINGBACK_STORE_NOTE_H
#define RINGBACK_STORE_NOTE_H

#include "store.h"

enum {
	/** bytes of a sealed note at most: 44 steps of padding, and what is
	 *  around them; as base64 it fits into a request */
	STORE_NOTE = 44 * 1024 + 136,
};

struct store_note {
	uint64_t id;           /**< 0 when adding                           */
	uint64_t call;
	uint32_t person;       /**< who wrote it                            */
	char name[LIMIT_NAME]; /**< filled on reading only; "" if they are
				    gone                                    */
	uint32_t day;          /**< since 1970-01-01                        */
	uint64_t epoch;        /**< to which it is sealed                   */
	const uint8_t *sealed; /**< borrow; on reading only for as long as
				    the handler runs                        */
	size_t n_sealed;
};

/** Synchronous. Fills note->id; the author's draft of this call goes. ESTALE:
 *  the epoch is not the current one of the call's line, or there is no such
 *  call; EINVAL too long, or nothing */
int store_note_add(struct store *s, struct store_note *note);

/** Of one call, the oldest first. True from the handler stops. */
typedef bool(store_note_h)(const struct store_note *note, void *arg);
int store_note_each(struct store *s, uint64_t call, store_note_h *h,
		    void *arg);

/** Synchronous. What somebody has begun to write of a call, in place of what
 *  they had; n 0: nothing any more. day: since 1970-01-01; one that is far
 *  behind is not believed (keep.h, STORE_TRUST). ENOENT no such person or call;
 *  EINVAL too long */
int store_draft_put(struct store *s, uint64_t call, uint32_t person,
		    uint32_t day, const uint8_t *sealed, size_t n);

/** ENOENT there is none; else the handler runs once. */
typedef void(store_draft_h)(const uint8_t *sealed, size_t n, void *arg);
int store_draft_get(struct store *s, uint64_t call, uint32_t person,
		    store_draft_h *h, void *arg);

#endif
