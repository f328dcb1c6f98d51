/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file nearest.h  "did you mean ...?"
 */
#ifndef RINGBACK_CLI_NEAREST_H
#define RINGBACK_CLI_NEAREST_H

#include <stddef.h>

/**
 * The word that was probably meant (borrow): fewest letters inserted, left
 * out, replaced or swapped, and at most a third of the word's letters.
 *
 * @return NULL if none is near
 */
const char *nearest(const char *word, const char *const *words, size_t n);

#endif
