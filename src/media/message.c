/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * message.c  The loop's side of messages: takes in sound, and says what became
 * of it. It must not touch the disk; a thread does (message_thread.c).
 */
#include <errno.h>
#include <pthread.h>
#include <re.h>

#include "message_parts.h"


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
	sodium_free(m->ring); /* wiped */
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
	if (sodium_init() < 0)
		return EIO;

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
	err = pthread_create(&d->thread, NULL, message_thread, d);
	d->running = !err;

out:
	if (err)
		mem_deref(d);
	else
		*dp = d;

	return err;
}


int message_open(struct message **mp, struct message_disk *d, uint64_t name,
		 enum codec c, const struct message_seal *to,
		 const struct message_handlers *h, void *arg)
{
	struct message *m;

	if (!mp || !d || !to || !h)
		return EINVAL;

	m = mem_zalloc(sizeof(*m), message_destructor);
	if (!m)
		return ENOMEM;
	m->ring = sodium_malloc(MESSAGE_RING);
	if (!m->ring) {
		mem_deref(m);
		return ENOMEM;
	}
	tmr_init(&m->late);
	tmr_start(&m->late, MESSAGE_WAIT_MS, late, m);
	m->d = d;
	m->name = name;
	m->h = *h;
	m->arg = arg;
	messagefile_init(&m->file, c, to);

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
