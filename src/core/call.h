/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file call.h  One call for help and its machine
 *
 * The table is in call.c; what its rows do is in caller.c (from arrival to the
 * end), dialogue.c (the menu), message.c, promise.c and dial.c; where all calls
 * are kept is in slot.c. Where a move depends on a fact, the driver looks and
 * picks the event.
 */
#ifndef RINGBACK_CORE_CALL_H
#define RINGBACK_CORE_CALL_H

#include <sys/queue.h>

#include "core.h"
#include "menu.h"
#include "person.h"

struct core;
struct turn;
struct lane;

/** What can happen to a call. */
enum call_event {
	CALL_EV_ARRIVE = 0,
	CALL_EV_RESTORE,         /**< on record, and somebody is owed      */
	CALL_EV_RESTORE_TALK,    /**< on record, and they had talked       */
	CALL_EV_RESUME,          /**< on the line still: had not chosen a
				      language                             */
	CALL_EV_RESUME_WAIT,     /**< the same: waits                      */
	CALL_EV_RESUME_LEAVE,    /**< the same: hears what was promised    */
	CALL_EV_RESUME_TALK,     /**< the same: talks                      */
	CALL_EV_RECORDED,
	CALL_EV_NOT_RECORDED,
	CALL_EV_ANSWERED,
	CALL_EV_NOT_ANSWERED,
	CALL_EV_MENU,            /**< something for the dialogue           */
	CALL_EV_WAIT,            /**< into the queue                       */
	CALL_EV_LEAVE,           /**< hears thanks or goodbye              */
	CALL_EV_MESSAGE,         /**< is about to leave a message          */
	CALL_EV_RECORD,          /**< speaks                               */
	CALL_EV_FILED,           /**< has left a message                   */
	CALL_EV_SILENT,          /**< has said nothing                     */
	CALL_EV_RING_BACK,       /**< asks to be rung back                 */
	CALL_EV_MADE,            /**< the promise is durable               */
	CALL_EV_NOT_MADE,
	CALL_EV_GONE,            /**< the caller, and nothing is owed      */
	CALL_EV_GONE_OWED,       /**< the caller, and a promise is open    */
	CALL_EV_CLOSE,           /**< we end it                            */
	CALL_EV_OFFER,           /**< the allocator found somebody         */
	CALL_EV_NOT_TAKEN,       /**< an offer came to nothing, others ring */
	CALL_EV_NONE_LEFT,       /**< its last offer came to nothing       */
	CALL_EV_TAKEN,           /**< one of its offers was accepted       */
	CALL_EV_TAKEN_LATE,      /**< the same, but they may not be rung
				      back at this hour any more           */
	CALL_EV_COUNSELLOR_GONE, /**< out of the talk                      */
	CALL_EV_COUNSELLOR_LOST, /**< the same, without hanging up         */
	CALL_EV_BREAK_OFF,       /**< whoever was rung back, and waits to
				      talk again: nobody will            */
	CALL_EV_DUE,             /**< may be rung back now                 */
	CALL_EV_HELD,            /**< may not any more                     */
	CALL_EV_NUMBER_BACK,     /**< somebody has opened its number       */
	CALL_EV_DIAL_ANSWERED,
	CALL_EV_CONFIRMED,       /**< pressed the key to talk              */
	CALL_EV_DECLINED,        /**< wants no more calls                  */
	CALL_EV_NO_KEY,          /**< no key, and no words are allowed     */
	CALL_EV_NO_KEY_WORDS,    /**< no key: words are left               */
	CALL_EV_SAID,            /**< they are                             */
	CALL_EV_DIAL_OVER,
	CALL_EV_TAKE,            /**< somebody owns its promise from now on */
	CALL_EV_SNOOZE,
	CALL_EV_RING,            /**< is to be rung whatever was tried     */
	CALL_EV_KEEP,            /**< somebody has dealt with it           */
	CALL_EV_DISMISS,         /**< closed by a coordinator              */
	CALL_EVENTS
};

TAILQ_HEAD(call_list, call);

struct call {
	uint8_t state; /**< enum call_state; written by step() alone */
	struct core_record record; /**< all but its state            */
	struct core_promise before; /**< the promise that stays if the one
				       that is being made comes to nothing */
	uint32_t handle;      /**< 0 if unknown                          */
	uint32_t n_stopped;   /**< attempts that do not count as tried    */
	uint64_t arrived;
	int64_t place;        /**< in the queue: of the same clock, but it
				 may lie before its beginning            */
	uint64_t talking_since;

