/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file core.h  The decisions: who waits, who is rung, who talks with whom
 *
 * Pure: (state, event, now) -> (state, actions). No clock, no file, no SQL,
 * no libre, no randomness. Everything that could lose a call for help lives
 * behind this header, so that tests/sim can run it against simulated callers,
 * counsellors and time from a seed.
 *
 * The shell (src/line) feeds events with core_step() and carries out the
 * actions in the order given. It may be slow, and it may fail: every action
 * that can fail has an event that says so.
 *
 * Words: a *call* is one attempt to reach the line, from arrival to its end.
 * An *offer* is one ring of one counsellor for one call. A counsellor (person)
 * has at most one offer at any time, from OFFER until the shell reports it
 * over: nobody can be offered two calls, by construction. A call may have
 * several offers out: several phones ring for one caller. The first that is
 * picked up is connected, and all others are withdrawn in the same step.
 *
 * Who is rung: whenever somebody is free, the caller who waits longest among
 * those for whom nobody rings is offered to them. When every waiting caller
 * has a ring, those who are still free are rung for the longest waiting one
 * too, up to as many as core_settings allows for one caller, then for the
 * next. A ring that is out is never taken from a caller for another one: the
 * first pick-up frees all others, and they are rung for the next caller as
 * soon as their phones have stopped.
 *
 * Who is unreachable: a ring fails if it ends with CAUSE_NO_ANSWER,
 * CAUSE_BUSY, CAUSE_DEAD or CAUSE_NETWORK before it was picked up or
 * withdrawn, or if its time runs out; CAUSE_DEAD and CAUSE_NETWORK also if it
 * was withdrawn already. Failed rings are counted for each
 * counsellor. A decline is neither failure nor success; a pick-up, also one
 * that comes too late, and going on duty begin the count anew. At
 * CORE_FAILED_RINGS the counsellor goes off duty by CORE_OFF_DUTY.
 *
 * Who may be rung for whom: a counsellor of the call's line who speaks its
 * language and has all skills that the line asks for. Of those whom the
 * strategy would ring, the ones who can do least else are rung first, so that
 * who speaks two languages is kept for those who need it.
 *
 * What a caller hears and which keys mean what: docs/caller.md. The menu
 * (menu.h) asks, the call decides.
 *
 * The queue is ordered by *place*: when the call arrived; for a caller who
 * broke off waiting and redials within CORE_REDIAL_MS, when they first did;
 * for a ring-back the arrival of its call, or, after an attempt that failed,
 * the time when the next attempt became due. Live callers are never starved:
 * after a counsellor was rung for a ring-back, the next one goes to a live
 * caller if one waits without a ring whom they could take; and no more than
 * dials_at_once ring-backs are under way.
 *
 * A ring-back is held back, and keeps its place, while a call with the same
 * handle is on the line, while another ring-back with the same handle is under
 * way, outside the hours that are safe for the caller, while its line is
 * closed, and until the caller's own leg is over.
 *
 * Who asks for a ring-back themselves (PROMISE_RING with .person) is rung for
 * it alone, when its turn comes and they are free; phones that ring for it
 * already ring on. When their ring is over without a talk, when they go off
 * duty, or when CORE_RESERVED_MS have passed without a ring, it is anybody's.
 *
 * Several ring-backs to one number (event field .twin) are one: the oldest that
 * is rung by itself is rung for all, when all allow it, showing and saying what
 * all allow. The others are kept, closed (but as duplicates) and given to the
 * coordinator with it; a message that was left stays open, and is not rung. RING
 * of one that follows rings the one it follows.
 *
 * Promises: the owner is the counsellor on duty who could take the call and
 * owns fewest; none, and it is the coordinator's (0). An owner who goes off
 * duty hands over in the same way. A promise that is due and not kept climbs
 * the levels, one each climb_ms; a ring-back that has used up its attempts, or
 * whose number is dead, goes to the coordinator at once and is not rung by
 * itself any more. Each change is an UPDATE and a NOTICE. Nothing but a talk,
 * KEEP, CLOSE or the caller's own "no more" ends a promise.
 *
 * A caller whose counsellor is lost in a talk (PERSON_LOST) waits again, at the
 * old place. If they hang up then, they have talked; what they ask for then is
 * a promise like any other. Who was rung back and cannot be talked with again
 * is rung once more, unless that was the last attempt.
 *
 * The guest of a talk: a second counsellor, asked by the one who talks. They
 * are rung by an offer like any other, but only if they are free; who has
 * picked up talks with the first one alone at first (aside), while the caller
 * hears hold sound, then with both, or takes over. A caller is never left
 * alone: when the one who talks goes, or is lost, a guest who has picked up
 * takes over in the same step; when the guest goes, the talk goes on as two.
 *
 * A number that nobody can open after a restart waits: its promise is owned,
 * climbs and is shown as ever, and is not rung until NUMBER_BACK.
 *
 * In a flood of calls the shell has some of them asked for a key (.check):
 * until they press it nobody is rung for them and they have no place. Whoever
 * does not is told, and hung up on: BLOCKED, CAUSE_FLOOD.
 *
 * A caller who is blocked is put on record and answered like everybody, hears
 * why nobody will talk with them and whom to call in an emergency, and that is
 * the end: nobody is rung, and no key means anything.
 *
 * What our own fault breaks off (CLOSE while waiting, a crash found by
 * RESTORE) stays open as PROMISE_CUT_OFF, the coordinator's. A talk that is
 * broken off that way has been a talk.
 *
 * A caller whose leg outlives our process is no such thing: RESUME with what
 * core_keep() said last. Who talked talks on, by the same offer, with the same
 * guest; who waited waits at the old place, and nobody is rung twice: whoever
 * talks is not free. Who was being asked something waits; who was recording,
 * or had been promised something that is on record, hears so. A ring-back that
 * had not come to a talk is not taken up: its promise is restored. Who was
 * writing up, or resting, does so until the end that was set (PERSON_PAUSED).
 *
 * Times are milliseconds of one monotonic clock; only differences matter.
 * unix_ms is wall time: for records, promises and hours; it may jump.
 */
