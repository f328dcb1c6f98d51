/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file listen.h  Who listens to a talk: to learn, or to help by whispering
 *
 * Never in secret: the counsellor's page says who listens, and the audit log
 * knows of it, before the first sound flows. The talk does not notice whether
 * they come or go.
 */
#ifndef RINGBACK_LISTEN_H
#define RINGBACK_LISTEN_H

#include <re.h>

#include "party.h"
#include "sound.h"
#include "wire/wire.h"

struct switchboard;

/**
 * LISTEN of wire.h: somebody wants to listen
 *
 * @param h   Called exactly once, never from within, unless this returns an
 *            error: as sound_answer(); EIO it cannot be put on record, ECANCELED
 *            it is over
 * @param arg A mem object, referenced until then
 *
 * @return 0; ENOENT, EPERM, EBUSY as wire.h says, EHOSTUNREACH the counsellor
 *         has no page open that could show it, EACCES they have none
 *         themselves, EIO, ENOMEM
 */
int listen_begin(struct switchboard *sb, const struct wire_listen *wish,
		 const struct mbuf *sdp, sound_sdp_h *h, void *arg);

/** ENOENT they do not listen. */
int listen_end(struct switchboard *sb, uint32_t person);

/** The counsellor hears them from now on (as soon as that is on record), or
 *  not any more. ENOENT they do not listen, EPROTO not yet, EBUSY another one
 *  whispers, EIO */
int listen_whisper(struct switchboard *sb, uint32_t person, bool on);

/** For who hears whom: the legs of those who listen to this call. */
void listens_put(struct party_truth *truth, const struct switchboard *sb,
		 uint64_t call);

/** For the counsellor's page: who listens, and whether one whispers. */
void listens_show(struct wire_counsellor *c, const struct switchboard *sb,
		  uint64_t call);

/** For their own page: which call, and whether they whisper. */
void listens_own(struct wire_counsellor *c, const struct switchboard *sb);

/** Those whose talk is over, who have got something else to do, or whom the
 *  counsellor of now cannot see, stop. */
void listens_settle(struct switchboard *sb);

/** Roles may have changed: whoever may not listen any more, or whisper,
 *  stops. */
void listens_people_changed(struct switchboard *sb);

/** They have no page any more. @param lost With the web process: it may come
 *  back */
void listens_page_gone(struct switchboard *sb, uint32_t person, bool lost);

/** A media process died: whoever listened there may begin anew. */
void listens_lost(struct switchboard *sb, uint32_t process);

/** News of a browser's leg: true if it is a listener's. */
bool listens_on_up(struct switchboard *sb, uint64_t leg);
bool listens_on_dead(struct switchboard *sb, uint64_t leg);

#endif
