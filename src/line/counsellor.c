/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * counsellor.c  One counsellor at the console: what they see and what they
 * do. Must not believe that an offer is theirs because they say so.
 */
#include <string.h>

#include "counsellor.h"
#include "offer.h"


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
	c->kind = is_ring_back(call, rec.state) ? WIRE_RING_BACK
						: WIRE_RING_CALLER;
	if (rec.language < sb->words.n_languages)
		str_ncpy(c->language, sb->words.languages[rec.language],
			 sizeof(c->language));
}


void counsellor_truth(struct wire_counsellor *c, uint64_t *until, void *arg)
{
	const struct switchboard *sb = arg;
	const struct offer *offer;
	struct core_person_view view;

	c->on_duty = people_is_on_duty(sb->people, c->person);
	if (!core_person(sb->core, c->person, &view))
		return;

	c->state = (uint8_t)view.state;
	c->offer = view.offer;
	*until = view.deadline;
	if (view.call)
		call_put(c, sb, view.call);
	offer = offer_find(sb, view.offer);
	if (offer) {
		c->held = offer->held;
		c->browser = offer->winner == ARM_BROWSER;
	}
}


void counsellor_on_quality(const struct wire_leg_quality *q, void *arg)
{
	const struct switchboard *sb = arg;
	const struct offer *offer = offer_of_browser(sb, q->leg);
	struct wire_sound_quality said = {
		.lost_there = q->lost_there,
		.lost_here = q->lost_here,
		.jitter_ms = q->jitter_ms,
		.rtt_ms = q->rtt_ms,
	};

	if (!offer || offer->winner != ARM_BROWSER)
		return;
	said.person = offer->person;
	consoles_say(sb->consoles, offer->person, WIRE_SOUND_QUALITY, &said);
}


/* ---- what they do -------------------------------------------------------- */

/* where a verb makes sense */
enum stage {
	STAGE_ANY = 0,
	STAGE_RING, /**< it rings, and nobody has picked up              */
	STAGE_HELD, /**< they have accepted, whatever follows            */
	STAGE_TALK, /**< caller and counsellor are connected             */
};

static bool is_talking(const struct switchboard *sb,
		       const struct core_person_view *view)
{
	struct core_call_view call;

	return (view->state == PERSON_TALKING ||
		view->state == PERSON_TALKING_OFF) &&
	       core_call(sb->core, view->call, &call) &&
	       call.state == CALL_TALKING;
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

	if (stage == STAGE_RING) {
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


/* what the caller hears meanwhile; on a detention line no music is played */
static void hold_list(struct core_playlist *list, const struct switchboard *sb,
		      const struct call *call)
{
	const bool detention = sb->c.config->lines[call->line].kind ==
			       CONFIG_KIND_DETENTION;
	struct core_record rec = {.language = 0};

	(void)core_get_record(sb->core, call->id, &rec);
	memset(list, 0, sizeof(*list));
	list->v[0].prompt = detention ? PROMPT_STAY : PROMPT_HOLD;
	list->v[0].language = rec.language;
	list->n = 1;
	list->loop = !detention;
}


static int hold(struct switchboard *sb, struct offer *offer,
		const struct wire_do *verb)
{
	const struct call *call = calls_find(sb, offer->call);
	const struct core_playlist nothing = {.n = 0};
	struct core_playlist list;
	(void)verb;

	if (!call || !calls_sound(call))
		return ENOENT;
	if (offer->held)
		return 0;

	hold_list(&list, sb, call);
	offer->held = true;
	calls_play(call, calls_sound(call), &list);
	calls_play(call, offer_sound(offer), &nothing);

	return 0;
}


static int resume(struct switchboard *sb, struct offer *offer,
		  const struct wire_do *verb)
{
	const struct call *call = calls_find(sb, offer->call);
	(void)verb;

	if (!call || !calls_sound(call))
		return ENOENT;
	if (!offer->held)
		return 0;

	offer->held = false;
	sound_bridge(sb->sound, calls_sound(call), offer_sound(offer));

	return 0;
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
	};
	struct offer *offer = NULL;
	int err = 0;

	if (verb->verb >= WIRE_VERBS)
		return EINVAL;
	if (!rows[verb->verb].h)
		return ENOENT;

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

	err = offer_theirs(&offer, sb, ring->offer, ring->person, STAGE_RING);
	if (err)
		return ENOENT;
	if (!offer->browser)
		return ENOENT;

	return browser_offer(offer->browser, sdp, offer_caller(offer),
			     offer_near(offer), h, arg);
}