#ifndef RINGBACK_CORE_H
#define RINGBACK_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/step.h"

struct core;

/** Where a call for help is. The caller is on the line from ARRIVING to
 *  LEAVING, and from CONFIRMING to TALKING if we rang back. */
enum call_state {
	CALL_NONE = 0,  /**< no such call                                */
	CALL_ARRIVING,  /**< let in; its record is being made durable    */
	CALL_ANSWERING, /**< on record; the shell is answering           */
	CALL_CHOOSING,  /**< hears the choice of languages; not in the
			     queue yet                                   */
	CALL_WAITING,   /**< in the queue: hold sound; nobody rings      */
	CALL_OFFERED,   /**< the same; one phone rings, or several       */
	CALL_TALKING,   /**< connected to a counsellor                   */
	CALL_SAVING_MESSAGE,   /**< the promise is being made durable, then
			     the tone sounds; out of the queue           */
	CALL_RECORDING, /**< the caller speaks; nobody rings             */
	CALL_FILING,    /**< gone while recording: was anything said?    */
	CALL_SAVING_RING_BACK, /**< the promise is being made durable    */
	CALL_LEAVING,   /**< promised; hears thanks, may still change it */
	CALL_PROMISED,  /**< nobody on the line; a promise is open       */
	CALL_DUE,       /**< its turn to be rung back: in the queue for a
			     counsellor                                  */
	CALL_DUE_OFFERED, /**< the same; counsellors' phones ring        */
	CALL_DIALLING,  /**< a counsellor has accepted and hears it ring at
			     the caller's                                */
	CALL_CONFIRMING, /**< somebody or something picked up there, and is
			     asked for a key                             */
	CALL_SAYING,    /**< no key: the words the caller allowed are left
			     on their voicemail; no counsellor           */
	CALL_HANGING_UP, /**< an attempt is over; the caller's leg is not
			     yet                                         */
	CALL_ENDED,     /**< over; its outcome says how                  */
	CALL_STATES
};

/** Where the guest of a talking call is: a second counsellor. */
enum guest_state {
	GUEST_NONE = 0, /**< there is none; the two talk                 */
	GUEST_RINGING,  /**< their phone rings; the two talk on          */
	GUEST_ASIDE,    /**< the two counsellors talk; the caller hears hold
			     sound                                       */
	GUEST_THREE,    /**< all three talk                              */
	GUEST_STATES
};

/** How a call for help ended: exactly one of these, and nothing else. */
enum call_outcome {
	OUTCOME_OPEN = 0,  /**< it has not ended                           */
	OUTCOME_TALKED,    /**< caller and counsellor were connected       */
	OUTCOME_KEPT,      /**< a promise was made and kept: they talked
				later, or a message was dealt with         */
	OUTCOME_DECLINED,  /**< the caller wants nothing more from us      */
	OUTCOME_GAVE_UP,   /**< hung up while waiting                      */
	OUTCOME_SHORT,     /**< hung up within short_ms: gave up, apart    */
	OUTCOME_BLOCKED,   /**< we refused, with a reason: also who heard that
				nobody can come, and was offered nothing,
				or that they are blocked                   */
	OUTCOME_CLOSED,    /**< closed by a coordinator, with a reason     */
	OUTCOMES
};

/** What is owed to a caller. A call has one promise at most. */
enum promise_kind {
	PROMISE_NONE = 0,
	PROMISE_RING_BACK, /**< asked to be rung back                      */
	PROMISE_MESSAGE,   /**< left a message; is rung back too if they
				gave a number                              */
	PROMISE_CUT_OFF,   /**< our own fault broke off their waiting: no
				number is known; a coordinator looks at it */
	PROMISES
};

/** May we leave words if nobody presses the key? */
enum promise_words {
	WORDS_NONE = 0, /**< hang up and say nothing                       */
	WORDS_PLAIN,    /**< "somebody you know of called, and will again" */
	WORDS_NAME,     /**< with the line's name                          */
	PROMISE_WORDS
};

/** When may their phone ring? Local time of the installation. */
enum promise_hours {
	HOURS_ANY = 0,
	HOURS_DAY,      /**< 08:00 to 20:00                                */
	HOURS_EVENING,  /**< 17:00 to 22:00                                */
	PROMISE_HOURS
};

/** What their phone shows. */
enum promise_shown {
	SHOWN_WITHHELD = 0, /**< nothing                                   */
	SHOWN_LINE,         /**< the line's number                         */
	SHOWN_NEUTRAL,      /**< a number that says nothing                */
	PROMISE_SHOWN
};

/** Who must see to an open promise now: the ladder it climbs. */
enum promise_level {
	LEVEL_OWNER = 0,   /**< not due yet, or just due                   */
	LEVEL_ON_DUTY,     /**< overdue: everybody on duty                 */
	LEVEL_COORDINATOR, /**< overdue for long, or cannot be rung        */
	PROMISE_LEVELS
};

/** How an attempt to ring somebody back went. */
enum attempt_outcome {
	ATTEMPT_OPEN = 0,   /**< it goes on; or we died in it              */
	ATTEMPT_TALKED,     /**< answered, key pressed, connected          */
	ATTEMPT_NO_ANSWER,
	ATTEMPT_BUSY,
	ATTEMPT_VOICEMAIL,  /**< picked up, and no key was pressed         */
	ATTEMPT_HUNG_UP,    /**< picked up, and hung up without a key      */
	ATTEMPT_DECLINED,   /**< "do not ring me any more"                 */
	ATTEMPT_DEAD,       /**< no such number                            */
	ATTEMPT_NETWORK,    /**< could not get through                     */
	ATTEMPT_STOPPED,    /**< the counsellor hung up first, or the promise
				 was closed meanwhile                      */
	ATTEMPTS
};

