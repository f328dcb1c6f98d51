/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file words.h  Lists of words: "en, es" as people type them, "en,es" as the
 * store holds them
 */
#ifndef RINGBACK_CLI_WORDS_H
#define RINGBACK_CLI_WORDS_H

#include <stdbool.h>
#include <jansson.h>

#include "base/limits.h"

/**
 * Take a typed list apart and write it as the store holds it: no blanks
 * around words, none twice. "none" is the empty list.
 *
 * @return 0; EINVAL a word is empty, too long or no UTF-8 text, ENOSPC too
 *         long together
 */
int words_take(char to[LIMIT_WORDS], const char *text);

/** The next word of a stored list; moves *listp. @return false: no more */
bool words_next(char word[LIMIT_NAME], const char **listp);

/** Does a stored list have this word? */
bool words_has(const char *list, const char *word);

/** new: an array of texts; NULL out of memory */
json_t *words_json(const char *list);

#endif
