/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * writer.c  One queue of writes, one transaction for all that wait, handlers
 * back in the libre loop. Must not know SQL nor what is written, and shares no
 * libre object with its thread but the message queue.
 *
 * All writes of a process pass through one queue, so that their order is
 * kept; those that the caller waits for (people, trunks) do as well.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>
#include <re.h>

#include "writer.h"

#define LOG_MODULE "store"
#include "base/log.h"


enum {
	LOCK_WAIT_MS = 5000, /* for another program's lock           */

	SCRUB_IDLE_MS = 100,    /* the calls' own writes come first  */
	SCRUB_LATEST_MS = 2000, /* but they never end on a busy line */
	SCRUB_AGAIN_MS = 1000,  /* after somebody was in the way     */
	SCRUB_WAIT_MS = 100,    /* for readers; meanwhile none write */
	SCRUB_WAIT_TOOL_MS = 1000, /* who ends now, cannot do it later */
};

struct task {
	STAILQ_ENTRY(task) next;
	write_h *writeh;
	void *data;
	store_done_h *doneh;
	void *arg;
	enum writer_scrub scrub;
	int err;
	bool waited; /* somebody waits for it: not ours to free  */
	bool done;   /* that somebody may go on                  */
	size_t size; /* of what follows: data, if nobody waits   */
	_Alignas(max_align_t) unsigned char own[];
};

STAILQ_HEAD(tasks, task);

struct writer {
	const struct store_backend *be;
	struct store_db *db; /* the thread's, if there is one */
	struct mqueue *mq;
	bool threaded;
	bool running; /* handlers run                */
	bool closing; /* one of them has closed us   */

	pthread_t thread;
	pthread_mutex_t lock; /* over what follows                      */
	pthread_cond_t queued_cond;
	pthread_cond_t done_cond;
	struct tasks queue;
	struct tasks finished; /* handlers to be run by the loop        */
	struct store_stats stats;
	bool told;        /* the loop knows that some are finished      */
	bool stopping;
	uint64_t stop_ms; /* nobody waits longer, when stopping         */
	uint64_t wait_ms; /* until when we wait for another's lock      */

	int trouble;     /* the thread's: what the log said last        */
	uint64_t due_ms; /* the thread's: something is to be wiped then */
};

/* what stands in the way of every write: worth one log line */
static const struct words {
	int err;
	const char *text;
} trouble_words[] = {
	{ENOSPC, "the disk that holds the store is full: free some space, "
		 "callers are refused until then"},
	{EROFS, "the store cannot be written, its disk is read-only: make it "
		"writable, callers are refused until then"},
	{EACCES, "the store may not be written: check whose file it is, "
		 "callers are refused until then"},
	{EBUSY, "another program keeps the store locked: end it, callers are "
		"refused until then"},
	{EIO, "the disk that holds the store fails: callers are refused until "
	      "it works again"},
	{ENOMEM, "no memory to write the store: callers are refused until "
		 "there is some"},
};


static uint64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


/* ---- patience with other programs ---- */

static void patience_set(struct writer *w, uint64_t ms)
{
	(void)pthread_mutex_lock(&w->lock);
	w->wait_ms = now_ms() + ms;
	if (w->stopping && w->wait_ms > w->stop_ms)
		w->wait_ms = w->stop_ms;
	(void)pthread_mutex_unlock(&w->lock);
}


static bool patience_handler(void *arg)
{
	struct writer *w = arg;
	bool more;

	(void)pthread_mutex_lock(&w->lock);
	more = now_ms() < w->wait_ms;
	(void)pthread_mutex_unlock(&w->lock);

	return more;
}


/* ---- wiping: SQLite's log file keeps what its tables have lost ---- */

static void scrub_try(struct writer *w, uint64_t ms)
{
	patience_set(w, ms);
	w->due_ms = w->be->scrub(w->db) ? now_ms() + SCRUB_AGAIN_MS : 0;
}


