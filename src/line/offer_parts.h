/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file offer_parts.h  The inside of an offer, shared by offer.c and offer_kept.c
 * alone
 */
#ifndef RINGBACK_OFFER_PARTS_H
#define RINGBACK_OFFER_PARTS_H

#include "offer.h"

/* offer.c */
/** One without arms, in no list; new, or NULL. */
struct offer *offer_make(struct switchboard *sb, uint64_t id, uint64_t call,
			 uint32_t person);
ownphone_news_h offer_phone_news;
browser_news_h offer_browser_news;

/* offer_kept.c */
/** Whose its legs are. */
void offer_owner(struct kept_owner *owner, const struct offer *offer,
		 enum kept_role role);
/** Its page has accepted: that is gone on with, should this process die. */
void offer_page_keep(const struct offer *offer);

#endif