/** Why a coordinator closes a promise. Fixed words: free text is a note, and
 *  notes are sealed. */
enum close_reason {
	CLOSE_NONE = 0,
	CLOSE_REACHED,     /**< talked with them on another way            */
	CLOSE_UNREACHABLE, /**< tried often enough                         */
	CLOSE_NO_NUMBER,   /**< nothing to ring, nothing to understand     */
	CLOSE_DUPLICATE,   /**< the same caller, in another call           */
	CLOSE_NOT_FOR_US,  /**< wrong number, robot, prank                 */
	CLOSE_UNSAFE,      /**< ringing them would put them in danger      */
	CLOSE_TEST,        /**< our own test                               */
	CLOSE_REASONS
};

/** Words of the house, spoken: prompts/LANGUAGE/NAME.wav. Row: enum, name. */
#define CORE_PROMPTS(X)                                                       \
	X(GREETING, "greeting")     /* you have reached ...               */  \
	X(NOTICE, "notice")         /* if a life is in danger ...         */  \
	X(CHOOSE, "choose")         /* "for this language" (in it): then KEY */\
	X(CHOOSE_LATER, "choose_later") /* the same; nobody speaks it now, we \
				       will ring you back: then KEY       */  \
	X(PRESS, "press")           /* "press", before a digit            */  \
	X(WRONG_KEY, "wrong_key")   /* that key means nothing here        */  \
	X(RINGING_FOR_YOU, "ringing") /* we are ringing a counsellor      */  \
	X(HOLD, "hold")             /* hold sound, looped                 */  \
	X(STAY, "stay")             /* please stay on the line (detention) */ \
	X(POSITION, "position")     /* "your place in the queue is": digit */ \
	X(POSITION_FAR, "position_far") /* more than nine wait before you */  \
	X(WAIT_2, "wait_2")         /* about two minutes; and so on       */  \
	X(WAIT_5, "wait_5")                                                   \
	X(WAIT_10, "wait_10")                                                 \
	X(WAIT_20, "wait_20")                                                 \
	X(WAIT_LONG, "wait_long")                                             \
	X(OFFER_RING_BACK, "offer_ring_back") /* press 1 to be rung back, you \
				       keep your place                    */  \
	X(OFFER_MESSAGE, "offer_message") /* press 2 to leave a message   */  \
	X(OFFER_DECLINE, "offer_decline") /* press 9 if you want neither  */  \
	X(OFFER_STAY, "offer_stay") /* press 0 to go on waiting           */  \
	X(NOBODY, "nobody")         /* nobody can take your call now      */  \
	X(CLOSED, "closed")         /* the line is closed at this hour    */  \
	X(BLOCKED, "blocked")       /* we cannot take your calls; whom to call \
				       if a life is in danger             */  \
	X(CHECK, "check")           /* many calls at once: to go on, press: \
				       then a digit                       */  \
	X(UNCHECKED, "unchecked")   /* we heard no key; please call again */  \
	X(QUEUE_FULL, "queue_full") /* very many are waiting; it may take very \
				       long                               */  \
	X(LONG_WAIT, "long_wait")   /* you have waited very long, sorry   */  \
	X(SPEAK, "speak")           /* speak after the tone; hang up when done */\
	X(TONE, "tone")                                                       \
	X(SILENT, "silent")         /* we heard nothing                   */  \
	X(KEPT_MESSAGE, "kept_message") /* your message is kept           */  \
	X(ASK_RING_BACK, "ask_ring_back") /* 1: to be rung back as well   */  \
	X(NUMBER_IS, "number_is")   /* "your number is": then NUMBER      */  \
	X(NUMBER, "number")         /* the shell reads it back, digit by digit */\
	X(NUMBER_RIGHT, "number_right") /* 1: right, 2: type another      */  \
	X(TYPE_NUMBER, "type_number") /* type your number, then hash      */  \
	X(NUMBER_BAD, "number_bad") /* we cannot ring that number         */  \
	X(ASK_WORDS, "ask_words")   /* 1 say nothing 2 plain 3 with name  */  \
	X(ASK_HOURS, "ask_hours")   /* 1 any 2 day 3 evening              */  \
	X(ASK_SHOWN, "ask_shown")   /* what shall your phone show?        */  \
	X(SHOW_WITHHELD, "show_withheld") /* 1: no number                 */  \
	X(SHOW_LINE, "show_line")   /* 2: the line's number               */  \
	X(SHOW_NEUTRAL, "show_neutral") /* 3: a number that says nothing  */  \
	X(KEPT_RING_BACK, "kept_ring_back") /* we will ring you; your place */\
	X(NOT_KEPT, "not_kept")     /* we cannot write it down now; please \
				       stay on the line                   */  \
	X(GOODBYE, "goodbye")                                                 \
	X(RING_BACK_FOR, "ring_back_for") /* counsellor: a caller who asked \
				       to be rung back; we ring them now  */  \
	X(RINGTONE, "ringtone")     /* looped                             */  \
	X(NOT_REACHED, "not_reached") /* counsellor: we did not reach them */ \
	X(CONFIRM, "confirm")       /* rung back: a call you asked for; 1 to  \
				       talk, 9 if you no longer want it   */  \
	X(WORDS_PLAIN, "words_plain")                                         \
	X(WORDS_NAME, "words_name")                                           \
	X(OWN_PHONE, "own_phone")   /* counsellor, on a telephone where others \
				       may answer: any key takes the call; \
				       names nothing                      */  \
	X(ZERO, "0") X(ONE, "1") X(TWO, "2") X(THREE, "3") X(FOUR, "4")       \
	X(FIVE, "5") X(SIX, "6") X(SEVEN, "7") X(EIGHT, "8") X(NINE, "9")

