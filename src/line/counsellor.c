/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * counsellor.c  One counsellor at the console: what they see and what they
 * do. Must not believe that an offer is theirs because they say so.
 */
#include <string.h>

#include "checkpoint.h"
#include "counsellor.h"
#include "listen.h"
#include "offer.h"
#include "party.h"
#include "third.h"


/* ---- what they see ------------------------------------------------------- */

/* Between the queue for a ring-back and the end of the attempt. Whoever waits
 * again after a talk is on the line, whoever has rung whom. */
static bool is_ring_back(const struct call *call, enum call_state state)
{
	return (call->dial && state == CALL_TALKING) ||
	       (state >= CALL_DUE && state <= CALL_HANGING_UP);
}


static void call_put(struct wire_counsellor *c, const struct switchboard *sb,
		     uint64_t id)
{
	const struct call *call = calls_find(sb, id);
	struct core_record rec;

	if (!call || !core_get_record(sb->core, id, &rec))
		return;

	c->call = id;
	c->since = rec.arrived_at;
	c->call_state = (uint8_t)rec.state;
	c->line = (uint8_t)rec.line;
	c->plan = call->plan != 0;
	c->kind = is_ring_back(call, rec.state) ? WIRE_RING_BACK
						: WIRE_RING_CALLER;
	if (rec.language < sb->words.n_languages)
		str_ncpy(c->language, sb->words.languages[rec.language],
			 sizeof(c->language));
}


/* Whoever is asked for advice sees who else will hear them before they pick
 * up. */
static void party_put(struct wire_counsellor *c, const struct switchboard *sb,
		      const struct core_call_view *call)
{
	const struct offer *talks = offer_find(sb, call->offer);

	c->guest = call->guest_person;
	c->guest_state = (uint8_t)call->guest_state;
	c->held = talks && talks->held;
	c->third_state = (uint8_t)third_state(sb, call->call, &c->third);
	listens_show(c, sb, call->call);
}


static void talk_put(struct wire_counsellor *c, const struct switchboard *sb)
{
	struct core_call_view call;

	if (!c->call || !core_call(sb->core, c->call, &call) ||
	    call.state != CALL_TALKING)
		return;

	if (call.offer == c->offer) {
		party_put(c, sb, &call);
	}
	else if (call.guest == c->offer) {
		c->kind = WIRE_RING_CONSULT;
		c->asked_by = call.person;
		party_put(c, sb, &call);
	}
}


void counsellor_truth(struct wire_counsellor *c, uint64_t *until, void *arg)
{
	const struct switchboard *sb = arg;
	const struct offer *offer;
	struct core_person_view view;

	c->on_duty = people_is_on_duty(sb->people, c->person);
	listens_own(c, sb);
	if (!core_person(sb->core, c->person, &view))
		return;

	c->state = (uint8_t)view.state;
	c->cut_off = view.state == PERSON_HANGING_UP ||
		     view.state == PERSON_WRAP_UP;
	c->offer = view.offer;
	*until = view.deadline;
	if (view.call)
		call_put(c, sb, view.call);
	offer = offer_find(sb, view.offer);
	if (!offer)
		return;

	c->browser = offer->winner == ARM_BROWSER;
	c->sound_lost = browser_is_lost(offer->browser);
	talk_put(c, sb);
}


void counsellor_on_quality(const struct wire_leg_quality *q, void *arg)
{
	const struct switchboard *sb = arg;
	struct offer *offer = offer_of_browser(sb, q->leg);
	struct wire_sound_quality said = {
		.lost_there = q->lost_there,
		.lost_here = q->lost_here,
		.jitter_ms = q->jitter_ms,
		.rtt_ms = q->rtt_ms,
	};

	if (!offer || offer->winner != ARM_BROWSER)
		return;
	quality_take(&offer->quality, q);
	said.person = offer->person;
	consoles_say(sb->consoles, offer->person, WIRE_SOUND_QUALITY, &said);
}


/* ---- what they do -------------------------------------------------------- */

/* where a verb makes sense */
enum stage {
	STAGE_ANY = 0,
	STAGE_RING, /**< it rings, and nobody has picked up              */
	STAGE_SOUND, /**< the same, or they talk and their sound was lost */
	STAGE_HELD, /**< they have accepted, whatever follows            */
	STAGE_TALK, /**< they are the counsellor of a talk, not a guest  */
};

