/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * party.c  Who hears whom. Must not decide who is in a talk: the core knows of
 * counsellors, third.c and listen.c of the others.
 */
#include <string.h>

#include "listen.h"
#include "offer.h"
#include "party.h"
#include "third.h"


/* what media was told last */
struct party {
	struct party_plan said;
};


/* ---- the table ----------------------------------------------------------- */

/* bits: who is in a talk, and can be heard */
enum {
	CALLER     = 1 << 0,
	COUNSELLOR = 1 << 1,
	GUEST      = 1 << 2,
	THIRD      = 1 << 3,
	VOICES     = 4,
};

struct mood {
	unsigned talk; /* hear each other */
	unsigned hold; /* hear hold sound */
};


static const struct mood *mood_of(const struct party_truth *t)
{
	static const struct mood moods[GUEST_STATES][2] = {
		[GUEST_NONE] = {{CALLER | COUNSELLOR | THIRD, 0},
				{COUNSELLOR | THIRD, CALLER}},
		[GUEST_RINGING] = {{CALLER | COUNSELLOR | THIRD, 0},
				   {COUNSELLOR | THIRD, CALLER}},
		[GUEST_ASIDE] = {{COUNSELLOR | GUEST, CALLER | THIRD},
				 {COUNSELLOR | GUEST, CALLER | THIRD}},
		[GUEST_THREE] = {{CALLER | COUNSELLOR | GUEST | THIRD, 0},
				 {COUNSELLOR | GUEST | THIRD, CALLER}},
	};

	return &moods[t->guest_state][t->held];
}


static void row_from(struct party_row *row, uint64_t leg)
{
	if (leg && leg != row->leg && row->n < WIRE_HEARS)
		row->from[row->n++] = leg;
}


static struct party_row *row_add(struct party_plan *plan, uint64_t leg)
{
	struct party_row *row = &plan->row[plan->n++];

	row->leg = leg;

	return row;
}


static void row_talk(struct party_row *row, unsigned talk,
		     const uint64_t voices[VOICES])
{
	for (unsigned i = 0; i < VOICES; i++) {
		if (talk & 1U << i)
			row_from(row, voices[i]);
	}
}


void party_plan(struct party_plan *plan, const struct party_truth *t)
{
	const uint64_t voices[VOICES] = {t->caller, t->counsellor, t->guest,
					 t->third};
	const struct mood *mood = mood_of(t);

	memset(plan, 0, sizeof(*plan));
	for (unsigned i = 0; i < VOICES; i++) {
		struct party_row *row;

		if (!voices[i])
			continue;
		row = row_add(plan, voices[i]);
		row->hold = mood->hold & 1U << i;
		if (mood->talk & 1U << i)
			row_talk(row, mood->talk, voices);
		if (1U << i == COUNSELLOR)
			row_from(row, t->whisperer);
	}
	for (unsigned i = 0; i < WIRE_LISTENERS; i++) {
		if (t->listener[i])
			row_talk(row_add(plan, t->listener[i]), mood->talk,
				 voices);
	}
}


/* ---- from the truth to the media process --------------------------------- */

/* false: it is no talk */
static bool truth_of(struct party_truth *t, const struct call *call)
{
	const struct switchboard *sb = call->sb;
	struct core_call_view view;
	const struct offer *offer;

	if (!core_call(sb->core, call->id, &view) ||
	    view.state != CALL_TALKING)
		return false;

	memset(t, 0, sizeof(*t));
	offer = offer_find(sb, view.offer);
	t->caller = calls_voice(call);
	t->counsellor = offer_voice(offer);
	t->held = offer && offer->held;
	t->guest_state = view.guest_state;
	if (view.guest_state > GUEST_RINGING)
		t->guest = offer_voice(offer_find(sb, view.guest));
	t->third = third_leg(sb, call->id);
	listens_put(t, sb, call->id);

	return true;
}


static const struct party_row *row_of(const struct party_plan *plan,
				      uint64_t leg)
{
	for (size_t i = 0; i < plan->n; i++) {
		if (plan->row[i].leg == leg)
			return &plan->row[i];
	}

	return NULL;
}


