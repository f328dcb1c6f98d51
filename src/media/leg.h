/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file leg.h  One peer's sound: a socket, what it hears, whom it talks to
 *
 * A leg hears one other leg, or several mixed; as long as nothing comes from
 * there, comfort noise. A leg that hears nobody hears what it was told to
 * play, then comfort noise. A peer that put us on hold hears nothing.
 *
 * Packets of a single source are relayed in the handler that received them;
 * everything else is sent on the common tick. Nothing is allocated for a
 * packet. No timer and no clock here: the room says what time it is.
 */
#ifndef RINGBACK_MEDIA_LEG_H
#define RINGBACK_MEDIA_LEG_H

#include <re.h>

#include "base/limits.h"
#include "codec.h"
#include "ports.h"
#include "recording.h"
#include "sound.h"
#include "webkey.h"
#include "websrtp.h"
#include "wire/wire.h"

/** A key was pressed (see struct wire_leg_digit). Never to be logged. */
typedef void(leg_digit_h)(uint64_t id, uint8_t code, void *arg);

/** The list was heard to its end (see struct wire_leg_played). */
typedef void(leg_played_h)(uint64_t id, uint32_t serial, void *arg);

/** A browser is connected, or lost for good; how its sound travels. */
typedef void(leg_state_h)(uint64_t id, void *arg);
typedef void(leg_quality_h)(const struct wire_leg_quality *q, void *arg);

/** What the owner of the legs is told; each is optional. */
struct leg_handlers {
	leg_digit_h *digith;
	leg_played_h *playedh;
	leg_state_h *uph;
	leg_state_h *deadh;
	leg_quality_h *qualityh;
};

/** What all legs of a process share. */
struct room {
	struct codec_tables tables;
	struct ports *ports;      /**< counted by the room's owner          */
	struct sound *noise;      /**< likewise                             */
	struct webkey *webkey;    /**< likewise; NULL: no browsers          */
	/** Where browsers find our ports besides our own addresses. */
	struct sa outside[LIMIT_LISTEN];
	uint32_t n_outside;
	uint64_t tick;            /**< beats of 20 ms so far                */
	struct leg_handlers h;
	void *arg;
	/** The one being received and the one being sent; libsrtp2 reads
	 *  words. */
	_Alignas(8) uint8_t packet[LIMIT_RTP + WEBSRTP_ROOM];
	_Alignas(8) uint8_t out[LIMIT_RTP + WEBSRTP_ROOM];
};

enum {
	/** Beats without a packet of the partner before noise fills in:
	 *  60 to 80 ms. Also where a room's tick has to begin, at least. */
	LEG_SILENT_TICKS = 4,
};

struct leg;

/**
 * @param legp new, without a port yet
 * @param room borrow, outlives the leg
 */
int leg_alloc(struct leg **legp, struct room *room, uint64_t id);

/**
 * Offer: opens a port on a new leg; on one that is in use, offers what it is
 *
 * @param open  Family and policy for a new leg
 * @param first The codec a new leg prefers
 * @param mbp   new, our SDP
 *
 * @return 0; ENOTSUP no address of this family is configured; ENOSPC, ENOMEM
 */
int leg_offer(struct leg *leg, const struct wire_leg_open *open,
	      enum codec first, struct mbuf **mbp);

/**
 * Answer the peer's offer, first or later; refused, it changes nothing
 *
 * @param mbp new, our SDP
 *
 * @return 0; EPROTO broken SDP; ENOTSUP no codec, address or family in
 *         common, or an address that is no host's or our own; ENOSPC, ENOMEM
 */
int leg_answer(struct leg *leg, const struct wire_leg_open *open,
	       const uint8_t *sdp, size_t n_sdp, struct mbuf **mbp);

/**
 * Answer a browser's offer; it may be repeated, but not changed
 *
 * @param like The codec to choose if it is offered, or NULL
 * @param mbp  new, our SDP
 *
 * @return 0; EPROTO broken SDP; ENOTSUP see sdpweb.h, or a leg of another
 *         kind or browser; ENOSPC, ENOMEM
 */
int leg_answer_web(struct leg *leg, const enum codec *like,
		   const uint8_t *sdp, size_t n_sdp, struct mbuf **mbp);

/** Take the peer's answer to our offer. @return as leg_answer() */
int leg_accept(struct leg *leg, const uint8_t *sdp, size_t n_sdp);

/** What a leg is to hear: sounds (counted), the last again and again if loop;
 *  n 0: noise. */
struct leg_list {
	struct sound *v[LIMIT_PLAYLIST];
	uint8_t n;
	bool loop;
	uint32_t serial; /**< for playedh; 0: it is not told, as for a loop */
};

/** Leave the partner and hear this. As soon as the peer has answered, the list
 *  goes on with the time, also while the peer puts us on hold. */
void leg_play(struct leg *leg, const struct leg_list *list);

/**
 * Write down what comes in from now on, and hear comfort noise
 *
 * Keys are still told of. A bridge ends it, and so does the end of the leg.
 *
 * @param rec counted; takes the place of one that has ended
 */
void leg_record(struct leg *leg, struct recording *rec);

/** Is one open? */
bool leg_is_recording(const struct leg *leg);

/** End the recording, if there is one. */
void leg_stop(struct leg *leg);

/** Press a key for the peer, see keypress.h. One that still waits for the
 *  peer is forgotten; one that is being pressed is followed by this one.
 *  @return 0; EINVAL no such key; EBUSY too many wait */
int leg_send_key(struct leg *leg, uint8_t code, uint32_t quiet_ms,
		 uint32_t most_ms);

/** Let two legs hear each other, and nobody else. */
void leg_bridge(struct leg *a, struct leg *b);

/**
 * Hear these, and nobody else: one as its packets come, several mixed
 *
 * Whoever hears this leg still does. If it is recorded, that ends.
 *
 * @param from Up to WIRE_HEARS other legs (borrow: they may end)
 *
 * @return 0; EINVAL too many; ENOMEM: nothing has changed
 */
int leg_hear(struct leg *leg, struct leg *const *from, unsigned n);

/** Send the next 20 ms, if it is for us to send. */
void leg_tick(struct leg *leg);

/** The codec this leg sends, once that is known. */
bool leg_codec(const struct leg *leg, enum codec *c);

uint64_t leg_id(const struct leg *leg);

/** Of enum wire_kept: is it a browser's, and up? */
uint32_t leg_web_flags(const struct leg *leg);

void leg_stats(const struct leg *leg, struct wire_leg_stats *stats);

#endif
