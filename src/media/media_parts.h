/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file media_parts.h  The inside of media.h, shared by media.c (the legs) and
 * media_take.c (what is recorded of them) alone
 */
#ifndef RINGBACK_MEDIA_MEDIA_PARTS_H
#define RINGBACK_MEDIA_MEDIA_PARTS_H

#include "media.h"
#include "ticker.h"

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
	uint32_t n;
};

/** By its id; NULL: there is none (any more). */
struct leg *media_leg(const struct media *m, uint64_t id);

#endif
