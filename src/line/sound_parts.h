/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sound_parts.h  The inside of sound.h, shared by sound.c (questions,
 * news, the connection), sound_order.c, sound_leg.c and sound_found.c alone
 */
#ifndef RINGBACK_SOUND_PARTS_H
#define RINGBACK_SOUND_PARTS_H

#include "wire/conn.h"
#include "recordings.h"
#include "sound.h"

/* one media process */
struct sound_media {
	struct sound *sound; /* borrow */
	struct list waitl; /* questions for when it is back    */
	struct list sentl; /* questions it has not answered    */
	struct wire_conn *conn;
	struct tmr tmr;
	char *path;
	struct tmr tmr_beat;
	uint64_t gone_at; /* when it was there last, unless it is      */
	uint32_t n_legs; /* that were numbered and not closed */
	unsigned n_unheard; /* beats in a row                            */
	bool up;         /* it has answered, and does not hang          */
	bool asked;      /* a beat is not answered yet                  */
	bool finding;    /* it is asked for its legs one by one */
	bool stuck;      /* a question was not answered in time, nor any since */
};

struct sound {
	struct sound_media media[LIMIT_MEDIA];
	uint32_t n_media;
	struct hash *legs; /* that count as open, by number */
	struct list foundl; /* of an earlier life of this process */
	struct tmr tmr_find;
	struct recordings *recordings;
	struct sound_handlers h;
	void *arg;
	uint64_t last_leg;
};

/** The process that a leg is in. borrow */
struct sound_media *sound_media_of(struct sound *s, uint64_t leg);

/** Its connection is over, or is to be: it died, or does not answer. */
void sound_gone(struct sound_media *m);

/** Ask again and again whether it is there; sound_gone() if it is not. */
void sound_beat_start(struct sound_media *m);
/* sound.c */
/** Try again in a moment; then it begins afresh. */
void sound_connect_later(struct sound_media *m);
/** @return 0, or why it cannot be reached now */
int sound_connect(struct sound_media *m);
/** It has answered. */
void sound_came_up(struct sound_media *m);

/* sound_leg.c */
/** It counts as open. @return 0, ENOMEM */
int sound_leg_know(struct sound *s, uint64_t leg);

/** For orders whose refusal changes nothing here: media has said why in its
 *  log. arg: what was to be done, in words */
wire_reply_h sound_order_reply;

#endif
