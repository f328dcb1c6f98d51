/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sdpformat.c  Formats in and out of libre's m-lines. Must not know addresses
 * or protocols.
 */
#include <errno.h>
#include <re.h>

#include "sdpformat.h"


enum { MAX_PT = 127 };

static const char event_name[] = "telephone-event";
static const char event_keys[] = "0-15";

/* what the data of our formats points to; the last one is no codec */
static const enum codec format_ids[CODEC_COUNT + 1] = {
	CODEC_PCMU, CODEC_PCMA, CODEC_COUNT,
};


static void *format_id(enum codec c)
{
	return (void *)&format_ids[c];
}


static int format_add(struct sdp_media *m, enum codec c, uint8_t pt)
{
	const bool event = c == CODEC_COUNT;
	char id[4];

	(void)re_snprintf(id, sizeof(id), "%u", pt);

	return sdp_format_add(NULL, m, false, id,
			      event ? event_name : codec_name(c), CODEC_RATE,
			      1, NULL, NULL, format_id(c), false,
			      event ? "%s" : NULL, event_keys);
}


int sdpformat_add_all(struct sdp_media *m, enum codec first)
{
	const enum codec second = first == CODEC_PCMU ? CODEC_PCMA
						      : CODEC_PCMU;
	int err;

	err  = format_add(m, first, codec_pt(first));
	err |= format_add(m, second, codec_pt(second));
	err |= format_add(m, CODEC_COUNT, SDPFORMAT_EVENT_PT);

	return err ? ENOMEM : 0;
}


/* static payload types match by number alone: the peer may still mean
 * something else by them */
static bool format_sane(const struct sdp_format *fmt)
{
	const enum codec *id = fmt->data;

	if (!fmt->sup || !id || fmt->pt < 0 || fmt->pt > MAX_PT)
		return false;
	if (!fmt->name)
		return *id != CODEC_COUNT;

	return fmt->srate == CODEC_RATE && fmt->ch == 1 &&
	       str_casecmp(fmt->name, *id == CODEC_COUNT
				? event_name : codec_name(*id)) == 0;
}


static bool rx_has(const struct sdpneg_peer *peer, enum codec c)
{
	for (unsigned i = 0; i < peer->n_rx; i++) {
		if (peer->rx[i].codec == c)
			return true;
	}

	return false;
}


static void peer_format(struct sdpneg_peer *peer, const struct sdp_format *fmt)
{
	const enum codec c = *(const enum codec *)fmt->data;
	const uint8_t pt = (uint8_t)fmt->pt;

	if (c == CODEC_COUNT) {
		if (peer->event_pt == SDPNEG_NO_PT)
			peer->event_pt = peer->event_rx[0] = pt;
	}
	else if (!rx_has(peer, c)) {
		peer->rx[peer->n_rx].pt = pt;
		peer->rx[peer->n_rx++].codec = c;
	}
}


void sdpformat_read(struct sdpneg_peer *peer, const struct sdp_media *m)
{
	struct le *le;

	peer->n_rx = 0;
	peer->event_pt = SDPNEG_NO_PT;
	peer->event_rx[0] = peer->event_rx[1] = SDPNEG_NO_PT;

	LIST_FOREACH(sdp_media_format_lst(m, false), le)
	{
		if (format_sane(le->data))
			peer_format(peer, le->data);
	}
	if (!peer->n_rx)
		return;
	peer->codec = peer->rx[0].codec;
	peer->pt = peer->rx[0].pt;
}


/* libre would answer with all that both speak */
int sdpformat_choose(struct sdp_media *m, const struct sdpneg_peer *peer)
{
	struct le *le;
	int err;

	LIST_FOREACH(sdp_media_format_lst(m, true), le)
	{
		struct sdp_format *fmt = le->data;

		fmt->sup = false;
	}

	err = format_add(m, peer->codec, peer->pt);
	if (!err && peer->event_pt != SDPNEG_NO_PT)
		err = format_add(m, CODEC_COUNT, peer->event_pt);

	return err;
}
