/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file stream.h  One outgoing RTP stream, whatever feeds it
 *
 * The peer of a leg hears prompts, comfort noise and another peer, one after
 * the other, and must see one unbroken stream: one SSRC, sequence numbers
 * without a jump, timestamps that follow the time. Our own sound is stamped
 * as it comes; relayed packets keep their distance from each other (so that
 * the receiver sees what was lost or reordered on the way to us) by a mapping
 * that is made anew when the source changes, jumps, or comes back after
 * something else was sent.
 *
 * Pure: the time is a count of 20 ms ticks.
 */
#ifndef RINGBACK_MEDIA_STREAM_H
#define RINGBACK_MEDIA_STREAM_H

#include <stdbool.h>
#include <stdint.h>

enum stream_source {
	STREAM_NONE = 0, /**< the next packet begins something new */
	STREAM_OWN,
	STREAM_RELAY,
};

struct stream {
	uint32_t ssrc;
	uint32_t end_ts;   /**< first timestamp not sent yet         */
	uint32_t begin_ts; /**< the first one                        */
	uint64_t begin_tick; /**< and when it was                    */
	uint32_t key_ts;   /**< when our own last key began          */
	uint16_t seq;      /**< highest one sent                     */
	bool begun;
	enum stream_source source;
	struct {
		uint32_t ssrc;
		uint32_t ts_off;   /**< add to theirs to get ours         */
		uint32_t first_off; /**< as it was before anything slipped */
		uint16_t seq_off;
		uint16_t max;      /**< highest one relayed               */
		uint16_t base;     /**< older ones belong to the past     */
		bool known;
	} in;
	struct {
		uint32_t ssrc;
		uint32_t in_ts;
		uint32_t out_ts;
		bool known;
	} event;           /**< the key last relayed (RFC 4733)      */
};

/** A packet to relay. */
struct stream_in {
	uint32_t ssrc;
	uint32_t ts;
	uint16_t seq;
	uint32_t span; /**< samples it stands for, counted from ts   */
	bool event;    /**< a telephone-event                        */
	bool marker;
};

/** What goes into the header. */
struct stream_stamp {
	uint32_t ts;
	uint16_t seq;
	bool marker;
};

/** A new stream: random SSRC, sequence number and timestamp. */
void stream_init(struct stream *s);

/** Something else is about to be sent: its first packet gets the marker. */
void stream_restart(struct stream *s);

/** Stamp one frame of 20 ms of our own. */
void stream_own(struct stream *s, uint64_t tick, struct stream_stamp *stamp);

/**
 * Stamp one packet of a key of our own (RFC 4733)
 *
 * All packets of a key have the timestamp at which it began; what follows
 * comes after it.
 *
 * @param span  Samples for which the key has been held
 * @param first The key begins
 */
void stream_key(struct stream *s, uint64_t tick, uint32_t span, bool first,
		struct stream_stamp *stamp);

/**
 * Stamp one packet of the source that is relayed
 *
 * @return 0; ESTALE it is from before the mapping: do not send it
 */
int stream_relay(struct stream *s, uint64_t tick, const struct stream_in *in,
		 struct stream_stamp *stamp);

#endif
