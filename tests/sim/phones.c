/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * phones.c  Counsellors, their phones and the legs to them. Every withdrawn or
 * released offer is reported over, once; no talk is over before it began.
 */
#include <string.h>

#include "sim.h"


static struct counsellor *find_leg(struct world *w, uint64_t offer)
{
	for (uint32_t i = 0; offer && i < w->plan->n_people; i++) {
		if (w->people[i].leg.offer == offer)
			return &w->people[i];
	}

	return NULL;
}


static struct counsellor *find_person(struct world *w, uint32_t id)
{
	return &w->people[id / ID_STEP - 1];
}


static void leg_news(struct world *w, struct leg *leg,
		     enum core_event_type type, enum core_cause cause)
{
	uint64_t at = w->now + world_delay(w);

	if (at < leg->news_at)
		at = leg->news_at;
	leg->news_at = at;
	NEWS(w, at - w->now, .type = type, .offer = leg->offer,
	     .cause = cause);
}


/* The last word on a leg. A shell in trouble may use either. */
static void leg_over(struct world *w, struct leg *leg,
		     enum core_event_type type, enum core_cause cause)
{
	leg->phone = PHONE_DOWN;
	if (leg->ending)
		return;

	leg->ending = true;
	if (rng_chance(&w->rng, w->plan->network_fails))
		type = type == CORE_PERSON_GONE ? CORE_NOT_ACCEPTED
						: CORE_PERSON_GONE;
	leg_news(w, leg, type, cause);
}


/* --- what the core asks for ---------------------------------------------- */

static void go(struct world *w, const struct counsellor *p, bool on,
	       uint64_t ms)
{
	NEWS(w, ms, .type = on ? CORE_PERSON_ON : CORE_PERSON_OFF,
	     .person = p->id);
}


/* Some press the duty button while their phone is busy with us. */
static void perhaps_fidgets(struct world *w, struct counsellor *p)
{
	if (w->calm || !w->plan->phones_fail)
		return;

	while (rng_chance(&w->rng, 80)) {
		p->on = rng_chance(&w->rng, 500);
		go(w, p, p->on, 0);
	}
}


static void refuses(struct world *w, const struct counsellor *p)
{
	static const struct {
		enum core_cause cause;
		uint32_t within_ms;
	} ways[] = {
		{CAUSE_DECLINED, 15000}, {CAUSE_BUSY, 500},
		{CAUSE_NO_ANSWER, 25000}, {CAUSE_DEAD, 300},
		{CAUSE_NETWORK, 8000}, {CAUSE_NO_CODEC, 1000},
		{CAUSE_HOUSE, 10},
	};
	const size_t i = rng_below(&w->rng, STEP_COUNT(ways));

	LATER(w, rng_below(&w->rng, ways[i].within_ms),
	      .what = SIM_PHONE_REFUSES, .offer = p->leg.offer,
	      .cause = ways[i].cause);
}


void do_offer(struct world *w, const struct core_action *a)
{
	struct counsellor *p = find_person(w, a->person);
	const uint32_t ring_ms = w->settings.ring_ms;
	const uint32_t dice = rng_below(&w->rng, 1000);
	const bool calm = w->calm || !w->plan->phones_fail;

	++w->report->n_offers;
	p->leg = (struct leg){.offer = a->offer,
			      .call = a->call,
			      .phone = PHONE_RINGS};
	perhaps_fidgets(w, p);
	if (rng_chance(&w->rng, w->plan->house_closes))
		LATER(w, world_delay(w), .what = SIM_HOUSE_CLOSES,
		      .call = a->call);
	coordinator_meddles(w, a->call);
	if (a->guest)
		guests_ring(w, a->call);
	if (w->plan->clock_ms && rng_chance(&w->rng, 10)) /* soon too late */
		LATER(w, 0, .what = SIM_CLOCK_JUMPS, .n = 1);
	if (rng_chance(&w->rng, 30)) /* just as it rings */
		LATER(w, world_delay(w), .what = SIM_CALLER_HANGS_UP,
		      .call = a->call);

	if (dice < p->eager || calm)
		LATER(w, rng_exponential(&w->rng, 4000),
		      .what = SIM_PHONE_ACCEPTS, .offer = a->offer);
	else if (dice < p->eager + 60) /* at the last moment, or just after */
		LATER(w, ring_ms - 200 + rng_below(&w->rng, 400),
		      .what = SIM_PHONE_ACCEPTS, .offer = a->offer);
	else if (dice < 900)
		refuses(w, p);
	/* else nobody hears it ring */
}


void do_withdraw(struct world *w, const struct core_action *a)
{
	struct counsellor *p = find_leg(w, a->offer);

	if (!p)
		return;

	perhaps_fidgets(w, p);
	p->leg.withdrawn = true;
	if (p->leg.phone == PHONE_UP && !p->leg.accepted)
		p->leg.quiet = rng_chance(&w->rng, 300);
	LATER(w, world_delay(w), .what = SIM_CANCEL_ARRIVES,
	      .offer = a->offer);
}


