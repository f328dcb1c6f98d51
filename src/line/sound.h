/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sound.h  The line's side of the media processes: SDP in, SDP out
 *
 * Legs are numbered by sound_leg_new(), and a leg's number tells which process
 * it is in: all legs of a call are in one. One that is replaced keeps the legs
 * it has, and gets those that are to be joined with them; it counts as another
 * process than the one that takes its place. While a process is away (starting,
 * restarting) questions about SDP wait for it, SOUND_PATIENCE at most; when it
 * dies, or does not answer for nearly two seconds, its legs have lost their
 * sound and the owner is told.
 */
#ifndef RINGBACK_SOUND_H
#define RINGBACK_SOUND_H

#include <re.h>

#include "base/limits.h"
#include "wire/wire.h"

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

/** A media process died, and with it the sound of each leg that
 *  sound_is_in() it. */
typedef void(sound_lost_h)(uint32_t process, void *arg);

/** The peer of a leg pressed a key: 0-9, 10 *, 11 #, 12-15 A-D. Never to be
 *  logged. */
typedef void(sound_digit_h)(uint64_t leg, uint8_t key, void *arg);

/** The list with this serial was heard to its end, and was not replaced. */
typedef void(sound_played_h)(uint64_t leg, uint32_t serial, void *arg);

/** Who may open a message: the key of an epoch. */
struct sound_seal {
	uint64_t epoch;
	uint8_t public[32];
};

/** What has become of a message. */
struct sound_recorded {
	uint64_t leg;
	uint64_t name;
	uint32_t ms;        /**< of sound that is safe on disk              */
	uint32_t voiced_ms; /**< of these not silence                       */
	int err; /**< 0; EEXIST there is one of this name already; ENOSPC, EIO;
		      ENOTCONN the media process died: the rest is what the
		      disk says, and all of it counts as voice; ENOENT the
		      leg was gone                                          */
};
typedef void(sound_recorded_h)(const struct sound_recorded *r, void *arg);

/** LEG_UP, LEG_DEAD of wire.h: a browser's leg. */
typedef void(sound_leg_h)(uint64_t leg, void *arg);

/** LEG_QUALITY: how a browser's leg sounds (borrow). */
struct wire_leg_quality;
typedef void(sound_quality_h)(const struct wire_leg_quality *q, void *arg);

/** Each is optional. None is called from within a function here. */
struct sound_handlers {
	sound_lost_h *losth;
	sound_digit_h *digith;
	sound_played_h *playedh;
	sound_recorded_h *recordedh;
	sound_leg_h *uph;
	sound_leg_h *deadh;
	sound_quality_h *qualityh;
};

/** @param sp new, mem_deref() ends it; path "run/media.sock"; handlers NULL:
 *         sound_handle() follows */
int sound_alloc(struct sound **sp, const char *path,
		const struct sound_handlers *handlers, void *arg);

/** From now on these are told, in place of those before: for who made it before
 *  there was anybody to tell. @param arg Borrow */
void sound_handle(struct sound *s, const struct sound_handlers *handlers,
		  void *arg);

/**
 * One more media process, at this socket; before there is any leg
 *
 * @return 0; EINVAL there are LIMIT_MEDIA, or legs; ENOMEM
 */
int sound_add(struct sound *s, const char *path);

/** A leg of an earlier life of this process; borrow. */
struct sound_found {
	uint64_t leg;
	uint32_t flags;      /**< enum wire_kept of wire.h                  */
	const uint8_t *blob; /**< what sound_keep() said last: kept_decode() */
	size_t n_blob;
};
typedef void(sound_found_h)(const struct sound_found *found, void *arg);

/**
 * Ask all media processes for the legs that an earlier life of this one left,
 * and wait: before any leg is made, and before SIP is heard. Runs libre's loop.
 * A process that does not answer is asked to close all it has once it does.
 * Those that sound_find() was not called for are, in any case.
 *
 * @param patience_ms For how long at most
 */
void sound_find(struct sound *s, uint32_t patience_ms);

/** How many are left that are not taken. */
size_t sound_found_count(const struct sound *s);

/** Each leg found that is not taken, in the order of their numbers. The handler
 *  may take it. */
void sound_found_each(struct sound *s, sound_found_h *h, void *arg);

/** We go on with it: as if sound_leg_new() had given its number.
 *  @return 0; ENOENT there is none that is not taken; ENOMEM */
int sound_found_take(struct sound *s, uint64_t leg);

/** All others are closed, and what was held with them is wiped here. */
void sound_found_end(struct sound *s);

