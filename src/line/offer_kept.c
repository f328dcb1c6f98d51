/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * offer_kept.c  An accepted offer from one life of this process to the next.
 * Must not ring anybody.
 */
#include "checkpoint.h"
#include "offer_parts.h"


void offer_owner(struct kept_owner *owner, const struct offer *offer,
		 enum kept_role role)
{
	*owner = (struct kept_owner){
		.role = (uint8_t)role,
		.call = offer->call,
		.offer = offer->id,
		.person = offer->person,
	};
}


void offer_page_keep(const struct offer *offer)
{
	struct kept_owner owner;

	offer_owner(&owner, offer, KEPT_BROWSER);
	checkpoint_page(offer->sb->sound, browser_leg(offer->browser), &owner);
}


static int winner_restore(struct offer *offer, uint64_t leg,
			  const struct kept *k)
{
	struct switchboard *sb = offer->sb;
	const struct ownphone_ring ring = {
		.legs = sb->legs,
		.sound = sb->sound,
		.language = sb->c.config->lines[0].languages[0],
		.id = offer->id,
		.trace = {step_trace_log, NULL},
	};

	if (k->owner.role == KEPT_BROWSER) {
		offer->winner = ARM_BROWSER;
		return browser_restore(&offer->browser, sb->sound, offer->id,
				       leg, &ring.trace, offer_browser_news, offer);
	}

	offer->winner = ARM_PHONE;
	return ownphone_restore(&offer->phone, &ring, leg, k, offer_phone_news,
				offer);
}


int offer_restore(struct switchboard *sb, uint64_t leg, const struct kept *k)
{
	const uint64_t id = k->owner.offer;
	struct offer *offer;
	int err;

	if (offer_find(sb, id))
		return EALREADY;

	offer = offer_make(sb, id, k->owner.call, k->owner.person);
	if (!offer)
		return ENOMEM;
	err = winner_restore(offer, leg, k);
	if (err)
		mem_deref(offer);
	else
		hash_append(sb->offers, (uint32_t)id, &offer->he, offer);

	return err;
}
