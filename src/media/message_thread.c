/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * message_thread.c  Writes messages to disk. It must not touch anything of
 * libre's but lists and the queue of news.
 */
#include <errno.h>
#include <pthread.h>
#include <time.h>
#include <re.h>

#include "message_parts.h"


enum {
	DRAIN_BYTES = MESSAGE_DRAIN_MS * MESSAGE_MS,
	/* More than this to be put on disk: all at once. One by one each has
	 * to wait for the disk. */
	MANY = 8,
};


static uint64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


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
	e = messagefile_close(&m->file);

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
	const int err = messagefile_sync(&m->file);

	m->synced_at = now;
	safe(m);
	if (err)
		finish(m, err);
}


static void sync_many(struct message_disk *d, uint64_t now)
{
	struct le *le;

	if (messagefile_sync_all())
		return;
	/* an error of a single one shows when it is closed */
	LIST_FOREACH(&d->workl, le)
	{
		struct message *m = le->data;

		if (!is_due(m, now))
			continue;
		m->file.n_synced = m->file.n;
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


void *message_thread(void *arg)
{
	struct message_disk *d = arg;
	bool busy = false;

	while (wait_for_work(d, busy)) {
		busy = write_all(d);
		busy = sync_some(d) || busy;
	}

	return NULL;
}