enum prompt {
#define X(name, word) PROMPT_##name,
	CORE_PROMPTS(X)
#undef X
	PROMPTS
};

/** What a caller is to hear, one after the other. */
struct core_playlist {
	struct {
		uint8_t prompt;   /**< enum prompt                         */
		uint8_t language; /**< index, as everywhere in the core    */
	} v[LIMIT_PLAYLIST];
	uint8_t n;
	bool loop; /**< the last one goes on; else comfort noise and PLAYED */
	uint32_t serial; /**< PLAYED says it; 0 if nobody waits for that   */
};

/** Where a counsellor is. */
enum person_state {
	PERSON_NONE = 0,   /**< no such person                               */
	PERSON_OFF,        /**< off duty                                     */
	PERSON_FREE,       /**< on duty, may be offered a call               */
	PERSON_RINGING,    /**< an offer is out                              */
	PERSON_STOPPING,   /**< offer withdrawn; its end not yet reported    */
	PERSON_STOPPING_LATE, /**< the same, as the ring time ran out: rests
				afterwards                                   */
	PERSON_RELEASING,  /**< picked up, but too late: being hung up on    */
	PERSON_TALKING,    /**< connected to a caller                        */
	PERSON_HANGING_UP, /**< talk over; the phone leg's end not yet
				reported                                     */
	PERSON_WRAP_UP,    /**< writing up; rung again when it ends          */
	PERSON_RESTING,    /**< did not take an offer; asked again later     */
	/* the same, having gone off duty in the meantime: OFF follows */
	PERSON_STOPPING_OFF,
	PERSON_RELEASING_OFF,
	PERSON_TALKING_OFF,
	PERSON_HANGING_UP_OFF,
	PERSON_STATES
};

/** Why an offer was not taken, or a leg was lost. */
enum core_cause {
	CAUSE_NONE = 0,
	CAUSE_DECLINED,  /**< 603, or "skip" in the console     */
	CAUSE_BUSY,      /**< 486, 600                          */
	CAUSE_NO_ANSWER, /**< 408, 480, 487, or our ring time   */
	CAUSE_DEAD,      /**< 404, 410, 484, 604: no such phone */
	CAUSE_NETWORK,   /**< 5xx, no reply at all, no route    */
	CAUSE_NO_CODEC,  /**< 488, or no common codec           */
	CAUSE_HUNG_UP,   /**< the ordinary end                  */
	CAUSE_BAD_PEER,  /**< broke the protocol beyond repair  */
	CAUSE_RESTART,   /**< a process died under it           */
	CAUSE_STORE,     /**< the record could not be made      */
	CAUSE_HOUSE,     /**< we could not even try: our doing  */
	CAUSE_CLOSED,    /**< told so, and nothing was offered  */
	CAUSE_UNSTAFFED, /**< the same: nobody is there         */
	CAUSE_MARKED,    /**< blocked by people, for a time     */
	CAUSE_FLOOD,     /**< in a flood of calls, and pressed no key */
	CAUSES
};

enum core_event_type {
	/* calls: .call */
	CORE_ARRIVE = 0,    /**< let in. .call must be core_next_call();
				 .line, .handle, .number_known, .blocked     */
	CORE_RECORDED,      /**< its record is durable                       */
	CORE_NOT_RECORDED,  /**< the store refused: the call is refused      */
	CORE_ANSWERED,      /**< 200 is out and sound can flow               */
	CORE_NOT_ANSWERED,  /**< could not be answered; .cause               */
	CORE_CALLER_GONE,   /**< CANCEL, BYE, or the leg is dead; .cause     */
	CORE_CLOSE,         /**< we end it: .cause says why (the house stops,
				 its sound is lost, a coordinator wants it)  */

	/* offers: .offer */
	CORE_ACCEPTED,      /**< picked up (and keyed, where that is asked)  */
	CORE_NOT_ACCEPTED,  /**< over without a talk; .cause. Final: nothing
				 of this offer's leg is left                 */
	CORE_PERSON_GONE,   /**< hung up after accepting; the leg is gone.
				 Also the final answer to RELEASE and to
				 WITHDRAW of an offer that crossed an accept.
				 Either final report ends an offer in
				 whatever state it is                        */
	CORE_PERSON_LOST,   /**< the same, but nobody has hung up: their browser
				 or phone is not there any more. Out of a talk
				 the caller goes back to their old place    */

	/* the guest of a talk: .offer is that of the counsellor who talks;
	   EPROTO if it does not talk with a caller */
	CORE_CONSULT,       /**< ring .person, who must be of the line (EPERM)
				 and free (EBUSY), ENOENT if unknown; 0:
				 whoever could take the call and is free
				 longest, EBUSY if nobody is. EPERM there is a
				 guest already, or it is a detention line    */
	CORE_CONSULT_END,   /**< the guest's ring is withdrawn, or they are
				 released; EPROTO there is none              */
	CORE_THREE,         /**< all three talk from now on; EPROTO if the
				 guest is not aside                          */
	CORE_HAND_OVER,     /**< the guest who has picked up is the counsellor
				 from now on, and .offer is released; EPROTO
				 there is none                               */

