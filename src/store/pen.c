/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pen.c  Writes batches, in the writer's thread or in the caller of a tool.
 * Must not know SQL nor what is written, nor of queues and handlers.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "pen.h"

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

/* what stands in the way of every write: worth one log line */
static const struct words {
	int err;
	const char *text;
} trouble_words[] = {
	{ENOSPC, "the disk that holds the store is full: free some space; what "
		 "is to be put on record waits until then"},
	{EROFS, "the store cannot be written, its disk is read-only: make it "
		"writable; what is to be put on record waits until then"},
	{EACCES, "the store may not be written: check whose file it is; what "
		 "is to be put on record waits until then"},
	{EBUSY, "another program keeps the store locked: end it; what is to be "
		"put on record waits until then"},
	{EIO, "the disk that holds the store fails: what is to be put on "
	      "record waits until it works again"},
	{ENOMEM, "no memory to write the store: what is to be put on record "
		 "waits until there is some"},
};


uint64_t pen_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


/* ---- patience with other programs ---- */

static void patience_set(struct pen *p, uint64_t ms)
{
	(void)pthread_mutex_lock(&p->lock);
	p->wait_ms = pen_now() + ms;
	if (p->wait_ms > p->stop_ms)
		p->wait_ms = p->stop_ms;
	(void)pthread_mutex_unlock(&p->lock);
}


static bool patience_handler(void *arg)
{
	struct pen *p = arg;
	bool more;

	(void)pthread_mutex_lock(&p->lock);
	more = pen_now() < p->wait_ms;
	(void)pthread_mutex_unlock(&p->lock);

	return more;
}


void pen_hurry(struct pen *p, uint64_t ms)
{
	(void)pthread_mutex_lock(&p->lock);
	p->stop_ms = pen_now() + ms;
	if (p->wait_ms > p->stop_ms)
		p->wait_ms = p->stop_ms;
	(void)pthread_mutex_unlock(&p->lock);
}


/* ---- wiping: SQLite's log file keeps what its tables have lost ---- */

static void scrub_try(struct pen *p, uint64_t ms)
{
	patience_set(p, ms);
	p->due_ms = p->be->scrub(p->db) ? pen_now() + SCRUB_AGAIN_MS : 0;
}


void pen_wipe(struct pen *p)
{
	scrub_try(p, 0);
}


void pen_wipe_later(struct pen *p)
{
	p->due_ms = pen_now() + SCRUB_IDLE_MS;
}


/* after a batch that removed something, or another one */
static void scrub_think(struct pen *p, enum pen_scrub scrub)
{
	const uint64_t now = pen_now();

	if (scrub == SCRUB_SOON && !p->due_ms)
		pen_wipe_later(p);

	if (p->tool && (p->due_ms || scrub))
		scrub_try(p, SCRUB_WAIT_TOOL_MS);
	else if (scrub == SCRUB_NOW ||
		 (p->due_ms && now >= p->due_ms + SCRUB_LATEST_MS))
		scrub_try(p, SCRUB_WAIT_MS);
}


/* ---- one batch ---- */

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


static void trouble_log(struct pen *p, int err)
{
	const char *text = trouble_find(err);

	if (err == p->trouble)
		return;
	p->trouble = err;

	if (err)
		log_error("%s", text ? text : strerror(err));
	else
		log_note("the store can be written again");
}


/* @return an error if the whole batch is lost */
static int task_write(struct pen *p, struct task *t)
{
	int err;

	err = p->be->mark(p->db);
	if (err)
		return err;

	t->err = t->writeh(p->be, p->db, t->data);

	/* a full disk or a failing one may take the transaction with it */
	if (trouble_find(t->err) || !p->be->in_transaction(p->db))
		return t->err ? t->err : EIO;

	return t->err ? p->be->undo(p->db) : p->be->keep(p->db);
}


static int batch_write(struct pen *p, struct tasks *batch)
{
	struct task *t;
	int err;

	patience_set(p, LOCK_WAIT_MS);
	err = p->be->begin(p->db);

	STAILQ_FOREACH(t, batch, next)
	{
		if (!err)
			err = task_write(p, t);
	}

	if (!err)
		err = p->be->commit(p->db);
	if (err && p->be->in_transaction(p->db))
		p->be->rollback(p->db);

	return err;
}


void pen_write(struct pen *p, struct tasks *batch)
{
	const int err = batch_write(p, batch);
	enum pen_scrub scrub = SCRUB_NOTHING;
	struct task *t;

	trouble_log(p, err);

	STAILQ_FOREACH(t, batch, next)
	{
		if (err)
			t->err = err;
		if (!t->err && t->scrub > scrub)
			scrub = t->scrub;
	}

	if (!err)
		scrub_think(p, scrub);
}


/* ---- opening and closing ---- */

void pen_open(struct pen *p, const struct store_backend *be,
	      struct store_db *db, bool tool)
{
	memset(p, 0, sizeof(*p));
	p->be = be;
	p->db = db;
	p->tool = tool;
	p->stop_ms = UINT64_MAX;
	(void)pthread_mutex_init(&p->lock, NULL);
	be->patience(db, patience_handler, p);
}


void pen_close(struct pen *p)
{
	if (p->due_ms)
		pen_wipe(p);
	p->be->close(p->db);
	(void)pthread_mutex_destroy(&p->lock);
}
