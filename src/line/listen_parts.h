/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file listen_parts.h  The inside of listeners, shared by listen.c (one of
 * them) and listens.c (all of them) alone
 */
#ifndef RINGBACK_LISTEN_PARTS_H
#define RINGBACK_LISTEN_PARTS_H

#include "browser.h"
#include "listen.h"
#include "switchboard_parts.h"

enum whisper {
	WHISPER_OFF = 0,
	WHISPER_NOTING, /**< is being put on record */
	WHISPER_ON,
};

struct listen {
	struct le le;
	struct switchboard *sb; /* borrow */
	struct browser *browser; /* NULL: being put on record, or over */
	struct mbuf *sdp;        /* until then: what the page offers */
	struct tmr tmr;          /* their page went with its process */
	sound_sdp_h *h;
	void *arg;
	uint64_t call;
	uint32_t person;
	uint32_t shown_to; /* the counsellor */
	uint32_t shown_to_guest; /* 0 there was none */
	unsigned n_notes;  /* of the audit log, on their way to disk */
	enum whisper whisper;
	bool there; /* hears the talk */
	bool over;
};

/* listens.c: NULL there is none; borrow */
struct listen *listens_find(const struct switchboard *sb, uint32_t person);
/** The next one of this call, behind "after" (NULL: the first). */
struct listen *listens_next(const struct switchboard *sb, uint64_t call,
			    const struct listen *after);
unsigned listens_count(const struct switchboard *sb, uint64_t call);

/* listen.c */
/** Their sound ends; perhaps so does {l}. */
void listen_stop(struct listen *l, enum core_cause cause);
/** Have they got something to do? */
bool listen_is_busy(const struct switchboard *sb, uint32_t person);

#endif
