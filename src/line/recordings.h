/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file recordings.h  Messages being written down, as the line knows of them
 *
 * Media writes; the line has promised the core one word on each, and keeps
 * that promise here also if media refuses, dies, or is not there.
 */
#ifndef RINGBACK_RECORDINGS_H
#define RINGBACK_RECORDINGS_H

#include "sound.h"
#include "wire/conn.h"

struct recordings;

/** @param rp new. @param h Told of each, once (optional) */
int recordings_alloc(struct recordings **rp, sound_recorded_h *h, void *arg);

/** From now on this one is told. */
void recordings_handle(struct recordings *r, sound_recorded_h *h, void *arg);

/**
 * Ask media for one
 *
 * @param conn To media, NULL if it is away
 *
 * @return 0: the handler is told once, later; ENOMEM
 */
int recordings_ask(struct recordings *r, struct wire_conn *conn,
		   const struct wire_leg_record *record);

/** Media says that one is over. News of others is passed over. */
void recordings_over(struct recordings *r,
		     const struct wire_leg_recorded *over);

/** A media process is gone: whatever was being written by it is told, as far
 *  as the disk has it. */
void recordings_lost(struct recordings *r, const struct sound *s,
		     uint32_t process);

#endif
