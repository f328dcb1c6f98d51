/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file message_parts.h  What the loop and the thread know of a message; for
 *                        message*.c alone
 *
 * What both touch is behind one lock, which nobody holds while waiting for
 * the disk.
 */
#ifndef RINGBACK_MEDIA_MESSAGE_PARTS_H
#define RINGBACK_MEDIA_MESSAGE_PARTS_H

#include <pthread.h>
#include <re.h>

#include "message.h"
#include "messagefile.h"

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
	uint8_t *ring;        /* MESSAGE_RING, locked; n_out to n_in        */
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

/** Writes all messages of a disk (struct message_disk), until it is to stop
 *  and they are written. */
void *message_thread(void *arg);

#endif
