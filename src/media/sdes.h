/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sdes.h  Keys of SRTP in offer and answer (RFC 4568, RFC 7714)
 *
 * For legs whose signalling nobody else can read. Of each leg's keys, those
 * that are in use and those that an offer of ours names. Keys stay as long as
 * the peer keeps its own (a re-INVITE does not break the stream); if it names
 * another one, ours is drawn anew as well.
 */
#ifndef RINGBACK_MEDIA_SDES_H
#define RINGBACK_MEDIA_SDES_H

#include <stdbool.h>
#include <stdint.h>
#include <re.h>

#include "websrtp.h"
#include "wire/wire.h"

enum { SDES_SUITES = 4 };

/** One key and what it is for. */
struct sdes_key {
	enum srtp_suite suite;
	uint32_t tag;              /**< 0: there is none                   */
	uint8_t key[WEBSRTP_KEY];  /**< key, then salt; zeros behind       */
};

struct sdes_pair {
	struct sdes_key ours, theirs;
};

struct sdes {
	enum wire_srtp use;
	bool savp;                 /**< the peer writes RTP/SAVP           */
	struct sdes_key offered[SDES_SUITES];
	struct sdes_pair now;      /**< agreed; tag 0: plain RTP           */
	struct sdes_pair next;     /**< agreed as soon as sdes_take()      */
};

/** Forget all keys. What may be used stays. */
void sdes_wipe(struct sdes *s);

/**
 * Read the value of a=crypto
 *
 * @return 0; ENOTSUP a suite or parameter that we do not speak, or broken
 */
int sdes_decode(struct sdes_key *k, const struct pl *value);

/** Write it. A re_printf handler. */
int sdes_print(struct re_printf *pf, const struct sdes_key *k);

/** The protocol of our offer's m-line. */
const char *sdes_proto(const struct sdes *s);

/** Add our keys to an offer. */
int sdes_offer(struct sdes *s, struct sdp_media *m);

/** Read the answer to it. @return 0; ENOTSUP not what was offered, or not
 *  what the leg may do */
int sdes_answered(struct sdes *s, const struct sdp_media *m);

/** Choose from the peer's offer, and add our key to the answer. @return as
 *  sdes_answered() */
int sdes_answer(struct sdes *s, struct sdp_media *m);

/** What was agreed last holds from now on. */
void sdes_take(struct sdes *s);

/** Are they the same? Also if there is none in either. */
bool sdes_same(const struct sdes_key *a, const struct sdes_key *b);

#endif
