/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file wiper.h  Messages that nobody is to hear any more, on their way off the
 * disk
 *
 * They are written over in a thread of its own: a slow disk keeps no caller
 * waiting.
 */
#ifndef RINGBACK_LINE_WIPER_H
#define RINGBACK_LINE_WIPER_H

#include <re.h>

struct wiper;

/** All that had been put away by then is off the disk, or (err) is not. */
typedef void(wiper_done_h)(int err, void *arg);

/** @param wp new; what an earlier life of this process left is wiped first. It
 *  ends when the one that is being wiped is */
int wiper_alloc(struct wiper **wp);

/** There is no message of this call from now on. @return as message_retire() */
int wiper_message(struct wiper *w, uint64_t call);

/** Be told, later and once; not if the wiper is freed before. ENOMEM */
int wiper_wait(struct wiper *w, wiper_done_h *h, void *arg);

#endif
