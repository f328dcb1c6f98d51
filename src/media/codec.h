/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file codec.h  The two G.711 codecs (RFC 3551), and from one to the other
 */
#ifndef RINGBACK_MEDIA_CODEC_H
#define RINGBACK_MEDIA_CODEC_H

#include <stddef.h>
#include <stdint.h>

enum codec {
	CODEC_PCMU = 0,
	CODEC_PCMA,
	CODEC_COUNT,
};

enum {
	CODEC_RATE  = 8000, /**< samples a second; also the RTP clock     */
	CODEC_FRAME = 160,  /**< samples, and bytes, of 20 ms             */
};

/** What each byte of one codec is in another. */
struct codec_tables {
	uint8_t map[CODEC_COUNT][CODEC_COUNT][256];
};

/** As in SDP: "PCMU", "PCMA". */
const char *codec_name(enum codec c);

/** The static payload type: 0, 8. */
uint8_t codec_pt(enum codec c);

/** One sample of 16 bits, linear, to one byte, and back. */
uint8_t codec_encode(enum codec c, int16_t sample);
int16_t codec_decode(enum codec c, uint8_t byte);

void codec_tables_init(struct codec_tables *t);

/** Turn n bytes of one codec into the other, in place. */
void codec_convert(const struct codec_tables *t, enum codec from,
		   enum codec to, uint8_t *p, size_t n);

#endif
