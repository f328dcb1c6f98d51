/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * message.c  A thread that writes messages to disk. It must not touch anything
 * of libre's, and the loop must not touch the disk. What both touch is behind
 * one lock, which nobody holds while waiting for the disk.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <re.h>

#include "base/message.h"
#include "message.h"
#include "messagefile.h"


enum {
	DRAIN_BYTES = MESSAGE_DRAIN_MS * MESSAGE_MS,
	/* More than this to be put on disk: all at once. One by one each has
	 * to wait for the disk. */
	MANY = 8,
};

/* what the loop is to be told */
enum news {
	NEWS_OPENED = 1 << 0,
	NEWS_CLOSED = 1 << 1,
};

struct message {
	struct le le;        /* in one of the disk's lists; lock           */
	struct le nle;       /* in its news; lock                          */
	struct tmr late;     /* the loop's own                             */
	struct message_disk *d; /* borrow */
	uint64_t name;
	struct message_handlers h;
	void *arg;

	/* lock */
	uint64_t n_in, n_out; /* bytes into the ring, and out of it        */
	uint32_t voiced_ms;
	unsigned news;        /* bits of enum news                         */
	int opened_err;
	struct message_result result;
	bool closing;
	bool overrun;         /* the ring was full                         */
	bool opened;          /* so the loop was told                      */
	bool given_up;        /* the loop has told its owner the end       */

	/* the thread's own */
	struct messagefile file;
	uint64_t synced_at;   /* milliseconds                              */
	uint8_t ring[MESSAGE_RING]; /* between n_out and n_in              */
};

struct message_disk {
	pthread_mutex_t lock;
	pthread_cond_t work;
	pthread_t thread;
	struct mqueue *mq;
	struct list newl;     /* messages the thread has not seen; lock    */
	struct list workl;    /* those it works on; its own                */
	struct list overl;    /* those it is done with; lock               */
	struct list newsl;    /* of which the loop is to be told; lock     */
	bool stop;            /* lock                                      */
	bool has_lock, has_work, running;
};


static uint64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


/* ------------------------------------------------------------------------
 * the thread
 */

/* lock is held */
static void tell(struct message *m, enum news what)
{
	struct message_disk *d = m->d;
	const bool first = list_isempty(&d->newsl);

	if (!m->news)
		list_append(&d->newsl, &m->nle, m);
	m->news |= what;
	if (first)
		(void)mqueue_push(d->mq, 0, NULL);
}


/* So much is on disk. Lock is held. */
static void safe_is(struct message *m)
{
	const uint32_t ms = m->file.n_synced / MESSAGE_MS;

	m->result.ms = ms;
	m->result.voiced_ms = m->voiced_ms < ms ? m->voiced_ms : ms;
}


static void safe(struct message *m)
{
	pthread_mutex_lock(&m->d->lock);
	safe_is(m);
	pthread_mutex_unlock(&m->d->lock);
}


/* the file is closed, or was never opened */
static void over(struct message *m, enum news what, int err)
{
	struct message_disk *d = m->d;

	pthread_mutex_lock(&d->lock);
	if (what == NEWS_OPENED)
		m->opened_err = err;
	safe_is(m);
	m->result.err = err;
	list_unlink(&m->le);
	list_append(&d->overl, &m->le, m);
	tell(m, what);
	pthread_mutex_unlock(&d->lock);
}


/* @return false if it is gone */
static bool begin(struct message *m)
{
	int err;

	if (m->file.fd >= 0)
		return true;

	err = messagefile_open(&m->file, m->name);
	if (err) {
		over(m, NEWS_OPENED, err);
		return false;
	}

	m->synced_at = now_ms();
	pthread_mutex_lock(&m->d->lock);
	tell(m, NEWS_OPENED);
	pthread_mutex_unlock(&m->d->lock);

	return true;
}


/* What to write next, in one piece. Whether that is enough to be worth it goes
 * by all there is: the piece before the ring's end may be a small one. */
static size_t ring_get(struct message *m, const uint8_t **pp)
{
	const size_t at = m->n_out % MESSAGE_RING;
	bool enough;
	size_t n;

	pthread_mutex_lock(&m->d->lock);
	n = (size_t)(m->n_in - m->n_out);
	enough = m->closing || m->d->stop || n >= DRAIN_BYTES;
	pthread_mutex_unlock(&m->d->lock);

	*pp = m->ring + at;
	if (!enough)
		return 0;

	return n < MESSAGE_RING - at ? n : MESSAGE_RING - at;
}


static void ring_drop(struct message *m, size_t n)
{
	pthread_mutex_lock(&m->d->lock);
	m->n_out += n;
	pthread_mutex_unlock(&m->d->lock);
}


/* hand to the system what has come in; it says so if it cannot */
static int drain(struct message *m)
{
	const uint8_t *p;
	size_t n;

	while ((n = ring_get(m, &p))) {
		const int err = messagefile_write(&m->file, p, n);

		if (err)
			return err;
		ring_drop(m, n);
	}

	return 0;
}


static uint32_t voiced(struct message *m)
{
	uint32_t ms;

	pthread_mutex_lock(&m->d->lock);
	ms = m->voiced_ms;
	pthread_mutex_unlock(&m->d->lock);

	return ms;
}