/* after a batch that removed something, or another one */
static void scrub_think(struct writer *w, enum writer_scrub scrub)
{
	const uint64_t now = now_ms();

	if (scrub == SCRUB_SOON && !w->due_ms)
		w->due_ms = now + SCRUB_IDLE_MS;

	if (!w->threaded && (w->due_ms || scrub))
		scrub_try(w, SCRUB_WAIT_TOOL_MS);
	else if (scrub == SCRUB_NOW ||
		 (w->due_ms && now >= w->due_ms + SCRUB_LATEST_MS))
		scrub_try(w, SCRUB_WAIT_MS);
}


/* ---- one batch: in the writer thread, or in the caller of a tool ---- */

/* NULL if an error concerns one write only */
static const char *trouble_find(int err)
{
	for (size_t i = 0;
	     i < sizeof(trouble_words) / sizeof(trouble_words[0]); i++) {
		if (trouble_words[i].err == err)
			return trouble_words[i].text;
	}

	return NULL;
}


static void trouble_log(struct writer *w, int err)
{
	const char *text = trouble_find(err);

	if (err == w->trouble)
		return;
	w->trouble = err;

	if (err)
		log_error("%s", text ? text : strerror(err));
	else
		log_note("the store can be written again");
}


/* @return an error if the whole batch is lost */
static int task_write(struct writer *w, struct task *t)
{
	int err;

	err = w->be->mark(w->db);
	if (err)
		return err;

	t->err = t->writeh(w->be, w->db, t->data);

	/* a full disk or a failing one may take the transaction with it */
	if (trouble_find(t->err) || !w->be->in_transaction(w->db))
		return t->err ? t->err : EIO;

	return t->err ? w->be->undo(w->db) : w->be->keep(w->db);
}


static int batch_write(struct writer *w, struct tasks *batch)
{
	struct task *t;
	int err;

	patience_set(w, LOCK_WAIT_MS);
	err = w->be->begin(w->db);

	STAILQ_FOREACH(t, batch, next)
	{
		if (!err)
			err = task_write(w, t);
	}

	if (!err)
		err = w->be->commit(w->db);
	if (err && w->be->in_transaction(w->db))
		w->be->rollback(w->db);

	return err;
}


static void batch_run(struct writer *w, struct tasks *batch)
{
	const int err = batch_write(w, batch);
	enum writer_scrub scrub = SCRUB_NOTHING;
	struct task *t;

	trouble_log(w, err);

	STAILQ_FOREACH(t, batch, next)
	{
		if (err)
			t->err = err;
		if (!t->err && t->scrub > scrub)
			scrub = t->scrub;
	}

	if (!err)
		scrub_think(w, scrub);
}


static void batch_count(struct writer *w, const struct tasks *batch)
{
	const struct task *t;
	bool written = false;

	STAILQ_FOREACH(t, batch, next)
	{
		--w->stats.n_queued;
		if (t->err)
			++w->stats.n_failed;
		else
			++w->stats.n_written;
		written |= !t->err;
	}
	if (written)
		++w->stats.n_commits;
}


/* ---- the thread ---- */

/* with the lock held */
static void batch_finish(struct writer *w, struct tasks *batch)
{
	struct task *t;

	batch_count(w, batch);

	while ((t = STAILQ_FIRST(batch))) {
		STAILQ_REMOVE_HEAD(batch, next);
		if (t->waited)
			t->done = true;
		else
			STAILQ_INSERT_TAIL(&w->finished, t, next);
	}
	(void)pthread_cond_broadcast(&w->done_cond);

	/* one message at a time, so that the queue cannot overflow */
	if (!w->told && !STAILQ_EMPTY(&w->finished))
		w->told = mqueue_push(w->mq, 0, NULL) == 0;
}


