/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file words.h  2048 English words that are not mistaken for one another
 * (BIP-39: four letters tell each); made when building, by words.sh, of the
 * list that Debian packages
 */
#ifndef RINGBACK_SEAL_WORDS_H
#define RINGBACK_SEAL_WORDS_H

enum { WORDS_LIST = 2048 };

extern const char *const words_list[WORDS_LIST];

#endif
