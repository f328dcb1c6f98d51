/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * offer.c  Two arms, one answer: rings a counsellor's telephone and page, and
 * tells the core what came of both together. Must not know callers.
 */
#include <inttypes.h>

#include "cause.h"
#include "consoles.h"
#include "counsellor.h"
#include "moving.h"
#include "offer_parts.h"
#include "reach.h"

#define LOG_MODULE "offer"
#include "base/log.h"


static void offer_destructor(void *data)
{
	struct offer *offer = data;

	tmr_cancel(&offer->tmr);
	hash_unlink(&offer->he);
	mem_deref(offer->phone);
	mem_deref(offer->browser);
}


/* ---- finding one --------------------------------------------------------- */

static bool offer_is(struct le *le, void *arg)
{
	const struct offer *offer = le->data;

	return offer->id == *(const uint64_t *)arg && !offer->told;
}


struct offer *offer_find(const struct switchboard *sb, uint64_t id)
{
	return list_ledata(
		hash_lookup(sb->offers, (uint32_t)id, offer_is, &id));
}


static bool is_of(struct le *le, void *arg)
{
	const struct offer *offer = le->data;

	return offer->person == *(const uint32_t *)arg && !offer->told;
}


struct offer *offer_of(const struct switchboard *sb, uint32_t person)
{
	return list_ledata(hash_apply(sb->offers, is_of, &person));
}


static bool speaks_by(struct le *le, void *arg)
{
	const struct offer *offer = le->data;

	return browser_leg(offer->browser) == *(const uint64_t *)arg;
}


struct offer *offer_of_browser(const struct switchboard *sb, uint64_t leg)
{
	return leg ? list_ledata(hash_apply(sb->offers, speaks_by, &leg))
		   : NULL;
}


uint64_t offer_sound(const struct offer *offer)
{
	if (!offer || !offer->winner)
		return 0;

	return offer->winner == ARM_PHONE ? ownphone_leg(offer->phone)
					  : browser_leg(offer->browser);
}


struct pressed {
	uint64_t leg;
	uint8_t key;
};


static bool is_pressed(struct le *le, void *arg)
{
	const struct pressed *pressed = arg;
	struct offer *offer = le->data;

	return ownphone_key(offer->phone, pressed->leg, pressed->key);
}


void offer_key(const struct switchboard *sb, uint64_t leg, uint8_t key)
{
	struct pressed pressed = {leg, key};

	(void)hash_apply(sb->offers, is_pressed, &pressed);
}


uint64_t offer_caller(const struct offer *offer)
{
	const struct call *call = calls_find(offer->sb, offer->call);

	/* who was rung back speaks by the leg that we dialled */
	return call && (call->dial || !call->hung_up) ? calls_sound(call) : 0;
}


static uint64_t any_leg(const struct offer *offer)
{
	return offer->phone ? ownphone_any(offer->phone)
			    : browser_leg(offer->browser);
}


static bool has_leg_of(struct le *le, void *arg)
{
	const struct offer *offer = le->data;

	return offer->call == *(const uint64_t *)arg && any_leg(offer);
}


uint64_t offer_near(const struct offer *offer)
{
	uint64_t call = offer->call;
	const uint64_t caller = offer_caller(offer);
	const struct offer *other;

	if (caller)
		return caller;
	if (any_leg(offer))
		return any_leg(offer);
	/* several are rung for somebody who is to be rung back */
	other = list_ledata(hash_apply(offer->sb->offers, has_leg_of, &call));

	return other ? any_leg(other) : 0;
}


uint64_t offer_voice(const struct offer *offer)
{
	if (!offer || ownphone_is_moving(offer->phone) ||
	    (offer->winner == ARM_BROWSER &&
	     !browser_is_talking(offer->browser)))
		return 0;

	return offer_sound(offer);
}


uint64_t offer_move(struct offer *offer, uint32_t process, uint64_t near)
{
	if (sound_is_in(offer->sb->sound, browser_leg(offer->browser),
			process))
		browser_lost(offer->browser);

	return ownphone_move(offer->phone, process, near);
}


/* ---- what came of it ----------------------------------------------------- */

/* Nobody has hung up: their browser is silent, or closed the connection by
 * itself; their telephone does not answer in its dialog any more, or does not
 * take the new sound. */
static bool is_lost(const struct offer *offer, enum core_cause cause)
{
	return offer->winner != ARM_NONE &&
	       (cause == CAUSE_NETWORK || cause == CAUSE_RESTART);
}


