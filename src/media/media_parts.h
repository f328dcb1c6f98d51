/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file media_parts.h  The inside of media.h, shared by media.c (the legs),
 * media_take.c (what is recorded of them) and media_kept.c (what the line leaves
 * with them) alone
 */
#ifndef RINGBACK_MEDIA_MEDIA_PARTS_H
#define RINGBACK_MEDIA_MEDIA_PARTS_H

#include "media.h"
#include "ticker.h"

/* a leg's place in both: found by id, walked at each beat */
struct entry {
	struct le le; /* by number */
	struct le he;
	struct media *m; /* borrow */
	struct leg *leg;
	uint8_t *kept;       /* for the next line; NULL: nothing */
	size_t n_kept;
	uint64_t n_received; /* while there is no line: at the last look */
	uint64_t heard_tick; /* and since when it has not changed        */
};

struct media {
	struct room room;
	struct list entryl;
	struct hash *ht;
	struct ticker *ticker;
	struct prompts *prompts;
	struct message_disk *disk; /* NULL until the first message */
	struct list takel;         /* recordings that are not over */
	struct media_handlers h;
	void *arg;
	uint8_t *kept; /* of no leg, for the next line; NULL: nothing */
	size_t n_kept;
	uint64_t kept_at;
	uint64_t orphan_tick; /* since when there is no line; 0: there is one */
	uint32_t n;
};

/** By its id; NULL: there is none (any more). */
struct leg *media_leg(const struct media *m, uint64_t id);
struct entry *media_entry(const struct media *m, uint64_t id);

/* media_kept.c */
/** What is held with it is wiped. */
void media_kept_wipe(struct entry *e);
/** What is held of no leg. */
void media_kept_line_wipe(struct media *m);
/** At each beat, after the legs had theirs. */
void media_orphan_tick(struct media *m);

#endif
