/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * codec.c  librem's G.711, one row per codec. Must not know RTP.
 */
#include <re.h>
#include <rem.h>

#include "codec.h"


struct row {
	const char *name;
	uint8_t pt;
	uint8_t (*encode)(int16_t sample);
	int16_t (*decode)(uint8_t byte);
};

static const struct row rows[CODEC_COUNT] = {
	[CODEC_PCMU] = {"PCMU", 0, g711_pcm2ulaw, g711_ulaw2pcm},
	[CODEC_PCMA] = {"PCMA", 8, g711_pcm2alaw, g711_alaw2pcm},
};


const char *codec_name(enum codec c)
{
	return rows[c].name;
}


uint8_t codec_pt(enum codec c)
{
	return rows[c].pt;
}


uint8_t codec_encode(enum codec c, int16_t sample)
{
	/* librem negates the sample; the lowest one has no counterpart */
	return rows[c].encode(sample == INT16_MIN ? -INT16_MAX : sample);
}


int16_t codec_decode(enum codec c, uint8_t byte)
{
	return rows[c].decode(byte);
}


void codec_tables_init(struct codec_tables *t)
{
	for (unsigned from = 0; from < CODEC_COUNT; from++) {
		for (unsigned to = 0; to < CODEC_COUNT; to++) {
			uint8_t *map = t->map[from][to];

			for (unsigned b = 0; b < 256; b++)
				map[b] = from == to ? (uint8_t)b :
					codec_encode((enum codec)to,
						     codec_decode(
							(enum codec)from,
							(uint8_t)b));
		}
	}
}


void codec_convert(const struct codec_tables *t, enum codec from,
		   enum codec to, uint8_t *p, size_t n)
{
	const uint8_t *map = t->map[from][to];

	if (from == to)
		return;
	for (size_t i = 0; i < n; i++)
		p[i] = map[p[i]];
}
