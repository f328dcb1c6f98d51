/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file browser.h  One ring of one counsellor at their page
 *
 * Knows whether the browser's sound is ready, and whether the counsellor has
 * accepted: only both together are an answered call. Not who rings.
 */
#ifndef RINGBACK_BROWSER_H
#define RINGBACK_BROWSER_H

#include <re.h>

#include "base/step.h"
#include "core/core.h"
#include "sound.h"

struct browser;

enum {
	BROWSER_ACCEPT_MS = 10000, /**< who accepts is waited for so long */
	BROWSER_LOST_MS = 20000,   /**< so is sound that was lost: longer
					than for a telephone              */
};

enum browser_news {
	BROWSER_ACCEPTED, /**< accepted, and sound can flow              */
	BROWSER_BACK,     /**< browser_lost() while they talked: sound flows
			       again, by another leg                     */
	BROWSER_OVER,     /**< cause says why. Always the last news, and told
			       exactly once. The owner may mem_deref() it */
};

/** May be called from within browser_*(). */
typedef void(browser_news_h)(enum browser_news news, enum core_cause cause,
			     void *arg);

/** Begin to ring. @param bp new, @param id of the offer, for the trace */
int browser_alloc(struct browser **bp, struct sound *sound, uint64_t id,
		  const struct step_trace *trace, browser_news_h *h,
		  void *arg);

/** Go on with a talk of an earlier life of this process: no news comes of
 *  that. @param leg After sound_found_take() */
int browser_restore(struct browser **bp, struct sound *sound, uint64_t id,
		    uint64_t leg, const struct step_trace *trace,
		    browser_news_h *h, void *arg);

/**
 * The page offers its sound
 *
 * Asked again, the first question is answered ECANCELED and its sound closed.
 *
 * @param like A leg whose codec is answered; 0 none
 * @param near A leg that it is to be joined with, perhaps the same; 0 none
 * @param h    Called exactly once, perhaps after the ring is over: as
 *             sound_answer(), ECANCELED it is over, or asked again
 * @param arg  A mem object, referenced until then
 *
 * @return 0; EPROTO not now, ENOMEM: h is not called
 */
int browser_offer(struct browser *b, const struct mbuf *sdp, uint64_t like,
		  uint64_t near, sound_sdp_h *h, void *arg);

/** The counsellor accepts. EPROTO if the page has not offered its sound, or
 *  not now. */
int browser_accept(struct browser *b);

/** What the media process says of browser_leg(). */
void browser_up(struct browser *b);
void browser_dead(struct browser *b);

/** The media process of browser_leg() died: the page has to offer its sound
 *  anew, and who talks has BROWSER_LOST_MS for that. No news from within. */
void browser_lost(struct browser *b);

/** Has the page to offer its sound anew? false of NULL, also the next two */
bool browser_is_lost(const struct browser *b);

/** Do they talk, and have sound? */
bool browser_is_talking(const struct browser *b);

/** May the page offer its sound now? */
bool browser_may_offer(const struct browser *b);

/** End it, whatever its state: BROWSER_OVER with this cause, from within. */
void browser_end(struct browser *b, enum core_cause cause);

/** Its number in the media process; 0 if it has no sound (any more), or if
 *  there is no browser. */
uint64_t browser_leg(const struct browser *b);

extern const struct step_machine browser_machine;

#endif
