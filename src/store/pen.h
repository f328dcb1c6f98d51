/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file pen.h  What writes a batch: one transaction, its patience with other
 * programs, and what is still to be wiped afterwards
 *
 * Belongs to one thread, but for pen_hurry().
 */
#ifndef RINGBACK_PEN_H
#define RINGBACK_PEN_H

#include <pthread.h>
#include <stddef.h>
#include <sys/queue.h>

#include "backend.h"

/** One write, inside a transaction. */
typedef int(write_h)(const struct store_backend *be, struct store_db *db,
		     void *data);

/** When what a write removes shall have left the disk. */
enum pen_scrub {
	SCRUB_NOTHING = 0,
	SCRUB_SOON, /**< in an idle moment: callers are not kept waiting    */
	SCRUB_NOW,  /**< before whoever waits is told, unless somebody reads:
			 then soon                                          */
};

struct task {
	STAILQ_ENTRY(task) next;
	write_h *writeh;
	void *data;
	store_done_h *doneh;
	void *arg;
	enum pen_scrub scrub;
	int err;     /**< filled in by pen_write()                          */
	bool waited; /**< somebody waits for it: not ours to free           */
	bool done;   /**< that somebody may go on                           */
	size_t size; /**< of what follows: data, if nobody waits            */
	_Alignas(max_align_t) unsigned char own[];
};

STAILQ_HEAD(tasks, task);

struct pen {
	const struct store_backend *be;
	struct store_db *db;
	bool tool;       /**< it cannot wipe later                          */
	int trouble;     /**< what the log said last                        */
	uint64_t due_ms; /**< something is to be wiped then; 0 nothing      */

	pthread_mutex_t lock; /**< over what follows                        */
	uint64_t wait_ms;     /**< until when we wait for another's lock    */
	uint64_t stop_ms;     /**< and never longer than this               */
};

/** Milliseconds of the clock that pthread_cond_timedwait() is given. */
uint64_t pen_now(void);

/** @param db takes: pen_close() closes it */
void pen_open(struct pen *p, const struct store_backend *be,
	      struct store_db *db, bool tool);
/** Wipes what is to be wiped, if nobody is in the way. */
void pen_close(struct pen *p);

/** From now on wait for others for so long in all; from any thread. */
void pen_hurry(struct pen *p, uint64_t ms);

/** One transaction: each task has its own error, or all have the same. */
void pen_write(struct pen *p, struct tasks *batch);

/** Something is to be wiped at pen->due_ms: wipe it, or be due again. */
void pen_wipe(struct pen *p);
/** The same for what a process left that was killed. */
void pen_wipe_later(struct pen *p);

#endif
