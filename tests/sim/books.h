/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file books.h  What is so, as far as the core was told or asked for it
 *
 * Private to the checks (books.c writes, judge_*.c compare).
 */
#ifndef RINGBACK_SIM_BOOKS_H
#define RINGBACK_SIM_BOOKS_H

#include <inttypes.h>
#include <sys/queue.h>

#include "check.h"

struct book_person;

/* What was so when our processes died: it is as long as the legs live. */
struct book_before {
	bool on_line, dialled, dial_up, connected, blocked, talked, three;
	bool queued;
	uint8_t check;
	uint32_t handle;
	uint64_t place, connected_at, talked_ms;
	uint32_t person, guest;     /* accepted                             */
	uint32_t n_dials;
	uint64_t offer, guest_offer;
};

struct book_call {
	uint64_t call; /* 0: empty slot */
	uint32_t handle;
	uint16_t line;
	uint32_t life;        /* in which it was told of first              */
	uint64_t arrived;     /* in this life                               */
	uint64_t place;       /* of the queue; 0 if it cannot be known      */
	enum call_state state, was; /* as the core shows it: now, before    */
	struct core_record record;  /* the same                             */

	bool on_line;         /* their own leg                              */
	bool recorded, answered;
	uint8_t check;        /* the key they have to press first           */
	bool blocked;         /* in this life: then nobody knows any more   */
	bool dialled, dial_up; /* until DIAL_OVER                           */
	bool hung_up;         /* that leg: by us                            */
	bool connected;
	bool talked;          /* with a counsellor who was lost             */
	uint64_t talked_ms;   /* before this talk                           */
	uint64_t connected_at;
	uint32_t n_rings;     /* phones that ring for it                    */
	struct book_person *person; /* accepted, or NULL                    */
	struct book_person *guest; /* of the talk: rung, or accepted        */
	bool three;           /* all three talk                             */
	struct core_call_view heard_by; /* when it was told last: who hears
					   whom                             */

	bool asked_promise;   /* to be made durable: no answer yet          */
	bool recording;       /* their message                              */
	bool voiced;          /* somebody spoke in one: kept                */
	bool confirmed;       /* the number was read to them, and is right  */
	bool agreed;          /* the same, of the number that is promised   */
	uint32_t n_typed;     /* digits, since the last promise             */
	uint64_t typed_in;    /* step                                       */
	bool waits;           /* the number: nobody can open it yet         */
	bool taken_up;        /* the core of this life knows of it          */
	struct book_before before;
	bool no_more;         /* they pressed 9                             */
	struct core_record told;    /* to the store, last                   */
	struct core_record durable; /* call 0: nothing                      */
	bool has_durable;

	struct core_playlist heard;
	uint64_t list_since;  /* when it began                              */
	uint64_t heard_at;    /* its end; 0 if not yet                      */
	uint64_t key_at;
	uint64_t quiet_since; /* detention: when a sound was heard last     */
	uint64_t offered_at;  /* be rung back, or leave a message           */
	bool goodbye;
	bool told_nobody;     /* is there, since somebody was               */
	enum core_cause refused; /* heard that nobody can come, and was
				    offered nothing: why                    */
	bool closed_on;       /* by the house, in this step                 */
	bool left_waiting;    /* hung up, or was cut off, in the queue      */
	bool stays;           /* pressed 0 where nobody is there            */
	uint64_t asked_at;    /* last offered to speak, or answered         */
	bool stopped;         /* told to stop recording                     */
	bool owed;            /* something was promised to them             */