/* with the lock held: until there is something to write, or to wipe */
static void idle_wait(struct writer *w)
{
	const struct timespec due = {
		.tv_sec = (time_t)(w->due_ms / 1000),
		.tv_nsec = (long)(w->due_ms % 1000) * 1000000,
	};

	if (!w->due_ms) {
		(void)pthread_cond_wait(&w->queued_cond, &w->lock);
	}
	else if (now_ms() < w->due_ms) {
		(void)pthread_cond_timedwait(&w->queued_cond, &w->lock, &due);
	}
	else {
		(void)pthread_mutex_unlock(&w->lock);
		scrub_try(w, 0);
		(void)pthread_mutex_lock(&w->lock);
	}
}


static void *thread_run(void *arg)
{
	struct writer *w = arg;
	struct tasks batch;

	STAILQ_INIT(&batch);
	(void)pthread_mutex_lock(&w->lock);

	for (;;) {
		while (STAILQ_EMPTY(&w->queue) && !w->stopping)
			idle_wait(w);
		if (STAILQ_EMPTY(&w->queue))
			break;

		STAILQ_CONCAT(&batch, &w->queue);
		(void)pthread_mutex_unlock(&w->lock);
		batch_run(w, &batch);
		(void)pthread_mutex_lock(&w->lock);
		batch_finish(w, &batch);
	}

	(void)pthread_mutex_unlock(&w->lock);

	return NULL;
}


/* signals are for the thread that runs the loop */
static int thread_start(struct writer *w)
{
	sigset_t all, old;
	int err;

	/* what the last one could not wipe, because it was killed */
	w->due_ms = now_ms() + SCRUB_IDLE_MS;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	w->threaded = true;
	err = pthread_create(&w->thread, NULL, thread_run, w);
	if (err)
		w->threaded = false;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);

	return err;
}


static void thread_stop(struct writer *w)
{
	uint64_t n_failed;

	(void)pthread_mutex_lock(&w->lock);
	w->stopping = true;
	w->stop_ms = now_ms() + WRITER_STOP_MS;
	if (w->wait_ms > w->stop_ms)
		w->wait_ms = w->stop_ms;
	n_failed = w->stats.n_failed;
	(void)pthread_cond_signal(&w->queued_cond);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);

	n_failed = w->stats.n_failed - n_failed;
	if (n_failed)
		log_error("%" PRIu64 " records are not on disk: the store "
			  "could not be written before the end", n_failed);
}


/* ---- back in the loop ---- */

/* a write may hold a number */
static void task_free(struct task *t)
{
	explicit_bzero(t->own, t->size);
	free(t);
}


static void tasks_free(struct tasks *tasks)
{
	struct task *t;

	while ((t = STAILQ_FIRST(tasks))) {
		STAILQ_REMOVE_HEAD(tasks, next);
		task_free(t);
	}
}


static void writer_free(struct writer *w)
{
	mem_deref(w->mq);
	tasks_free(&w->finished);
	(void)pthread_cond_destroy(&w->done_cond);
	(void)pthread_cond_destroy(&w->queued_cond);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}


static void finished_handler(int id, void *data, void *arg)
{
	struct writer *w = arg;
	struct tasks finished;
	struct task *t;
	(void)id;
	(void)data;

	STAILQ_INIT(&finished);
	(void)pthread_mutex_lock(&w->lock);
	STAILQ_CONCAT(&finished, &w->finished);
	w->told = false;
	(void)pthread_mutex_unlock(&w->lock);

	w->running = true;
	while (!w->closing && (t = STAILQ_FIRST(&finished))) {
		STAILQ_REMOVE_HEAD(&finished, next);
		if (t->doneh)
			t->doneh(t->err, t->arg);
		task_free(t);
	}
	w->running = false;

	tasks_free(&finished);
	if (w->closing)
		writer_free(w);
}


/* ---- making and closing ---- */

static struct writer *writer_new(const struct store_backend *be,
				 struct store_db *db)
{
	pthread_condattr_t attr;
	struct writer *w;

	w = calloc(1, sizeof(*w));
	if (!w)
		return NULL;

