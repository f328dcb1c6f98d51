/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store.c  The front of the store: a queue of writes, the thread that commits
 * them in groups, and the way back into the libre loop. Must not know SQL,
 * and shares no libre object with the writer thread but the message queue.
 *
 * All writes of a process pass through one queue, so that their order is
 * kept; those that the caller waits for (people, trunks) do as well.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <re.h>

#include "backend.h"

#define LOG_MODULE "store"
#include "base/log.h"


/* one write, inside a transaction */
typedef int(write_h)(const struct store_backend *be, struct store_db *db,
		     void *data);

/* somebody to be put off duty */
struct off {
	uint32_t id;
	char reason[LIMIT_REASON];
	int64_t at;
};

struct task {
	STAILQ_ENTRY(task) next;
	write_h *writeh;
	void *data;
	store_done_h *doneh;
	void *arg;
	union {
		struct store_call call;
		struct off off;
	} own; /* what data points to, if nobody waits for it */
	int err;
	bool waited; /* somebody waits for it: not ours to free */
	bool done;   /* that somebody may go on               */
	bool scrub;  /* what it removed shall leave the disk  */
};

STAILQ_HEAD(tasks, task);

struct store {
	const struct store_backend *be;
	struct store_db *writer; /* the thread's, if there is one         */
	struct store_db *reader;
	struct mqueue *mq;
	bool running; /* handlers run                          */
	bool closing; /* one of them has closed us             */

	pthread_t thread;
	pthread_mutex_t lock; /* over what follows                     */
	pthread_cond_t queued_cond;
	pthread_cond_t done_cond;
	struct tasks queue;
	struct tasks finished; /* handlers to be run by the loop        */
	struct store_stats stats;
	bool threaded;
	bool stopping;
	bool told; /* the loop knows that some are finished */

	int trouble; /* the writer's: what the log said last  */
	bool scrub;  /* the writer's: something to wipe       */
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


static void trouble_log(struct store *s, int err)
{
	const char *text = trouble_find(err);

	if (err == s->trouble)
		return;
	s->trouble = err;

	if (err)
		log_error("%s", text ? text : strerror(err));
	else
		log_note("the store can be written again");
}


/* @return an error if the whole batch is lost */
static int task_write(struct store *s, struct task *t)
{
	int err;

	err = s->be->mark(s->writer);
	if (err)
		return err;

	t->err = t->writeh(s->be, s->writer, t->data);

	/* a full disk or a failing one may take the transaction with it */
	if (trouble_find(t->err) || !s->be->in_transaction(s->writer))
		return t->err ? t->err : EIO;

	if (t->err)
		return s->be->undo(s->writer);

	s->scrub |= t->scrub;
	return s->be->keep(s->writer);
}


static int batch_write(struct store *s, struct tasks *batch)
{
	struct task *t;
	int err;

	err = s->be->begin(s->writer);

	STAILQ_FOREACH(t, batch, next)
	{
		if (!err)
			err = task_write(s, t);
	}

	if (!err)
		err = s->be->commit(s->writer);
	if (err && s->be->in_transaction(s->writer))
		s->be->rollback(s->writer);

	return err;
}


static void batch_run(struct store *s, struct tasks *batch)
{
	const int err = batch_write(s, batch);
	struct task *t;

	trouble_log(s, err);

	STAILQ_FOREACH(t, batch, next)
	{
		if (err)
			t->err = err;
	}

	if (!err && s->scrub && !s->be->scrub(s->writer))
		s->scrub = false;
}


/* ---- the writer thread ---- */

static void batch_count(struct store *s, const struct tasks *batch)
{
	const struct task *t;
	bool written = false;

	STAILQ_FOREACH(t, batch, next)
	{
		--s->stats.n_queued;
		if (t->err)
			++s->stats.n_failed;
		else
			++s->stats.n_written;
		written |= !t->err;
	}
	if (written)
		++s->stats.n_commits;
}


/* with the lock held */
static void batch_finish(struct store *s, struct tasks *batch)
{
	struct task *t;

	batch_count(s, batch);

	while ((t = STAILQ_FIRST(batch))) {
		STAILQ_REMOVE_HEAD(batch, next);
		if (t->waited)
			t->done = true;
		else
			STAILQ_INSERT_TAIL(&s->finished, t, next);
	}
	(void)pthread_cond_broadcast(&s->done_cond);

	/* one message at a time, so that the queue cannot overflow */
	if (!s->told && !STAILQ_EMPTY(&s->finished))
		s->told = mqueue_push(s->mq, 0, NULL) == 0;
}


static void *writer_run(void *arg)
{
	struct store *s = arg;
	struct tasks batch;

	STAILQ_INIT(&batch);
	(void)pthread_mutex_lock(&s->lock);

	for (;;) {
		while (STAILQ_EMPTY(&s->queue) && !s->stopping)
			(void)pthread_cond_wait(&s->queued_cond, &s->lock);
		if (STAILQ_EMPTY(&s->queue))
			break;

		STAILQ_CONCAT(&batch, &s->queue);
		(void)pthread_mutex_unlock(&s->lock);
		batch_run(s, &batch);
		(void)pthread_mutex_lock(&s->lock);
		batch_finish(s, &batch);
	}

	(void)pthread_mutex_unlock(&s->lock);

	return NULL;
}


/* signals are for the thread that runs the loop */
static int writer_start(struct store *s)
{
	sigset_t all, old;
	int err;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&s->thread, NULL, writer_run, s);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	s->threaded = !err;