	bool ring_asked;      /* by the coordinator: whatever was tried     */
	bool attempt_told;    /* how this one went                          */
	int64_t first_due;
	uint32_t noticed_owner;
	enum promise_level noticed_level;
	bool dial_was_up;
	uint64_t dial_up_at;
	uint32_t reserved;    /* person who wants to be rung for it, or 0   */
	uint64_t reserved_until; /* UINT64_MAX while they are               */
	uint32_t n_dials;     /* begun                                      */
	uint32_t n_tried;     /* attempts that count                        */
	uint32_t counted;     /* the same, bits: by number                  */
	uint64_t tried_at;    /* when the last one had its outcome          */
	uint64_t tried_in;    /* the same, step                             */
	bool stopped_early;   /* by us, before anybody picked up            */
	bool clock_jumped;    /* since it was made: times do not add up     */
	enum promise_level level;
	uint64_t ready_since; /* it could have been rung; 0: it could not   */
	LIST_ENTRY(book_call) open;
	LIST_ENTRY(book_call) alike; /* if it has a handle                  */
	TAILQ_ENTRY(book_call) queued;
	bool in_queue;
	bool circle_blurred; /* came into the queue late                  */
	bool touched;
};

LIST_HEAD(book_list, book_call);
TAILQ_HEAD(book_queue, book_call);

struct book_person {
	uint32_t id;
	uint32_t wrap_up_ms;
	uint32_t languages, skills;
	uint16_t organisation, region, lines;
	bool learns;
	bool on;
	uint64_t off_since;
	uint64_t offer; /* until its leg is reported over */
	struct book_call *call;
	uint64_t rung_at;
	bool accepted, withdrawn, released;
	bool not_reached; /* accepted a ring-back that came to nothing */
	struct book_call *too_early; /* withdrawn before its time, on a tick */
	bool late; /* withdrawn because its time was over */
	bool must_go; /* off duty, in this very step */
	enum core_cause go_cause;
	unsigned n_failed; /* rings in a row */
	bool wrapping_up;
	uint64_t pause_until; /* 0: none */
	uint64_t free_since;  /* step; 0: was not free after the last one */
	bool touched;
};

/* Somebody who broke off waiting. */
struct book_redial {
	uint32_t handle;
	uint16_t line;
	uint64_t place, gone;
};

enum {
	BOOK_TOUCHED = 512, /* more than one step can move */
	BOOK_OFFERS = 8192, /* 2^n */
	BOOK_ALIKE = 4096,  /* 2^n */
	BOOK_PEOPLE = 1 << 16,
};

/* Of somebody who is in a pause when our processes die. */
struct book_pause {
	uint32_t id;
	bool wrapping_up;
	uint64_t until;
};

struct check {
	const struct core *core;
	struct core_settings settings;
	uint64_t now;
	int64_t unix_told;
	uint64_t unix_told_at;
	uint64_t n_steps;
	uint32_t life;
	uint64_t last_call, n_open, n_shown;
	const struct core_event *ev;
	struct book_call *about; /* of the event, if it is about one        */
	enum call_state about_state; /* where that was                      */
	bool restoring;

	struct book_list open;
	struct book_list alike[BOOK_ALIKE]; /* by handle: some others, too  */
	struct book_queue queue; /* those who wait, by place                */
	struct book_call calls[LIMIT_CALLS];
	struct book_person people[LIMIT_PEOPLE];
	uint32_t by_offer[BOOK_OFFERS]; /* place in people, from 1          */
	uint32_t by_id[BOOK_PEOPLE];    /* the same                         */
	size_t n_people;
	struct book_pause pauses[LIMIT_PEOPLE]; /* not told of yet          */
	size_t n_pauses;
	bool pauses_told;
	uint32_t last_rung;
	bool last_was_due; /* the last first ring was for a ring-back        */
	uint64_t duty_changed; /* when somebody came, left, or changed       */

	struct book_redial redials[LIMIT_REDIALS];
	size_t next_redial;

	struct book_call *touched[BOOK_TOUCHED];
	size_t n_touched;
	struct book_person *moved[BOOK_TOUCHED];
	size_t n_moved;

	bool skip[CHECK_RULE_COUNT];
	enum check_rule broken;
	char text[200];
};

/* books.c */

/** NULL if there is none that is open, known, not over. borrow */
struct book_call *book_find_call(struct check *k, uint64_t call);
struct book_person *book_find_person(struct check *k, uint32_t id);
struct book_person *book_find_offer(struct check *k, uint64_t offer);

/** To be looked at after this step. */
void book_touch(struct check *k, struct book_call *c);
void book_touch_person(struct check *k, struct book_person *p);