	/* people: .person */
	CORE_PERSON,        /**< exists, with .wrap_up_ms; new ones are OFF.
				 When there is no room, somebody who is OFF
				 is forgotten: say this before each ON       */
	CORE_PERSON_ON,     /**< goes on duty                                */
	CORE_PERSON_OFF,    /**< goes off duty: an offer is withdrawn, a talk
				 goes on                                     */
	CORE_PERSON_READY,  /**< ends wrap-up or rest before its time: may be
				 rung at once. EPROTO in any other state     */
	CORE_PERSON_PAUSED, /**< after a restart, before all calls: .pause is
				 what core_pauses() said of them. EPROTO if
				 they are not free: who is off duty has none */

	/* the caller's dialogue: .call */
	CORE_KEY,           /**< pressed .key: 0-9, 10 *, 11 #               */
	CORE_PLAYED,        /**< heard the playlist .serial to its end       */
	CORE_NUMBER_GOOD,   /**< answer to CHECK_NUMBER: we may ring it      */
	CORE_NUMBER_BAD,    /**< we may not                                  */
	CORE_FILED,         /**< the message is over (STOP_MESSAGE, hang-up,
				 five minutes, no disk): .ms long, .voiced_ms
				 of them not silent. Follows each RECORD_
				 MESSAGE exactly once                        */
	CORE_PROMISE_MADE,  /**< answer to CORE_PROMISE: it is durable       */
	CORE_PROMISE_NOT_MADE, /**< it could not be written. If the caller is
				 gone by then it is asked for once more,
				 after CORE_ANSWER_MS                        */
	CORE_NUMBER_BACK,   /**< a number that waited can be rung again;
				 .handle, .twin. EPROTO if it did not wait   */

	/* ringing back: .call */
	CORE_DIAL_ANSWERED, /**< picked up there                             */
	CORE_DIAL_OVER,     /**< nothing of that leg is left; .cause. Follows
				 each DIAL exactly once, also after HANG_UP  */

	/* a coordinator or counsellor about a promise: .call */
	CORE_PROMISE_TAKE,  /**< .person owns it from now on; EPERM if they
				 are off duty                                */
	CORE_PROMISE_KEEP,  /**< .person (0 nobody) has dealt with it        */
	CORE_PROMISE_CLOSE, /**< .reason says why                            */
	CORE_PROMISE_SNOOZE, /**< due .ms later; ERANGE too often or too far */
	CORE_PROMISE_RING,  /**< ring back at the next turn, whatever was
				 tried; EPERM there is no number, ENOKEY it
				 waits for somebody to open it. .person: it
				 is for them alone (0 for whoever is free);
				 EPERM if they are off duty or cannot take it */

	CORE_RESTORE,       /**< at the start, after CLOCK and the people,
				 before all others: .restore is what the store
				 holds of an open call                       */
	CORE_RESUME,        /**< the same, instead: the caller's leg is still
				 there; .restore, .kept, .handle, .twin.
				 Whose offer is not in core_call() afterwards
				 is not in a talk (any more). ENOENT if that
				 is no state to go on from: then RESTORE it.
				 Nobody is rung until all have been taken up,
				 in the next TICK                             */
	CORE_CLOCK,         /**< it is .unix_ms now. At the start, each minute
				 and when the clock was set                  */
	CORE_TICK,          /**< time has passed: at most one deadline is
				 handled; see core_deadline()                */
	CORE_EVENTS
};

struct core_event {
	enum core_event_type type;
	uint64_t call;
	uint64_t offer;
	uint32_t person;
	uint16_t line;
	uint32_t handle;      /**< ARRIVE, RESTORE: tells the same caller
				   again; 0 if withheld. PROMISE_MADE,
				   NUMBER_BACK: of the number promised, if it
				   was                                      */
	bool number_known;    /**< ARRIVE: we could ring them back          */
	bool blocked;         /**< ARRIVE: hears that they are, and nothing
				   else                                     */
	uint8_t check;        /**< ARRIVE: they are asked to press this key
				   (1 to 9) before anything else; 0: are not.
				   Nobody is asked on a detention line      */
	uint64_t twin;        /**< PROMISE_MADE, RESTORE, NUMBER_BACK:
				   another open call of its line with the same
				   number promised; 0 there is none         */
	enum core_cause cause;
	uint32_t wrap_up_ms;  /**< PERSON, and these six                    */
	uint32_t languages;   /**< bits: which they speak                   */
	uint32_t skills;      /**< bits                                     */
	uint16_t organisation, region; /**< 0 none                          */
	uint16_t lines;       /**< bits: for which they are rung; all ones
				   if nothing is said of that              */
	bool learns;          /**< is there to learn: never rung            */
	uint8_t key;
	uint32_t serial;
	uint32_t ms, voiced_ms;
	enum close_reason reason;
	int64_t unix_ms;
	const struct core_record *restore; /**< borrow                      */
	const struct core_kept *kept; /**< RESUME. borrow                   */
	const struct core_pause *pause; /**< PERSON_PAUSED. borrow          */
};

/** Somebody who is on duty and not to be rung for a while. */
struct core_pause {
	uint32_t person;
	bool resting;   /**< did not take a ring; else they write up        */
	uint64_t until; /**< of the core's clock                            */
};

/** What is owed, as it is on record. Never a number. */
struct core_promise {
	enum promise_kind kind;
	bool has_number;       /**< the shell holds one for this call       */
	bool number_waits;     /**< the same, but cannot open it: not rung
				    until NUMBER_BACK. Of RESTORE           */
	enum promise_words words;
	enum promise_hours hours;
	enum promise_shown shown;
	int64_t made_at;       /**< Unix time, milliseconds, as all below   */
	int64_t due_at;
	int64_t next_at;       /**< no attempt before; 0: at its turn;
				    INT64_MAX: not rung by itself (any more) */
	uint32_t owner;        /**< person, 0 the coordinator               */
	enum promise_level level;
	uint32_t n_attempts;   /**< begun                                   */
	uint32_t n_snoozed;
};