	return err;
}


static void writer_stop(struct store *s)
{
	(void)pthread_mutex_lock(&s->lock);
	s->stopping = true;
	(void)pthread_cond_signal(&s->queued_cond);
	(void)pthread_mutex_unlock(&s->lock);
	(void)pthread_join(s->thread, NULL);
}


/* ---- back in the loop ---- */

static void tasks_free(struct tasks *tasks)
{
	struct task *t;

	while ((t = STAILQ_FIRST(tasks))) {
		STAILQ_REMOVE_HEAD(tasks, next);
		free(t);
	}
}


static void store_free(struct store *s)
{
	s->be->close(s->reader);
	s->be->close(s->writer);
	mem_deref(s->mq);
	tasks_free(&s->finished);
	(void)pthread_cond_destroy(&s->done_cond);
	(void)pthread_cond_destroy(&s->queued_cond);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}


static void finished_handler(int id, void *data, void *arg)
{
	struct store *s = arg;
	struct tasks finished;
	struct task *t;
	(void)id;
	(void)data;

	STAILQ_INIT(&finished);
	(void)pthread_mutex_lock(&s->lock);
	STAILQ_CONCAT(&finished, &s->finished);
	s->told = false;
	(void)pthread_mutex_unlock(&s->lock);

	s->running = true;
	while (!s->closing && (t = STAILQ_FIRST(&finished))) {
		STAILQ_REMOVE_HEAD(&finished, next);
		if (t->doneh)
			t->doneh(t->err, t->arg);
		free(t);
	}
	s->running = false;

	tasks_free(&finished);
	if (s->closing)
		store_free(s);
}


/* ---- opening and closing ---- */

int store_open(struct store **sp, const char *dir, enum store_mode mode)
{
	struct store *s;
	bool made;
	int err;

	if (!sp || !dir)
		return EINVAL;

	s = calloc(1, sizeof(*s));
	if (!s)
		return ENOMEM;
	s->be = &store_sqlite;
	STAILQ_INIT(&s->queue);
	STAILQ_INIT(&s->finished);
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_cond_init(&s->queued_cond, NULL);
	(void)pthread_cond_init(&s->done_cond, NULL);

	err = s->be->open(&s->writer, dir, mode == STORE_CREATE);
	if (!err)
		err = s->be->open(&s->reader, dir, false);
	if (!err && mode == STORE_DAEMON)
		err = mqueue_alloc(&s->mq, finished_handler, s);
	if (!err && mode == STORE_DAEMON)
		err = writer_start(s);

	if (err) {
		made = mode == STORE_CREATE && s->writer;
		store_free(s);
		if (made)
			store_sqlite.remove(dir);
	}
	else
		*sp = s;

	return err;
}


void store_close(struct store *s)
{
	if (!s)
		return;

	if (s->threaded)
		writer_stop(s);

	if (s->running)
		s->closing = true;
	else
		store_free(s);
}


void store_stats_get(struct store *s, struct store_stats *stats)
{
	(void)pthread_mutex_lock(&s->lock);
	*stats = s->stats;
	(void)pthread_mutex_unlock(&s->lock);
}


/* ---- writes ---- */

/* @return 0, ENOSPC if the queue is full */
static int task_queue(struct store *s, struct task *t, unsigned limit)
{
	int err = 0;

	(void)pthread_mutex_lock(&s->lock);
	if (s->stats.n_queued >= limit) {
		err = ENOSPC;
		goto out;
	}
	STAILQ_INSERT_TAIL(&s->queue, t, next);
	++s->stats.n_queued;
	(void)pthread_cond_signal(&s->queued_cond);

out:
	(void)pthread_mutex_unlock(&s->lock);

	return err;
}


/* without a thread: the caller is the writer */
static void task_run_here(struct store *s, struct task *t)
{
	struct tasks batch;

	STAILQ_INIT(&batch);
	STAILQ_INSERT_TAIL(&batch, t, next);
	++s->stats.n_queued;
	batch_run(s, &batch);
	batch_count(s, &batch);
}


static int task_wait(struct store *s, struct task *t)
{
	const int err = task_queue(s, t, UINT32_MAX);

	if (err)
		return err;

	(void)pthread_mutex_lock(&s->lock);
	while (!t->done)
		(void)pthread_cond_wait(&s->done_cond, &s->lock);
	(void)pthread_mutex_unlock(&s->lock);

	return t->err;
}


/* a write that is over when this returns */
static int write_now(struct store *s, write_h *writeh, void *data, bool scrub)
{
	struct task t = {
		.writeh = writeh,
		.data = data,
		.waited = true,
		.scrub = scrub,
	};

	if (s->threaded)
		return task_wait(s, &t);

	task_run_here(s, &t);
	return t.err;
}