static bool is_closing(struct message *m, int *errp)
{
	bool closing;

	pthread_mutex_lock(&m->d->lock);
	closing = m->closing || m->d->stop;
	*errp = m->overrun ? EIO : 0;
	pthread_mutex_unlock(&m->d->lock);

	return closing;
}


static void finish(struct message *m, int err)
{
	const uint32_t voiced_ms = voiced(m);
	int e;

	if (!err && !voiced_ms)
		err = messagefile_back(&m->file);
	e = messagefile_close(&m->file, voiced_ms);

	over(m, NEWS_CLOSED, err ? err : e);
}


/* Open, write and close. Each ends at most one, since that waits for the disk
 * and others have something to write meanwhile. @return true if it did */
static bool write_all(struct message_disk *d)
{
	struct le *le = list_head(&d->workl);

	while (le) {
		struct message *m = le->data;
		int err, cause;

		le = le->next;
		if (!begin(m))
			continue;
		err = drain(m);
		if (is_closing(m, &cause) && !err)
			err = drain(m);
		else if (!err)
			continue;
		finish(m, err ? err : cause);
		return true;
	}

	return false;
}


static bool is_due(const struct message *m, uint64_t now)
{
	return m->file.n > m->file.n_synced &&
	       now - m->synced_at >= MESSAGE_SYNC_MS;
}


static unsigned n_due(const struct message_disk *d, struct message **firstp,
		      uint64_t now)
{
	unsigned n = 0;
	struct le *le;

	LIST_FOREACH(&d->workl, le)
	{
		struct message *m = le->data;

		if (!is_due(m, now))
			continue;
		if (!n++ || m->synced_at < (*firstp)->synced_at)
			*firstp = m;
	}

	return n;
}


static void sync_one(struct message *m, uint64_t now)
{
	const int err = messagefile_sync(&m->file, voiced(m));

	m->synced_at = now;
	safe(m);
	if (err)
		finish(m, err);
}


static void sync_many(struct message_disk *d, uint64_t now)
{
	struct le *le;

	LIST_FOREACH(&d->workl, le)
	{
		struct message *m = le->data;

		if (is_due(m, now))
			(void)messagefile_head(&m->file, voiced(m));
	}
	if (messagefile_sync_all())
		return;
	/* an error of a single one shows when it is closed */
	LIST_FOREACH(&d->workl, le)
	{
		struct message *m = le->data;

		if (!is_due(m, now))
			continue;
		m->file.n_synced = m->file.n_head;
		m->synced_at = now;
		safe(m);
	}
}


/* put on disk those that have waited longest. @return true if there were */
static bool sync_some(struct message_disk *d)
{
	const uint64_t now = now_ms();
	struct message *first = NULL;
	const unsigned n = n_due(d, &first, now);

	if (n > MANY)
		sync_many(d, now);
	else if (n)
		sync_one(first, now);

	return n;
}


/* wait for work. @return false if it is time to go */
static bool wait_for_work(struct message_disk *d, bool busy)
{
	struct timespec until;
	struct le *le;
	bool go;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += MESSAGE_DRAIN_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;

	pthread_mutex_lock(&d->lock);
	if (!busy && !d->stop && list_isempty(&d->newl)) {
		if (list_isempty(&d->workl))
			(void)pthread_cond_wait(&d->work, &d->lock);
		else
			(void)pthread_cond_timedwait(&d->work, &d->lock,
						     &until);
	}
	while ((le = list_head(&d->newl))) {
		list_unlink(le);
		list_append(&d->workl, le, le->data);
	}
	go = d->stop && list_isempty(&d->workl);
	pthread_mutex_unlock(&d->lock);

	return !go;
}


static void *run(void *arg)
{
	struct message_disk *d = arg;
	bool busy = false;

	while (wait_for_work(d, busy)) {
		busy = write_all(d);
		busy = sync_some(d) || busy;
	}

	return NULL;
}


/* ------------------------------------------------------------------------
 * the loop
 */

/* what the loop is told of one message */
struct word {
	struct message_handlers h;
	void *arg;
	unsigned news;
	int opened_err;
	struct message_result result;
};


/* The disk does not answer. The thread has the message still, and may write
 * what is in the ring, but nobody waits for that any more. One that never
 * began stays unsaid. */
static void late(void *arg)
{
	struct message *m = arg;
	const struct message_handlers h = m->h;
	struct message_result result;
	bool opened, told;

	pthread_mutex_lock(&m->d->lock);
	/* the word is on its way */
	told = m->opened ? m->news & NEWS_CLOSED : m->news;
	opened = m->opened;
	if (!told) {
		m->given_up = m->closing = true;
		if (!opened)
			m->n_in = m->n_out;
		m->result.err = EIO;
	}
	result = m->result;
	pthread_mutex_unlock(&m->d->lock);
	if (told)
		return;

	if (opened)
		h.closedh(&result, m->arg);
	else
		h.openedh(EIO, m->arg);
}


