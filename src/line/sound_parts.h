/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sound_parts.h  The inside of sound.h, shared by sound.c (questions,
 * news), sound_place.c (connections), sound_leg.c, sound_order.c and
 * sound_found.c alone
 *
 * A leg is in a *place*: one life of one process (config_media.h). A process
 * that is replaced keeps its place, and the legs in it; the new one has another
 * place.
 */
#ifndef RINGBACK_SOUND_PARTS_H
#define RINGBACK_SOUND_PARTS_H

#include "wire/conn.h"
#include "recordings.h"
#include "sound.h"

/* one life of a media process */
struct sound_media {
	struct sound *sound; /* borrow */
	struct sound_slot *slot; /* borrow */
	struct list waitl; /* questions for when it is back    */
	struct list sentl; /* questions it has not answered    */
	struct wire_conn *conn;
	char *path;
	struct tmr tmr_beat;
	uint64_t gone_at; /* when it was there last, unless it is      */
	uint32_t n_legs; /* that were numbered and not closed */
	unsigned n_unheard; /* beats in a row                            */
	bool up;         /* it has answered, and does not hang          */
	bool asked;      /* a beat is not answered yet                  */
	bool stuck;      /* a question was not answered in time, nor any since */
	bool finding;    /* it is asked for its legs one by one */
	bool leaves;     /* new legs belong elsewhere       */
	bool may_go;     /* it was told so                  */
};

/* a media process, and its lives */
struct sound_slot {
	struct sound *sound; /* borrow */
	struct tmr tmr;      /* until those that are away are looked for again */
	uint32_t i;
	uint32_t life;       /* where new legs go */
};

/* held by all media processes, of no leg */
struct sound_blob {
	uint8_t *p;
	size_t n;
	uint64_t at; /* 0: none */
};

struct sound {
	struct sound_slot slots[LIMIT_MEDIA];
	uint32_t n_slots;
	struct sound_media media[LIMIT_PLACES]; /* by place */
	struct hash *legs; /* that count as open, by number */
	struct list foundl; /* of an earlier life of this process */
	struct tmr tmr_find;
	struct sound_blob said; /* by us, last         */
	struct sound_blob left; /* by the one before   */
	struct recordings *recordings;
	struct sound_handlers h;
	void *arg;
	uint64_t last_leg;
};

/** The place of this life of a process. borrow */
struct sound_media *sound_place(struct sound *s, uint32_t slot, uint32_t life);

/** Where new legs go. borrow */
const struct sound_media *sound_current(const struct sound *s, uint32_t slot);

/** Look for those that are away. */
void sound_look(void *slot);

/** News from a place: a handler of wire/conn.h. */
void sound_news(struct wire_conn *conn, const struct wire_msg *msg, void *arg);

/** It is there: ask it what waits. */
void sound_waiting_flush(struct sound_media *m);

/** It says that new legs belong elsewhere. */
void sound_leaves(struct sound_media *m);

/** The process that a leg is in. borrow */
struct sound_media *sound_media_of(struct sound *s, uint64_t leg);

/** Its connection is over, or is to be: it died, or does not answer. */
void sound_gone(struct sound_media *m);

/** It was there, and is not any more: tell of its legs. */
void sound_lost(struct sound_media *m);

/** @return 0, or why it cannot be reached now */
int sound_connect(struct sound_media *m);
/** It has answered. */
void sound_came_up(struct sound_media *m);

/* sound_held.c */
/** It is there: it holds what the others do. */
void sound_hold_again(const struct sound_media *m);
/** Ask what it holds; the answer comes before that of later questions. */
void sound_held_ask(struct sound_media *m);
void sound_held_wipe(struct sound *s);

/* sound_leg.c */
/** What sound_secret() said; else WIRE_SRTP_NEVER. */
enum wire_srtp sound_leg_secret(struct sound *s, uint64_t leg);

/** It counts as open. @return 0, ENOMEM */
int sound_leg_know(struct sound *s, uint64_t leg);

/** Ask again and again whether it is there; sound_gone() if it is not. */
void sound_beat_start(struct sound_media *m);

/** For orders whose refusal changes nothing here: media has said why in its
 *  log. arg: what was to be done, in words */
wire_reply_h sound_order_reply;

#endif