static enum core_event_type news_of(const struct offer *offer,
				    enum core_cause cause)
{
	if (is_lost(offer, cause))
		return CORE_PERSON_LOST;

	return offer->winner ? CORE_PERSON_GONE : CORE_NOT_ACCEPTED;
}


/* how it sounded goes on record with the call; nothing waits for that */
static void quality_record(const struct offer *offer)
{
	struct store_sound sound;
	int err;

	quality_sum(&sound, &offer->quality);
	if (!sound.n_reports)
		return;

	err = store_call_sound(offer->sb->c.store, offer->call, &sound, NULL,
			       NULL);
	if (err)
		log_warn("call %llu: how it sounded is not put on record: %s",
			 (unsigned long long)offer->call, strerror(err));
}


static void tell_over(struct offer *offer, enum core_cause cause)
{
	const struct core_event ev = {
		.type = news_of(offer, cause),
		.offer = offer->id,
		.cause = cause,
	};
	bool page_lost;

	if (offer->told)
		return;
	offer->told = true;
	page_lost = ev.type == CORE_PERSON_LOST &&
		    offer->winner == ARM_BROWSER &&
		    switchboard_talks(offer->sb, offer->person);
	switchboard_post(offer->sb, &ev);
	quality_record(offer);
	if (page_lost)
		people_lost(offer->sb->people, offer->person);
}


void offer_cut_off(struct offer *offer)
{
	const struct core_event ev = {.type = CORE_PERSON_LOST,
				      .offer = offer->id,
				      .cause = CAUSE_RESTART};

	if (offer->told)
		return;

	mem_ref(offer);
	offer->told = true;
	if (offer->winner)
		consoles_cut_off(offer->sb->consoles, offer->person);
	switchboard_post(offer->sb, &ev);
	quality_record(offer);
	offer_end(offer, CAUSE_HUNG_UP);
	mem_deref(offer);
}


/* takes what the owner had of an offer whose last arm is over */
static void forget_if_over(struct offer *offer)
{
	if (offer->phone || offer->browser || !offer->he.list)
		return;

	tell_over(offer, offer->cause);
	hash_unlink(&offer->he);
	mem_deref(offer);
}


void offer_end(struct offer *offer, enum core_cause cause)
{
	mem_ref(offer);
	if (offer->browser)
		browser_end(offer->browser, cause == CAUSE_DECLINED ||
					    offer->winner
						    ? cause
						    : CAUSE_NO_ANSWER);
	ownphone_end(offer->phone, cause);
	mem_deref(offer);
}


/* nothing more comes of it; it may still have to say good-bye */
static void arm_left(struct offer *offer, enum offer_arm arm,
		     enum core_cause cause)
{
	mem_ref(offer);
	offer->cause = cause_better(offer->cause, cause);
	if (offer->winner == arm) {
		/* the caller does not wait for the other arm's CANCEL */
		tell_over(offer, cause);
	}
	else if (!offer->winner && cause == CAUSE_DECLINED) {
		/* nor does who is rung next */
		tell_over(offer, cause);
		offer_end(offer, CAUSE_HUNG_UP);
	}
	mem_deref(offer);
}


static void arm_over(struct offer *offer, enum offer_arm arm,
		     enum core_cause cause)
{
	mem_ref(offer);
	arm_left(offer, arm, cause);
	forget_if_over(offer);
	mem_deref(offer);
}


static void arm_accepted(struct offer *offer, enum offer_arm arm)
{
	const struct core_event ev = {.type = CORE_ACCEPTED,
				      .offer = offer->id};

	/* declined at the one, picked up at the other in the same moment */
	if (offer->told || offer->winner) {
		offer_end(offer, CAUSE_HUNG_UP);
		return;
	}

	mem_ref(offer);
	offer->winner = arm;
	if (arm == ARM_BROWSER)
		offer_page_keep(offer);
	if (arm == ARM_BROWSER)
		ownphone_end(offer->phone, CAUSE_HUNG_UP);
	if (arm == ARM_PHONE && offer->browser)
		browser_end(offer->browser, CAUSE_NO_ANSWER);
	switchboard_post(offer->sb, &ev);
	mem_deref(offer);
}


void offer_phone_news(enum ownphone_news news, enum core_cause cause,
		      void *arg)
{
	struct offer *offer = arg;

	if (news == OWNPHONE_ACCEPTED) {
		arm_accepted(offer, ARM_PHONE);
		return;
	}
	if (news == OWNPHONE_MOVED) {
		moving_counsellor_back(offer);
		return;
	}
	if (news == OWNPHONE_LEFT) {
		arm_left(offer, ARM_PHONE, cause);
		return;
	}
	offer->phone = mem_deref(offer->phone);
	arm_over(offer, ARM_PHONE, cause);
}