/** What a call's record says. Never a number. */
struct core_record {
	uint64_t call;
	uint16_t line;
	uint8_t language;
	enum call_state state;
	enum call_outcome outcome;
	enum core_cause cause; /**< why, if not in the ordinary way    */
	enum close_reason reason; /**< OUTCOME_CLOSED: why             */
	uint32_t counsellor;   /**< person who talked, 0 if none       */
	int64_t arrived_at;    /**< Unix time, milliseconds            */
	uint64_t wait_ms;      /**< arrival to talk, or until they left */
	uint64_t talk_ms;      /**< 0 until the talk has ended; of all,
				    if one was broken off          */
	struct core_promise promise;
};

/** What of a call its record does not say, to go on with it in another
 *  process (core_keep(), RESUME). Times are of the core's clock. Never a
 *  number. */
struct core_kept {
	enum call_state state;
	uint8_t language;
	bool number_known, blocked; /**< as in ARRIVE                      */
	uint8_t check;  /**< the same, as long as they have not pressed it */
	bool asked;     /**< in the middle of something, not just waiting  */
	bool here, line_open; /**< what they were told of that             */
	bool voiced;    /**< has left a message                            */
	bool declined;  /**< wants nothing (more)                          */
	bool talked;    /**< with a counsellor who was lost, ...           */
	bool settled;   /**< ... and nothing was promised since            */
	enum core_cause refused; /**< heard that nobody can come: why      */
	uint64_t arrived;
	int64_t place;
	uint64_t talking_since;
	uint64_t wait_ms, talk_ms; /**< as in the record                   */
	uint32_t person;  /**< talks, or 0                                 */
	uint64_t offer;
	enum guest_state guest_state; /**< none, aside or three            */
	uint32_t guest_person;
	uint64_t guest;   /**< their offer                                 */
	uint32_t n_attempts; /**< as in the record: that may not be on disk */
};

enum core_action_type {
	CORE_RECORD = 0, /**< .record: make durable, then RECORDED or
			      NOT_RECORDED                                  */
	CORE_UPDATE,     /**< .record: write when convenient, in order      */
	CORE_ANSWER,     /**< .call: answer it, then (NOT_)ANSWERED         */
	CORE_REFUSE,     /**< .call, .cause: say no with the fitting code   */
	CORE_PLAY,       /**< .call: the caller hears .play from now on     */
	CORE_TYPED,      /**< .call, .key: one more digit of the number that
			      the caller types                              */
	CORE_TYPE_ANEW,  /**< .call: forget the digits typed so far         */
	CORE_CHECK_NUMBER, /**< .call: may the number typed be rung? Then
			      NUMBER_GOOD or NUMBER_BAD                     */
	CORE_PROMISE,    /**< .record: make this promise durable, with the
			      number typed, or known from the call if none
			      was typed and .promise.has_number; then
			      PROMISE_(NOT_)MADE. Also when the caller is
			      gone meanwhile: tried until it is durable     */
	CORE_RECORD_MESSAGE, /**< .call: the tone is over, write down what
			      they say, after what they said before; FILED
			      follows                                       */
	CORE_STOP_MESSAGE, /**< .call: enough; FILED follows                */
	CORE_DROP_MESSAGE, /**< .call: nothing was said: delete it. Never
			      asked for once something was said             */
	CORE_DIAL,       /**< .call, .record: ring the caller back, once the
			      ATTEMPT before it is on disk; then
			      DIAL_ANSWERED or not, and DIAL_OVER           */
	CORE_ATTEMPT,    /**< .call, .record.promise.n_attempts says which,
			      .attempt how it went: put on record           */
	CORE_SEND_KEY,   /**< .call, .key: press it for them after the
			      announcement (collect call)                   */
	CORE_NOTICE,     /**< .call, .record: its promise has come to another
			      level, or to another owner: tell them         */
	CORE_OFFER,      /**< .call, .person, .offer: ring this counsellor;
			      .guest: as the guest of that talk             */
	CORE_WITHDRAW,   /**< .offer: stop ringing (CANCEL); then
			      NOT_ACCEPTED, or PERSON_GONE if an accept had
			      crossed it                                    */
	CORE_CONNECT,    /**< .call, .offer: join the two                   */
	CORE_PARTY,      /**< .call, which goes on talking: its guest has come
			      or gone, or another counsellor talks: who hears
			      whom is what core_call() says now. Follows an
			      OFFER with .guest at each change, before any
			      RELEASE of the same step                      */
	CORE_HANG_UP,    /**< .call: end the caller's leg; no event follows,
			      but DIAL_OVER if it was dialled               */
	CORE_TELL,       /**< .offer: the counsellor hears .play from now on */
	CORE_RELEASE,    /**< .offer: end the counsellor's leg (BYE), after
			      .play if that is not empty; then PERSON_GONE  */
	CORE_OFF_DUTY,   /**< .person, .cause: unreachable, and off duty from
			      now on; .cause is how the last ring failed.
			      PERSON_ON brings them back                    */
	CORE_ACTIONS
};

struct core_action {
	enum core_action_type type;
	uint64_t call;
	uint64_t offer;
	uint32_t person;
	bool guest;
	enum core_cause cause;
	uint8_t key;
	enum attempt_outcome attempt;
	struct core_record record;
	struct core_playlist play;
};

/** More than one step can ever ask for; priv.h proves it. */
enum { CORE_ACTIONS_MAX = 2 * LIMIT_RING_AT_ONCE + 20 };

/** So many failed rings in a row put a counsellor off duty. */
enum { CORE_FAILED_RINGS = 3 };

struct core_actions {
	size_t n;
	struct core_action v[CORE_ACTIONS_MAX];
};