	/* the dialogue */
	struct menu menu;
	uint32_t serial;      /**< of the list being heard; 0: none that ends */
	uint32_t quiet_ms;
	uint32_t n_saving;    /**< CORE_PROMISE without an answer         */
	bool number_known;
	bool blocked;         /**< hears that, and nothing else          */
	bool here;            /**< what the menu was told last            */
	bool line_open;       /**< was it open then?                      */
	bool voiced;          /**< has left a message                     */
	bool unwritten;       /**< the promise is still to be made durable */
	bool cut_off;         /**< by us, while they were to speak        */
	bool declined;        /**< has said that they want nothing        */
	bool talked;          /**< with somebody who was lost             */
	bool settled;         /**< and nothing was promised since         */
	uint8_t refused;      /**< enum core_cause: was told that nobody can
				   come, and was offered nothing; 0 no    */
	uint8_t twin_told;    /**< what follows from another with its number */
	uint8_t twin_reason;  /**< the same: enum close_reason            */
	uint32_t twin_person;
	struct call *twin;    /**< borrow: the next with the same number, in a
				 ring; NULL if it is the only one; twin.c
				 writes                                  */
	struct deadline quiet, news, wait, circle_next, promise_next,
		reserved_end;

	/* the queue */
	uint8_t circle;       /**< STRATEGY_TIERS: who is rung            */
	uint8_t n_widened;    /**< by time                                */
	uint32_t reserved;    /**< person who is to be rung for it, alone; 0
				 whoever can take it                     */
	struct person *person; /**< borrow: talking, or NULL            */
	uint8_t guest_state;   /**< enum guest_state; written by step()
				    alone                               */
	struct person *guest;  /**< borrow: NULL in GUEST_NONE alone    */
	struct person_list ringing; /**< for it, the first rung first   */
	uint32_t n_ringing;
	struct call_list *queue; /**< borrow: that it stands in, or NULL;
				    alloc.c writes                      */
	struct lane *lane;       /**< borrow: the same                   */
	struct lane *line_up;    /**< borrow: where its position counts  */
	TAILQ_ENTRY(call) open;
	TAILQ_ENTRY(call) queued;
	TAILQ_ENTRY(call) lined;
	TAILQ_ENTRY(call) alike; /**< calls with handles that look alike */
};

/** Find an open call: NULL if there is none. borrow */
struct call *call_find(const struct core *core, uint64_t number);

/** Take the slot of a call; NULL if it is not empty. borrow */
struct call *call_open(struct turn *t, uint64_t number, uint32_t handle);

/**
 * Move a call
 *
 * When this returns the call may be over and its slot empty.
 *
 * @return 0, EPROTO if it does not expect this event: nothing changed
 */
int call_step(struct call *c, enum call_event ev, struct turn *t);

/** The same, where the other machine's state says that it is expected:
 *  aborts if it is not. */
void call_drive(struct call *c, enum call_event ev, struct turn *t);

/** Something that the core cannot accept now: traced. @return EPROTO */
int call_unexpected(const struct call *c, enum call_event ev,
		    const struct turn *t);

/** Is there a row for this? */
bool call_expects(const struct call *c, enum call_event ev);

/** Is the caller on the line by a call of their own? */
bool call_on_line(const struct call *c);

/** Do they talk, or wait to talk again, on a leg that we have dialled? */
bool call_dialled(const struct call *c);

/** Is it in the queue to be rung back, or being rung back? */
bool call_ringing_back(const struct call *c);

/** A counsellor is rung for it. */
void call_offer(struct call *c, struct person *p, struct turn *t);

/** Their offer came to nothing. */
void call_not_taken(struct call *c, struct person *p, struct turn *t);

/** They picked up first: connected, or the caller is rung back; all others
 *  are withdrawn. */
void call_taken(struct call *c, struct person *p, struct turn *t);

/** The caller's leg is gone, or is being ended: picks what that means. */
int call_leave(struct call *c, struct turn *t);

/** The house or a coordinator ends the leg. */
int call_close(struct call *c, struct turn *t);

/* ---- for the rows of the table ------------------------------------------ */

/** Ask for something about a call. borrow */
struct core_action *call_ask(struct turn *t, const struct call *c,
			     enum core_action_type type);

/** The same, with its record as it is now. borrow */
struct core_action *call_ask_record(struct turn *t, const struct call *c,
				    enum core_action_type type);

/** Out of the queue; whose phones ring are told that the caller is gone. */
void call_out_of_queue(struct turn *t, struct call *c);

/** Whoever rings for it is told why to stop. */
void call_stop_ringing(struct turn *t, struct call *c, enum person_event ev);

/** Into the queue, from wherever. */
void call_into_queue(struct turn *t, struct call *c);

/** It ends: the only way to an outcome. The slot is empty afterwards. */
void call_end(struct turn *t, struct call *c, enum call_outcome outcome,
	      enum core_cause cause);

#endif