/* Its opening was waited for until now; its end may be, from now on. */
static void word_noted(struct message *m)
{
	if (m->opened || m->given_up)
		return;
	m->opened = true;
	if (m->closing)
		tmr_start(&m->late, MESSAGE_WAIT_MS, late, m);
	else
		tmr_cancel(&m->late);
}


/* @return false if there is nothing new. What has ended is freed. */
static bool word_take(struct message_disk *d, struct word *w)
{
	struct message *m = NULL;
	bool gone = false;
	struct le *le;

	pthread_mutex_lock(&d->lock);
	le = list_head(&d->newsl);
	if (le) {
		m = le->data;
		*w = (struct word){
			.h = m->h, .arg = m->arg,
			.news = m->given_up ? 0 : m->news,
			.opened_err = m->opened_err, .result = m->result,
		};
		gone = m->opened_err || m->news & NEWS_CLOSED;
		list_unlink(le);
		m->news = 0;
		word_noted(m);
		if (gone)
			list_unlink(&m->le);
	}
	pthread_mutex_unlock(&d->lock);
	if (gone)
		mem_deref(m);

	return le;
}


static void news_handler(int id, void *data, void *arg)
{
	struct message_disk *d = arg;
	struct word w;
	(void)id;
	(void)data;

	mem_ref(d);
	while (mem_nrefs(d) > 1 && word_take(d, &w)) {
		if (w.news & NEWS_OPENED)
			w.h.openedh(w.opened_err, w.arg);
		if (w.news & NEWS_CLOSED && mem_nrefs(d) > 1)
			w.h.closedh(&w.result, w.arg);
	}
	mem_deref(d);
}


static void message_destructor(void *data)
{
	struct message *m = data;

	tmr_cancel(&m->late);
}


static void disk_destructor(void *data)
{
	struct message_disk *d = data;

	if (d->running) {
		pthread_mutex_lock(&d->lock);
		d->stop = true;
		pthread_cond_signal(&d->work);
		pthread_mutex_unlock(&d->lock);
		(void)pthread_join(d->thread, NULL);
	}
	list_clear(&d->newsl);
	list_flush(&d->overl);
	mem_deref(d->mq);
	if (d->has_work)
		(void)pthread_cond_destroy(&d->work);
	if (d->has_lock)
		(void)pthread_mutex_destroy(&d->lock);
}


static int work_init(pthread_cond_t *work)
{
	pthread_condattr_t attr;
	int err;

	err = pthread_condattr_init(&attr);
	if (err)
		return err;
	err = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (!err)
		err = pthread_cond_init(work, &attr);
	(void)pthread_condattr_destroy(&attr);

	return err;
}


int message_disk_alloc(struct message_disk **dp)
{
	struct message_disk *d;
	int err;

	if (!dp)
		return EINVAL;

	d = mem_zalloc(sizeof(*d), disk_destructor);
	if (!d)
		return ENOMEM;

	err = pthread_mutex_init(&d->lock, NULL);
	if (err)
		goto out;
	d->has_lock = true;
	err = work_init(&d->work);
	if (err)
		goto out;
	d->has_work = true;
	err = mqueue_alloc(&d->mq, news_handler, d);
	if (err)
		goto out;
	err = pthread_create(&d->thread, NULL, run, d);
	d->running = !err;

out:
	if (err)
		mem_deref(d);
	else
		*dp = d;

	return err;
}


int message_open(struct message **mp, struct message_disk *d, uint64_t name,
		 enum codec c, const struct message_handlers *h, void *arg)
{
	struct message *m;

	if (!mp || !d || !h)
		return EINVAL;

	m = mem_zalloc(sizeof(*m), message_destructor);
	if (!m)
		return ENOMEM;
	tmr_init(&m->late);
	tmr_start(&m->late, MESSAGE_WAIT_MS, late, m);
	m->d = d;
	m->name = name;
	m->h = *h;
	m->arg = arg;
	messagefile_init(&m->file, c);

	pthread_mutex_lock(&d->lock);
	list_append(&d->newl, &m->le, m);
	pthread_cond_signal(&d->work);
	pthread_mutex_unlock(&d->lock);
	*mp = m;

	return 0;
}


/* if it is not open yet, that is waited for first */
static void end_awaited(struct message *m)
{
	if (m->opened)
		tmr_start(&m->late, MESSAGE_WAIT_MS, late, m);
}


void message_write(struct message *m, const uint8_t *p, size_t n,
		   uint32_t voiced_ms)
{
	bool full;

	pthread_mutex_lock(&m->d->lock);
	full = n > MESSAGE_RING - (m->n_in - m->n_out) && !m->closing;
	if (full)
		m->overrun = m->closing = true;
	m->voiced_ms = voiced_ms;
	for (size_t i = 0; i < n && !m->closing; i++)
		m->ring[m->n_in++ % MESSAGE_RING] = p[i];
	pthread_mutex_unlock(&m->d->lock);
	if (full)
		end_awaited(m);
}


void message_close(struct message *m)
{
	pthread_mutex_lock(&m->d->lock);
	m->closing = true;
	pthread_cond_signal(&m->d->work);
	pthread_mutex_unlock(&m->d->lock);
	end_awaited(m);
}