/** Whom a waiting call is offered to. */
enum core_strategy {
	STRATEGY_ALL = 0,      /**< all who are free, up to ring_at_once   */
	STRATEGY_LONGEST_IDLE, /**< one at a time: who is free longest     */
	STRATEGY_ROUND_ROBIN,  /**< one at a time: by number, in turn      */
	STRATEGY_TIERS,        /**< growing circles: all of the line's own
				    organisation; after tier_ms its region
				    too; after tier_ms more everybody. A
				    circle without anybody on duty is left
				    out at once                            */
	STRATEGIES
};

/** What kind of line it is. */
enum line_kind {
	LINE_ORDINARY = 0,
	LINE_DETENTION,   /**< no menu before a person, no hold music, no
			       transfer, no third party; a key accepts the
			       collect call                                */
	LINE_AFTER_HOURS, /**< greeting, message, ring-back in the morning  */
	LINE_KINDS
};

/** What callers are told of the queue. */
enum line_tells {
	TELLS_NOTHING = 0,
	TELLS_POSITION,
	TELLS_WAIT,
	LINE_TELLS
};

/** A detention line whose announcement needs no key. */
enum { CORE_NO_KEY = UINT8_MAX };

/** One line, as the core knows it. Languages and skills are bits and indices
 *  of lists that the shell keeps for the whole installation. */
struct core_line {
	enum line_kind kind;
	uint8_t n_languages;
	uint8_t languages[LIMIT_LANGUAGES]; /**< index; the first is default */
	uint32_t skills;       /**< that a counsellor must have             */
	uint16_t organisation, region; /**< 0 none                          */
	enum line_tells tells;
	bool notice;           /**< the emergency notice is said            */
	bool messages;         /**< may be left                             */
	bool ring_back;        /**< may be asked for, and can be dialled    */
	uint8_t accept_key;    /**< detention: 0-11, or CORE_NO_KEY         */
	uint8_t shown;         /**< bits of enum promise_shown on offer     */
	uint32_t max_wait_ms;  /**< then message or ring-back is offered    */
	uint32_t offer_ms;     /**< so often "press 1"; 45 s                */
	uint32_t promise_ms;   /**< a promise is due so long after it was made,
				    or after the line opens again           */
	uint32_t climb_ms;     /**< overdue so long: one level up           */
	uint32_t attempts;     /**< to ring back at most, by themselves     */
	uint32_t attempt_ms;   /**< between two; doubles each time          */
};

/** What the calendar says. Pure: the same answer for the same question. */
struct core_calendar {
	/** Is the line open then? */
	bool (*open)(uint16_t line, int64_t unix_ms, void *arg);
	/** When it next is (unix_ms itself if it is); INT64_MAX never. */
	int64_t (*opens)(uint16_t line, int64_t unix_ms, void *arg);
	/** May a phone ring then? */
	bool (*safe)(enum promise_hours hours, int64_t unix_ms, void *arg);
	void *arg;
};

/** A question to the caller is repeated after so much silence: nobody is
 *  hurried. */
enum { CORE_ANSWER_MS = 10000 };

/** Who redials so soon keeps the place. */
enum { CORE_REDIAL_MS = 15 * 60 * 1000 };

/** An owner may put off a promise so often, and never further than this
 *  beyond its first due time. */
enum { CORE_SNOOZES = 3, CORE_SNOOZE_MS = 24 * 3600 * 1000 };

/** So long a ring-back waits for who asked for it. */
enum { CORE_RESERVED_MS = 60 * 1000 };

_Static_assert(LIMIT_LINES <= 16, "a bit for each line: .lines of PERSON");

struct core_settings {
	enum core_strategy strategy;
	uint32_t ring_at_once; /**< STRATEGY_ALL: for one caller at most; 0
				  is LIMIT_RING_AT_ONCE, which none exceeds */
	uint32_t ring_ms;  /**< how long one counsellor is rung            */
	uint32_t rest_ms;  /**< pause after an offer that was not taken    */
	uint32_t short_ms; /**< a caller gone sooner than this is SHORT    */
	uint32_t tier_ms;  /**< STRATEGY_TIERS: so long before the next    */
	uint32_t most_waiting; /**< whoever comes to so many is told, and offered
				  something else first; 0 no limit          */
	uint32_t dials_at_once; /**< ring-backs under way at one time      */
	uint32_t n_lines;
	struct core_line lines[LIMIT_LINES];
	struct core_calendar calendar; /**< NULLs: always open, always safe */
	uint64_t first_offer; /**< no offer has this number or a lower one:
				  after a restart, beyond those before it   */
	uint64_t first_call; /**< number of the first call; after a restart:
				  one more than the highest on record      */
	struct step_trace trace; /**< told of every step of every machine  */
};

/** What a caller or counsellor is doing now; for status and invariants. */
struct core_call_view {
	uint64_t call;
	enum call_state state;
	uint64_t arrived; /**< when                                        */
	uint64_t offer;   /**< talking on, or rung first; 0 if none        */
	uint32_t person;  /**< whose offer that is, 0 if none              */
	uint32_t n_offers; /**< phones that ring, or 1 if talking          */
	enum guest_state guest_state;
	uint64_t guest;   /**< their offer, 0 if there is none             */
	uint32_t guest_person; /**< 0 if there is none                     */
};

struct core_person_view {
	uint32_t person;
	enum person_state state;
	uint64_t call;     /**< the call of the offer, 0 if none or ended  */
	uint64_t offer;    /**< 0 if none                                  */
	uint64_t deadline; /**< 0 if none                                  */
	uint64_t idle_since; /**< when it last became free                 */
	uint32_t n_failed; /**< rings in a row                             */
};

/** new; ENOMEM, EINVAL if ring_ms or first_call is 0, if there is no such
 *  strategy, or if ring_at_once is above LIMIT_RING_AT_ONCE */
