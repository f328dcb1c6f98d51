/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file offer.h  One ring of one counsellor: their telephone and their page at
 * once
 *
 * Each of the two is an arm. The first that accepts is the offer's winner, and
 * the other one is ended. A decline ends both. An arm that merely fails leaves
 * the other one ringing; the offer was not accepted when none is left.
 */
#ifndef RINGBACK_OFFER_H
#define RINGBACK_OFFER_H

#include "browser.h"
#include "quality.h"
#include "ownphone.h"
#include "switchboard_parts.h"

enum offer_arm {
	ARM_NONE = 0,
	ARM_PHONE,
	ARM_BROWSER,
};

struct offer {
	struct le he;
	struct switchboard *sb; /* borrow */
	struct ownphone *phone;   /* arm: their telephone */
	struct browser *browser;  /* arm: their page */
	struct tmr tmr; /* while it hears why it is released */
	uint64_t id;
	uint64_t call;
	uint32_t person;
	enum offer_arm winner;
	enum core_cause cause; /* the best that became of an arm */
	struct core_playlist hears; /* while there is no talk */
	struct quality quality; /* of a talk in the browser */
	bool held;   /* the caller hears hold sound */
	bool told;   /* the core knows that it is over: an arm takes longer */
	bool ending; /* all are */
};

/** Ring whatever they have. @return 0; ENOENT they have nothing; why the last
 *  arm could not be rung. */
int offer_begin(struct switchboard *sb, uint64_t id, uint64_t call,
		uint32_t person);

/**
 * Go on with what an earlier life of this process had accepted: this leg is
 * that of its winner, a telephone's or a page's by its owner
 *
 * @param leg After sound_found_take()
 *
 * @return 0; EALREADY there is one of this number, as leg_restore()
 */
int offer_restore(struct switchboard *sb, uint64_t leg, const struct kept *k);

/** All of this call that these two are not, 0 none, end. */
void offers_leave(struct switchboard *sb, uint64_t call, uint64_t but,
		  uint64_t nor);

/** Of who has them, until the core is told that it is over; NULL. borrow */
struct offer *offer_find(const struct switchboard *sb, uint64_t id);

/** The one that is out to a person; NULL. borrow */
struct offer *offer_of(const struct switchboard *sb, uint32_t person);

/** The one whose page speaks by this leg; NULL. borrow */
struct offer *offer_of_browser(const struct switchboard *sb, uint64_t leg);

/** The leg of who accepted, 0 if nobody has. */
uint64_t offer_sound(const struct offer *offer);

/** The same; 0 also while it has no sound. */
uint64_t offer_voice(const struct offer *offer);

/** A media process died: its telephone goes on in that of the leg "near", its
 *  page has to offer its sound anew. @return a leg of it that was moved, or
 *  near */
uint64_t offer_move(struct offer *offer, uint32_t process, uint64_t near);

/** The leg of the caller on the line, 0 if they are yet to be rung back. */
uint64_t offer_caller(const struct offer *offer);

/** Somebody at this leg pressed a key: does it accept an offer? (sound.h) */
void offer_key(const struct switchboard *sb, uint64_t leg, uint8_t key);

/** A leg of its call, of whatever party: all are in one media process; 0 if it
 *  has none yet. */
uint64_t offer_near(const struct offer *offer);

/** Ring their page too, which has just been opened. @return 0, ENOMEM */
int offer_add_browser(struct offer *offer);

/** End all arms. May be the end of the offer. */
void offer_end(struct offer *offer, enum core_cause cause);

/** Its caller was lost by a fault of ours: it ends, and they are told why. */
void offer_cut_off(struct offer *offer);

/** They do not want it: all arms end. */
void offer_decline(struct offer *offer);

/** End what was accepted. */
void offer_hang_up(struct offer *offer);

#endif