static int call_write(const struct store_backend *be, struct store_db *db,
		      void *data)
{
	return be->call_put(db, data);
}


/* a tool's write: its handler runs at once */
static int write_tell_now(struct store *s, write_h *writeh, void *data,
			  store_done_h *doneh, void *arg)
{
	const int err = write_now(s, writeh, data, false);

	if (doneh)
		doneh(err, arg);

	return err;
}


/* a write that nobody waits for: it keeps a copy of its data */
static int write_later(struct store *s, write_h *writeh, void *data,
		       size_t size, store_done_h *doneh, void *arg)
{
	struct task *t;
	int err;

	if (!s->threaded)
		return write_tell_now(s, writeh, data, doneh, arg);

	t = calloc(1, sizeof(*t));
	if (!t)
		return ENOMEM;
	t->writeh = writeh;
	t->data = &t->own;
	memcpy(t->data, data, size);
	t->doneh = doneh;
	t->arg = arg;

	err = task_queue(s, t, LIMIT_STORE_QUEUE);
	if (err)
		free(t);

	return err;
}


int store_call_put(struct store *s, const struct store_call *call,
		   store_done_h *doneh, void *arg)
{
	struct store_call copy;

	if (!s || !call)
		return EINVAL;

	copy = *call;
	return write_later(s, call_write, &copy, sizeof(copy), doneh, arg);
}


struct end_open {
	const char *reason;
	uint32_t n_ended;
};


static int end_open_write(const struct store_backend *be, struct store_db *db,
			  void *data)
{
	struct end_open *e = data;

	return be->call_end_open(db, e->reason, &e->n_ended);
}


int store_call_end_open(struct store *s, const char *reason, uint32_t *n_ended)
{
	struct end_open e = {reason, 0};
	int err;

	if (!s || !reason)
		return EINVAL;

	err = write_now(s, end_open_write, &e, false);
	if (!err && n_ended)
		*n_ended = e.n_ended;

	return err;
}


static int person_add_write(const struct store_backend *be,
			    struct store_db *db, void *data)
{
	return be->person_add(db, data);
}


int store_person_add(struct store *s, struct store_person *person)
{
	if (!s || !person)
		return EINVAL;

	return write_now(s, person_add_write, person, false);
}


static int person_set_write(const struct store_backend *be,
			    struct store_db *db, void *data)
{
	return be->person_set(db, data);
}


int store_person_set(struct store *s, const struct store_person *person)
{
	struct store_person copy;
	int err;

	if (!s || !person)
		return EINVAL;

	/* a number that was replaced is a number that was removed */
	copy = *person;
	err = write_now(s, person_set_write, &copy, true);
	secret_wipe(&copy.phone);

	return err;
}


static int person_off_write(const struct store_backend *be,
			    struct store_db *db, void *data)
{
	const struct off *off = data;

	return be->person_off(db, off->id, off->reason, off->at);
}


int store_person_off(struct store *s, uint32_t id, const char *reason,
		     int64_t at, store_done_h *doneh, void *arg)
{
	struct off off = {.id = id, .at = at};

	if (!s || !reason || strlen(reason) >= sizeof(off.reason))
		return EINVAL;

	memcpy(off.reason, reason, strlen(reason));
	return write_later(s, person_off_write, &off, sizeof(off), doneh,
			   arg);
}


static int person_remove_write(const struct store_backend *be,
			       struct store_db *db, void *data)
{
	return be->person_remove(db, *(uint32_t *)data);
}


int store_person_remove(struct store *s, uint32_t id)
{
	if (!s)
		return EINVAL;

	return write_now(s, person_remove_write, &id, true);
}


static int trunk_add_write(const struct store_backend *be, struct store_db *db,
			   void *data)
{
	return be->trunk_add(db, data);
}


int store_trunk_add(struct store *s, struct store_trunk *trunk)
{
	if (!s || !trunk)
		return EINVAL;

	return write_now(s, trunk_add_write, trunk, false);
}


struct trunk_name {
	const char *name;
};


static int trunk_remove_write(const struct store_backend *be,
			      struct store_db *db, void *data)
{
	const struct trunk_name *t = data;

	return be->trunk_remove(db, t->name);
}


int store_trunk_remove(struct store *s, const char *name)
{
	struct trunk_name t = {name};

	if (!s || !name)
		return EINVAL;

	return write_now(s, trunk_remove_write, &t, true);
}


/* ---- reads ---- */

int store_call_each(struct store *s, uint32_t limit, store_call_h *h,
		    void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->call_each(s->reader, limit, h, arg);
}


int store_call_last(struct store *s, uint64_t *idp)
{
	if (!s || !idp)
		return EINVAL;

	return s->be->call_last(s->reader, idp);
}


int store_person_get(struct store *s, const char *name,
		     struct store_person *person)
{
	if (!s || !name || !person)
		return EINVAL;

	return s->be->person_get(s->reader, name, person);
}


int store_person_each(struct store *s, store_person_h *h, void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->person_each(s->reader, h, arg);
}


int store_trunk_each(struct store *s, store_trunk_h *h, void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->trunk_each(s->reader, h, arg);
}