static bool is_talking(const struct switchboard *sb,
		       const struct core_person_view *view)
{
	struct core_call_view call;

	return (view->state == PERSON_TALKING ||
		view->state == PERSON_TALKING_OFF) &&
	       core_call(sb->core, view->call, &call) &&
	       call.state == CALL_TALKING && call.offer == view->offer;
}


/* @return ENOENT it is not theirs, EPROTO not now */
static int offer_theirs(struct offer **offerp, const struct switchboard *sb,
			uint64_t id, uint32_t person, enum stage stage)
{
	struct offer *offer = offer_find(sb, id);
	struct core_person_view view;
	bool fits = true;

	if (!offer || offer->person != person ||
	    !core_person(sb->core, person, &view) || view.offer != id)
		return ENOENT;

	if (stage == STAGE_SOUND && offer->winner == ARM_BROWSER)
		fits = browser_may_offer(offer->browser);
	else if (stage == STAGE_RING || stage == STAGE_SOUND) {
		if (view.state != PERSON_RINGING)
			return offer->winner ? EPROTO : ENOENT;
		fits = offer->winner == ARM_NONE;
	}
	else if (stage == STAGE_HELD) {
		fits = offer->winner != ARM_NONE;
	}
	else if (stage == STAGE_TALK) {
		fits = is_talking(sb, &view) && offer->winner;
	}
	*offerp = offer;

	return fits ? 0 : EPROTO;
}


typedef int(verb_h)(struct switchboard *sb, struct offer *offer,
		    const struct wire_do *verb);


static int accept_ring(struct switchboard *sb, struct offer *offer,
		       const struct wire_do *verb)
{
	(void)sb;
	(void)verb;

	return offer->browser ? browser_accept(offer->browser) : EPROTO;
}


static int decline(struct switchboard *sb, struct offer *offer,
		   const struct wire_do *verb)
{
	(void)sb;
	(void)verb;

	offer_decline(offer);

	return 0;
}


static int hang_up(struct switchboard *sb, struct offer *offer,
		   const struct wire_do *verb)
{
	(void)sb;
	(void)verb;

	offer_hang_up(offer);

	return 0;
}


static int hold_set(struct switchboard *sb, struct offer *offer, bool held)
{
	const struct call *call = calls_find(sb, offer->call);

	if (!call || !calls_sound(call))
		return ENOENT;

	offer->held = held;
	checkpoint_call(sb, offer->call);
	party_update(sb, offer->call);

	return 0;
}


static int hold(struct switchboard *sb, struct offer *offer,
		const struct wire_do *verb)
{
	(void)verb;

	return hold_set(sb, offer, true);
}


static int resume(struct switchboard *sb, struct offer *offer,
		  const struct wire_do *verb)
{
	(void)verb;

	return hold_set(sb, offer, false);
}


static int key(struct switchboard *sb, struct offer *offer,
	       const struct wire_do *verb)
{
	enum { KEYS = 16 };
	const struct call *call = calls_find(sb, offer->call);

	if (verb->key >= KEYS)
		return EINVAL;
	if (!call || !calls_sound(call))
		return ENOENT;

	sound_send_key(sb->sound, calls_sound(call), (uint8_t)verb->key, 0, 0);

	return 0;
}


static int ready(struct switchboard *sb, struct offer *offer,
		 const struct wire_do *verb)
{
	const struct core_event ev = {.type = CORE_PERSON_READY,
				      .person = verb->person};
	(void)offer;

	return switchboard_tell(sb, &ev);
}


/* ---- others in the talk -------------------------------------------------- */

static int ask_core(struct switchboard *sb, const struct offer *offer,
		    enum core_event_type type, uint32_t person)
{
	const struct core_event ev = {.type = type, .offer = offer->id,
				      .person = person};

	return switchboard_tell(sb, &ev);
}


static int consult(struct switchboard *sb, struct offer *offer,
		   const struct wire_do *verb)
{
	const struct call *call = calls_find(sb, offer->call);
	struct core_call_view view;

	if (!call || !core_call(sb->core, call->id, &view))
		return ENOENT;
	if (!sb->c.config->lines[call->line].transfer)
		return EPERM;
	if (view.guest_state != GUEST_NONE)
		return EBUSY;

	return ask_core(sb, offer, CORE_CONSULT, verb->other);
}


