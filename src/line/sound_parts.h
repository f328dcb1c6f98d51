/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sound_parts.h  The inside of sound.h, shared by sound.c (questions,
 * news, the connection) and sound_order.c alone
 */
#ifndef RINGBACK_SOUND_PARTS_H
#define RINGBACK_SOUND_PARTS_H

#include "wire/conn.h"
#include "recordings.h"
#include "sound.h"

struct sound {
	struct list waitl; /* questions for when media is back */
	struct list sentl; /* questions it has not answered    */
	struct wire_conn *conn;
	struct tmr tmr;
	char *path;
	struct recordings *recordings;
	struct sound_handlers h;
	void *arg;
	uint64_t last_leg;
};

/** For orders whose refusal changes nothing here: media has said why in its
 *  log. arg: what was to be done, in words */
wire_reply_h sound_order_reply;

#endif
