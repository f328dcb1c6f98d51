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
};

#endif
