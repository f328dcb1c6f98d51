/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file chain.h  Rows that each vouch for the one before
 *
 * The link of a row is BLAKE2b-256 of the words "ringback chain" and a NUL,
 * the link of the row before (32 zero bytes for the first), and then each
 * field of the row, in a fixed order: eight bytes, little-endian, how many
 * bytes follow, then these. A number is eight bytes, little-endian (of a
 * negative one: its two's complement). So no two different rows are the same
 * bytes, and whoever changes, removes or moves a row must change every later
 * link, the last one too: who has noted that one sees it. There is no key:
 * who may write the store can make a new chain, but not one that ends in a
 * link that was noted before. See docs/decisions/0017-audit-log.md.
 */
#ifndef RINGBACK_CHAIN_H
#define RINGBACK_CHAIN_H

#include <sodium.h>
#include <stdint.h>

enum { CHAIN_LINK = 32 /**< bytes of a link */ };

/** A link that is being made. */
struct chain {
	crypto_generichash_state state;
};

/** @param previous The link before, CHAIN_LINK bytes */
void chain_begin(struct chain *c, const uint8_t *previous);
void chain_number(struct chain *c, uint64_t n);
void chain_text(struct chain *c, const char *text);
/** @param link CHAIN_LINK bytes, may be where the previous one was */
void chain_end(struct chain *c, uint8_t *link);

#endif
