/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * leg_keep.c  A leg's dialog as the next life of this process needs it. Must
 * not know what the owner's part means.
 */
#include "leg_parts.h"


void leg_owner_set(struct leg *leg, const struct kept_owner *owner)
{
	leg->owner = *owner;
}


int leg_restore(struct leg **legp, struct legs *legs, uint64_t sound,
		const struct kept *k, leg_news_h *h, void *arg)
{
	(void)sound;

	return legp && legs && k && h && arg ? EBADMSG : EINVAL;
}


void leg_dismiss(struct legs *legs, uint64_t sound, const struct kept *k)
{
	(void)k;
	sound_close(legs->c.sound, sound);
}
