/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sim.h  What the parts of the simulated world share, and nobody else
 *
 * world.c turns the agenda and talks with the core; each other part is one
 * kind of thing: callers.c, dialled.c, phones.c, guests.c, disk.c, clock.c,
 * coordinator.c, crash.c. All keep the contract of core.h (what it says
 * follows exactly once, follows exactly once) and nothing beyond it. None
 * looks into the core, or judges it.
 */
#ifndef RINGBACK_SIM_SIM_H
#define RINGBACK_SIM_SIM_H

#include "agenda.h"
#include "rng.h"
#include "world.h"

enum {
	FIRST_CALL = 1000,
	ID_STEP = 37, /* ids of counsellors are no small numbers */
};

/* What somebody who calls is out for. */
enum caller_goal {
	GOAL_WAIT = 0,
	GOAL_RING_BACK,
	GOAL_MESSAGE,
	GOAL_DECLINE,
	GOALS
};

/* The caller's leg when we ring back. */
enum dial {
	DIAL_NONE = 0,
	DIAL_RINGING,
	DIAL_UP,
	DIAL_ENDING, /* the last news are on the way */
};

struct caller {
	uint64_t call; /* 0: empty slot                                     */
	uint32_t handle;
	uint16_t line;
	enum caller_goal goal;
	bool up;       /* on the line; if not, nobody tells of them again   */
	bool leg;      /* media has it: also until we know that they went   */
	bool has_kept; /* and this with it                                  */
	struct core_kept kept;
	bool talking;
	bool voicemail; /* has picked up when rung back                     */
	enum dial dial;
	uint32_t serial; /* of the list that is heard                       */
	uint64_t n_recordings;
	bool recording;
	uint64_t recording_since;
	uint32_t voiced; /* per mille of the message                        */
	uint64_t keys_at; /* keys do not overtake each other                */
};

enum phone {
	PHONE_DOWN = 0,
	PHONE_RINGS,
	PHONE_UP,
};

/* The leg to a counsellor's phone, until the core knows it is over. */
struct leg {
	uint64_t offer;
	uint64_t call;
	enum phone phone;
	bool withdrawn;
	bool quiet;      /* the shell ends it itself: no word of the accept */
	bool accepted;   /* reported */
	bool ending;     /* its last news are on the way */
	bool lost;       /* went while our processes were dead */
	uint64_t news_at; /* news of one leg do not overtake each other */
};

struct counsellor {
	uint32_t id;
	uint32_t wrap_up_ms;
	uint32_t eager; /* per mille of rings picked up */
	uint32_t languages, skills;
	uint16_t organisation, region, lines;
	bool learns;
	bool on; /* as the store has it */
	struct leg leg;
};

struct write {
	enum core_action_type type; /* RECORD, UPDATE, PROMISE */
	struct core_record record;
};

/* What is on disk, and what is on its way there. */
struct disk {
	struct core_record *rows; /* by number from FIRST_CALL; call 0: none */
	size_t n_rows;
	struct write *queue;
	size_t n_queued, n_size;
	bool committing;
	bool full;
};

struct world {
	const struct plan *plan;
	struct rng rng;
	struct agenda agenda;
	struct core_settings settings;
	struct core *core; /* NULL: our processes are dead */
	struct check *check;
	struct cover *cover;
	FILE *trace;
	struct world_report *report;
	struct disk disk;
	uint64_t now;
	int64_t clock_off; /* of the wall clock */
	uint32_t life;
	uint64_t n_dialled;
	uint32_t n_handles;
	uint64_t deadline; /* the core's, when last asked */
	uint64_t tick_at;
	bool calm; /* all have dialled: no more faults, all come on duty */
	bool last_orders; /* what is left is the coordinator's: close it */
	bool over;
	size_t n_slots; /* of callers that have ever been used */
	struct caller callers[LIMIT_CALLS];
	struct counsellor *people;
	bool up; /* it knows of those before it */
	uint64_t paused;
	size_t n_pauses; /* as media has them */
	struct core_pause pauses[LIMIT_PEOPLE];
};

/* One die at most among the arguments of LATER and NEWS: the order in which
 * arguments are thrown is the compiler's, and a seed must replay anywhere.
 * The time is drawn first. */
#define LATER(w, ms, ...)                                                     \
	do {                                                                  \
		const uint64_t at_ = (ms);                                    \
		world_later((w), at_, (struct agenda_item){__VA_ARGS__});     \
	} while (0)

#define NEWS(w, ms, ...)                                                      \
	do {                                                                  \
		const uint64_t at_ = (ms);                                    \
		world_news((w), at_, (struct core_event){__VA_ARGS__});       \
	} while (0)

#define TELL(w, ...) world_tell((w), &(struct core_event){__VA_ARGS__})

typedef void(do_h)(struct world *w, const struct core_action *a);
typedef void(happens_h)(struct world *w, const struct agenda_item *item);

/* world.c */
void world_later(struct world *w, uint64_t ms, struct agenda_item item);
void world_news(struct world *w, uint64_t ms, struct core_event ev);
int world_tell(struct world *w, const struct core_event *ev);
uint32_t world_delay(struct world *w);
struct core_settings world_settings(struct world *w, uint64_t first_call);

/* callers.c */
struct caller *caller_find(struct world *w, uint64_t call);
void caller_keep(struct world *w, uint64_t call);
void callers_lost(struct world *w, bool all);
void callers_return(struct world *w);
bool caller_lives(const struct caller *c);
void caller_file_message(struct world *w, struct caller *c, uint32_t ms);
happens_h new_caller, redial, caller_tires, caller_hangs_up, caller_key,
	caller_heard, caller_spoke, house_closes;
do_h do_answer, do_end_caller, do_play, do_record_message, do_stop_message,
	do_check_number, do_promise, do_hang_up;

/* dialled.c */
void dial_over(struct world *w, struct caller *c, enum core_cause cause);
void dial_hang_up(struct world *w, struct caller *c, enum core_cause cause);
happens_h dial_picked_up, dial_ends;
do_h do_dial;

/* phones.c */
void people_come(struct world *w);
void people_return(struct world *w);
void phones_lost(struct world *w, bool all);
void phones_return(struct world *w);
void people_all_on(struct world *w);
bool phone_keeps_quiet(struct world *w, const struct core_event *ev);
void phone_told(struct world *w, const struct core_event *ev);
happens_h phone_accepts, phone_refuses, phone_hangs_up, cancel_arrives,
	bye_arrives, duty;
do_h do_offer, do_withdraw, do_connect, do_release, do_off_duty, do_tell;

/* guests.c */
void guests_perhaps(struct world *w, uint64_t offer);
void guests_ring(struct world *w, uint64_t call);
happens_h consults;
do_h do_party;

/* disk.c */
const struct core_record *disk_row(const struct world *w, uint64_t call);
uint64_t disk_last(const struct world *w);
void disk_lose(struct world *w);
void disk_lock_numbers(struct world *w);
void disk_free(struct world *w);
happens_h commit, disk_turns;
do_h do_write;

/* clock.c */
int64_t clock_unix(const struct world *w);
happens_h minute, clock_jumps;

/* coordinator.c */
happens_h work;
void coordinator_meddles(struct world *w, uint64_t call);
void coordinator_closes_all(struct world *w);

/* crash.c */
void crash_now(struct world *w);
happens_h crash, start;

#endif