/** What the core was told; err is what it answered. */
void book_event(struct check *k, const struct core_event *ev, int err);

/** What it asked for. False if that is nothing anybody could do. */
bool book_action(struct check *k, const struct core_action *a);

/** Take up what the core shows of a call; forget it if it has ended. */
void book_look(struct check *k, struct book_call *c);

void book_forget(struct check *k, struct book_call *c);

/** Our processes died: what is on disk is all that is known of it. */
void book_survive(struct book_call *c);

/** By the clock that the core was told of. */
int64_t book_unix(const struct check *k);

/** Other open calls that look as if they were of the same caller: the first,
 *  or the next after one; NULL if there is none. borrow */
struct book_call *book_alike(struct check *k, const struct book_call *c,
			     const struct book_call *after);

/** Words about facts. */
bool book_ringing(const struct book_person *p);
bool book_is_queued(enum call_state state);
bool book_is_due(enum call_state state);
bool book_under_way(const struct book_call *c);
bool book_is_coordinators(const struct book_call *c);
bool book_calendar_open(const struct check *k, const struct book_call *c);
const struct core_line *book_line(const struct check *k,
				  const struct book_call *c);
bool book_hears(const struct core_playlist *list, enum prompt prompt);
bool book_of_line(const struct book_person *p, const struct book_call *c);
bool book_can_take(const struct check *k, const struct book_person *p,
		   const struct book_call *c);
bool book_staffed(const struct check *k, const struct book_call *c);
bool book_offers_anything(const struct check *k, const struct book_call *c);
bool book_open(const struct check *k, const struct book_call *c);

/* judge_resumed.c */
void resumed_note(struct book_call *c);
void resumed_told(struct check *k, const struct core_event *ev);
void judge_resumed(struct check *k);

/* judge_answers.c */
int judge_offer_event(struct check *k, const struct core_event *ev);

/* judge_offers.c */
void judge_offers_event(struct check *k, const struct core_event *ev);
void judge_offers_action(struct check *k, const struct core_action *a);
void judge_person(struct check *k, struct book_person *p);

/* judge_guests.c */
enum guest_state guest_state_of(const struct book_call *c);
bool guest_is_of_talk(const struct book_person *p);
int guest_answer(struct check *k, const struct core_event *ev);
bool guest_steps_in(struct book_call *c);
void judge_guest_rung(struct check *k, const struct book_person *p,
		      const struct book_call *c);
void guest_leaves(const struct book_person *p);
void judge_guests_event(struct check *k, const struct core_event *ev);
void judge_guests_action(struct check *k, const struct core_action *a);
void judge_guest(struct check *k, const struct book_call *c);

/* judge_reserved.c */

/** Whom a ring-back is for, and nobody else: 0 if that is over. */
uint32_t reserved_for(struct check *k, const struct book_call *c);
void reserved_asked(const struct check *k, struct book_call *c,
		    uint32_t person);
void reserved_rung(struct check *k, struct book_call *c,
		   const struct book_person *p);
void reserved_ring_over(const struct book_person *p);
void reserved_person_gone(struct check *k, const struct book_person *p);
void judge_reserved(struct check *k, const struct book_call *c,
		    const struct book_person *p);

/* judge_order.c */
void judge_order(struct check *k, const struct book_call *c,
		 const struct book_person *p);
void judge_work(struct check *k);
bool judge_held_back(struct check *k, const struct book_call *c);

/* judge_calls.c */
void judge_calls_event(struct check *k, const struct core_event *ev, int err);
void judge_calls_action(struct check *k, const struct core_action *a);
void judge_call(struct check *k, struct book_call *c);
void judge_end(struct check *k, const struct book_call *c);

/* judge_hearing.c */
void judge_hearing_action(struct check *k, const struct core_action *a);
void judge_hearing(struct check *k, const struct book_call *c);

/* judge_promises.c */
void judge_promises_event(struct check *k, const struct core_event *ev,
			  int err);
void judge_promises_action(struct check *k, const struct core_action *a);
void judge_promise(struct check *k, struct book_call *c);
void judge_promises_minute(struct check *k);

#endif
