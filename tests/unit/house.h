/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file house.h  A switchboard with all around it: a store, a trunk, sound
 *
 * In a folder of its own, which is the current one meanwhile. Three SIP peers:
 * a caller, a counsellor's telephone, and the provider behind whom those are
 * who are rung back. To be included after cmocka.h.
 */
#ifndef RINGBACK_TEST_HOUSE_H
#define RINGBACK_TEST_HOUSE_H

#include <re.h>
#include <sqlite3.h>

#include "base/config.h"
#include "line/control.h"
#include "line/switchboard.h"
#include "sip_peer.h"
#include "tmpdir.h"
#include "wire/conn.h"

/** What a leg hears. */
struct house_ear {
	uint64_t leg; /**< 0: none */
	uint64_t from[WIRE_HEARS];
	uint32_t n;
	bool plays;   /**< a prompt */
};

enum { HOUSE_EARS = 32 };

/** What is held with a leg (house_kept.h). */
struct house_kept {
	uint64_t leg; /**< 0: none */
	size_t n;
	uint8_t blob[LIMIT_KEPT];
};

/** A media process that answers in one line, and plays in no time. */
struct house_media {
	struct wire_server *server;
	struct wire_conn *conn;
	unsigned n[WIRE_TYPES]; /**< what was asked, by type */
	uint64_t in, out;       /**< the last legs of either kind */
	struct wire_leg_open web; /**< the last browser's */
	struct wire_leg_play play; /**< the last of who was to hear something */
	int web_err; /**< a browser's sound is refused like this; 0 it is not */
	struct house_ear ears[HOUSE_EARS]; /**< of the legs that there are */
	struct house_kept kept[HOUSE_EARS]; /**< the same */
	uint8_t held_line[LIMIT_WIRE_BLOB]; /**< for the next line, of no leg */
	size_t n_held_line;
	uint64_t held_at;
	unsigned n_strays; /**< orders about legs that there are not */
	struct wire_leg_record record; /**< what is recorded; leg 0: nothing */
	const char *held; /**< a list with this prompt does not end; NULL    */
	bool holds;       /**< such a list has come                          */
};

struct house {
	char dir[TMPDIR_SIZE];
	char before[512];
	struct config *config;
	struct store *tool;  /**< as a command has it */
	struct store *store; /**< as the line has it */
	sqlite3 *db;
	struct trunks *trunks;
	struct sip_bench bench;
	struct sip_peer caller, ana, home;
	struct house_media media;
	struct switchboard *sb;
	struct control *control;
	const struct held *held; /**< borrow: the dialler's key; NULL: each life
				      has its own                           */
	struct sound *sound; /**< with legs of an earlier life; NULL: none */
	const char *sql; /**< awaited */
};

/** For cmocka; the switchboard is not started. */
int house_open(void **state);
int house_close(void **state);

int house_start(struct house *h);
void house_stop(struct house *h);

/** ringback-web can connect to run/line.sock. */
void house_control(struct house *h);

/** Messages can be sealed: so it is when it is opened. */
void house_key(struct house *h);

/** Ana is on duty from now on. */
void house_on_duty(struct house *h);

/** Run the loop until this SQL says something else than 0. */
void house_await(struct house *h, const char *sql);
int house_count(struct house *h, const char *sql);

/** A call with these headers, until it is answered. */
void house_call(struct house *h, struct sip_call *c, const char *headers);

/** A question, as the prompt is called, and the keys that answer it. */
struct house_answer {
	const char *prompt;
	const char *keys; /**< NULL: heard, and no more                      */
};

/** A call with these headers, by somebody who presses keys when they are asked
 *  for them, however long the disk takes between two questions. */
void house_talk(struct house *h, struct sip_call *c, const char *headers,
		const struct house_answer *answers, size_t n);

/** The same, of whoever has called already. */
void house_answer(struct house *h, const struct house_answer *answers,
		  size_t n);

/** Keys of whoever is at this leg. */
void house_keys(struct house *h, uint64_t leg, const char *keys);

/** Run until media was asked this so often in all. */
void house_asked(struct house *h, enum wire_type type, unsigned n);

/** What a leg hears; NULL there is no such leg. borrow */
const struct house_ear *house_ear(const struct house *h, uint64_t leg);

/** How many legs there are. */
unsigned house_legs(const struct house *h);

/** A telephone's INVITE is answered with 200; what came. borrow */
const struct sip_msg *house_picks_up(struct sip_peer *p);

/** We say BYE there, and are answered. */
void house_bye(struct sip_peer *p);

#endif
