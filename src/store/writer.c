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
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>
#include <re.h>

#include "writer.h"

#define LOG_MODULE "store"
#include "base/log.h"


struct writer {
	struct pen pen; /* the thread's, if there is one */
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
};


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
		.tv_sec = (time_t)(w->pen.due_ms / 1000),
		.tv_nsec = (long)(w->pen.due_ms % 1000) * 1000000,
	};

	if (!w->pen.due_ms) {
		(void)pthread_cond_wait(&w->queued_cond, &w->lock);
	}
	else if (pen_now() < w->pen.due_ms) {
		(void)pthread_cond_timedwait(&w->queued_cond, &w->lock, &due);
	}
	else {
		(void)pthread_mutex_unlock(&w->lock);
		pen_wipe(&w->pen);
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
		pen_write(&w->pen, &batch);
		(void)pthread_mutex_lock(&w->lock);
		batch_finish(w, &batch);
	}

	(void)pthread_mutex_unlock(&w->lock);

	return NULL;
}


/* signals are for the thread that runs the loop, but for what the sandbox
 * refuses to this one */
static int thread_start(struct writer *w)
{
	sigset_t all, old;
	int err;

	/* what the last one could not wipe, because it was killed */
	pen_wipe_later(&w->pen);

	(void)sigfillset(&all);
	(void)sigdelset(&all, SIGSYS);
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

	pen_hurry(&w->pen, WRITER_STOP_MS);
	(void)pthread_mutex_lock(&w->lock);
	w->stopping = true;
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
				 struct store_db *db, bool threaded)
{
	pthread_condattr_t attr;
	struct writer *w;

	w = calloc(1, sizeof(*w));
	if (!w)
		return NULL;

	STAILQ_INIT(&w->queue);
	STAILQ_INIT(&w->finished);
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&w->queued_cond, &attr);
	(void)pthread_cond_init(&w->done_cond, &attr);
	(void)pthread_condattr_destroy(&attr);
	pen_open(&w->pen, be, db, !threaded);

	return w;
}


int writer_start(struct writer *w)
{
	int err;

	if (!w || w->threaded)
		return EINVAL;

	err = mqueue_alloc(&w->mq, finished_handler, w);
	if (err)
		return err;
	w->pen.tool = false;
	err = thread_start(w);
	if (err) {
		w->mq = mem_deref(w->mq);
		w->pen.tool = true;
	}

	return err;
}


int writer_alloc(struct writer **wp, const struct store_backend *be,
		 struct store_db *db, bool threaded)
{
	struct writer *w;
	int err = 0;

	w = writer_new(be, db, threaded);
	if (!w) {
		be->close(db);
		return ENOMEM;
	}

	if (threaded)
		err = writer_start(w);

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
	pen_close(&w->pen);

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
	pen_write(&w->pen, &batch);
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
	       enum pen_scrub scrub)
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
		 size_t size, enum pen_scrub scrub, store_done_h *doneh,
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
