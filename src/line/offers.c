/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * offers.c  Carries out what the core wants of counsellors. Must not know
 * callers but by the sound they are joined with.
 */
#include <inttypes.h>

#include "listen.h"
#include "offer.h"
#include "party.h"

#define LOG_MODULE "offer"
#include "base/log.h"


/* why nothing came of it is said within so long, or not at all */
enum { FAREWELL_MS = 6000 };


uint64_t offers_sound(const struct switchboard *sb, uint64_t id)
{
	return offer_sound(offer_find(sb, id));
}


static bool offer_speaks(struct le *le, void *arg)
{
	const struct offer *offer = le->data;

	return !offer->told && offer_sound(offer) == *(const uint64_t *)arg;
}


bool offers_speak(const struct switchboard *sb, uint64_t leg)
{
	return hash_apply(sb->offers, offer_speaks, &leg) != NULL;
}


void offers_do_offer(struct switchboard *sb, const struct core_action *a)
{
	struct core_event ev = {.type = CORE_NOT_ACCEPTED,
				.offer = a->offer, .cause = CAUSE_HOUSE};
	int err;

	/* nobody is rung for the few moments that are left */
	if (sb->closing)
		return;

	err = offer_begin(sb, a->offer, a->call, a->person);
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
		offer_end(offer, CAUSE_HUNG_UP);
}


void offers_do_connect(struct switchboard *sb, const struct core_action *a)
{
	const struct call *call = calls_find(sb, a->call);

	if (call && calls_sound(call) && offers_sound(sb, a->offer))
		party_begin(sb, a->call);
}


void offers_do_tell(struct switchboard *sb, const struct core_action *a)
{
	struct offer *offer = offer_find(sb, a->offer);
	const struct call *call = offer ? calls_find(sb, offer->call) : NULL;

	if (offer)
		offer->hears = a->play;
	if (call && offer_sound(offer))
		calls_play(call, offer_sound(offer), &a->play);
}


static void farewell_over(void *arg)
{
	offer_end(arg, CAUSE_HUNG_UP);
}


void offers_do_release(struct switchboard *sb, const struct core_action *a)
{
	struct offer *offer = offer_find(sb, a->offer);
	const struct call *call = offer ? calls_find(sb, offer->call) : NULL;
	struct core_playlist play = a->play;

	if (!call || !play.n || sb->closing || !sound_is_up(sb->sound) ||
	    !offer_sound(offer)) {
		offers_do_end(sb, a);
		return;
	}

	play.loop = false;
	play.serial = 1;
	calls_play(call, offer_sound(offer), &play);
	tmr_start(&offer->tmr, FAREWELL_MS, farewell_over, offer);
}


static bool offer_hears(struct le *le, void *arg)
{
	return offer_sound(le->data) == *(const uint64_t *)arg;
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


/* ---- their pages --------------------------------------------------------- */

void offers_on_up(uint64_t leg, void *arg)
{
	struct offer *offer = offer_of_browser(arg, leg);

	if (offer)
		browser_up(offer->browser);
	else
		(void)listens_on_up(arg, leg);
}


void offers_on_dead(uint64_t leg, void *arg)
{
	struct offer *offer = offer_of_browser(arg, leg);

	if (offer)
		browser_dead(offer->browser);
	else
		(void)listens_on_dead(arg, leg);
}


void offers_console(struct switchboard *sb, uint32_t person, bool present)
{
	struct offer *offer = offer_of(sb, person);

	if (!offer)
		return;
	if (present && offer_add_browser(offer))
		log_error("person %" PRIu32 " cannot be rung at their page: "
			  "no memory", person);
	/* a talk needs no page: its sound is the browser's own */
	if (!present && offer->browser && !offer->winner)
		browser_end(offer->browser, CAUSE_NETWORK);
}


/* ---- the end ------------------------------------------------------------- */

static bool is_going_on(struct le *le, void *arg)
{
	(void)arg;

	return !((const struct offer *)le->data)->ending;
}


/* The end of one may be the end of others: no walk. */
static void end_all(struct switchboard *sb, list_apply_h *h, void *arg,
		    enum core_cause cause)
{
	struct offer *offer;

	while ((offer = list_ledata(hash_apply(sb->offers, h, arg)))) {
		offer->ending = true;
		offer_end(offer, cause);
	}
}


void offers_end(struct switchboard *sb, enum core_cause cause)
{
	end_all(sb, is_going_on, NULL, cause);
}


static bool is_of_call(struct le *le, void *arg)
{
	const struct offer *offer = le->data;
	const uint64_t *which = arg; /* call, and two that stay */

	return offer->call == which[0] && offer->id != which[1] &&
	       offer->id != which[2] && !offer->ending;
}


void offers_leave(struct switchboard *sb, uint64_t call, uint64_t but,
		  uint64_t nor)
{
	uint64_t which[] = {call, but, nor};

	end_all(sb, is_of_call, which, CAUSE_HUNG_UP);
}
