/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sdpformat.h  PCMU, PCMA and telephone-event/8000 on an m-line of libre
 */
#ifndef RINGBACK_MEDIA_SDPFORMAT_H
#define RINGBACK_MEDIA_SDPFORMAT_H

#include "sdpneg.h"

enum { SDPFORMAT_EVENT_PT = 101 /**< telephone-event in our offers */ };

/** Let our m-line have all that we speak, this codec first. @return 0, ENOMEM */
int sdpformat_add_all(struct sdp_media *m, enum codec first);

/** What the peer speaks of that: fills codec, pt, event_* and rx; n_rx is 0
 *  if there is no codec. The rest of peer is not touched. */
void sdpformat_read(struct sdpneg_peer *peer, const struct sdp_media *m);

/** Answer with the peer's one codec and telephone-event. @return 0, ENOMEM */
int sdpformat_choose(struct sdp_media *m, const struct sdpneg_peer *peer);

#endif