void do_connect(struct world *w, const struct core_action *a)
{
	const uint64_t ms = rng_exponential(&w->rng, w->plan->talk_ms);
	const uint32_t who = rng_below(&w->rng, 100);
	struct caller *c = caller_find(w, a->call);

	perhaps_fidgets(w, find_person(w, a->person));
	if (c)
		c->talking = true;
	guests_perhaps(w, a->offer);
	if (who < 55) /* some: both at once */
		LATER(w, ms, .what = SIM_CALLER_HANGS_UP, .call = a->call);
	if (who >= 45)
		LATER(w, ms + rng_below(&w->rng, 100),
		      .what = SIM_PHONE_HANGS_UP, .offer = a->offer);
}


/* A counsellor who hears it ring at the caller's: some do not wait. */
void do_tell(struct world *w, const struct core_action *a)
{
	if (rng_chance(&w->rng, 80))
		LATER(w, rng_below(&w->rng, 40000), .what = SIM_PHONE_HANGS_UP,
		      .offer = a->offer);
}


void do_release(struct world *w, const struct core_action *a)
{
	struct counsellor *p = find_leg(w, a->offer);

	if (p)
		perhaps_fidgets(w, p);
	LATER(w, world_delay(w) + a->play.n * 1000, .what = SIM_BYE_ARRIVES,
	      .offer = a->offer);
}


/* Most are told by somebody, and come back. */
void do_off_duty(struct world *w, const struct core_action *a)
{
	struct counsellor *p = find_person(w, a->person);

	++w->report->n_unreachable;
	p->on = rng_chance(&w->rng, 700) || w->calm;
	if (p->on)
		go(w, p, true, rng_exponential(&w->rng, 60000));
}


/* --- what they do -------------------------------------------------------- */

void phone_accepts(struct world *w, const struct agenda_item *item)
{
	struct counsellor *p = find_leg(w, item->offer);

	if (!p || p->leg.phone != PHONE_RINGS)
		return;

	p->leg.phone = PHONE_UP;
	leg_news(w, &p->leg, CORE_ACCEPTED, CAUSE_NONE);
	if (rng_chance(&w->rng, 20)) /* by mistake */
		LATER(w, world_delay(w), .what = SIM_PHONE_HANGS_UP,
		      .offer = item->offer);
}


void phone_refuses(struct world *w, const struct agenda_item *item)
{
	struct counsellor *p = find_leg(w, item->offer);

	if (p && p->leg.phone == PHONE_RINGS)
		leg_over(w, &p->leg, CORE_NOT_ACCEPTED, item->cause);
}


void phone_hangs_up(struct world *w, const struct agenda_item *item)
{
	struct counsellor *p = find_leg(w, item->offer);

	if (!p || p->leg.phone != PHONE_UP)
		return;
	if (w->plan->phones_fail && rng_chance(&w->rng, 200))
		leg_over(w, &p->leg, CORE_PERSON_LOST, CAUSE_NETWORK);
	else
		leg_over(w, &p->leg, CORE_PERSON_GONE, CAUSE_HUNG_UP);
}


void cancel_arrives(struct world *w, const struct agenda_item *item)
{
	struct counsellor *p = find_leg(w, item->offer);

	if (!p)
		return;
	if (p->leg.phone == PHONE_RINGS)
		leg_over(w, &p->leg, CORE_NOT_ACCEPTED, CAUSE_NO_ANSWER);
	else if (p->leg.quiet)
		leg_over(w, &p->leg, CORE_PERSON_GONE, CAUSE_HUNG_UP);
	/* else the accept is on its way, and a RELEASE will follow */
}


void bye_arrives(struct world *w, const struct agenda_item *item)
{
	struct counsellor *p = find_leg(w, item->offer);

	if (p)
		leg_over(w, &p->leg, CORE_PERSON_GONE, CAUSE_HUNG_UP);
}


/* A quiet leg is ended by the shell: it keeps the accept to itself. */
bool phone_keeps_quiet(struct world *w, const struct core_event *ev)
{
	const struct counsellor *p = find_leg(w, ev->offer);

	return ev->type == CORE_ACCEPTED && p && p->leg.quiet;
}


/* Some have written up sooner than is set, or are back; some press twice. */
static void perhaps_ready(struct world *w, const struct counsellor *p)
{
	while (w->plan->phones_fail && rng_chance(&w->rng, 200))
		NEWS(w, rng_below(&w->rng, 20000), .type = CORE_PERSON_READY,
		     .person = p->id);
}


void phone_told(struct world *w, const struct core_event *ev)
{
	struct counsellor *p = find_leg(w, ev->offer);

	if (!p)
		return;
	if (ev->type == CORE_ACCEPTED) {
		p->leg.accepted = true;
		w->report->n_crossings += p->leg.withdrawn;
	}
	else {
		memset(&p->leg, 0, sizeof(p->leg));
		perhaps_ready(w, p);
	}
}


