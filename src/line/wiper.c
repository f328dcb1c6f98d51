/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * wiper.c  Has what was put away written over. Its thread must not touch
 * anything of libre's but the queue of news.
 */
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "base/gone.h"
#include "base/message.h"
#include "wiper.h"

#define LOG_MODULE "wiper"
#include "base/log.h"


struct wiper {
	struct mqueue *mq;
	struct list waitl; /* struct wait, in order */
	uint64_t n_asked;  /* as the loop counts    */
	int said;          /* what the log said last */
	bool running;

	pthread_t thread;
	pthread_mutex_t lock; /* over what follows                  */
	pthread_cond_t cond;
	uint64_t asked;       /* rounds that are wanted             */
	uint64_t done;        /* and are over: all before it, too   */
	int err;              /* of the last one                    */
	bool told;            /* the loop knows that one is over    */
	bool stop;
};

struct wait {
	struct le le;
	uint64_t n; /* the round that is waited for */
	wiper_done_h *h;
	void *arg;
};


static void wait_destructor(void *data)
{
	struct wait *w = data;

	list_unlink(&w->le);
}


/* ---- the thread ---- */

/* with the lock held */
static void round_over(struct wiper *w, uint64_t n, int err)
{
	w->done = n;
	w->err = err;
	if (!w->told)
		w->told = mqueue_push(w->mq, 0, NULL) == 0;
}


static void *thread_run(void *arg)
{
	struct wiper *w = arg;

	(void)pthread_mutex_lock(&w->lock);
	while (!w->stop) {
		const uint64_t n = w->asked;
		int err;

		if (w->done == n) {
			(void)pthread_cond_wait(&w->cond, &w->lock);
			continue;
		}
		(void)pthread_mutex_unlock(&w->lock);
		err = gone_wipe();
		(void)pthread_mutex_lock(&w->lock);
		round_over(w, n, err);
	}
	(void)pthread_mutex_unlock(&w->lock);

	return NULL;
}


/* signals are for the thread that runs the loop, but for what the sandbox
 * refuses to this one */
static int thread_start(struct wiper *w)
{
	sigset_t all, old;
	int err;

	(void)sigfillset(&all);
	(void)sigdelset(&all, SIGSYS);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&w->thread, NULL, thread_run, w);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	w->running = !err;

	return err;
}


/* ---- the loop ---- */

static void say(struct wiper *w, int err)
{
	if (err && err != w->said)
		log_error("a message that nobody waits for could not be "
			  "written over: %s; whoever reads the disk itself "
			  "may find it, sealed", strerror(err));
	w->said = err;
}


static void news(int id, void *data, void *arg)
{
	struct wiper *w = arg;
	struct le *le;
	uint64_t done;
	int err;
	(void)id;
	(void)data;

	(void)pthread_mutex_lock(&w->lock);
	done = w->done;
	err = w->err;
	w->told = false;
	(void)pthread_mutex_unlock(&w->lock);
	say(w, err);

	/* a handler may ask for more, or free the wiper */
	mem_ref(w);
	while (mem_nrefs(w) > 1 && (le = list_head(&w->waitl))) {
		struct wait *wait = le->data;
		const struct wait one = *wait;

		if (one.n > done)
			break;
		mem_deref(wait);
		one.h(err, one.arg);
	}
	mem_deref(w);
}


static void wiper_destructor(void *data)
{
	struct wiper *w = data;

	if (w->running) {
		(void)pthread_mutex_lock(&w->lock);
		w->stop = true;
		(void)pthread_cond_signal(&w->cond);
		(void)pthread_mutex_unlock(&w->lock);
		(void)pthread_join(w->thread, NULL);
	}
	mem_deref(w->mq);
	list_flush(&w->waitl);
	(void)pthread_cond_destroy(&w->cond);
	(void)pthread_mutex_destroy(&w->lock);
}


static void ask(struct wiper *w)
{
	(void)pthread_mutex_lock(&w->lock);
	w->n_asked = ++w->asked;
	(void)pthread_cond_signal(&w->cond);
	(void)pthread_mutex_unlock(&w->lock);
}


int wiper_alloc(struct wiper **wp)
{
	struct wiper *w;
	int err;

	if (!wp)
		return EINVAL;

	w = mem_zalloc(sizeof(*w), wiper_destructor);
	if (!w)
		return ENOMEM;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->cond, NULL);
	err = mqueue_alloc(&w->mq, news, w);
	if (!err)
		err = thread_start(w);
	if (err) {
		mem_deref(w);
		return err;
	}

	ask(w);
	*wp = w;

	return 0;
}


int wiper_message(struct wiper *w, uint64_t call)
{
	const int err = message_retire(call);

	if (!err)
		ask(w);

	return err;
}


int wiper_wait(struct wiper *w, wiper_done_h *h, void *arg)
{
	struct wait *wait;

	if (!w || !h)
		return EINVAL;

	wait = mem_zalloc(sizeof(*wait), wait_destructor);
	if (!wait)
		return ENOMEM;
	wait->h = h;
	wait->arg = arg;
	ask(w); /* what was put away before this one began */
	wait->n = w->n_asked;
	list_append(&w->waitl, &wait->le, wait);

	return 0;
}
