/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * offers.c  Rings counsellors. Must not know callers but by the sound they are
 * joined with.
 */
#include <inttypes.h>

#include "switchboard_parts.h"

#define LOG_MODULE "offer"
#include "base/log.h"


/* why nothing came of it is said within so long, or not at all */
enum { FAREWELL_MS = 6000 };


static void offer_destructor(void *data)
{
	struct offer *offer = data;

	tmr_cancel(&offer->tmr);
	hash_unlink(&offer->he);
	mem_deref(offer->leg);
}


static bool offer_is(struct le *le, void *arg)
{
	return ((struct offer *)le->data)->id == *(const uint64_t *)arg;
}


static struct offer *offer_find(const struct switchboard *sb, uint64_t id)
{
	return list_ledata(
		hash_lookup(sb->offers, (uint32_t)id, offer_is, &id));
}


const struct leg *offers_leg(const struct switchboard *sb, uint64_t id)
{
	const struct offer *offer = offer_find(sb, id);

	return offer ? offer->leg : NULL;
}


static void phone_news(struct leg *leg, enum leg_news news,
		       enum core_cause cause, void *arg)
{
	struct offer *offer = arg;
	struct switchboard *sb = offer->sb;
	struct core_event ev = {.type = CORE_ACCEPTED, .offer = offer->id,
				.cause = cause};
	(void)leg;

	if (news == LEG_ACCEPTED) {
		offer->accepted = true;
	}
	else {
		ev.type = offer->accepted ? CORE_PERSON_GONE
					  : CORE_NOT_ACCEPTED;
		mem_deref(offer);
	}
	switchboard_post(sb, &ev);
}


static int offer_begin(struct switchboard *sb, const struct core_action *a)
{
	const struct secret_text *phone = people_phone(sb->people, a->person);
	const struct call *call = calls_find(sb, a->call);
	struct leg_ring ring = {.uri = phone};
	struct offer *offer;
	int err;

	if (!phone || !call)
		return ENOENT;

	offer = mem_zalloc(sizeof(*offer), offer_destructor);
	if (!offer)
		return ENOMEM;
	offer->sb = sb;
	offer->id = a->offer;
	offer->call = a->call;
	ring.like = call->leg;
	err = leg_alloc_out(&offer->leg, sb->legs, &ring, phone_news, offer);
	if (err) {
		mem_deref(offer);
		return err;
	}
	hash_append(sb->offers, (uint32_t)offer->id, &offer->he, offer);

	return 0;
}


void offers_do_offer(struct switchboard *sb, const struct core_action *a)
{
	struct core_event ev = {.type = CORE_NOT_ACCEPTED,
				.offer = a->offer, .cause = CAUSE_HOUSE};
	int err;

	/* nobody is rung for the few moments that are left */
	if (sb->closing)
		return;

	err = offer_begin(sb, a);
	if (err) {
		/* there is no way from here to such an address */
		if (err == EAFNOSUPPORT)
			ev.cause = CAUSE_NETWORK;
		log_error("person %" PRIu32 " cannot be rung: %s", a->person,
			  strerror(err));
		switchboard_post(sb, &ev);
	}
}


void offers_do_end(struct switchboard *sb, const struct core_action *a)
{
	struct offer *offer = offer_find(sb, a->offer);

	if (offer)
		leg_end(offer->leg, CAUSE_HUNG_UP);
}


void offers_do_connect(struct switchboard *sb, const struct core_action *a)
{
	const struct call *call = calls_find(sb, a->call);
	const struct leg *leg = offers_leg(sb, a->offer);

	if (call && leg && calls_sound(call))
		sound_bridge(sb->sound, calls_sound(call), leg_sound(leg));
}


void offers_do_tell(struct switchboard *sb, const struct core_action *a)
{
	const struct offer *offer = offer_find(sb, a->offer);
	const struct call *call = offer ? calls_find(sb, offer->call) : NULL;

	if (call)
		calls_play(call, leg_sound(offer->leg), &a->play);
}


static void farewell_over(void *arg)
{
	const struct offer *offer = arg;

	leg_end(offer->leg, CAUSE_HUNG_UP);
}


void offers_do_release(struct switchboard *sb, const struct core_action *a)
{
	struct offer *offer = offer_find(sb, a->offer);
	const struct call *call = offer ? calls_find(sb, offer->call) : NULL;
	struct core_playlist play = a->play;

	if (!call || !play.n || sb->closing || !sound_is_up(sb->sound)) {
		offers_do_end(sb, a);
		return;
	}

	play.loop = false;
	play.serial = 1;
	calls_play(call, leg_sound(offer->leg), &play);
	tmr_start(&offer->tmr, FAREWELL_MS, farewell_over, offer);
}


static bool offer_hears(struct le *le, void *arg)
{
	const struct offer *offer = le->data;

	return leg_sound(offer->leg) == *(const uint64_t *)arg;
}


void offers_on_played(struct switchboard *sb, uint64_t leg, uint32_t serial)
{
	struct offer *offer = list_ledata(
		hash_apply(sb->offers, offer_hears, &leg));
	(void)serial;

	if (offer && tmr_isrunning(&offer->tmr)) {
		tmr_cancel(&offer->tmr);
		farewell_over(offer);
	}
}


static bool is_going_on(struct le *le, void *arg)
{
	(void)arg;

	return !((const struct offer *)le->data)->ending;
}


/* The end of one may be the end of others: no walk. */
void offers_end(struct switchboard *sb, enum core_cause cause)
{
	struct offer *offer;

	while ((offer = list_ledata(
			hash_apply(sb->offers, is_going_on, NULL)))) {
		offer->ending = true;
		leg_end(offer->leg, cause);
	}
}
