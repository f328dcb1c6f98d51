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
 * withdrawn, or if its time runs out. Failed rings are counted for each
 * counsellor. A decline is neither failure nor success; a pick-up, also one
 * that comes too late, and going on duty begin the count anew. At
 * CORE_FAILED_RINGS the counsellor goes off duty by CORE_OFF_DUTY.
 *
 * Times are milliseconds of one monotonic clock; only differences matter.
 */
#ifndef RINGBACK_CORE_H
#define RINGBACK_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/step.h"

struct core;

/** Where a call for help is. */
enum call_state {
	CALL_NONE = 0,  /**< no such call                                */
	CALL_ARRIVING,  /**< let in; its record is being made durable    */
	CALL_ANSWERING, /**< on record; the shell is answering           */
	CALL_WAITING,   /**< hears greeting or hold sound; nobody rings  */
	CALL_OFFERED,   /**< the same; one phone rings, or several       */
	CALL_TALKING,   /**< connected to a counsellor                   */
	CALL_ENDED,     /**< over; its outcome says how                  */
	CALL_STATES
};

/** How a call for help ended. The rest come with messages and ring-back. */
enum call_outcome {
	OUTCOME_OPEN = 0,  /**< it has not ended                           */
	OUTCOME_TALKED,    /**< caller and counsellor were connected       */
	OUTCOME_MESSAGE,   /**< left a message                             */
	OUTCOME_RING_BACK, /**< asked to be rung back                      */
	OUTCOME_GAVE_UP,   /**< hung up while waiting                      */
	OUTCOME_SHORT,     /**< hung up within short_ms: gave up, apart    */
	OUTCOME_BLOCKED,   /**< refused, with a reason                     */
	OUTCOME_CLOSED,    /**< ended by us, with a reason                 */
	OUTCOMES
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
	CAUSES
};

enum core_event_type {
	/* calls: .call */
	CORE_ARRIVE = 0,    /**< let in. .call must be core_next_call();
				 .line and .language say for which line      */
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

	/* people: .person */
	CORE_PERSON,        /**< exists, with .wrap_up_ms; new ones are OFF.
				 When there is no room, somebody who is OFF
				 is forgotten: say this before each ON       */
	CORE_PERSON_ON,     /**< goes on duty                                */
	CORE_PERSON_OFF,    /**< goes off duty: an offer is withdrawn, a talk
				 goes on                                     */

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
	char language[LIMIT_LANGUAGE];
	enum core_cause cause;
	uint32_t wrap_up_ms;
};

/** What a call's record says. Never a number. */
struct core_record {
	uint64_t call;
	uint16_t line;
	char language[LIMIT_LANGUAGE];
	enum call_state state;
	enum call_outcome outcome;
	enum core_cause cause; /**< why, if not in the ordinary way    */
	uint32_t counsellor;   /**< person who talked, 0 if none       */
	uint64_t wait_ms;      /**< arrival to talk, or to the end     */
	uint64_t talk_ms;      /**< 0 until the talk has ended         */
};

enum core_action_type {
	CORE_RECORD = 0, /**< .record: make durable, then RECORDED or
			      NOT_RECORDED                                  */
	CORE_UPDATE,     /**< .record: write when convenient, in order      */
	CORE_ANSWER,     /**< .call: answer it, then (NOT_)ANSWERED         */
	CORE_REFUSE,     /**< .call, .cause: say no with the fitting code   */
	CORE_GREET,      /**< .call: play the greeting, then the hold sound */
	CORE_OFFER,      /**< .call, .person, .offer: ring this counsellor  */
	CORE_WITHDRAW,   /**< .offer: stop ringing (CANCEL); then
			      NOT_ACCEPTED, or PERSON_GONE if an accept had
			      crossed it                                    */
	CORE_CONNECT,    /**< .call, .offer: join the two                   */
	CORE_HANG_UP,    /**< .call: end the caller's leg; no event follows */
	CORE_RELEASE,    /**< .offer: end the counsellor's leg (BYE); then
			      PERSON_GONE                                   */
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
	enum core_cause cause;
	struct core_record record;
};

/** More than one step can ever ask for; priv.h proves it. */
enum { CORE_ACTIONS_MAX = 2 * LIMIT_RING_AT_ONCE + 8 };

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
	STRATEGIES
};

struct core_settings {
	enum core_strategy strategy;
	uint32_t ring_at_once; /**< STRATEGY_ALL: for one caller at most; 0
				  is LIMIT_RING_AT_ONCE, which none exceeds */
	uint32_t ring_ms;  /**< how long one counsellor is rung            */
	uint32_t rest_ms;  /**< pause after an offer that was not taken    */
	uint32_t short_ms; /**< a caller gone sooner than this is SHORT    */
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
 *         ARRIVE of another number than core_next_call(), a language without
 *         its NUL, person 0. Whatever is not 0 changed nothing.
 */
int core_step(struct core *core, const struct core_event *ev, uint64_t now,
	      struct core_actions *actions);

/** The number that the next ARRIVE must carry; 0 if the core is full. */
uint64_t core_next_call(const struct core *core);

/** When the next TICK is due; UINT64_MAX if none is. */
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

/** "waiting", "talked", "no_answer": for records, --json and traces. */
const char *call_state_name(enum call_state state);
const char *call_outcome_name(enum call_outcome outcome);
const char *person_state_name(enum person_state state);
const char *core_cause_name(enum core_cause cause);

/**
 * The other way, for what the store holds
 *
 * @return 0, EINVAL if no outcome or state has this name
 */
int call_outcome_decode(enum call_outcome *outcomep, const char *name);
int call_state_decode(enum call_state *statep, const char *name);

#endif