void offer_browser_news(enum browser_news news, enum core_cause cause,
			void *arg)
{
	struct offer *offer = arg;

	if (news == BROWSER_ACCEPTED) {
		arm_accepted(offer, ARM_BROWSER);
		return;
	}
	if (news == BROWSER_BACK) {
		offer_page_keep(offer);
		moving_counsellor_back(offer);
		return;
	}
	offer->browser = mem_deref(offer->browser);
	arm_over(offer, ARM_BROWSER, cause);
}


/* ---- beginning ----------------------------------------------------------- */

int offer_add_browser(struct offer *offer)
{
	const struct step_trace trace = {step_trace_log, NULL};
	struct switchboard *sb = offer->sb;

	if (offer->browser || offer->winner)
		return 0;

	return browser_alloc(&offer->browser, sb->sound, offer->id, &trace,
			     offer_browser_news, offer);
}


static int places_ring(struct offer *offer, const struct reach *reach,
		       uint16_t line)
{
	struct switchboard *sb = offer->sb;
	struct ownphone_ring ring = {
		.legs = sb->legs,
		.sound = sb->sound,
		.n_places = reach->n,
		.asks = reach->asks,
		.language = sb->c.config->lines[line].languages[0],
		.id = offer->id,
		.trace = {step_trace_log, NULL},
	};

	offer_owner(&ring.owner, offer, KEPT_PHONE);
	for (size_t i = 0; i < reach->n; i++)
		ring.place[i] = (struct leg_ring){
			.uri = &reach->uri[i],
			.like = offer_caller(offer),
			.near = offer_near(offer),
			.as = reach->by_number ? &reach->as : NULL,
			.pinned = reach->registered,
		};

	return ownphone_alloc(&offer->phone, &ring, offer_phone_news, offer);
}


/* ENOENT: they have none */
static int phone_ring(struct offer *offer)
{
	const struct switchboard *sb = offer->sb;
	const struct reach_through through = {sb->c.config, sb->people,
					      sb->c.trunks,
					      sb->c.registrar};
	const uint16_t line = calls_find(sb, offer->call)->line;
	struct reach reach;
	int err;

	err = reach_find(&reach, &through, offer->person, line);
	if (!err && !reach.n)
		return ENOENT;
	if (!err)
		err = places_ring(offer, &reach, line);
	reach_wipe(&reach);
	if (err)
		log_error("person %" PRIu32 ": their telephone cannot be "
			  "rung: %s", offer->person,
			  err == ENOENT  ? "no trunk can dial out"
			  : err == EPERM ? "the line may not ring this number"
					 : strerror(err));

	return err;
}


static int arms_begin(struct offer *offer)
{
	int err = phone_ring(offer);

	if (consoles_present(offer->sb->consoles, offer->person))
		err = offer_add_browser(offer);

	return offer->phone || offer->browser ? 0 : err;
}


struct offer *offer_make(struct switchboard *sb, uint64_t id, uint64_t call,
			 uint32_t person)
{
	struct offer *offer = mem_zalloc(sizeof(*offer), offer_destructor);

	if (!offer)
		return NULL;
	offer->sb = sb;
	offer->id = id;
	offer->call = call;
	offer->person = person;

	return offer;
}


int offer_begin(struct switchboard *sb, uint64_t id, uint64_t call,
		uint32_t person)
{
	struct offer *offer;
	int err;

	if (!calls_find(sb, call))
		return ENOENT;

	offer = offer_make(sb, id, call, person);
	if (!offer)
		return ENOMEM;
	err = arms_begin(offer);
	if (err)
		mem_deref(offer);
	else
		hash_append(sb->offers, (uint32_t)id, &offer->he, offer);

	return err;
}


/* ---- what they do -------------------------------------------------------- */

void offer_decline(struct offer *offer)
{
	mem_ref(offer);
	tell_over(offer, CAUSE_DECLINED);
	offer_end(offer, CAUSE_HUNG_UP);
	mem_deref(offer);
}


void offer_hang_up(struct offer *offer)
{
	mem_ref(offer);
	if (offer->winner == ARM_BROWSER)
		browser_end(offer->browser, CAUSE_HUNG_UP);
	else if (offer->winner == ARM_PHONE)
		ownphone_end(offer->phone, CAUSE_HUNG_UP);
	mem_deref(offer);
}