int core_alloc(struct core **corep, const struct core_settings *settings);

/** takes; NULL is fine */
void core_free(struct core *core);

/**
 * Tell the core what happened
 *
 * Events about calls, offers or people that the core does not know (any
 * more) are late news from the shell and change nothing: ENOENT. Events that
 * a machine does not expect in its state change nothing: EPROTO. Both are
 * traced, neither is an error of the system.
 *
 * @param core    The core
 * @param ev      What happened
 * @param now     Monotonic milliseconds, never less than before
 * @param actions Emptied, then filled with what to do, in order
 *
 * @return 0; ENOENT, EPROTO as above; ENOSPC if a limit is reached (ARRIVE:
 *         the caller must be refused with 503, PERSON: not added); EINVAL a
 *         mistake of the shell: no such event type, time runs backwards,
 *         ARRIVE of another number than core_next_call() or for a line that
 *         is not there, person 0, no such key or reason, a record that
 *         cannot be. About a promise: EBUSY if the caller is on the line,
 *         recording or being rung back, or nothing is owed yet; EPERM and
 *         ERANGE as above. RESTORE: ENOSPC if its slot is taken. About a
 *         guest: ENOENT, EPROTO, EPERM and EBUSY as above. Whatever is not 0
 *         changed nothing.
 */
int core_step(struct core *core, const struct core_event *ev, uint64_t now,
	      struct core_actions *actions);

/** A trunk came or went: may this line ring back, from now on? What was
 *  promised stays so, and waits. */
void core_ring_back(struct core *core, uint16_t line, bool may);

/** May messages be left for this line, from now on? Who speaks already goes
 *  on. */
void core_messages(struct core *core, uint16_t line, bool may);

/** Is anybody on duty who could take such a call (busy or not)? */
bool core_staffed(const struct core *core, uint16_t line, uint8_t language);

/** What must outlive us while the caller's leg does; false if nobody is on the
 *  line, or not so that it could go on. It changes in no step that does not
 *  name the call, in its event or in an action: take it before the actions of
 *  that step are carried out. */
bool core_keep(const struct core *core, uint64_t call,
	       struct core_kept *kept);

/** All who are writing up or resting, and those whose leg ends before they do:
 *  for PERSON_PAUSED, should we die.
 *  @param v LIMIT_PEOPLE of them  @return how many */
size_t core_pauses(const struct core *core, struct core_pause *v);

/** Another number whenever core_pauses() may say something else. */
uint64_t core_pauses_serial(const struct core *core);

/** The record of an open call, as it is now; false if there is none. */
bool core_get_record(const struct core *core, uint64_t call,
		     struct core_record *record);

/** The number that the next ARRIVE must carry; 0 if the core is full. */
uint64_t core_next_call(const struct core *core);

/** When the next TICK is due; UINT64_MAX if none is. Now, as long as a walk
 *  over all open calls is under way. */
uint64_t core_deadline(const struct core *core);

/** Calls in a state, people in a state. */
size_t core_count_calls(const struct core *core, enum call_state state);
size_t core_count_people(const struct core *core, enum person_state state);

/** One call or person; false if unknown. */
bool core_call(const struct core *core, uint64_t call,
	       struct core_call_view *view);
bool core_person(const struct core *core, uint32_t person,
		 struct core_person_view *view);

/** Walk all open calls, longest wait first, or all people, in no order. */
void core_each_call(const struct core *core,
		    void (*h)(const struct core_call_view *view, void *arg),
		    void *arg);
void core_each_person(const struct core *core,
		      void (*h)(const struct core_person_view *view,
				void *arg),
		      void *arg);

/** The machines, for tests that walk every pair and for drawings. */
extern const struct step_machine call_machine;
extern const struct step_machine person_machine;
extern const struct step_machine guest_machine; /**< id: the call's */

/** "waiting", "talked", "no_answer": for records, --json and traces. */
const char *call_state_name(enum call_state state);
const char *call_outcome_name(enum call_outcome outcome);
const char *person_state_name(enum person_state state);
const char *guest_state_name(enum guest_state state);
const char *core_cause_name(enum core_cause cause);

/**
 * The other way, for what the store holds
 *
 * @return 0, EINVAL if no outcome or state has this name
 */
int call_outcome_decode(enum call_outcome *outcomep, const char *name);
int call_state_decode(enum call_state *statep, const char *name);

/** "ring_back", "plain", "day", "line", "owner", "voicemail", "duplicate",
 *  "greeting" and so on; the other way: 0, EINVAL. */
const char *promise_kind_name(enum promise_kind kind);
const char *promise_words_name(enum promise_words words);
const char *promise_hours_name(enum promise_hours hours);
const char *promise_shown_name(enum promise_shown shown);
const char *promise_level_name(enum promise_level level);
const char *attempt_outcome_name(enum attempt_outcome outcome);
const char *close_reason_name(enum close_reason reason);
const char *prompt_name(enum prompt prompt);
const char *line_kind_name(enum line_kind kind);
int promise_kind_decode(enum promise_kind *kindp, const char *name);
int promise_words_decode(enum promise_words *wordsp, const char *name);
int promise_hours_decode(enum promise_hours *hoursp, const char *name);
int promise_shown_decode(enum promise_shown *shownp, const char *name);
int promise_level_decode(enum promise_level *levelp, const char *name);
int attempt_outcome_decode(enum attempt_outcome *outcomep, const char *name);
int close_reason_decode(enum close_reason *reasonp, const char *name);

/** What `ringback promises` calls its state: "recording" (still on the line),
 *  "open", "due" (in the queue for a counsellor), "ringing" (being rung back),
 *  "kept", "declined", "closed"; "" if the call has no promise. */
const char *promise_state_name(const struct core_record *record);

#endif
