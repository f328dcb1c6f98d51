/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file checkpoint.h  What the next life of this process has to know of a call
 *
 * Media holds it with the leg, as long as that lives. A caller's says where the
 * call is and with whom they talk: it alone decides that; it is said before
 * anything is done about it. Those of all others say whose they are.
 */
#ifndef RINGBACK_CHECKPOINT_H
#define RINGBACK_CHECKPOINT_H

#include "core/core.h"
#include "kept.h"

struct sound;
struct switchboard;

/** Of this call, as the core has it now: with the leg that the caller is on. */
void checkpoint_call(const struct switchboard *sb, uint64_t call);

/** Of all calls that this event and these actions name. */
void checkpoint_step(const struct switchboard *sb,
		     const struct core_event *ev,
		     const struct core_actions *actions);

/** Of a leg that has no dialog: a page. */
void checkpoint_page(struct sound *sound, uint64_t leg,
		     const struct kept_owner *owner);

/** Of people: who is not to be rung for a while, if that has changed. Nothing
 *  before start_pauses(). */
void checkpoint_pauses(struct switchboard *sb);

/** What the life before this one said so, for PERSON_PAUSED.
 *  @param v LIMIT_PEOPLE of them  @return how many */
size_t checkpoint_pauses_read(const struct switchboard *sb,
			      struct core_pause *v);

/** The other way, for RESUME. @return false: it is not to be gone on with */
bool checkpoint_read(struct core_kept *kept, const struct kept_owner *owner);

/** Pure: of a call as the core keeps it. */
void checkpoint_write(struct kept_owner *owner, const struct core_kept *kept);

#endif
