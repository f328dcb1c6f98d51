/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file consoles.h  Who has a page open, by which connection of ringback-web,
 * and what was last said there
 */
#ifndef RINGBACK_CONSOLES_H
#define RINGBACK_CONSOLES_H

#include <re.h>

#include "wire/conn.h"

struct consoles;

/** So long (milliseconds) the next web process, and the pages, may take to come
 *  back: until then nobody is taken for gone, and what rings there rings on. */
enum { CONSOLES_PATIENCE = 5000 };

/** Somebody's first page was opened (present), or the last one is gone.
 *  @param lost The web process itself is gone: it may be back soon */
typedef void(consoles_change_h)(uint32_t person, bool present, bool lost,
				void *arg);

/**
 * The whole truth about a person, as COUNSELLOR says it
 *
 * @param c     Zeros but for the person; to be filled. Not: until
 * @param until Set: the end of what they are in, monotonic ms; 0 none
 */
typedef void(consoles_truth_h)(struct wire_counsellor *c, uint64_t *until,
			       void *arg);

/** @param cp new */
int consoles_alloc(struct consoles **cp, consoles_change_h *changeh,
		   consoles_truth_h *truthh, void *arg);

/** A web process speaks; conn: borrow, until consoles_lost(). ENOMEM */
int consoles_meet(struct consoles *c, struct wire_conn *conn);

/** CONSOLE of wire.h. Whoever is present is told the truth soon, anew. ENOMEM */
int consoles_set(struct consoles *c, struct wire_conn *conn, uint32_t person,
		 bool present);

/** This connection has ended: its pages are gone if no other has them within
 *  CONSOLES_PATIENCE. */
void consoles_lost(struct consoles *c, const struct wire_conn *conn);

/** They had a page when the life of this process before this one ended: it is
 *  taken to be there still, for CONSOLES_PATIENCE. Nobody is told of that.
 *  @return 0, ENOMEM */
int consoles_expect(struct consoles *c, uint32_t person);

bool consoles_present(const struct consoles *c, uint32_t person);

/** Is there any web process? */
bool consoles_any(const struct consoles *c);

/** The caller of this person's talk was cut off by a fault of ours: shown until
 *  their wrap-up is over. */
void consoles_cut_off(struct consoles *c, uint32_t person);

/** Something may have changed: whoever has a page is told what did, soon. */
void consoles_changed(struct consoles *c);

/** Say this to all pages of a person, or (person 0) to all web processes. */
void consoles_say(const struct consoles *c, uint32_t person,
		  enum wire_type type, const void *payload);

#endif
