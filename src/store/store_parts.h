/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file store_parts.h  What an open store is made of: for store.c and the
 * files of its nouns, store_call.c and so on
 */
#ifndef RINGBACK_STORE_PARTS_H
#define RINGBACK_STORE_PARTS_H

#include "writer.h"

struct store {
	const struct store_backend *be;
	struct writer *writer;
	struct store_db *reader; /**< of the thread that opened the store */
	/** rows of the audit log that go with the next store_now() */
	struct store_audit along[STORE_AUDIT_ALONG];
	size_t n_along;
};

/** A write that is over when this returns, with the rows that go along: all
 *  or nothing. idp: whom they are about that do not say, read after writeh has
 *  run; or NULL. @return its error */
int store_now(struct store *s, write_h *writeh, void *data,
	      const uint32_t *idp, enum pen_scrub scrub);

/** Is it of known words, with a time? */
bool audit_is_good(const struct store *s, const struct store_audit *row);

/** Within a transaction: the next row of the log. */
int audit_put(const struct store_backend *be, struct store_db *db,
	      const struct store_audit *row);

/** What a row's link must be after this one. */
void audit_link(uint8_t *link, const struct store_audit *row,
		const uint8_t *previous);

#endif