/**
 * All media processes hold this until the next one (LINE_KEEP), for the next
 * life of this process; also those that come later
 *
 * @return 0; ENOMEM
 */
int sound_hold(struct sound *s, const uint8_t *blob, size_t n);

/** What the life before this one said so last, if sound_find() was called.
 *  @return borrow; NULL nothing */
const uint8_t *sound_held(const struct sound *s, size_t *n);

/** Media holds this with the leg until the next one, or its end (LEG_KEEP);
 *  n 0: nothing any more. It is with media, whatever happens to this process,
 *  when this returns. */
void sound_keep(struct sound *s, uint64_t leg, const uint8_t *blob, size_t n);

/** Does any media process answer? */
bool sound_is_up(const struct sound *s);

/** How many of them do. */
uint32_t sound_count_up(const struct sound *s);

/**
 * A number for a new leg; sound_close() takes it back
 *
 * @param near A leg of the same call: the new one is where it can be joined
 *             with that; 0 none: in the process that has the fewest legs
 *
 * @return 0 there is no memory
 */
uint64_t sound_leg_new(struct sound *s, uint64_t near);

/** What the SDP of a new leg may say of keys; WIRE_SRTP_NEVER else. To be said
 *  before anything is asked about it. */
void sound_secret(struct sound *s, uint64_t leg, enum wire_srtp use);

/** Nothing was asked about it, nor will be: the number is taken back. */
void sound_leg_forget(struct sound *s, uint64_t leg);

/** Its process died, and it goes on by another number: this one is taken back,
 *  and whoever asked about it is told nothing any more. */
void sound_leg_leave(struct sound *s, uint64_t leg);

/** Is this leg in that process (0 to the number added)? No leg (0) is. */
bool sound_is_in(const struct sound *s, uint64_t leg, uint32_t process);

/** Which process it is in. */
uint32_t sound_process(const struct sound *s, uint64_t leg);

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

/** Ask for our answer to the offer of a browser: with the codec of the leg
 *  "like", so that none needs translation. uph or deadh follow. */
int sound_answer_browser(struct sound *s, uint64_t leg, uint64_t like,
			 const struct mbuf *sdp, sound_sdp_h *h, void *arg);

/** One prompt; borrow. */
struct sound_prompt {
	const char *name;     /**< "greeting"                              */
	const char *language; /**< "es"; NULL: that of the list            */
};

/** What a leg is to hear. */
struct sound_list {
	const char *language; /**< the line's; also of what there is not in
				   another one, before English             */
	struct sound_prompt v[LIMIT_PLAYLIST];
	uint8_t n;            /**< 0: comfort noise                        */
	bool loop;            /**< the last one goes on; else comfort noise,
				   and playedh                             */
	uint32_t serial;      /**< for playedh; 0: not told                */
};

/**
 * From now on the leg hears this
 *
 * A prompt that does not exist is left out; so playedh always follows, if it
 * was asked for and the list is not replaced: not later than the list lasts,
 * also if the peer has put us on hold. Not if the leg ends or is joined with
 * another one before, or media is lost.
 */
void sound_play(struct sound *s, uint64_t leg, const struct sound_list *list);

/**
 * Write down what comes in on this leg, as the message of this name (the
 * call's number), until sound_stop(), sound_close(), sound_bridge(),
 * sound_hear(), max_ms (0: LIMIT_MESSAGE_S) or an error. The leg hears
 * comfort noise meanwhile. Nothing of it is written but sealed to this key.
 *
 * @return 0: recordedh is told exactly once, whatever happens, unless s is
 *         freed before; ENOMEM: never
 */
int sound_record(struct sound *s, uint64_t leg, uint64_t name,
		 uint32_t max_ms, const struct sound_seal *to);

/** Enough; recordedh follows, if the leg is recorded. */
void sound_stop(struct sound *s, uint64_t leg);

/**
 * Press a key for the peer: as soon as it has spoken and then been quiet for
 * quiet_ms, most_ms from now at the latest. Whatever the leg hears goes on.
 */
void sound_send_key(struct sound *s, uint64_t leg, uint8_t key,
		    uint32_t quiet_ms, uint32_t most_ms);

/** These two hear each other. */
void sound_bridge(struct sound *s, uint64_t a, uint64_t b);

/**
 * From now on the leg hears these legs (up to WIRE_HEARS of wire.h), mixed if
 * there are several; n 0: comfort noise. Whom anybody else hears stays as it
 * is: say it for each leg.
 */
void sound_hear(struct sound *s, uint64_t leg, const uint64_t *from, size_t n);

/** The leg is over; closing twice is fine. */
void sound_close(struct sound *s, uint64_t leg);

#endif