static bool is_same(const struct party_row *a, const struct party_row *b)
{
	if (!a || !b || a->hold != b->hold || a->n != b->n)
		return false;
	for (uint8_t i = 0; i < a->n; i++) {
		if (a->from[i] != b->from[i])
			return false;
	}

	return true;
}


bool party_is_pair(const struct party_row *a, const struct party_row *b)
{
	return !a->hold && !b->hold && a->n == 1 && b->n == 1 &&
	       a->from[0] == b->leg && b->from[0] == a->leg;
}


/* What the caller hears meanwhile; on a detention line no music is played. */
void party_hold(const struct call *call, uint64_t leg)
{
	const struct switchboard *sb = call->sb;
	const bool detention = sb->c.config->lines[call->line].kind ==
			       CONFIG_KIND_DETENTION;
	struct core_record rec = {.language = 0};
	struct core_playlist list = {.n = 1, .loop = !detention};

	(void)core_get_record(sb->core, call->id, &rec);
	list.v[0].prompt = detention ? PROMPT_STAY : PROMPT_HOLD;
	list.v[0].language = rec.language;
	calls_play(call, leg, &list);
}


static void row_say(const struct call *call, const struct party_plan *plan,
		    const struct party_row *row)
{
	const struct core_playlist nothing = {.n = 0};
	const struct party_row *other = row->n == 1
						? row_of(plan, row->from[0])
						: NULL;

	if (row->hold)
		party_hold(call, row->leg);
	else if (!row->n)
		calls_play(call, row->leg, &nothing);
	else if (other && party_is_pair(row, other))
		sound_bridge(call->sb->sound, row->leg, other->leg);
	else
		sound_hear(call->sb->sound, row->leg, row->from, row->n);
}


/* a pair is said once, when the first of the two is */
static bool is_said(const struct party_plan *plan, size_t i,
		    const struct party_plan *was)
{
	const struct party_row *row = &plan->row[i];

	for (size_t k = 0; k < i; k++) {
		const struct party_row *before = &plan->row[k];

		if (party_is_pair(row, before))
			return !is_same(before, row_of(was, before->leg)) ||
			       is_same(row, row_of(was, row->leg));
	}

	return is_same(row, row_of(was, row->leg));
}


/* a counsellor who is on the way out must not hear what goes on */
static void shut_out(const struct call *call, const struct party_plan *plan,
		     const struct party_plan *was)
{
	const struct core_playlist nothing = {.n = 0};

	for (size_t i = 0; i < was->n; i++) {
		const uint64_t leg = was->row[i].leg;

		if (!row_of(plan, leg) && offers_speak(call->sb, leg))
			calls_play(call, leg, &nothing);
	}
}


/* out of memory: all is said again the next time */
static void remember(struct call *call, const struct party_plan *plan)
{
	if (!call->party)
		call->party = mem_zalloc(sizeof(*call->party), NULL);
	if (call->party)
		call->party->said = *plan;
}


void party_update(struct switchboard *sb, uint64_t id)
{
	static const struct party_plan nobody = {.n = 0};
	struct call *call = calls_find(sb, id);
	const struct party_plan *was = &nobody;
	struct party_truth truth;
	struct party_plan plan;

	if (!call || !truth_of(&truth, call))
		return;

	if (call->party)
		was = &call->party->said;
	party_plan(&plan, &truth);
	shut_out(call, &plan, was);
	for (size_t i = 0; i < plan.n; i++) {
		if (!is_said(&plan, i, was))
			row_say(call, &plan, &plan.row[i]);
	}
	remember(call, &plan);
	consoles_changed(sb->consoles);
}


void party_do_change(struct switchboard *sb, const struct core_action *a)
{
	party_update(sb, a->call);
}


void party_begin(struct switchboard *sb, uint64_t id)
{
	struct call *call = calls_find(sb, id);

	if (call)
		call->party = mem_deref(call->party);
	party_update(sb, id);
}
