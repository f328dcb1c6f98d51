/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file switchboard_parts.h  The inside of the switchboard, shared alone by
 * the nouns that it is made of: calls, offers, party, dialler, clerk, counsellor,
 * board, web, start
 */
#ifndef RINGBACK_SWITCHBOARD_PARTS_H
#define RINGBACK_SWITCHBOARD_PARTS_H

#include "core/core.h"
#include "plan/plan.h"
#include "seal/handle.h"
#include "seal/held.h"
#include "store/dialler.h"
#include "alarms.h"
#include "audit.h"
#include "board.h"
#include "consoles.h"
#include "ledger.h"
#include "look.h"
#include "marks.h"
#include "switchboard.h"
#include "wall.h"
#include "wiper.h"

enum { EVENTS_MAX = 256 };

struct switchboard {
	struct switchboard_config c;
	struct plan_words words;
	struct core *core;
	struct ledger *ledger;
	struct sound *sound;
	struct legs *legs;
	struct people *people;
	struct consoles *consoles;
	struct board *board;
	struct handles *handles;
	struct wall *wall;
	struct looks *looks;
	struct marks *marks;
	struct audit *audit;
	struct alarms *alarms;
	struct surge *surge;
	struct outgoing *outgoing;
	struct wiper *wiper;
	struct held *own;      /* the dialler's key, unless it was given */
	const struct held *held; /* borrow: that key                 */
	struct store_dialler dialler; /* it on record; id 0: not yet     */
	struct hash *calls;  /* struct call, by number           */
	struct hash *ears;   /* the same, by the leg they hear by */
	struct hash *numbers; /* the same, by the number promised */
	struct hash *offers; /* struct offer, by number          */
	struct list waitingl; /* for a promise to be on disk     */
	struct list forgetl;  /* calls of which nothing is to be left */
	struct list thirdl;   /* struct third: brought into talks */
	struct list listenl;  /* struct listen: who listens to one */
	struct tmr tmr;
	struct tmr budget; /* until callers may be rung back again */
	struct core_event events[EVENTS_MAX]; /* waiting for their turn */
	size_t n_events;
	size_t first_event;
	size_t n_recording; /* messages that are not filed */
	uint64_t pauses; /* of core_pauses_serial(): said to media */
	bool pauses_known; /* from the life before this one */
	bool stepping;
	bool closing; /* nothing is begun any more */
	bool spent; /* the day's ring-backs are used up */
	bool unsealed; /* messages could not be sealed: that has been said */
};

/* A call for help, from INVITE until the core is done with it: with a promise
 * that may be weeks. */
struct call {
	struct le he;
	struct le he_ear;
	struct le he_number; /* while we are to ring it */
	struct switchboard *sb;    /* borrow */
	struct leg *leg;           /* the caller's own */
	struct dial *dial;         /* we ring them back */
	struct party *party;       /* a talk: who hears whom */
	struct core_playlist hears; /* while there is no talk */
	struct secret_text number; /* known from the call, then as promised */
	struct store_number sealed; /* the same, as it is on disk, or waits */
	struct secret_text typed;
	uint64_t id;
	uint64_t ear;  /* the leg whose keys count */
	uint16_t line;
	uint64_t plan; /* mark that says they have a care plan; 0 none */
	bool hung_up;  /* by us: the core does not ask for it any more */
	bool owed;     /* the last record has a promise with a number  */
	uint32_t handle; /* tells the same caller again today; 0 nothing does */
	bool asked;    /* for a key, in a flood: has not pressed it yet */
	bool promised; /* there may be a row of its promise */
	bool recording; /* its message is not filed */
	bool ended;    /* the core is done with it */
};

typedef void(action_h)(struct switchboard *sb, const struct core_action *a);

/* switchboard.c */
/** Tell the core, now or when it is done with what it does. */
void switchboard_post(struct switchboard *sb, const struct core_event *ev);
/** Tell the core and hear what it says; not from within a step. */
int switchboard_tell(struct switchboard *sb, const struct core_event *ev);
/** Has this person accepted, and nobody hung up? */
bool switchboard_talks(const struct switchboard *sb, uint32_t person);