	w->be = be;
	w->db = db;
	STAILQ_INIT(&w->queue);
	STAILQ_INIT(&w->finished);
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&w->queued_cond, &attr);
	(void)pthread_cond_init(&w->done_cond, &attr);
	(void)pthread_condattr_destroy(&attr);
	be->patience(db, patience_handler, w);

	return w;
}


int writer_alloc(struct writer **wp, const struct store_backend *be,
		 struct store_db *db, bool threaded)
{
	struct writer *w;
	int err = 0;

	w = writer_new(be, db);
	if (!w) {
		be->close(db);
		return ENOMEM;
	}

	if (threaded)
		err = mqueue_alloc(&w->mq, finished_handler, w);
	if (!err && threaded)
		err = thread_start(w);

	if (err)
		writer_close(w);
	else
		*wp = w;

	return err;
}


void writer_close(struct writer *w)
{
	if (!w)
		return;

	if (w->threaded)
		thread_stop(w);
	if (w->due_ms)
		scrub_try(w, 0);
	w->be->close(w->db);

	if (w->running)
		w->closing = true;
	else
		writer_free(w);
}


void writer_stats(struct writer *w, struct store_stats *stats)
{
	(void)pthread_mutex_lock(&w->lock);
	*stats = w->stats;
	(void)pthread_mutex_unlock(&w->lock);
}


/* ---- writes ---- */

/* @return 0, ENOSPC if the queue is full */
static int task_queue(struct writer *w, struct task *t, unsigned limit)
{
	int err = 0;

	(void)pthread_mutex_lock(&w->lock);
	if (w->stats.n_queued >= limit) {
		err = ENOSPC;
		goto out;
	}
	STAILQ_INSERT_TAIL(&w->queue, t, next);
	++w->stats.n_queued;
	(void)pthread_cond_signal(&w->queued_cond);

out:
	(void)pthread_mutex_unlock(&w->lock);

	return err;
}


/* without a thread: the caller is the writer */
static int task_run_here(struct writer *w, struct task *t)
{
	struct tasks batch;

	STAILQ_INIT(&batch);
	STAILQ_INSERT_TAIL(&batch, t, next);
	++w->stats.n_queued;
	batch_run(w, &batch);
	batch_count(w, &batch);

	return t->err;
}


static int task_wait(struct writer *w, struct task *t)
{
	const int err = task_queue(w, t, UINT32_MAX);

	if (err)
		return err;

	(void)pthread_mutex_lock(&w->lock);
	while (!t->done)
		(void)pthread_cond_wait(&w->done_cond, &w->lock);
	(void)pthread_mutex_unlock(&w->lock);

	return t->err;
}


int writer_now(struct writer *w, write_h *writeh, void *data,
	       enum writer_scrub scrub)
{
	struct task t = {
		.writeh = writeh,
		.data = data,
		.waited = true,
		.scrub = scrub,
	};

	return w->threaded ? task_wait(w, &t) : task_run_here(w, &t);
}


/* a tool's write: its handler runs at once */
static int task_tell_here(struct writer *w, struct task *t)
{
	const int err = task_run_here(w, t);

	if (t->doneh)
		t->doneh(err, t->arg);

	return err;
}


int writer_later(struct writer *w, write_h *writeh, const void *data,
		 size_t size, enum writer_scrub scrub, store_done_h *doneh,
		 void *arg)
{
	struct task *t;
	int err;

	t = calloc(1, sizeof(*t) + size);
	if (!t)
		return ENOMEM;
	t->writeh = writeh;
	t->data = t->own;
	t->doneh = doneh;
	t->arg = arg;
	t->scrub = scrub;
	t->size = size;
	memcpy(t->own, data, size);

	err = w->threaded ? task_queue(w, t, LIMIT_STORE_QUEUE)
			  : task_tell_here(w, t);
	if (err || !w->threaded)
		task_free(t);

	return err;
}
