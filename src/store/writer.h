/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file writer.h  All writes of a process, in order
 *
 * With a thread (STORE_DAEMON) everything queued while one commit runs is
 * written by the next: group commit. Handlers run in the libre loop of whoever
 * opened the store. Without a thread (tools) a write is done when the call
 * that wants it returns.
 *
 * When another program keeps the store locked, a write waits five seconds,
 * and then fails; once the writer is to stop, all that wait together do so for
 * WRITER_STOP_MS at most.
 */
#ifndef RINGBACK_WRITER_H
#define RINGBACK_WRITER_H

#include "pen.h"

struct writer;

/** The line takes leave for two seconds, and is killed after ten. */
enum { WRITER_STOP_MS = 4000 };

/**
 * Make the writer of a connection
 *
 * @param wp       new
 * @param be       Backend
 * @param db       A connection of its own; takes, also when it fails
 * @param threaded With a thread, and handlers in the caller's libre loop
 *
 * @return 0, ENOMEM, EAGAIN no thread
 */
int writer_alloc(struct writer **wp, const struct store_backend *be,
		 struct store_db *db, bool threaded);

/**
 * Go on with a thread: of a writer that was made without
 *
 * @return 0, ENOMEM, EAGAIN no thread: nothing is changed
 */
int writer_start(struct writer *w);

/** takes. As store_close(); may be called from a handler. NULL is fine. */
void writer_close(struct writer *w);

void writer_stats(struct writer *w, struct store_stats *stats);

/** A write that is over when this returns. @return its error */
int writer_now(struct writer *w, write_h *writeh, void *data,
	       enum pen_scrub scrub);

/**
 * A write that nobody waits for
 *
 * @param data Copied, and wiped when it is written or given up
 *
 * @return 0 queued, ENOMEM, ENOSPC LIMIT_STORE_QUEUE writes wait already;
 *         without a thread the error of the write, doneh has run
 */
int writer_later(struct writer *w, write_h *writeh, const void *data,
		 size_t size, enum pen_scrub scrub, store_done_h *doneh,
		 void *arg);

#endif