/* calls.c */
/** A call object without a leg. @param callp new, borrow: the switchboard has
 *  it until calls_release() finds it over */
int calls_add(struct call **callp, struct switchboard *sb, uint64_t id,
	       uint16_t line);
struct call *calls_find(const struct switchboard *sb, uint64_t id);
/** Let go of what is not needed any more, perhaps of the call itself. */
void calls_release(struct call *call);
/** Keys and ends of lists of this leg are the caller's; 0: of none. */
void calls_listen(struct call *call, uint64_t leg);
/** Tells the same caller again today; 0 if no number is known. */
uint32_t calls_handle(const struct call *call);
/** The leg they speak by, 0 if none. */
uint64_t calls_sound(const struct call *call);
/** Go on with the leg of an earlier life of this process; it is taken already.
 *  @return as leg_restore() */
int calls_restore(struct call *call, uint64_t leg, const struct kept *k);
/** The same; 0 also while it has no sound. */
uint64_t calls_voice(const struct call *call);
void calls_play(const struct call *call, uint64_t leg,
	       const struct core_playlist *play);
/** What the core says of who is asked for a key. */
void calls_on_state(struct call *call, enum call_state state);
void calls_close(struct switchboard *sb);
action_h calls_do_answer, calls_do_end, calls_do_play, calls_do_typed,
	calls_do_type_anew, calls_do_check_number, calls_do_send_key,
	calls_do_record_message, calls_do_stop_message, calls_do_drop_message;
sound_digit_h calls_on_digit;
sound_played_h calls_on_played;
sound_recorded_h calls_on_recorded;

/* offers.c */
void offers_end(struct switchboard *sb, enum core_cause cause);
/** The leg of who has accepted it, 0 if nobody has. */
uint64_t offers_sound(const struct switchboard *sb, uint64_t id);
/** Is this the leg of a counsellor who is not gone? */
bool offers_speak(const struct switchboard *sb, uint64_t leg);
/** A counsellor's page was opened or is gone. */
void offers_console(struct switchboard *sb, uint32_t person, bool present);
sound_leg_h offers_on_up, offers_on_dead;
/** A list was heard to its end: of a counsellor that is being released? */
void offers_on_played(struct switchboard *sb, uint64_t leg, uint32_t serial);
action_h offers_do_offer, offers_do_end, offers_do_connect, offers_do_tell,
	offers_do_release;

/* party.c */
action_h party_do_change;

/* dialler.c */
action_h dialler_do_dial;

/* clerk.c */
ledger_made_h clerk_on_made;
ledger_promised_h clerk_on_promised;
ledger_settled_h clerk_on_settled;
action_h clerk_do_record, clerk_do_update, clerk_do_promise,
	clerk_do_attempt;

/* promises.c */
/** All that was said of this call is on disk. */
void promises_settled(struct switchboard *sb, uint64_t call);
action_h promises_do_notice;

/* forget.c */
/** All that was said of this call is on disk. */
void forget_settled(struct switchboard *sb, uint64_t call);

/* twins.c */
/** For PROMISE_MADE and RESTORE of a call with a number promised: its handle,
 *  and who else has the same number. */
void twins_tell(struct core_event *ev, struct call *call);
/** Its number is not to be rung (any more). */
void twins_forget(struct call *call);

/* start.c */
/** Callers are on the line from before: who is on duty is taken to be there
 *  until the pages have had time to come back, so that nobody is told that
 *  nobody is. Before the people are loaded. */
int start_expect(struct switchboard *sb);
/** Whoever was not to be rung for a while still is not. After the people are
 *  loaded, before any call. */
void start_pauses(struct switchboard *sb);
/** What the store holds of open calls, for the core; then messages that
 *  nobody waits for are deleted. */
int start_restore(struct switchboard *sb);

#endif