/* --- coming and going ---------------------------------------------------- */

static struct core_event about(const struct counsellor *p)
{
	return (struct core_event){
		.type = CORE_PERSON,
		.person = p->id,
		.wrap_up_ms = p->wrap_up_ms,
		.languages = p->languages,
		.skills = p->skills,
		.organisation = p->organisation,
		.region = p->region,
		.lines = p->lines,
		.learns = p->learns,
	};
}


static void become(struct world *w, struct counsellor *p)
{
	const uint32_t tongues = (1u << w->plan->n_tongues) - 1;
	const uint32_t skills = (1u << w->plan->n_skills) - 1;
	struct rng *rng = &w->rng;

	p->wrap_up_ms = rng_chance(rng, 200) ? 0 : rng_below(rng, 60000);
	p->eager = rng_between(rng, 200, 840);
	p->languages = rng_between(rng, 1, tongues);
	if (rng_chance(rng, 300))
		p->languages = tongues;
	p->skills = rng_between(rng, 0, skills);
	if (rng_chance(rng, 300))
		p->skills = skills;
	p->organisation = (uint16_t)rng_below(rng, 3);
	p->region = (uint16_t)rng_below(rng, 3);
	p->lines = rng_chance(rng, 800) ? UINT16_MAX
					: (uint16_t)rng_bits(rng);
	p->learns = rng_chance(rng, 30);
}


void people_come(struct world *w)
{
	const bool stay = !w->plan->duty_ms;

	for (uint32_t i = 0; i < w->plan->n_people; i++) {
		struct counsellor *p = &w->people[i];

		p->id = (i + 1) * ID_STEP;
		become(w, p);
		p->on = stay;
		if (!stay)
			LATER(w, rng_below(&w->rng, w->plan->duty_ms),
			      .what = SIM_DUTY, .person = i);
	}
	people_return(w);
}


/* After a start: all that the store knows of them. */
void people_return(struct world *w)
{
	for (uint32_t i = 0; i < w->plan->n_people; i++) {
		const struct counsellor *p = &w->people[i];
		const struct core_event ev = about(p);

		world_tell(w, &ev);
		if (p->on)
			TELL(w, .type = CORE_PERSON_ON, .person = p->id);
	}
}


/* ---- when our processes die --------------------------------------------- */

/* Only who has picked up has a leg that is worth something. */
void phones_lost(struct world *w, bool all)
{
	for (uint32_t i = 0; i < w->plan->n_people; i++) {
		struct leg *leg = &w->people[i].leg;

		if (all || !leg->accepted)
			memset(leg, 0, sizeof(*leg));
		else
			leg->lost = rng_chance(&w->rng, 50);
	}
}


static bool is_in_talk(const struct world *w, const struct counsellor *p)
{
	struct core_person_view v;

	return p->leg.offer && core_person(w->core, p->id, &v) &&
	       v.offer == p->leg.offer;
}


/* Who is in no talk any more is hung up on; whose phone went is missed. */
void phones_return(struct world *w)
{
	for (uint32_t i = 0; i < w->plan->n_people; i++) {
		struct counsellor *p = &w->people[i];
		const bool ended = p->leg.ending;

		if (!is_in_talk(w, p)) {
			memset(&p->leg, 0, sizeof(p->leg));
			continue;
		}
		p->leg.ending = false;
		p->leg.news_at = 0;
		if (p->leg.lost)
			leg_over(w, &p->leg, CORE_PERSON_LOST, CAUSE_NETWORK);
		else if (ended)
			leg_over(w, &p->leg, CORE_PERSON_GONE, CAUSE_HUNG_UP);
		else
			LATER(w, rng_exponential(&w->rng, w->plan->talk_ms),
			      .what = SIM_PHONE_HANGS_UP,
			      .offer = p->leg.offer);
	}
}


/* The store keeps it, and somebody tells the line: in that order. */
void duty(struct world *w, const struct agenda_item *item)
{
	struct counsellor *p = &w->people[item->person];

	if (w->calm)
		return;

	p->on = !p->on;
	go(w, p, p->on, 0);
	if (rng_chance(&w->rng, 100)) {
		p->wrap_up_ms = rng_below(&w->rng, 60000);
		world_news(w, 0, about(p));
	}
	if (rng_chance(&w->rng, 20)) {
		become(w, p);
		world_news(w, 0, about(p));
	}
	LATER(w, rng_exponential(&w->rng, w->plan->duty_ms), .what = SIM_DUTY,
	      .person = item->person);
}


void people_all_on(struct world *w)
{
	for (uint32_t i = 0; i < w->plan->n_people; i++) {
		w->people[i].on = true;
		go(w, &w->people[i], true, 0);
	}
}
