/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sound.h  The line's side of the media process: SDP in, SDP out
 *
 * Legs are numbered by sound_leg_new(). While the media process is away
 * (starting, restarting) questions about SDP wait for it, SOUND_PATIENCE at
 * most; when it dies, all legs have lost their sound and the owner is told.
 */
#ifndef RINGBACK_SOUND_H
#define RINGBACK_SOUND_H

#include <re.h>

struct sound;

enum { SOUND_PATIENCE = 5000 }; /**< milliseconds */

/**
 * Our SDP, or why there is none
 *
 * @param err 0; EPROTO the peer's SDP is broken (400), ENOTSUP nothing in
 *            common (488), ENOSPC no port left, ENOTCONN no media process
 *            (503)
 * @param sdp Our SDP (borrow); empty on error and for sound_accept()
 */
typedef void(sound_sdp_h)(int err, const struct pl *sdp, void *arg);

/** The media process died, and with it the sound of every leg. */
typedef void(sound_lost_h)(void *arg);

/** @param sp new, mem_deref() ends it; path "run/media.sock" */
int sound_alloc(struct sound **sp, const char *path, sound_lost_h *losth,
		void *arg);

/** Does the media process answer? */
bool sound_is_up(const struct sound *s);

/** A number for a new leg. */
uint64_t sound_leg_new(struct sound *s);

/**
 * Ask for our offer, our answer to an offer, or to take an answer
 *
 * The handler is called once, never from within; arg is a mem object that is
 * referenced until then.
 *
 * @param like   A leg whose codec comes first, 0 none
 * @param family AF_INET or AF_INET6
 * @param peer   Where its SIP comes from or goes to: its sound may come from
 *               there too, whatever its SDP names (optional)
 */
int sound_offer(struct sound *s, uint64_t leg, uint64_t like, int family,
		const struct sa *peer, sound_sdp_h *h, void *arg);
int sound_answer(struct sound *s, uint64_t leg, const struct mbuf *sdp,
		 const struct sa *peer, sound_sdp_h *h, void *arg);
int sound_accept(struct sound *s, uint64_t leg, const struct mbuf *sdp,
		 sound_sdp_h *h, void *arg);

/** Greeting, then the hold sound until told otherwise. */
void sound_greet(struct sound *s, uint64_t leg, const char *language);

/** These two hear each other. */
void sound_bridge(struct sound *s, uint64_t a, uint64_t b);

/** The leg is over; closing twice is fine. */
void sound_close(struct sound *s, uint64_t leg);

#endif