static int consult_end(struct switchboard *sb, struct offer *offer,
		       const struct wire_do *verb)
{
	(void)verb;

	return ask_core(sb, offer, CORE_CONSULT_END, 0);
}


/* whoever wants all three to talk does not want the caller on hold */
static int three(struct switchboard *sb, struct offer *offer,
		 const struct wire_do *verb)
{
	const bool held = offer->held;
	int err;
	(void)verb;

	offer->held = false;
	err = ask_core(sb, offer, CORE_THREE, 0);
	if (err)
		offer->held = held;

	return err;
}


static int hand_over(struct switchboard *sb, struct offer *offer,
		     const struct wire_do *verb)
{
	(void)verb;

	return ask_core(sb, offer, CORE_HAND_OVER, 0);
}


static int third(struct switchboard *sb, struct offer *offer,
		 const struct wire_do *verb)
{
	return third_begin(sb, offer->call, verb->other);
}


static int third_leaves(struct switchboard *sb, struct offer *offer,
			const struct wire_do *verb)
{
	(void)verb;

	return third_end(sb, offer->call);
}


static int whisper(struct switchboard *sb, struct offer *offer,
		   const struct wire_do *verb)
{
	(void)offer;

	return verb->key > 1 ? EINVAL
			     : listen_whisper(sb, verb->person, verb->key);
}


static int stop_listening(struct switchboard *sb, struct offer *offer,
			  const struct wire_do *verb)
{
	(void)offer;

	return listen_end(sb, verb->person);
}


/* ---- all of them --------------------------------------------------------- */

int counsellor_do(struct switchboard *sb, const struct wire_do *verb)
{
	static const struct {
		verb_h *h;
		enum stage stage;
	} rows[WIRE_VERBS] = {
		[WIRE_VERB_ACCEPT] = {accept_ring, STAGE_RING},
		[WIRE_VERB_DECLINE] = {decline, STAGE_RING},
		[WIRE_VERB_HANG_UP] = {hang_up, STAGE_HELD},
		[WIRE_VERB_HOLD] = {hold, STAGE_TALK},
		[WIRE_VERB_RESUME] = {resume, STAGE_TALK},
		[WIRE_VERB_KEY] = {key, STAGE_TALK},
		[WIRE_VERB_READY] = {ready, STAGE_ANY},
		[WIRE_VERB_CONSULT] = {consult, STAGE_TALK},
		[WIRE_VERB_CONSULT_END] = {consult_end, STAGE_TALK},
		[WIRE_VERB_THREE] = {three, STAGE_TALK},
		[WIRE_VERB_HAND_OVER] = {hand_over, STAGE_TALK},
		[WIRE_VERB_THIRD] = {third, STAGE_TALK},
		[WIRE_VERB_THIRD_END] = {third_leaves, STAGE_TALK},
		[WIRE_VERB_WHISPER] = {whisper, STAGE_ANY},
		[WIRE_VERB_LISTEN_END] = {stop_listening, STAGE_ANY},
	};
	struct offer *offer = NULL;
	int err = 0;

	if (verb->verb >= WIRE_VERBS)
		return EINVAL;

	if (rows[verb->verb].stage != STAGE_ANY)
		err = offer_theirs(&offer, sb, verb->offer, verb->person,
				   rows[verb->verb].stage);
	if (!err)
		err = rows[verb->verb].h(sb, offer, verb);
	consoles_changed(sb->consoles);

	return err;
}


int counsellor_talk(struct call **callp, struct switchboard *sb,
		    uint64_t id, uint32_t person)
{
	struct core_call_view view;
	struct offer *offer;
	int err;

	err = offer_theirs(&offer, sb, id, person, STAGE_TALK);
	if (err)
		return err;
	*callp = calls_find(sb, offer->call);
	if (!*callp || !core_call(sb->core, offer->call, &view) ||
	    view.offer != id)
		return ENOENT;

	return 0;
}


int counsellor_sound(struct switchboard *sb, const struct wire_ring *ring,
		     const struct mbuf *sdp, sound_sdp_h *h, void *arg)
{
	struct offer *offer;
	int err;

	err = offer_theirs(&offer, sb, ring->offer, ring->person, STAGE_SOUND);
	if (err)
		return ENOENT;
	if (!offer->browser)
		return ENOENT;

	return browser_offer(offer->browser, sdp, offer_caller(offer),
			     offer_near(offer), h, arg);
}
